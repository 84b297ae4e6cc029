/* The device's database: outbox entries, last good answers of reads, and small state (backoff clock,
 * sender lease). Owns the schema and its versions; what is written where belongs to store.ts and api/reads.ts. */
import { type DBSchema, type IDBPDatabase, openDB } from 'idb';
import type { Entry } from './entry';

export interface SavedRead {
  key: string;
  account: string;
  /** When the server gave it, in milliseconds. */
  at: number;
  body: unknown;
}

/** One clock for the whole outbox, shared by all tabs. */
export interface Backoff {
  failures: number;
  /** Our own pause; a person may cut it short. */
  pauseUntil: number;
  /** The server asked for it (Retry-After); nobody cuts it short. */
  askedUntil: number;
}

export interface Lease {
  holder: string;
  until: number;
}

export interface Schema extends DBSchema {
  entries: { key: string; value: Entry; indexes: { order: string } };
  reads: { key: string; value: SavedRead; indexes: { account: string; at: number } };
  meta: { key: string; value: Backoff | Lease };
}

export type Database = IDBPDatabase<Schema>;

export function openDatabase(name = 'lianfang'): Promise<Database> {
  return openDB<Schema>(name, 1, {
    upgrade(db) {
      db.createObjectStore('entries', { keyPath: 'id' }).createIndex('order', 'order');
      const reads = db.createObjectStore('reads', { keyPath: 'key' });
      reads.createIndex('account', 'account');
      reads.createIndex('at', 'at');
      db.createObjectStore('meta');
    },
    blocking(_current, _next, event) {
      (event.target as IDBDatabase).close(); // a newer page wants to upgrade
    },
  });
}
