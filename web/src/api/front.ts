/* What the task, checkpoint and visit views answer, by name, and the hooks that read them. */
import type { Params, ReadPath } from './reads';
import { ask, read } from './reads';
import type { HistoryItem } from './types';
import { type Listing, type Reading, useList, useRead } from './use-read';

export type Urgency = 'alarm' | 'late' | 'due' | 'soon';

export interface Task {
  rule: string;
  label: string;
  urgency: Urgency;
  due?: string;
  late_by?: number;
  place: string;
  place_name: string;
  about_kind: string;
  about: string;
  household?: string;
  same_household?: number;
  title: string;
  detail?: string;
  settles: string;
  event: { type: string; place?: string; data?: Record<string, unknown> };
}

export interface Tasks {
  items: Task[];
  counts?: { rule: string; label: string; n: number }[];
}

export interface Checkpoint {
  site: string;
  name: string;
  place: string;
  place_name: string;
  open: boolean;
  today?: { vehicles: number; people: number; fevers: number; follow_ups: number };
  last_passage?: string;
}

export type Decision = 'pass' | 'follow_up' | 'turned_back' | 'referred';
export type Symptom = 'fever' | 'cough' | 'fatigue' | 'breath' | 'diarrhoea' | 'other';

export interface Destination {
  place?: string;
  place_name?: string;
  text?: string;
}

export interface Screened {
  subject: string;
  name?: string;
  temperature?: number;
  decision: Decision;
  destination?: Destination;
}

export interface Screening {
  id: string;
  seq: number;
  at: string;
  site: string;
  site_name: string;
  direction: 'in' | 'out';
  plate?: string;
  vehicle_kind?: string;
  people: Screened[];
  actor: string;
}

export interface Remembered {
  subject: string;
  name?: string;
  id_number?: string;
  phone?: string;
  origin?: string;
  destination?: Destination;
  address?: string;
  last_seen?: string;
  last_decision?: Decision;
}

export interface Pass {
  id: string;
  subject: string;
  name?: string;
  id_number?: string;
  plate?: string;
  place: string;
  place_name?: string;
  at?: string;
  valid_from: string;
  valid_to: string;
  purpose: string;
  revoked?: string;
  code?: string;
  svg?: string;
  history?: HistoryItem[];
}

export interface Revocations {
  key: string;
  as_of: string;
  revoked: string[];
}

export interface CalendarDay {
  day: string;
  due: number;
  done: number;
  missed: number;
  fever: boolean;
}

export interface Followup {
  id: string;
  subject: string;
  name?: string;
  phone?: string;
  category: string;
  place: string;
  place_name: string;
  household?: string;
  address?: string;
  group?: string;
  group_name?: string;
  starts: string;
  last_day: string;
  days: number;
  per_day: number;
  today_due: number;
  today_done: number;
  missed: number;
  last_seen?: string;
  last_temperature?: number;
  alert: boolean;
  closed?: string;
  reason?: string;
  calendar: CalendarDay[];
}

export interface Observation {
  at: string;
  present: boolean;
  temperature?: number;
  symptoms?: Symptom[];
  unwell?: boolean;
  method: string;
  note?: string;
  actor: string;
}

export interface FollowupFull extends Followup {
  masked?: boolean;
  id_number?: string;
  observations?: Observation[];
  contacts?: { subject: string; name?: string; relation?: string; on?: string }[];
  screening?: string;
  history?: HistoryItem[];
}

export interface Visit {
  id: string;
  at: string;
  method: string;
  purposes: string[];
  result: 'met' | 'absent' | 'refused';
  needs?: string;
  note?: string;
  actor: string;
}

export interface HouseholdVisits {
  household: string;
  address?: string;
  place: string;
  group?: string;
  group_name?: string;
  last_visit?: string;
  last_met?: string;
  visits: Visit[];
  followups?: Followup[];
}

export interface Unvisited {
  household: string;
  address?: string;
  place: string;
  place_name?: string;
  group?: string;
  group_name?: string;
  last_visit?: string;
  last_met?: string;
  days: number;
}

export interface ChainNode {
  subject: string;
  name?: string;
  followup?: string;
  generation: number;
  links: number;
}

export interface Chain {
  nodes: ChainNode[];
  links: { from: string; to: string; relation?: string; on?: string }[];
}

interface Items<I> {
  items: I[];
  next?: string;
}

export interface FrontPaths {
  '/api/v1/tasks': Tasks;
  '/api/v1/checkpoints/sites': Items<Checkpoint>;
  '/api/v1/checkpoints/screenings': Items<Screening>;
  '/api/v1/checkpoints/remembered': Items<Remembered>;
  '/api/v1/checkpoints/passes': Items<Pass>;
  '/api/v1/checkpoints/passes/{id}': Pass;
  '/api/v1/checkpoints/revocations': Revocations;
  '/api/v1/visits/followups': Items<Followup>;
  '/api/v1/visits/followups/{id}': FollowupFull;
  '/api/v1/visits/households/{id}': HouseholdVisits;
  '/api/v1/visits/unvisited': Items<Unvisited>;
  '/api/v1/visits/groups': Items<{ group: string; name: string; households: number; unvisited: number }>;
  '/api/v1/visits/chains': Chain;
  '/api/v1/visits/gaps': Items<Followup>;
  '/api/v1/visits/alerts': Items<Followup>;
}

export interface FrontParams {
  path?: Record<string, string>;
  query?: Record<string, string | number | undefined>;
}

type Item<P extends keyof FrontPaths> = FrontPaths[P] extends { items: (infer I)[] } ? I : never;

// These views are named here; the reading underneath is the same for all.
const asPath = (path: keyof FrontPaths) => path as unknown as ReadPath;
const asParams = (params: FrontParams | undefined) => params as unknown as Params<ReadPath>;

export function useFront<P extends keyof FrontPaths>(path: P, params: FrontParams | undefined): Reading<FrontPaths[P]> {
  return useRead(asPath(path), asParams(params)) as unknown as Reading<FrontPaths[P]>;
}

export function useFrontList<P extends keyof FrontPaths>(path: P, params: FrontParams | undefined): Listing<Item<P>> {
  return useList(asPath(path), asParams(params)) as unknown as Listing<Item<P>>;
}

/** Asks the server; nothing is kept. */
export function askFront<P extends keyof FrontPaths>(path: P, params: FrontParams): Promise<FrontPaths[P]> {
  return ask(asPath(path), asParams(params)) as unknown as Promise<FrontPaths[P]>;
}

export async function readFront<P extends keyof FrontPaths>(path: P, params: FrontParams): Promise<FrontPaths[P]> {
  return (await read(asPath(path), asParams(params))).body as unknown as FrontPaths[P];
}
