/* Ticking places: those directly below one, each of which opens to the places below it. */
import { useState } from 'preact/hooks';
import type { Division } from '../../api/types';
import { useRead } from '../../api/use-read';
import { LEVEL_VILLAGE, within } from '../../app/places';
import { Icon } from '../../parts/icon';
import { KeptNote, Loading, ProblemBox } from '../../parts/parts';
import { t } from '../../texts/texts';

interface Props {
  /** The place that the choice lies in; it may be chosen itself. */
  of: Division;
  value: readonly string[];
  error?: string;
  onValue: (codes: string[]) => void;
}

interface BranchProps {
  d: Division;
  value: readonly string[];
  onToggle: (codes: string[], on: boolean) => void;
}

function Tick({ d, on, onChange }: { d: Division; on: boolean; onChange: (on: boolean) => void }) {
  return (
    <label class={on ? 'choice on' : 'choice'}>
      <input type="checkbox" checked={on} onChange={(e) => onChange(e.currentTarget.checked)} />
      <span class="choice-text">{d.name}</span>
    </label>
  );
}

function Villages({ d, value, onToggle }: BranchProps) {
  const below = useRead('/api/v1/places/divisions', { query: { place: d.code, limit: 500 } });
  if (below.body === undefined) {
    return below.problem ? <ProblemBox problem={below.problem} retry={below.reload} /> : <Loading />;
  }
  const codes = below.body.items.map((v) => v.code);
  const all = codes.length > 0 && codes.every((c) => value.includes(c));
  return (
    <div class="chips">
      {codes.length > 1 && (
        <button type="button" class="button small quiet" onClick={() => onToggle(codes, !all)}>
          {all ? t('picker.none') : t('picker.all')}
        </button>
      )}
      {below.body.items.map((v) => (
        <Tick key={v.code} d={v} on={value.includes(v.code)} onChange={(on) => onToggle([v.code], on)} />
      ))}
    </div>
  );
}

function Branch({ d, value, onToggle }: BranchProps) {
  const inside = value.filter((c) => c !== d.code && within(c, d.code)).length;
  const [open, setOpen] = useState(inside > 0);
  return (
    <li class="branch">
      <div class="branch-head">
        <Tick d={d} on={value.includes(d.code)} onChange={(on) => onToggle([d.code], on)} />
        <button type="button" class="button small quiet" aria-expanded={open} onClick={() => setOpen(!open)}>
          {inside > 0 ? t('picker.inside', { n: inside }) : t('picker.open')}
          <Icon name="down" size={16} />
        </button>
      </div>
      {open && <Villages d={d} value={value} onToggle={onToggle} />}
    </li>
  );
}

export function PlacePicker({ of, value, error, onValue }: Props) {
  const below = useRead('/api/v1/places/divisions', { query: { place: of.code, limit: 500 } });
  const toggle = (codes: string[], on: boolean) => {
    const rest = value.filter((c) => !codes.includes(c));
    onValue(on ? [...rest, ...codes] : rest);
  };
  const codes = (below.body?.items ?? []).map((d) => d.code);
  const all = codes.length > 0 && codes.every((c) => value.includes(c));
  return (
    <fieldset class={error ? 'field wrong' : 'field'}>
      <legend>{t('picker.places')}</legend>
      <KeptNote of={below} />
      <div class="chips">
        <Tick d={of} on={value.includes(of.code)} onChange={(on) => toggle([of.code], on)} />
        {codes.length > 1 && (
          <button type="button" class="button quiet" onClick={() => toggle(codes, !all)}>
            {all ? t('picker.none') : t('picker.all_below', { n: codes.length })}
          </button>
        )}
      </div>
      {below.body === undefined &&
        (below.problem ? <ProblemBox problem={below.problem} retry={below.reload} /> : <Loading />)}
      {of.level < LEVEL_VILLAGE - 1 ? (
        <ul class="branches">
          {below.body?.items.map((d) => (
            <Branch key={d.code} d={d} value={value} onToggle={toggle} />
          ))}
        </ul>
      ) : (
        <div class="chips leaves">
          {below.body?.items.map((d) => (
            <Tick key={d.code} d={d} on={value.includes(d.code)} onChange={(on) => toggle([d.code], on)} />
          ))}
        </div>
      )}
      {error && <p class="error">{error}</p>}
    </fieldset>
  );
}
