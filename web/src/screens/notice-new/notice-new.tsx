/* Writing a notice, or passing one on: the form beside the document as it will look. Kept as a draft while one types. */
import { useState } from 'preact/hooks';
import type { Category, NoticeKind } from '../../api/desk';
import { useLabels } from '../../api/labels';
import type { Division } from '../../api/types';
import { useList, useRead } from '../../api/use-read';
import { type NoticeForm, noticeIssued } from '../../app/records-desk';
import { go, query, to } from '../../app/route';
import { homePlace } from '../../app/session';
import { type Draft, useDraft } from '../../app/use-draft';
import { Choices, TextField } from '../../parts/field';
import { MomentField, stampOf } from '../../parts/moment';
import { Crumbs, Loading, ProblemBox, Title } from '../../parts/parts';
import { TextArea } from '../../parts/text-area';
import { say } from '../../parts/toast';
import { label, t } from '../../texts/texts';
import { useAudience } from '../notice/audience';
import { Document } from '../notice/document';
import { KINDS } from '../notices/notices';
import { DraftNotes } from '../outbox/draft-notes';
import { crumbsOf, useDivision, useTitle } from '../place/place-head';
import { BODY_MOST, checkNotice, firstForm, lastOwn } from './form';
import { PlacePicker } from './place-picker';

const HOURS = [1, 2, 6, 24];

export function NoticeNewScreen() {
  const draft = useDraft();
  const kept = draft.entry?.form as NoticeForm | undefined;
  const parentId = kept?.parent || query('parent');
  const place = kept?.place ?? query('place') ?? homePlace.value;
  const division = useDivision(place);
  const parent = useRead(
    '/api/v1/notices/notices/{id}',
    parentId === undefined ? undefined : { path: { id: parentId } },
  );
  const recent = useList('/api/v1/notices/notices', place === undefined ? undefined : { query: { place, limit: 50 } });
  const below = useRead('/api/v1/places/divisions', place === undefined ? undefined : { query: { place, limit: 500 } });
  useTitle(t(parentId === undefined ? 'notices.write' : 'notice.pass_on'));
  const missing = division.problem ?? (parentId === undefined ? undefined : parent.problem);
  if (missing !== undefined && kept === undefined) {
    return <ProblemBox problem={missing} retry={division.reload} />;
  }
  const waits =
    !draft.ready ||
    division.body === undefined ||
    (parentId !== undefined && parent.body === undefined) ||
    (recent.items === undefined && recent.loading) ||
    (below.body === undefined && below.loading);
  if (waits || division.body === undefined || place === undefined) {
    return <Loading />;
  }
  const first =
    kept ??
    firstForm({
      place,
      placeName: division.body.name,
      last: lastOwn(recent.items, place),
      parent: parent.body,
      below: (below.body?.items ?? []).filter((d) => d.level <= 5).map((d) => d.code),
      now: Date.now(),
    });
  return <Form key={place} first={first} division={division.body} parentTitle={parent.body?.title} draft={draft} />;
}

interface FormProps {
  first: NoticeForm;
  division: Division;
  parentTitle?: string;
  draft: Draft;
}

function Form({ first, division, parentTitle, draft }: FormProps) {
  const { allValues, valueLabel } = useLabels();
  const [f, setForm] = useState(first);
  const [tried, setTried] = useState(false);
  const faults = tried ? checkNotice(f, Date.now()) : {};
  const audience = useAudience(f.place, { places: f.places, categories: f.categories, party_members: f.party_members });
  const change = (part: Partial<NoticeForm>) => {
    const next = { ...f, ...part };
    setForm(next);
    draft.touch(() => noticeIssued(next));
  };
  const send = async (e: Event) => {
    e.preventDefault();
    setTried(true);
    if (Object.keys(checkNotice(f, Date.now())).length > 0) {
      requestAnimationFrame(() => document.querySelector('.field.wrong')?.scrollIntoView({ block: 'center' }));
      return;
    }
    if (await draft.submit(noticeIssued(f))) {
      say(t('notice_new.saved'));
      go(to('/notices', { place: f.place }), true);
    }
  };
  const cancel = async () => {
    await draft.drop();
    go(f.parent === '' ? to('/notices', { place: f.place }) : `/notice/${f.parent}`, true);
  };
  return (
    <>
      <Crumbs of={crumbsOf(division, [{ name: t('notices.title'), href: to('/notices', { place: f.place }) }])} />
      <Title sub={division.name}>{t(f.parent === '' ? 'notices.write' : 'notice.pass_on')}</Title>
      <div class="columns even">
        <form class="card form" onSubmit={send} noValidate>
          <DraftNotes of={draft} />
          {f.parent !== '' && (
            <p class="notice">
              {t('notice.rests_on')} <a href={`/notice/${f.parent}`}>{parentTitle ?? f.parent}</a>
            </p>
          )}
          <Choices
            label={t('notices.kind')}
            value={f.kind}
            onValue={(kind: NoticeKind) => change({ kind })}
            of={KINDS.map((k) => ({ value: k, label: label('notice_kind', k) }))}
          />
          <TextField
            label={t('notice_new.title')}
            value={f.title}
            maxLength={200}
            error={faults.title}
            onValue={(title) => change({ title })}
          />
          <div class="pair">
            <TextField
              label={t('notice_new.issuer')}
              value={f.issuer}
              maxLength={80}
              error={faults.issuer}
              onValue={(issuer) => change({ issuer })}
            />
            <TextField
              label={t('notice_new.number')}
              value={f.number}
              maxLength={40}
              hint={t('notice_new.number_hint')}
              optional
              onValue={(number) => change({ number })}
            />
          </div>
          <TextArea
            label={t('notice_new.body')}
            value={f.body}
            rows={12}
            maxLength={BODY_MOST}
            error={faults.body}
            hint={t('notice_new.body_hint')}
            onValue={(body) => change({ body })}
          />
          <h2 class="form-part">{t('notice.audience')}</h2>
          <PlacePicker
            of={division}
            value={f.places}
            error={faults.audience}
            onValue={(places) => change({ places })}
          />
          <details open={f.categories.length > 0 || f.party_members}>
            <summary>{t('notice_new.people')}</summary>
            <label class="check">
              <input
                type="checkbox"
                checked={f.party_members}
                onChange={(e) => change({ party_members: e.currentTarget.checked })}
              />
              {t('notice.party_members')}
            </label>
            <Choices
              label={t('notice_new.categories')}
              value={f.categories}
              onValue={(c: Category) =>
                change({
                  categories: f.categories.includes(c) ? f.categories.filter((x) => x !== c) : [...f.categories, c],
                })
              }
              of={allValues('category').map((c) => ({ value: c as Category, label: valueLabel('category', c) }))}
            />
          </details>
          <MomentField
            label={t('notice.acknowledge_by')}
            value={f.acknowledge_by}
            optional
            error={faults.acknowledge_by}
            onValue={(acknowledge_by) => change({ acknowledge_by })}
          />
          <div class="chips">
            {HOURS.map((h) => (
              <button
                key={h}
                type="button"
                class="button small quiet"
                onClick={() => change({ acknowledge_by: stampOf(Date.now() + h * 3_600_000) })}
              >
                {t('notice_new.in_hours', { n: h })}
              </button>
            ))}
            {f.acknowledge_by !== '' && (
              <button type="button" class="button small quiet" onClick={() => change({ acknowledge_by: '' })}>
                {t('notice_new.no_hour')}
              </button>
            )}
          </div>
          <div class="buttons end">
            <button type="button" class="button quiet" onClick={() => void cancel()}>
              {t('common.cancel')}
            </button>
            <button type="submit" class="button primary">
              {t('notice_new.issue')}
            </button>
          </div>
        </form>
        <section class="preview" aria-label={t('notice_new.preview')}>
          <h2>{t('notice_new.preview')}</h2>
          <Document of={{ ...f, audience, at: Date.now() }} />
        </section>
      </div>
    </>
  );
}
