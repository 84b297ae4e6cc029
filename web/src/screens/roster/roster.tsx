/* The roster of a site: the shifts that are planned, a fair plan around the clock for the days to come, hand-over
 * notes, and one's own shifts as a calendar. */
import { useState } from 'preact/hooks';
import { online, Problem } from '../../api/client';
import type { Roster, Shift } from '../../api/desk';
import { ask } from '../../api/reads';
import { useList, useRead } from '../../api/use-read';
import { useLive } from '../../app/live';
import { recordOne } from '../../app/records';
import { dutyReported, shiftPlanned, unsentOfType } from '../../app/records-desk';
import { go, here, query, to } from '../../app/route';
import { may, who } from '../../app/session';
import { placeOfQuery } from '../../app/shell';
import { addDays, fullTime, number, shortDay, today } from '../../app/when';
import { record } from '../../outbox/outbox';
import { Dialog } from '../../parts/dialog';
import { Choices, Field, Stepper } from '../../parts/field';
import { Icon } from '../../parts/icon';
import {
  Badge,
  Card,
  Empty,
  KeptNote,
  Loading,
  ProblemBox,
  problemText,
  Row,
  Shown,
  WaitingBadge,
} from '../../parts/parts';
import { TextArea } from '../../parts/text-area';
import { say } from '../../parts/toast';
import { t } from '../../texts/texts';
import { SitePicker } from '../dispatch/dialogs';
import { DutyNav, nameOf, StatusBadge } from '../duty/nav';
import { refusalText } from '../outbox/outbox';
import { PlaceHead } from '../place/place-head';
import { byDay, holdsAt, hoursOf } from './days';

const NOTES = 10;
const HOURS = ['4', '6', '8', '12', '24'] as const;

function Days({ of }: { of: readonly Shift[] }) {
  if (of.length === 0) {
    return <Empty icon="clock" title={t('roster.no_shifts')} />;
  }
  return (
    <ol class="days">
      {byDay(of).map(([day, shifts]) => (
        <li key={day}>
          <h3>{shortDay(day)}</h3>
          <ul class="shifts">
            {shifts.map((s) => (
              <li key={s.id} class={holdsAt(s, Date.now()) ? 'shift now' : 'shift'}>
                <span class="shift-hours">
                  {hoursOf(s)}
                  {holdsAt(s, Date.now()) && <Badge tone="info">{t('roster.now')}</Badge>}
                </span>
                <span class="shift-people">
                  {s.persons.map((p) => (
                    <span key={p.person}>
                      {nameOf(p)}
                      {p.status !== undefined && <StatusBadge status={p.status} />}
                    </span>
                  ))}
                </span>
              </li>
            ))}
          </ul>
        </li>
      ))}
    </ol>
  );
}

interface PlanProps {
  site: string;
  siteName: string;
}

/** A plan asked of the server, looked over, and taken as a whole. */
function Plan({ site, siteName }: PlanProps) {
  const [from, setFrom] = useState(addDays(today(), 1));
  const [days, setDays] = useState(3);
  const [hours, setHours] = useState<string>('8');
  const [heads, setHeads] = useState(2);
  const [roster, setRoster] = useState<Roster | undefined>();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | undefined>();
  const plan = async () => {
    setBusy(true);
    setProblem(undefined);
    try {
      const dates = { from, to: addDays(from, days - 1) };
      setRoster(await ask('/api/v1/duty/roster', { query: { site, ...dates, hours: Number(hours), heads } }));
    } catch (e) {
      setProblem(e instanceof Problem ? e : new Problem(-1, '', String(e)));
    } finally {
      setBusy(false);
    }
  };
  const take = async (r: Roster) => {
    const manned = r.items.filter((s) => s.persons.length > 0);
    const persons = (s: Roster['items'][number]) => s.persons.map((p) => p.person);
    try {
      await record(
        manned.map((s) => shiftPlanned(site, s.from, s.to, persons(s), `${siteName} ${fullTime(s.from).slice(5)}`)),
      );
      setRoster(undefined);
      say(t('roster.taken', { n: manned.length }));
    } catch {
      say(t('draft.not_saved'));
    }
  };
  const most = Math.max(1, ...(roster?.hours ?? []).map((h) => h.hours));
  return (
    <Card title={t('roster.plan')} note={t('roster.plan_note')}>
      <div class="bar-fields">
        <Field label={t('roster.from')}>
          {(id) => <input id={id} type="date" value={from} onChange={(e) => setFrom(e.currentTarget.value || from)} />}
        </Field>
        <Stepper label={t('roster.days')} value={days} min={1} max={14} onValue={setDays} />
        <Stepper label={t('roster.heads')} value={heads} min={1} max={20} onValue={setHeads} />
      </div>
      <Choices
        label={t('roster.hours')}
        value={hours}
        onValue={setHours}
        of={HOURS.map((h) => ({ value: h, label: t('time.hours', { n: h }) }))}
      />
      <button type="button" class="button" disabled={busy || !online.value} onClick={() => void plan()}>
        {busy ? t('common.loading') : t('roster.make')}
      </button>
      {!online.value && <p class="note">{t('dispatch.needs_network')}</p>}
      {problem !== undefined && <p class="error">{problemText(problem)}</p>}
      {roster !== undefined && (
        <div class="made">
          <Days of={roster.items.map((s, i) => ({ ...s, id: String(i), site, site_name: siteName }))} />
          {(roster.lacking ?? []).map((l) => (
            <p key={l.from} class="reason">
              <Icon name="alert" size={18} />
              {t('roster.lacking', {
                time: `${fullTime(l.from).slice(5)}\u2013${fullTime(l.to).slice(11)}`,
                n: l.heads,
              })}
            </p>
          ))}
          <h3>{t('roster.fair')}</h3>
          <ul class="fair">
            {(roster.hours ?? []).map((h) => (
              <li key={h.person}>
                <span>{nameOf(h)}</span>
                <span class="took-bar" style={{ width: `${(h.hours * 100) / most}%` }} />
                <span>{t('time.hours', { n: number(h.hours) })}</span>
              </li>
            ))}
          </ul>
          {may('shift.planned', placeOfQuery() ?? '') && roster.items.some((s) => s.persons.length > 0) && (
            <button type="button" class="button primary" onClick={() => void take(roster)}>
              {t('roster.take', { n: roster.items.filter((s) => s.persons.length > 0).length })}
            </button>
          )}
        </div>
      )}
    </Card>
  );
}

interface HandOverProps {
  place: string;
  shifts: readonly Shift[];
  onClose: () => void;
}

/** Leaving the post with a word for those who follow: somebody of the shift that runs or has just ended, or oneself. */
function HandOver({ place, shifts, onClose }: HandOverProps) {
  const lately = shifts.filter(
    (s) => Date.parse(s.from) <= Date.now() && Date.parse(s.to) > Date.now() - 12 * 3_600_000,
  );
  const own = who.value?.person;
  const people = new Map(lately.flatMap((s) => s.persons.map((p) => [p.person, { name: nameOf(p), shift: s.id }])));
  if (own !== undefined && !people.has(own)) {
    people.set(own, { name: who.value?.account ?? '', shift: '' });
  }
  const [person, setPerson] = useState(own ?? [...people.keys()][0] ?? '');
  const [text, setText] = useState('');
  const [tried, setTried] = useState(false);
  const save = async (e: Event) => {
    e.preventDefault();
    setTried(true);
    const p = people.get(person);
    if (p !== undefined && text.trim() !== '') {
      const more = { handover: text.trim(), shift: p.shift || undefined };
      await recordOne(dutyReported(person, 'off_post', place, t('roster.handover_record', { name: p.name }), more));
      say(t('roster.handed_over'));
      onClose();
    }
  };
  return (
    <Dialog title={t('roster.hand_over')} onClose={onClose}>
      <form onSubmit={save} noValidate>
        <p>{t('roster.hand_over_note')}</p>
        {people.size === 0 ? (
          <p class="notice">{t('roster.nobody_to_hand_over')}</p>
        ) : (
          <Choices
            label={t('roster.who')}
            value={person}
            onValue={setPerson}
            of={[...people].map(([id, p]) => ({ value: id, label: p.name }))}
          />
        )}
        <TextArea
          label={t('roster.text')}
          value={text}
          rows={4}
          maxLength={2000}
          hint={t('roster.text_hint')}
          error={tried && text.trim() === '' ? t('roster.text_missing') : undefined}
          onValue={setText}
        />
        <div class="buttons">
          <button type="button" class="button" onClick={onClose}>
            {t('common.cancel')}
          </button>
          <button type="submit" class="button primary" disabled={people.size === 0}>
            {t('roster.hand_over')}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function Feed() {
  const feed = useRead('/api/v1/duty/feed', who.value?.person === undefined ? undefined : {});
  if (who.value?.person === undefined) {
    return null;
  }
  const copy = async (url: string) => {
    try {
      await navigator.clipboard.writeText(url);
      say(t('roster.copied'));
    } catch {
      say(t('roster.copy_by_hand')); // no clipboard on plain http
    }
  };
  return (
    <Card title={t('roster.feed')} note={t('roster.feed_note')}>
      <Shown of={feed}>
        {(f) => {
          const url = new URL(f.url, location.href).href;
          return (
            <div class="copy">
              <input readOnly value={url} aria-label={t('roster.feed')} onFocus={(e) => e.currentTarget.select()} />
              <button type="button" class="button" onClick={() => void copy(url)}>
                {t('roster.copy')}
              </button>
            </div>
          );
        }}
      </Shown>
    </Card>
  );
}

export function RosterScreen() {
  const place = placeOfQuery();
  const site = query('site') ?? '';
  const [siteName, setSiteName] = useState('');
  const [handing, setHanding] = useState(false);
  const range = { from: addDays(today(), -1), to: addDays(today(), 14) };
  const shifts = useRead(
    '/api/v1/duty/shifts',
    place === undefined ? undefined : { query: { ...(site === '' ? { place } : { site }), ...range } },
  );
  const notes = useList('/api/v1/duty/handovers', site === '' ? undefined : { query: { site, limit: NOTES } });
  useLive(['shift.', 'duty.', 'support.'], () => {
    shifts.reload();
    notes.reload();
  });
  if (place === undefined) {
    return null;
  }
  const name = siteName || shifts.body?.items[0]?.site_name || '';
  return (
    <>
      <PlaceHead code={place} title={t('roster.title')} days={false} />
      <DutyNav place={place} />
      <div class="site-choice no-print">
        <SitePicker
          place={place}
          value={site}
          onValue={(id, chosen) => {
            setSiteName(chosen);
            go(to(here.value.pathname, { place, site: id || undefined }), true);
          }}
        />
      </div>
      <div class="columns even">
        <div class="stack">
          <Card title={site === '' ? t('roster.all_shifts') : t('roster.shifts')}>
            <ul class="rows">
              {unsentOfType('shift.planned').map((e) => (
                <Row
                  key={e.id}
                  class="unsent"
                  href="/outbox"
                  title={e.title}
                  sub={e.state === 'refused' ? refusalText(e) : undefined}
                  end={<WaitingBadge />}
                />
              ))}
            </ul>
            <Shown of={shifts}>{(s) => <Days of={s.items} />}</Shown>
          </Card>
          <Feed />
        </div>
        <div class="stack">
          {site === '' ? (
            <p class="notice">{t('roster.choose_site')}</p>
          ) : (
            <>
              <Plan key={site} site={site} siteName={name} />
              <Card
                title={t('roster.handovers')}
                aside={
                  may('duty.reported', place) && (
                    <button type="button" class="button small" onClick={() => setHanding(true)}>
                      <Icon name="edit" size={16} />
                      {t('roster.hand_over')}
                    </button>
                  )
                }
              >
                <KeptNote of={notes} />
                {notes.items === undefined ? (
                  notes.problem ? (
                    <ProblemBox problem={notes.problem} retry={notes.reload} />
                  ) : (
                    <Loading />
                  )
                ) : notes.items.length === 0 ? (
                  <Empty icon="edit" title={t('roster.no_notes')} />
                ) : (
                  <ol class="timeline">
                    {notes.items.map((x) => (
                      <li key={`${x.at} ${x.person}`}>
                        <span class={x.text === undefined ? 'note' : undefined}>{x.text ?? t('roster.note_gone')}</span>
                        <span class="row-sub">
                          {fullTime(x.at)} · {nameOf(x)}
                        </span>
                      </li>
                    ))}
                  </ol>
                )}
                {notes.more && (
                  <button type="button" class="button wide" onClick={notes.more} disabled={notes.loading}>
                    {t('common.more')}
                  </button>
                )}
              </Card>
            </>
          )}
        </div>
      </div>
      {handing && <HandOver place={place} shifts={shifts.body?.items ?? []} onClose={() => setHanding(false)} />}
    </>
  );
}
