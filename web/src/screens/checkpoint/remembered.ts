/* People seen before: what the server remembers within reach, and what this phone let pass in the last day and a
 * half, also without signal. Kept no longer than a shift and a day. */
import type { Remembered } from '../../api/front';
import { ask } from '../../api/reads';
import { fieldDatabase, type Passed, type PassedPerson } from '../../app/field-db';
import { plateOf, type ScreeningForm } from '../../app/records-front';

export const KEEP_MS = 36 * 3_600_000;
const LOOK_AT_MOST = 2000;

export async function purge(now = Date.now()): Promise<void> {
  const db = await fieldDatabase();
  const tx = db.transaction('passed', 'readwrite');
  for (
    let c = await tx.store.index('at').openCursor(IDBKeyRange.upperBound(now - KEEP_MS));
    c;
    c = await c.continue()
  ) {
    await c.delete();
  }
  await tx.done;
}

export async function keepPassage(key: string, f: ScreeningForm, now = Date.now()): Promise<void> {
  const opt = (s: string) => (s.trim() === '' ? undefined : s.trim());
  const people: PassedPerson[] = f.people.map((p) => ({
    subject: opt(p.subject),
    name: p.name.trim(),
    id: opt(p.id.toUpperCase()),
    phone: opt(p.phone),
    origin: opt(p.origin),
    place: opt(p.place),
    placeName: opt(p.placeName),
    address: opt(p.address),
  }));
  const db = await fieldDatabase();
  await db.put('passed', { key, at: now, plate: plateOf(f), people });
  await purge(now);
}

/** Who was in this vehicle last time, by this phone. */
export async function lastInVehicle(plate: string, now = Date.now()): Promise<PassedPerson[]> {
  const db = await fieldDatabase();
  const all = await db.getAllFromIndex('passed', 'plate', plate, LOOK_AT_MOST);
  const fresh = all.filter((p) => p.at > now - KEEP_MS).sort((a, b) => b.at - a.at);
  return fresh[0]?.people ?? [];
}

/** By full id number or phone, among what this phone let pass. */
export async function seenHere(q: string, now = Date.now()): Promise<PassedPerson | undefined> {
  const db = await fieldDatabase();
  const all: Passed[] = await db.getAllFromIndex('passed', 'at', IDBKeyRange.lowerBound(now - KEEP_MS), LOOK_AT_MOST);
  for (const passage of all.sort((a, b) => b.at - a.at)) {
    const found = passage.people.find((p) => p.id === q || p.phone === q);
    if (found !== undefined) {
      return found;
    }
  }
  return undefined;
}

function fromServer(r: Remembered): PassedPerson {
  return {
    subject: r.subject,
    name: r.name ?? '',
    id: r.id_number,
    phone: r.phone,
    origin: r.origin,
    place: r.destination?.place,
    placeName: r.destination?.place_name,
    address: r.destination?.text,
  };
}

/** The server's memory where it answers in time, else this phone's. Masked data fills in nothing. */
export async function remembered(q: string): Promise<PassedPerson | undefined> {
  const here = await seenHere(q).catch(() => undefined);
  if (here !== undefined) {
    return here;
  }
  try {
    const { items } = await ask('/api/v1/checkpoints/remembered', { query: { q } });
    const found = items[0];
    return found && !(found.name ?? '').includes('*') ? fromServer(found) : undefined;
  } catch {
    return undefined;
  }
}
