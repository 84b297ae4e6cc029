/* The one way of recording in the browser. Screens call record(), and read `entries`; this file keeps the
 * signals fresh in every tab and decides when the sender runs. Rules of sending are in sender.ts. */
import { computed, signal } from '@preact/signals';
import type { Database } from './db';
import { type Entry, waiting } from './entry';
import { senderLock } from './lock';
import { type Outcome, type Ports, Sender } from './sender';
import { type Content, type NewEntry, OutboxStore } from './store';
import { uuid7 } from './uuid';

export const entries = signal<readonly Entry[]>([]);
/** Why the outbox stands still, if it does. */
export const outcome = signal<Outcome>({ kind: 'idle' });
export const sending = signal(false);
/** Goes up whenever the server has taken something: readers ask again. */
export const recordedTick = signal(0);

export const waitingEntries = computed(() => entries.value.filter(waiting));
export const refusedEntries = computed(() => entries.value.filter((e) => e.state === 'refused'));
export const draftEntries = computed(() => entries.value.filter((e) => e.state === 'draft'));
export const oldestWaiting = computed(() =>
  waitingEntries.value.reduce<number | undefined>(
    (min, e) => (min === undefined || e.made < min ? e.made : min),
    undefined,
  ),
);

export interface Setup {
  db: Database;
  account(): string | undefined;
  /** Puts in what this device knows of the event's circumstances. */
  complete?(e: Entry['event']): Entry['event'];
  post: Ports['post'];
  whoAmI: Ports['whoAmI'];
  /** The session turned out to be over. */
  signInNeeded(): void;
}

let store: OutboxStore;
let sender: Sender;
let setup: Setup;
let channel: BroadcastChannel | undefined;
let timer: ReturnType<typeof setTimeout> | undefined;
/** What came in while the sender was running: more to send, or a wish to send now whatever the pause. */
let runAgain: 'no' | 'more' | 'now' = 'no';

export async function startOutbox(s: Setup): Promise<void> {
  setup = s;
  const me = uuid7();
  store = new OutboxStore(s.db);
  const lock = senderLock(s.db, me);
  const { post, whoAmI } = s;
  const changed = () => void refresh().then(tell);
  sender = new Sender({ store, lock, post, whoAmI, me, now: Date.now, random: Math.random, changed });
  if (typeof BroadcastChannel !== 'undefined') {
    channel = new BroadcastChannel('lianfang-outbox');
    channel.onmessage = () => void refresh();
  }
  addEventListener('online', () => void retryNow());
  addEventListener('offline', () => void kick());
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') {
      void refresh().then(kick);
    }
  });
  await store.forgetRecorded();
  await refresh();
}

/** Keeps the records, together or not at all; resolves when they are durable on this device. */
export function record(contents: Content[], state: 'draft' | 'pending' = 'pending'): Promise<Entry[]> {
  void navigator.storage?.persist?.(); // asked when there is something to lose, not before
  return act((s) => s.add(contents.map(owned), state));
}

function owned(content: Content): NewEntry {
  const account = setup.account();
  if (account === undefined) {
    throw new Error('nobody is signed in');
  }
  return { ...complete(content), account };
}

const complete = (c: Content): Content => ({ ...c, event: setup.complete?.(c.event) ?? c.event });

/** Wraps a change made by a person, then shows it everywhere and sends what can be sent. */
async function act<T>(work: (s: OutboxStore) => Promise<T>): Promise<T> {
  const result = await work(store);
  await refresh();
  tell();
  void kick();
  return result;
}

export const saveDraft = (id: string, content: Content) => act((s) => s.saveDraft(id, complete(content)));
export const submitDraft = (id: string, content: Content, others: Content[] = []) =>
  act((s) => s.submit(id, complete(content), others.map(owned)));
export const sendAgain = (id: string) => act((s) => s.again(id));
export const discard = (id: string) => act((s) => s.discard(id));
export const mend = (id: string) => act((s) => s.mend(id, uuid7()));
export const getEntry = (id: string) => store.get(id);
export const forgetRecorded = () => act((s) => s.forgetRecorded(true));

/** A person asked, the network came back, or somebody signed in. */
export async function retryNow(): Promise<void> {
  if (sending.value) {
    runAgain = 'now';
    return;
  }
  await sender.hurry();
  await kick();
}

/** Runs the sender unless it runs already, then sleeps until there is reason to look again. */
export async function kick(): Promise<void> {
  const account = setup.account();
  if (account === undefined) {
    return;
  }
  if (sending.value) {
    runAgain = runAgain === 'now' ? 'now' : 'more';
    return;
  }
  clearTimeout(timer);
  sending.value = true;
  try {
    for (let go = true; go; ) {
      runAgain = 'no';
      outcome.value = await sender.run(account);
      const wish: string = runAgain; // others change it while the sender runs
      if (wish === 'now') {
        await sender.hurry();
      }
      go = wish === 'now' || (wish === 'more' && outcome.value.kind === 'idle');
    }
  } catch (error) {
    console.error(error);
    outcome.value = { kind: 'pause', until: Date.now() + 30_000, asked: false };
  } finally {
    sending.value = false;
  }
  const o = outcome.value;
  if (o.kind === 'sign_in') {
    setup.signInNeeded();
  }
  if ((o.kind === 'pause' || o.kind === 'other_tab') && waitingEntries.value.length > 0) {
    timer = setTimeout(() => void kick(), Math.max(250, o.until - Date.now()));
  }
}

async function refresh(): Promise<void> {
  const before = entries.value.filter((e) => e.state === 'recorded').length;
  entries.value = await store.all();
  if (entries.value.filter((e) => e.state === 'recorded').length > before) {
    recordedTick.value++;
  }
}

function tell(): void {
  channel?.postMessage('changed');
}
