/* What is missing in a place: groups short of people and households nobody answers for, each leading to where it is mended. */
import type { Coverage, Household } from '../../api/types';
import { useRead } from '../../api/use-read';
import { headOf, line } from '../../app/names';
import { unsentOfGroup, unsentOfHousehold } from '../../app/records';
import { to } from '../../app/route';
import { may } from '../../app/session';
import { placeOfQuery } from '../../app/shell';
import { number } from '../../app/when';
import { asOf } from '../../parts/as-of';
import { Badge, Card, Empty, Row, Shown } from '../../parts/parts';
import { label, t } from '../../texts/texts';
import { PlaceHead } from '../place/place-head';
import { missingText } from '../village/village';

const SHOWN = 200;

function shownNote(n: number, total: number) {
  return n < total ? t('gaps.shown', { total: number(total), n: number(n) }) : number(total);
}

function Waiting() {
  return (
    <Badge tone="warn" icon="clock">
      {t('gaps.waiting')}
    </Badge>
  );
}

/** An unassigned household is mended by assigning it, one whose group is short by staffing that group. */
function HouseholdGap({ u }: { u: Household }) {
  const assign = u.group === undefined;
  const href = !may('household.assigned', u.place)
    ? `/household/${u.id}`
    : assign
      ? `/household/${u.id}/assign`
      : `/group/${u.group}`;
  const waiting = unsentOfHousehold(u.id).length > 0 || (u.group !== undefined && unsentOfGroup(u.group).length > 0);
  return (
    <Row
      href={waiting ? '/outbox' : href}
      title={headOf(u)}
      sub={line(u.place_name, u.address, u.reason && label('gaps', u.reason))}
      end={waiting ? <Waiting /> : <span class="mend">{assign ? t('gaps.mend_household') : t('gaps.mend_group')}</span>}
    />
  );
}

/** The answer lists incomplete groups first, then complete ones. */
const short = (c: Coverage) => c.groups.filter((g) => !g.complete);

export function GapsScreen() {
  const place = placeOfQuery();
  const coverage = useRead(
    '/api/v1/coverage',
    place === undefined ? undefined : { query: { place, as_of: asOf(), limit: SHOWN } },
  );
  if (place === undefined) {
    return null;
  }
  return (
    <>
      <PlaceHead code={place} title={t('gaps.title')} />
      <Shown of={coverage}>
        {(c) => (
          <div class="columns even">
            <Card
              title={t('gaps.groups')}
              aside={<span class="note">{shownNote(short(c).length, c.groups_total - c.groups_complete)}</span>}
            >
              {short(c).length === 0 ? (
                <Empty title={t('gaps.no_groups')} />
              ) : (
                <ul class="rows">
                  {short(c).map((g) => (
                    <Row
                      key={g.id}
                      href={
                        may('group.staffed', g.place)
                          ? to(`/group/${g.id}/staff`, { role: g.missing[0]?.role })
                          : `/group/${g.id}`
                      }
                      title={g.name}
                      sub={[g.place_name, missingText(g), t('common.households', { n: number(g.households) })].join(
                        ' · ',
                      )}
                      end={
                        unsentOfGroup(g.id).length > 0 ? <Waiting /> : <span class="mend">{t('gaps.mend_group')}</span>
                      }
                    />
                  ))}
                </ul>
              )}
            </Card>
            <Card
              title={t('gaps.households')}
              aside={<span class="note">{shownNote(c.uncovered.length, c.households - c.households_covered)}</span>}
            >
              {c.uncovered.length === 0 ? (
                <Empty title={t('gaps.no_households')} />
              ) : (
                <ul class="rows">
                  {c.uncovered.map((u) => (
                    <HouseholdGap key={u.id} u={u} />
                  ))}
                </ul>
              )}
            </Card>
            {c.doubly_claimed.length > 0 && (
              <Card title={t('gaps.doubly')}>
                <ul class="rows">
                  {c.doubly_claimed.map((u) => (
                    <Row key={u.id} href={`/household/${u.id}`} title={headOf(u)} sub={line(u.place_name, u.address)} />
                  ))}
                </ul>
              </Card>
            )}
          </div>
        )}
      </Shown>
    </>
  );
}
