/* What a phone carries: taken in whole or not at all, one account's alone, and given in the form of the server's
 * answers. Also whom a checkpoint's phone remembers, and for how long. */
import 'fake-indexeddb/auto';
import '../globals';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { json } from '../outbox/fake';

const { fieldDatabase } = await import('../../src/app/field-db');
const { carried, carriedFor, syncOnce, takeIn } = await import('../../src/app/sync');
const { kept, setCarried, setupReads, wipeReads } = await import('../../src/api/reads');
const { openDatabase } = await import('../../src/outbox/db');
const { keepPassage, KEEP_MS, lastInVehicle, purge, seenHere } = await import(
  '../../src/screens/checkpoint/remembered'
);

const VILLAGE = '610927100005';
const ME = 'grid';
type Reply = { status?: number; body: unknown };

const household = (id: string, place = VILLAGE, group = 'g1') => ({
  kind: 'household',
  id,
  place,
  data: { id, place, group, head: `户${id}` },
});

/** A server that gives these answers in order and notes what it was asked. */
function server(...replies: Reply[]) {
  const asked: string[] = [];
  const get = vi.fn(async (path: string | Request) => {
    asked.push(String(path));
    const r = replies.shift() ?? { status: 500, body: {} };
    return json(r.status ?? 200, r.body);
  });
  return { asked, get: get as unknown as Parameters<typeof syncOnce>[2] };
}

beforeEach(async () => {
  const db = await fieldDatabase();
  await Promise.all([db.clear('items'), db.clear('meta'), db.clear('passed')]);
});

describe('sync', () => {
  it('asks on until nothing is left, then from where it stopped', async () => {
    const db = await fieldDatabase();
    const s = server(
      { body: { items: [household('1')], next: 'a', more: true } },
      { body: { items: [household('2')], next: 'b', more: false } },
      { body: { items: [household('1', VILLAGE, 'g2')], drop: [{ kind: 'household', id: '2' }], next: 'c' } },
    );
    expect(await syncOnce(db, ME, s.get)).toBe(true);
    expect(await syncOnce(db, ME, s.get)).toBe(true);
    expect(s.asked).toEqual(['/api/v1/sync', '/api/v1/sync?after=a', '/api/v1/sync?after=b']);
    const all = await db.getAll('items');
    expect(all.map((i) => i.data)).toEqual([{ id: '1', place: VILLAGE, group: 'g2', head: '户1' }]);
  });

  it('begins anew for another account, and when the server no longer knows the point', async () => {
    const db = await fieldDatabase();
    await takeIn(db, 'somebody', { items: [household('9')], next: 'z' }, true);
    const s = server({ body: { items: [household('1')], next: 'a' } });
    await syncOnce(db, ME, s.get);
    expect(s.asked).toEqual(['/api/v1/sync']);
    expect((await db.getAll('items')).map((i) => i.id)).toEqual(['1']);
    const t = server({ status: 410, body: {} }, { body: { items: [household('3')], next: 'b' } });
    await syncOnce(db, ME, t.get);
    expect(t.asked).toEqual(['/api/v1/sync?after=a', '/api/v1/sync']);
    expect((await db.getAll('items')).map((i) => i.id)).toEqual(['3']);
  });

  it('leaves everything as it was when the answer does not come', async () => {
    const db = await fieldDatabase();
    await takeIn(db, ME, { items: [household('1')], next: 'a' }, true);
    const cut = vi.fn(() => Promise.reject(new TypeError('network'))) as unknown as Parameters<typeof syncOnce>[2];
    await expect(syncOnce(db, ME, cut)).rejects.toThrow();
    expect(await syncOnce(db, ME, server({ status: 503, body: {} }).get)).toBe(true);
    expect((await db.get('meta', 'carried'))?.cursor).toBe('a');
    expect(await db.count('items')).toBe(1);
  });

  it('takes no for an answer from a server without it', async () => {
    expect(await syncOnce(await fieldDatabase(), ME, server({ status: 404, body: {} }).get)).toBe(false);
  });

  it('does not go round for ever when the point stands still', async () => {
    const s = server(
      { body: { items: [], next: 'a', more: true } },
      { body: { items: [], next: 'a', more: true } },
      { body: { items: [], next: 'a', more: true } },
    );
    await syncOnce(await fieldDatabase(), ME, s.get);
    expect(s.asked.length).toBeLessThan(3);
  });
});

describe('what is carried', () => {
  const read = async (path: string, params: object, account = ME) =>
    (await carriedFor(await fieldDatabase(), account, path, params))?.body as { items?: { id: string }[] } | undefined;

  beforeEach(async () => {
    const items = [household('1'), household('2', VILLAGE, 'g2'), household('3', '610927101201')];
    await takeIn(await fieldDatabase(), ME, { items, next: 'a' }, true);
  });

  it('answers for one thing and for a list by place and group', async () => {
    expect(await read('/api/v1/grid/households/{id}', { path: { id: '2' } })).toMatchObject({ id: '2' });
    const ids = async (query: object) => (await read('/api/v1/grid/households', { query }))?.items?.map((i) => i.id);
    expect(await ids({ place: VILLAGE })).toEqual(['1', '2']);
    expect(await ids({ place: '610927000000' })).toEqual(['1', '2', '3']);
    expect(await ids({ group: 'g2' })).toEqual(['2']);
  });

  it('says nothing where it cannot know', async () => {
    expect(await read('/api/v1/grid/households/{id}', { path: { id: '9' } })).toBeUndefined();
    expect(await read('/api/v1/grid/households', { query: { q: '王' } })).toBeUndefined();
    expect(await read('/api/v1/grid/households', { query: { place: VILLAGE, as_of: '2020-02-01' } })).toBeUndefined();
    expect(await read('/api/v1/figures', {})).toBeUndefined();
    expect(await read('/api/v1/grid/households/{id}', { path: { id: '1' } }, 'somebody')).toBeUndefined();
  });

  it('stands in for a read without network, and is gone after signing out', async () => {
    setupReads(await openDatabase('carried'), () => ME);
    setCarried(async () => carried);
    const params = { path: { id: '1' } } as Parameters<typeof kept<'/api/v1/grid/households/{id}'>>[1];
    expect(await kept('/api/v1/grid/households/{id}', params)).toMatchObject({ body: { id: '1' }, kept: true });
    await wipeReads();
    expect(await kept('/api/v1/grid/households/{id}', params)).toBeUndefined();
  });
});

describe('people seen here', () => {
  const form = (plate: string, name: string, id: string) =>
    ({
      site: 's',
      direction: 'in',
      onFoot: false,
      province: '陕',
      plate,
      kind: '',
      people: [{ name, id, subject: '', phone: '', origin: '', place: '', placeName: '', address: '' }],
    }) as unknown as Parameters<typeof keepPassage>[1];
  const HOUR = 3_600_000;
  const NOW = 1_581_000_000_000;

  it('are found by plate and by id number, the last passage first', async () => {
    await keepPassage('1', form('G12345', '王一', '11010519491231002X'), NOW - 2 * HOUR);
    await keepPassage('2', form('g12345', '王二', '440524188001010014'), NOW - HOUR);
    expect((await lastInVehicle('陕G12345', NOW)).map((p) => p.name)).toEqual(['王二']);
    expect(await seenHere('11010519491231002X', NOW)).toMatchObject({ name: '王一' });
    expect(await seenHere('没有', NOW)).toBeUndefined();
  });

  it('are forgotten after a shift and a day', async () => {
    await keepPassage('1', form('G12345', '王一', '11010519491231002X'), NOW - KEEP_MS + HOUR);
    expect(await seenHere('11010519491231002X', NOW)).toBeDefined();
    expect(await seenHere('11010519491231002X', NOW + 2 * HOUR)).toBeUndefined();
    await purge(NOW + 2 * HOUR);
    expect(await (await fieldDatabase()).count('passed')).toBe(0);
  });
});
