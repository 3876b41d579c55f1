import { describe, expect, it, vi } from 'vitest';
import { combination, dispatch, isTyping } from './keyboard';

const press = (key: string, extra = {}) => ({ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, preventDefault: vi.fn(), ...extra });

describe('combination', () => {
  it('names keys and their modifiers', () => {
    expect(combination(press('ArrowLeft'))).toBe('ArrowLeft');
    expect(combination(press('ArrowLeft', { shiftKey: true }))).toBe('Shift+ArrowLeft');
    expect(combination(press('a', { metaKey: true }))).toBe('Ctrl+a');
    expect(combination(press(' '))).toBe('Space');
    expect(combination(press(' ', { shiftKey: true }))).toBe('Shift+Space');
  });

  it('takes shifted characters as what they are, because layouts differ', () => {
    expect(combination(press('?', { shiftKey: true }))).toBe('?');
    expect(combination(press('+', { shiftKey: true }))).toBe('+');
    expect(combination(press('I', { shiftKey: true }))).toBe('i');
  });
});

describe('isTyping', () => {
  it('knows fields that take letters from those that do not', () => {
    expect(isTyping({ tagName: 'INPUT', type: 'text' })).toBe(true);
    expect(isTyping({ tagName: 'INPUT', type: 'search' })).toBe(true);
    expect(isTyping({ tagName: 'TEXTAREA' })).toBe(true);
    expect(isTyping({ tagName: 'SELECT' })).toBe(true);
    expect(isTyping({ tagName: 'DIV', isContentEditable: true })).toBe(true);
    expect(isTyping({ tagName: 'INPUT', type: 'checkbox' })).toBe(false);
    expect(isTyping({ tagName: 'A' })).toBe(false);
    expect(isTyping(null)).toBe(false);
  });
});

describe('dispatch', () => {
  it('runs the shortcut once and takes the event', () => {
    const open = vi.fn();
    const event = press('i');
    expect(dispatch({ i: open }, event)).toBe(true);
    expect(open).toHaveBeenCalledOnce();
    expect(event.preventDefault).toHaveBeenCalled();
  });

  it('leaves other keys, typing, handled events and browser shortcuts alone', () => {
    const open = vi.fn();
    expect(dispatch({ i: open }, press('k'))).toBe(false);
    expect(dispatch({ i: open }, press('i', { target: { tagName: 'INPUT', type: 'text' } }))).toBe(false);
    expect(dispatch({ i: open }, press('i', { defaultPrevented: true }))).toBe(false);
    expect(dispatch({ i: open }, press('i', { ctrlKey: true }))).toBe(false);
    expect(open).not.toHaveBeenCalled();
  });
});
