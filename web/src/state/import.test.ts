import { describe, expect, it, vi } from 'vitest';
import { ApiError } from '../api/client';
import type { ImportPlan } from '../api/types';
import { operationRecord } from '../testing/records';
import { ImportForm, type ImportApi } from './import.svelte';

const plan = (total: number): ImportPlan => ({ items: [], total, new: total, known: 0, rejected: 0, bytes: 1 });

function setUp() {
  const api = { preview: vi.fn(() => Promise.resolve(plan(3))), start: vi.fn(() => Promise.resolve(operationRecord('1', { kind: 'import' }))) } satisfies ImportApi;
  const form = new ImportForm(api);
  return { form, api };
}

describe('ImportForm', () => {
  it('needs a source and a folder to put things into', async () => {
    const { form, api } = setUp();
    form.sources = [' ', '/card', '/card '];
    expect(form.request).toBeNull();
    await form.preview();
    expect(api.preview).not.toHaveBeenCalled();
    form.into = '/photos';
    expect(form.request).toEqual({ sources: ['/card'], into: '/photos', template: '{yyyy}/{mm}', mode: 'copy' });
  });

  it('starts only what was previewed', async () => {
    const { form, api } = setUp();
    form.sources = ['/card'];
    form.into = '/photos';
    expect(await form.start()).toBeNull();
    await form.preview();
    form.template = '{yyyy}';
    expect(form.fresh).toBe(false);
    expect(await form.start()).toBeNull();
    await form.preview();
    // The same files, whether they are copied or moved.
    form.mode = 'move';
    expect((await form.start())?.id).toBe('1');
    expect(api.start).toHaveBeenCalledWith({ sources: ['/card'], into: '/photos', template: '{yyyy}', mode: 'move' });
    expect(form.started).toBe('1');
    // Not twice by a second press.
    expect(form.fresh).toBe(false);
  });

  it('says why it was refused, and keeps no old plan', async () => {
    const { form, api } = setUp();
    form.sources = ['card'];
    form.into = '/photos';
    await form.preview();
    api.preview.mockRejectedValueOnce(new ApiError('PATH_NOT_ALLOWED', 'not below a root', 403));
    await form.preview();
    expect(form.error?.code).toBe('PATH_NOT_ALLOWED');
    expect(form.plan).toBeNull();
    expect(form.busy).toBeNull();
  });

  it('keeps the answer that was asked for last', async () => {
    const { form, api } = setUp();
    form.sources = ['/card'];
    form.into = '/photos';
    let late: (plan: ImportPlan) => void = () => {};
    api.preview.mockReturnValueOnce(new Promise((resolve) => (late = resolve)));
    const first = form.preview();
    form.template = '';
    await form.preview();
    late(plan(99));
    await first;
    expect(form.plan?.total).toBe(3);
    expect(form.fresh).toBe(true);
  });
});
