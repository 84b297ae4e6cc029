/* What the screens on the spot decide themselves: tasks, a checkpoint's rules, calendars, chains, closing. */
import '../globals';
import { describe, expect, it } from 'vitest';
import type { CalendarDay, Followup, Task } from '../../src/api/front';
import type { ScreeningForm, TravellerForm } from '../../src/app/records-front';
import type { Entry } from '../../src/outbox/entry';

const { match } = await import('../../src/app/app');
const { editorOf } = await import('../../src/app/records');
const { followupObserved, followupOpened, plateOf, screeningRecorded, visitMade } = await import(
  '../../src/app/records-front'
);
const rules = await import('../../src/screens/checkpoint/rules');
const { matching } = await import('../../src/screens/checkpoint/place-choice');
const { atHousehold, grouped, hrefOf, oneTap, settledHere } = await import('../../src/screens/tasks/tasks-of');
const { markOf } = await import('../../src/screens/followup/calendar');
const { checkOpening } = await import('../../src/screens/followup/open');
const { notYet } = await import('../../src/screens/followup/close');
const { unseen } = await import('../../src/screens/followups/followups');
const { layout, path } = await import('../../src/screens/followup/chain-layout');
const { stateOf } = await import('../../src/screens/passes/passes');

const FOLLOWUP = '01890000-0000-7000-8000-000000000001';
const OTHER = '01890000-0000-7000-8000-000000000002';

const person = (change: Partial<TravellerForm> = {}): TravellerForm => ({
  key: 'k',
  subject: '',
  name: '王',
  id: '',
  phone: '',
  origin: '',
  place: '',
  placeName: '',
  address: '',
  temperature: '36.5',
  symptoms: [],
  decision: 'pass',
  note: '',
  ...change,
});

const passage = (...people: TravellerForm[]): ScreeningForm => ({
  site: 'site',
  direction: 'in',
  onFoot: false,
  province: '陕',
  plate: 'g12345',
  kind: '',
  people,
});

describe('id numbers', () => {
  it.each(['11010519491231002X', '440524188001010014', '11010519491231002x', ''])('takes “%s”', (id) => {
    expect(rules.idProblem(id)).toBeUndefined();
  });

  it.each([
    ['110105194912310021', 'screen.id_check'],
    ['11010519490230002X', 'screen.id_date'],
    ['1101051949123100', 'screen.id_length'],
    ['1101051949123100XX', 'screen.id_length'],
  ])('does not take %s: %s', (id, problem) => {
    expect(rules.idProblem(id)).toBe(problem);
  });
});

describe('plates', () => {
  it.each(['陕G12345', '川A1B2C3', '陕AD12345', '京A12345F', '川C8866学'])('knows %s', (p) => {
    expect(rules.plateUsual(p)).toBe(true);
  });

  it.each(['G12345', '陕GI2345', '陕G123', '陕1G2345', '陕A12345D6', '临时0012'])('finds %s unusual', (p) => {
    expect(rules.plateUsual(p)).toBe(false);
  });

  it('are put together with the province, and left out on foot', () => {
    expect(plateOf(passage())).toBe('陕G12345');
    expect(plateOf({ ...passage(), onFoot: true })).toBe('');
  });
});

describe('temperature', () => {
  it('37.3 is a fever, 37.2 is not', () => {
    expect(rules.feverish({ temperature: '37.3' })).toBe(true);
    expect(rules.feverish({ temperature: '37.2' })).toBe(false);
    expect(rules.feverish({ temperature: '' })).toBe(false);
  });

  it('goes by tenths from the usual, without the slips of binary numbers', () => {
    expect(rules.nudge('', 0.1)).toBe('36.6');
    expect(rules.nudge('36.9', 0.1)).toBe('37.0');
    expect(rules.nudge('37.2', 0.1)).toBe('37.3');
    expect(rules.nudge('45.0', 0.1)).toBe('45.0');
  });

  it('makes healthy people pass, and takes the pass back with a fever', () => {
    expect(rules.decided(person({ decision: '' }))).toBe('pass');
    expect(rules.decided(person({ decision: '', temperature: '' }))).toBe('');
    expect(rules.decided(person({ decision: '', symptoms: ['cough'] }))).toBe('');
    expect(rules.decided(person({ temperature: '37.5' }))).toBe('');
    expect(rules.decided(person({ temperature: '37.5', decision: 'referred' }))).toBe('referred');
    expect(rules.decided(person({ decision: 'turned_back' }))).toBe('turned_back');
  });
});

describe('a passage', () => {
  it('is faultless with a name and a decision', () => {
    expect(rules.faultless(rules.checkScreening(passage(person())))).toBe(true);
  });

  it('never lets a fever pass, however the form came about', () => {
    const e = rules.checkScreening(passage(person({ temperature: '38', decision: 'pass' })));
    expect(e.people[0]?.decision).toBe('screen.fever_decide');
  });

  it('wants a plate unless on foot, and somewhere to follow up', () => {
    expect(rules.checkScreening({ ...passage(person()), plate: '' }).plate).toBe('screen.plate_missing');
    expect(rules.checkScreening({ ...passage(person()), plate: '', onFoot: true }).plate).toBeUndefined();
    expect(rules.checkPerson(person({ decision: 'follow_up' })).place).toBe('screen.place_missing');
    expect(rules.checkPerson(person({ decision: 'follow_up', place: '610927100005' }))).toEqual({});
  });

  it('has nobody twice', () => {
    const p = person({ id: '11010519491231002X' });
    expect(rules.checkScreening(passage(p, person(), { ...p, id: '11010519491231002x' })).people).toEqual([
      {},
      {},
      { id: 'screen.id_twice' },
    ]);
  });

  it('becomes one record with what was said and nothing else', () => {
    const { event, title } = screeningRecorded(
      passage(person({ id: '11010519491231002x', place: '610927100005' }), person({ temperature: '' })),
    );
    expect(title).toBe('陕G12345 · 王 +1');
    expect(event.place).toBe('site');
    expect(JSON.parse(JSON.stringify(event.data))).toEqual({
      direction: 'in',
      vehicle: { plate: '陕G12345' },
      people: [
        {
          person: { name: '王', id_number: '11010519491231002X' },
          destination: { place: '610927100005' },
          temperature: 36.5,
          decision: 'pass',
        },
        { person: { name: '王' }, decision: 'pass' },
      ],
    });
  });
});

describe('places to choose from', () => {
  const places = [
    { code: '610927100005', name: '竹溪河社区' },
    { code: '610927101201', name: '红阳村' },
  ] as unknown as Parameters<typeof matching>[0];

  it('are found by a part of the name or the beginning of the code', () => {
    expect(matching(places, '溪').map((d) => d.code)).toEqual(['610927100005']);
    expect(matching(places, '610927101').map((d) => d.name)).toEqual(['红阳村']);
    expect(matching(places, '没有')).toEqual([]);
    expect(matching(places, ' ')).toHaveLength(2);
  });
});

const task = (change: Partial<Task> = {}): Task => ({
  rule: 'followup.observe',
  label: '',
  urgency: 'due',
  place: '610927100005',
  place_name: '',
  about_kind: 'followup',
  about: FOLLOWUP,
  title: '',
  settles: 'followup.observed',
  event: { type: 'followup.observed', data: { followup: FOLLOWUP } },
  ...change,
});

const entry = (state: Entry['state'], followup: string, changed = 0): Entry =>
  ({ state, changed, event: { type: 'followup.observed', data: { followup } } }) as unknown as Entry;

describe('tasks', () => {
  it('vanish while their record waits, and until the list is younger than it', () => {
    expect(settledHere(task(), [entry('pending', FOLLOWUP)], 100)).toBe(true);
    expect(settledHere(task(), [entry('sending', FOLLOWUP)], 100)).toBe(true);
    expect(settledHere(task(), [entry('recorded', FOLLOWUP, 150)], 100)).toBe(true);
    expect(settledHere(task(), [entry('recorded', FOLLOWUP, 50)], 100)).toBe(false);
  });

  it('stay when the record was refused, is a draft, or is about somebody else', () => {
    expect(settledHere(task(), [entry('refused', FOLLOWUP)], 0)).toBe(false);
    expect(settledHere(task(), [entry('draft', FOLLOWUP)], 0)).toBe(false);
    expect(settledHere(task(), [entry('pending', OTHER)], 0)).toBe(false);
  });

  it('do not take another unit’s acknowledgement for their own', () => {
    const ack = (unit: string) =>
      task({
        rule: 'notice.acknowledge',
        about: OTHER,
        place: unit,
        event: { type: 'notice.acknowledged', place: unit, data: { notice: OTHER } },
      });
    const made = [
      { state: 'pending', event: { type: 'notice.acknowledged', place: 'a', data: { notice: OTHER } } },
    ] as unknown as Entry[];
    expect(settledHere(ack('a'), made, 0)).toBe(true);
    expect(settledHere(ack('b'), made, 0)).toBe(false);
  });

  it('stand by urgency, then by the hour they are due', () => {
    const list = [
      task({ urgency: 'soon', about: '1' }),
      task({ urgency: 'due', due: '2020-02-08T18:00:00+08:00', about: '2' }),
      task({ urgency: 'due', due: '2020-02-08T09:00:00+08:00', about: '3' }),
      task({ urgency: 'due', about: '4' }),
      task({ urgency: 'alarm', about: '5' }),
    ];
    expect(grouped(list).map(([u, l]) => [u, l.map((x) => x.about).join('')])).toEqual([
      ['alarm', '5'],
      ['due', '324'],
      ['soon', '1'],
    ]);
  });

  it('are offered with the rest at the same household', () => {
    const list = [task({ household: 'h' }), task({ household: 'g' }), task()];
    expect(atHousehold(list, 'h')).toHaveLength(1);
    expect(atHousehold(list, undefined)).toEqual([]);
  });

  it('lead to a screen there is, or are done by one tap', () => {
    for (const t of [
      task({ household: OTHER }),
      task({ rule: 'followup.close', settles: 'followup.closed' }),
      task({ rule: 'visit.household', settles: 'visit.made', about_kind: 'household' }),
      task({ rule: 'followup.assign', settles: 'household.assigned', household: OTHER }),
      task({ rule: 'notice.pass_on', settles: 'notice.issued', about_kind: 'notice' }),
      task({ rule: 'support.answer', settles: 'support.assigned', about_kind: 'request' }),
    ]) {
      expect(match(new URL(hrefOf(t), 'http://x').pathname), hrefOf(t)).toBeDefined();
      expect(oneTap(t)).toBe(false);
    }
    expect(oneTap(task({ rule: 'notice.acknowledge' }))).toBe(true);
  });
});

describe('records with a form', () => {
  it('are mended where they were made', () => {
    const contents = [
      screeningRecorded(passage(person())),
      followupObserved({
        household: '',
        followup: FOLLOWUP,
        title: '',
        present: true,
        temperature: '36.5',
        symptoms: [],
        method: 'phone',
        note: '',
      }),
      visitMade({
        household: OTHER,
        title: '',
        method: 'on_site',
        purposes: ['survey'],
        result: 'absent',
        needs: '',
        note: '',
      }),
    ];
    for (const { event } of contents) {
      const href = editorOf({ id: event.id, event } as Entry) ?? '';
      expect(match(new URL(href, 'http://x').pathname), href).toBeDefined();
      expect(href).toContain(`draft=${event.id}`);
    }
  });

  it('say nothing of temperature or symptoms when nobody was met', () => {
    const { event } = followupObserved({
      household: '',
      followup: FOLLOWUP,
      title: '',
      present: false,
      temperature: '38',
      symptoms: ['cough'],
      method: 'on_site',
      note: '',
    });
    expect(JSON.parse(JSON.stringify(event.data))).toEqual({ followup: FOLLOWUP, present: false, method: 'on_site' });
  });
});

describe('beginning a follow-up', () => {
  const form = {
    id: FOLLOWUP,
    subject: OTHER,
    name: '王',
    idNumber: '',
    phone: '',
    category: 'returnee',
    place: '610927100005',
    placeName: '',
    household: '',
    starts: '2020-02-01',
    exposed: '',
  };
  it('wants a name, a category and a place', () => {
    expect(checkOpening(form)).toEqual({});
    const bad = { ...form, name: ' ', category: '', place: '', idNumber: '1', phone: '138' };
    expect(Object.keys(checkOpening(bad)).sort()).toEqual(['category', 'id', 'name', 'phone', 'place']);
  });

  it('leaves how long and how often to the county', () => {
    const { event, makes, uses } = followupOpened({ ...form, exposed: '2020-01-30', household: OTHER });
    expect(JSON.parse(JSON.stringify(event.data))).toEqual({
      id: FOLLOWUP,
      subject: OTHER,
      person: { name: '王' },
      category: 'returnee',
      household: OTHER,
      last_exposure: '2020-01-30T12:00:00+08:00',
      starts: '2020-02-01',
    });
    expect([makes, uses]).toEqual([FOLLOWUP, [OTHER]]);
  });
});

describe('the calendar', () => {
  const day = (change: Partial<CalendarDay>): CalendarDay => ({
    day: '2020-02-05',
    due: 2,
    done: 2,
    missed: 0,
    fever: false,
    ...change,
  });

  it.each([
    ['done', day({})],
    ['part', day({ done: 1, missed: 1 })],
    ['missed', day({ done: 0, missed: 2 })],
    ['today', day({ day: '2020-02-08', done: 1 })],
    ['done', day({ day: '2020-02-08' })],
    ['ahead', day({ day: '2020-02-09', done: 0 })],
    ['none', day({ due: 0, done: 0 })],
  ])('marks a day as %s', (mark, d) => {
    expect(markOf(d, '2020-02-08')).toBe(mark);
  });

  it('can be completed on the last day and only after somebody was met on it', () => {
    const f = { last_day: '2020-02-08' };
    expect(notYet(f, () => true, '2020-02-07')).toBe('early');
    expect(notYet(f, () => false, '2020-02-08')).toBe('unseen');
    expect(notYet(f, (d) => d === '2020-02-08', '2020-02-09')).toBeUndefined();
  });

  it('finds who was not seen, never seen first', () => {
    const f = (id: string, last_seen?: string, closed?: string) => ({ id, last_seen, closed }) as Followup;
    const now = Date.parse('2020-02-08T12:00:00+08:00');
    const list = [
      f('a', '2020-02-08T08:00:00+08:00'),
      f('b', '2020-02-06T08:00:00+08:00'),
      f('c'),
      f('d', '2020-02-05T08:00:00+08:00', '2020-02-06T08:00:00+08:00'),
      f('e', '2020-02-05T08:00:00+08:00'),
    ];
    expect(unseen(list, 2, now).map((x) => x.id)).toEqual(['c', 'e', 'b']);
  });
});

describe('a chain of contacts', () => {
  const node = (subject: string, generation: number, links = 1) => ({ subject, generation, links });
  const chain = {
    more: false,
    nodes: [node('a', 0, 2), node('b', 1), node('c', 1), node('d', 2)],
    links: [
      { from: 'a', to: 'b' },
      { from: 'a', to: 'c' },
      { from: 'd', to: 'b' },
      { from: 'b', to: 'c' },
      { from: 'x', to: 'a' },
    ],
  };
  const drawing = layout(chain);

  it('puts one generation in a column and nobody on top of another', () => {
    const at = new Set(drawing.nodes.map((n) => `${n.x} ${n.y}`));
    expect(at.size).toBe(4);
    expect(new Set(drawing.nodes.filter((n) => n.generation === 1).map((n) => n.x)).size).toBe(1);
    expect(drawing.generations).toBe(2);
  });

  it('stays within its frame and leaves out links to people it does not show', () => {
    expect(drawing.links).toHaveLength(4);
    for (const n of drawing.nodes) {
      expect(n.x).toBeGreaterThanOrEqual(0);
      expect(n.y).toBeGreaterThanOrEqual(0);
      expect(n.x + 118).toBeLessThanOrEqual(drawing.width);
      expect(n.y + 44).toBeLessThanOrEqual(drawing.height);
    }
  });

  it('draws a line for every link, within a column as well', () => {
    for (const l of drawing.links) {
      expect(path(l.from, l.to)).toMatch(/^M[\d.]+ [\d.]+C/);
    }
  });

  it('of one person alone is a drawing too', () => {
    expect(layout({ nodes: [node('a', 0, 0)], links: [], more: false }).nodes).toHaveLength(1);
  });
});

describe('a pass in a list', () => {
  const now = Date.parse('2020-02-08T12:00:00+08:00');
  const p = (valid_from: string, valid_to: string, revoked?: string) => ({ valid_from, valid_to, revoked });
  it('is what its dates say, and revoked before all', () => {
    expect(stateOf(p('2020-02-08T00:00:00+08:00', '2020-02-09T00:00:00+08:00'), now)).toBe('valid');
    expect(stateOf(p('2020-02-09T00:00:00+08:00', '2020-02-10T00:00:00+08:00'), now)).toBe('ahead');
    expect(stateOf(p('2020-02-01T00:00:00+08:00', '2020-02-08T12:00:00+08:00'), now)).toBe('expired');
    expect(stateOf(p('2020-02-08T00:00:00+08:00', '2020-02-09T00:00:00+08:00', 'x'), now)).toBe('revoked');
  });
});
