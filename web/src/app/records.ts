/* The events that this app records: how each is built, what it makes and refers to, where it is mended, and how
 * unsent ones show up in lists. The one list to extend when a screen records something new; what only screens in a
 * file of their own record stands in records-*.ts, which come with them. */
import { computed } from '@preact/signals';
import type { EventData } from '../api/types';
import type { Entry, EventRecord } from '../outbox/entry';
import { entries, record } from '../outbox/outbox';
import type { Content } from '../outbox/store';
import { uuid7 } from '../outbox/uuid';
import { say } from '../parts/toast';
import { t } from '../texts/texts';
import { within } from './places';
import { to } from './route';
import { who } from './session';
import { nowStamp } from './when';

export function event<T extends keyof EventData>(type: T, data: EventData[T], place?: string): EventRecord {
  return { id: uuid7(), type, at: nowStamp(), place, data: data as unknown as Record<string, unknown> };
}

export type Tag = NonNullable<EventData['household.registered']['tags']>[number];

export interface HouseholdForm {
  /** The household's own id, made with the form. */
  id: string;
  place: string;
  head: string;
  phone: string;
  address: string;
  members: number;
  building: string;
  tags: Tag[];
  group: string;
}

export function householdRegistered(f: HouseholdForm): Content {
  const opt = (s: string) => (s.trim() === '' ? undefined : s.trim());
  const data: EventData['household.registered'] = {
    id: f.id,
    address: f.address.trim(),
    head: { name: f.head.trim(), phone: opt(f.phone) },
    members: f.members,
    building: opt(f.building),
    tags: f.tags.length > 0 ? f.tags : undefined,
  };
  const title = [f.head.trim(), f.address.trim()].filter((s) => s !== '').join(' · ');
  return { event: event('household.registered', data, f.place), title, makes: f.id, form: { ...f } };
}

export function householdAssigned(household: string, group: string, title: string): Content {
  return { event: event('household.assigned', { household, group }), title, uses: [household, group] };
}

export function householdReleased(household: string, group: string, title: string): Content {
  return { event: event('household.released', { household, group }), title, uses: [household, group] };
}

export function groupStaffed(group: string, person: string, role: string, title: string): Content {
  return { event: event('group.staffed', { group, person, role }), title, uses: [group, person] };
}

export function groupUnstaffed(group: string, person: string, role: string, title: string): Content {
  return { event: event('group.unstaffed', { group, person, role }), title, uses: [group, person] };
}

/** For what is recorded without a form. Says so when this device could not keep it. */
export async function recordOne(content: Content): Promise<void> {
  await record([content]).catch(() => say(t('draft.not_saved')));
}

/** Where a draft or a refused entry is filled in again; undefined when its type has no form. */
export function editorOf(e: Entry): string | undefined {
  switch (e.event.type) {
    case 'household.registered':
      return to(`/place/${e.event.place}/register`, { draft: e.id });
    case 'group.staffed':
      return to(`/group/${e.event.data.group}/staff`, { draft: e.id });
    case 'household.assigned':
      return to(`/household/${e.event.data.household}/assign`, { draft: e.id });
    case 'notice.issued':
      return to('/notices/new', { draft: e.id });
    case 'screening.recorded':
      return to('/checkpoint', { draft: e.id });
    case 'followup.observed':
      return to(`/followup/${e.event.data.followup}/observe`, { draft: e.id });
    case 'followup.opened':
      return to('/followups/new', { draft: e.id });
    case 'visit.made':
      return to(`/household/${e.event.data.household}/visit`, { draft: e.id });
    default:
      return undefined;
  }
}

/** What the signed-in account made here and the server does not have. */
export const mine = computed(() =>
  entries.value.filter((e) => e.state !== 'recorded' && e.account === who.value?.account),
);

export function unsentHouseholds(place: string): Entry[] {
  return mine.value.filter((e) => e.event.type === 'household.registered' && within(e.event.place ?? '', place));
}

export function unsentOfGroup(group: string): Entry[] {
  return mine.value.filter((e) => e.event.type.startsWith('group.') && e.event.data.group === group);
}

export function unsentOfHousehold(household: string): Entry[] {
  return mine.value.filter((e) => e.event.data.household === household);
}
