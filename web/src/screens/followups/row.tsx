/* One person under follow-up in a list: who, where, what is owed today, and the days so far at a glance. */
import { celsius, type Followup } from '../../api/front';
import { line } from '../../app/names';
import { unsentOf } from '../../app/records-front';
import { to } from '../../app/route';
import { plainDay, shortTime, today } from '../../app/when';
import { Icon } from '../../parts/icon';
import { Badge, WaitingBadge } from '../../parts/parts';
import { label, t } from '../../texts/texts';
import { DayStrip } from '../followup/calendar';

/** Of hundredths, as they come from the server. */
export function degreesText(n: number | undefined): string | undefined {
  return n === undefined ? undefined : t('observe.degrees', { n: celsius(n).toFixed(1) });
}

export function TodayBadge({ f }: { f: Followup }) {
  if (f.closed !== undefined) {
    return <Badge tone="plain">{label('reason', f.reason ?? 'other')}</Badge>;
  }
  if (f.alert) {
    return (
      <Badge tone="bad" icon="alert">
        {t('followups.alert')}
      </Badge>
    );
  }
  if (unsentOf('followup.observed', 'followup', f.id).length > 0) {
    return <WaitingBadge />;
  }
  if (today() > f.last_day) {
    return <Badge tone="warn">{t('followups.over')}</Badge>;
  }
  if (f.today_due === 0) {
    return <Badge tone="plain">{t('followups.none_today')}</Badge>;
  }
  const left = f.today_due - f.today_done;
  return left > 0 ? (
    <Badge tone="info" icon="clock">
      {t('followups.today', { done: f.today_done, due: f.today_due })}
    </Badge>
  ) : (
    <Badge tone="good" icon="check">
      {t('followups.today_done')}
    </Badge>
  );
}

interface Props {
  f: Followup;
  /** Straight to the observation, as on a round. */
  observe?: boolean;
  /** The household that one came from. */
  from?: string;
}

export function FollowupRow({ f, observe, from }: Props) {
  const href = observe && f.closed === undefined ? to(`/followup/${f.id}/observe`, { from }) : `/followup/${f.id}`;
  const last = f.last_seen && t('followups.seen', { time: shortTime(f.last_seen) });
  return (
    <li class="row followup">
      <a class="row-in" href={href}>
        <span class="row-main">
          <span class="row-title name-line">
            {f.name ?? t('household.nameless')}
            <span class="badges">
              <TodayBadge f={f} />
              {f.missed > 0 && <Badge tone="warn">{t('followups.missed', { n: f.missed })}</Badge>}
            </span>
          </span>
          <span class="row-sub">{line(f.address ?? f.place_name, f.group_name ?? t('gaps.unassigned'))}</span>
          <span class="row-sub">
            {line(
              label('followup_category', f.category),
              t('followups.until', { day: plainDay(f.last_day) }),
              last,
              degreesText(f.last_temperature),
            )}
          </span>
          <DayStrip of={f} />
        </span>
        <Icon name="right" size={16} />
      </a>
    </li>
  );
}
