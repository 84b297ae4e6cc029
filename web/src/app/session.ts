/* Who is signed in. The session itself is the server's cookie; this device remembers the account and its grants so
 * that the app opens with the network cut. Signing out wipes what was read, never what is unsent. */
import { computed, signal } from '@preact/signals';
import { Problem, problemOf, request, whenUnauthorised } from '../api/client';
import { rolesFor } from '../api/labels';
import { wipeReads } from '../api/reads';
import type { Grant, Session } from '../api/types';
import { forgetRecorded, kick, retryNow } from '../outbox/outbox';
import type { WhoAmI } from '../outbox/sender';
import { readIncidents } from './incident';
import { within } from './places';

const STORED = 'lianfang.session';
/** Set when somebody signed out without network: the server's session is still to be ended. */
const OWED = 'lianfang.sign-out-owed';

export type Who = Pick<Session, 'account' | 'person' | 'roles'>;

export const who = signal<Who | undefined>(stored());
/** The server does not know us (any more): the sign-in page is shown over wherever one is. */
export const signInNeeded = signal(false);
export const signedIn = computed(() => who.value !== undefined && !signInNeeded.value);

function stored(): Who | undefined {
  try {
    const s = JSON.parse(localStorage.getItem(STORED) ?? 'null') as Who | null;
    return s && typeof s.account === 'string' && Array.isArray(s.roles) ? s : undefined;
  } catch {
    return undefined;
  }
}

function remember(s: Who | undefined): void {
  who.value = s && { account: s.account, person: s.person, roles: s.roles };
  if (s === undefined) {
    localStorage.removeItem(STORED);
  } else {
    localStorage.setItem(STORED, JSON.stringify(who.value));
  }
}

// Another tab signed in or out.
addEventListener('storage', (e) => {
  if (e.key === STORED) {
    const now = stored();
    if (who.value !== undefined && now !== undefined && now.account !== who.value.account) {
      location.reload(); // what stands on this page was read by somebody else
    }
    who.value = now;
    signInNeeded.value = now === undefined;
    void kick();
  }
});

export async function whoAmI(): Promise<WhoAmI> {
  const response = await request('/api/v1/session').catch(() => undefined);
  if (response?.status === 401) {
    return 'signed_out';
  }
  const s = response?.ok ? ((await response.json().catch(() => undefined)) as Session | undefined) : undefined;
  return typeof s?.account === 'string' ? { account: s.account } : 'unreachable';
}

whenUnauthorised(() => {
  signInNeeded.value = true;
});

/** At start: the server's word if it can be had, else what this device remembers. */
export async function resume(): Promise<void> {
  try {
    if (localStorage.getItem(OWED) !== null) {
      await endSession();
    }
    const response = await request('/api/v1/session');
    if (response.ok) {
      await enter((await response.json()) as Session);
    } else if (response.status === 401) {
      signInNeeded.value = true;
    }
  } catch {
    signInNeeded.value = who.value === undefined;
  }
}

export async function signIn(account: string, password: string): Promise<void> {
  const body = JSON.stringify({ account, password });
  const response = await request('/api/v1/session', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body,
  });
  if (!response.ok) {
    throw await problemOf(response);
  }
  localStorage.removeItem(OWED);
  await enter((await response.json()) as Session);
  void retryNow();
}

async function enter(s: Session): Promise<void> {
  if (who.value !== undefined && who.value.account !== s.account) {
    await wipeReads();
  }
  remember(s);
  signInNeeded.value = false;
  void readIncidents();
}

export async function signOut(): Promise<void> {
  localStorage.setItem(OWED, '1');
  remember(undefined);
  signInNeeded.value = true;
  await wipeReads();
  await forgetRecorded();
  await endSession().catch(() => undefined);
}

async function endSession(): Promise<void> {
  const response = await request('/api/v1/session', { method: 'DELETE' });
  if (!response.ok && response.status !== 401) {
    throw new Problem(response.status, '', '');
  }
  localStorage.removeItem(OWED);
}

addEventListener('online', () => {
  if (localStorage.getItem(OWED) !== null) {
    void endSession().catch(() => undefined);
  }
});

/** The place a person starts from: the highest that a grant with operations reaches. */
export const homePlace = computed(() => {
  const grants = who.value?.roles.filter((g) => g.role !== 'admin') ?? [];
  return grants.map((g) => g.place).sort((a, b) => (within(b, a) ? -1 : within(a, b) ? 1 : 0))[0];
});

/** Works at a checkpoint or in a grid and nothing wider: starts from what is to be done, not from a place. */
export const onTheSpot = computed(() => {
  const roles = who.value?.roles.filter((g) => g.role !== 'admin') ?? [];
  return roles.length > 0 && roles.every((g) => g.role === 'grid' || g.role === 'checkpoint');
});

/** Whether it is worth offering to record this here; the server decides. */
export function may(type: string, place: string): boolean {
  const roles = rolesFor(type);
  return grantsAt(place).some((g) =>
    roles === undefined ? g.role !== 'auditor' && g.role !== 'admin' : roles.includes(g.role),
  );
}

export function grantsAt(place: string): Grant[] {
  return who.value?.roles.filter((g) => within(place, g.place)) ?? [];
}
