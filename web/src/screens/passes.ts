/* The screens about passes, apart because of what verifying needs. */
import { addTexts } from '../texts/texts';
import { zhFront } from '../texts/zh-front';

addTexts(zhFront);

export { PassesScreen, PassNewScreen, PassScreen } from './passes/passes';
export { VerifyScreen } from './passes/verify';
