/** The sentence that is shown of a photo, and who said it in words. */

import type { Caption } from '../api/types';
import { sourceOf } from './sources';

/** `set in Tintype`, `by the model vit_gpt2 (version 1)`, … ; `source` is where the file's own description comes from. */
export function saidBy({ by, producer }: Pick<Caption, 'by' | 'producer'>, source?: string): string {
  if (by === 'person') return sourceOf(true, undefined);
  if (by === 'file') return sourceOf(false, source);
  if (by === 'composed') return 'composed of labels, objects and text that were found';
  const [model, version] = (producer ?? '').split('@');
  return model ? `by the model ${model}${version ? ` (version ${version})` : ''}` : 'by a model';
}
