/* A village or a grid: its groups with what each lacks, its households, and the way to register another. */
import { useEffect, useState } from 'preact/hooks';
import { read } from '../../api/reads';
import type { Group, Household } from '../../api/types';
import { useList, useRead } from '../../api/use-read';
import { headOf, line } from '../../app/names';
import { unsentHouseholds, unsentOfGroup } from '../../app/records';
import { may } from '../../app/session';
import { number } from '../../app/when';
import { asOf } from '../../parts/as-of';
import { TextField } from '../../parts/field';
import { Icon } from '../../parts/icon';
import { Badge, Card, Empty, KeptNote, List, Row, Shown, WaitingBadge } from '../../parts/parts';
import { label, t } from '../../texts/texts';
import { GapSummary, Tile } from '../place/place';
import { PlaceHead } from '../place/place-head';

export function missingText(g: Pick<Group, 'missing'>): string {
  return g.missing.map((m) => t('group.missing', { role: label('grid', m.role), n: m.least - m.have })).join(' · ');
}

export function GroupRow({ g }: { g: Group }) {
  const unsent = unsentOfGroup(g.id).length > 0;
  return (
    <Row
      href={`/group/${g.id}`}
      title={g.name}
      sub={g.complete ? t('group.people_households', { staff: g.staff, n: number(g.households) }) : missingText(g)}
      end={
        <>
          {unsent && <WaitingBadge />}
          {g.complete ? (
            <Badge tone="good" icon="check">
              {t('group.complete')}
            </Badge>
          ) : (
            <Badge tone="warn" icon="alert">
              {t('group.incomplete')}
            </Badge>
          )}
        </>
      }
    />
  );
}

export function HouseholdRow({ h }: { h: Household }) {
  return (
    <Row
      href={`/household/${h.id}`}
      title={headOf(h)}
      sub={line(h.address, h.group_name ?? t('gaps.unassigned'))}
      end={
        h.covered ? (
          <Badge tone="good" icon="check">
            {t('household.covered')}
          </Badge>
        ) : (
          <Badge tone="bad" icon="alert">
            {t('household.uncovered')}
          </Badge>
        )
      }
    />
  );
}

/** Households registered here that the server does not have yet. */
function unsentRows(place: string) {
  return unsentHouseholds(place).map((e) => (
    <Row
      key={e.id}
      class="unsent"
      href="/outbox"
      title={e.title || t('outbox.untitled')}
      sub={t('event.household.registered')}
      end={
        <Badge tone={e.state === 'refused' ? 'bad' : 'warn'} icon={e.state === 'refused' ? 'alert' : 'clock'}>
          {label('state', e.state)}
        </Badge>
      }
    />
  ));
}

/** Fetches what recording in this village will need, so that it is there when the network is not. */
function usePrepared(code: string, groups: Group[] | undefined): void {
  const ids = groups?.map((g) => g.id).join();
  useEffect(() => {
    if (ids === undefined) {
      return;
    }
    void (async () => {
      await read('/api/v1/grid/models', {});
      await read('/api/v1/teams/people', { query: { place: code, limit: 500 } });
      for (const id of ids.split(',').slice(0, 12)) {
        if (id !== '') {
          await read('/api/v1/grid/groups/{id}', { path: { id } });
        }
      }
    })().catch(() => undefined); // without network, what is there already must do
  }, [code, ids]);
}

export function Village({ code }: { code: string }) {
  const [q, setQ] = useState('');
  const [asked, setAsked] = useState('');
  const figures = useRead('/api/v1/figures', { query: { place: code, as_of: asOf() } });
  const coverage = useRead('/api/v1/coverage', { query: { place: code, as_of: asOf() } });
  const groups = useList('/api/v1/grid/groups', { query: { place: code, limit: 100 } });
  const households = useList('/api/v1/grid/households', { query: { place: code, q: asked || undefined, limit: 50 } });
  usePrepared(code, groups.items);
  useEffect(() => {
    const timer = setTimeout(() => setAsked(q.trim()), 300);
    return () => clearTimeout(timer);
  }, [q]);
  const v = figures.body?.figures;
  const now = asOf() === undefined ? undefined : t('village.lists_now');
  const names: [string, string?][] = [
    ['households'],
    ['households_covered', 'households'],
    ['groups'],
    ['groups_complete', 'groups'],
  ];
  return (
    <>
      <PlaceHead code={code} />
      {may('household.registered', code) && (
        <p class="actions">
          <a class="button primary" href={`/place/${code}/register`}>
            <Icon name="plus" />
            {t('village.register')}
          </a>
        </p>
      )}
      <KeptNote of={figures} />
      {v && (
        <ul class="tiles">
          {names.map(([name, of]) => (
            <Tile key={name} name={name} value={v[name] ?? 0} of={of === undefined ? undefined : v[of]} place={code} />
          ))}
        </ul>
      )}
      <div class="columns even">
        <div class="stack">
          <Card title={t('village.groups')} note={now}>
            <List
              of={groups}
              noted
              empty={<Empty icon="users" title={t('village.no_groups')} />}
              row={(g) => <GroupRow key={g.id} g={g} />}
            />
          </Card>
          <Card title={t('place.gaps')}>
            <Shown of={coverage} noted>
              {(c) => <GapSummary c={c} />}
            </Shown>
          </Card>
        </div>
        <Card title={t('village.households')} note={now}>
          <TextField label={t('village.search')} type="search" value={q} onValue={setQ} />
          <List
            of={households}
            noted
            first={unsentRows(code)}
            empty={<Empty icon="home" title={asked === '' ? t('village.no_households') : t('village.no_match')} />}
            row={(h) => <HouseholdRow key={h.id} h={h} />}
          />
        </Card>
      </div>
    </>
  );
}
