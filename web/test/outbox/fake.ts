/* A device, a clock and a server to play the outbox's faults on. The server is as strict as the real one where
 * it matters: an id is recorded once, another content under the same id is refused. */
import 'fake-indexeddb/auto';
import { type Database, openDatabase } from '../../src/outbox/db';
import type { EventRecord } from '../../src/outbox/entry';
import { leaseLock, type SenderLock } from '../../src/outbox/lock';
import { type Outcome, Sender, type WhoAmI } from '../../src/outbox/sender';
import { type NewEntry, OutboxStore } from '../../src/outbox/store';
import { uuid7 } from '../../src/outbox/uuid';

type Fault = (events: EventRecord[], serve: () => Response) => Response | Promise<Response>;

export function json(status: number, body: unknown, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/json', ...headers } });
}

export class FakeServer {
  readonly ledger: EventRecord[] = [];
  readonly requests: EventRecord[][] = [];
  readonly clocks: string[] = [];
  readonly refuse = new Map<string, { code: string; message: string }>();
  /** Applied to the next requests, one each. */
  readonly faults: Fault[] = [];
  who: WhoAmI = { account: 'town100' };

  post = async (events: unknown[], sentAt: string): Promise<Response> => {
    const list = events as EventRecord[];
    this.requests.push(list);
    this.clocks.push(sentAt);
    const fault = this.faults.shift();
    const serve = () => this.record(list);
    return fault ? fault(list, serve) : serve();
  };

  record(list: EventRecord[]): Response {
    const results = list.map((e) => {
      const error = this.refuse.get(e.id);
      if (error) {
        return { id: e.id, status: 'refused', error };
      }
      const at = this.ledger.findIndex((x) => x.id === e.id);
      if (at >= 0) {
        const same = JSON.stringify(this.ledger[at]) === JSON.stringify(e);
        return same
          ? { id: e.id, status: 'duplicate', seq: at + 1 }
          : { id: e.id, status: 'refused', error: { code: 'id_reused', message: '' } };
      }
      this.ledger.push(e);
      return { id: e.id, status: 'recorded', seq: this.ledger.length };
    });
    return json(200, { results });
  }
}

export class FakeClock {
  t = Date.parse('2020-02-08T07:00:00Z');
  now = () => this.t;
}

export interface Tab {
  store: OutboxStore;
  sender: Sender;
  run(account?: string): Promise<Outcome>;
}

let counter = 0;

export class Device {
  readonly clock = new FakeClock();
  db!: Database;
  private readonly name = `device-${++counter}`;

  constructor(readonly server: FakeServer) {}

  static async make(server: FakeServer): Promise<Device> {
    const d = new Device(server);
    d.db = await openDatabase(d.name);
    return d;
  }

  /** The page is killed and opened again: whatever was only in memory is gone. */
  async restart(): Promise<void> {
    this.db.close();
    this.db = await openDatabase(this.name);
  }

  tab(lock?: SenderLock): Tab {
    const me = uuid7();
    const { now } = this.clock;
    const store = new OutboxStore(this.db, now);
    const sender = new Sender({
      store,
      lock: lock ?? leaseLock(this.db, me, now),
      post: this.server.post,
      whoAmI: async () => this.server.who,
      me,
      now,
      random: () => 0.5,
      changed: () => undefined,
    });
    return { store, sender, run: (account = 'town100') => sender.run(account) };
  }
}

export function household(account = 'town100'): NewEntry {
  const thing = uuid7();
  const data = { id: thing, address: '3组12号', head: { name: '测试户' }, members: 4 };
  const event = {
    id: uuid7(),
    type: 'household.registered',
    at: '2020-02-08T15:00:00+08:00',
    place: '610927100001',
    data,
  };
  return { account, event, title: '测试户', makes: thing };
}

export function assigned(to: NewEntry, group = uuid7()): NewEntry {
  const event = {
    id: uuid7(),
    type: 'household.assigned',
    at: '2020-02-08T15:00:00+08:00',
    data: { household: to.makes, group },
  };
  return { account: to.account, event, title: '划入', uses: [to.makes as string, group] };
}
