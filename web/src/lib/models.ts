/** Models in words: packs, what a model is for, where it stands, and what may be fetched. */

import type { Model, ModelPack } from '../api/types';
import { bytes, humanise } from './format';

export const PACKS: { pack: ModelPack; title: string; help: string }[] = [
  { pack: 'lite', title: 'Lite', help: 'Small, under permissive licences: enough for every step.' },
  { pack: 'quality', title: 'Quality', help: 'Larger and better, under permissive licences.' },
  { pack: 'research', title: 'Research', help: 'Not for commercial use. Each comes only by itself, after you have accepted its licence.' },
];

const TASKS: Record<string, string> = {
  scene: 'Labels of the picture',
  embedding: 'How pictures look',
  objects: 'Objects',
  text: 'Text in pictures',
  quality: 'How good pictures are',
  image_text: 'Search by words',
  caption: 'Captions',
  face_detection: 'Faces',
  face_identity: 'Whose face it is',
  face_landmarks: 'Points of a face',
  head_pose: 'Where a face looks',
};

export const taskWords = (task: string): string => TASKS[task] ?? humanise(task);

export interface Standing {
  text: string;
  tone: 'good' | 'bad' | 'quiet';
}

export function standingOf({ state, usable, reason }: Pick<Model, 'state' | 'usable' | 'reason'>): Standing {
  switch (state) {
    case 'absent':
      return usable ? { text: 'in the mirror', tone: 'good' } : { text: 'not installed', tone: 'quiet' };
    case 'installed':
      return { text: 'installed', tone: 'good' };
    case 'loading':
      return { text: 'loading', tone: 'quiet' };
    case 'ready':
      return { text: 'ready', tone: 'good' };
    case 'failed':
      return { text: reason ? `failed: ${reason}` : 'failed', tone: 'bad' };
  }
}

/** Whether there is something to fetch: its files are not here, or are of no use. */
export const fetchable = ({ state }: Pick<Model, 'state'>): boolean => state === 'absent' || state === 'failed';

/** Whether its licence has to be accepted first. */
export const needsConsent = ({ commercial }: Pick<Model, 'commercial'>): boolean => !commercial;

/** Models that a fetch of the whole pack brings: those with a licence to accept come only by themselves. */
export const fetchedWith = (models: readonly Model[], pack: ModelPack): Model[] =>
  models.filter((model) => model.pack === pack && !needsConsent(model) && fetchable(model));

/** Those of them that cannot be used now, from a mirror either. */
export const missingOf = (models: readonly Model[], pack: ModelPack): Model[] => fetchedWith(models, pack).filter((model) => !model.usable);

/** Bytes here, or those a fetch brings; empty when unknown. */
export function sizeWords({ installed_bytes: here, download_bytes: whole }: Pick<Model, 'installed_bytes' | 'download_bytes'>): string {
  if (whole > 0 && here > 0 && here < whole) return `${bytes(here)} of ${bytes(whole)}`;
  const size = here > 0 ? here : whole;
  return size > 0 ? bytes(size) : '';
}

const PROVIDERS: Record<string, string> = { cpu: 'CPU', cuda: 'CUDA', coreml: 'Core ML', openvino: 'OpenVINO', directml: 'DirectML' };

/** `ONNX Runtime 1.22 on CUDA`. */
export function engineWords({ name, version, provider }: { name: string; version: string; provider: string }): string {
  const called = name === 'onnxruntime' ? 'ONNX Runtime' : name;
  return `${called} ${version} on ${PROVIDERS[provider] ?? provider}`.replaceAll(/\s+/g, ' ');
}
