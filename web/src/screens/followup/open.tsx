/* Beginning a follow-up: who, why, where they stay. How long and how often is the county's parameter unless said. */
import { useEffect, useState } from 'preact/hooks';
import type { Followup } from '../../api/front';
import { useRead } from '../../api/use-read';
import { headOf, line } from '../../app/names';
import { LEVEL_VILLAGE, levelOf } from '../../app/places';
import { followupOpened, type OpeningForm } from '../../app/records-front';
import { go, query } from '../../app/route';
import { homePlace } from '../../app/session';
import { type Draft, useDraft } from '../../app/use-draft';
import { today } from '../../app/when';
import { uuid7 } from '../../outbox/uuid';
import { Choices, Field, TextField } from '../../parts/field';
import { Loading, Title } from '../../parts/parts';
import { say } from '../../parts/toast';
import { label, t } from '../../texts/texts';
import { PlaceChoice, usePlaces } from '../checkpoint/place-choice';
import { idProblem, phoneProblem } from '../checkpoint/rules';
import { DraftNotes } from '../outbox/draft-notes';
import { useTitle } from '../place/place-head';
import { HouseholdChoice } from './household-choice';

const CATEGORIES: readonly Followup['category'][] = ['returnee', 'close_contact', 'suspected', 'other'];

type Errors = Partial<Record<'name' | 'id' | 'phone' | 'category' | 'place', string>>;

export function checkOpening(f: OpeningForm): Errors {
  const e: Errors = {};
  const id = idProblem(f.idNumber);
  if (f.name.trim() === '') {
    e.name = t('screen.name_missing');
  }
  if (id !== undefined) {
    e.id = t(id);
  }
  if (phoneProblem(f.phone)) {
    e.phone = t('register.phone_bad');
  }
  if (f.category === '') {
    e.category = t('open.category_missing');
  }
  if (f.place === '') {
    e.place = t('open.place_missing');
  }
  return e;
}

export function FollowupNewScreen() {
  const draft = useDraft();
  return draft.ready ? <Form draft={draft} /> : <Loading />;
}

function empty(): OpeningForm {
  const home = homePlace.value ?? '';
  return {
    id: uuid7(),
    subject: uuid7(),
    name: '',
    idNumber: '',
    phone: '',
    category: '',
    place: levelOf(home) >= LEVEL_VILLAGE ? home : '',
    placeName: '',
    household: query('household') ?? '',
    starts: today(),
    exposed: '',
  };
}

function Form({ draft }: { draft: Draft }) {
  const opened = draft.entry?.form as unknown as OpeningForm | undefined;
  const [form, setForm] = useState<OpeningForm>(opened ?? empty());
  const [errors, setErrors] = useState<Errors>({});
  const given = query('household');
  const household = useRead(
    '/api/v1/grid/households/{id}',
    form.household === '' ? undefined : { path: { id: form.household } },
  );
  const places = usePlaces(homePlace.value);
  const h = household.body;
  useTitle(t('open.title'));
  const set = (change: Partial<OpeningForm>) => {
    const now = { ...form, ...change };
    setForm(now);
    if (Object.keys(errors).length > 0) {
      setErrors(checkOpening(now));
    }
    draft.touch(() => followupOpened(now));
  };
  // Where the household is, there the follow-up is.
  useEffect(() => {
    if (h !== undefined && h.id === form.household && form.place !== h.place) {
      setForm((f) => ({ ...f, place: h.place, placeName: h.place_name }));
    }
  }, [h?.id, form.household]);
  const save = async () => {
    const wrong = checkOpening(form);
    setErrors(wrong);
    if (Object.keys(wrong).length > 0) {
      requestAnimationFrame(() => document.querySelector<HTMLElement>('[aria-invalid], .wrong input')?.focus());
      return;
    }
    if (await draft.submit(followupOpened(form))) {
      say(t('open.saved', { name: form.name.trim() }));
      go(given === undefined ? '/followups?kind=open' : `/household/${given}`, true);
    }
  };
  const cancel = async () => {
    await draft.drop();
    go(given === undefined ? '/followups' : `/household/${given}`, true);
  };
  return (
    <div class="narrow">
      <Title sub={h && given !== undefined ? line(headOf(h), h.address) : t('open.note')}>{t('open.title')}</Title>
      <form
        class="card form"
        noValidate
        onSubmit={(e) => {
          e.preventDefault();
          void save();
        }}
      >
        <DraftNotes of={draft} />
        <TextField
          label={t('screen.name')}
          value={form.name}
          error={errors.name}
          maxLength={40}
          autocomplete="off"
          onValue={(name) => set({ name })}
        />
        <Choices
          label={t('followup.category')}
          of={CATEGORIES.map((c) => ({ value: c as string, label: label('followup_category', c) }))}
          value={form.category}
          error={errors.category}
          onValue={(category) => set({ category })}
        />
        {given === undefined && levelOf(homePlace.value ?? '') < LEVEL_VILLAGE && (
          <PlaceChoice
            label={t('open.place')}
            chosen={form}
            places={places}
            lately={[]}
            error={errors.place}
            onChoose={(c) => set({ ...c, household: '' })}
          />
        )}
        {given === undefined && form.place !== '' && (
          <HouseholdChoice place={form.place} value={form.household} onValue={(id) => set({ household: id })} />
        )}
        <Field label={t('open.starts')}>
          {(id) => (
            <input
              id={id}
              type="date"
              value={form.starts}
              onChange={(e) => set({ starts: e.currentTarget.value || today() })}
            />
          )}
        </Field>
        <details open={errors.id !== undefined || errors.phone !== undefined || form.phone !== ''}>
          <summary>{t('open.more')}</summary>
          <TextField
            label={t('screen.id')}
            value={form.idNumber}
            error={errors.id}
            maxLength={18}
            autocomplete="off"
            onValue={(idNumber) => set({ idNumber })}
          />
          <TextField
            label={t('screen.phone')}
            value={form.phone}
            error={errors.phone}
            type="tel"
            maxLength={20}
            autocomplete="off"
            onValue={(phone) => set({ phone })}
          />
          <Field label={t('open.exposed')} optional>
            {(id) => (
              <input
                id={id}
                type="date"
                max={today()}
                value={form.exposed}
                onChange={(e) => set({ exposed: e.currentTarget.value })}
              />
            )}
          </Field>
        </details>
        <div class="buttons end">
          <button type="button" class="button quiet" onClick={() => void cancel()}>
            {t('common.cancel')}
          </button>
          <button type="submit" class="button primary">
            {t('open.title')}
          </button>
        </div>
      </form>
    </div>
  );
}
