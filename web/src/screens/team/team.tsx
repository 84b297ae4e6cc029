/* One team: what it is, who is in it with which post, its history. */
import { useLabels } from '../../api/labels';
import { useRead } from '../../api/use-read';
import { line, nameOf } from '../../app/names';
import { dayOf } from '../../app/when';
import { History } from '../../parts/history';
import { Badge, Card, Crumbs, Empty, KeptNote, Loading, ProblemBox, Row, Title } from '../../parts/parts';
import { t } from '../../texts/texts';
import { crumbsOf, useDivision, useTitle } from '../place/place-head';

export function TeamScreen({ id }: { id: string }) {
  const { valueLabel } = useLabels();
  const reading = useRead('/api/v1/teams/teams/{id}', { path: { id } });
  const team = reading.body;
  const place = useDivision(team?.place);
  useTitle(team?.name);
  if (team === undefined) {
    return reading.problem ? <ProblemBox problem={reading.problem} retry={reading.reload} /> : <Loading />;
  }
  const people = team.people ?? [];
  return (
    <>
      <Crumbs of={crumbsOf(place.body, [])} />
      <Title
        sub={line(valueLabel('team', team.kind), team.place_name, `${t('group.formed')} ${dayOf(team.formed)}`)}
        end={team.dissolved !== undefined && <Badge tone="plain">{t('group.dissolved')}</Badge>}
      >
        {team.name}
      </Title>
      <KeptNote of={reading} />
      <Card title={t('group.members')} aside={<span class="note">{team.members}</span>}>
        {people.length === 0 ? (
          <Empty icon="users" title={t('group.nobody')} />
        ) : (
          <ul class="rows">
            {people.map((p) => (
              <Row
                key={p.person}
                href={`/person/${p.person}`}
                title={nameOf(p)}
                sub={t('group.since', { day: dayOf(p.since) })}
                end={valueLabel('post', p.post)}
              />
            ))}
          </ul>
        )}
      </Card>
      <History of={team.history} />
    </>
  );
}
