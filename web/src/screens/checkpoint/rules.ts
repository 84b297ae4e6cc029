/* What a checkpoint's form knows by itself: id numbers, plates, fever, what is missing. Pure. */
import type { Decision } from '../../api/front';
import { degrees, type ScreeningForm, type TravellerForm } from '../../app/records-front';
import type { Key } from '../../texts/texts';
import provinces from './provinces.json';

/** The one-character names of the provinces as plates bear them, the likeliest first. */
export const PROVINCES: readonly string[] = provinces;

export const FEVER = 37.3;
export const USUAL = 36.5;
const LOWEST = 30;
const HIGHEST = 45;
export const PEOPLE_MOST = 60;

const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

/** What is wrong with a citizen id number (GB 11643), if anything. Empty is not wrong. */
export function idProblem(id: string): Key | undefined {
  const s = id.trim().toUpperCase();
  if (s === '') {
    return undefined;
  }
  if (!/^\d{17}[\dX]$/.test(s)) {
    return 'screen.id_length';
  }
  const [y, m, d] = [Number(s.slice(6, 10)), Number(s.slice(10, 12)), Number(s.slice(12, 14))];
  const date = new Date(Date.UTC(y, m - 1, d));
  if (date.getUTCFullYear() !== y || date.getUTCMonth() !== m - 1 || date.getUTCDate() !== d) {
    return 'screen.id_date';
  }
  const sum = WEIGHTS.reduce((n, w, i) => n + w * Number(s[i]), 0);
  return s[17] === '10X98765432'[sum % 11] ? undefined : 'screen.id_check';
}

/** A plate of the usual form (GA 36): an unusual one is taken all the same. */
export function plateUsual(plate: string): boolean {
  const letters = 'A-HJ-NP-Z';
  const tail = plate.slice(1);
  return (
    PROVINCES.includes(plate.slice(0, 1)) &&
    (new RegExp(`^[${letters}][${letters}0-9]{4}([${letters}0-9]|\\p{Script=Han})$`, 'u').test(tail) ||
      new RegExp(`^[${letters}]([DF][${letters}0-9]\\d{4}|\\d{5}[DF])$`).test(tail))
  );
}

export function phoneProblem(phone: string): boolean {
  const digits = phone.replace(/[\s-]/g, '');
  return digits !== '' && (!/^\+?\d{5,15}$/.test(digits) || (digits.startsWith('1') && !/^1[3-9]\d{9}$/.test(digits)));
}

export function feverish(p: Pick<TravellerForm, 'temperature'>): boolean {
  const n = degrees(p.temperature);
  return n !== undefined && n >= FEVER;
}

export function temperatureProblem(typed: string): boolean {
  const n = degrees(typed);
  return typed.trim() !== '' && (n === undefined || n < LOWEST || n > HIGHEST);
}

/** A tenth up or down; from nothing, from the usual. */
export function nudge(typed: string, by: number): string {
  const n = Math.round(((degrees(typed) ?? USUAL) + by) * 10) / 10;
  return Math.min(HIGHEST, Math.max(LOWEST, n)).toFixed(1);
}

/** What a temperature makes of the decision: healthy people pass unless somebody said otherwise; with fever nobody does. */
export function decided(p: TravellerForm): Decision | '' {
  if (feverish(p)) {
    return p.decision === 'pass' ? '' : p.decision;
  }
  return p.decision === '' && degrees(p.temperature) !== undefined && p.symptoms.length === 0 ? 'pass' : p.decision;
}

export type PersonErrors = Partial<Record<'name' | 'id' | 'phone' | 'temperature' | 'decision' | 'place', Key>>;

export interface ScreeningErrors {
  plate?: Key;
  people: PersonErrors[];
}

export function checkPerson(p: TravellerForm): PersonErrors {
  const e: PersonErrors = {};
  if (p.name.trim() === '') {
    e.name = 'screen.name_missing';
  }
  const id = idProblem(p.id);
  if (id !== undefined) {
    e.id = id;
  }
  if (phoneProblem(p.phone)) {
    e.phone = 'register.phone_bad';
  }
  if (temperatureProblem(p.temperature)) {
    e.temperature = 'screen.temperature_bad';
  }
  if (p.decision === '') {
    e.decision = feverish(p) ? 'screen.fever_decide' : 'screen.decision_missing';
  } else if (p.decision === 'pass' && feverish(p)) {
    e.decision = 'screen.fever_decide';
  }
  if (p.decision === 'follow_up' && p.place === '' && p.address.trim() === '') {
    e.place = 'screen.place_missing';
  }
  return e;
}

export function checkScreening(f: ScreeningForm): ScreeningErrors {
  return {
    plate: !f.onFoot && f.plate.trim() === '' ? 'screen.plate_missing' : undefined,
    people: f.people.map((p, i) => {
      const e = checkPerson(p);
      const id = p.id.trim().toUpperCase();
      if (id !== '' && f.people.some((o, j) => j < i && o.id.trim().toUpperCase() === id)) {
        e.id = 'screen.id_twice';
      }
      return e;
    }),
  };
}

export function faultless(e: ScreeningErrors): boolean {
  return e.plate === undefined && e.people.every((p) => Object.keys(p).length === 0);
}
