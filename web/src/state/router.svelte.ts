/** The address: which page, which filters. The only module that touches `history`. */

class Router {
  path = $state('/');
  query = $state('');

  constructor() {
    if (typeof window === 'undefined') return;
    this.read();
    window.addEventListener('popstate', () => this.read());
  }

  /** The part of the path after `prefix/`, or null when the path is elsewhere. */
  after(prefix: string): string | null {
    return this.path.startsWith(`${prefix}/`) ? decodeURIComponent(this.path.slice(prefix.length + 1)) : null;
  }

  go(address: string, { replace = false } = {}): void {
    if (address === location.pathname + location.search) return;
    if (replace) history.replaceState(null, '', address);
    else history.pushState(null, '', address);
    this.read();
  }

  /** Handles clicks on links to our own pages, and leaves every other click to the browser. */
  click(event: MouseEvent): void {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = (event.target as Element | null)?.closest('a');
    if (!link || link.origin !== location.origin || link.target !== '' || link.hasAttribute('download')) return;
    if (link.pathname.startsWith('/api/') || link.pathname.startsWith('/docs')) return;
    event.preventDefault();
    this.go(link.pathname + link.search);
  }

  private read(): void {
    this.path = location.pathname;
    this.query = location.search;
  }
}

export const router = new Router();
