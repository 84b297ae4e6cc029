/* A county or a town (or anything above a village): its figures, how well each place below is covered, what is missing. */

import { useLabels } from '../../api/labels';
import type { Coverage, Figures } from '../../api/types';
import { useRead } from '../../api/use-read';
import { LEVEL_VILLAGE, levelOf } from '../../app/places';
import { to } from '../../app/route';
import { placeHref } from '../../app/shell';
import { number } from '../../app/when';
import { asOf } from '../../parts/as-of';
import { Bar, percent } from '../../parts/bar';
import { Icon } from '../../parts/icon';
import { Badge, Card, Empty, KeptNote, Row, Shown } from '../../parts/parts';
import { t } from '../../texts/texts';
import { Village } from '../village/village';
import { PlaceHead } from './place-head';

export function figureHref(name: string, place: string): string {
  return to(`/figure/${name}`, { place, as_of: asOf() });
}

/** One number that opens into what is behind it. */
export function Tile({ name, value, of, place }: { name: string; value: number; of?: number; place: string }) {
  const { figureLabel } = useLabels();
  const whole = of === undefined || of === value;
  return (
    <li>
      <a class={whole ? 'tile' : 'tile short'} href={figureHref(name, place)}>
        <span class="tile-label">{figureLabel(name)}</span>
        <span class="tile-value">{number(value)}</span>
        {of !== undefined && of > 0 && (
          <span class="tile-note">
            <Icon name={whole ? 'check' : 'alert'} size={14} />
            {percent(value, of)}%<small> / {number(of)}</small>
          </span>
        )}
      </a>
    </li>
  );
}

const MAIN: [name: string, of?: string][] = [
  ['households'],
  ['households_covered', 'households'],
  ['groups'],
  ['groups_complete', 'groups'],
];

function Tiles({ f }: { f: Figures }) {
  const v = f.figures;
  const own: [string, string?][] = [];
  for (const name of ['towns', 'villages']) {
    if ((v[name] ?? 0) > 0 && levelOf(f.place) < (name === 'towns' ? 4 : LEVEL_VILLAGE)) {
      own.push([name]);
    }
  }
  return (
    <ul class="tiles">
      {[...own, ...MAIN].map(([name, of]) => (
        <Tile key={name} name={name} value={v[name] ?? 0} of={of === undefined ? undefined : v[of]} place={f.place} />
      ))}
    </ul>
  );
}

function Below({ c }: { c: Coverage }) {
  if (c.below.length === 0) {
    return <Empty title={t('place.none_below')} />;
  }
  return (
    <ul class="bars">
      {c.below.map((b) => {
        const households = t('place.households_bar', {
          covered: number(b.households_covered),
          total: number(b.households),
        });
        const full = b.households_covered === b.households && b.groups_complete === b.groups;
        return (
          <li key={b.place}>
            <a class="bar-row" href={placeHref(b.place, asOf())}>
              <span class="bar-name">{b.name}</span>
              <Bar n={b.households_covered} total={b.households} label={households} />
              <span class="bar-percent">
                {b.households === 0 ? '–' : `${percent(b.households_covered, b.households)}%`}
              </span>
              <span class="bar-note">
                <span>{b.households === 0 ? t('place.no_households') : households}</span>
                <span>{t('place.groups_bar', { complete: b.groups_complete, total: b.groups })}</span>
              </span>
              <span class={full ? 'bar-mark good' : 'bar-mark warn'}>
                <Icon name={full ? 'check' : 'alert'} size={16} />
                <span class="visually-hidden">{full ? t('place.all_ok') : t('place.short')}</span>
              </span>
            </a>
          </li>
        );
      })}
    </ul>
  );
}

export function GapSummary({ c }: { c: Coverage }) {
  const groups = c.groups_total - c.groups_complete;
  const households = c.households - c.households_covered;
  if (groups === 0 && households === 0) {
    return (
      <div class="all-well">
        <Icon name="check" size={28} />
        <p>
          <strong>{t('place.no_gaps')}</strong>
          <span class="note">{t('place.no_gaps_note')}</span>
        </p>
      </div>
    );
  }
  const href = to('/gaps', { place: c.place, as_of: asOf() });
  return (
    <ul class="rows">
      {groups > 0 && (
        <Row
          href={href}
          title={
            <Badge tone="warn" icon="alert">
              {t('place.gap_groups', { n: number(groups) })}
            </Badge>
          }
        />
      )}
      {households > 0 && (
        <Row
          href={href}
          title={
            <Badge tone="bad" icon="alert">
              {t('place.gap_households', { n: number(households) })}
            </Badge>
          }
        />
      )}
    </ul>
  );
}

/** Every figure of one family that is not zero, as a compact list. */
function FigureList({ f, prefix }: { f: Figures; prefix: string }) {
  const { partLabel } = useLabels();
  const names = Object.keys(f.figures).filter((n) => n.startsWith(prefix) && (f.figures[n] ?? 0) > 0);
  if (names.length === 0) {
    return <p class="note">{t('common.none')}</p>;
  }
  return (
    <ul class="rows tight">
      {names.map((n) => (
        <Row
          key={n}
          href={figureHref(n, f.place)}
          title={partLabel(n)}
          end={<strong>{number(f.figures[n] ?? 0)}</strong>}
        />
      ))}
    </ul>
  );
}

export function PlaceScreen({ code }: { code: string }) {
  return levelOf(code) >= LEVEL_VILLAGE ? <Village code={code} /> : <Wider code={code} />;
}

function Wider({ code }: { code: string }) {
  const query = { place: code, as_of: asOf() };
  const figures = useRead('/api/v1/figures', { query });
  const coverage = useRead('/api/v1/coverage', { query });
  return (
    <>
      <PlaceHead code={code} />
      <KeptNote of={figures} />
      {figures.body && <Tiles f={figures.body} />}
      <div class="columns">
        <Card title={t('place.coverage')} note={t('place.coverage_note')}>
          <Shown of={coverage} noted>
            {(c) => <Below c={c} />}
          </Shown>
        </Card>
        <div class="stack">
          <Card title={t('place.gaps')}>
            <Shown of={coverage} noted>
              {(c) => <GapSummary c={c} />}
            </Shown>
          </Card>
          <Card title={t('place.teams')}>
            <Shown of={figures} noted>
              {(f) => <FigureList f={f} prefix="teams." />}
            </Shown>
          </Card>
          <Card
            title={t('place.people')}
            aside={<a href={to('/figures', { place: code, as_of: asOf() })}>{t('place.all_figures')}</a>}
          >
            <Shown of={figures} noted>
              {(f) => <FigureList f={f} prefix="people." />}
            </Shown>
          </Card>
        </div>
      </div>
    </>
  );
}
