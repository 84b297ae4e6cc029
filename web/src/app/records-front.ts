/* The events that the task, checkpoint and visit screens record, and what of them stands in the outbox. Built like
 * those of records.ts; apart, so that the first page does not carry them. */
import { computed } from '@preact/signals';
import type { Decision, Symptom } from '../api/front';
import type { Entry, EventRecord } from '../outbox/entry';
import { entries, record } from '../outbox/outbox';
import type { Content } from '../outbox/store';
import { uuid7 } from '../outbox/uuid';
import { say } from '../parts/toast';
import { t } from '../texts/texts';
import { who } from './session';
import { nowStamp } from './when';

function event(type: string, data: Record<string, unknown>, place?: string): EventRecord {
  return { id: uuid7(), type, at: nowStamp(), place, data };
}

const said = (s: string | undefined): string | undefined => (s === undefined || s.trim() === '' ? undefined : s.trim());
const some = <T>(list: readonly T[]): T[] | undefined => (list.length > 0 ? [...list] : undefined);

export interface TravellerForm {
  /** Tells the cards of one form apart. */
  key: string;
  subject: string;
  name: string;
  id: string;
  phone: string;
  origin: string;
  place: string;
  placeName: string;
  address: string;
  /** As typed: 36.5, or empty. */
  temperature: string;
  symptoms: Symptom[];
  decision: Decision | '';
  note: string;
}

export interface ScreeningForm {
  site: string;
  direction: 'in' | 'out';
  onFoot: boolean;
  province: string;
  plate: string;
  kind: string;
  people: TravellerForm[];
}

export function degrees(typed: string): number | undefined {
  const n = Number(typed.trim().replace('，', '.').replace(',', '.'));
  return typed.trim() === '' || Number.isNaN(n) ? undefined : Math.round(n * 10) / 10;
}

export function plateOf(f: ScreeningForm): string {
  return f.onFoot || f.plate.trim() === '' ? '' : f.province + f.plate.trim().toUpperCase();
}

function screened(p: TravellerForm): Record<string, unknown> {
  const destination = p.place === '' ? undefined : { place: p.place };
  return {
    subject: said(p.subject),
    person: { name: p.name.trim(), id_number: said(p.id.toUpperCase()), phone: said(p.phone) },
    address: said(p.address),
    origin: said(p.origin),
    destination,
    temperature: degrees(p.temperature),
    symptoms: some(p.symptoms),
    decision: p.decision,
    note: said(p.note),
  };
}

export function screeningRecorded(f: ScreeningForm): Content {
  const plate = plateOf(f);
  const data = {
    direction: f.direction,
    vehicle: plate === '' ? undefined : { plate, kind: said(f.kind) },
    people: f.people.map(screened),
  };
  const first = f.people[0]?.name.trim() ?? '';
  const title = [plate, f.people.length > 1 ? `${first} +${f.people.length - 1}` : first].filter((s) => s !== '');
  return { event: event('screening.recorded', data, f.site), title: title.join(' · '), form: { ...f } };
}

export interface ObservationForm {
  /** Where they were found to stay; empty: as known. */
  household: string;
  followup: string;
  title: string;
  present: boolean;
  temperature: string;
  symptoms: Symptom[];
  method: string;
  note: string;
}

export function followupObserved(f: ObservationForm): Content {
  const data = {
    followup: f.followup,
    present: f.present,
    temperature: f.present ? degrees(f.temperature) : undefined,
    symptoms: f.present ? some(f.symptoms) : undefined,
    method: f.method,
    household: said(f.household),
    note: said(f.note),
  };
  return { event: event('followup.observed', data), title: f.title, uses: [f.followup], form: { ...f } };
}

export interface OpeningForm {
  /** The follow-up's own id and its subject's, made with the form. */
  id: string;
  subject: string;
  name: string;
  idNumber: string;
  phone: string;
  category: string;
  place: string;
  placeName: string;
  household: string;
  starts: string;
  /** The day of the last exposure, or empty. */
  exposed: string;
}

export function followupOpened(f: OpeningForm): Content {
  const { id, subject, category, starts } = f;
  const data = {
    id,
    subject,
    person: { name: f.name.trim(), id_number: said(f.idNumber.toUpperCase()), phone: said(f.phone) },
    category,
    household: said(f.household),
    last_exposure: f.exposed === '' ? undefined : `${f.exposed}T12:00:00+08:00`,
    starts,
  };
  const uses = f.household === '' ? [] : [f.household];
  return { event: event('followup.opened', data, f.place), title: f.name.trim(), makes: id, uses, form: { ...f } };
}

export function followupClosed(followup: string, reason: string, note: string, title: string): Content {
  return { event: event('followup.closed', { followup, reason, note: said(note) }), title, uses: [followup] };
}

export function contactLinked(from: string, to: string, relation: string, on: string, place: string, title: string) {
  return { event: event('contact.linked', { from, to, relation, on: said(on) }, place), title };
}

export interface VisitForm {
  household: string;
  title: string;
  method: string;
  purposes: string[];
  result: 'met' | 'absent' | 'refused' | '';
  needs: string;
  note: string;
}

export function visitMade(f: VisitForm): Content {
  const { household, method, purposes, result } = f;
  const data = { household, method, purposes, result, needs: said(f.needs), note: said(f.note) };
  return { event: event('visit.made', data), title: f.title, uses: [household], form: { ...f } };
}

export interface PassForm {
  place: string;
  name: string;
  id: string;
  phone: string;
  plate: string;
  from: string;
  to: string;
  purpose: string;
}

export function passIssued(f: PassForm): Content {
  const data = {
    subject: uuid7(),
    person: { name: f.name.trim(), id_number: said(f.id.toUpperCase()), phone: said(f.phone) },
    plate: said(f.plate.toUpperCase()),
    valid_from: f.from,
    valid_to: f.to,
    purpose: f.purpose.trim(),
  };
  return { event: event('pass.issued', data, f.place), title: `${f.name.trim()} · ${f.purpose.trim()}` };
}

export function passRevoked(subject: string, pass: string, reason: string, place: string, title: string): Content {
  return { event: event('pass.revoked', { subject, pass, reason: said(reason) }, place), title };
}

/** What a task asks for and already knows all of. */
export function taskSettled(
  task: { event: { type: string; place?: string; data?: Record<string, unknown> }; title: string },
  more: Record<string, unknown> = {},
): Content {
  const { type, place, data } = task.event;
  return { event: event(type, { ...data, ...more }, place), title: task.title };
}

/** What this account made here, drafts aside. */
const made = computed(() => entries.value.filter((e) => e.state !== 'draft' && e.account === who.value?.account));

export function unsentOf(type: string, member?: string, id?: string): Entry[] {
  return made.value.filter(
    (e) => e.state !== 'recorded' && e.event.type === type && (member === undefined || e.event.data[member] === id),
  );
}

/** Entries made here of a type, whatever became of them. */
export function madeHere(type: string): Entry[] {
  return made.value.filter((e) => e.event.type === type);
}

/** For what is recorded without a form. Says so when this device could not keep it. */
export async function recordOneFront(content: Content): Promise<boolean> {
  try {
    await record([content]);
    return true;
  } catch {
    say(t('draft.not_saved'));
    return false;
  }
}
