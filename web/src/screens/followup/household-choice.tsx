/* Where somebody under follow-up lives: one of the village's households, so that its group answers for them. */
import { useEffect, useState } from 'preact/hooks';
import { useList } from '../../api/use-read';
import { headOf, line } from '../../app/names';
import { Choices, TextField } from '../../parts/field';
import { KeptNote } from '../../parts/parts';
import { t } from '../../texts/texts';

const SHOWN = 8;

interface Props {
  place: string;
  value: string;
  onValue: (household: string) => void;
}

export function HouseholdChoice({ place, value, onValue }: Props) {
  const [q, setQ] = useState('');
  const [asked, setAsked] = useState('');
  useEffect(() => {
    const timer = setTimeout(() => setAsked(q.trim()), 300);
    return () => clearTimeout(timer);
  }, [q]);
  const households = useList('/api/v1/grid/households', {
    query: { place, q: asked === '' ? undefined : asked, limit: 50 },
  });
  const found = households.items ?? [];
  const chosen = found.filter((h) => h.id === value);
  const shown = asked === '' && chosen.length === 0 ? [] : [...new Set([...chosen, ...found])].slice(0, SHOWN);
  return (
    <section class="place-choice">
      <p class="notice">{t('observe.where_note')}</p>
      <TextField label={t('observe.where')} type="search" value={q} optional onValue={setQ} />
      <KeptNote of={households} />
      {shown.length > 0 && (
        <Choices
          label={t('thing.household')}
          look="lines"
          of={shown.map((h) => ({ value: h.id, label: headOf(h), sub: line(h.address, h.group_name) }))}
          value={value}
          onValue={onValue}
        />
      )}
      {asked !== '' && found.length === 0 && !households.loading && <p class="note">{t('village.no_match')}</p>}
    </section>
  );
}
