/* Linking a contact: the other person is chosen among those under follow-up, so that both ends are known. */
import { useEffect, useState } from 'preact/hooks';
import type { Followup } from '../../api/front';
import { useList } from '../../api/use-read';
import { line } from '../../app/names';
import { contactLinked, recordOneFront } from '../../app/records-front';
import { homePlace } from '../../app/session';
import { today } from '../../app/when';
import { Dialog } from '../../parts/dialog';
import { Choices, Field, TextField } from '../../parts/field';
import { KeptNote } from '../../parts/parts';
import { label, t } from '../../texts/texts';
import { countyOf } from '../checkpoint/place-choice';

const RELATIONS = ['household', 'family', 'colleague', 'travel', 'meal', 'other'] as const;

export function LinkDialog({ f, onClose }: { f: Followup; onClose: () => void }) {
  const [q, setQ] = useState('');
  const [asked, setAsked] = useState('');
  const [to, setTo] = useState('');
  const [relation, setRelation] = useState('');
  const [on, setOn] = useState('');
  const [wrong, setWrong] = useState<{ to?: string; relation?: string }>({});
  const place = homePlace.value ?? countyOf(f.place);
  const others = useList('/api/v1/visits/followups', {
    query: { place, kind: 'all', q: asked || undefined, limit: 50 },
  });
  useEffect(() => {
    const timer = setTimeout(() => setAsked(q.trim()), 300);
    return () => clearTimeout(timer);
  }, [q]);
  const list = (others.items ?? []).filter((o) => o.subject !== f.subject);
  const save = async (e: Event) => {
    e.preventDefault();
    const w = {
      to: to === '' ? t('chain.who_missing') : undefined,
      relation: relation === '' ? t('chain.relation_missing') : undefined,
    };
    setWrong(w);
    if (w.to || w.relation) {
      return;
    }
    const other = list.find((o) => o.subject === to);
    const title = line(f.name, other?.name, label('relation', relation));
    if (await recordOneFront(contactLinked(f.subject, to, relation, on, f.place, title))) {
      onClose();
    }
  };
  return (
    <Dialog title={t('chain.add')} onClose={onClose}>
      <form onSubmit={save} noValidate>
        <KeptNote of={others} />
        <TextField label={t('followups.search')} type="search" value={q} onValue={setQ} />
        <Choices
          label={t('chain.with')}
          look="lines"
          of={list.map((o) => ({
            value: o.subject,
            label: o.name ?? t('household.nameless'),
            sub: line(o.address, o.place_name),
          }))}
          value={to}
          error={wrong.to}
          onValue={setTo}
        />
        {list.length === 0 && <p class="note">{t('chain.nobody')}</p>}
        <Choices
          label={t('chain.relation')}
          of={RELATIONS.map((r) => ({ value: r as string, label: label('relation', r) }))}
          value={relation}
          error={wrong.relation}
          onValue={setRelation}
        />
        <Field label={t('chain.on')} optional>
          {(id) => (
            <input id={id} type="date" value={on} max={today()} onChange={(e) => setOn(e.currentTarget.value)} />
          )}
        </Field>
        <div class="buttons">
          <button type="button" class="button" onClick={onClose}>
            {t('common.cancel')}
          </button>
          <button type="submit" class="button primary">
            {t('common.save')}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
