/* Brings pending entries to the server: batches, the answer's meaning, one backoff clock. Owns no storage and
 * no network of its own: both are handed in, so that every fault can be played in a test. */
import type { Entry, Result } from './entry';
import type { SenderLock } from './lock';
import type { OutboxStore } from './store';

export const BATCH_MOST = 50;
const BACKOFF_FIRST_MS = 2_000;
const BACKOFF_MOST_MS = 300_000;
const RETRY_AFTER_MOST_MS = 3_600_000;
/** How soon to look again when another tab is sending, should it die. */
const OTHER_TAB_MS = 20_000;

export type WhoAmI = { account: string } | 'signed_out' | 'unreachable';

export interface Ports {
  store: OutboxStore;
  lock: SenderLock;
  /** POST /api/v1/events; rejects when no answer came. */
  post(events: unknown[], sentAt: string): Promise<Response>;
  /** Whose session a request would go under, asked of the server: never send one person's records as another's. */
  whoAmI(): Promise<WhoAmI>;
  /** Name of this tab, unlike any other's. */
  me: string;
  now(): number;
  random(): number;
  /** Called whenever entries changed. */
  changed(): void;
}

/** What the outbox waits for after a run. */
export type Outcome =
  | { kind: 'idle' } // nothing of this account is pending
  | { kind: 'sign_in' } // the session is over or somebody else's
  | { kind: 'pause'; until: number; asked: boolean } // backing off, by our own clock or because the server asked
  | { kind: 'other_tab'; until: number };

/** 2 s · 2ⁿ, at most 5 min, half of it jitter. */
export function backoffDelay(failures: number, random: number): number {
  const full = Math.min(BACKOFF_MOST_MS, BACKOFF_FIRST_MS * 2 ** Math.min(failures, 20));
  return full / 2 + (full / 2) * random;
}

/** Seconds or an HTTP date, to milliseconds from now; undefined when absent or unreadable. */
export function retryAfter(header: string | null, now: number): number | undefined {
  if (header === null || header.trim() === '') {
    return undefined;
  }
  const ms = /^\s*\d+\s*$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now;
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), RETRY_AFTER_MOST_MS) : undefined;
}

export class Sender {
  private batch = BATCH_MOST;

  constructor(private readonly ports: Ports) {}

  /** Sends everything pending that `account` made, or as far as it gets. */
  async run(account: string): Promise<Outcome> {
    let outcome: Outcome = { kind: 'idle' };
    const held = await this.ports.lock.tryRun(async () => {
      if ((await this.ports.store.recover()) > 0) {
        this.ports.changed();
      }
      outcome = await this.drain(account);
    });
    return held ? outcome : { kind: 'other_tab', until: this.ports.now() + OTHER_TAB_MS };
  }

  /** A person, or the network's return, ends our own pause; what the server asked for stands. */
  async hurry(): Promise<void> {
    const b = await this.ports.store.backoff();
    await this.ports.store.setBackoff({ ...b, failures: 0, pauseUntil: 0 });
  }

  private async drain(account: string): Promise<Outcome> {
    const { store, now } = this.ports;
    if (!(await store.all()).some((e) => e.state === 'pending' && e.account === account)) {
      return { kind: 'idle' };
    }
    const b = await store.backoff();
    const until = Math.max(b.pauseUntil, b.askedUntil);
    if (until > now() && until - now() <= RETRY_AFTER_MOST_MS) {
      return { kind: 'pause', until, asked: b.askedUntil > now() };
    }
    const who = await this.ports.whoAmI().catch((): WhoAmI => 'unreachable');
    if (who === 'unreachable') {
      return this.pause();
    }
    if (who === 'signed_out' || who.account !== account) {
      return { kind: 'sign_in' };
    }
    for (;;) {
      const taken = await store.take(account, this.batch, this.ports.me);
      if (taken.length === 0) {
        return { kind: 'idle' };
      }
      this.ports.changed();
      const stop = await this.send(taken);
      this.ports.changed();
      if (stop !== undefined) {
        return stop;
      }
    }
  }

  /** One request. Returns why to stop, or undefined to go on. */
  private async send(taken: Entry[]): Promise<Outcome | undefined> {
    const { store, me, now } = this.ports;
    let response: Response | undefined;
    let results: Result[] | undefined;
    try {
      response = await this.ports.post(
        taken.map((e) => e.event),
        new Date(now()).toISOString(),
      );
      results = response.ok ? await readResults(response) : undefined;
    } catch {
      results = undefined; // cut off before or within the answer: unknown, so pending
    }
    if (results !== undefined) {
      await store.settle(taken, results, me);
      const answered = new Set(results.map((r) => r.id));
      if (taken.some((e) => !answered.has(e.id))) {
        return this.pause();
      }
      this.batch = Math.min(BATCH_MOST, this.batch * 2);
      await store.setBackoff({ failures: 0, pauseUntil: 0, askedUntil: 0 });
      return undefined;
    }
    const status = response?.status;
    if (status === 413 || status === 400) {
      return this.halve(taken, response as Response);
    }
    await store.settle(taken, [], me);
    if (status === 401) {
      return { kind: 'sign_in' };
    }
    return this.pause(retryAfter(response?.headers.get('Retry-After') ?? null, now()));
  }

  /** The request was too large or not understood: smaller ones, down to the one entry that is at fault. */
  private async halve(taken: Entry[], response: Response): Promise<undefined> {
    const { store, me } = this.ports;
    const only = taken.length === 1 ? taken[0] : undefined;
    if (only === undefined) {
      this.batch = Math.max(1, Math.floor(taken.length / 2));
      await store.settle(taken, [], me);
      return undefined;
    }
    const problem = (await response.json().catch(() => ({}))) as { code?: string; detail?: string; field?: string };
    const code = problem.code ?? (response.status === 413 ? 'too_large' : 'malformed');
    await store.refuse(only.id, { code, message: problem.detail ?? '', field: problem.field }, me);
    return undefined;
  }

  private async pause(asked?: number): Promise<Outcome> {
    const { store, now, random } = this.ports;
    const b = await store.backoff();
    const pauseUntil = now() + backoffDelay(b.failures, random());
    const askedUntil = asked === undefined ? 0 : now() + asked;
    await store.setBackoff({ failures: b.failures + 1, pauseUntil, askedUntil });
    return { kind: 'pause', until: Math.max(pauseUntil, askedUntil), asked: askedUntil > pauseUntil };
  }
}

/** Anything that is not the server's own answer — a login page of some café network, say — is no answer. */
async function readResults(response: Response): Promise<Result[] | undefined> {
  if (!(response.headers.get('Content-Type') ?? '').includes('json')) {
    return undefined;
  }
  const body = (await response.json()) as { results?: unknown };
  if (!Array.isArray(body?.results)) {
    return undefined;
  }
  return body.results.filter(
    (r): r is Result =>
      typeof r?.id === 'string' && (r.status === 'recorded' || r.status === 'duplicate' || r.status === 'refused'),
  );
}
