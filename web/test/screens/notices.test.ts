/* What the notices screens decide themselves: whom a document names, what a form accepts, what a cascade's rows say. */
import '../globals';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Cascade, CascadeRow, Notice } from '../../src/api/desk';

const { addTexts } = await import('../../src/texts/texts');
const { zhNotices } = await import('../../src/texts/zh-notices');
const { audienceText, parentOf } = await import('../../src/screens/notice/audience');
const { longDay, paragraphs } = await import('../../src/screens/notice/document');
const { checkNotice, firstForm, lastOwn, nextNumber } = await import('../../src/screens/notice-new/form');
const { clockOf, endOf, heldUp, kept, stateOf, steps, unanswered } = await import('../../src/screens/cascade/rows');
const { clockText } = await import('../../src/screens/notice/notice');
const { waitsForMe } = await import('../../src/screens/notices/notices');
const { noticeAcknowledged, noticeIssued } = await import('../../src/app/records-desk');
const { duration, fromInput, toInput } = await import('../../src/parts/moment');

beforeAll(() => addTexts(zhNotices));

const TOWNS = ['610927100000', '610927101000'];
const NAMES = new Map([
  ['610927100000', '甲镇'],
  ['610927101000', '乙镇'],
  ['610927100200', '丙村'],
]);

describe('the audience in words', () => {
  const say = (to: Parameters<typeof audienceText>[0], below = TOWNS) =>
    audienceText(to, NAMES, below, (c) => `<${c}>`);

  it('names all places below at once', () => {
    expect(say({ places: [...TOWNS] })).toBe('各镇');
    expect(say({ places: [...TOWNS, '610927100200'] })).toBe('各镇、丙村');
  });

  it('names some of them one by one', () => {
    expect(say({ places: ['610927101000'] })).toBe('乙镇');
  });

  it('counts those whose names cannot be had', () => {
    expect(say({ places: ['610927100000', '610927102000', '610927103000'] }, [])).toBe('甲镇、2 个乡镇');
  });

  it('names people after places', () => {
    expect(say({ categories: ['retired_official'], party_members: true })).toBe('全体党员、<retired_official>');
    expect(say({})).toBe('');
  });

  it.each([
    ['610927100200', '610927100000'],
    ['610927100000', '610927000000'],
    ['610927100200001', '610927100200'],
  ])('%s lies directly below %s', (code, above) => {
    expect(parentOf(code)).toBe(above);
  });
});

describe('the document', () => {
  it('sets headings apart and leaves empty lines out', () => {
    expect(paragraphs('一、提高站位\n\n 正文。\n（一）压实责任\n1.到岗\n一天两次测温。')).toEqual([
      { text: '一、提高站位', heading: true },
      { text: '正文。', heading: false },
      { text: '（一）压实责任', heading: true },
      { text: '1.到岗', heading: true },
      { text: '一天两次测温。', heading: false },
    ]);
  });

  it('is dated in the county, without padding', () => {
    expect(longDay('2020-01-23T17:00:00Z')).toBe('2020年1月24日');
  });
});

const notice = (change: Partial<Notice> = {}) =>
  ({
    id: 'n',
    place: '610927000000',
    title: '紧急通知',
    issuer: '县',
    body: '正文',
    number: '县办〔2020〕2号',
    ...change,
  }) as Notice;

describe('numbers of documents', () => {
  it.each([
    ['县办〔2020〕2号', 2020, '县办〔2020〕3号'],
    ['县办〔2020〕9号', 2020, '县办〔2020〕10号'],
    ['县办〔2020〕2号', 2021, ''],
    ['第二号', 2020, ''],
    [undefined, 2020, ''],
  ])('%s is followed in %i by “%s”', (last, year, next) => {
    expect(nextNumber(last, year)).toBe(next);
  });

  it('follow the latest that the place itself issued, not one it received from above', () => {
    const received = { place: 'p', number: '市办〔2020〕8号' } as Notice;
    const own = { place: 'p', parent: 'x', number: '县办〔2020〕2号' } as Notice;
    expect(lastOwn([{ place: 'q' } as Notice, received, own], 'p')).toBe(own);
    expect(lastOwn([received], 'p')).toBe(received);
    expect(lastOwn(undefined, 'p')).toBeUndefined();
  });
});

describe('the form of a notice', () => {
  const now = Date.parse('2020-01-24T10:00:00+08:00');
  const known = { place: '610927100000', placeName: '甲镇', below: ['610927100200'], now };

  it('passes a notice on with its text, its kind and its hour, to everybody below', () => {
    const by = '2020-01-24T18:00:00+08:00';
    const f = firstForm({ ...known, parent: notice({ kind: 'emergency_notice', acknowledge_by: by }) });
    expect(f).toMatchObject({ kind: 'emergency_notice', parent: 'n', places: ['610927100200'], acknowledge_by: by });
    expect(f.title).toContain('紧急通知');
    expect(f.body).toContain('正文');
    expect(f.issuer).toBe('甲镇');
  });

  it('forgets an hour that has passed', () => {
    const f = firstForm({ ...known, parent: notice({ acknowledge_by: '2020-01-24T09:00:00+08:00' }) });
    expect(f.acknowledge_by).toBe('');
  });

  it('stays within what the server takes, however long the text above', () => {
    expect(
      checkNotice(firstForm({ ...known, parent: notice({ body: '字'.repeat(20_000) }) }), now).body,
    ).toBeUndefined();
  });

  const filled = { ...firstForm(known), title: '通知', body: '正文', places: ['610927100200'] };

  it('accepts what is whole', () => {
    expect(checkNotice(filled, now)).toEqual({});
  });

  it.each([
    ['title', { title: ' ' }],
    ['body', { body: '' }],
    ['issuer', { issuer: ' ' }],
    ['audience', { places: [] }],
    ['acknowledge_by', { acknowledge_by: '2020-01-24T09:59:00+08:00' }],
  ])('asks for the %s', (name, change) => {
    expect(Object.keys(checkNotice({ ...filled, ...change }, now))).toEqual([name]);
  });

  it('sends no empty fields', () => {
    const { event, makes } = noticeIssued(filled);
    expect(JSON.parse(JSON.stringify(event.data))).toEqual({
      id: filled.id,
      kind: 'notice',
      title: '通知',
      body: '正文',
      issuer: '甲镇',
      to: { places: ['610927100200'] },
    });
    expect(makes).toBe(filled.id);
    expect(event.place).toBe('610927100000');
  });
});

describe('acknowledging', () => {
  it('happens at the unit, and waits for a notice that is itself unsent', () => {
    const { event, uses } = noticeAcknowledged('n', '610927100200', '');
    expect(event).toMatchObject({ place: '610927100200', data: { notice: 'n', unit: '610927100200' } });
    expect(uses).toEqual(['n']);
  });

  it('is asked for until it is done or the notice withdrawn', () => {
    const mine = { unit: '610927100200' };
    expect(waitsForMe({ ...notice(), mine })).toBe(true);
    expect(waitsForMe(notice())).toBe(false);
    expect(waitsForMe({ ...notice(), mine: { ...mine, acknowledged: 'x' } })).toBe(false);
    expect(waitsForMe({ ...notice(), mine, withdrawn: 'x' })).toBe(false);
  });
});

const item = (change: Partial<CascadeRow>) =>
  ({ notice: 'n', unit: 'u', level: 5, late: false, holder: true, passed_on: false, ...change }) as CascadeRow;

describe('rows of a cascade', () => {
  it.each([
    ['acknowledged', { delivered: 'd', acknowledged: 'a' }],
    ['acknowledged_late', { delivered: 'd', acknowledged: 'a', late: true }],
    ['overdue', { delivered: 'd', late: true }],
    ['overdue', { late: true, holder: false }],
    ['no_holder', { holder: false }],
    ['withdrawn', { withdrawn: 'w', late: true }],
    ['acknowledged', { withdrawn: 'w', acknowledged: 'a' }],
    ['delivered', { delivered: 'd' }],
    ['not_delivered', {}],
  ])('say %s', (state, change) => {
    expect(stateOf(item(change))).toBe(state);
  });

  it('are held up at a town that has not passed on, never at a village', () => {
    const held = (...items: CascadeRow[]) => [...heldUp({ items })];
    const town = item({ level: 4, unit: '610927100000' });
    const village = item({ unit: '610927100200' });
    expect(held(town, item({ unit: '610927101200' }))).toEqual([town]);
    expect(held({ ...town, passed_on: true }, village)).toEqual([]);
    expect(held({ ...town, withdrawn: 'w' })).toEqual([]);
    expect(held(town, village)).toEqual([]); // the notice went straight to its village
    expect(held(town, { ...village, notice: 'other' })).toEqual([town]);
  });

  it('are kept by what one looks for', () => {
    const late = item({ late: true, delivered: 'd' });
    const well = item({ acknowledged: 'a', delivered: 'd', holder: false });
    const gone = item({ withdrawn: 'w' });
    const empty = item({ holder: false });
    const items = [late, well, gone, empty];
    expect(kept({ items }, 'all')).toEqual(items);
    expect(kept({ items }, 'late')).toEqual([late]);
    expect(kept({ items }, 'open')).toEqual([late, empty]);
    expect(kept({ items }, 'no_holder')).toEqual([empty]);
    expect(kept({ items }, 'held_up')).toEqual([]);
    expect(unanswered(well)).toBe(false);
  });
});

const ISSUED = '2020-01-24T14:00:00+08:00';
const cascade = (items: CascadeRow[], change: Partial<Cascade> = {}) =>
  ({ issued: ISSUED, units: items.length, items, ...change }) as Cascade;

describe('the clock', () => {
  const village = (acknowledged?: string) => item({ acknowledged });

  it('tells the minutes to the last village when all have acknowledged', () => {
    const c = cascade([village('2020-01-24T14:52:00+08:00')], { last_village_acknowledged_minutes: 52 });
    expect(clockText(c)).toContain('52 分钟');
  });

  it('tells how many have while some have not', () => {
    const c = cascade([village('x'), village()], { last_village_acknowledged_minutes: 52 });
    expect(clockText(c)).toContain('1/2');
  });

  it('says so when it has not come to villages', () => {
    expect(clockText(cascade([item({ level: 4 })]))).toBe('尚未传到村');
  });

  it('counts up in steps', () => {
    const c = cascade([
      village('2020-01-24T14:30:00+08:00'),
      village('2020-01-24T14:10:00+08:00'),
      village(undefined),
      village('2020-01-24T13:59:00+08:00'),
    ]);
    expect(steps(c, 'acknowledged')).toEqual([
      [0, 0],
      [0, 1],
      [10, 2],
      [30, 3],
    ]);
  });

  it('runs to a little after the last that happened or was due, never into what is to come', () => {
    const issued = Date.parse(ISSUED);
    const c = cascade([village('2020-01-24T16:00:00+08:00')]);
    expect(endOf(c, undefined, issued + 10 * 86_400_000)).toBe(issued + 126 * 60_000);
    expect(endOf(c, '2020-01-24T18:00:00+08:00', issued + 10 * 86_400_000)).toBe(issued + 252 * 60_000);
    expect(endOf(c, undefined, issued + 60_000)).toBe(issued + 60_000);
  });

  it('shows the day only where it is another', () => {
    expect(clockOf('2020-01-24T15:05:00+08:00', ISSUED)).toBe('15:05');
    expect(clockOf('2020-01-25T00:05:00+08:00', ISSUED)).toBe('01-25 00:05');
  });
});

describe('moments', () => {
  it('are those of the county whatever the device thinks', () => {
    expect(toInput('2020-01-24T06:00:00Z')).toBe('2020-01-24T14:00');
    expect(fromInput('2020-01-24T14:00')).toBe(ISSUED);
    expect(fromInput('')).toBe('');
    expect(toInput('')).toBe('');
  });

  it.each([
    [0, '0 分钟'],
    [52, '52 分钟'],
    [60, '1 小时'],
    [125, '2 小时 5 分钟'],
    [4320, '3 天'],
    [-5, '0 分钟'],
  ])('%i minutes are %s', (minutes, text) => {
    expect(duration(minutes)).toBe(text);
  });
});
