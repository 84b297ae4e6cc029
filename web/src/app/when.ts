/* Times and days as people read them; days are those of the county's time zone. */
import { lang } from '../texts/texts';

const ZONE = 'Asia/Shanghai';

const isoDay = new Intl.DateTimeFormat('sv-SE', { timeZone: ZONE, year: 'numeric', month: '2-digit', day: '2-digit' });
const clock = new Intl.DateTimeFormat('en-GB', { timeZone: ZONE, hour: '2-digit', minute: '2-digit' });

export function dayOf(time: number | string): string {
  return isoDay.format(new Date(time));
}

export function today(): string {
  return dayOf(Date.now());
}

export function addDays(day: string, n: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + n * 86_400_000).toISOString().slice(0, 10);
}

/** 15:09 today, otherwise with the day. */
export function shortTime(time: number | string): string {
  const day = dayOf(time);
  const hm = clock.format(new Date(time));
  return day === today() ? hm : `${day.slice(0, 4) === today().slice(0, 4) ? day.slice(5) : day} ${hm}`;
}

export function fullTime(time: number | string): string {
  return `${dayOf(time)} ${clock.format(new Date(time))}`;
}

/** 2月8日 or 8 Feb. */
export function shortDay(day: string): string {
  return new Intl.DateTimeFormat(lang.value === 'zh' ? 'zh-CN' : 'en-GB', {
    timeZone: 'UTC',
    month: lang.value === 'zh' ? 'numeric' : 'short',
    day: 'numeric',
  }).format(new Date(`${day}T00:00:00Z`));
}

/** A day as short as it can be without being mistaken for this year's. */
export function plainDay(day: string): string {
  return day.slice(0, 4) === today().slice(0, 4) ? shortDay(day) : day;
}

/** Now as an event's time, with the county's offset. */
export function nowStamp(): string {
  return new Date(Date.now() + 8 * 3_600_000).toISOString().replace('Z', '+08:00');
}

export function number(n: number): string {
  return n.toLocaleString('en-US');
}
