/* Which incident this device records for. While one is open nobody is asked; while several are — a drill beside the
 * real thing — the latest that is no drill, unless the person chose. Remembered, so that work done without signal still
 * says what it belongs to. */
import { computed, signal } from '@preact/signals';
import { request } from '../api/client';
import type { components } from '../api/schema';
import type { EventRecord } from '../outbox/entry';

type Incident = components['schemas']['Incident'];

const STORED = 'lianfang.incident';
/** Facts that belong to no incident: places, people, grid, access. */
const STANDING = /^(division|grid|site|household|person|personal|subject|team|group|incident|parameter|role|event)\./;

interface Known {
  open: Incident[];
  chosen?: string;
}

export const known = signal<Known>(stored());

export const incident = computed(() => {
  const { open, chosen } = known.value;
  const latest = [...open].sort((a, b) => b.opened.localeCompare(a.opened));
  return open.find((i) => i.id === chosen) ?? latest.find((i) => i.kind !== 'drill') ?? latest[0];
});

function stored(): Known {
  try {
    const k = JSON.parse(localStorage.getItem(STORED) ?? 'null') as Known | null;
    return Array.isArray(k?.open) ? k : { open: [] };
  } catch {
    return { open: [] };
  }
}

function remember(k: Known): void {
  known.value = k;
  localStorage.setItem(STORED, JSON.stringify(k));
}

export function choose(id: string): void {
  remember({ ...known.value, chosen: id });
}

export async function readIncidents(): Promise<void> {
  const answer = await request('/api/v1/incident/incidents').catch(() => undefined);
  if (answer?.ok) {
    const { items } = (await answer.json()) as { items: Incident[] };
    remember({ ...known.value, open: items.filter((i) => i.closed === undefined) });
  }
}

/** What changes a thing of an incident belongs to that one, as the server knows. */
const OF_A_THING = /^(followup\.(observed|closed)|support\.(assigned|arrived|released)|notice\.withdrawn)$/;

/** The event with the incident it belongs to, if it belongs to one and does not say. */
export function belonging(e: EventRecord): EventRecord {
  return e.incident !== undefined || incident.value === undefined || STANDING.test(e.type) || OF_A_THING.test(e.type)
    ? e
    : { ...e, incident: incident.value.id };
}
