/* Reading with the network cut: the last good answer, per account, and never a stale one over a refusal. */
import 'fake-indexeddb/auto';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { json } from '../outbox/fake';

vi.stubGlobal('addEventListener', () => undefined);
vi.stubGlobal('document', { documentElement: {} });

// Node's fetch wants absolute addresses; a page's does not.
const NodeRequest = Request;
vi.stubGlobal(
  'Request',
  class extends NodeRequest {
    constructor(input: string | URL | Request, init?: RequestInit) {
      super(typeof input === 'string' ? new URL(input, 'http://localhost') : input, init);
    }
  },
);

const { Problem, online } = await import('../../src/api/client');
const { read, setupReads, wipeReads } = await import('../../src/api/reads');
const { openDatabase } = await import('../../src/outbox/db');

let answer: () => Response | Promise<Response>;
let account: string | undefined = 'town100';
const headers: unknown[] = [];
const params = { query: { place: '610927100000' } };
const figures = (n: number) => ({ place: '610927100000', as_of: '2020-02-08', figures: { households: n } });

vi.stubGlobal('fetch', async (_r: Request, init: RequestInit) => {
  headers.push(init.headers);
  return answer();
});
const cut = () => Promise.reject(new TypeError('network'));
let n = 0;

beforeEach(async () => {
  account = 'town100';
  setupReads(await openDatabase(`reads-${++n}`), () => account);
});

describe('read', () => {
  it('gives the server its answer, then the kept one when the network is cut', async () => {
    answer = () => json(200, figures(5));
    expect(await read('/api/v1/figures', params)).toMatchObject({ body: figures(5), kept: false });
    expect(online.value).toBe(true);
    answer = cut;
    expect(await read('/api/v1/figures', params)).toMatchObject({ body: figures(5), kept: true });
    expect(online.value).toBe(false);
  });

  it('gives the kept one when the server is broken, not when it refuses', async () => {
    answer = () => json(200, figures(5));
    await read('/api/v1/figures', params);
    answer = () => json(503, { title: 'busy' });
    expect(await read('/api/v1/figures', params)).toMatchObject({ kept: true });
    answer = () => json(404, { title: '没有', status: 404 });
    await expect(read('/api/v1/figures', params)).rejects.toMatchObject({ status: 404, title: '没有' });
  });

  it('never shows one account what another read', async () => {
    answer = () => json(200, figures(5));
    await read('/api/v1/figures', params);
    account = 'county';
    answer = cut;
    await expect(read('/api/v1/figures', params)).rejects.toBeInstanceOf(Problem);
  });

  it('keeps different questions apart', async () => {
    answer = () => json(200, figures(5));
    await read('/api/v1/figures', params);
    answer = cut;
    const other = { query: { place: '610927100000', as_of: '2020-02-07' } };
    await expect(read('/api/v1/figures', other)).rejects.toMatchObject({ status: 0 });
  });

  it('has nothing left after wiping', async () => {
    answer = () => json(200, figures(5));
    await read('/api/v1/figures', params);
    await wipeReads();
    answer = cut;
    await expect(read('/api/v1/figures', params)).rejects.toMatchObject({ status: 0 });
  });

  it('sends what the contract asks of a page: the mark and the language', async () => {
    answer = () => json(200, figures(5));
    await read('/api/v1/figures', params);
    expect(headers.at(-1)).toMatchObject({ 'X-Lianfang': '1', 'Accept-Language': 'zh-CN' });
  });
});
