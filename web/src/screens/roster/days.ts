/* Shifts laid out day by day, in the county's time zone. */
import { addDays, dayOf, fullTime } from '../../app/when';

interface Span {
  from: string;
  to: string;
}

/** By the day on which they begin, in order of time. */
export function byDay<S extends Span>(shifts: readonly S[]): [day: string, shifts: S[]][] {
  const days = new Map<string, S[]>();
  for (const s of [...shifts].sort((a, b) => Date.parse(a.from) - Date.parse(b.from))) {
    const day = dayOf(s.from);
    days.set(day, [...(days.get(day) ?? []), s]);
  }
  return [...days];
}

/** 16:00–24:00; past midnight with the next day's hour. */
export function hoursOf({ from, to }: Span): string {
  const end = fullTime(to).slice(11);
  const next = dayOf(to) === addDays(dayOf(from), 1);
  return `${fullTime(from).slice(11)}\u2013${end === '00:00' && next ? '24:00' : end}`;
}

export function holdsAt({ from, to }: Span, now: number): boolean {
  return Date.parse(from) <= now && now < Date.parse(to);
}
