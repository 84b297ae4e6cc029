/* Says in a word whether the page keeps itself fresh. */
import { liveState } from '../app/live';
import { t } from '../texts/texts';

export function LiveMark() {
  const state = liveState.value;
  if (state === 'off') {
    return null;
  }
  return (
    <span class={`live ${state}`}>
      <span class="dot" aria-hidden="true" />
      {state === 'live' ? t('live.on') : t('live.polling')}
    </span>
  );
}
