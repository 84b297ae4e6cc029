/* The cascade of a notice: every unit at every depth, when it had it, when it acknowledged, who is late or has not
 * passed it on; as of now or of any moment since it was issued. */
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Cascade, CascadeRow } from '../../api/desk';
import { useRead } from '../../api/use-read';
import { useLive } from '../../app/live';
import { line } from '../../app/names';
import { go, query, to } from '../../app/route';
import { fullTime, number } from '../../app/when';
import { Choices } from '../../parts/field';
import { Icon } from '../../parts/icon';
import { LiveMark } from '../../parts/live-mark';
import { duration, fromInput, toInput } from '../../parts/moment';
import { Badge, Card, Crumbs, Empty, KeptNote, Loading, ProblemBox, Title } from '../../parts/parts';
import { label, t } from '../../texts/texts';
import { clockText } from '../notice/notice';
import { crumbsOf, useDivision, useTitle } from '../place/place-head';
import { CascadeChart } from './chart';
import { clockOf, endOf, FILTERS, type Filter, heldUp, kept, stateOf, unanswered } from './rows';

const LOOK = {
  acknowledged: ['good', 'check'],
  acknowledged_late: ['warn', 'clock'],
  withdrawn: ['plain', 'close'],
  overdue: ['bad', 'alert'],
  no_holder: ['bad', 'user'],
  delivered: ['info', 'down'],
  not_delivered: ['plain', 'minus'],
} as const;

function StateMark({ i, held }: { i: CascadeRow; held: boolean }) {
  const state = stateOf(i);
  const [tone, icon] = LOOK[state];
  return (
    <>
      <Badge tone={tone} icon={icon}>
        {label('unit_state', state)}
      </Badge>
      {unanswered(i) && state !== 'no_holder' && (
        <Badge tone="bad" icon="user">
          {label('unit_state', 'no_holder')}
        </Badge>
      )}
      {held && (
        <Badge tone="warn" icon="down">
          {t('cascade.held_up')}
        </Badge>
      )}
    </>
  );
}

interface UnitProps {
  i: CascadeRow;
  issued: string;
  most: number;
  held: boolean;
  /** The first row of its notice names it. */
  first: boolean;
}

function Cell({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <td>
      <span class="cell-name">{name}</span>
      {children}
    </td>
  );
}

function Unit({ i, issued, most, held, first }: UnitProps) {
  const time = (s: string | undefined) => (s === undefined ? '\u2013' : clockOf(s, issued));
  return (
    <tr class={`depth-${Math.min(i.depth, 4)} ${i.late ? 'is-late' : ''}`}>
      <th scope="row">
        <span class="unit-name">{i.unit_name}</span>
        {first && (
          <a class="note" href={`/notice/${i.notice}`}>
            {line(i.number, i.issuer)}
          </a>
        )}
      </th>
      <Cell name={t('cascade.delivered')}>{time(i.delivered)}</Cell>
      <Cell name={t('cascade.acknowledged')}>{time(i.acknowledged)}</Cell>
      <Cell name={t('cascade.took')}>
        {i.minutes === undefined ? (
          '\u2013'
        ) : (
          <span class="took-in">
            <span class="took-bar" style={{ width: `${Math.max(2, (i.minutes * 100) / Math.max(1, most))}%` }} />
            <span>{duration(i.minutes)}</span>
          </span>
        )}
      </Cell>
      <td class="unit-state">
        <StateMark i={i} held={held} />
      </td>
    </tr>
  );
}

function Units({ c, filter }: { c: Cascade; filter: Filter }) {
  const shown = kept(c, filter);
  const held = heldUp(c);
  const most = Math.max(0, ...c.items.map((i) => i.minutes ?? 0));
  if (shown.length === 0) {
    return <Empty title={t(filter === 'all' ? 'cascade.empty' : 'cascade.none_such')} />;
  }
  return (
    <table class="cascade">
      <thead>
        <tr>
          <th scope="col">{t('cascade.unit')}</th>
          <th scope="col">{t('cascade.delivered')}</th>
          <th scope="col">{t('cascade.acknowledged')}</th>
          <th scope="col">{t('cascade.took')}</th>
          <th scope="col">{t('cascade.state')}</th>
        </tr>
      </thead>
      <tbody>
        {shown.map((i, k) => (
          <Unit
            key={`${i.notice} ${i.unit}`}
            i={i}
            most={most}
            held={held.has(i)}
            issued={c.issued}
            first={shown.findIndex((o) => o.notice === i.notice) === k}
          />
        ))}
      </tbody>
    </table>
  );
}

function Tiles({ c }: { c: Cascade }) {
  const tiles: [string, number, boolean][] = [
    [t('cascade.units'), c.units, true],
    [t('cascade.delivered'), c.delivered, true],
    [t('cascade.acknowledged'), c.acknowledged, true],
    [t('cascade.missing'), c.missing, c.missing === 0],
    [t('cascade.late'), c.late, c.late === 0],
    [t('cascade.not_passed_on'), c.not_passed_on, c.not_passed_on === 0],
  ];
  return (
    <ul class="tiles six">
      {tiles.map(([name, value, well]) => (
        <li key={name} class={well ? 'tile' : 'tile short'}>
          <span class="tile-label">{name}</span>
          <span class="tile-value">
            {number(value)}
            {!well && <Icon name="alert" size={18} />}
          </span>
        </li>
      ))}
    </ul>
  );
}

interface MomentProps {
  from: number;
  to: number;
  at: number | undefined;
  onAt: (at: number | undefined) => void;
}

/** The moment shown: a slider for looking, a field for naming one, a button back to now. */
function Moment({ from, to: end, at, onAt }: MomentProps) {
  const [held, setHeld] = useState<number | undefined>();
  const step = end - from < 3_600_000 ? 1_000 : 60_000;
  useEffect(() => {
    if (held === undefined) {
      return;
    }
    const timer = setTimeout(() => {
      onAt(held + step > end ? undefined : held);
      setHeld(undefined);
    }, 250);
    return () => clearTimeout(timer);
  }, [held]);
  const shown = held ?? at ?? end;
  return (
    <div class="moment no-print">
      <label>
        <span class="visually-hidden">{t('cascade.slide')}</span>
        <input
          type="range"
          min={from}
          max={end}
          step={step}
          value={shown}
          aria-valuetext={fullTime(shown)}
          onInput={(e) => setHeld(Number(e.currentTarget.value))}
        />
      </label>
      <div class="moment-row">
        <label class="moment-at">
          {t('cascade.as_of')}
          <input
            type="datetime-local"
            value={toInput(shown)}
            min={toInput(from)}
            onChange={(e) => {
              const stamp = fromInput(e.currentTarget.value);
              onAt(stamp === '' || Date.parse(stamp) > Date.now() ? undefined : Math.max(from, Date.parse(stamp)));
            }}
          />
        </label>
        <button type="button" class="button" disabled={at === undefined} onClick={() => onAt(undefined)}>
          {t('cascade.now')}
        </button>
      </div>
    </div>
  );
}

export function CascadeScreen({ id }: { id: string }) {
  const wanted = Date.parse(query('at') ?? '');
  const at = Number.isNaN(wanted) ? undefined : wanted;
  const [filter, setFilter] = useState<Filter>('all');
  const path = { id };
  const notice = useRead('/api/v1/notices/notices/{id}', { path });
  const now = useRead('/api/v1/notices/notices/{id}/cascade', { path });
  const then = useRead(
    '/api/v1/notices/notices/{id}/cascade',
    at === undefined ? undefined : { path, query: { at: new Date(at).toISOString() } },
  );
  const place = useDivision(notice.body?.place);
  useLive(['notice.'], now.reload);
  useTitle(notice.body && line(t('cascade.title'), notice.body.title));
  const all = now.body;
  if (all === undefined) {
    return now.problem ? <ProblemBox problem={now.problem} retry={now.reload} /> : <Loading />;
  }
  const reading = at === undefined ? now : then;
  const c = reading.body;
  const from = Date.parse(all.issued);
  const end = endOf(all, notice.body?.acknowledge_by, Date.now());
  const choose = (moment: number | undefined) =>
    go(to(`/notice/${id}/cascade`, { at: moment === undefined ? undefined : new Date(moment).toISOString() }), true);
  return (
    <div class="cascade-page">
      <Crumbs
        of={crumbsOf(place.body, [
          { name: t('notices.title'), href: to('/notices', { place: notice.body?.place }) },
          { name: all.title, href: `/notice/${id}` },
        ])}
      />
      <Title sub={line(notice.body?.number, all.title)} end={<LiveMark />}>
        {t('cascade.title')}
      </Title>
      <KeptNote of={reading} />
      <Card>
        <p class="clock-line huge">
          <Icon name="clock" size={30} />
          {c === undefined ? '\u2026' : clockText(c)}
        </p>
        <p class="note">
          {line(
            t('cascade.issued', { time: fullTime(all.issued) }),
            c?.last_village_delivered_minutes !== undefined &&
              c.all_villages &&
              t('cascade.last_delivered', { time: duration(c.last_village_delivered_minutes) }),
            at !== undefined && t('cascade.shown_as_of', { time: fullTime(at) }),
          )}
        </p>
        <CascadeChart of={all} end={end} at={at ?? end} />
        <Moment from={from} to={end} at={at} onAt={choose} />
      </Card>
      {c === undefined ? (
        reading.problem ? (
          <ProblemBox problem={reading.problem} retry={reading.reload} />
        ) : (
          <Loading />
        )
      ) : (
        <>
          <Tiles c={c} />
          <Card class="units">
            <div class="no-print">
              <Choices
                label={t('cascade.show')}
                value={filter}
                onValue={setFilter}
                of={FILTERS.map((f) => ({
                  value: f,
                  label: t('cascade.filter_n', {
                    what: label('cascade_filter', f),
                    n: kept(c, f).length,
                  }),
                }))}
              />
            </div>
            <Units c={c} filter={filter} />
            <p class="buttons no-print">
              <button type="button" class="button" onClick={() => print()}>
                {t('notice.print')}
              </button>
            </p>
          </Card>
        </>
      )}
    </div>
  );
}
