/* The server's answers by name, from the types generated out of its own description. */
import type { components, paths } from './schema';

export type { paths };

type Schemas = components['schemas'];

export type Session = Schemas['Session'];
export type Grant = Schemas['SessionRole'];
export type Division = Schemas['Division'];
export type Coverage = Schemas['Coverage'];
export type Group = Schemas['Group'];
export type Member = Schemas['GroupMember'];
export type Model = Schemas['StaffingModel'];
export type ModelRole = Schemas['ModelRole'];
export type Household = Schemas['Household'];
export type HistoryItem = Schemas['History'];
export type Person = Schemas['Person'];
export type Team = Schemas['Team'];
export type Figures = Schemas['Figures'];
export type FigureThing = Schemas['FigureThing'];
export type Catalogue = Schemas['Catalogue'];

/** What an event of a type says, for those that this app records. */
export interface EventData {
  'household.registered': Schemas['HouseholdRegistered'];
  'household.assigned': Schemas['HouseholdAssigned'];
  'household.released': Schemas['HouseholdReleased'];
  'group.staffed': Schemas['GroupStaffed'];
  'group.unstaffed': Schemas['GroupUnstaffed'];
  'notice.issued': Schemas['NoticeIssued'];
  'notice.acknowledged': Schemas['NoticeAcknowledged'];
  'notice.withdrawn': Schemas['NoticeWithdrawn'];
  'duty.reported': Schemas['DutyReported'];
  'reserve.joined': Schemas['ReserveJoined'];
  'reserve.left': Schemas['ReserveLeft'];
  'support.requested': Schemas['SupportRequested'];
  'support.assigned': Schemas['SupportAssigned'];
  'support.arrived': Schemas['SupportArrived'];
  'support.released': Schemas['SupportReleased'];
  'shift.planned': Schemas['ShiftPlanned'];
}
