/* What a cascade's rows say: the state of each unit, which of them a filter keeps, and the course of the clock. */
import type { Cascade, CascadeRow } from '../../api/desk';
import { LEVEL_VILLAGE, within } from '../../app/places';
import { dayOf, fullTime } from '../../app/when';

export type UnitState =
  | 'acknowledged'
  | 'acknowledged_late'
  | 'withdrawn'
  | 'overdue'
  | 'no_holder'
  | 'delivered'
  | 'not_delivered';

export function stateOf(i: CascadeRow): UnitState {
  if (i.acknowledged !== undefined) {
    return i.late ? 'acknowledged_late' : 'acknowledged';
  }
  if (i.withdrawn !== undefined) {
    return 'withdrawn';
  }
  if (i.late) {
    return 'overdue';
  }
  if (i.delivered !== undefined) {
    return 'delivered';
  }
  return i.holder ? 'not_delivered' : 'no_holder';
}

/** Nobody there to answer, and nobody has. */
export function unanswered(i: CascadeRow): boolean {
  return !i.holder && i.acknowledged === undefined && i.withdrawn === undefined;
}

/** Units above the villages that have not re-issued a notice which did not go straight below them as well. */
export function heldUp(c: Pick<Cascade, 'items'>): ReadonlySet<CascadeRow> {
  const straight = (i: CascadeRow) =>
    c.items.some((o) => o.notice === i.notice && o.unit !== i.unit && within(o.unit, i.unit));
  return new Set(
    c.items.filter((i) => i.level < LEVEL_VILLAGE && !i.passed_on && i.withdrawn === undefined && !straight(i)),
  );
}

export const FILTERS = ['all', 'late', 'open', 'held_up', 'no_holder'] as const;
export type Filter = (typeof FILTERS)[number];

export function kept(c: Pick<Cascade, 'items'>, filter: Filter): CascadeRow[] {
  const held = heldUp(c);
  return c.items.filter((i) => {
    switch (filter) {
      case 'late':
        return i.late;
      case 'open':
        return i.acknowledged === undefined && i.withdrawn === undefined;
      case 'held_up':
        return held.has(i);
      case 'no_holder':
        return unanswered(i);
      default:
        return true;
    }
  });
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

/** A little after the last moment at which a unit acknowledged or was to, in milliseconds. */
export function endOf(c: Cascade, due: string | undefined, now: number): number {
  const start = Date.parse(c.issued);
  const times = [...c.items.map((i) => i.acknowledged), due].filter((s) => s !== undefined).map((s) => Date.parse(s));
  const last = Math.max(start + 3_600_000, ...times);
  return Math.min(Math.max(now, start), last + (last - start) * 0.05);
}

/** The time of day alone on the day of the issue, else with month and day. */
export function clockOf(time: number | string, issued: string): string {
  const full = fullTime(time);
  return dayOf(time) === dayOf(issued) ? full.slice(11) : full.slice(5);
}
