/* Form fields: each with its label, its hint and its error tied to it. */
import type { ComponentChildren, InputHTMLAttributes } from 'preact';
import { useId } from 'preact/hooks';
import { t } from '../texts/texts';
import { Icon } from './icon';

interface FieldProps {
  label: string;
  error?: string;
  hint?: string;
  optional?: boolean;
  children: (id: string, describedBy: string | undefined) => ComponentChildren;
}

export function Field({ label, error, hint, optional, children }: FieldProps) {
  const id = useId();
  const described = error || hint ? `${id}-d` : undefined;
  return (
    <div class={error ? 'field wrong' : 'field'}>
      <label for={id}>
        {label}
        {optional && <span class="optional">{t('common.optional')}</span>}
      </label>
      {children(id, described)}
      {(error || hint) && (
        <p id={described} class={error ? 'error' : 'hint'}>
          {error ?? hint}
        </p>
      )}
    </div>
  );
}

interface InputProps {
  label: string;
  value: string;
  type?: 'text' | 'password' | 'search' | 'tel';
  name?: string;
  autocomplete?: 'off' | 'username' | 'current-password';
  maxLength?: number;
  inputMode?: 'numeric' | 'decimal';
  error?: string;
  hint?: string;
  optional?: boolean;
  onValue: (v: string) => void;
}

export function TextField({ label, value, type = 'text', error, hint, optional, onValue, ...rest }: InputProps) {
  return (
    <Field label={label} error={error} hint={hint} optional={optional}>
      {(id, describedBy) => {
        const attributes = { ...rest, type } as InputHTMLAttributes<HTMLInputElement>;
        return (
          <input
            {...attributes}
            id={id}
            value={value}
            autocapitalize="none"
            spellcheck={false}
            aria-invalid={error ? true : undefined}
            aria-describedby={describedBy}
            onInput={(e) => onValue(e.currentTarget.value)}
          />
        );
      }}
    </Field>
  );
}

export interface Choice<V extends string> {
  value: V;
  label: ComponentChildren;
  sub?: ComponentChildren;
  disabled?: boolean;
}

interface ChoicesProps<V extends string> {
  label: string;
  of: Choice<V>[];
  value: string | readonly V[];
  error?: string;
  /** Chips in a row, or lines one below the other. */
  look?: 'chips' | 'lines';
  onValue: (v: V) => void;
}

/** One of several (radio), or any of several when `value` is a list (checkboxes). */
export function Choices<V extends string>({ label, of, value, error, look = 'chips', onValue }: ChoicesProps<V>) {
  const name = useId();
  const many = typeof value !== 'string';
  return (
    <fieldset class={error ? 'field wrong' : 'field'} aria-describedby={error ? `${name}-d` : undefined}>
      <legend>{label}</legend>
      <div class={look}>
        {of.map((c) => {
          const checked = many ? value.includes(c.value) : value === c.value;
          return (
            <label class={checked ? 'choice on' : 'choice'} key={c.value}>
              <input
                type={many ? 'checkbox' : 'radio'}
                name={name}
                value={c.value}
                checked={checked}
                disabled={c.disabled}
                onChange={() => onValue(c.value)}
              />
              <span class="choice-text">
                <span>{c.label}</span>
                {c.sub !== undefined && <span class="row-sub">{c.sub}</span>}
              </span>
            </label>
          );
        })}
      </div>
      {error && (
        <p id={`${name}-d`} class="error">
          {error}
        </p>
      )}
    </fieldset>
  );
}

export function Stepper({
  label,
  value,
  min,
  max,
  onValue,
}: {
  label: string;
  value: number;
  min: number;
  max: number;
  onValue: (n: number) => void;
}) {
  const set = (n: number) => onValue(Math.min(max, Math.max(min, n)));
  return (
    <Field label={label}>
      {(id) => (
        <div class="stepper">
          <button
            type="button"
            class="button"
            aria-label={t('register.fewer')}
            disabled={value <= min}
            onClick={() => set(value - 1)}
          >
            <Icon name="minus" />
          </button>
          <input
            id={id}
            inputMode="numeric"
            value={String(value)}
            onChange={(e) => {
              const n = Number.parseInt(e.currentTarget.value, 10);
              set(Number.isNaN(n) ? value : n);
            }}
          />
          <button
            type="button"
            class="button"
            aria-label={t('register.moreone')}
            disabled={value >= max}
            onClick={() => set(value + 1)}
          >
            <Icon name="plus" />
          </button>
        </div>
      )}
    </Field>
  );
}
