import { describe, expect, it } from 'vitest';
import { saidBy } from './captions';

describe('who said a caption', () => {
  it('is told in words', () => {
    expect(saidBy({ by: 'person', producer: null }, 'XMP.dc:description')).toBe('set in Tintype');
    expect(saidBy({ by: 'file', producer: null }, 'XMP.dc:description')).toBe('from the file’s XMP (dc:description)');
    expect(saidBy({ by: 'model', producer: 'vit_gpt2_int8@1' })).toBe('by the model vit_gpt2_int8 (version 1)');
    expect(saidBy({ by: 'model', producer: null })).toBe('by a model');
    expect(saidBy({ by: 'composed', producer: 'composed@1(a@1+b@2)' })).toContain('composed of');
  });
});
