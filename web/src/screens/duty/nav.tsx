/* What the duty pages share: the way from one to the other, names, and the marks of a person's state. */
import type { DutyStatus, ReserveState } from '../../api/desk';
import { here, to } from '../../app/route';
import type { IconName } from '../../parts/icon';
import { LiveMark } from '../../parts/live-mark';
import { Badge, type Tone } from '../../parts/parts';
import { type Key, label, t } from '../../texts/texts';

const PAGES: [path: string, text: Key][] = [
  ['/duty', 'duty.title'],
  ['/dispatch', 'dispatch.title'],
  ['/roster', 'roster.title'],
];

export function DutyNav({ place }: { place: string }) {
  const path = here.value.pathname;
  return (
    <div class="subnav no-print">
      <nav aria-label={t('duty.pages')}>
        {PAGES.map(([href, text]) => (
          <a key={href} href={to(href, { place })} aria-current={path === href ? 'page' : undefined}>
            {t(text)}
          </a>
        ))}
      </nav>
      <LiveMark />
    </div>
  );
}

export function nameOf(p: { name?: string }): string {
  return p.name ?? t('household.nameless');
}

const STATUS: Record<DutyStatus, [Tone, IconName]> = {
  on_post: ['good', 'check'],
  off_post: ['plain', 'minus'],
  leave: ['plain', 'clock'],
  quarantined: ['warn', 'lock'],
};

export function StatusBadge({ status }: { status: DutyStatus }) {
  const [tone, icon] = STATUS[status];
  return (
    <Badge tone={tone} icon={icon}>
      {label('duty_status', status)}
    </Badge>
  );
}

const RESERVE: Record<ReserveState, [Tone, IconName]> = {
  available: ['good', 'check'],
  assigned: ['info', 'right'],
  exposed: ['bad', 'alert'],
  resting: ['plain', 'clock'],
  later: ['plain', 'clock'],
};

export function ReserveBadge({ state }: { state: ReserveState }) {
  const [tone, icon] = RESERVE[state];
  return (
    <Badge tone={tone} icon={icon}>
      {label('reserve_state', state)}
    </Badge>
  );
}
