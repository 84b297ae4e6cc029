/* Who is under follow-up: the round of today, all, the alerts, those nobody answers for, and those not seen lately. */
import { useEffect, useState } from 'preact/hooks';
import type { Followup } from '../../api/front';
import { useList } from '../../api/use-read';
import { unsentOf } from '../../app/records-front';
import { go, here, query, to } from '../../app/route';
import { may } from '../../app/session';
import { placeOfQuery } from '../../app/shell';
import { shortTime } from '../../app/when';
import { TextField } from '../../parts/field';
import { Icon } from '../../parts/icon';
import { Badge, Card, Empty, List, Row, Title } from '../../parts/parts';
import { label, t } from '../../texts/texts';
import { useTitle } from '../place/place-head';
import { CarriedNote } from '../tasks/tasks';
import { FollowupRow } from './row';

const KINDS = ['due', 'open', 'alert', 'unseen', 'gaps', 'closed'] as const;
type Kind = (typeof KINDS)[number];

const DAY_MS = 86_400_000;
const UNSEEN_DAYS = [1, 2, 3] as const;

/** Not seen for at least so many days, longest first; whoever was never seen comes before all. */
export function unseen(list: readonly Followup[], days: number, now: number): Followup[] {
  const seen = (f: Followup) => (f.last_seen === undefined ? 0 : Date.parse(f.last_seen));
  return list.filter((f) => f.closed === undefined && now - seen(f) >= days * DAY_MS).sort((a, b) => seen(a) - seen(b));
}

function choose(kind: Kind): void {
  go(to(here.value.pathname, { place: query('place'), kind: kind === 'due' ? undefined : kind }), true);
}

export function FollowupsScreen() {
  const place = placeOfQuery();
  const kind = KINDS.find((k) => k === query('kind')) ?? 'due';
  const [q, setQ] = useState('');
  const [askedFor, setAsked] = useState('');
  const [days, setDays] = useState(1);
  useTitle(t('followups.title'));
  useEffect(() => {
    const timer = setTimeout(() => setAsked(q.trim()), 300);
    return () => clearTimeout(timer);
  }, [q]);
  const asked = kind === 'unseen' ? 'open' : kind;
  const followups = useList(
    '/api/v1/visits/followups',
    kind === 'gaps'
      ? undefined
      : { query: { place, kind: asked, q: askedFor || undefined, limit: kind === 'unseen' ? 500 : 100 } },
  );
  const gaps = useList('/api/v1/visits/gaps', kind === 'gaps' ? { query: { place, limit: 100 } } : undefined);
  const list = kind === 'gaps' ? gaps : followups;
  const shown = kind === 'unseen' ? { ...list, items: list.items && unseen(list.items, days, Date.now()) } : list;
  const unsent = unsentOf('followup.opened').map((e) => (
    <Row
      key={e.id}
      class="unsent"
      href="/outbox"
      title={e.title}
      sub={shortTime(e.made)}
      end={<Badge tone={e.state === 'refused' ? 'bad' : 'warn'}>{label('state', e.state)}</Badge>}
    />
  ));
  return (
    <div class="narrow">
      <Title
        sub={label('followups_kind', kind)}
        end={
          may('followup.opened', place ?? '') && (
            <a class="button" href="/followups/new">
              <Icon name="plus" size={18} />
              {t('open.title')}
            </a>
          )
        }
      >
        {t('followups.title')}
      </Title>
      <nav class="pills" aria-label={t('followups.which')}>
        {KINDS.filter((k) => k !== 'gaps' || may('household.assigned', place ?? '')).map((k) => (
          <button
            key={k}
            type="button"
            class={k === kind ? 'pill on' : 'pill'}
            aria-pressed={k === kind}
            onClick={() => choose(k)}
          >
            {label('followups_kind', k)}
          </button>
        ))}
      </nav>
      <Card>
        {kind !== 'unseen' && kind !== 'gaps' && (
          <TextField label={t('followups.search')} type="search" value={q} onValue={setQ} />
        )}
        {kind === 'unseen' && (
          <div class="pills">
            {UNSEEN_DAYS.map((n) => (
              <button
                key={n}
                type="button"
                class={n === days ? 'pill on' : 'pill'}
                aria-pressed={n === days}
                onClick={() => setDays(n)}
              >
                {t('followups.unseen_days', { n })}
              </button>
            ))}
          </div>
        )}
        {kind === 'gaps' && <p class="note">{t('followups.gaps_note')}</p>}
        <List
          of={shown}
          first={kind === 'due' || kind === 'open' ? unsent : []}
          empty={<Empty title={kind === 'due' ? t('followups.none_due') : t('followups.none')} />}
          row={(f) => <FollowupRow key={f.id} f={f} observe={kind === 'due'} />}
        />
      </Card>
      <CarriedNote />
    </div>
  );
}
