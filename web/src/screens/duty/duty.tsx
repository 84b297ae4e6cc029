/* The duty board: who is on post now in each place, who should be and is not, and reporting it in two taps. */
import { useState } from 'preact/hooks';
import type { DutyStatus, DutySummary, Post } from '../../api/desk';
import { useLabels } from '../../api/labels';
import { useList, useRead } from '../../api/use-read';
import { useLive } from '../../app/live';
import { line } from '../../app/names';
import { recordOne } from '../../app/records';
import { dutyReported, reportOf } from '../../app/records-desk';
import { go, here, query, to } from '../../app/route';
import { may } from '../../app/session';
import { placeOfQuery } from '../../app/shell';
import { fullTime, number, shortTime } from '../../app/when';
import { Dialog } from '../../parts/dialog';
import { Choices } from '../../parts/field';
import { Icon } from '../../parts/icon';
import { MomentField } from '../../parts/moment';
import { Badge, Card, Empty, List, Shown } from '../../parts/parts';
import { say } from '../../parts/toast';
import { label, t } from '../../texts/texts';
import { refusalText } from '../outbox/outbox';
import { PlaceHead } from '../place/place-head';
import { DutyNav, nameOf, StatusBadge } from './nav';

const PAGE = 200;
export const STATUSES: DutyStatus[] = ['on_post', 'off_post', 'leave', 'quarantined'];
const KINDS = ['all', 'on_post', 'absent'] as const;
type Kind = (typeof KINDS)[number];

/** Should be there and is not. */
export function absent(p: Pick<Post, 'expected' | 'status'>): boolean {
  return p.expected && p.status !== 'on_post';
}

/** Choosing what to report about one person: the second tap. Whoever was exposed cannot be called to a post. */
export function Report({ p, onClose }: { p: Post; onClose: () => void }) {
  const report = async (status: DutyStatus) => {
    const title = `${nameOf(p)} · ${label('duty_status', status)}`;
    await recordOne(dutyReported(p.person, status, p.place, title, { shift: p.shift }));
    say(t('duty.reported', { name: nameOf(p), status: label('duty_status', status) }));
    onClose();
  };
  return (
    <Dialog title={nameOf(p)} onClose={onClose}>
      <p class="note">{line(p.unit, p.site_name ?? p.place_name)}</p>
      {p.exposed && (
        <p class="reason">
          <Icon name="alert" />
          <span class="row-main">{t('duty.exposed_why')}</span>
        </p>
      )}
      <div class="statuses">
        {STATUSES.map((s) => (
          <button
            key={s}
            type="button"
            class={s === 'on_post' ? 'button primary tall' : 'button tall'}
            disabled={(s === 'on_post' && p.exposed) || s === p.status}
            onClick={() => void report(s)}
          >
            {label('duty_status', s)}
          </button>
        ))}
      </div>
      <div class="buttons">
        <button type="button" class="button quiet" onClick={onClose}>
          {t('common.cancel')}
        </button>
      </div>
    </Dialog>
  );
}

function PostRow({ p, onReport }: { p: Post; onReport?: () => void }) {
  const { valueLabel } = useLabels();
  const unsent = reportOf(p.person);
  const inner = (
    <>
      <span class="row-main">
        <span class="row-title">{nameOf(p)}</span>
        <span class="row-sub">
          {line(
            valueLabel('category', p.category),
            p.unit,
            p.site_name ?? p.place_name,
            p.since && t('duty.since', { time: shortTime(p.since) }),
          )}
        </span>
        {unsent?.state === 'refused' && <span class="error">{refusalText(unsent)}</span>}
      </span>
      <span class="row-end">
        {unsent !== undefined && unsent.state !== 'refused' ? (
          <Badge tone="warn" icon="clock">
            {t('duty.waiting', { status: label('duty_status', String(unsent.event.data.status)) })}
          </Badge>
        ) : (
          <>
            {absent(p) && (
              <Badge tone="bad" icon="alert">
                {t('duty.absent')}
              </Badge>
            )}
            {p.status !== undefined && <StatusBadge status={p.status} />}
          </>
        )}
        {p.exposed && (
          <Badge tone="bad" icon="lock">
            {t('duty.exposed')}
          </Badge>
        )}
      </span>
    </>
  );
  return (
    <li class={absent(p) ? 'row is-absent' : 'row'}>
      {onReport === undefined ? (
        <div class="row-in">{inner}</div>
      ) : (
        <button type="button" class="row-in" aria-haspopup="dialog" onClick={onReport}>
          {inner}
          <Icon name="edit" size={16} />
        </button>
      )}
    </li>
  );
}

function Summary({ of, place, at }: { of: readonly DutySummary[]; place: string; at?: string }) {
  return (
    <div class="scroll-x">
      <table class="summary">
        <thead>
          <tr>
            <th scope="col">{t('duty.place')}</th>
            <th scope="col">{t('duty.on_post')}</th>
            <th scope="col">{t('duty.leaders')}</th>
            <th scope="col">{t('duty.absent')}</th>
            <th scope="col">{t('duty.leave')}</th>
            <th scope="col">{t('duty.quarantined')}</th>
          </tr>
        </thead>
        <tbody>
          {of.map((s) => (
            <tr key={s.place} class={s.place === place ? 'whole' : undefined}>
              <th scope="row">
                {s.place === place ? s.place_name : <a href={to('/duty', { place: s.place, at })}>{s.place_name}</a>}
              </th>
              <td>{number(s.on_post)}</td>
              <td>{number(s.leaders_on_post)}</td>
              <td>
                {s.absent > 0 ? (
                  <Badge tone="bad" icon="alert">
                    {number(s.absent)}
                  </Badge>
                ) : (
                  <span class="zero">0</span>
                )}
              </td>
              <td class={s.on_leave === 0 ? 'zero' : undefined}>{number(s.on_leave)}</td>
              <td class={s.quarantined === 0 ? 'zero' : undefined}>{number(s.quarantined)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

export function DutyScreen() {
  const place = placeOfQuery();
  const at = query('at');
  const [kind, setKind] = useState<Kind>('all');
  const [chosen, setChosen] = useState<Post | undefined>();
  const summary = useRead('/api/v1/duty/summary', place === undefined ? undefined : { query: { place, at } });
  const posts = useList(
    '/api/v1/duty/posts',
    place === undefined ? undefined : { query: { place, at, kind, limit: PAGE } },
  );
  useLive(['duty.', 'shift.', 'support.', 'person.'], () => {
    summary.reload();
    posts.reload();
  });
  if (place === undefined) {
    return null;
  }
  const reports = at === undefined && may('duty.reported', place);
  const choose = (moment: string) => go(to(here.value.pathname, { place, at: moment || undefined }), true);
  return (
    <>
      <PlaceHead code={place} title={t('duty.title')} days={false} />
      <DutyNav place={place} />
      {reports && (
        <p class="actions">
          <a class="button primary" href={to('/duty/muster', { place })}>
            <Icon name="check" size={18} />
            {t('muster.title')}
          </a>
        </p>
      )}
      {at !== undefined && (
        <p class="notice">
          {t('duty.as_of', { time: fullTime(at) })}
          <button type="button" class="button small" onClick={() => choose('')}>
            {t('duty.now')}
          </button>
        </p>
      )}
      <div class="columns even duty">
        <Card title={t('duty.by_place')}>
          <Shown of={summary}>{(s) => <Summary of={s.items} place={place} at={at} />}</Shown>
          <details class="more no-print">
            <summary>{t('duty.other_time')}</summary>
            <MomentField label={t('duty.at')} value={at ?? ''} max={Date.now()} onValue={choose} />
          </details>
        </Card>
        <Card title={t('duty.posts')}>
          <Choices
            label={t('duty.show')}
            value={kind}
            onValue={setKind}
            of={KINDS.map((k) => ({ value: k, label: label('duty_kind', k) }))}
          />
          <List
            of={posts}
            empty={
              posts.more === undefined && (
                <Empty icon="users" title={t(kind === 'absent' ? 'duty.nobody_absent' : 'duty.nobody')} />
              )
            }
            row={(p) => (
              <PostRow
                key={p.person}
                p={p}
                onReport={reports && may('duty.reported', p.place) ? () => setChosen(p) : undefined}
              />
            )}
          />
        </Card>
      </div>
      {chosen !== undefined && <Report p={chosen} onClose={() => setChosen(undefined)} />}
    </>
  );
}
