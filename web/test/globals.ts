/* The few browser globals that modules touch while they load; import this before them. */
import { vi } from 'vitest';

const stored = new Map<string, string>();

vi.stubGlobal('addEventListener', () => undefined);
vi.stubGlobal('document', { documentElement: {}, addEventListener: () => undefined });
vi.stubGlobal('location', new URL('http://localhost/'));
vi.stubGlobal('history', { pushState: () => undefined, replaceState: () => undefined });
vi.stubGlobal('scrollTo', () => undefined);
vi.stubGlobal('navigator', {});
vi.stubGlobal('localStorage', {
  getItem: (k: string) => stored.get(k) ?? null,
  setItem: (k: string, v: string) => stored.set(k, v),
  removeItem: (k: string) => stored.delete(k),
});
