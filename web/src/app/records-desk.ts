/* The events that the notices and duty screens record, and what of them stands in the outbox. Built like those of
 * records.ts; apart, so that a phone that only registers does not carry them. */
import { computed } from '@preact/signals';
import type { Category, DutyStatus, NoticeKind } from '../api/desk';
import type { Entry } from '../outbox/entry';
import { entries } from '../outbox/outbox';
import type { Content } from '../outbox/store';
import { uuid7 } from '../outbox/uuid';
import { event } from './records';
import { who } from './session';

export interface NoticeForm {
  /** The notice's own id, made with the form. */
  id: string;
  place: string;
  kind: NoticeKind;
  title: string;
  number: string;
  issuer: string;
  body: string;
  places: string[];
  categories: Category[];
  party_members: boolean;
  /** A moment as the server reads it, or empty. */
  acknowledge_by: string;
  parent: string;
}

const some = <T>(list: T[]): T[] | undefined => (list.length > 0 ? list : undefined);
const said = (s: string): string | undefined => (s.trim() === '' ? undefined : s.trim());

export function noticeIssued(f: NoticeForm): Content {
  const data = {
    id: f.id,
    kind: f.kind,
    title: f.title.trim(),
    body: f.body.trim(),
    number: said(f.number),
    issuer: f.issuer.trim(),
    to: {
      places: some(f.places),
      categories: some(f.categories),
      party_members: f.party_members || undefined,
    },
    acknowledge_by: said(f.acknowledge_by),
    parent: said(f.parent),
  };
  return { event: event('notice.issued', data, f.place), title: data.title, makes: f.id, form: { ...f } };
}

/** By a unit, or without one by the person who is signed in. */
export function noticeAcknowledged(notice: string, unit: string | undefined, title: string): Content {
  return { event: event('notice.acknowledged', { notice, unit }, unit), title, uses: [notice] };
}

export function noticeWithdrawn(notice: string, reason: string, title: string): Content {
  return { event: event('notice.withdrawn', { notice, reason: said(reason) }), title, uses: [notice] };
}

export function dutyReported(
  person: string,
  status: DutyStatus,
  place: string | undefined,
  title: string,
  more: { shift?: string; handover?: string } = {},
): Content {
  return { event: event('duty.reported', { person, status, ...more }, place), title };
}

export function reserveJoined(
  person: string,
  available_from: string,
  skills: string[],
  place: string,
  title: string,
): Content {
  return { event: event('reserve.joined', { person, available_from, skills: some(skills) }, place), title };
}

export function reserveLeft(person: string, place: string, title: string): Content {
  return { event: event('reserve.left', { person }, place), title };
}

export interface RequestForm {
  site: string;
  headcount: number;
  reason: string;
  needed_by: string;
  skills: string[];
}

export function supportRequested(f: RequestForm, title: string): Content {
  const id = uuid7();
  const { site, headcount } = f;
  const data = { id, site, headcount, reason: f.reason.trim(), needed_by: said(f.needed_by), skills: some(f.skills) };
  return { event: event('support.requested', data, site), title, makes: id };
}

export function supportAssigned(
  request: string,
  persons: string[],
  report_by: string | undefined,
  title: string,
): Content {
  return { event: event('support.assigned', { request, persons, report_by }), title, uses: [request] };
}

export function supportArrived(request: string, person: string, title: string): Content {
  return { event: event('support.arrived', { request, person }), title, uses: [request] };
}

export function supportReleased(request: string, person: string, title: string): Content {
  return { event: event('support.released', { request, person }), title, uses: [request] };
}

export function shiftPlanned(site: string, from: string, to: string, persons: string[], title: string): Content {
  const id = uuid7();
  return { event: event('shift.planned', { id, site, from, to, persons }, site), title, makes: id };
}

/** What this account made on this device, whatever became of it, drafts aside; the latest last. */
const made = computed(() => entries.value.filter((e) => e.state !== 'draft' && e.account === who.value?.account));

function last(matches: (e: Entry) => boolean): Entry | undefined {
  return made.value.filter(matches).at(-1);
}

/** The acknowledgement made here, until the server's list shows it. */
export function ackOf(notice: string, unit: string | undefined): Entry | undefined {
  return last(({ event: e }) => e.type === 'notice.acknowledged' && e.data.notice === notice && e.data.unit === unit);
}

export function withdrawalOf(notice: string): Entry | undefined {
  return last(({ event: e }) => e.type === 'notice.withdrawn' && e.data.notice === notice);
}

/** Notices written here that the server does not have, drafts among them. */
export const unsentNotices = computed(() =>
  entries.value.filter(
    (e) => e.event.type === 'notice.issued' && e.state !== 'recorded' && e.account === who.value?.account,
  ),
);

/** The last report about a person made here that the server does not have. */
export function reportOf(person: string): Entry | undefined {
  return last((e) => e.state !== 'recorded' && e.event.type === 'duty.reported' && e.event.data.person === person);
}

/** What this device still has to say about a request, and what was refused of it. */
export function unsentOfRequest(request: string): Entry[] {
  return made.value.filter(
    (e) => e.state !== 'recorded' && e.event.type.startsWith('support.') && e.event.data.request === request,
  );
}

export function unsentOfType(type: string): Entry[] {
  return made.value.filter((e) => e.state !== 'recorded' && e.event.type === type);
}
