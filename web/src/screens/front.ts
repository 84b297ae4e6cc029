/* The screens of those who work on the spot, in a file of their own with their texts. */
import { addTexts } from '../texts/texts';
import { zhFront } from '../texts/zh-front';

addTexts(zhFront);

export { AlertsScreen } from './alerts/alerts';
export { CheckpointScreen } from './checkpoint/checkpoint';
export { ChainScreen } from './followup/chain';
export { FollowupScreen } from './followup/followup';
export { ObserveScreen } from './followup/observe';
export { FollowupNewScreen } from './followup/open';
export { FollowupsScreen } from './followups/followups';
export { TasksScreen } from './tasks/tasks';
export { HouseholdVisits } from './visit/household-visits';
export { UnvisitedScreen } from './visit/unvisited';
export { VisitScreen } from './visit/visit';
