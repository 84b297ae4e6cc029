/* One person of a passage: found again by id number or phone, a temperature in one tap, and what is decided. What is
 * rarely needed is folded away. */
import { useEffect, useId, useState } from 'preact/hooks';
import { online } from '../../api/client';
import type { Decision, Symptom } from '../../api/front';
import type { Division } from '../../api/types';
import { line } from '../../app/names';
import type { TravellerForm } from '../../app/records-front';
import { Choices, Field, TextField } from '../../parts/field';
import { Icon } from '../../parts/icon';
import { Badge } from '../../parts/parts';
import { type Key, label, t } from '../../texts/texts';
import { type Chosen, PlaceChoice } from './place-choice';
import { remembered } from './remembered';
import { decided, FEVER, feverish, idProblem, nudge, type PersonErrors, USUAL } from './rules';

export const DECISIONS: readonly Decision[] = ['pass', 'follow_up', 'turned_back', 'referred'];
export const SYMPTOMS: readonly Symptom[] = ['fever', 'cough', 'fatigue', 'breath', 'diarrhoea', 'other'];
/** The one check digit that is no digit. */
const LAST = 'X';
const ORIGINS: readonly Key[] = [
  'screen.from_county',
  'screen.from_city',
  'screen.from_province',
  'screen.from_beyond',
];

/** Big buttons about the usual, and typing. */
export function Temperature({
  value,
  error,
  onValue,
}: {
  value: string;
  error?: string;
  onValue: (v: string) => void;
}) {
  const hot = feverish({ temperature: value });
  return (
    <Field label={t('screen.temperature')} error={error}>
      {(id, describedBy) => (
        <div class={hot ? 'degrees hot' : 'degrees'}>
          <button type="button" class="button quiet" onClick={() => onValue(USUAL.toFixed(1))}>
            {USUAL.toFixed(1)}
          </button>
          <button
            type="button"
            class="button quiet"
            aria-label={t('screen.cooler')}
            onClick={() => onValue(nudge(value, -0.1))}
          >
            <Icon name="minus" />
          </button>
          <input
            id={id}
            value={value}
            inputMode="decimal"
            maxLength={5}
            autocomplete="off"
            placeholder={t('screen.not_taken')}
            aria-invalid={error ? true : undefined}
            aria-describedby={describedBy}
            onInput={(e) => onValue(e.currentTarget.value)}
          />
          <button
            type="button"
            class="button quiet"
            aria-label={t('screen.warmer')}
            onClick={() => onValue(nudge(value, 0.1))}
          >
            <Icon name="plus" />
          </button>
        </div>
      )}
    </Field>
  );
}

export function Decide({ of, error, onValue }: { of: TravellerForm; error?: string; onValue: (d: Decision) => void }) {
  const name = useId();
  const hot = feverish(of);
  return (
    <fieldset class={error ? 'field wrong' : 'field'} aria-describedby={error || hot ? `${name}-d` : undefined}>
      <legend>{t('screen.decision')}</legend>
      <div class="decide">
        {DECISIONS.map((d) => (
          <label key={d} class={of.decision === d ? `choice on ${d}` : `choice ${d}`}>
            <input
              type="radio"
              name={name}
              value={d}
              checked={of.decision === d}
              disabled={d === 'pass' && hot}
              onChange={() => onValue(d)}
            />
            <span>{label('decision', d)}</span>
          </label>
        ))}
      </div>
      {(error || hot) && (
        <p id={`${name}-d`} class={hot ? 'reason' : 'error'} role={hot ? 'alert' : undefined}>
          {hot ? (
            <>
              <Icon name="alert" size={18} />
              {t('screen.fever', { limit: FEVER })}
            </>
          ) : (
            error
          )}
        </p>
      )}
    </fieldset>
  );
}

interface Props {
  n: number;
  of: TravellerForm;
  errors: PersonErrors;
  places: readonly Division[];
  lately: readonly Chosen[];
  /** The person before this one in the vehicle. */
  before?: TravellerForm;
  /** Handed how it changes, not what it becomes: answers come in while one types. */
  onChange: (change: (p: TravellerForm) => TravellerForm) => void;
  onRemove?: () => void;
  /** The only one so far: nothing to tell apart. */
  alone: boolean;
}

export function Traveller({ n, of, errors, places, lately, before, alone, onChange, onRemove }: Props) {
  const known = of.name !== '' && of.subject !== '';
  const [open, setOpen] = useState(!known);
  const [more, setMore] = useState(of.symptoms.length > 0);
  const [found, setFound] = useState(false);
  const said = (k: Key | undefined) => (k === undefined ? undefined : t(k));
  const set = (change: Partial<TravellerForm>) =>
    onChange((p) => {
      const now = { ...p, ...change };
      return 'temperature' in change || 'symptoms' in change ? { ...now, decision: decided(now) } : now;
    });
  const wrongInside = errors.name ?? errors.id ?? errors.phone ?? errors.place;
  useEffect(() => {
    if (wrongInside !== undefined) {
      setOpen(true);
    }
  }, [wrongInside]);

  const lookUp = async (q: string) => {
    const p = await remembered(q);
    if (p !== undefined) {
      setFound(true);
      onChange((was) => ({
        ...was,
        id: p.id ?? was.id,
        subject: p.subject ?? '',
        name: was.name === '' ? p.name : was.name,
        phone: p.phone ?? was.phone,
        origin: was.origin === '' ? (p.origin ?? '') : was.origin,
        place: was.place === '' ? (p.place ?? '') : was.place,
        placeName: was.place === '' ? (p.placeName ?? '') : was.placeName,
        address: was.address === '' ? (p.address ?? '') : was.address,
      }));
    }
  };
  const idTyped = (typed: string) => {
    const id = typed.replace(/\s/g, '').toUpperCase().slice(0, 18);
    setFound(false);
    set({ id, subject: '' });
    if (id.length === 18 && idProblem(id) === undefined) {
      void lookUp(id);
    }
  };
  const phoneTyped = (phone: string) => {
    set({ phone });
    if (/^1[3-9]\d{9}$/.test(phone.trim()) && of.name === '') {
      void lookUp(phone.trim());
    }
  };
  const idWrong = errors.id ?? (of.id.length === 18 ? idProblem(of.id) : undefined);
  const who = of.name === '' ? t('screen.person', { n }) : of.name;
  return (
    <section class="traveller" aria-label={t('screen.person', { n })}>
      {(!alone || !open || found) && (
        <header class="traveller-head">
          <button type="button" class="button quiet who" aria-expanded={open} onClick={() => setOpen(!open)}>
            <Icon name={open ? 'down' : 'right'} size={16} />
            <span class="row-main">
              <span class="row-title">{who}</span>
              {!open && (
                <span class="row-sub">
                  {line(of.id && `…${of.id.slice(-4)}`, of.origin, of.placeName || of.address)}
                </span>
              )}
            </span>
          </button>
          {found && (
            <Badge tone="good" icon="check">
              {t('screen.remembered')}
            </Badge>
          )}
          {onRemove && (
            <button
              type="button"
              class="button quiet square"
              aria-label={t('screen.remove', { name: who })}
              onClick={onRemove}
            >
              <Icon name="close" size={18} />
            </button>
          )}
        </header>
      )}
      {open && (
        <>
          <div class="id-line">
            <TextField
              label={t('screen.id')}
              value={of.id}
              error={said(idWrong)}
              hint={of.id.length > 0 && of.id.length < 18 ? t('screen.id_left', { n: 18 - of.id.length }) : undefined}
              inputMode="numeric"
              maxLength={18}
              autocomplete="off"
              optional
              onValue={idTyped}
            />
            {of.id.length === 17 && (
              <button type="button" class="button" onClick={() => idTyped(of.id + LAST)}>
                {LAST}
              </button>
            )}
          </div>
          <TextField
            label={t('screen.name')}
            value={of.name}
            error={said(errors.name)}
            maxLength={40}
            autocomplete="off"
            onValue={(name) => set({ name })}
          />
        </>
      )}
      <Temperature
        value={of.temperature}
        error={said(errors.temperature)}
        onValue={(temperature) => set({ temperature })}
      />
      <Decide of={of} error={said(errors.decision)} onValue={(decision) => set({ decision })} />
      {open && (
        <>
          {before && (before.place !== of.place || before.origin !== of.origin || before.address !== of.address) && (
            <button
              type="button"
              class="button wide"
              onClick={() =>
                set({
                  origin: before.origin,
                  place: before.place,
                  placeName: before.placeName,
                  address: before.address,
                })
              }
            >
              {t('screen.same_as_before')}
            </button>
          )}
          <PlaceChoice
            label={t('screen.destination')}
            chosen={of}
            places={places}
            lately={lately}
            error={said(errors.place)}
            onChoose={(c) => set(c)}
          />
          <Choices
            label={t('screen.origin')}
            of={ORIGINS.map((k) => ({ value: t(k), label: t(k) }))}
            value={of.origin}
            onValue={(origin) => set({ origin })}
          />
          <details open={more} onToggle={(e) => setMore(e.currentTarget.open)}>
            <summary>{t('screen.more')}</summary>
            <Choices
              label={t('screen.symptoms')}
              of={SYMPTOMS.map((s) => ({ value: s, label: label('symptom', s) }))}
              value={of.symptoms}
              onValue={(s) =>
                set({ symptoms: of.symptoms.includes(s) ? of.symptoms.filter((x) => x !== s) : [...of.symptoms, s] })
              }
            />
            <TextField
              label={t('screen.phone')}
              value={of.phone}
              error={said(errors.phone)}
              type="tel"
              maxLength={20}
              autocomplete="off"
              hint={online.value ? undefined : t('screen.offline_memory')}
              onValue={phoneTyped}
            />
            <TextField
              label={t('screen.origin_words')}
              value={of.origin}
              maxLength={60}
              autocomplete="off"
              onValue={(origin) => set({ origin })}
            />
            <TextField
              label={t('screen.address')}
              value={of.address}
              maxLength={120}
              autocomplete="off"
              onValue={(address) => set({ address })}
            />
            <TextField label={t('screen.note')} value={of.note} maxLength={200} onValue={(note) => set({ note })} />
          </details>
        </>
      )}
    </section>
  );
}
