/* Keeps on the phone what its person works with, so that the pages open without signal from the first minute: asks
 * the server for what changed since last time, and answers reads that the server cannot be asked for. Never stands
 * in anybody's way: it runs when the page is idle, and a server that does not know it is left alone. */
import { effect } from '@preact/signals';
import { online, request } from '../api/client';

import { read } from '../api/reads';
import { recordedTick } from '../outbox/outbox';
import { type Carried, type FieldDatabase, fieldDatabase } from './field-db';
import { LEVEL_VILLAGE, levelOf, within } from './places';
import { signInNeeded, who } from './session';
import { syncState } from './sync-state';

const EVERY_MS = 300_000;
const SOON_MS = 4_000;
/** Everybody's phone wakes at the same hour: not all in the same second. */
const JITTER_MS = 6_000;
const PAGES_MOST = 200;

export interface SyncItem {
  kind: string;
  id: string;
  place?: string;
  data: unknown;
}

export interface SyncAnswer {
  items: SyncItem[];
  drop?: { kind: string; id: string }[];
  next?: string;
  more?: boolean;
}

const keyOf = (kind: string, id: string) => `${kind} ${id}`;

/** Takes one answer in: all of it or nothing. */
export async function takeIn(db: FieldDatabase, account: string, a: SyncAnswer, first: boolean): Promise<void> {
  const tx = db.transaction(['items', 'meta'], 'readwrite');
  const items = tx.objectStore('items');
  if (first) {
    await items.clear();
  }
  for (const d of a.drop ?? []) {
    await items.delete(keyOf(d.kind, d.id));
  }
  for (const { kind, id, place, data } of a.items) {
    await items.put({ key: keyOf(kind, id), kind, id, place, data });
  }
  await tx.objectStore('meta').put({ account, cursor: a.next, at: Date.now() }, 'carried');
  await tx.done;
}

/** Asks until nothing is left. Returns false when this server has no such view. */
export async function syncOnce(db: FieldDatabase, account: string, get: typeof request = request): Promise<boolean> {
  const known = await db.get('meta', 'carried');
  let cursor = known?.account === account ? known.cursor : undefined;
  for (let page = 0; page < PAGES_MOST; page++) {
    const q = cursor === undefined ? '' : `?after=${encodeURIComponent(cursor)}`;
    const response = await get(`/api/v1/sync${q}`);
    if ((response.status === 400 || response.status === 410) && cursor !== undefined) {
      cursor = undefined; // the server no longer knows the point: once more from the start
      continue;
    }
    if (!response.ok) {
      return response.status !== 404;
    }
    const a = (await response.json()) as SyncAnswer;
    await takeIn(db, account, a, cursor === undefined);
    syncState.value = { at: Date.now(), busy: true, left: a.more === true };
    if (a.next === undefined || a.next === cursor || a.more !== true) {
      return true;
    }
    cursor = a.next;
  }
  return true;
}

/* ---- reads that the server cannot be asked for ------------------------------------------------ */

/** The view that shows one thing of a kind. */
const SINGLE: Record<string, string> = {
  '/api/v1/grid/households/{id}': 'household',
  '/api/v1/grid/groups/{id}': 'group',
  '/api/v1/visits/followups/{id}': 'followup',
  '/api/v1/notices/notices/{id}': 'notice',
  '/api/v1/places/divisions/{id}': 'division',
};

/** The view that lists them. */
const LISTS: Record<string, string> = {
  '/api/v1/grid/households': 'household',
  '/api/v1/grid/groups': 'group',
  '/api/v1/visits/followups': 'followup',
  '/api/v1/notices/notices': 'notice',
  '/api/v1/places/divisions': 'division',
  '/api/v1/checkpoints/sites': 'checkpoint',
};

type Row = Record<string, unknown>;

function asked(row: Row, q: Row): boolean {
  const place = (row.place ?? row.code) as string | undefined;
  return (
    (q.place === undefined || (place !== undefined && within(place, String(q.place)))) &&
    (q.group === undefined || row.group === q.group) &&
    (q.kind !== 'alert' || row.alert === true) &&
    (q.kind !== 'open' || row.closed === undefined) &&
    (q.kind !== 'due' || Number(row.today_done ?? 0) < Number(row.today_due ?? 0))
  );
}

/** What the phone carries for a read, in the form of the server's answer; undefined when that cannot be told. */
export async function carriedFor(
  db: FieldDatabase,
  account: string,
  path: string,
  params: { path?: Row; query?: Row },
): Promise<{ body: unknown; at: number } | undefined> {
  const meta = await db.get('meta', 'carried');
  if (meta?.account !== account || meta.at === undefined) {
    return undefined;
  }
  const at = meta.at;
  const one = SINGLE[path];
  if (one !== undefined) {
    const item = await db.get('items', keyOf(one, String(params.path?.id)));
    return item && { body: item.data, at };
  }
  if (path === '/api/v1/checkpoints/revocations') {
    const [item] = await db.getAllFromIndex('items', 'kind', 'revocations');
    return item && { body: item.data, at };
  }
  const kind = LISTS[path];
  const q = params.query ?? {};
  if (kind === undefined || q.q !== undefined || q.as_of !== undefined || q.after !== undefined) {
    return undefined;
  }
  const rows = (await db.getAllFromIndex('items', 'kind', kind)).map((i: Carried) => ({
    place: i.place,
    ...(i.data as Row),
  }));
  const items = rows.filter((r) => asked(r, q));
  return items.length > 0 ? { body: { items: items.slice(0, 500) }, at } : undefined;
}

/** For api/reads.ts. */
export async function carried(account: string, path: string, params: unknown) {
  return carriedFor(await fieldDatabase(), account, path, params as { path?: Row; query?: Row });
}

/* ---- when ------------------------------------------------------------------------------------- */

/** Phones of those who work on the spot; a desk reads what it needs. */
function worksOnTheSpot(): boolean {
  const roles = who.value?.roles ?? [];
  return roles.some((g) => g.role === 'grid' || g.role === 'checkpoint' || levelOf(g.place) >= LEVEL_VILLAGE);
}

let timer: ReturnType<typeof setTimeout> | undefined;
let running = false;
let unknown = false;

/** What is there from last time, shown before anything is asked. */
async function lookUp(): Promise<void> {
  const known = await fieldDatabase()
    .then((db) => db.get('meta', 'carried'))
    .catch(() => undefined);
  if (known !== undefined && known.account === who.value?.account && syncState.value.at === undefined) {
    syncState.value = { ...syncState.value, at: known.at };
  }
}

async function run(): Promise<void> {
  const account = who.value?.account;
  if (running || unknown || account === undefined || signInNeeded.value || !worksOnTheSpot()) {
    return;
  }
  running = true;
  try {
    const db = await fieldDatabase();
    const known = await db.get('meta', 'carried');
    const at = known?.account === account ? known.at : undefined;
    syncState.value = { at, busy: online.value, left: false };
    if (online.value) {
      unknown = !(await syncOnce(db, account));
      await read('/api/v1/tasks', { query: { limit: 200 } });
      if (who.value?.roles.some((g) => g.role === 'checkpoint')) {
        await read('/api/v1/checkpoints/revocations', {});
      }
    }
  } catch {
    // No signal, or no room on the device: what is there stays, and its age is shown.
  } finally {
    running = false;
    syncState.value = { ...syncState.value, busy: false, left: false };
    plan(EVERY_MS);
  }
}

function plan(ms: number): void {
  clearTimeout(timer);
  timer = setTimeout(() => void run(), ms + Math.random() * JITTER_MS);
}

export function startSync(): void {
  void lookUp();
  let first = true;
  effect(() => {
    void recordedTick.value;
    if (who.value !== undefined && !signInNeeded.value && online.value) {
      plan(first ? 0 : SOON_MS);
      first = false;
    }
  });
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') {
      plan(SOON_MS);
    }
  });
}
