/* The notices of a place: what waits for one's own acknowledgement first, then all, each with how far it has got. */
import { useEffect, useState } from 'preact/hooks';
import type { Notice, NoticeKind } from '../../api/desk';
import { useList } from '../../api/use-read';
import { useLive } from '../../app/live';
import { line } from '../../app/names';
import { editorOf } from '../../app/records';
import { ackOf, unsentNotices, withdrawalOf } from '../../app/records-desk';
import { to } from '../../app/route';
import { may } from '../../app/session';
import { placeOfQuery } from '../../app/shell';
import { number, shortTime } from '../../app/when';
import type { Entry } from '../../outbox/entry';
import { Bar } from '../../parts/bar';
import { Choices, TextField } from '../../parts/field';
import { Icon } from '../../parts/icon';
import { LiveMark } from '../../parts/live-mark';
import { Badge, Card, Empty, List, Row, WaitingBadge } from '../../parts/parts';
import { label, t } from '../../texts/texts';
import { PlaceHead } from '../place/place-head';
import { Acknowledge, Due, KindBadge, unitName, WithdrawnBadge } from './marks';

export const KINDS: NoticeKind[] = ['notice', 'emergency_notice', 'initiative', 'plan', 'guidance'];
const PAGE = 100;

/** Waits for the caller's own unit; one that is on its way from this device does not. */
export function waitsForMe(n: Notice): boolean {
  return n.mine !== undefined && n.mine.acknowledged === undefined && n.withdrawn === undefined;
}

function Mine({ n }: { n: Notice }) {
  const due = n.mine?.due ?? n.acknowledge_by;
  return (
    <li class="ask">
      <a class="ask-text" href={`/notice/${n.id}`}>
        <span class="row-title">{n.title}</span>
        <span class="row-sub">{line(n.number, n.issuer, shortTime(n.at))}</span>
        <span class="marks">
          <KindBadge kind={n.kind} />
          {due !== undefined && <Due by={due} />}
        </span>
      </a>
      <span class="ask-do">
        {n.mine && <span class="note">{unitName(n.mine.unit)}</span>}
        <Acknowledge of={n} unit={n.mine?.unit} tall />
      </span>
    </li>
  );
}

/** How many people acknowledged; of how many, where that can be counted. */
export function peopleText(n: Notice): string {
  const done = number(n.people_acknowledged);
  return n.people === undefined
    ? t('notices.people_so_far', { n: done })
    : t('notices.people', { n: done, total: number(n.people) });
}

/** How many have it in hand: a bar, the numbers, and the late ones in words. */
function Progress({ n }: { n: Notice }) {
  if (n.units === 0) {
    return <span class="progress">{peopleText(n)}</span>;
  }
  const text = t('notices.units', { n: number(n.acknowledged), total: number(n.units) });
  return (
    <span class="progress">
      <Bar n={n.acknowledged} total={n.units} label={text} />
      <span>{text}</span>
      {n.late > 0 && (
        <Badge tone="bad" icon="alert">
          {t('notices.late', { n: number(n.late) })}
        </Badge>
      )}
    </span>
  );
}

function NoticeRow({ n }: { n: Notice }) {
  const gone = n.withdrawn !== undefined || withdrawalOf(n.id) !== undefined;
  return (
    <Row
      href={`/notice/${n.id}`}
      class={gone ? 'withdrawn' : ''}
      title={
        <>
          {n.kind === 'emergency_notice' && <Icon name="alert" size={16} />} {n.title}
        </>
      }
      sub={line(label('notice_kind', n.kind), n.number, n.issuer, shortTime(n.at))}
      end={gone ? <WithdrawnBadge /> : <Progress n={n} />}
    />
  );
}

function Unsent({ e }: { e: Entry }) {
  return (
    <Row
      class="unsent"
      href={editorOf(e) ?? '/outbox'}
      title={e.title || t('outbox.untitled')}
      sub={t('event.notice.issued')}
      end={e.state === 'draft' ? <Badge tone="plain">{t('state.draft')}</Badge> : <WaitingBadge />}
    />
  );
}

export function NoticesScreen() {
  const place = placeOfQuery();
  const [q, setQ] = useState('');
  const [asked, setAsked] = useState('');
  const [kind, setKind] = useState('');
  const all = useList('/api/v1/notices/notices', place === undefined ? undefined : { query: { place, limit: PAGE } });
  const found = useList(
    '/api/v1/notices/notices',
    place === undefined ? undefined : { query: { place, limit: PAGE, kind: kind || undefined, q: asked || undefined } },
  );
  useLive(['notice.'], () => {
    all.reload();
    found.reload();
  });
  useEffect(() => {
    const timer = setTimeout(() => setAsked(q.trim()), 300);
    return () => clearTimeout(timer);
  }, [q]);
  if (place === undefined) {
    return null;
  }
  const mine = (all.items ?? []).filter(waitsForMe);
  const waiting = mine.filter((n) => ackOf(n.id, n.mine?.unit)?.state !== 'recorded');
  return (
    <>
      <PlaceHead code={place} title={t('notices.title')} days={false} />
      {may('notice.issued', place) && (
        <p class="actions">
          <a class="button primary" href={to('/notices/new', { place })}>
            <Icon name="edit" size={18} />
            {t('notices.write')}
          </a>
          <LiveMark />
        </p>
      )}
      <div class="stack">
        {waiting.length > 0 && (
          <Card title={t('notices.mine')} aside={<span class="note">{number(waiting.length)}</span>}>
            <ul class="asks">
              {waiting.map((n) => (
                <Mine key={n.id} n={n} />
              ))}
            </ul>
          </Card>
        )}
        <Card title={t('notices.all')}>
          <div class="filters">
            <TextField label={t('notices.search')} type="search" value={q} onValue={setQ} />
            <Choices
              label={t('notices.kind')}
              value={kind}
              onValue={setKind}
              of={[
                { value: '', label: t('notices.any') },
                ...KINDS.map((k) => ({ value: k as string, label: label('notice_kind', k) })),
              ]}
            />
          </div>
          <List
            of={found}
            first={unsentNotices.value.map((e) => <Unsent key={e.id} e={e} />)}
            empty={<Empty icon="bell" title={asked || kind ? t('notices.no_match') : t('notices.none')} />}
            row={(n) => <NoticeRow key={n.id} n={n} />}
          />
        </Card>
      </div>
    </>
  );
}
