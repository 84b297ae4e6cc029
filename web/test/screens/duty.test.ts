/* What the duty screens decide themselves: who counts as missing, a proposal in a person's hands, shifts by day. */
import '../globals';
import { describe, expect, it } from 'vitest';
import type { Proposal, Reserve } from '../../src/api/desk';

const { absent } = await import('../../src/screens/duty/duty');
const plan = await import('../../src/screens/dispatch/plan');
const { byDay, holdsAt, hoursOf } = await import('../../src/screens/roster/days');
const records = await import('../../src/app/records-desk');

describe('missing', () => {
  it('is who was expected and is not on post', () => {
    expect(absent({ expected: true })).toBe(true);
    expect(absent({ expected: true, status: 'leave' })).toBe(true);
    expect(absent({ expected: true, status: 'on_post' })).toBe(false);
    expect(absent({ expected: false })).toBe(false);
  });
});

const PROPOSAL = {
  requests: 2,
  reserves: 4,
  items: [
    { request: 'r', person: 'a', reasons: ['near'] },
    { request: 's', person: 'c', reasons: [] },
    { request: 'r', person: 'b', reasons: ['rested'] },
  ],
} as unknown as Proposal;

const reserve = (person: string, state = 'available') => ({ person, name: person, state }) as Reserve;

describe('a proposal', () => {
  const p = plan.planOf(PROPOSAL);

  it('goes out request by request', () => {
    expect(plan.going(p, 'r')).toEqual(['a', 'b']);
    expect(plan.going(p, 's')).toEqual(['c']);
    expect(plan.going(p, 'unknown')).toEqual([]);
  });

  it('lets one person be left at home and taken back', () => {
    const off = plan.toggled(p, 'r', 'a');
    expect(plan.going(off, 'r')).toEqual(['b']);
    expect(plan.going(plan.toggled(off, 'r', 'a'), 'r')).toEqual(['a', 'b']);
    expect(plan.going(p, 'r')).toEqual(['a', 'b']);
  });

  it('lets somebody else go instead, chosen by hand and therefore without reasons', () => {
    const changed = plan.replaced(p, 'r', 'a', plan.chosen(reserve('d')));
    expect(plan.going(changed, 'r')).toEqual(['d', 'b']);
    expect(plan.picksOf(changed, 'r')[0]?.reasons).toEqual([]);
  });

  it('offers only those who could go and are not in it already, not even switched off', () => {
    const off = plan.toggled(p, 'r', 'a');
    const free = plan.free(off, [reserve('a'), reserve('d'), reserve('e', 'resting'), reserve('f', 'exposed')]);
    expect(free.map((r) => r.person)).toEqual(['d']);
  });

  it('is done with once sent', () => {
    expect(plan.picksOf(plan.without(p, 'r'), 'r')).toEqual([]);
    expect(plan.going(plan.added(plan.without(p, 'r'), 'r', plan.chosen(reserve('d'))), 'r')).toEqual(['d']);
  });

  it('names the hour that was asked for, or soon when it has passed', () => {
    const now = Date.parse('2020-02-01T08:00:00+08:00');
    expect(plan.reportBy({ needed_by: '2020-02-01T12:00:00+08:00' }, now)).toBe(now + 4 * 3_600_000);
    expect(plan.reportBy({ needed_by: '2020-02-01T07:00:00+08:00' }, now)).toBe(now + 2 * 3_600_000);
    expect(plan.reportBy({}, now)).toBe(now + 2 * 3_600_000);
  });
});

describe('what is recorded', () => {
  it('refers to the request it answers', () => {
    const { event, uses } = records.supportAssigned('r', ['a', 'b'], undefined, '');
    expect(JSON.parse(JSON.stringify(event.data))).toEqual({ request: 'r', persons: ['a', 'b'] });
    expect(uses).toEqual(['r']);
  });

  it('happens at the site that asks', () => {
    const f = { site: 'x', headcount: 3, reason: ' 车多 ', needed_by: '', skills: [] };
    const { event, makes } = records.supportRequested(f, '');
    expect(event.place).toBe('x');
    expect(JSON.parse(JSON.stringify(event.data))).toEqual({ id: makes, site: 'x', headcount: 3, reason: '车多' });
  });
});

describe('shifts', () => {
  const shift = (from: string, to: string) => ({ from, to });
  const night = shift('2020-02-01T16:00:00Z', '2020-02-02T00:00:00Z'); // the 2nd, midnight to eight, in the county
  const late = shift('2020-02-01T16:00:00+08:00', '2020-02-02T00:00:00+08:00');

  it('stand on the day on which they begin in the county, in order', () => {
    expect(byDay([night, late])).toEqual([
      ['2020-02-01', [late]],
      ['2020-02-02', [night]],
    ]);
  });

  it('end at twenty-four, not at nought', () => {
    expect(hoursOf(late)).toBe('16:00–24:00');
    expect(hoursOf(night)).toBe('00:00–08:00');
    expect(hoursOf(shift('2020-02-01T20:00:00+08:00', '2020-02-02T08:00:00+08:00'))).toBe('20:00–08:00');
  });

  it('hold from their first moment, not at their last', () => {
    expect(holdsAt(late, Date.parse(late.from))).toBe(true);
    expect(holdsAt(late, Date.parse(late.to))).toBe(false);
  });
});
