/* Where somebody goes: a village or town of the county by a few letters of its name, or another place in words. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { read } from '../../api/reads';
import type { Division } from '../../api/types';
import { fieldDatabase } from '../../app/field-db';
import { LEVEL_VILLAGE, levelOf, townOf } from '../../app/places';
import { syncState } from '../../app/sync-state';
import { Field } from '../../parts/field';
import { Icon } from '../../parts/icon';
import { t } from '../../texts/texts';

const SHOWN = 8;

export interface Chosen {
  place: string;
  placeName: string;
}

/** The county's towns and villages: those that the phone carries, else what the server lists of them. */
async function loadPlaces(home: string): Promise<Division[]> {
  const db = await fieldDatabase();
  const carried = (await db.getAllFromIndex('items', 'kind', 'division')).map((i) => i.data as Division);
  if (carried.length > 0) {
    return carried.filter((d) => d.level === LEVEL_VILLAGE || d.level === LEVEL_VILLAGE - 1);
  }
  const below = async (place: string) =>
    (await read('/api/v1/places/divisions', { query: { place, limit: 500 } })).body.items as Division[];
  const county = countyOf(home);
  const towns =
    levelOf(home) < LEVEL_VILLAGE - 1
      ? await below(county)
      : [(await read('/api/v1/places/divisions/{id}', { path: { id: townOf(home) } })).body as Division];
  const all = [...towns];
  for (const town of towns.filter((d) => d.level < LEVEL_VILLAGE)) {
    all.push(...(await below(town.code)));
  }
  return all;
}

export function usePlaces(home: string | undefined): Division[] {
  const [places, setPlaces] = useState<Division[]>([]);
  useEffect(() => {
    if (home !== undefined) {
      loadPlaces(home).then(setPlaces, () => undefined); // none to choose from: a place in words will do
    }
  }, [home, syncState.value.at]);
  return places;
}

/** The county that a place lies in. */
export function countyOf(place: string): string {
  return `${place.slice(0, 6)}000000`;
}

export function matching(places: readonly Division[], q: string): Division[] {
  const s = q.trim();
  return s === '' ? [...places] : places.filter((d) => d.name.includes(s) || d.code.startsWith(s));
}

interface Props {
  label: string;
  chosen: Chosen;
  places: readonly Division[];
  /** Chosen lately: offered first. */
  lately: readonly Chosen[];
  error?: string;
  onChoose: (c: Chosen) => void;
}

export function PlaceChoice({ label, chosen, places, lately, error, onChoose }: Props) {
  const [open, setOpen] = useState(false);
  const [q, setQ] = useState('');
  const search = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (open) {
      search.current?.focus({ preventScroll: true });
      search.current?.closest('fieldset')?.scrollIntoView({ block: 'start' });
    }
  }, [open]);
  const choose = (c: Chosen) => {
    setOpen(false);
    setQ('');
    onChoose(c);
  };
  if (!open) {
    return (
      <Field label={label} error={error}>
        {(id) => (
          <button id={id} type="button" class="button quiet place-button" onClick={() => setOpen(true)}>
            <Icon name="place" size={18} />
            <span>{chosen.placeName === '' ? t('screen.choose_place') : chosen.placeName}</span>
          </button>
        )}
      </Field>
    );
  }
  const found = matching(places, q).slice(0, SHOWN);
  const towns = new Map(places.filter((p) => p.code === townOf(p.code)).map((p) => [p.code, p.name]));
  const firsts = q.trim() === '' ? lately : [];
  return (
    <fieldset class="field place-choice">
      <legend>{label}</legend>
      <Field label={t('screen.find_place')}>
        {(id) => (
          <input
            id={id}
            type="search"
            value={q}
            autocomplete="off"
            ref={search}
            onInput={(e) => setQ(e.currentTarget.value)}
          />
        )}
      </Field>
      <ul class="places">
        {firsts.map((c) => (
          <li key={`l${c.place}`}>
            <button type="button" class="button quiet" onClick={() => choose(c)}>
              <Icon name="clock" size={16} />
              {c.placeName}
            </button>
          </li>
        ))}
        {found.map((d) => (
          <li key={d.code}>
            <button type="button" class="button quiet" onClick={() => choose({ place: d.code, placeName: d.name })}>
              {d.name}
              <span class="note">{towns.get(townOf(d.code)) ?? ''}</span>
            </button>
          </li>
        ))}
      </ul>
      {found.length === 0 && <p class="note">{t('screen.no_place')}</p>}
      <div class="buttons">
        <button type="button" class="button quiet" onClick={() => choose({ place: '', placeName: '' })}>
          {t('screen.outside')}
        </button>
        <button type="button" class="button quiet" onClick={() => setOpen(false)}>
          {t('common.cancel')}
        </button>
      </div>
    </fieldset>
  );
}
