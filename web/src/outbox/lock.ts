/* One sender across all tabs of this device: a Web Lock, or where there is none (plain http on a LAN)
 * a lease in IndexedDB that its holder keeps renewing. Two holders at once, after a suspended tab wakes, cost
 * a repeated request and nothing else: ids make sending again harmless. */
import type { Database, Lease } from './db';

export const LEASE_MS = 15_000;

export interface SenderLock {
  /** Runs `work` while holding the lock; returns false at once when another tab holds it. */
  tryRun(work: () => Promise<void>): Promise<boolean>;
}

export function webLock(locks: LockManager, name = 'lianfang-outbox'): SenderLock {
  return {
    async tryRun(work) {
      let held = false;
      await locks.request(name, { ifAvailable: true }, async (lock) => {
        if (lock !== null) {
          held = true;
          await work();
        }
      });
      return held;
    },
  };
}

export function leaseLock(db: Database, holder: string, now: () => number = Date.now): SenderLock {
  async function grab(): Promise<boolean> {
    const tx = db.transaction('meta', 'readwrite');
    const lease = (await tx.store.get('lease')) as Lease | undefined;
    // A lease that ends implausibly late was written under a clock that has since been set back.
    const free =
      lease === undefined || lease.holder === holder || lease.until <= now() || lease.until > now() + 2 * LEASE_MS;
    if (free) {
      await tx.store.put({ holder, until: now() + LEASE_MS }, 'lease');
    }
    await tx.done;
    return free;
  }
  async function release(): Promise<void> {
    const tx = db.transaction('meta', 'readwrite');
    const lease = (await tx.store.get('lease')) as Lease | undefined;
    if (lease?.holder === holder) {
      await tx.store.delete('lease');
    }
    await tx.done;
  }
  return {
    async tryRun(work) {
      if (!(await grab())) {
        return false;
      }
      const renew = setInterval(() => void grab().catch(() => undefined), LEASE_MS / 3);
      try {
        await work();
      } finally {
        clearInterval(renew);
        await release().catch(() => undefined);
      }
      return true;
    },
  };
}

export function senderLock(db: Database, holder: string): SenderLock {
  return typeof navigator !== 'undefined' && navigator.locks ? webLock(navigator.locks) : leaseLock(db, holder);
}
