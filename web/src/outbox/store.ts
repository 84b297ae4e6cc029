/* Every change to an entry or to the backoff clock goes through here, each in one IndexedDB transaction,
 * so that a page killed at any moment leaves either the old state or the new. Sends nothing. */
import type { Backoff, Database } from './db';
import { type Entry, type EventRecord, inHand, mayMove, type Refusal, type Result, type State } from './entry';

/** A request stays far below what the server takes, so that it is never cut off while sending. */
const BATCH_BYTES = 1 << 20;
/** Recorded entries stay to be seen for this long, and at most this many. */
const KEEP_MS = 7 * 86_400_000;
const KEEP_MOST = 200;

const NO_BACKOFF: Backoff = { failures: 0, pauseUntil: 0, askedUntil: 0 };

/** What a person made, before it is an entry. */
export interface Content {
  event: EventRecord;
  title: string;
  makes?: string;
  uses?: string[];
  /** What the form held, to open it again as it was. */
  form?: Record<string, unknown>;
}

export interface NewEntry extends Content {
  account: string;
}

export class OutboxStore {
  constructor(
    private readonly db: Database,
    private readonly now: () => number = Date.now,
  ) {}

  /** Durable when the promise resolves; several entries are kept together or not at all. */
  async add(news: NewEntry[], state: 'draft' | 'pending' = 'pending'): Promise<Entry[]> {
    const made = news.map((n) => fresh(n, state, this.now()));
    const tx = this.db.transaction('entries', 'readwrite', { durability: 'strict' });
    await Promise.all([...made.map((e) => tx.store.add(e)), tx.done]);
    return made;
  }

  /** Keeps what a form holds so far. Does nothing once the entry has left the draft state. */
  saveDraft(id: string, content: Content): Promise<void> {
    return this.change(id, (e) => e.state === 'draft' && fill(e, content));
  }

  /** A draft is finished: from here on it is sent, together with what else the form made. */
  async submit(id: string, content: Content, others: NewEntry[] = []): Promise<void> {
    const tx = this.db.transaction('entries', 'readwrite', { durability: 'strict' });
    const e = await tx.store.get(id);
    if (e !== undefined && move(e, 'pending')) {
      fill(e, content);
      e.error = undefined;
      e.changed = this.now();
      await tx.store.put(e);
      for (const n of others) {
        await tx.store.add(fresh(n, 'pending', this.now()));
      }
    }
    await tx.done;
  }

  all(): Promise<Entry[]> {
    return this.db.getAllFromIndex('entries', 'order');
  }

  get(id: string): Promise<Entry | undefined> {
    return this.db.get('entries', id);
  }

  /** What was in hand when a page died is pending again. For the one that holds the sender's lock. */
  async recover(): Promise<number> {
    const tx = this.db.transaction('entries', 'readwrite');
    let n = 0;
    for (const e of await tx.store.getAll()) {
      if (e.state === 'sending') {
        move(e, 'pending');
        e.by = undefined;
        await tx.store.put(e);
        n++;
      }
    }
    await tx.done;
    return n;
  }

  /** Takes up to `most` of the account's pending entries, oldest first, marks them as sent by `by`, returns them.
   * An entry that refers to a thing still unsent goes only together with, and after, the entry that makes it. */
  async take(account: string, most: number, by: string): Promise<Entry[]> {
    const tx = this.db.transaction('entries', 'readwrite', { durability: 'strict' });
    const all = await tx.store.index('order').getAll();
    const unmade = new Set<string>();
    for (const e of all) {
      if (e.makes !== undefined && e.state !== 'recorded') {
        unmade.add(e.makes);
      }
    }
    const taken: Entry[] = [];
    let bytes = 0;
    for (const e of all) {
      if (e.state !== 'pending' || e.account !== account || e.uses.some((u) => unmade.has(u))) {
        continue;
      }
      bytes += 3 * JSON.stringify(e.event).length; // at most: three bytes a Chinese character
      if (taken.length >= most || (taken.length > 0 && bytes > BATCH_BYTES)) {
        break;
      }
      if (e.makes !== undefined) {
        unmade.delete(e.makes);
      }
      move(e, 'sending');
      e.by = by;
      e.tries += 1;
      e.changed = this.now();
      taken.push(e);
      await tx.store.put(e);
    }
    await tx.done;
    return taken;
  }

  /** Applies an answer to what was sent. Entries without a result go back to pending. */
  async settle(sent: readonly Entry[], results: readonly Result[], by: string): Promise<void> {
    const byId = new Map(results.map((r) => [r.id, r]));
    const tx = this.db.transaction('entries', 'readwrite', { durability: 'strict' });
    for (const { id } of sent) {
      const e = await tx.store.get(id);
      if (e !== undefined && apply(e, byId.get(id), by)) {
        e.changed = this.now();
        await tx.store.put(e);
      }
    }
    await tx.done;
  }

  /** Refuses an entry on this device's own account: the server will never take it as it is. */
  refuse(id: string, error: Refusal, by: string): Promise<void> {
    return this.change(id, (e) => e.by === by && apply(e, { id, status: 'refused', error }, by));
  }

  /** A refused entry is sent again as it is: what stood in its way may be gone. */
  async again(id: string): Promise<void> {
    await this.change(id, (e) => e.state === 'refused' && move(e, 'pending'));
  }

  /** What is still in a person's hand becomes a draft under a new id, in the same place of the order. Returns the
   * draft's id. New, because a refusal may have been for the id itself. */
  async mend(id: string, newId: string): Promise<string | undefined> {
    const tx = this.db.transaction('entries', 'readwrite', { durability: 'strict' });
    const e = await tx.store.get(id);
    if (e === undefined || !inHand(e)) {
      await tx.done;
      return undefined;
    }
    await tx.store.delete(id);
    const event = { ...e.event, id: newId };
    await tx.store.put({ ...e, id: newId, event, state: 'draft', changed: this.now(), tries: 0 });
    await tx.done;
    return newId;
  }

  /** Throws away what is still in a person's hand, and whatever unsent entry refers to the thing it would have
   * made. What was sent cannot be discarded: the server may have it already. Returns the ids that are gone. */
  async discard(id: string): Promise<string[]> {
    const tx = this.db.transaction('entries', 'readwrite', { durability: 'strict' });
    const all = await tx.store.getAll();
    const gone = dependents(all, id).filter((e) => e.state !== 'recorded');
    if (!gone.every(inHand)) {
      await tx.done;
      return [];
    }
    for (const e of gone) {
      await tx.store.delete(e.id);
    }
    await tx.done;
    return gone.map((e) => e.id);
  }

  /** Forgets what the server has: old entries, or every one (`all`) when a person signs out. */
  async forgetRecorded(all = false): Promise<void> {
    const tx = this.db.transaction('entries', 'readwrite');
    const recorded = (await tx.store.getAll()).filter((e) => e.state === 'recorded');
    recorded.sort((a, b) => b.changed - a.changed);
    const since = this.now() - KEEP_MS;
    for (const [i, e] of recorded.entries()) {
      if (all || i >= KEEP_MOST || e.changed < since) {
        await tx.store.delete(e.id);
      }
    }
    await tx.done;
  }

  async backoff(): Promise<Backoff> {
    return ((await this.db.get('meta', 'backoff')) as Backoff | undefined) ?? NO_BACKOFF;
  }

  async setBackoff(b: Backoff): Promise<void> {
    await this.db.put('meta', b, 'backoff');
  }

  private async change(id: string, edit: (e: Entry) => boolean): Promise<void> {
    const tx = this.db.transaction('entries', 'readwrite', { durability: 'strict' });
    const e = await tx.store.get(id);
    if (e !== undefined && edit(e)) {
      e.changed = this.now();
      await tx.store.put(e);
    }
    await tx.done;
  }
}

/** The entry itself first, then every entry that builds on what it makes, at any depth. */
export function dependents(all: readonly Entry[], id: string): Entry[] {
  const found = all.filter((e) => e.id === id);
  for (let i = 0; i < found.length; i++) {
    const makes = found[i]?.makes;
    if (makes !== undefined) {
      found.push(...all.filter((e) => e.uses.includes(makes) && !found.includes(e)));
    }
  }
  return found;
}

function fresh(n: NewEntry, state: State, at: number): Entry {
  const { account, makes, title, uses = [], form } = n;
  const event = plain(n.event);
  return {
    id: event.id,
    order: event.id,
    account,
    state,
    event,
    title,
    makes,
    uses,
    form,
    made: at,
    changed: at,
    tries: 0,
  };
}

function fill(e: Entry, c: Content): true {
  Object.assign(e, { event: { ...plain(c.event), id: e.id }, title: c.title, uses: c.uses ?? [], form: c.form });
  return true;
}

function move(e: Entry, to: State): boolean {
  if (!mayMove(e.state, to)) {
    return false;
  }
  e.state = to;
  return true;
}

/* A good answer counts whoever brought it; "no answer" and "refused" count only from the sender that has the
 * entry in hand, for another one may have brought a good answer meanwhile. */
function apply(e: Entry, r: Result | undefined, by: string): boolean {
  if (r !== undefined && r.status !== 'refused') {
    if (!move(e, 'recorded')) {
      return false;
    }
    Object.assign(e, { seq: r.seq, warnings: r.warnings, error: undefined, by: undefined });
    return true;
  }
  if (e.state !== 'sending' || e.by !== by) {
    return false;
  }
  e.by = undefined;
  if (r === undefined) {
    return move(e, 'pending');
  }
  e.error = r.error ?? { code: 'refused', message: '' };
  return move(e, 'refused');
}

/* Plain JSON and nothing else reaches the database: what is stored is what is sent. */
function plain(event: EventRecord): EventRecord {
  return JSON.parse(JSON.stringify(event)) as EventRecord;
}
