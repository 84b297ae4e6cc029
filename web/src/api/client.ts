/* The typed way to the server: one client, headers of the contract, problem documents as errors.
 * Also knows whether the server can be reached at the moment. Recording does not go through here but through the outbox. */
import { signal } from '@preact/signals';
import createClient from 'openapi-fetch';
import { lang } from '../texts/texts';
import type { paths } from './types';

/** False when the device says so or the last request got no answer. */
export const online = signal(typeof navigator === 'undefined' || navigator.onLine !== false);

addEventListener('offline', () => {
  online.value = false;
});
addEventListener('online', () => {
  online.value = true;
});

/** What to do when the server no longer knows us; set by the session. */
let unauthorised: () => void = () => undefined;

export function whenUnauthorised(f: () => void): void {
  unauthorised = f;
}

export function tellUnauthorised(): void {
  unauthorised();
}

const READ_TIMEOUT_MS = 15_000;
const SEND_TIMEOUT_MS = 60_000;

/** An RFC 9457 problem, or status 0 when no answer came. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly title: string,
    readonly detail: string,
    readonly code: string = '',
    readonly field?: string,
    readonly retryAfter?: number,
  ) {
    super(detail || title);
  }
  get unreachable(): boolean {
    return this.status === 0;
  }
}

function headers(): Record<string, string> {
  return { 'X-Lianfang': '1', 'Accept-Language': lang.value === 'zh' ? 'zh-CN' : 'en', Accept: 'application/json' };
}

/** fetch with the contract's headers and a time limit; a request without answer is a Problem of status 0. */
export async function request(
  input: Request | string,
  init: RequestInit = {},
  timeout = READ_TIMEOUT_MS,
): Promise<Response> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), timeout);
  const own = input instanceof Request ? Object.fromEntries(input.headers) : (init.headers as Record<string, string>);
  try {
    const response = await fetch(input, {
      credentials: 'same-origin',
      cache: 'no-store',
      ...init,
      headers: { ...headers(), ...own },
      signal: abort.signal,
    });
    online.value = true;
    return response;
  } catch {
    online.value = false;
    throw new Problem(0, '', '');
  } finally {
    clearTimeout(timer);
  }
}

export const client = createClient<paths>({ baseUrl: '/', fetch: (r) => request(r) });

export async function problemOf(response: Response, body?: unknown): Promise<Problem> {
  const p = (body ?? (await response.json().catch(() => ({})))) as Record<string, unknown>;
  const text = (v: unknown) => (typeof v === 'string' ? v : '');
  const retry = Number(response.headers.get('Retry-After'));
  return new Problem(
    response.status,
    text(p.title),
    text(p.detail),
    text(p.code),
    text(p.field) || undefined,
    retry > 0 ? retry : undefined,
  );
}

/** The outbox's request. Rejects when no answer came. */
export function postEvents(events: unknown[], sentAt: string): Promise<Response> {
  const init = {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-Lianfang-Clock': sentAt },
    body: JSON.stringify({ events }),
  };
  return request('/api/v1/events', init, SEND_TIMEOUT_MS);
}
