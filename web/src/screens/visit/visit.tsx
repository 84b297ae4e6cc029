/* A visit to a household in three taps: what came of it, what it was for, save. Nobody at home is a visit too. */
import { useState } from 'preact/hooks';
import { useRead } from '../../api/use-read';
import { headOf, line } from '../../app/names';
import { type VisitForm, visitMade } from '../../app/records-front';
import { go, query, to } from '../../app/route';
import { type Draft, useDraft } from '../../app/use-draft';
import { Choices, TextField } from '../../parts/field';
import { KeptNote, Loading, ProblemBox, Title } from '../../parts/parts';
import { say } from '../../parts/toast';
import { label, t } from '../../texts/texts';
import { DraftNotes } from '../outbox/draft-notes';
import { useTitle } from '../place/place-head';

export const METHODS = ['on_site', 'phone', 'chat', 'video'] as const;
const PURPOSES = ['publicity', 'survey', 'calming', 'isolation', 'needs', 'temperature'] as const;
const RESULTS = ['met', 'absent', 'refused'] as const;

/** The purposes of the last visit: a round through the village is for the same at every door. */
let usual: string[] = ['publicity'];

export function VisitScreen({ id }: { id: string }) {
  const draft = useDraft();
  return draft.ready ? <Form id={id} draft={draft} /> : <Loading />;
}

function Form({ id, draft }: { id: string; draft: Draft }) {
  const opened = draft.entry?.form as unknown as VisitForm | undefined;
  const household = useRead('/api/v1/grid/households/{id}', { path: { id } });
  const h = household.body;
  const title = line(h && headOf(h), h?.address);
  const [form, setForm] = useState<VisitForm>(
    opened ?? { household: id, title: '', method: 'on_site', purposes: usual, result: '', needs: '', note: '' },
  );
  const [wrong, setWrong] = useState<{ result?: string; purposes?: string }>({});
  useTitle(t('visit.title'));
  if (h === undefined && household.problem && !household.problem.unreachable) {
    return <ProblemBox problem={household.problem} retry={household.reload} />;
  }
  const set = (change: Partial<VisitForm>) => {
    const now = { ...form, ...change, title };
    setForm(now);
    setWrong({});
    draft.touch(() => visitMade(now));
  };
  const save = async () => {
    const e = {
      result: form.result === '' ? t('visit.result_missing') : undefined,
      purposes: form.purposes.length === 0 ? t('visit.purpose_missing') : undefined,
    };
    setWrong(e);
    if (e.result || e.purposes) {
      requestAnimationFrame(() => document.querySelector<HTMLElement>('.wrong input')?.focus());
      return;
    }
    usual = form.purposes;
    if (await draft.submit(visitMade({ ...form, title }))) {
      say(t('visit.saved', { title: title || t('thing.household') }));
      go(query('from') === undefined ? `/household/${id}` : to('/tasks', { done: id }), true);
    }
  };
  const cancel = async () => {
    await draft.drop();
    go(`/household/${id}`, true);
  };
  return (
    <div class="narrow">
      <Title sub={title}>{t('visit.title')}</Title>
      <KeptNote of={household} />
      <form
        class="card form big"
        noValidate
        onSubmit={(e) => {
          e.preventDefault();
          void save();
        }}
      >
        <DraftNotes of={draft} />
        <Choices
          label={t('visit.result')}
          of={RESULTS.map((r) => ({ value: r, label: label('visit_result', r) }))}
          value={form.result === '' ? ('' as never) : form.result}
          error={wrong.result}
          onValue={(result) => set({ result })}
        />
        <Choices
          label={t('visit.purposes')}
          of={PURPOSES.map((p) => ({ value: p as string, label: label('purpose', p) }))}
          value={form.purposes}
          error={wrong.purposes}
          onValue={(p) =>
            set({ purposes: form.purposes.includes(p) ? form.purposes.filter((x) => x !== p) : [...form.purposes, p] })
          }
        />
        <details open={form.needs !== '' || form.note !== ''}>
          <summary>{t('visit.more')}</summary>
          <Choices
            label={t('observe.method')}
            of={METHODS.map((m) => ({ value: m as string, label: label('method', m) }))}
            value={form.method}
            onValue={(method) => set({ method })}
          />
          <TextField label={t('visit.needs')} value={form.needs} maxLength={200} onValue={(needs) => set({ needs })} />
          <TextField label={t('screen.note')} value={form.note} maxLength={200} onValue={(note) => set({ note })} />
        </details>
        <div class="buttons end">
          <button type="button" class="button quiet" onClick={() => void cancel()}>
            {t('common.cancel')}
          </button>
          <button type="submit" class="button primary tall">
            {t('common.save')}
          </button>
        </div>
      </form>
    </div>
  );
}
