/* What a form has to say about its draft: why it came back, or that this device could not keep it. */
import type { Draft } from '../../app/use-draft';
import { t } from '../../texts/texts';
import { refusalText } from './outbox';

export function DraftNotes({ of }: { of: Draft }) {
  return (
    <>
      {of.entry?.error && <p class="reason">{t('draft.was_refused', { reason: refusalText(of.entry) })}</p>}
      {of.failed && (
        <p class="reason" role="alert">
          {t('draft.not_saved')}
        </p>
      )}
    </>
  );
}
