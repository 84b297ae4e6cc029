/* A proposal in a person's hands: who goes where, what was changed, what goes out. Nothing here decides who fits;
 * the server proposed and the server will check. */
import type { Proposal, Proposed, Reserve, SupportRequest } from '../../api/desk';

export interface Choice {
  person: string;
  name?: string;
  /** Why lianfang proposed it; none when a person chose. */
  reasons: string[];
  /** Taken back for the moment; ticked again at will. */
  off: boolean;
}

/** By request. */
export type Plan = ReadonlyMap<string, readonly Choice[]>;

export function planOf(p: Proposal): Plan {
  const plan = new Map<string, Choice[]>();
  for (const i of p.items) {
    plan.set(i.request, [...(plan.get(i.request) ?? []), pickOf(i)]);
  }
  return plan;
}

function pickOf({ person, name, reasons = [] }: Proposed): Choice {
  return { person, name, reasons, off: false };
}

export function picksOf(plan: Plan, request: string): readonly Choice[] {
  return plan.get(request) ?? [];
}

function change(plan: Plan, request: string, picks: readonly Choice[]): Plan {
  const next = new Map(plan);
  if (picks.length === 0) {
    next.delete(request);
  } else {
    next.set(request, picks);
  }
  return next;
}

export function toggled(plan: Plan, request: string, person: string): Plan {
  return change(
    plan,
    request,
    picksOf(plan, request).map((p) => (p.person === person ? { ...p, off: !p.off } : p)),
  );
}

/** Somebody else in the place of one. */
export function replaced(plan: Plan, request: string, person: string, by: Choice): Plan {
  return change(
    plan,
    request,
    picksOf(plan, request).map((p) => (p.person === person ? by : p)),
  );
}

export function added(plan: Plan, request: string, by: Choice): Plan {
  return change(plan, request, [...picksOf(plan, request), by]);
}

export function without(plan: Plan, request: string): Plan {
  return change(plan, request, []);
}

export function going(plan: Plan, request: string): string[] {
  return picksOf(plan, request)
    .filter((p) => !p.off)
    .map((p) => p.person);
}

/** Those of the reserve who could go and stand nowhere in the plan. */
export function free(plan: Plan, reserve: readonly Reserve[]): Reserve[] {
  const taken = new Set([...plan.values()].flat().map((p) => p.person));
  return reserve.filter((r) => r.state === 'available' && !taken.has(r.person));
}

export function chosen(r: Reserve): Choice {
  return { person: r.person, name: r.name, reasons: [], off: false };
}

/** When those sent should be there, if the request does not say or the hour has passed: soon. */
export function reportBy(r: Pick<SupportRequest, 'needed_by'>, now: number): number {
  const wanted = r.needed_by === undefined ? Number.NaN : Date.parse(r.needed_by);
  return wanted > now ? wanted : now + 2 * 3_600_000;
}
