/** The records of models: which there are, where they stand, and what runs them. */

export type ModelState = 'absent' | 'installed' | 'loading' | 'ready' | 'failed';
export type ModelPack = 'lite' | 'quality' | 'research';

export interface Model {
  id: string;
  /** One line. */
  title: string;
  /** `scene`, `objects`, `text`, … */
  task: string;
  version: string;
  pack: ModelPack;
  licence: string;
  /** Whether that licence allows commercial use; if not, the model comes only when it is named itself. */
  commercial: boolean;
  /** What else to know before using it; empty if nothing. */
  note: string;
  state: ModelState;
  /** Why it cannot be used. */
  reason: string | null;
  /** Whether it can be used now: its files are here, or in a mirror on the server's machine. */
  usable: boolean;
  installed_bytes: number;
  /** As far as it is known; 0 when it is not. */
  download_bytes: number;
  loaded_bytes: number;
}

/** What runs the models. */
export interface InferenceEngine {
  /** `rten` (built in) or `onnxruntime`. */
  name: string;
  version: string;
  /** What it computes on: `cpu`, `cuda`, … */
  provider: string;
  /** Why this one. */
  reason: string;
}

export interface ModelList {
  engine: InferenceEngine;
  items: Model[];
}
