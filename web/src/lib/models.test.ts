import { describe, expect, it } from 'vitest';
import type { ModelState } from '../api/types';
import { modelRecord } from '../testing/records';
import { engineWords, fetchable, fetchedWith, missingOf, needsConsent, sizeWords, standingOf, taskWords } from './models';

const words = (state: ModelState, usable = false, reason: string | null = null) => standingOf({ state, usable, reason });

describe('models', () => {
  it('say where they stand', () => {
    expect(words('absent')).toEqual({ text: 'not installed', tone: 'quiet' });
    expect(words('absent', true)).toEqual({ text: 'in the mirror', tone: 'good' });
    expect(words('installed', true).text).toBe('installed');
    expect(words('loading', true).text).toBe('loading');
    expect(words('ready', true).text).toBe('ready');
    expect(words('failed', false, 'the file is cut short')).toEqual({ text: 'failed: the file is cut short', tone: 'bad' });
  });

  it('are fetched when they are not here, or of no use', () => {
    expect((['absent', 'installed', 'loading', 'ready', 'failed'] as const).filter((state) => fetchable({ state }))).toEqual(['absent', 'failed']);
    expect([true, false].map((commercial) => needsConsent({ commercial }))).toEqual([false, true]);
  });

  it('are missing of a pack unless they can be used, or come only by name', () => {
    const models = [
      modelRecord('a'),
      modelRecord('b', { state: 'ready', usable: true }),
      modelRecord('c', { usable: true }),
      modelRecord('d', { pack: 'quality' }),
      modelRecord('e', { commercial: false }),
      modelRecord('f', { state: 'failed' }),
    ];
    expect(missingOf(models, 'lite').map(({ id }) => id)).toEqual(['a', 'f']);
    expect(fetchedWith(models, 'lite').map(({ id }) => id)).toEqual(['a', 'c', 'f']);
    expect(missingOf(models, 'research')).toEqual([]);
  });

  it('have a size as far as it is known', () => {
    expect(sizeWords({ installed_bytes: 0, download_bytes: 0 })).toBe('');
    expect(sizeWords({ installed_bytes: 0, download_bytes: 14_000_000 })).toBe('14.0 MB');
    expect(sizeWords({ installed_bytes: 14_000_000, download_bytes: 14_000_000 })).toBe('14.0 MB');
    expect(sizeWords({ installed_bytes: 3_000_000, download_bytes: 14_000_000 })).toBe('3.0 MB of 14.0 MB');
  });

  it('have a task, and something that runs them', () => {
    expect(taskWords('image_text')).toBe('Search by words');
    expect(taskWords('depth_map')).toBe('Depth map');
    expect(engineWords({ name: 'onnxruntime', version: '1.22', provider: 'cuda' })).toBe('ONNX Runtime 1.22 on CUDA');
    expect(engineWords({ name: 'rten', version: '0.20', provider: 'cpu' })).toBe('rten 0.20 on CPU');
  });
});
