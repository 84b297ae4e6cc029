/* Where one is: the address bar as a signal, going elsewhere, and links that do so without a reload. */
import { signal } from '@preact/signals';

export const here = signal(new URL(location.href));

addEventListener('popstate', () => {
  here.value = new URL(location.href);
});

export function go(to: string, replace = false): void {
  history[replace ? 'replaceState' : 'pushState'](null, '', to);
  here.value = new URL(location.href);
  if (!replace) {
    scrollTo(0, 0);
  }
}

export function back(otherwise: string): void {
  if (history.length > 1) {
    history.back();
  } else {
    go(otherwise, true);
  }
}

/** Follows links inside the app; leaves new tabs, downloads and other sites to the browser. */
export function followLinks(event: MouseEvent): void {
  const a = (event.target as Element | null)?.closest?.('a');
  const plainClick = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
  if (
    !a ||
    !plainClick ||
    event.defaultPrevented ||
    a.target ||
    a.hasAttribute('download') ||
    a.origin !== location.origin
  ) {
    return;
  }
  if (a.pathname.startsWith('/api/') || a.pathname === '/openapi.json') {
    return;
  }
  if (a.hash && a.pathname === location.pathname && a.search === location.search) {
    return;
  }
  event.preventDefault();
  go(a.pathname + a.search);
}

export function query(name: string): string | undefined {
  return here.value.searchParams.get(name) ?? undefined;
}

/** An address with the given query parameters; undefined ones are left out. */
export function to(path: string, params: Record<string, string | undefined> = {}): string {
  const q = new URLSearchParams();
  for (const [k, v] of Object.entries(params)) {
    if (v !== undefined && v !== '') {
      q.set(k, v);
    }
  }
  const s = q.toString();
  return s === '' ? path : `${path}?${s}`;
}
