/* A moment to the minute, chosen and shown in the county's time zone whatever the device's own; and the passing of now. */
import { useEffect, useState } from 'preact/hooks';
import { t } from '../texts/texts';
import { Field } from './field';

const ZONE_MS = 8 * 3_600_000;
const INPUT = /^\d{4}-\d\d-\d\dT\d\d:\d\d/;

/** 2020-01-24T08:30+08:00 and the like, as the input wants it; empty for nothing. */
export function toInput(moment: string | number): string {
  const ms = typeof moment === 'number' ? moment : Date.parse(moment);
  return Number.isNaN(ms) ? '' : new Date(ms + ZONE_MS).toISOString().slice(0, 16);
}

/** What the input holds, as the server reads it; empty for nothing. */
export function fromInput(value: string): string {
  return INPUT.test(value) ? `${value.slice(0, 16)}:00+08:00` : '';
}

export function stampOf(ms: number): string {
  return fromInput(toInput(ms));
}

interface Props {
  label: string;
  /** RFC 3339, or empty. */
  value: string;
  min?: number;
  max?: number;
  error?: string;
  hint?: string;
  optional?: boolean;
  onValue: (v: string) => void;
}

export function MomentField({ label, value, min, max, error, hint, optional, onValue }: Props) {
  return (
    <Field label={label} error={error} hint={hint} optional={optional}>
      {(id, describedBy) => (
        <input
          id={id}
          type="datetime-local"
          value={toInput(value)}
          min={min === undefined ? undefined : toInput(min)}
          max={max === undefined ? undefined : toInput(max)}
          aria-invalid={error ? true : undefined}
          aria-describedby={describedBy}
          onChange={(e) => onValue(fromInput(e.currentTarget.value))}
        />
      )}
    </Field>
  );
}

/** Now, again every half minute: for what is due or waiting. */
export function useNow(): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 30_000);
    return () => clearInterval(timer);
  }, []);
  return now;
}

/** 35 minutes, 2 hours 5 minutes, 3 days: as long as it is, no longer to read than needed. */
export function duration(minutes: number): string {
  const m = Math.max(0, Math.round(minutes));
  if (m < 60) {
    return t('time.minutes', { n: m });
  }
  if (m < 48 * 60) {
    const rest = m % 60;
    const hours = t('time.hours', { n: Math.floor(m / 60) });
    return rest === 0 ? hours : t('time.and', { a: hours, b: t('time.minutes', { n: rest }) });
  }
  return t('time.days', { n: Math.floor(m / 1440) });
}

export function minutesBetween(from: string | number, to: string | number): number {
  return (new Date(to).getTime() - new Date(from).getTime()) / 60_000;
}
