/* The server's answers by name. Mirrors the HTTP description until it is generated from /openapi.json. */

export interface Grant {
  role: string;
  place: string;
  place_name: string;
  until?: string;
}
export interface Session {
  token?: string;
  expires: string;
  account: string;
  person?: string;
  roles: Grant[];
}
export interface Above {
  code: string;
  name: string;
  level: number;
}
export interface Division extends Above {
  parent?: string;
}
export interface DivisionView extends Division {
  above: Above[];
}
export interface Missing {
  role: string;
  have: number;
  least: number;
}
export interface CoverageBelow {
  place: string;
  name: string;
  level: number;
  households: number;
  households_covered: number;
  groups: number;
  groups_complete: number;
}
export interface Group {
  id: string;
  name: string;
  model: string;
  place: string;
  place_name: string;
  complete: boolean;
  households: number;
  staff: number;
  missing: Missing[];
}
export interface Coverage {
  place: string;
  name: string;
  level: number;
  as_of: string;
  households: number;
  households_covered: number;
  groups: Group[];
  groups_total: number;
  groups_complete: number;
  below: CoverageBelow[];
  uncovered: Household[];
  doubly_claimed: Household[];
}
export interface Member {
  person: string;
  name?: string;
  category: string;
  role: string;
  since: string;
}
export interface HistoryItem {
  seq: number;
  id: string;
  type: string;
  at: string;
  received: string;
  actor: string;
}
export interface GroupView extends Group {
  formed: string;
  dissolved?: string;
  members: Member[];
  history: HistoryItem[];
}
export interface ModelRole {
  role: string;
  least: number;
  most?: number;
  categories: string[];
  party_member: boolean;
}
export interface Model {
  model: string;
  roles: ModelRole[];
}
export interface Household {
  id: string;
  place: string;
  place_name: string;
  head?: string;
  phone?: string;
  address?: string;
  members?: number;
  building?: string;
  tags?: string[];
  group?: string;
  group_name?: string;
  covered: boolean;
  reason?: string;
  masked: boolean;
  erased: boolean;
}
export interface HouseholdView extends Household {
  registered: string;
  removed?: string;
  history: HistoryItem[];
}
export interface Person {
  id: string;
  name: string;
  phone?: string;
  category: string;
  party_member: boolean;
  unit?: string;
  place: string;
  place_name: string;
  left?: string;
  masked: boolean;
}
export interface Figures {
  place: string;
  as_of: string;
  known_at?: string;
  figures: Record<string, number>;
}
export interface FigureEvent {
  seq: number;
  id: string;
  type: string;
  at: string;
  place: string;
  actor: string;
}
export interface FigureThing {
  id: string;
  kind: string;
  events: FigureEvent[];
}
export interface FigureEvents {
  n: number;
  things: FigureThing[];
  next?: string;
}
export interface Series {
  name: string;
  place: string;
  points: { day: string; value: number }[];
}
export interface Label {
  zh: string;
  en: string;
}
export interface Catalogue {
  types: (Label & { type: string; module: string })[];
  figures: (Label & { name: string })[];
}
export interface Paged<T> {
  items: T[];
  next?: string;
}

type Get<Body, Path = never, Query = never> = {
  get: {
    parameters: { path?: Path; query?: Query };
    responses: { 200: { content: { 'application/json': Body } } };
  };
};
type Page = { place?: string; q?: string; after?: string; limit?: number };

export interface paths {
  '/api/v1/session': Get<Session>;
  '/api/v1/places/divisions': Get<Paged<Division>, never, Page>;
  '/api/v1/places/divisions/{id}': Get<DivisionView, { id: string }>;
  '/api/v1/coverage': Get<Coverage, never, { place: string; as_of?: string; limit?: number }>;
  '/api/v1/grid/groups': Get<Paged<Group>, never, Page>;
  '/api/v1/grid/groups/{id}': Get<GroupView, { id: string }>;
  '/api/v1/grid/models': Get<Paged<Model>>;
  '/api/v1/grid/households': Get<Paged<Household>, never, Page & { group?: string }>;
  '/api/v1/grid/households/{id}': Get<HouseholdView, { id: string }, { reason?: string }>;
  '/api/v1/teams/people': Get<Paged<Person>, never, Page & { category?: string }>;
  '/api/v1/figures': Get<Figures, never, { place: string; as_of?: string; known_at?: string }>;
  '/api/v1/figures/{name}/events': Get<
    FigureEvents,
    { name: string },
    { place: string; as_of?: string; after?: string; limit?: number }
  >;
  '/api/v1/figures/{name}/series': Get<Series, { name: string }, { place: string; from: string; to: string }>;
  '/api/v1/catalogue': Get<Catalogue>;
}
