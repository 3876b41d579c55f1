/**
 * Pictures that were chosen here to search by. Their bytes stay in this page; the address has their key only, so that
 * going back and forth works. After the page was loaded anew a key means nothing any more.
 */

import { ApiError } from '../api/client';
import { bytes, visible } from '../lib/format';

export interface ChosenPicture {
  key: string;
  name: string;
  file: Blob;
  /** An address of its bytes, for showing it. */
  url: string;
}

/** What the server takes with a question. */
export const MAX_PICTURE_BYTES = 24 << 20;
/** Kept for going back; the address of the oldest is let go. */
const KEPT = 8;

export class Pictures {
  private readonly chosen = new Map<string, ChosenPicture>();
  private count = 0;

  constructor(
    private readonly addresses: Pick<typeof URL, 'createObjectURL' | 'revokeObjectURL'> = URL,
    private readonly now: () => number = Date.now,
  ) {}

  /** Keeps a picture. Throws what is wrong with it as far as that shows without decoding: the server sees the rest. */
  keep(file: File): ChosenPicture {
    // Room for the words beside it.
    if (file.size > MAX_PICTURE_BYTES - 65_536) {
      throw new ApiError('PAYLOAD_TOO_LARGE', `${visible(file.name)} has ${bytes(file.size)}; a picture to search by has less than ${bytes(MAX_PICTURE_BYTES)}.`, 413);
    }
    if (file.size === 0) throw new ApiError('INVALID_IMAGE', `${visible(file.name)} is empty.`, 400);
    const key = `${this.now().toString(36)}-${this.count++}`;
    const picture = { key, name: file.name, file, url: this.addresses.createObjectURL(file) };
    this.chosen.set(key, picture);
    for (const old of [...this.chosen.values()].slice(0, -KEPT)) {
      this.addresses.revokeObjectURL(old.url);
      this.chosen.delete(old.key);
    }
    return picture;
  }

  get(key: string | null): ChosenPicture | null {
    return key === null ? null : (this.chosen.get(key) ?? null);
  }
}

export const pictures = new Pictures();
