/* A field for text of many lines. */
import { Field } from './field';

interface Props {
  label: string;
  value: string;
  rows?: number;
  maxLength?: number;
  error?: string;
  hint?: string;
  optional?: boolean;
  onValue: (v: string) => void;
}

export function TextArea({ label, value, rows = 8, maxLength, error, hint, optional, onValue }: Props) {
  return (
    <Field label={label} error={error} hint={hint} optional={optional}>
      {(id, describedBy) => (
        <textarea
          id={id}
          rows={rows}
          maxLength={maxLength}
          value={value}
          aria-invalid={error ? true : undefined}
          aria-describedby={describedBy}
          onInput={(e) => onValue(e.currentTarget.value)}
        />
      )}
    </Field>
  );
}
