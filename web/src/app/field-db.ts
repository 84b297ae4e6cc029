/* A second database of this device, for what a phone carries with it: its part of the server's lists, and the people
 * that its checkpoint let pass lately. Gone when somebody signs out; the outbox lives in another one. */
import { type DBSchema, type IDBPDatabase, openDB } from 'idb';
import { CARRIED } from '../api/reads';

export interface Carried {
  /** Kind and id. */
  key: string;
  kind: string;
  id: string;
  place?: string;
  data: unknown;
}

export interface CarriedTo {
  account: string;
  cursor?: string;
  /** When the server gave the last of it. */
  at?: number;
}

export interface PassedPerson {
  subject?: string;
  name: string;
  id?: string;
  phone?: string;
  origin?: string;
  place?: string;
  placeName?: string;
  address?: string;
}

export interface Passed {
  /** The event's id. */
  key: string;
  at: number;
  plate: string;
  people: PassedPerson[];
}

interface Schema extends DBSchema {
  items: { key: string; value: Carried; indexes: { kind: string } };
  passed: { key: string; value: Passed; indexes: { at: number; plate: string } };
  meta: { key: string; value: CarriedTo };
}

export type FieldDatabase = IDBPDatabase<Schema>;

let opened: Promise<FieldDatabase> | undefined;

export function fieldDatabase(): Promise<FieldDatabase> {
  opened ??= openDB<Schema>(CARRIED, 1, {
    upgrade(db) {
      db.createObjectStore('items', { keyPath: 'key' }).createIndex('kind', 'kind');
      const passed = db.createObjectStore('passed', { keyPath: 'key' });
      passed.createIndex('at', 'at');
      passed.createIndex('plate', 'plate');
      db.createObjectStore('meta');
    },
    blocking(_current, _next, event) {
      (event.target as IDBDatabase).close(); // somebody signs out in another tab
      opened = undefined;
    },
    terminated() {
      opened = undefined;
    },
  });
  opened.catch(() => {
    opened = undefined;
  });
  return opened;
}
