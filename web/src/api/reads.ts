/* Reading with the network cut: the last good answer of every read that a screen made stays on the device, per
 * account, with the time it was given. Wiped on sign-out. Answers that show personal data in full never get here. */
import type { Database } from '../outbox/db';
import { client, Problem, problemOf, tellUnauthorised } from './client';
import type { paths } from './types';

/** The database of what the phone carries: see app/field-db.ts. */
export const CARRIED = 'lianfang-carried';
const KEEP_MS = 14 * 86_400_000;

type JsonOf<P extends keyof paths> = paths[P] extends {
  get: { responses: { 200: { content: { 'application/json': infer B } } } };
}
  ? B
  : never;
type ParametersOf<P extends keyof paths> = paths[P] extends { get: { parameters: infer A } } ? A : never;

export type ReadPath = { [P in keyof paths]: paths[P] extends { get: unknown } ? P : never }[keyof paths];
export type Body<P extends ReadPath> = JsonOf<P>;
export type Params<P extends ReadPath> = Pick<ParametersOf<P>, Extract<keyof ParametersOf<P>, 'path' | 'query'>>;

export interface Answer<B> {
  body: B;
  /** When the server gave it. */
  at: number;
  /** Given by the device because the server could not be asked. */
  kept: boolean;
}

let db: Database;
let account: () => string | undefined;

/** What the phone carries beside the answers it was given; set by the sync. */
type Carried = (account: string, path: string, params: unknown) => Promise<{ body: unknown; at: number } | undefined>;
let carried: () => Promise<Carried> = async () => async () => undefined;

/** Fetched when the first read wants it: a read may come before the sync has started. */
export function setCarried(load: () => Promise<Carried>): void {
  carried = load;
}

export function setupReads(database: Database, currentAccount: () => string | undefined): void {
  db = database;
  account = currentAccount;
}

function keyOf(who: string, path: string, params: unknown): string {
  return `${who} ${path} ${JSON.stringify(params)}`;
}

/** Asks the server; nothing is kept. */
export async function ask<P extends ReadPath>(path: P, params: Params<P>): Promise<Body<P>> {
  // The one place where the typed client is driven by a path that is itself a type parameter.
  const get = client.GET as unknown as (
    path: string,
    init: { params: unknown },
  ) => Promise<{ data?: unknown; error?: unknown; response: Response }>;
  const { data, error, response } = await get(path, { params });
  if (response.status === 401) {
    tellUnauthorised();
  }
  if (!response.ok || data === undefined) {
    throw await problemOf(response, error ?? {});
  }
  return data as Body<P>;
}

/** Reads on their way: several parts of a screen that ask the same thing at once ask it once. */
const underway = new Map<string, Promise<unknown>>();

/** Asks the server and keeps its answer; without an answer, what was kept. */
export function read<P extends ReadPath>(path: P, params: Params<P>): Promise<Answer<Body<P>>> {
  const key = keyOf(account() ?? '', path, params);
  const same = underway.get(key);
  if (same !== undefined) {
    return same as Promise<Answer<Body<P>>>;
  }
  const answer = readOnce(path, params).finally(() => underway.delete(key));
  underway.set(key, answer);
  return answer;
}

async function readOnce<P extends ReadPath>(path: P, params: Params<P>): Promise<Answer<Body<P>>> {
  const who = account();
  try {
    const body = await ask(path, params);
    const at = Date.now();
    if (who !== undefined && who === account()) {
      await db.put('reads', { key: keyOf(who, path, params), account: who, at, body }).catch(() => undefined);
    }
    return { body, at, kept: false };
  } catch (error) {
    const saved =
      error instanceof Problem && (error.unreachable || error.status >= 500) ? await kept(path, params) : undefined;
    if (saved === undefined) {
      throw error;
    }
    return saved;
  }
}

/** What the device has, without asking. */
export async function kept<P extends ReadPath>(path: P, params: Params<P>): Promise<Answer<Body<P>> | undefined> {
  const who = account();
  const saved = who === undefined ? undefined : await db.get('reads', keyOf(who, path, params)).catch(() => undefined);
  const own =
    who === undefined
      ? undefined
      : await carried()
          .then((f) => f(who, path, params))
          .catch(() => undefined);
  const have = own !== undefined && own.at > (saved?.at ?? 0) ? own : saved; // whichever is the younger
  return have && { body: have.body as Body<P>, at: have.at, kept: true };
}

export async function wipeReads(): Promise<void> {
  await db.clear('reads');
  await new Promise((done) => {
    const gone = indexedDB.deleteDatabase(CARRIED); // what the sync keeps, whether or not it ran on this page
    gone.onsuccess = gone.onerror = gone.onblocked = done;
  });
}

export async function dropOldReads(): Promise<void> {
  const tx = db.transaction('reads', 'readwrite');
  const old = IDBKeyRange.upperBound(Date.now() - KEEP_MS);
  for (let c = await tx.store.index('at').openCursor(old); c; c = await c.continue()) {
    await c.delete();
  }
  await tx.done;
}
