import { describe, expect, it, vi } from 'vitest';
import { ApiError } from '../api/client';
import type { DateEdit } from '../api/care';
import type { DatePreview } from '../api/types';
import { operationRecord } from '../testing/records';
import { DateChangeForm, type DateApi } from './date_change.svelte';

const preview = (changed: number): DatePreview => ({ items: [], total: 3, changed, unchanged: 3 - changed, problems: 0 });
const target = { photo_ids: ['a', 'b', 'c'] };

function setUp(answer: (edit: DateEdit) => Promise<DatePreview> = () => Promise.resolve(preview(3))) {
  const api = { preview: vi.fn((_: unknown, edit: DateEdit) => answer(edit)), start: vi.fn(() => Promise.resolve(operationRecord('1', { kind: 'edit_date' }))) } satisfies DateApi;
  return { change: new DateChangeForm(target, api, 0), api };
}

describe('DateChangeForm', () => {
  it('asks only when there is something to change, and starts what was seen', async () => {
    const { change, api } = setUp();
    change.refresh();
    expect(change.loading).toBe(false);
    change.form.hours = 2;
    change.refresh();
    expect(change.ready).toBe(false);
    await vi.waitFor(() => expect(change.ready).toBe(true));
    expect(api.preview).toHaveBeenCalledOnce();
    expect((await change.start())?.id).toBe('1');
    expect(api.start).toHaveBeenCalledWith(target, { mode: 'shift', shift_secs: 7200 });
  });

  it('starts nothing that differs from the preview', async () => {
    const { change, api } = setUp();
    change.form.hours = 2;
    change.refresh();
    await vi.waitFor(() => expect(change.ready).toBe(true));
    change.form.earlier = true;
    expect(change.ready).toBe(false);
    expect(await change.start()).toBeNull();
    expect(api.start).not.toHaveBeenCalled();
  });

  it('starts nothing that would change nothing', async () => {
    const { change } = setUp(() => Promise.resolve(preview(0)));
    change.form.mode = 'from_name';
    change.refresh();
    await vi.waitFor(() => expect(change.preview).not.toBeNull());
    expect(change.ready).toBe(false);
  });

  it('asks once while somebody types', async () => {
    const { change, api } = setUp();
    for (const hours of [1, 12, 121]) {
      change.form.hours = hours;
      change.refresh();
    }
    await vi.waitFor(() => expect(change.ready).toBe(true));
    expect(api.preview.mock.calls.map(([, edit]) => edit)).toEqual([{ mode: 'shift', shift_secs: 121 * 3600 }]);
  });

  it('keeps no answer to what is no longer asked', async () => {
    let late: (preview: DatePreview) => void = () => {};
    const { change } = setUp((edit) => (edit.mode === 'shift' ? new Promise((resolve) => (late = resolve)) : Promise.resolve(preview(1))));
    change.form.hours = 1;
    change.refresh();
    await vi.waitFor(() => expect(late).not.toBe(undefined));
    await new Promise((next) => setTimeout(next, 5));
    change.form.mode = 'from_name';
    change.refresh();
    await vi.waitFor(() => expect(change.preview?.changed).toBe(1));
    late(preview(3));
    await Promise.resolve();
    expect(change.preview?.changed).toBe(1);
  });

  it('says why the server refused', async () => {
    const { change } = setUp(() => Promise.reject(new ApiError('VALIDATION_ERROR', 'no such album', 422)));
    change.form.mode = 'from_name';
    change.refresh();
    await vi.waitFor(() => expect(change.error?.code).toBe('VALIDATION_ERROR'));
    expect(change.ready).toBe(false);
  });
});
