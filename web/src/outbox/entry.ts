/* What stands in the outbox: one entry is one event that somebody made on this device, from the first
 * keystroke to the server's answer. Owns the states and the legal moves between them, nothing stored. */

/** draft → pending → sending → recorded | refused; sending → pending when no answer came; refused → draft to mend it. */
export type State = 'draft' | 'pending' | 'sending' | 'recorded' | 'refused';

export interface EventRecord {
  id: string;
  type: string;
  at: string;
  place?: string;
  incident?: string;
  data: Record<string, unknown>;
}

export interface Refusal {
  code: string;
  message: string;
  field?: string;
}

export interface Warning {
  code: string;
  message: string;
  field?: string;
}

export interface Entry {
  /** The event's id: made once, so that sending again is the same record. */
  id: string;
  /** Sending order; stays when a refused entry is mended under a new id. */
  order: string;
  /** Who made it; only that account's session may send it. */
  account: string;
  state: State;
  event: EventRecord;
  /** What people call it, kept beside the event because names may not be at hand later. */
  title: string;
  /** Id of the thing this event brings into being. */
  makes?: string;
  /** Ids of things it refers to; it waits while one of them is itself unsent. */
  uses: string[];
  /** What the form held, to open it again as it was. */
  form?: Record<string, unknown>;
  made: number;
  changed: number;
  tries: number;
  /** The sender that has it in hand, while sending. */
  by?: string;
  error?: Refusal;
  warnings?: Warning[];
  seq?: number;
}

const MOVES: Record<State, readonly State[]> = {
  draft: ['pending'],
  pending: ['sending', 'recorded', 'refused', 'draft'],
  sending: ['pending', 'recorded', 'refused'],
  refused: ['draft', 'pending', 'recorded'],
  recorded: [],
};

export function mayMove(from: State, to: State): boolean {
  return MOVES[from].includes(to);
}

/** Still this device's burden: losing it would lose work. */
export function unsent(e: Entry): boolean {
  return e.state !== 'recorded';
}

/** On its way, with nothing for anybody to do. */
export function waiting(e: Entry): boolean {
  return e.state === 'pending' || e.state === 'sending';
}

/** A person may still mend or discard it: it never left, or it came back refused. */
export function inHand(e: Entry): boolean {
  return e.state === 'draft' || e.state === 'refused' || (e.state === 'pending' && e.tries === 0);
}

/** What one event of the answer says; a subset of the server's result. */
export interface Result {
  id: string;
  status: 'recorded' | 'duplicate' | 'refused';
  seq?: number;
  error?: Refusal;
  warnings?: Warning[];
}
