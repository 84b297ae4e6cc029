/* One household: who answers for it, what is held about it (masked until opened with a reason), its history. */
import { useEffect, useState } from 'preact/hooks';
import { useLabels } from '../../api/labels';
import { ask } from '../../api/reads';
import type { Household } from '../../api/types';
import { useRead } from '../../api/use-read';
import { lazy } from '../../app/lazy';
import { headOf, line } from '../../app/names';
import { householdReleased, recordOne, unsentOfHousehold } from '../../app/records';
import { may } from '../../app/session';
import { fullTime, number } from '../../app/when';
import { Confirm } from '../../parts/dialog';
import { History } from '../../parts/history';
import { Icon } from '../../parts/icon';
import { OpenData } from '../../parts/open-data';
import { Badge, Card, Crumbs, Facts, KeptNote, Loading, ProblemBox, Shown, Title } from '../../parts/parts';
import { label, t } from '../../texts/texts';
import { GroupBadge } from '../group/group';
import { Members } from '../group/members';
import { crumbsOf, useDivision, useTitle } from '../place/place-head';

const HouseholdVisits = lazy(
  () => import('../front'),
  (m) => m.HouseholdVisits,
);

function CoverBadge({ h }: { h: Household }) {
  if (h.removed !== undefined) {
    return <Badge tone="plain">{t('household.removed')}</Badge>;
  }
  return h.covered ? (
    <Badge tone="good" icon="check">
      {t('household.covered')}
    </Badge>
  ) : (
    <Badge tone="bad" icon="alert">
      {t('household.uncovered')}
    </Badge>
  );
}

/** The group and its people, or the way to find one. */
function Responsible({ h }: { h: Household }) {
  const group = useRead('/api/v1/grid/groups/{id}', h.group === undefined ? undefined : { path: { id: h.group } });
  const models = useRead('/api/v1/grid/models', {});
  const [releasing, setReleasing] = useState(false);
  const manage = h.removed === undefined && may('household.assigned', h.place);
  const unsent = unsentOfHousehold(h.id).filter((e) => e.event.type.startsWith('household.'));
  const waiting = unsent.map((e) => (
    <p class="notice" key={e.id}>
      <Icon name="clock" size={16} />
      {label('event', e.event.type)} · {e.title} · {label('state', e.state)}
    </p>
  ));
  if (h.group === undefined) {
    return (
      <Card title={t('household.who')}>
        {waiting}
        <p class="note">{t('household.nobody')}</p>
        {manage && unsent.length === 0 && (
          <a class="button primary" href={`/household/${h.id}/assign`}>
            {t('household.assign')}
          </a>
        )}
      </Card>
    );
  }
  const name = h.group_name ?? '';
  const release = async () => {
    await recordOne(householdReleased(h.id, h.group ?? '', line(h.head, name)));
    setReleasing(false);
  };
  return (
    <Card title={t('household.who')} aside={group.body && <GroupBadge g={group.body} />}>
      {waiting}
      {!h.covered && <p class="notice">{t('household.short')}</p>}
      <p class="group-link">
        <a href={`/group/${h.group}`}>
          {name}
          <Icon name="right" size={16} />
        </a>
        {manage && unsent.length === 0 && (
          <button type="button" class="button small quiet" onClick={() => setReleasing(true)}>
            {t('household.release')}
          </button>
        )}
      </p>
      <Shown of={group}>{(g) => <Members g={g} model={models.body?.items.find((m) => m.model === g.model)} />}</Shown>
      {releasing && (
        <Confirm
          title={t('household.release_ask', { group: name })}
          note={t('household.release_note')}
          yes={t('household.release')}
          no={t('common.cancel')}
          danger
          onYes={() => void release()}
          onNo={() => setReleasing(false)}
        />
      )}
    </Card>
  );
}

function Data({ h }: { h: Household }) {
  const { valueLabel } = useLabels();
  const [asking, setAsking] = useState(false);
  const [opened, setOpened] = useState<{ h: Household; reason: string } | undefined>();
  useEffect(() => setOpened(undefined), [h.id]);
  const d = opened?.h ?? h;
  return (
    <Card
      title={t('household.data')}
      aside={
        d.masked &&
        !d.erased && (
          <button type="button" class="button small" onClick={() => setAsking(true)}>
            <Icon name="lock" size={16} />
            {t('household.open')}
          </button>
        )
      }
    >
      {d.erased && <p class="notice">{t('household.erased')}</p>}
      {opened && (
        <p class="notice">
          {t('household.opened', { reason: opened.reason })}
          <button type="button" class="button small" onClick={() => setOpened(undefined)}>
            {t('household.hide')}
          </button>
        </p>
      )}
      <Facts
        of={[
          [t('household.head'), headOf(d)],
          [t('household.phone'), d.phone ?? '–'],
          [t('household.address'), d.address ?? '–'],
          [t('household.members'), d.members === undefined ? '–' : number(d.members)],
          [t('household.building'), d.building ?? '–'],
          [t('household.tags'), line(...(d.tags ?? []).map((x) => valueLabel('tag', x))) || '–'],
          [t('household.place'), d.place_name],
          [t('household.registered'), fullTime(d.registered)],
        ]}
      />
      {d.masked && !d.erased && <p class="note">{t('household.masked')}</p>}
      {asking && (
        <OpenData
          onClose={() => setAsking(false)}
          open={async (reason) => {
            const full = await ask('/api/v1/grid/households/{id}', { path: { id: h.id }, query: { reason } });
            setOpened({ h: full, reason });
            setAsking(false);
          }}
        />
      )}
    </Card>
  );
}

export function HouseholdScreen({ id }: { id: string }) {
  const household = useRead('/api/v1/grid/households/{id}', { path: { id } });
  const h = household.body;
  const place = useDivision(h?.place);
  useTitle(h && headOf(h));
  if (h === undefined) {
    return household.problem ? <ProblemBox problem={household.problem} retry={household.reload} /> : <Loading />;
  }
  const group = h.group === undefined ? [] : [{ name: h.group_name ?? '', href: `/group/${h.group}` }];
  return (
    <>
      <Crumbs of={crumbsOf(place.body, group)} />
      <Title end={<CoverBadge h={h} />} sub={h.address}>
        {headOf(h)}
      </Title>
      <KeptNote of={household} />
      {h.removed === undefined && may('visit.made', h.place) && (
        <p class="actions">
          <a class="button primary" href={`/household/${id}/visit`}>
            <Icon name="edit" />
            {t('household.visit')}
          </a>
        </p>
      )}
      <div class="columns even">
        <div class="stack">
          <Responsible h={h} />
          <HouseholdVisits id={id} place={h.place} />
        </div>
        <Data h={h} />
      </div>
      <History of={h.history} />
    </>
  );
}
