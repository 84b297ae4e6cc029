/* On a household's card: what visits there were, who is followed up there, and the next visit one tap away. */
import { type Followup, useFront, type Visit } from '../../api/front';
import { line } from '../../app/names';
import { unsentOf } from '../../app/records-front';
import { may } from '../../app/session';
import { fullTime, shortTime } from '../../app/when';
import { Icon } from '../../parts/icon';
import { Badge, Card, Empty, Row, Shown, type Tone, WaitingBadge } from '../../parts/parts';
import { label, t } from '../../texts/texts';
import { FollowupRow } from '../followups/row';

const TONES: Record<Visit['result'], Tone> = { met: 'good', absent: 'warn', refused: 'bad' };

function VisitRow({ v }: { v: Visit }) {
  return (
    <Row
      title={line(fullTime(v.at), label('method', v.method))}
      sub={line(
        v.purposes.map((p) => label('purpose', p)).join('、'),
        v.needs && t('visit.needs_said', { needs: v.needs }),
        v.note,
        v.actor,
      )}
      end={<Badge tone={TONES[v.result]}>{label('visit_result', v.result)}</Badge>}
    />
  );
}

interface Props {
  id: string;
  place: string;
  removed: boolean;
}

export function HouseholdVisits({ id, place, removed }: Props) {
  const visits = useFront('/api/v1/visits/households/{id}', { path: { id } });
  const unsent = unsentOf('visit.made', 'household', id);
  const open: Followup[] = (visits.body?.followups ?? []).filter((f) => f.closed === undefined);
  return (
    <>
      {open.length > 0 && (
        <Card title={t('visit.followups_here')}>
          <ul class="rows">
            {open.map((f) => (
              <FollowupRow key={f.id} f={f} from={id} />
            ))}
          </ul>
        </Card>
      )}
      <Card
        title={t('visit.history')}
        aside={
          !removed &&
          may('visit.made', place) && (
            <a class="button primary" href={`/household/${id}/visit`}>
              <Icon name="plus" size={18} />
              {t('visit.title')}
            </a>
          )
        }
      >
        <Shown of={visits}>
          {(v) => (
            <>
              {(v.last_met ?? v.last_visit) !== undefined && (
                <p class="note">
                  {line(
                    v.last_met && t('visit.last_met', { time: shortTime(v.last_met) }),
                    v.last_visit &&
                      v.last_visit !== v.last_met &&
                      t('visit.last_visit', { time: shortTime(v.last_visit) }),
                  )}
                </p>
              )}
              {v.visits.length === 0 && unsent.length === 0 && <Empty icon="home" title={t('visit.none')} />}
              <ul class="rows">
                {unsent.map((e) => (
                  <Row
                    key={e.id}
                    class="unsent"
                    href="/outbox"
                    title={label('visit_result', String(e.event.data.result))}
                    sub={shortTime(e.made)}
                    end={<WaitingBadge />}
                  />
                ))}
                {v.visits.map((x) => (
                  <VisitRow key={x.id} v={x} />
                ))}
              </ul>
            </>
          )}
        </Shown>
      </Card>
    </>
  );
}
