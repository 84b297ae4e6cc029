/* The form of one passage: plate first, then the people. Kept as a draft while one types. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Checkpoint } from '../../api/front';
import type { Division } from '../../api/types';
import type { PassedPerson } from '../../app/field-db';
import { plateOf, type ScreeningForm, screeningRecorded, type TravellerForm } from '../../app/records-front';
import { go } from '../../app/route';
import { type Draft, useDraft } from '../../app/use-draft';
import { uuid7 } from '../../outbox/uuid';
import { Choices } from '../../parts/field';
import { Icon } from '../../parts/icon';
import { Loading } from '../../parts/parts';
import { say } from '../../parts/toast';
import { label, t } from '../../texts/texts';
import { DraftNotes } from '../outbox/draft-notes';
import type { Chosen } from './place-choice';
import { keepPassage, lastInVehicle } from './remembered';
import { checkScreening, decided, faultless, PEOPLE_MOST, PROVINCES, plateUsual, type ScreeningErrors } from './rules';
import { Traveller } from './traveller';

const KINDS = ['car', 'truck', 'bus', 'motorcycle', 'other'] as const;
/** 陕G: the plates of the city that the county belongs to. */
const CITY_LETTER = 'G';
const LATELY = 3;

function person(of?: Partial<TravellerForm>): TravellerForm {
  return {
    key: uuid7(),
    subject: '',
    name: '',
    id: '',
    phone: '',
    origin: '',
    place: '',
    placeName: '',
    address: '',
    temperature: '',
    symptoms: [],
    decision: '',
    note: '',
    ...of,
  };
}

/** What does not change from one vehicle to the next. */
interface Standing {
  direction: 'in' | 'out';
  province: string;
}

function empty(site: string, s: Standing): ScreeningForm {
  return { site, ...s, onFoot: false, plate: CITY_LETTER, kind: '', people: [person()] };
}

function fromPassed(p: PassedPerson): TravellerForm {
  return person({
    subject: p.subject ?? '',
    name: p.name,
    id: p.id ?? '',
    phone: p.phone ?? '',
    origin: p.origin ?? '',
    place: p.place ?? '',
    placeName: p.placeName ?? '',
    address: p.address ?? '',
  });
}

const standing: Standing = { direction: 'in', province: PROVINCES[0] ?? '' };
const lately: Chosen[] = [];

function chosenLately(people: readonly TravellerForm[]): void {
  for (const { place, placeName } of people.filter((p) => p.place !== '')) {
    const at = lately.findIndex((c) => c.place === place);
    if (at >= 0) {
      lately.splice(at, 1);
    }
    lately.unshift({ place, placeName });
  }
  lately.length = Math.min(lately.length, LATELY);
}

export function PassageForm({ site, places }: { site: Checkpoint; places: readonly Division[] }) {
  const [round, setRound] = useState(0);
  return <Round key={round} site={site} places={places} first={round === 0} next={() => setRound((n) => n + 1)} />;
}

interface RoundProps {
  site: Checkpoint;
  places: readonly Division[];
  first: boolean;
  next: () => void;
}

function Round(props: RoundProps) {
  const draft = useDraft();
  return draft.ready ? <Form draft={draft} {...props} /> : <Loading />;
}

function Form({ site, places, draft, first, next }: RoundProps & { draft: Draft }) {
  const opened = draft.entry?.form as unknown as ScreeningForm | undefined;
  const [form, setForm] = useState<ScreeningForm>(opened ?? empty(site.site, standing));
  const [errors, setErrors] = useState<ScreeningErrors>({ people: [] });
  const [last, setLast] = useState<PassedPerson[]>([]);
  const plateInput = useRef<HTMLInputElement>(null);
  const plate = plateOf(form);
  const untouched = form.people.length === 1 && form.people[0]?.name === '' && form.people[0]?.id === '';

  useEffect(() => {
    if (!first) {
      plateInput.current?.focus();
    }
  }, []);
  useEffect(() => {
    setLast([]);
    if (plateUsual(plate)) {
      void lastInVehicle(plate).then(setLast, () => undefined);
    }
  }, [plate]);

  /** What stands in the form, also for an answer that comes in between two paints. */
  const latest = useRef(form);
  const set = (change: Partial<ScreeningForm>) => {
    const now = { ...latest.current, ...change };
    latest.current = now;
    setForm(now);
    if (errors.plate !== undefined || errors.people.some((e) => Object.keys(e).length > 0)) {
      setErrors(checkScreening(now));
    }
    draft.touch(() => screeningRecorded(now));
  };
  const setPerson = (key: string, change: (p: TravellerForm) => TravellerForm) =>
    set({ people: latest.current.people.map((p) => (p.key === key ? change(p) : p)) });
  const add = () => {
    const { origin = '', place = '', placeName = '', address = '' } = form.people.at(-1) ?? {};
    set({ people: [...form.people, person({ origin, place, placeName, address })] });
    requestAnimationFrame(() => document.querySelector<HTMLElement>('.traveller:last-of-type input')?.focus());
  };
  const save = async () => {
    const settled = { ...form, people: form.people.map((p) => ({ ...p, decision: decided(p) })) };
    const wrong = checkScreening(settled);
    setErrors(wrong);
    if (!faultless(wrong)) {
      set(settled);
      requestAnimationFrame(() =>
        document.querySelector<HTMLElement>('.checkpoint [aria-invalid], .checkpoint .wrong input')?.focus(),
      );
      return;
    }
    const content = screeningRecorded(settled);
    if (!(await draft.submit(content))) {
      return;
    }
    Object.assign(standing, { direction: form.direction, province: form.province });
    chosenLately(form.people);
    void keepPassage(content.event.id, settled).catch(() => undefined);
    say(t('screen.saved', { title: content.title }));
    go('/checkpoint', true);
    next();
  };
  const clear = async () => {
    await draft.drop();
    go('/checkpoint', true);
    next();
  };
  return (
    <form
      class="card form passage"
      noValidate
      onSubmit={(e) => {
        e.preventDefault();
        void save();
      }}
    >
      <DraftNotes of={draft} />
      <fieldset class={errors.plate ? 'field wrong' : 'field'}>
        <legend class="visually-hidden">{t('screen.plate')}</legend>
        <div class="plate-line">
          <select
            aria-label={t('screen.province')}
            value={form.province}
            disabled={form.onFoot}
            onChange={(e) => set({ province: e.currentTarget.value })}
          >
            {PROVINCES.map((p) => (
              <option key={p}>{p}</option>
            ))}
          </select>
          <input
            ref={plateInput}
            class="plate"
            aria-label={t('screen.plate')}
            value={form.onFoot ? '' : form.plate}
            disabled={form.onFoot}
            maxLength={8}
            autocomplete="off"
            autocapitalize="characters"
            spellcheck={false}
            aria-invalid={errors.plate ? true : undefined}
            onInput={(e) => set({ plate: e.currentTarget.value.toUpperCase().replace(/\s/g, '') })}
          />
          <label class={form.onFoot ? 'choice on' : 'choice'}>
            <input type="checkbox" checked={form.onFoot} onChange={() => set({ onFoot: !form.onFoot })} />
            <span>{t('screen.on_foot')}</span>
          </label>
        </div>
        {errors.plate ? (
          <p class="error">{t(errors.plate)}</p>
        ) : (
          plate.length > 6 && !plateUsual(plate) && <p class="hint">{t('screen.plate_unusual')}</p>
        )}
      </fieldset>
      {untouched && last.length > 0 && (
        <button type="button" class="button wide tall" onClick={() => set({ people: last.map(fromPassed) })}>
          <Icon name="users" />
          {t('screen.same_people', { n: last.length, names: last.map((p) => p.name).join('、') })}
        </button>
      )}
      <div class="two">
        {(['in', 'out'] as const).map((d) => (
          <button
            key={d}
            type="button"
            class={form.direction === d ? 'button primary' : 'button quiet'}
            aria-pressed={form.direction === d}
            onClick={() => set({ direction: d })}
          >
            {label('direction', d)}
          </button>
        ))}
      </div>
      {form.people.map((p, i) => (
        <Traveller
          key={p.key}
          n={i + 1}
          of={p}
          errors={errors.people[i] ?? {}}
          places={places}
          lately={lately}
          before={form.people[i - 1]}
          alone={form.people.length === 1}
          onChange={(change) => setPerson(p.key, change)}
          onRemove={
            form.people.length > 1 ? () => set({ people: form.people.filter((x) => x.key !== p.key) }) : undefined
          }
        />
      ))}
      {form.people.length < PEOPLE_MOST && (
        <button type="button" class="button wide tall" onClick={add}>
          <Icon name="plus" />
          {t('screen.add_person')}
        </button>
      )}
      {!form.onFoot && (
        <details>
          <summary>{t('screen.kind_more')}</summary>
          <Choices
            label={t('screen.kind')}
            of={KINDS.map((k) => ({ value: k as string, label: label('vehicle', k) }))}
            value={form.kind}
            onValue={(kind) => set({ kind })}
          />
        </details>
      )}
      <div class="buttons save-bar">
        <button type="button" class="button quiet" onClick={() => void clear()}>
          {t('screen.clear')}
        </button>
        <button type="submit" class="button primary tall">
          {t('screen.save')}
        </button>
      </div>
    </form>
  );
}
