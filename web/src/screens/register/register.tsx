/* Registering a household: five answers on one phone screen, the rest folded. Works the same with the network cut. */
import { useState } from 'preact/hooks';
import { useLabels } from '../../api/labels';
import { useList } from '../../api/use-read';
import { LEVEL_VILLAGE, levelOf, villageOf } from '../../app/places';
import { type HouseholdForm, householdAssigned, householdRegistered, type Tag } from '../../app/records';
import { go } from '../../app/route';
import { type Draft, useDraft } from '../../app/use-draft';
import { uuid7 } from '../../outbox/uuid';
import { Choices, Field, Stepper, TextField } from '../../parts/field';
import { KeptNote, Loading } from '../../parts/parts';
import { say } from '../../parts/toast';
import { t } from '../../texts/texts';
import { DraftNotes } from '../outbox/draft-notes';
import { PlaceHead } from '../place/place-head';

const MEMBERS_MOST = 50;

type Errors = Partial<Record<'head' | 'phone' | 'address', string>>;

export function checkHousehold(f: HouseholdForm): Errors {
  const errors: Errors = {};
  if (f.head.trim() === '') {
    errors.head = t('register.head_missing');
  }
  if (f.address.trim() === '') {
    errors.address = t('register.address_missing');
  }
  const digits = f.phone.replace(/[\s-]/g, '');
  if (digits !== '' && (!/^\+?\d{5,15}$/.test(digits) || (digits.startsWith('1') && !/^1[3-9]\d{9}$/.test(digits)))) {
    errors.phone = t('register.phone_bad');
  }
  return errors;
}

function empty(place: string): HouseholdForm {
  return { id: uuid7(), place, head: '', phone: '', address: '', members: 3, building: '', tags: [], group: '' };
}

export function RegisterScreen({ code }: { code: string }) {
  const [round, setRound] = useState(0);
  return <Round key={round} code={code} next={() => setRound(round + 1)} />;
}

function Round({ code, next }: { code: string; next: () => void }) {
  const draft = useDraft();
  if (!draft.ready) {
    return <Loading />;
  }
  return <Form code={code} draft={draft} next={next} />;
}

function Form({ code, draft, next }: { code: string; draft: Draft; next: () => void }) {
  const { allValues, valueLabel } = useLabels();
  const village = villageOf(code);
  const opened = draft.entry?.form as HouseholdForm | undefined;
  const [form, setForm] = useState<HouseholdForm>(opened ?? empty(code));
  const [errors, setErrors] = useState<Errors>({});
  const [more, setMore] = useState(false);
  const groups = useList('/api/v1/grid/groups', { query: { place: village, limit: 100 } });
  const grids = useList(
    '/api/v1/places/divisions',
    levelOf(code) === LEVEL_VILLAGE ? { query: { place: village } } : undefined,
  );
  // A mended registration keeps the assignment it was sent with.
  const assign = draft.entry?.error === undefined;

  const set = (change: Partial<HouseholdForm>) => {
    const now = { ...form, ...change };
    setForm(now);
    if (Object.keys(errors).length > 0) {
      setErrors(checkHousehold(now));
    }
    draft.touch(() => householdRegistered(now));
  };
  /** A grid with one group of its own leaves nothing to ask. */
  const chooseGrid = (place: string) => {
    const own = groups.items?.filter((g) => g.place === place) ?? [];
    set({ place, group: own.length === 1 && place !== village ? (own[0]?.id ?? '') : form.group });
  };
  const save = async (then: () => void) => {
    const wrong = checkHousehold(form);
    setErrors(wrong);
    if (Object.keys(wrong).length > 0) {
      setMore(more || wrong.phone !== undefined);
      requestAnimationFrame(() => document.querySelector<HTMLElement>('[aria-invalid]')?.focus());
      return;
    }
    const group = groups.items?.find((g) => g.id === form.group);
    const registered = householdRegistered(form);
    const others = assign && group ? [householdAssigned(form.id, group.id, `${form.head.trim()} · ${group.name}`)] : [];
    if (await draft.submit(registered, others)) {
      say(t('register.saved', { name: form.head.trim() }));
      then();
    }
  };
  const cancel = async () => {
    await draft.drop();
    go(`/place/${code}`, true);
  };
  return (
    <div class="narrow">
      <PlaceHead code={code} title={draft.entry?.error ? t('register.edit') : t('register.title')} days={false} />
      <form
        class="card form"
        noValidate
        onSubmit={(e) => {
          e.preventDefault();
          void save(() => go(`/place/${code}`, true));
        }}
      >
        <DraftNotes of={draft} />
        <KeptNote of={groups} />
        <TextField
          label={t('register.head')}
          value={form.head}
          error={errors.head}
          maxLength={50}
          autocomplete="off"
          onValue={(head) => set({ head })}
        />
        <TextField
          label={t('register.address')}
          value={form.address}
          error={errors.address}
          hint={t('register.address_hint')}
          maxLength={200}
          autocomplete="off"
          onValue={(address) => set({ address })}
        />
        {(grids.items?.length ?? 0) > 0 && (
          <Field label={t('register.grid')}>
            {(id) => (
              <select id={id} value={form.place} onChange={(e) => chooseGrid(e.currentTarget.value)}>
                <option value={village}>{t('register.village_itself')}</option>
                {grids.items?.map((g) => (
                  <option key={g.code} value={g.code}>
                    {g.name}
                  </option>
                ))}
              </select>
            )}
          </Field>
        )}
        <Stepper
          label={t('register.members')}
          value={form.members}
          min={1}
          max={MEMBERS_MOST}
          onValue={(members) => set({ members })}
        />
        {assign && (groups.items?.length ?? 0) > 0 && (
          <Field label={t('register.group')} optional>
            {(id) => (
              <select id={id} value={form.group} onChange={(e) => set({ group: e.currentTarget.value })}>
                <option value="">{t('register.no_group')}</option>
                {groups.items?.map((g) => (
                  <option key={g.id} value={g.id}>
                    {g.name}
                  </option>
                ))}
              </select>
            )}
          </Field>
        )}
        <details open={more} onToggle={(e) => setMore(e.currentTarget.open)}>
          <summary>{t('register.more')}</summary>
          <TextField
            label={t('register.phone')}
            value={form.phone}
            error={errors.phone}
            type="tel"
            maxLength={20}
            autocomplete="off"
            onValue={(phone) => set({ phone })}
          />
          <TextField
            label={t('household.building')}
            value={form.building}
            maxLength={50}
            onValue={(building) => set({ building })}
          />
          <Choices
            label={t('household.tags')}
            of={allValues('tag').map((x) => ({ value: x as Tag, label: valueLabel('tag', x) }))}
            value={form.tags}
            onValue={(x) => set({ tags: form.tags.includes(x) ? form.tags.filter((y) => y !== x) : [...form.tags, x] })}
          />
        </details>
        <div class="buttons end">
          <button type="button" class="button quiet" onClick={() => void cancel()}>
            {t('common.cancel')}
          </button>
          <button
            type="button"
            class="button"
            onClick={() =>
              void save(() => {
                go(`/place/${code}/register`, true);
                next();
              })
            }
          >
            {t('register.next')}
          </button>
          <button type="submit" class="button primary">
            {t('common.save')}
          </button>
        </div>
      </form>
    </div>
  );
}
