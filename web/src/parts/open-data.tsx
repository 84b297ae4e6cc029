/* Opening masked personal data: asks for the reason, which the server records. The answer is shown and never kept. */
import { useState } from 'preact/hooks';
import { online, Problem } from '../api/client';
import { type Key, t } from '../texts/texts';
import { Dialog } from './dialog';
import { Choices, TextField } from './field';
import { problemText } from './parts';

const REASONS: Key[] = [
  'household.reason_visit',
  'household.reason_followup',
  'household.reason_help',
  'household.reason_check',
];

interface Props {
  /** Asks the server with the reason; what it gives is shown and never kept. */
  open: (reason: string) => Promise<void>;
  onClose: () => void;
}

export function OpenData({ open: ask, onClose }: Props) {
  const [reason, setReason] = useState('');
  const [error, setError] = useState<string | undefined>();
  const open = async (e: Event) => {
    e.preventDefault();
    if (reason.trim() === '') {
      setError(t('household.reason_missing'));
      return;
    }
    try {
      await ask(reason.trim());
    } catch (p) {
      setError(p instanceof Problem ? problemText(p) : t('problem.unexpected'));
    }
  };
  return (
    <Dialog title={t('household.open_title')} onClose={onClose}>
      <form onSubmit={open} noValidate>
        <p>{online.value ? t('household.open_note') : t('household.needs_network')}</p>
        <Choices
          label={t('common.choose')}
          of={REASONS.map((r) => ({ value: t(r), label: t(r) }))}
          value={reason}
          onValue={setReason}
        />
        <TextField label={t('household.reason')} value={reason} error={error} maxLength={200} onValue={setReason} />
        <div class="buttons">
          <button type="button" class="button" onClick={onClose}>
            {t('common.cancel')}
          </button>
          <button type="submit" class="button primary" disabled={!online.value}>
            {t('household.open')}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
