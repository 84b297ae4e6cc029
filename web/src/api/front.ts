/* What the task, checkpoint and visit views answer, by shorter names. */
import type { components } from './schema';

type Schemas = components['schemas'];

export type Task = Schemas['Task'] & { event: { type: string; place?: string; data?: Record<string, unknown> } };
export type Urgency = Task['urgency'];
export type Checkpoint = Schemas['Checkpoint'];
export type Screening = Schemas['Screening'];
export type Screened = Schemas['ScreenedPerson'];
export type Decision = Screened['decision'];
export type Symptom = NonNullable<Screened['symptoms']>[number];
export type Remembered = Schemas['Remembered'];
export type Pass = Schemas['Pass'];
export type Followup = Schemas['Followup'];
export type CalendarDay = Followup['calendar'][number];
export type Observation = Schemas['FollowupObservation'];
export type Visit = Schemas['Visit'];
export type HouseholdVisits = Schemas['VisitedHousehold'];
export type FollowupHere = HouseholdVisits['followups'][number];
export type Chain = Schemas['Chains'];
export type ChainNode = Schemas['ChainNode'];

/** Temperatures travel in hundredths of a degree. */
export function celsius(hundredths: number): number {
  return hundredths / 100;
}
