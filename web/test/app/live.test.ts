/* One connection for all pages, records told shortly after, asking now and then where there is no stream. */
import '../globals';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { LivePorts, LiveState, Source } from '../../src/app/live';

const { APART_MS, BEAT_MS, LEASE_MS, Live, POLL_MS } = await import('../../src/app/live');

class FakeSource implements Source {
  readyState = 0;
  onopen: ((e: Event) => unknown) | null = null;
  onerror: ((e: Event) => unknown) | null = null;
  readonly heard = new Map<string, (e: MessageEvent<string>) => void>();

  addEventListener(type: string, f: (e: MessageEvent<string>) => void): void {
    this.heard.set(type, f);
  }
  close(): void {
    this.readyState = 2;
  }
  open(): void {
    this.readyState = 1;
    this.onopen?.(new Event('open'));
  }
  record(type: string): void {
    this.heard.get('record')?.({ data: JSON.stringify({ seq: 1, type }) } as MessageEvent<string>);
  }
  fail(closed: boolean): void {
    this.readyState = closed ? 2 : 0;
    this.onerror?.(new Event('error'));
  }
}

/** A browser with several pages: what they share, and each page's own. */
class Browser {
  readonly stored = new Map<string, string>();
  readonly pages: Page[] = [];
  readonly sources: FakeSource[] = [];

  get open(): FakeSource[] {
    return this.sources.filter((s) => s.readyState !== 2);
  }
}

class Page {
  inSight = true;
  saveData = false;
  state: LiveState = 'off';
  reloads = 0;
  readonly channel: NonNullable<LivePorts['channel']>;
  readonly live: InstanceType<typeof Live>;

  constructor(browser: Browser, me: string) {
    browser.pages.push(this);
    this.channel = {
      onmessage: null,
      postMessage(data: unknown) {
        for (const p of browser.pages) {
          if (p.channel !== this) {
            p.channel.onmessage?.({ data } as MessageEvent);
          }
        }
      },
    };
    this.live = new Live({
      me,
      connect: () => {
        const s = new FakeSource();
        browser.sources.push(s);
        return s;
      },
      storage: {
        getItem: (k) => browser.stored.get(k) ?? null,
        setItem: (k, v) => void browser.stored.set(k, v),
        removeItem: (k) => void browser.stored.delete(k),
      },
      channel: this.channel,
      inSight: () => this.inSight,
      saveData: () => this.saveData,
      now: Date.now,
      random: () => 0.5,
      tell: (state) => {
        this.state = state;
      },
    });
  }

  watch(...types: string[]): () => void {
    return this.live.add({
      types,
      reload: () => {
        this.reloads++;
      },
    });
  }
}

let browser: Browser;

beforeEach(() => {
  vi.useFakeTimers();
  browser = new Browser();
});

afterEach(() => {
  vi.useRealTimers();
});

function page(name: string): Page {
  return new Page(browser, name);
}

function opened(): FakeSource {
  const s = browser.open[0];
  expect(s).toBeDefined();
  s?.open();
  return s as FakeSource;
}

describe('a page that keeps itself fresh', () => {
  it('reads again after records that matter to it, and only then', () => {
    const p = page('a');
    p.watch('notice.');
    const s = opened();
    expect(p.state).toBe('live');
    s.record('duty.reported');
    vi.advanceTimersByTime(10_000);
    expect(p.reloads).toBe(0);
    s.record('notice.acknowledged');
    vi.advanceTimersByTime(2_000);
    expect(p.reloads).toBe(1);
  });

  it('gathers what comes in bunches', () => {
    const p = page('a');
    p.watch('notice.');
    const s = opened();
    const seconds = 20;
    for (let i = 0; i < seconds * 10; i++) {
      s.record('notice.acknowledged');
      vi.advanceTimersByTime(100);
    }
    vi.advanceTimersByTime(APART_MS);
    expect(p.reloads).toBeGreaterThan(1);
    expect(p.reloads).toBeLessThanOrEqual((seconds * 1000) / APART_MS + 2);
  });

  it('reads everything again when the server lost count', () => {
    const p = page('a');
    p.watch('notice.');
    opened().heard.get('reset')?.({ data: '' } as MessageEvent<string>);
    vi.advanceTimersByTime(2_000);
    expect(p.reloads).toBe(1);
  });

  it('is not put off by words it does not understand', () => {
    const p = page('a');
    p.watch('notice.');
    opened().heard.get('record')?.({ data: 'not json' } as MessageEvent<string>);
    vi.advanceTimersByTime(2_000);
    expect(p.reloads).toBe(0);
  });

  it('hangs up when nothing on it wants to know', () => {
    const p = page('a');
    const stop = p.watch('notice.');
    opened();
    stop();
    expect(browser.open).toHaveLength(0);
    expect(p.state).toBe('off');
    vi.advanceTimersByTime(10 * POLL_MS);
    expect(browser.sources).toHaveLength(1);
  });
});

describe('several pages', () => {
  it('share one connection', () => {
    const [a, b, c] = [page('a'), page('b'), page('c')];
    for (const p of [a, b, c]) {
      p.watch('notice.');
    }
    const s = opened();
    vi.advanceTimersByTime(10 * BEAT_MS);
    expect(browser.sources).toHaveLength(1);
    expect([a.state, b.state, c.state]).toEqual(['live', 'live', 'live']);
    s.record('notice.issued');
    vi.advanceTimersByTime(2_000);
    expect([a.reloads, b.reloads, c.reloads]).toEqual([1, 1, 1]);
  });

  it('hand it on when the one that has it goes out of sight', () => {
    const [a, b] = [page('a'), page('b')];
    a.watch('notice.');
    b.watch('notice.');
    opened();
    a.inSight = false;
    a.live.sight();
    expect(browser.open).toHaveLength(0);
    vi.advanceTimersByTime(BEAT_MS);
    expect(browser.open).toHaveLength(1);
    opened().record('notice.issued');
    vi.advanceTimersByTime(APART_MS);
    expect(b.reloads).toBe(1);
    expect(a.reloads).toBe(0);
    a.inSight = true;
    a.live.sight();
    vi.advanceTimersByTime(APART_MS);
    expect(a.reloads).toBe(1);
    expect(browser.open).toHaveLength(1);
  });

  it('take over from one that died without a word', () => {
    const [a, b] = [page('a'), page('b')];
    a.watch('notice.');
    browser.stored.set('lianfang.live', `dead ${Date.now() + LEASE_MS}`);
    b.watch('notice.');
    vi.advanceTimersByTime(LEASE_MS + BEAT_MS);
    expect(browser.open).toHaveLength(1);
  });

  it('are not held up by a lease from a clock that was set back', () => {
    browser.stored.set('lianfang.live', `other ${Date.now() + 100 * LEASE_MS}`);
    page('a').watch('notice.');
    expect(browser.open).toHaveLength(1);
  });
});

describe('without a stream', () => {
  it('asks now and then, and tries again later', () => {
    const p = page('a');
    p.watch('notice.');
    browser.sources[0]?.fail(true);
    expect(p.state).toBe('polling');
    vi.advanceTimersByTime(POLL_MS + 5_000);
    expect(p.reloads).toBe(1);
    vi.advanceTimersByTime(60_000);
    expect(browser.sources.length).toBeGreaterThan(1);
    opened();
    expect(p.state).toBe('live');
    vi.advanceTimersByTime(APART_MS);
    const before = p.reloads;
    vi.advanceTimersByTime(5 * POLL_MS);
    expect(p.reloads).toBe(before);
  });

  it('reads again once the connection is back: something may have been missed', () => {
    const p = page('a');
    p.watch('notice.');
    const s = opened();
    s.fail(false);
    expect(p.state).toBe('polling');
    s.open();
    vi.advanceTimersByTime(APART_MS);
    expect(p.state).toBe('live');
    expect(p.reloads).toBe(1);
  });

  it('does nothing at all where the device asks to save data', () => {
    const p = page('a');
    p.saveData = true;
    p.watch('notice.');
    vi.advanceTimersByTime(10 * POLL_MS);
    expect(browser.sources).toHaveLength(0);
    expect(p.reloads).toBe(0);
    expect(p.state).toBe('off');
  });
});
