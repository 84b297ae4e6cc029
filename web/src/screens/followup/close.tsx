/* Closing a follow-up: as completed only when its rule is met, and what is missing is said before anybody tries. */
import { useState } from 'preact/hooks';
import type { CalendarDay, Followup } from '../../api/front';
import { followupClosed, recordOneFront } from '../../app/records-front';
import { plainDay, today } from '../../app/when';
import { Dialog } from '../../parts/dialog';
import { Choices, TextField } from '../../parts/field';
import { label, t } from '../../texts/texts';

const REASONS = ['completed', 'referred', 'moved', 'refused', 'lost', 'error'] as const;

/** Why it cannot be completed yet, as far as this device can tell; the server decides. */
export function notYet(
  f: Pick<Followup, 'last_day'>,
  seenOn: (day: string) => boolean,
  now = today(),
): 'early' | 'unseen' | undefined {
  if (now < f.last_day) {
    return 'early';
  }
  return seenOn(f.last_day) ? undefined : 'unseen';
}

interface Props {
  f: Followup;
  /** Whether somebody met the person on a day. */
  seenOn: (day: string) => boolean;
  onClose: () => void;
}

export function CloseDialog({ f, seenOn, onClose }: Props) {
  const why = notYet(f, seenOn);
  const [reason, setReason] = useState<string>(why === undefined ? 'completed' : '');
  const [note, setNote] = useState('');
  const [wrong, setWrong] = useState<string | undefined>();
  const close = async (e: Event) => {
    e.preventDefault();
    if (reason === '') {
      setWrong(t('close.reason_missing'));
      return;
    }
    await recordOneFront(followupClosed(f.id, reason, note, `${f.name ?? ''} · ${label('reason', reason)}`));
    onClose();
  };
  return (
    <Dialog title={t('close.title')} onClose={onClose}>
      <form onSubmit={close} noValidate>
        {why !== undefined && (
          <p class="notice">{t(why === 'early' ? 'close.early' : 'close.unseen', { day: plainDay(f.last_day) })}</p>
        )}
        <Choices
          label={t('close.reason')}
          of={REASONS.map((r) => ({
            value: r as string,
            label: label('reason', r),
            disabled: r === 'completed' && why !== undefined,
          }))}
          value={reason}
          error={wrong}
          onValue={(r) => {
            setReason(r);
            setWrong(undefined);
          }}
        />
        <TextField label={t('screen.note')} value={note} maxLength={200} optional onValue={setNote} />
        <div class="buttons">
          <button type="button" class="button" onClick={onClose}>
            {t('common.cancel')}
          </button>
          <button type="submit" class="button primary">
            {t('close.do')}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

/** Met on a day, as the calendar tells where the observations do not. */
export function doneOn(calendar: readonly CalendarDay[], day: string): boolean {
  return calendar.some((d) => d.day === day && d.done > 0);
}
