/* One figure of a place: its value, its course day by day, and the records that make it. */
import { useState } from 'preact/hooks';
import { useLabels } from '../../api/labels';
import { read } from '../../api/reads';
import type { FigureThing } from '../../api/types';
import { useRead } from '../../api/use-read';
import { recorder } from '../../app/names';
import { to } from '../../app/route';
import { placeOfQuery } from '../../app/shell';
import { addDays, fullTime, number, today } from '../../app/when';
import { AsOf, asOf } from '../../parts/as-of';
import { LineChart } from '../../parts/line-chart';
import { Card, Crumbs, Empty, Shown, Title } from '../../parts/parts';
import { label, t } from '../../texts/texts';
import { crumbsOf, useDivision, useTitle } from '../place/place-head';

const DAYS = 30;
const PAGE = 50;

function thingHref(x: FigureThing): string | undefined {
  switch (x.kind) {
    case 'household':
    case 'group':
    case 'person':
    case 'team':
      return `/${x.kind}/${x.id}`;
    case 'division':
    case 'place':
      return `/place/${x.id}`;
    default:
      return undefined;
  }
}

function Thing({ x }: { x: FigureThing }) {
  const { typeLabel } = useLabels();
  const href = thingHref(x);
  const first = x.events[0];
  return (
    <li class="thing">
      <details>
        <summary>
          <span class="row-main">
            <span class="row-title">
              {label('thing', x.kind)} · {x.place_name} <code>{x.id.slice(-6)}</code>
            </span>
            {first && (
              <span class="row-sub">
                {typeLabel(first.type)} · {fullTime(first.at)}
              </span>
            )}
          </span>
          <span class="note">{t('common.records', { n: x.events.length })}</span>
        </summary>
        <ol class="timeline">
          {x.events.map((e) => (
            <li key={e.id}>
              <span class="row-title">{typeLabel(e.type)}</span>
              <span class="row-sub">
                {fullTime(e.at)} · {recorder(e.actor)} · {t('figure.record', { seq: e.seq })}
              </span>
            </li>
          ))}
        </ol>
        {href && (
          <a class="button small" href={href}>
            {t('figure.open')}
          </a>
        )}
      </details>
    </li>
  );
}

function Things({ name, place }: { name: string; place: string }) {
  const query = { place, as_of: asOf(), limit: PAGE };
  const first = useRead('/api/v1/figures/{name}/events', { path: { name }, query });
  const [extra, setExtra] = useState<{ of?: object; things: FigureThing[]; next?: string }>({ things: [] });
  return (
    <Shown of={first}>
      {(body) => {
        const more = extra.of === body ? extra : { things: [], next: body.next };
        const things = [...body.things, ...more.things];
        const load = async () => {
          const a = await read('/api/v1/figures/{name}/events', {
            path: { name },
            query: { ...query, after: more.next },
          });
          setExtra({ of: body, things: [...more.things, ...a.body.things], next: a.body.next });
        };
        return things.length === 0 ? (
          <Empty icon="chart" title={t('figure.none')} />
        ) : (
          <>
            <p class="note">{t('figure.shown', { n: number(body.n), shown: number(things.length) })}</p>
            <ul class="rows">
              {things.map((x) => (
                <Thing key={x.id} x={x} />
              ))}
            </ul>
            {more.next !== undefined && (
              <button type="button" class="button wide" onClick={() => void load().catch(() => first.reload())}>
                {t('common.more')}
              </button>
            )}
          </>
        );
      }}
    </Shown>
  );
}

export function FigureScreen({ name }: { name: string }) {
  const place = placeOfQuery() ?? '';
  const day = asOf() ?? today();
  const { figureLabel } = useLabels();
  const division = useDivision(place);
  const figures = useRead('/api/v1/figures', { query: { place, as_of: asOf() } });
  const series = useRead('/api/v1/figures/{name}/series', {
    path: { name },
    query: { place, from: addDays(day, 1 - DAYS), to: day },
  });
  const title = figureLabel(name);
  useTitle(title);
  const value = figures.body?.figures[name];
  const list = { name: t('figures.title'), href: to('/figures', { place, as_of: asOf() }) };
  return (
    <>
      <Crumbs of={crumbsOf(division.body, [list])} />
      <Title end={<AsOf />} sub={division.body && t('figures.of_place', { place: division.body.name, day })}>
        {title}
      </Title>
      <div class="columns even">
        <Card title={t('figure.chart')}>
          {value !== undefined && <p class="huge">{number(value)}</p>}
          <Shown of={series}>{(s) => <LineChart name={title} points={s.points} />}</Shown>
        </Card>
        <Card title={t('figure.things')}>
          <Things name={name} place={place} />
        </Card>
      </div>
    </>
  );
}
