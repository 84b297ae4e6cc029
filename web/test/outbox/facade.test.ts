/* The outbox as screens see it: recording, the signals, and what sets the sender going. */
import 'fake-indexeddb/auto';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { FakeServer, household, json } from './fake';

const listeners = new Map<string, () => void>();
vi.stubGlobal('addEventListener', (name: string, f: () => void) => listeners.set(name, f));
vi.stubGlobal('document', { addEventListener: () => undefined, visibilityState: 'visible' });
vi.stubGlobal('navigator', {});

let server: FakeServer;
let account: string | undefined;
const signInNeeded = vi.fn();
let n = 0;

/** A fresh page on the same device: the module's state is gone, the database stays. */
async function openApp(device: string) {
  vi.resetModules();
  listeners.clear();
  const outbox = await import('../../src/outbox/outbox');
  const { openDatabase } = await import('../../src/outbox/db');
  await outbox.startOutbox({
    db: await openDatabase(device),
    account: () => account,
    post: server.post,
    whoAmI: async () => server.who,
    signInNeeded,
  });
  return outbox;
}

const content = () => {
  const { event, title, makes } = household();
  return { event, title, makes };
};

beforeEach(() => {
  server = new FakeServer();
  account = 'town100';
  signInNeeded.mockReset();
  n++;
});

afterEach(() => vi.useRealTimers());

it('records, shows it at once, sends it, and tells the readers', async () => {
  const outbox = await openApp(`facade-${n}`);
  const [made] = await outbox.record([content()]);
  expect(outbox.entries.value.map((e) => e.id)).toEqual([made?.id]);
  await vi.waitFor(() => expect(outbox.entries.value[0]?.state).toBe('recorded'));
  expect(outbox.recordedTick.value).toBe(1);
  expect(outbox.waitingEntries.value).toEqual([]);
  expect(server.ledger).toHaveLength(1);
});

it('refuses to record for nobody', async () => {
  const outbox = await openApp(`facade-${n}`);
  account = undefined;
  await expect(outbox.record([content()])).rejects.toThrow();
});

it('asks to sign in on 401, keeps the entry, and sends it after signing in', async () => {
  const outbox = await openApp(`facade-${n}`);
  server.faults.push(() => json(401, {}));
  await outbox.record([content()]);
  await vi.waitFor(() => expect(signInNeeded).toHaveBeenCalled());
  expect(outbox.entries.value[0]?.state).toBe('pending');
  await outbox.retryNow();
  await vi.waitFor(() => expect(outbox.entries.value[0]?.state).toBe('recorded'));
});

it('tries again by itself after a pause, and at once when the network returns', async () => {
  const outbox = await openApp(`facade-${n}`);
  server.who = 'unreachable';
  await outbox.record([content()]);
  await vi.waitFor(() => expect(outbox.outcome.value.kind).toBe('pause'));
  server.who = { account: 'town100' };
  listeners.get('online')?.();
  await vi.waitFor(() => expect(outbox.entries.value[0]?.state).toBe('recorded'));
});

it('hears a wish to send now also while an attempt is failing', async () => {
  const outbox = await openApp(`facade-${n}`);
  let fail: () => void = () => undefined;
  let arrived: () => void = () => undefined;
  const arriving = new Promise<void>((r) => {
    arrived = r;
  });
  server.faults.push(
    () =>
      new Promise<Response>((_r, reject) => {
        arrived();
        fail = () => reject(new TypeError('network'));
      }),
  );
  await outbox.record([content()]);
  await arriving;
  await outbox.retryNow();
  fail();
  await vi.waitFor(() => expect(outbox.entries.value[0]?.state).toBe('recorded'));
  expect(server.requests).toHaveLength(2);
});

it('finds unsent work of an earlier page and what was in hand when it died', async () => {
  const first = await openApp(`facade-${n}`);
  let died: () => void = () => undefined;
  const dying = new Promise<void>((r) => {
    died = r;
  });
  server.faults.push((_e, serve) => {
    serve();
    died();
    return new Promise(() => undefined);
  });
  await first.record([content()]);
  await dying;
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 60_000 }); // the dead page's lease runs out
  const second = await openApp(`facade-${n}`);
  expect(second.entries.value.map((e) => e.state)).toEqual(['sending']);
  await second.kick();
  expect(second.entries.value.map((e) => e.state)).toEqual(['recorded']);
  expect(server.ledger).toHaveLength(1);
});

it('says how long the oldest has been waiting', async () => {
  const outbox = await openApp(`facade-${n}`);
  server.who = 'unreachable';
  const [a] = await outbox.record([content()]);
  await outbox.record([content()]);
  expect(outbox.oldestWaiting.value).toBe(a?.made);
});
