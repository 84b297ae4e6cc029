/* The day that figures and coverage are shown for; it lives in the address, so that a view can be passed on. */
import { useId } from 'preact/hooks';
import { go, here, query, to } from '../app/route';
import { today } from '../app/when';
import { t } from '../texts/texts';

/** The chosen day, or undefined for now. */
export function asOf(): string | undefined {
  const day = query('as_of');
  return day !== undefined && /^\d{4}-\d\d-\d\d$/.test(day) && day < today() ? day : undefined;
}

function choose(day: string): void {
  const params = Object.fromEntries(here.value.searchParams);
  go(to(here.value.pathname, { ...params, as_of: day !== '' && day < today() ? day : undefined }), true);
}

export function AsOf() {
  const id = useId();
  const day = asOf();
  return (
    <div class="as-of">
      <label for={id}>{t('asof.label')}</label>
      <input id={id} type="date" value={day ?? today()} max={today()} onChange={(e) => choose(e.currentTarget.value)} />
      {day !== undefined && (
        <button type="button" class="button" onClick={() => choose('')}>
          {t('asof.today')}
        </button>
      )}
    </div>
  );
}
