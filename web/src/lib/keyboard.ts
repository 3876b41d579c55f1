/** Keys: which combination an event is, and whether a shortcut may take it. */

export interface KeyPress {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  shiftKey: boolean;
}

/**
 * A combination as text: `ArrowLeft`, `Ctrl+a`, `Shift+ArrowRight`. Shift is left out where it is part of
 * typing the character (`?`, `+`), because layouts differ. Command counts as Ctrl.
 */
export function combination(press: KeyPress): string {
  const named = press.key.length > 1;
  let text = press.key === ' ' ? 'Space' : named ? press.key : press.key.toLowerCase();
  if (press.shiftKey && (named || press.key === ' ')) text = `Shift+${text}`;
  if (press.altKey) text = `Alt+${text}`;
  if (press.ctrlKey || press.metaKey) text = `Ctrl+${text}`;
  return text;
}

interface TargetLike {
  tagName?: string;
  type?: string;
  isContentEditable?: boolean;
}

const TEXTLESS = new Set(['button', 'checkbox', 'radio', 'range', 'submit', 'reset']);

/** Whether the reader is typing, so that letters belong to the field. */
export function isTyping(target: unknown): boolean {
  const element = (target ?? {}) as TargetLike;
  if (element.isContentEditable) return true;
  const tag = element.tagName?.toLowerCase();
  if (tag === 'textarea' || tag === 'select') return true;
  return tag === 'input' && !TEXTLESS.has(element.type ?? 'text');
}

export type Keymap = Record<string, () => void>;

/** Runs the shortcut for an event, if there is one; true when it did. */
export function dispatch(keymap: Keymap, event: KeyPress & { target?: unknown; preventDefault(): void; defaultPrevented?: boolean }): boolean {
  if (event.defaultPrevented || isTyping(event.target)) return false;
  const action = keymap[combination(event)];
  if (!action) return false;
  event.preventDefault();
  action();
  return true;
}

/** What the help dialog lists. */
export const SHORTCUTS: { where: string; keys: [keys: string, what: string][] }[] = [
  {
    where: 'Anywhere',
    keys: [
      ['1 … 8', 'Timeline, albums, duplicates, operations, library, import, trash, models'],
      ['/', 'Search'],
      ['t', 'Dark or light'],
      ['?', 'This list'],
    ],
  },
  {
    where: 'Timeline',
    keys: [
      ['← → ↑ ↓', 'Move between photos'],
      ['Enter', 'Open'],
      ['Home, End', 'First, last photo'],
      ['Page up, Page down', 'Scroll'],
      ['[ , ]', 'Next, previous month'],
      ['f', 'Filters, while no photo has the focus'],
      ['n', 'Find by name'],
      ['+ , −', 'Larger, smaller tiles'],
    ],
  },
  {
    where: 'Search',
    keys: [
      ['↓ ↑', 'Choose a suggestion, while typing'],
      ['Enter', 'Take the suggestion, or search'],
      ['Esc', 'Close the suggestions, leave the box'],
      ['← → ↑ ↓', 'Move between photos found'],
    ],
  },
  {
    where: 'On a photo, and on chosen photos',
    keys: [
      ['0 … 5', 'Rate'],
      ['f', 'Favourite'],
      ['p , x , u', 'Pick, reject, remove the flag'],
      ['Space', 'Choose'],
      ['Shift + arrows', 'Choose on the way'],
      ['Shift + Space', 'Choose everything up to here'],
      ['Ctrl + a', 'Choose all'],
      ['Delete', 'Move what is chosen to the trash'],
      ['Esc', 'Choose none'],
    ],
  },
  {
    where: 'Photo',
    keys: [
      ['← →', 'Previous, next'],
      ['+ , −', 'Zoom'],
      ['w', 'Fit to window'],
      ['z', 'Actual pixels'],
      ['0 … 5, f, p, x, u', 'Rate, favourite, flag'],
      ['Delete', 'Move to the trash'],
      ['i', 'Information'],
      ['b', 'Boxes of objects and text, where some were found'],
      ['Esc', 'Back'],
    ],
  },
];
