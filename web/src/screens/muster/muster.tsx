/* The muster: ticking those who are there, one record each, all kept at once. */
import { useEffect, useState } from 'preact/hooks';
import type { DutyStatus } from '../../api/desk';
import { useLabels } from '../../api/labels';
import type { Person } from '../../api/types';
import { useList } from '../../api/use-read';
import { line } from '../../app/names';
import { dutyReported, reportOf } from '../../app/records-desk';
import { go, to } from '../../app/route';
import { placeOfQuery } from '../../app/shell';
import { shortTime } from '../../app/when';
import { record } from '../../outbox/outbox';
import { Choices, TextField } from '../../parts/field';
import { Card, Empty, KeptNote, Loading, ProblemBox } from '../../parts/parts';
import { say } from '../../parts/toast';
import { label, t } from '../../texts/texts';
import { STATUSES } from '../duty/duty';
import { DutyNav, nameOf } from '../duty/nav';
import { PlaceHead } from '../place/place-head';

export function MusterScreen() {
  const place = placeOfQuery();
  const { allValues, valueLabel } = useLabels();
  const [q, setQ] = useState('');
  const [asked, setAsked] = useState('');
  const [category, setCategory] = useState('');
  const [status, setStatus] = useState<DutyStatus>('on_post');
  const [ticked, setTicked] = useState<ReadonlyMap<string, Person>>(new Map());
  const people = useList(
    '/api/v1/teams/people',
    place === undefined
      ? undefined
      : { query: { place, limit: 100, q: asked || undefined, category: category || undefined } },
  );
  const posts = useList(
    '/api/v1/duty/posts',
    place === undefined ? undefined : { query: { place, kind: 'all', limit: 500 } },
  );
  useEffect(() => {
    const timer = setTimeout(() => setAsked(q.trim()), 300);
    return () => clearTimeout(timer);
  }, [q]);
  if (place === undefined) {
    return null;
  }
  const now = new Map((posts.items ?? []).map((p) => [p.person, p]));
  const blocked = (p: Person) => status === 'on_post' && now.get(p.id)?.exposed === true;
  const standing = (p: Person) => {
    const post = now.get(p.id);
    const unsent = reportOf(p.id);
    if (unsent !== undefined && unsent.state !== 'refused') {
      return t('duty.waiting', { status: label('duty_status', String(unsent.event.data.status)) });
    }
    if (blocked(p)) {
      return t('duty.exposed_why');
    }
    return (
      post?.status &&
      line(label('duty_status', post.status), post.since && t('duty.since', { time: shortTime(post.since) }))
    );
  };
  const toggle = (p: Person | undefined) => {
    const next = new Map(ticked);
    if (p !== undefined && !next.delete(p.id)) {
      next.set(p.id, p);
    }
    setTicked(next);
  };
  const going = [...ticked.values()].filter((p) => !blocked(p));
  const save = async (e: Event) => {
    e.preventDefault();
    const contents = going.map((p) =>
      dutyReported(p.id, status, p.place, `${nameOf(p)} · ${label('duty_status', status)}`),
    );
    try {
      await record(contents);
      say(t('muster.saved', { n: contents.length, status: label('duty_status', status) }));
      go(to('/duty', { place }), true);
    } catch {
      say(t('draft.not_saved'));
    }
  };
  const shown = (people.items ?? []).filter((p) => !p.left);
  return (
    <>
      <PlaceHead code={place} title={t('muster.title')} days={false} />
      <DutyNav place={place} />
      <form class="muster" onSubmit={save} noValidate>
        <Card>
          <div class="pair">
            <TextField label={t('muster.search')} type="search" value={q} onValue={setQ} />
            <div class="field">
              <label for="muster-category">{t('muster.category')}</label>
              <select id="muster-category" value={category} onChange={(e) => setCategory(e.currentTarget.value)}>
                <option value="">{t('duty.any')}</option>
                {allValues('category').map((c) => (
                  <option key={c} value={c}>
                    {valueLabel('category', c)}
                  </option>
                ))}
              </select>
            </div>
          </div>
          <Choices
            label={t('muster.status')}
            value={status}
            onValue={setStatus}
            of={STATUSES.map((s) => ({ value: s, label: label('duty_status', s) }))}
          />
          <KeptNote of={people} />
          {people.items === undefined ? (
            people.problem ? (
              <ProblemBox problem={people.problem} retry={people.reload} />
            ) : (
              <Loading />
            )
          ) : shown.length === 0 ? (
            <Empty icon="users" title={t('muster.nobody')} />
          ) : (
            <Choices
              label={t('muster.who')}
              look="lines"
              value={[...ticked.keys()]}
              onValue={(id: string) => toggle(shown.find((p) => p.id === id) ?? ticked.get(id))}
              of={shown.map((p) => ({
                value: p.id,
                label: nameOf(p),
                disabled: blocked(p),
                sub: line(valueLabel('category', p.category), p.unit, p.place_name, standing(p)),
              }))}
            />
          )}
          {people.more && (
            <button type="button" class="button wide" onClick={people.more} disabled={people.loading}>
              {t('common.more')}
            </button>
          )}
        </Card>
        <div class="buttons end sticky">
          <button type="button" class="button quiet" onClick={() => go(to('/duty', { place }), true)}>
            {t('common.cancel')}
          </button>
          <button type="submit" class="button primary" disabled={going.length === 0}>
            {t('muster.save', { n: going.length, status: label('duty_status', status) })}
          </button>
        </div>
      </form>
    </>
  );
}
