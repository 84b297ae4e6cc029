/* What the notices and duty views answer, by name. */
import type { components } from './schema';

type Schemas = components['schemas'];

export type Notice = Schemas['Notice'];
export type NoticeKind = Notice['kind'];
export type Audience = Schemas['NoticeAudience'];
export type Category = NonNullable<Audience['categories']>[number];
export type Cascade = Schemas['Cascade'];
export type CascadeRow = Schemas['CascadeRow'];

export type Post = Schemas['DutyPost'];
export type DutyStatus = NonNullable<Post['status']>;
export type DutySummary = Schemas['DutySummary'];

export type Reserve = Schemas['Reservist'];
export type ReserveState = Reserve['state'];
export type SupportRequest = Schemas['SupportRequest'];
export type Proposal = Schemas['DispatchProposal'];
export type Proposed = Schemas['ProposedPerson'];

export type Shift = Schemas['Shift'];
export type Roster = Schemas['Roster'];
