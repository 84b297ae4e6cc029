/* What notices look like wherever they are named: their kind, what is due, and acknowledging in one tap. */
import type { Notice, NoticeKind } from '../../api/desk';
import { recordOne } from '../../app/records';
import { ackOf, noticeAcknowledged } from '../../app/records-desk';
import { who } from '../../app/session';
import { shortTime } from '../../app/when';
import { sendAgain } from '../../outbox/outbox';
import { Icon } from '../../parts/icon';
import { duration, minutesBetween, useNow } from '../../parts/moment';
import { Badge } from '../../parts/parts';
import { say } from '../../parts/toast';
import { label, t } from '../../texts/texts';
import { refusalText } from '../outbox/outbox';

export function KindBadge({ kind }: { kind: NoticeKind }) {
  return kind === 'emergency_notice' ? (
    <Badge tone="bad" icon="alert">
      {label('notice_kind', kind)}
    </Badge>
  ) : (
    <Badge tone="info">{label('notice_kind', kind)}</Badge>
  );
}

export function WithdrawnBadge() {
  return (
    <Badge tone="warn" icon="close">
      {t('notice.withdrawn')}
    </Badge>
  );
}

/** How long there is still, or by how much it is late. */
export function Due({ by }: { by: string }) {
  const left = minutesBetween(useNow(), by);
  return left >= 0 ? (
    <Badge tone={left < 60 ? 'warn' : 'plain'} icon="clock">
      {t('notice.due_in', { time: duration(left) })}
    </Badge>
  ) : (
    <Badge tone="bad" icon="alert">
      {t('notice.overdue_by', { time: duration(-left) })}
    </Badge>
  );
}

/** What to call a place that an account of ours stands for. */
export function unitName(unit: string): string {
  return who.value?.roles.find((g) => g.place === unit)?.place_name ?? unit;
}

interface AckProps {
  of: Pick<Notice, 'id' | 'title' | 'withdrawn'>;
  /** The unit that answers; without one the person who is signed in. */
  unit?: string;
  acknowledged?: string;
  tall?: boolean;
}

/** The button, or what has become of pressing it. One tap; kept on the device until it is sent. */
export function Acknowledge({ of, unit, acknowledged, tall }: AckProps) {
  if (acknowledged !== undefined) {
    return (
      <Badge tone="good" icon="check">
        {t('notice.acknowledged_at', { time: shortTime(acknowledged) })}
      </Badge>
    );
  }
  const mine = ackOf(of.id, unit);
  if (mine !== undefined && mine.state !== 'refused') {
    return mine.state === 'recorded' ? (
      <Badge tone="good" icon="check">
        {t('notice.acknowledged_now')}
      </Badge>
    ) : (
      <Badge tone="warn" icon="clock">
        {t('notice.acknowledged_waiting')}
      </Badge>
    );
  }
  const press = async () => {
    if (mine !== undefined) {
      await sendAgain(mine.id);
      return;
    }
    await recordOne(noticeAcknowledged(of.id, unit, of.title));
    say(t('notice.acknowledged_say'));
  };
  return (
    <>
      {mine !== undefined && <span class="error">{refusalText(mine)}</span>}
      <button type="button" class={tall ? 'button primary tall' : 'button primary'} onClick={() => void press()}>
        <Icon name="check" size={18} />
        {mine === undefined ? t('notice.acknowledge') : t('outbox.again')}
        <span class="visually-hidden">{of.title}</span>
      </button>
    </>
  );
}
