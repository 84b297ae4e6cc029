/* The screens of notices, in a file of their own with their texts. */
import { addTexts } from '../texts/texts';
import { zhNotices } from '../texts/zh-notices';

addTexts(zhNotices);

export { CascadeScreen } from './cascade/cascade';
export { NoticeScreen } from './notice/notice';
export { NoticeNewScreen } from './notice-new/notice-new';
export { NoticesScreen } from './notices/notices';
