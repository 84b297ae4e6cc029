/* One responder: who it is (masked until opened with a reason), the teams it is in, its history. */
import { useState } from 'preact/hooks';
import { useLabels } from '../../api/labels';
import { ask } from '../../api/reads';
import type { Person } from '../../api/types';
import { useRead } from '../../api/use-read';
import { line, nameOf } from '../../app/names';
import { dayOf } from '../../app/when';
import { History } from '../../parts/history';
import { Icon } from '../../parts/icon';
import { OpenData } from '../../parts/open-data';
import { Badge, Card, Crumbs, Empty, Facts, KeptNote, Loading, ProblemBox, Row, Title } from '../../parts/parts';
import { t } from '../../texts/texts';
import { crumbsOf, useDivision, useTitle } from '../place/place-head';

export function PersonScreen({ id }: { id: string }) {
  const { valueLabel } = useLabels();
  const reading = useRead('/api/v1/teams/people/{id}', { path: { id } });
  const [opened, setOpened] = useState<Person | undefined>();
  const [asking, setAsking] = useState(false);
  const person = opened ?? reading.body;
  const place = useDivision(person?.place);
  useTitle(person && nameOf(person));
  if (person === undefined) {
    return reading.problem ? <ProblemBox problem={reading.problem} retry={reading.reload} /> : <Loading />;
  }
  const open = person.masked && !person.erased && (
    <button type="button" class="button small" onClick={() => setAsking(true)}>
      <Icon name="lock" size={16} />
      {t('household.open')}
    </button>
  );
  return (
    <>
      <Crumbs of={crumbsOf(place.body, [])} />
      <Title
        sub={line(valueLabel('category', person.category), person.party_member && t('category.party_member'))}
        end={person.left && <Badge tone="plain">{t('person.left')}</Badge>}
      >
        {nameOf(person)}
      </Title>
      <KeptNote of={reading} />
      <div class="columns even">
        <Card title={t('person.data')} aside={open}>
          <Facts
            of={[
              [t('household.phone'), person.phone ?? '–'],
              [t('person.unit'), person.unit ?? '–'],
              [t('household.place'), person.place_name],
            ]}
          />
        </Card>
        <Card title={t('place.teams')}>
          {(person.teams ?? []).length === 0 ? (
            <Empty icon="users" title={t('common.none')} />
          ) : (
            <ul class="rows">
              {person.teams?.map((x) => (
                <Row
                  key={x.team}
                  href={`/team/${x.team}`}
                  title={x.name}
                  sub={t('group.since', { day: dayOf(x.since) })}
                  end={valueLabel('post', x.post)}
                />
              ))}
            </ul>
          )}
        </Card>
      </div>
      <History of={person.history} />
      {asking && (
        <OpenData
          onClose={() => setAsking(false)}
          open={async (reason) => {
            setOpened(await ask('/api/v1/teams/people/{id}', { path: { id }, query: { reason } }));
            setAsking(false);
          }}
        />
      )}
    </>
  );
}
