import { describe, expect, it, vi } from 'vitest';
import { ApiError } from '../api/client';
import { MAX_PICTURE_BYTES, Pictures } from './pictures';

const addresses = () => {
  let n = 0;
  return { createObjectURL: vi.fn(() => `blob:${++n}`), revokeObjectURL: vi.fn() };
};
const file = (name: string, size = 3) => ({ name, size }) as File;

describe('pictures to search by', () => {
  it('are found by their key, and only the latest are kept', () => {
    const urls = addresses();
    let time = 0;
    const pictures = new Pictures(urls, () => ++time);
    const kept = Array.from({ length: 10 }, (_, i) => pictures.keep(file(`${i}.jpg`)));
    expect(new Set(kept.map(({ key }) => key)).size).toBe(10);
    expect(pictures.get(kept[9]!.key)).toEqual({ ...kept[9], name: '9.jpg', url: 'blob:10' });
    expect(pictures.get(kept[2]!.key)?.name).toBe('2.jpg');
    expect([kept[0]!, kept[1]!].map(({ key }) => pictures.get(key))).toEqual([null, null]);
    expect(urls.revokeObjectURL.mock.calls).toEqual([['blob:1'], ['blob:2']]);
    expect([pictures.get(null), pictures.get('gone')]).toEqual([null, null]);
  });

  it('that are too large or empty are refused before they are sent', () => {
    const pictures = new Pictures(addresses());
    const refusal = (size: number) => {
      try {
        pictures.keep(file('huge.tif', size));
      } catch (thrown) {
        return thrown as ApiError;
      }
      return null;
    };
    expect(refusal(MAX_PICTURE_BYTES)).toMatchObject({ code: 'PAYLOAD_TOO_LARGE', detail: expect.stringContaining('huge.tif') });
    expect(refusal(0)).toMatchObject({ code: 'INVALID_IMAGE' });
    expect(refusal(1000)).toBeNull();
  });
});
