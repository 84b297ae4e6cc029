/* Desk pages that keep themselves fresh. Owns the one connection to the server's stream and who has it: of all pages
 * of this browser the one in sight that holds the lease, which tells the others. What is shown is read again shortly
 * after records that matter to it; without a stream every half minute. Nothing runs in a page that is out of sight,
 * nor where the device asks to save data. */
import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { uuid7 } from '../outbox/uuid';

/** live: told by the server; polling: asked now and then; off: neither. */
export type LiveState = 'live' | 'polling' | 'off';

export const liveState = signal<LiveState>('off');

export const BEAT_MS = 4_000;
export const LEASE_MS = 12_000;
export const POLL_MS = 30_000;
const RETRY_MS = 60_000;
/** Records come in bunches: gather them, and never read again more often than this. */
const GATHER_MS = 700;
export const APART_MS = 4_000;

const LEASE = 'lianfang.live';
const EVERYTHING = '*';

export interface Source {
  readonly readyState: number;
  onopen: ((e: Event) => unknown) | null;
  onerror: ((e: Event) => unknown) | null;
  addEventListener(type: string, f: (e: MessageEvent<string>) => void): void;
  close(): void;
}

const SOURCE_CLOSED = 2;

export interface LivePorts {
  me: string;
  connect(): Source;
  storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;
  channel?: Pick<BroadcastChannel, 'postMessage'> & { onmessage: ((e: MessageEvent) => unknown) | null };
  inSight(): boolean;
  saveData(): boolean;
  now(): number;
  random(): number;
  tell(state: LiveState): void;
}

interface Listener {
  /** Beginnings of the event types that matter. */
  types: readonly string[];
  reload: () => void;
}

type Word = { types: string[] } | { state: LiveState };
type Timer = ReturnType<typeof setTimeout> | undefined;

export class Live {
  private readonly listeners = new Set<Listener>();
  private readonly pending = new Set<string>();
  private source: Source | undefined;
  private broken = false;
  private beat: Timer;
  private gather: Timer;
  private poll: Timer;
  private retry: Timer;
  private lastReload = 0;
  private state: LiveState = 'off';

  constructor(private readonly ports: LivePorts) {
    if (ports.channel) {
      ports.channel.onmessage = (e) => this.hear(e.data as Word);
    }
  }

  /** From now on `reload` is called when something of these types was recorded. Returns how to stop. */
  add(listener: Listener): () => void {
    this.listeners.add(listener);
    this.look();
    return () => {
      this.listeners.delete(listener);
      if (this.listeners.size === 0) {
        this.rest();
      }
    };
  }

  /** The page came into sight or went out of it, or is going away. */
  sight(): void {
    if (this.listeners.size === 0) {
      return;
    }
    if (this.ports.inSight()) {
      this.look();
      this.note([EVERYTHING]); // nobody told while it was out of sight
    } else {
      this.rest();
    }
  }

  private look(): void {
    const { ports } = this;
    if (this.listeners.size === 0 || ports.saveData() || !ports.inSight()) {
      return;
    }
    clearTimeout(this.beat);
    this.beat = setTimeout(() => this.look(), BEAT_MS);
    if (this.lease()) {
      if (this.source === undefined && this.retry === undefined) {
        this.connect();
      }
      ports.channel?.postMessage({ state: this.state } satisfies Word);
    } else {
      this.hangUp();
      if (ports.channel === undefined) {
        this.become('polling');
      }
    }
  }

  /** Takes or renews the lease; false when another page has it. */
  private lease(): boolean {
    const { storage, me, now } = this.ports;
    const [holder, until] = (storage.getItem(LEASE) ?? '').split(' ');
    const left = Number(until) - now();
    if (holder !== me && left > 0 && left <= LEASE_MS) {
      return false;
    }
    try {
      storage.setItem(LEASE, `${me} ${now() + LEASE_MS}`);
    } catch {
      // Storage is full: every page for itself.
    }
    return true;
  }

  private connect(): void {
    const source = this.ports.connect();
    this.source = source;
    source.onopen = () => {
      this.become('live');
      if (this.broken) {
        this.note([EVERYTHING]);
      }
      this.broken = false;
    };
    source.onerror = () => {
      this.broken = true;
      this.become('polling');
      if (source.readyState === SOURCE_CLOSED) {
        this.hangUp();
        this.retry = setTimeout(
          () => {
            this.retry = undefined;
            this.look();
          },
          RETRY_MS * (0.5 + this.ports.random()),
        );
      }
    };
    source.addEventListener('record', (e) => {
      const type = typeOf(e.data);
      if (type !== undefined) {
        this.note([type]);
        this.ports.channel?.postMessage({ types: [type] } satisfies Word);
      }
    });
    source.addEventListener('reset', () => {
      this.note([EVERYTHING]);
      this.ports.channel?.postMessage({ types: [EVERYTHING] } satisfies Word);
    });
  }

  private hangUp(): void {
    this.source?.close();
    this.source = undefined;
    clearTimeout(this.retry);
    this.retry = undefined;
  }

  /** Lets go of everything; the lease too, so that another page need not wait for its end. */
  rest(): void {
    const { storage, me } = this.ports;
    for (const timer of [this.beat, this.gather, this.poll]) {
      clearTimeout(timer);
    }
    this.gather = undefined;
    this.pending.clear();
    this.hangUp();
    if (storage.getItem(LEASE)?.startsWith(`${me} `)) {
      storage.removeItem(LEASE);
    }
    this.become('off');
  }

  private hear(word: Word): void {
    if (this.listeners.size === 0 || !this.ports.inSight() || this.ports.saveData()) {
      return;
    }
    if ('types' in word) {
      this.note(word.types);
    } else if (this.source === undefined) {
      this.become(word.state);
    }
  }

  private become(state: LiveState): void {
    if (state !== this.state) {
      this.state = state;
      this.ports.tell(state);
      clearTimeout(this.poll);
      if (state === 'polling') {
        this.ask();
      }
    }
  }

  private ask(): void {
    this.poll = setTimeout(
      () => {
        this.note([EVERYTHING]);
        this.ask();
      },
      POLL_MS * (0.75 + this.ports.random() / 2),
    );
  }

  private note(types: readonly string[]): void {
    const matter = types.filter((type) => [...this.listeners].some((l) => matters(l, type)));
    for (const type of matter) {
      this.pending.add(type);
    }
    if (matter.length > 0 && this.gather === undefined) {
      const apart = this.lastReload + APART_MS - this.ports.now();
      const wait = Math.max(GATHER_MS * (1 + this.ports.random()), apart);
      this.gather = setTimeout(() => this.reload(), wait);
    }
  }

  private reload(): void {
    const types = [...this.pending];
    this.pending.clear();
    this.gather = undefined;
    this.lastReload = this.ports.now();
    for (const l of this.listeners) {
      if (types.some((type) => matters(l, type))) {
        l.reload();
      }
    }
  }
}

function matters(l: Listener, type: string): boolean {
  return type === EVERYTHING || l.types.some((begin) => type.startsWith(begin));
}

function typeOf(data: string): string | undefined {
  try {
    const { type } = JSON.parse(data) as { type?: unknown };
    return typeof type === 'string' ? type : undefined;
  } catch {
    return undefined;
  }
}

/** Whether the device asks for little traffic: data saver, or a network that is hardly one. */
function saveData(): boolean {
  const c = (navigator as { connection?: { saveData?: boolean; effectiveType?: string } }).connection;
  return c?.saveData === true || c?.effectiveType === 'slow-2g' || c?.effectiveType === '2g';
}

let live: Live | undefined;

function theLive(): Live {
  if (live === undefined) {
    live = new Live({
      me: uuid7(),
      connect: () => new EventSource('/api/v1/stream'),
      storage: localStorage,
      channel: typeof BroadcastChannel === 'undefined' ? undefined : new BroadcastChannel('lianfang-live'),
      inSight: () => document.visibilityState === 'visible',
      saveData,
      now: Date.now,
      random: Math.random,
      tell: (state) => {
        liveState.value = state;
      },
    });
    document.addEventListener('visibilitychange', () => live?.sight());
    addEventListener('pagehide', () => live?.rest());
    addEventListener('pageshow', () => live?.sight());
  }
  return live;
}

/** While the screen is shown, `reload` is called after records whose type begins with one of `types`. */
export function useLive(types: readonly string[], reload: () => void): void {
  const latest = useRef(reload);
  latest.current = reload;
  useEffect(() => theLive().add({ types, reload: () => latest.current() }), []);
}
