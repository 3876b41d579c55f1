/** Dark, light, or as the system says. The choice is kept in the browser. */

export type Theme = 'system' | 'dark' | 'light';
const KEY = 'tintype.theme';

class ThemeChoice {
  chosen = $state<Theme>('system');

  constructor() {
    try {
      const stored = localStorage.getItem(KEY);
      if (stored === 'dark' || stored === 'light') this.chosen = stored;
    } catch {
      // Storage may be switched off; the system's theme will do.
    }
  }

  /** Goes to the other theme than the one on screen; back to `system` when that is what the system shows. */
  toggle(): void {
    const systemDark = matchMedia('(prefers-color-scheme: dark)').matches;
    const dark = this.chosen === 'system' ? systemDark : this.chosen === 'dark';
    const next = dark ? 'light' : 'dark';
    this.chosen = (next === 'dark') === systemDark ? 'system' : next;
    if (this.chosen === 'system') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = this.chosen;
    try {
      if (this.chosen === 'system') localStorage.removeItem(KEY);
      else localStorage.setItem(KEY, this.chosen);
    } catch {
      // As above.
    }
  }
}

export const theme = new ThemeChoice();
