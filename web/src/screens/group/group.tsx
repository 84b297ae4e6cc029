/* One responsibility group: its people by role, what is missing, the households it answers for. */
import { useState } from 'preact/hooks';
import { useLabels } from '../../api/labels';
import type { Group, Member } from '../../api/types';
import { useList, useRead } from '../../api/use-read';
import { line, nameOf } from '../../app/names';
import { groupUnstaffed, recordOne } from '../../app/records';
import { may } from '../../app/session';
import { dayOf, number } from '../../app/when';
import { Confirm } from '../../parts/dialog';
import { History } from '../../parts/history';
import { Badge, Card, Crumbs, Empty, KeptNote, List, Loading, ProblemBox, Title } from '../../parts/parts';
import { label, t } from '../../texts/texts';
import { crumbsOf, useDivision, useTitle } from '../place/place-head';
import { HouseholdRow, missingText } from '../village/village';
import { Members } from './members';

export function GroupBadge({ g }: { g: Group }) {
  if (g.dissolved !== undefined) {
    return <Badge tone="plain">{t('group.dissolved')}</Badge>;
  }
  return g.complete ? (
    <Badge tone="good" icon="check">
      {t('group.complete')}
    </Badge>
  ) : (
    <Badge tone="warn" icon="alert">
      {missingText(g)}
    </Badge>
  );
}

export function GroupScreen({ id }: { id: string }) {
  const { valueLabel } = useLabels();
  const group = useRead('/api/v1/grid/groups/{id}', { path: { id } });
  const models = useRead('/api/v1/grid/models', {});
  const households = useList('/api/v1/grid/households', { query: { group: id, limit: 50 } });
  const [removing, setRemoving] = useState<Member | undefined>();
  const g = group.body;
  const place = useDivision(g?.place);
  useTitle(g?.name);
  if (g === undefined) {
    return group.problem ? <ProblemBox problem={group.problem} retry={group.reload} /> : <Loading />;
  }
  const manage = g.dissolved === undefined && may('group.staffed', g.place);
  const remove = async () => {
    if (removing) {
      await recordOne(groupUnstaffed(id, removing.person, removing.role, line(removing.name, g.name)));
      setRemoving(undefined);
    }
  };
  return (
    <>
      <Crumbs of={crumbsOf(place.body, [])} />
      <Title
        end={<GroupBadge g={g} />}
        sub={`${valueLabel('model', g.model)} · ${t('group.people_households', { staff: g.staff, n: number(g.households) })} · ${t('group.formed')} ${dayOf(g.formed)}`}
      >
        {g.name}
      </Title>
      <KeptNote of={group} />
      <div class="columns even">
        <Card title={t('group.members')}>
          <Members
            g={g}
            model={models.body?.items.find((m) => m.model === g.model)}
            manage={manage}
            onRemove={manage ? setRemoving : undefined}
          />
        </Card>
        <Card
          title={t('group.households')}
          aside={<span class="note">{t('common.households', { n: number(g.households) })}</span>}
        >
          <List
            of={households}
            noted
            empty={<Empty icon="home" title={t('group.no_households')} />}
            row={(h) => <HouseholdRow key={h.id} h={h} />}
          />
        </Card>
      </div>
      <History of={g.history} />
      {removing && (
        <Confirm
          title={t('group.remove_ask', { name: nameOf(removing), role: label('grid', removing.role) })}
          note={t('group.remove_note')}
          yes={t('group.remove')}
          no={t('common.cancel')}
          danger
          onYes={() => void remove()}
          onNo={() => setRemoving(undefined)}
        />
      )}
    </>
  );
}
