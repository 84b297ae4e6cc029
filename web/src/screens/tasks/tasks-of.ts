/* What a list of tasks becomes on this device: without what was settled here already, grouped by urgency, each with
 * the screen or the one record that settles it. */
import type { Task, Urgency } from '../../api/front';
import { to } from '../../app/route';
import type { Entry } from '../../outbox/entry';

export const URGENCIES: readonly Urgency[] = ['alarm', 'late', 'due', 'soon'];

/** What the settling record must agree on with an entry made here for the two to be the same deed. */
function same(task: Task, e: Entry): boolean {
  const { type, data = {}, place } = task.event;
  if (e.event.type !== type) {
    return false;
  }
  const known = Object.entries(data).filter(([, v]) => typeof v !== 'object');
  const about = task.about !== undefined && Object.values(e.event.data).includes(task.about);
  return (
    (known.length > 0 ? known.every(([k, v]) => e.event.data[k] === v) : about) &&
    (task.rule !== 'followup.locate' || e.event.data.household !== undefined) &&
    (place === undefined || e.event.place === undefined || e.event.place === place)
  );
}

/** Settled here: it waits to be sent, or was sent after the list was given. */
export function settledHere(task: Task, made: readonly Entry[], given: number): boolean {
  return made.some(
    (e) =>
      (e.state === 'pending' || e.state === 'sending' || (e.state === 'recorded' && e.changed > given)) &&
      same(task, e),
  );
}

export function grouped(tasks: readonly Task[]): [Urgency, Task[]][] {
  const order = (t: Task) => t.due ?? '9999';
  const of = (u: Urgency) =>
    tasks.filter((t) => t.urgency === u).sort((a, b) => (order(a) < order(b) ? -1 : order(a) > order(b) ? 1 : 0));
  return URGENCIES.map((u): [Urgency, Task[]] => [u, of(u)]).filter(([, list]) => list.length > 0);
}

/** The other tasks at the household of one that was just settled. */
export function atHousehold(tasks: readonly Task[], household: string | undefined): Task[] {
  return household === undefined ? [] : tasks.filter((t) => t.household === household);
}

/** What settles it is known to the last word: one tap records it. */
const ONE_TAP = new Set(['notice.acknowledge', 'duty.report', 'shift.hand_over', 'support.arrive']);

export function oneTap(task: Task): boolean {
  return ONE_TAP.has(task.rule);
}

/** Where it is settled when that needs more than a tap. */
export function hrefOf(task: Task): string {
  const id = task.about ?? '';
  const from = task.household === undefined ? undefined : { from: task.household };
  switch (task.settles) {
    case 'followup.observed':
      return to(`/followup/${id}/observe`, from);
    case 'visit.made':
      return to(`/household/${id}/visit`, from);
    case 'household.assigned':
      return `/household/${task.household ?? id}/assign`;
    case 'notice.issued':
      return to('/notices/new', { parent: String(task.event.data?.parent ?? id) });
    case 'notice.acknowledged':
      return `/notice/${id}/cascade`;
    case 'support.assigned':
      return to('/dispatch', { request: id });
    default:
      return task.about_kind === 'followup'
        ? `/followup/${id}`
        : task.about_kind === 'notice'
          ? `/notice/${id}`
          : task.about_kind === 'household'
            ? `/household/${id}`
            : task.about_kind === 'request'
              ? '/dispatch'
              : '/duty';
  }
}
