/* What a cascade's rows say: the state of each unit, which of them a filter keeps, and the course of the clock. */
import type { Cascade, CascadeRow } from '../../api/desk';
import { LEVEL_VILLAGE } from '../../app/places';
import { dayOf, fullTime } from '../../app/when';

export type UnitState = 'acknowledged' | 'acknowledged_late' | 'overdue' | 'no_holder' | 'delivered' | 'not_delivered';

export function stateOf(i: CascadeRow): UnitState {
  if (i.acknowledged !== undefined) {
    return i.late ? 'acknowledged_late' : 'acknowledged';
  }
  if (i.late) {
    return 'overdue';
  }
  if (i.delivered !== undefined) {
    return 'delivered';
  }
  return i.holder ? 'not_delivered' : 'no_holder';
}

/** A unit with units below it that has not re-issued the notice. */
export function heldUp(i: CascadeRow): boolean {
  return i.level < LEVEL_VILLAGE && !i.passed_on;
}

export const FILTERS = ['all', 'late', 'open', 'held_up', 'no_holder'] as const;
export type Filter = (typeof FILTERS)[number];

export function keeps(filter: Filter, i: CascadeRow): boolean {
  switch (filter) {
    case 'late':
      return i.late;
    case 'open':
      return i.acknowledged === undefined;
    case 'held_up':
      return heldUp(i);
    case 'no_holder':
      return !i.holder;
    default:
      return true;
  }
}

/** How many had it by when, as steps: minutes since the issue, and the count from then on. */
export function steps(c: Cascade, what: 'delivered' | 'acknowledged'): [minute: number, n: number][] {
  const start = Date.parse(c.issued);
  const times = c.items
    .map((i) => i[what])
    .filter((s) => s !== undefined)
    .map((s) => Math.max(0, (Date.parse(s) - start) / 60_000))
    .sort((a, b) => a - b);
  return [[0, 0], ...times.map((m, i): [number, number] => [m, i + 1])];
}

/** The last moment at which something happened in the cascade or was due, in milliseconds; a little after it. */
export function endOf(c: Cascade, due: string | undefined, now: number): number {
  const start = Date.parse(c.issued);
  const times = [...c.items.flatMap((i) => [i.delivered, i.acknowledged]), due]
    .filter((s) => s !== undefined)
    .map((s) => Date.parse(s));
  const last = Math.max(start + 3_600_000, ...times);
  return Math.min(Math.max(now, start), last + (last - start) * 0.05);
}

/** The time of day alone on the day of the issue, else with month and day. */
export function clockOf(time: number | string, issued: string): string {
  const full = fullTime(time);
  return dayOf(time) === dayOf(issued) ? full.slice(11) : full.slice(5);
}
