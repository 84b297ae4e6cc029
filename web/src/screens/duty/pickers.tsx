/* Choosing a person, and naming skills. */
import { useEffect, useState } from 'preact/hooks';
import { useLabels } from '../../api/labels';
import { useList } from '../../api/use-read';
import { line } from '../../app/names';
import { Choices, TextField } from '../../parts/field';
import { KeptNote, Loading, ProblemBox } from '../../parts/parts';
import { type Key, t } from '../../texts/texts';
import { nameOf } from './nav';

const SHOWN = 30;

interface PersonProps {
  place: string;
  value: string;
  error?: string;
  onValue: (id: string, name: string, place: string) => void;
}

export function PersonPicker({ place, value, error, onValue }: PersonProps) {
  const { valueLabel } = useLabels();
  const [q, setQ] = useState('');
  const [asked, setAsked] = useState('');
  const people = useList('/api/v1/teams/people', { query: { place, limit: SHOWN, q: asked || undefined } });
  useEffect(() => {
    const timer = setTimeout(() => setAsked(q.trim()), 300);
    return () => clearTimeout(timer);
  }, [q]);
  const shown = (people.items ?? []).filter((p) => !p.left);
  return (
    <>
      <TextField label={t('staff.search')} type="search" value={q} onValue={setQ} />
      <KeptNote of={people} />
      {people.items === undefined ? (
        people.problem ? (
          <ProblemBox problem={people.problem} retry={people.reload} />
        ) : (
          <Loading />
        )
      ) : (
        <Choices
          label={t('staff.person')}
          look="lines"
          value={value}
          error={error}
          onValue={(id: string) => {
            const p = shown.find((x) => x.id === id);
            if (p !== undefined) {
              onValue(id, nameOf(p), p.place);
            }
          }}
          of={shown.map((p) => ({
            value: p.id,
            label: nameOf(p),
            sub: line(valueLabel('category', p.category), p.unit, p.place_name),
          }))}
        />
      )}
    </>
  );
}

const USUAL: Key[] = [
  'skill.temperature',
  'skill.registering',
  'skill.driving',
  'skill.medical',
  'skill.lifting',
  'skill.night',
];
const SKILLS_MOST = 10;

/** The usual ones to tick, and others in one's own words. */
export function Skills({ value, onValue }: { value: readonly string[]; onValue: (skills: string[]) => void }) {
  const [other, setOther] = useState('');
  const all = [...new Set([...USUAL.map((k) => t(k)), ...value])];
  const toggle = (s: string) =>
    onValue(value.includes(s) ? value.filter((x) => x !== s) : [...value, s].slice(0, SKILLS_MOST));
  const add = () => {
    const s = other.trim();
    if (s !== '' && !value.includes(s)) {
      toggle(s);
    }
    setOther('');
  };
  return (
    <>
      <Choices label={t('skill.title')} value={value} onValue={toggle} of={all.map((s) => ({ value: s, label: s }))} />
      <div class="add-one">
        <TextField label={t('skill.other')} value={other} maxLength={30} optional onValue={setOther} />
        <button type="button" class="button" disabled={other.trim() === ''} onClick={add}>
          {t('skill.add')}
        </button>
      </div>
    </>
  );
}
