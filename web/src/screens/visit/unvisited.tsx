/* Households that nobody has met for too long, by the group that answers for them; each with the visit one tap away. */
import { useState } from 'preact/hooks';
import { useList } from '../../api/use-read';
import { line } from '../../app/names';
import { unsentOf } from '../../app/records-front';
import { placeOfQuery } from '../../app/shell';
import { dayOf, plainDay } from '../../app/when';
import { Field } from '../../parts/field';
import { Badge, Card, Empty, List, Row, Title, WaitingBadge } from '../../parts/parts';
import { t } from '../../texts/texts';
import { useTitle } from '../place/place-head';

export function UnvisitedScreen() {
  const place = placeOfQuery();
  const [group, setGroup] = useState('');
  useTitle(t('unvisited.title'));
  const groups = useList('/api/v1/visits/groups', { query: { place, limit: 200 } });
  const list = useList('/api/v1/visits/unvisited', { query: { place, group: group || undefined, limit: 100 } });
  return (
    <div class="narrow">
      <Title sub={t('unvisited.note')}>{t('unvisited.title')}</Title>
      <Card>
        {(groups.items?.length ?? 0) > 1 && (
          <Field label={t('unvisited.group')}>
            {(id) => (
              <select id={id} value={group} onChange={(e) => setGroup(e.currentTarget.value)}>
                <option value="">{t('unvisited.all_groups')}</option>
                {groups.items?.map((g) => (
                  <option key={g.group} value={g.group}>
                    {line(g.name, g.unvisited > 0 && t('common.households', { n: g.unvisited }))}
                  </option>
                ))}
              </select>
            )}
          </Field>
        )}
        <List
          of={list}
          empty={<Empty title={t('unvisited.none')} />}
          row={(u) => (
            <Row
              key={u.household}
              href={`/household/${u.household}/visit`}
              title={u.address ?? t('thing.household')}
              sub={line(
                u.group_name ?? t('gaps.unassigned'),
                u.last_met === undefined
                  ? t('unvisited.never')
                  : t('unvisited.last', { day: plainDay(dayOf(u.last_met)) }),
              )}
              end={
                unsentOf('visit.made', 'household', u.household).length > 0 ? (
                  <WaitingBadge />
                ) : (
                  <Badge tone="warn" icon="clock">
                    {t('unvisited.days', { n: u.days })}
                  </Badge>
                )
              }
            />
          )}
        />
      </Card>
    </div>
  );
}
