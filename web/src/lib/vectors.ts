/** Vectors in words, and which of them there are to choose from. */

import type { VectorSpace } from '../api/types';
import { humanise } from './format';

const KINDS: Record<string, { title: string; help: string }> = {
  scene_embedding: { title: 'How pictures look', help: 'Finds similar photos.' },
  clip_embedding: { title: 'Pictures and words', help: 'Finds photos by what words look like, and similar photos.' },
};

export const kindTitle = (kind: string): string => KINDS[kind]?.title ?? humanise(kind);
export const kindHelp = (kind: string): string => KINDS[kind]?.help ?? '';

/** A producer for people: `MobileNet v2, version 1`. */
export function producerWords(producer: string): string {
  const [name = '', version] = producer.split('@');
  if (name === 'colour-gradient-grid') return 'Colours and gradients, without a model';
  return version === undefined ? humanise(name) : `${humanise(name)}, version ${version}`;
}

export interface VectorKind {
  kind: string;
  spaces: VectorSpace[];
  /** Whether which of them is used is left to how many pictures have which. */
  automatic: boolean;
}

/** The spaces by kind, kinds in the order in which they come. */
export function byKind(spaces: readonly VectorSpace[]): VectorKind[] {
  const kinds = [...new Set(spaces.map(({ kind }) => kind))];
  return kinds.map((kind) => {
    const own = spaces.filter((space) => space.kind === kind);
    return { kind, spaces: own, automatic: !own.some(({ chosen }) => chosen) };
  });
}

/** Those by which photos can be compared now. */
export const comparable = (spaces: readonly VectorSpace[]): VectorSpace[] => spaces.filter(({ pictures }) => pictures > 0);
