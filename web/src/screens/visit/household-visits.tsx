/* On a household's card: what visits there were, who is followed up there, and the next visit one tap away. */
import type { Visit } from '../../api/front';
import { useRead } from '../../api/use-read';
import { line, recorder } from '../../app/names';
import { unsentOf } from '../../app/records-front';
import { to } from '../../app/route';
import { may } from '../../app/session';
import { fullTime, plainDay, shortTime } from '../../app/when';
import { Badge, Card, Empty, Row, Shown, type Tone, WaitingBadge } from '../../parts/parts';
import { label, t } from '../../texts/texts';

const TONES: Record<Visit['result'], Tone> = { met: 'good', absent: 'warn', refused: 'bad' };

function VisitRow({ v }: { v: Visit }) {
  return (
    <Row
      title={line(fullTime(v.at), label('method', v.method))}
      sub={line(
        v.purposes.map((p) => label('purpose', p)).join('、'),
        v.needs && t('visit.needs_said', { needs: v.needs }),
        v.note,
        recorder(v.actor),
      )}
      end={<Badge tone={TONES[v.result]}>{label('visit_result', v.result)}</Badge>}
    />
  );
}

interface Props {
  id: string;
  place: string;
}

export function HouseholdVisits({ id, place }: Props) {
  const visits = useRead('/api/v1/visits/households/{id}', { path: { id } });
  const unsent = unsentOf('visit.made', 'household', id);
  const open = (visits.body?.followups ?? []).filter((f) => f.closed === undefined);
  return (
    <>
      {open.length > 0 && (
        <Card title={t('visit.followups_here')}>
          <ul class="rows">
            {open.map((f) => (
              <Row
                key={f.id}
                href={to(`/followup/${f.id}/observe`, { from: id })}
                title={f.name ?? t('household.nameless')}
                sub={line(label('followup_category', f.category), t('followups.until', { day: plainDay(f.last_day) }))}
                end={
                  f.alert && (
                    <Badge tone="bad" icon="alert">
                      {t('followups.alert')}
                    </Badge>
                  )
                }
              />
            ))}
          </ul>
        </Card>
      )}
      <Card
        title={t('visit.history')}
        aside={
          may('followup.opened', place) && (
            <a class="button small quiet" href={to('/followups/new', { household: id })}>
              {t('open.title')}
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
