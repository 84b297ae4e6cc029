/* The outbox protocol under faults: nothing lost, nothing twice, nothing sent as somebody else. */
import { beforeEach, describe, expect, it } from 'vitest';
import { leaseLock, webLock } from '../../src/outbox/lock';
import { BATCH_MOST, backoffDelay, retryAfter } from '../../src/outbox/sender';
import { uuid7 } from '../../src/outbox/uuid';
import { assigned, Device, FakeServer, household, json, type Tab } from './fake';

let server: FakeServer;
let device: Device;
let tab: Tab;

beforeEach(async () => {
  server = new FakeServer();
  device = await Device.make(server);
  tab = device.tab();
});

async function states(t: Tab = tab): Promise<string[]> {
  return (await t.store.all()).map((e) => e.state);
}

describe('recording', () => {
  it('sends what was kept, in the order it was made, with the clock of the device', async () => {
    const made = await tab.store.add([household(), household(), household()]);
    expect(await states()).toEqual(['pending', 'pending', 'pending']);
    expect(await tab.run()).toEqual({ kind: 'idle' });
    expect(server.ledger.map((e) => e.id)).toEqual(made.map((e) => e.id));
    expect(server.clocks).toEqual(['2020-02-08T07:00:00.000Z']);
    expect((await tab.store.all()).map((e) => e.seq)).toEqual([1, 2, 3]);
  });

  it('keeps entries through a restart before anything was sent', async () => {
    await tab.store.add([household()]);
    await device.restart();
    const again = device.tab();
    expect(await states(again)).toEqual(['pending']);
    await again.run();
    expect(server.ledger).toHaveLength(1);
  });

  it('keeps several entries together or not at all', async () => {
    const h = household();
    await tab.store.add([h]);
    await expect(tab.store.add([household(), h])).rejects.toThrow();
    expect(await tab.store.all()).toHaveLength(1);
  });

  it('does not send drafts, and sends them once they are submitted', async () => {
    const h = household();
    await tab.store.add([h], 'draft');
    await tab.store.saveDraft(h.event.id, { ...h, event: { ...h.event, data: { ...h.event.data, members: 5 } } });
    await tab.run();
    expect(server.requests).toHaveLength(0);
    await tab.store.submit(h.event.id, { ...h, event: { ...h.event, data: { ...h.event.data, members: 6 } } }, [
      assigned(h),
    ]);
    await tab.store.saveDraft(h.event.id, h); // an autosave that comes late
    await tab.store.submit(h.event.id, h, [assigned(h)]); // a second tap on the button
    await tab.run();
    expect(server.ledger[0]?.data.members).toBe(6);
    expect(server.ledger.map((e) => e.type)).toEqual(['household.registered', 'household.assigned']);
  });

  it('stores plain JSON', async () => {
    const h = household();
    await tab.store.add([
      { ...h, event: { ...h.event, data: { ...h.event.data, when: new Date(0), none: undefined } } },
    ]);
    const [e] = await tab.store.all();
    expect(e?.event.data.when).toBe('1970-01-01T00:00:00.000Z');
    expect('none' in (e?.event.data ?? {})).toBe(false);
  });
});

describe('crash and cut', () => {
  it('records once when the page dies between send and answer', async () => {
    await tab.store.add([household()]);
    let died: () => void = () => undefined;
    const dying = new Promise<void>((r) => {
      died = r;
    });
    server.faults.push((_e, serve) => {
      serve(); // the server has it
      died();
      return new Promise(() => undefined); // and the page never hears
    });
    void tab.run();
    await dying;
    expect(await states()).toEqual(['sending']);
    await device.restart();
    device.clock.t += 60_000; // the dead page's lease runs out
    const again = device.tab();
    expect(await again.run()).toEqual({ kind: 'idle' });
    expect(await states(again)).toEqual(['recorded']);
    expect(server.ledger).toHaveLength(1);
    expect(server.requests).toHaveLength(2);
  });

  it('goes back to pending when the connection breaks, and backs off', async () => {
    await tab.store.add([household()]);
    server.faults.push(() => {
      throw new TypeError('network');
    });
    const o = await tab.run();
    expect(o).toEqual({ kind: 'pause', until: device.clock.t + 1500, asked: false });
    expect(await states()).toEqual(['pending']);
    expect(await tab.run()).toMatchObject({ kind: 'pause' });
    expect(server.requests).toHaveLength(1);
    device.clock.t += 1501;
    expect(await tab.run()).toEqual({ kind: 'idle' });
  });

  it('takes an answer cut off in the middle for no answer', async () => {
    await tab.store.add([household()]);
    server.faults.push((_e, serve) => {
      serve();
      return new Response('{"results":[{"id":"', { headers: { 'Content-Type': 'application/json' } });
    });
    expect(await tab.run()).toMatchObject({ kind: 'pause' });
    expect(await states()).toEqual(['pending']);
    device.clock.t += 10_000;
    await tab.run();
    expect(await states()).toEqual(['recorded']);
    expect(server.ledger).toHaveLength(1);
  });

  it('does not believe the sign-in page of a café network', async () => {
    await tab.store.add([household()]);
    server.faults.push(() => new Response('<html>', { headers: { 'Content-Type': 'text/html' } }));
    server.faults.push(() => json(200, { ok: true }));
    await tab.run();
    device.clock.t += 600_000;
    await tab.run();
    expect(await states()).toEqual(['pending']);
  });

  it('leaves an entry pending when its result is missing', async () => {
    const made = await tab.store.add([household(), household(), household()]);
    server.faults.push((list) => {
      const rest = list.filter((_, i) => i !== 1);
      return server.record(rest);
    });
    expect(await tab.run()).toMatchObject({ kind: 'pause' });
    expect(await states()).toEqual(['recorded', 'pending', 'recorded']);
    device.clock.t += 10_000;
    await tab.run();
    expect(await states()).toEqual(['recorded', 'recorded', 'recorded']);
    expect(server.ledger.filter((e) => e.id === made[1]?.id)).toHaveLength(1);
  });

  it('does not count a result for an id it did not send', async () => {
    await tab.store.add([household()]);
    server.faults.push(() => json(200, { results: [{ id: uuid7(), status: 'recorded', seq: 9 }] }));
    await tab.run();
    expect(await states()).toEqual(['pending']);
  });
});

describe('refusals', () => {
  it('keeps the reason of one in the middle and records the rest', async () => {
    const list = [household(), household(), household()];
    server.refuse.set(list[1]?.event.id ?? '', { code: 'place_level', message: '地点不是村或网格' });
    await tab.store.add(list);
    expect(await tab.run()).toEqual({ kind: 'idle' });
    expect(await states()).toEqual(['recorded', 'refused', 'recorded']);
    expect((await tab.store.all())[1]?.error).toEqual({ code: 'place_level', message: '地点不是村或网格' });
  });

  it('holds back what builds on a refused entry, and sends it once that is mended', async () => {
    const h = household();
    const a = assigned(h);
    server.refuse.set(h.event.id, { code: 'field_form', message: '' });
    await tab.store.add([h, a]);
    server.faults.push(() => server.record([h.event])); // its batch mate gets no result
    await tab.run();
    device.clock.t += 10_000;
    await tab.run();
    expect(await states()).toEqual(['refused', 'pending']);
    expect(server.ledger).toHaveLength(0);
    const id = await tab.store.mend(h.event.id, uuid7());
    const draft = await tab.store.get(id ?? '');
    expect(draft?.state).toBe('draft');
    expect(draft?.id).not.toBe(h.event.id);
    expect(draft?.error?.code).toBe('field_form');
    if (draft) {
      await tab.store.submit(draft.id, draft);
    }
    device.clock.t += 600_000;
    await tab.run();
    expect(server.ledger.map((e) => e.type)).toEqual(['household.registered', 'household.assigned']);
  });

  it('sends a refused entry again as it is when asked', async () => {
    const h = household();
    server.refuse.set(h.event.id, { code: 'closed', message: '' });
    await tab.store.add([h]);
    await tab.run();
    server.refuse.clear();
    await tab.store.again(h.event.id);
    await tab.run();
    expect(await states()).toEqual(['recorded']);
  });

  it('discards a refused entry together with what builds on it, but nothing that was sent', async () => {
    const h = household();
    const a = assigned(h);
    const other = household();
    server.refuse.set(h.event.id, { code: 'x', message: '' });
    await tab.store.add([h, other]);
    await tab.run();
    await tab.store.add([a]);
    expect(await tab.store.discard(other.event.id)).toEqual([]);
    expect(await tab.store.discard(h.event.id)).toEqual([h.event.id, a.event.id]);
    expect(await states()).toEqual(['recorded']);
  });

  it('lets what never left be mended or discarded, not what may have arrived', async () => {
    const [never, sent] = [household(), household()];
    await tab.store.add([sent]);
    server.faults.push(() => {
      throw new TypeError('network');
    });
    await tab.run();
    await tab.store.add([never]);
    expect(await tab.store.mend(sent.event.id, uuid7())).toBeUndefined();
    expect(await tab.store.discard(sent.event.id)).toEqual([]);
    expect(await tab.store.discard(never.event.id)).toEqual([never.event.id]);
  });

  it('takes a duplicate for success', async () => {
    const h = household();
    server.ledger.push(h.event);
    await tab.store.add([h]);
    await tab.run();
    expect(await states()).toEqual(['recorded']);
  });
});

describe('batches', () => {
  it('puts at most 50 in a request', async () => {
    await tab.store.add(Array.from({ length: 120 }, () => household()));
    await tab.run();
    expect(server.requests.map((r) => r.length)).toEqual([BATCH_MOST, BATCH_MOST, 20]);
  });

  it('keeps a request below a megabyte', async () => {
    const big = () => {
      const h = household();
      return { ...h, event: { ...h.event, data: { ...h.event.data, address: '长'.repeat(100_000) } } };
    };
    await tab.store.add([big(), big(), big(), big(), household()]);
    await tab.run();
    expect(server.requests.map((r) => r.length)).toEqual([3, 2]);
  });

  it('halves on 413 and finishes', async () => {
    await tab.store.add(Array.from({ length: 40 }, () => household()));
    const tooLarge = () => json(413, { title: 'too large' });
    server.faults.push(tooLarge, tooLarge);
    expect(await tab.run()).toEqual({ kind: 'idle' });
    expect(server.requests.map((r) => r.length)).toEqual([40, 20, 10, 20, 10]);
    expect(server.ledger).toHaveLength(40);
  });

  it('refuses the one entry that no request can carry', async () => {
    const [before, big, after] = [household(), household(), household()];
    await tab.store.add([before, big, after]);
    const serve = server.post;
    server.post = async (events, at) => {
      const carries = (events as { id: string }[]).some((e) => e.id === big.event.id);
      return carries ? json(413, { detail: '过大', code: 'too_large' }) : serve(events, at);
    };
    tab = device.tab();
    await tab.run();
    expect(await states()).toEqual(['recorded', 'refused', 'recorded']);
    expect((await tab.store.get(big.event.id))?.error).toMatchObject({ code: 'too_large', message: '过大' });
  });

  it('finds the entry that makes a body malformed', async () => {
    const [a, b, bad, c] = [household(), household(), household(), household()];
    await tab.store.add([a, b, bad, c]);
    const serve = server.post;
    server.post = async (events, at) => {
      const carries = (events as { id: string }[]).some((e) => e.id === bad.event.id);
      return carries ? json(400, { detail: '不认识的字段', field: 'data.x' }) : serve(events, at);
    };
    tab = device.tab();
    await tab.run();
    expect(await states()).toEqual(['recorded', 'recorded', 'refused', 'recorded']);
  });
});

describe('backoff', () => {
  it('doubles from 2 s to 5 min, half of it jitter', () => {
    expect([0, 1, 2, 3].map((n) => backoffDelay(n, 0))).toEqual([1000, 2000, 4000, 8000]);
    expect([0, 1, 2, 3].map((n) => backoffDelay(n, 1))).toEqual([2000, 4000, 8000, 16000]);
    expect(backoffDelay(30, 1)).toBe(300_000);
    expect(backoffDelay(3000, 0)).toBe(150_000);
  });

  it.each([429, 503])('honours Retry-After on %i, also against a person in a hurry', async (status) => {
    await tab.store.add([household()]);
    server.faults.push(() => json(status, {}, { 'Retry-After': '90' }));
    expect(await tab.run()).toEqual({ kind: 'pause', until: device.clock.t + 90_000, asked: true });
    await tab.sender.hurry();
    device.clock.t += 89_000;
    expect(await tab.run()).toMatchObject({ kind: 'pause', asked: true });
    expect(server.requests).toHaveLength(1);
    device.clock.t += 1_001;
    expect(await tab.run()).toEqual({ kind: 'idle' });
  });

  it('reads Retry-After in both forms', () => {
    expect(retryAfter('7', 0)).toBe(7000);
    expect(retryAfter(new Date(60_000).toUTCString(), 50_000)).toBe(10_000);
    expect(retryAfter('soon', 0)).toBeUndefined();
    expect(retryAfter(null, 0)).toBeUndefined();
    expect(retryAfter('99999999', 0)).toBe(3_600_000);
  });

  it('is one clock: another tab and a restarted page wait too', async () => {
    await tab.store.add([household()]);
    server.faults.push(() => json(500, {}));
    await tab.run();
    expect(await device.tab().run()).toMatchObject({ kind: 'pause' });
    await device.restart();
    expect(await device.tab().run()).toMatchObject({ kind: 'pause' });
    expect(server.requests).toHaveLength(1);
  });

  it('a person ends our own pause, success ends the counting', async () => {
    await tab.store.add([household()]);
    for (let i = 0; i < 4; i++) {
      server.faults.push(() => json(502, {}));
    }
    for (let i = 0; i < 3; i++) {
      await tab.run();
      device.clock.t += 600_000;
    }
    expect(await tab.run()).toEqual({ kind: 'pause', until: device.clock.t + 12_000, asked: false });
    await tab.sender.hurry();
    expect(await tab.run()).toEqual({ kind: 'idle' });
    expect(await tab.store.backoff()).toEqual({ failures: 0, pauseUntil: 0, askedUntil: 0 });
  });

  it('does not sleep for years when the clock was set back', async () => {
    await tab.store.add([household()]);
    server.faults.push(() => json(500, {}));
    device.clock.t += 365 * 86_400_000;
    await tab.run();
    device.clock.t -= 365 * 86_400_000;
    expect(await tab.run()).toEqual({ kind: 'idle' });
  });
});

describe('sessions', () => {
  it('keeps the queue on 401 and asks to sign in', async () => {
    await tab.store.add([household()]);
    server.faults.push(() => json(401, {}));
    expect(await tab.run()).toEqual({ kind: 'sign_in' });
    expect(await states()).toEqual(['pending']);
    expect(await tab.run()).toEqual({ kind: 'idle' });
  });

  it('sends nothing while signed out, unreachable, or under another account', async () => {
    await tab.store.add([household()]);
    server.who = 'signed_out';
    expect(await tab.run()).toEqual({ kind: 'sign_in' });
    server.who = { account: 'county' };
    expect(await tab.run()).toEqual({ kind: 'sign_in' });
    server.who = 'unreachable';
    expect(await tab.run()).toMatchObject({ kind: 'pause' });
    expect(server.requests).toHaveLength(0);
    expect((await tab.store.all())[0]?.tries).toBe(0);
  });

  it("leaves another account's entries alone", async () => {
    await tab.store.add([household('county'), household()]);
    await tab.run();
    expect(await states()).toEqual(['pending', 'recorded']);
    server.who = { account: 'county' };
    await tab.run('county');
    expect(await states()).toEqual(['recorded', 'recorded']);
  });

  it('forgets recorded entries on sign-out and keeps every unsent one', async () => {
    const refused = household();
    server.refuse.set(refused.event.id, { code: 'x', message: '' });
    await tab.store.add([household(), refused]);
    await tab.run();
    await tab.store.add([household()]);
    await tab.store.add([household()], 'draft');
    await tab.store.forgetRecorded(true);
    expect(await states()).toEqual(['refused', 'pending', 'draft']);
  });

  it('forgets recorded entries after a week', async () => {
    await tab.store.add([household()]);
    await tab.run();
    device.clock.t += 6 * 86_400_000;
    await tab.store.forgetRecorded();
    expect(await states()).toEqual(['recorded']);
    device.clock.t += 2 * 86_400_000;
    await tab.store.forgetRecorded();
    expect(await states()).toEqual([]);
  });
});

describe('two tabs', () => {
  it('only one sends, by lease where there are no Web Locks', async () => {
    const other = device.tab();
    await tab.store.add([household()]);
    let answer: (r: Response) => void = () => undefined;
    let arrived: () => void = () => undefined;
    const arriving = new Promise<void>((r) => {
      arrived = r;
    });
    server.faults.push((_e, serve) => {
      arrived();
      return new Promise<Response>((r) => {
        answer = () => r(serve());
      });
    });
    const first = tab.run();
    await arriving;
    expect(await other.run()).toMatchObject({ kind: 'other_tab' });
    expect(await states(other)).toEqual(['sending']);
    answer(new Response());
    expect(await first).toEqual({ kind: 'idle' });
    expect(await other.run()).toEqual({ kind: 'idle' });
    expect(server.requests).toHaveLength(1);
  });

  it('a tab that wakes after its lease ran out spoils nothing', async () => {
    const other = device.tab();
    await tab.store.add([household()]);
    let wake: () => void = () => undefined;
    let arrived: () => void = () => undefined;
    const arriving = new Promise<void>((r) => {
      arrived = r;
    });
    server.faults.push(() => {
      arrived();
      return new Promise<Response>((_r, reject) => {
        wake = () => reject(new TypeError('network'));
      });
    });
    const first = tab.run();
    await arriving;
    device.clock.t += 60_000;
    expect(await other.run()).toEqual({ kind: 'idle' });
    wake();
    await first;
    expect(await states()).toEqual(['recorded']);
    expect(server.ledger).toHaveLength(1);
  });

  it('two leases exclude each other, and a lease from a wrong clock does not block for ever', async () => {
    const { db, clock } = device;
    const a = leaseLock(db, 'a', clock.now);
    const b = leaseLock(db, 'b', clock.now);
    let inside = false;
    await a.tryRun(async () => {
      inside = await b.tryRun(async () => undefined);
    });
    expect(inside).toBe(false);
    expect(await b.tryRun(async () => undefined)).toBe(true);
    await db.put('meta', { holder: 'c', until: clock.t + 86_400_000 }, 'lease');
    expect(await b.tryRun(async () => undefined)).toBe(true);
  });

  it('uses a Web Lock where there is one', async () => {
    let held = false;
    const locks = {
      request: async (_n: string, _o: unknown, work: (lock: unknown) => Promise<void>) => {
        if (held) {
          return work(null);
        }
        held = true;
        try {
          return await work({});
        } finally {
          held = false;
        }
      },
    } as unknown as LockManager;
    const lock = webLock(locks);
    let inner = true;
    expect(
      await lock.tryRun(async () => {
        inner = await webLock(locks).tryRun(async () => undefined);
      }),
    ).toBe(true);
    expect(inner).toBe(false);
  });
});

describe('order', () => {
  it('sends the maker before what builds on it, though the clock ran backwards', async () => {
    const h = household();
    const a = assigned(h);
    await tab.store.add([{ ...a, event: { ...a.event, id: `0${a.event.id.slice(1)}` } }]);
    await tab.store.add([h]);
    const [first, second] = await tab.store.all();
    if (first && second) {
      // As stored when the clock was set back between the two: the assignment sorts first.
      await device.db.put('entries', { ...first, order: '0', id: first.id });
      await device.db.put('entries', { ...second, order: '1' });
    }
    expect(await tab.run()).toEqual({ kind: 'idle' });
    expect(server.ledger.map((e) => e.type)).toEqual(['household.registered', 'household.assigned']);
  });

  it('makes ids that increase within a page, in version 7 form', () => {
    const ids = Array.from({ length: 5000 }, () => uuid7(1_580_000_000_000));
    expect([...ids].sort()).toEqual(ids);
    expect(new Set(ids).size).toBe(ids.length);
    const later = uuid7(1_570_000_000_000);
    expect(later > (ids.at(-1) ?? '')).toBe(true);
    for (const id of ids.slice(0, 50)) {
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    }
  });
});
