/* The screens of duty, dispatch and roster, in a file of their own with their texts. */
import { addTexts } from '../texts/texts';
import { zhDuty } from '../texts/zh-duty';

addTexts(zhDuty);

export { DispatchScreen } from './dispatch/dispatch';
export { DutyScreen } from './duty/duty';
export { MusterScreen } from './muster/muster';
export { RosterScreen } from './roster/roster';
