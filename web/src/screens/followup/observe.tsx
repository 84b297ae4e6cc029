/* An observation in three taps: the temperature, how the person is, save. Not met is an observation too. */
import { useState } from 'preact/hooks';
import { useRead } from '../../api/use-read';
import { line } from '../../app/names';
import { degrees, followupObserved, type ObservationForm } from '../../app/records-front';
import { go, query, to } from '../../app/route';
import { type Draft, useDraft } from '../../app/use-draft';
import { Choices, TextField } from '../../parts/field';
import { Icon } from '../../parts/icon';
import { KeptNote, Loading, ProblemBox, Title } from '../../parts/parts';
import { say } from '../../parts/toast';
import { label, t } from '../../texts/texts';
import { FEVER, feverish, temperatureProblem } from '../checkpoint/rules';
import { SYMPTOMS, Temperature } from '../checkpoint/traveller';
import { DraftNotes } from '../outbox/draft-notes';
import { useTitle } from '../place/place-head';
import { METHODS } from '../visit/visit';
import { HouseholdChoice } from './household-choice';

/** The way the last one was made: a round on foot stays one. */
let usual = 'on_site';

export function ObserveScreen({ id }: { id: string }) {
  const draft = useDraft();
  return draft.ready ? <Form id={id} draft={draft} /> : <Loading />;
}

function Form({ id, draft }: { id: string; draft: Draft }) {
  const opened = draft.entry?.form as unknown as ObservationForm | undefined;
  const followup = useRead('/api/v1/visits/followups/{id}', { path: { id } });
  const f = followup.body;
  const [form, setForm] = useState<ObservationForm>(
    opened ?? {
      followup: id,
      household: '',
      title: '',
      present: true,
      temperature: '',
      symptoms: [],
      method: usual,
      note: '',
    },
  );
  const [wrong, setWrong] = useState<string | undefined>();
  const [unwell, setUnwell] = useState((opened?.symptoms.length ?? 0) > 0);
  useTitle(t('observe.title'));
  if (f === undefined && followup.problem && !followup.problem.unreachable) {
    return <ProblemBox problem={followup.problem} retry={followup.reload} />;
  }
  const title = f?.name ?? opened?.title ?? '';
  const set = (change: Partial<ObservationForm>) => {
    const now = { ...form, ...change, title };
    setForm(now);
    setWrong(undefined);
    draft.touch(() => followupObserved(now));
  };
  const save = async (done: ObservationForm) => {
    if (done.present && (degrees(done.temperature) === undefined || temperatureProblem(done.temperature))) {
      setWrong(t(done.temperature.trim() === '' ? 'observe.temperature_missing' : 'screen.temperature_bad'));
      requestAnimationFrame(() => document.querySelector<HTMLElement>('.degrees input')?.focus());
      return;
    }
    usual = done.method;
    if (await draft.submit(followupObserved({ ...done, title }))) {
      say(t(feverish(done) && done.present ? 'observe.saved_fever' : 'observe.saved', { name: title }));
      const at = query('from') ?? f?.household;
      go(at === undefined ? '/tasks' : to('/tasks', { done: at }), true);
    }
  };
  const cancel = async () => {
    await draft.drop();
    go(`/followup/${id}`, true);
  };
  return (
    <div class="narrow">
      <Title sub={f && line(f.address ?? f.place_name, t('followups.today', { done: f.today_done, due: f.today_due }))}>
        {title === '' ? t('observe.title') : title}
      </Title>
      <KeptNote of={followup} />
      <form
        class="card form big"
        noValidate
        onSubmit={(e) => {
          e.preventDefault();
          void save({ ...form, present: true });
        }}
      >
        <DraftNotes of={draft} />
        <Temperature value={form.temperature} error={wrong} onValue={(temperature) => set({ temperature })} />
        {feverish(form) && (
          <p class="reason" role="alert">
            <Icon name="alert" size={18} />
            {t('observe.fever', { limit: FEVER })}
          </p>
        )}
        <div class="two">
          <button
            type="button"
            class={unwell ? 'button quiet' : 'button primary'}
            aria-pressed={!unwell}
            onClick={() => {
              setUnwell(false);
              set({ symptoms: [] });
            }}
          >
            {t('observe.well')}
          </button>
          <button
            type="button"
            class={unwell ? 'button primary' : 'button quiet'}
            aria-pressed={unwell}
            onClick={() => setUnwell(true)}
          >
            {t('observe.unwell')}
          </button>
        </div>
        {unwell && (
          <Choices
            label={t('screen.symptoms')}
            of={SYMPTOMS.map((s) => ({ value: s, label: label('symptom', s) }))}
            value={form.symptoms}
            onValue={(s) =>
              set({
                symptoms: form.symptoms.includes(s) ? form.symptoms.filter((x) => x !== s) : [...form.symptoms, s],
              })
            }
          />
        )}
        <div class="buttons">
          <button
            type="button"
            class="button tall"
            onClick={() => void save({ ...form, present: false, temperature: '', symptoms: [] })}
          >
            {t('observe.not_met')}
          </button>
          <button type="submit" class="button primary tall">
            {t('observe.save')}
          </button>
        </div>
        {f !== undefined && f.household === undefined && (
          <HouseholdChoice place={f.place} value={form.household} onValue={(household) => set({ household })} />
        )}
        <details open={form.note !== ''}>
          <summary>{t('observe.more', { method: label('method', form.method) })}</summary>
          <Choices
            label={t('observe.method')}
            of={METHODS.map((m) => ({ value: m as string, label: label('method', m) }))}
            value={form.method}
            onValue={(method) => set({ method })}
          />
          <TextField label={t('screen.note')} value={form.note} maxLength={200} onValue={(note) => set({ note })} />
        </details>
        <button type="button" class="button quiet wide" onClick={() => void cancel()}>
          {t('common.cancel')}
        </button>
      </form>
    </div>
  );
}
