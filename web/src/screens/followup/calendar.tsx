/* The days of a follow-up: what was due, done and missed. Shape and number say it, colour only repeats it. */
import type { CalendarDay, Followup } from '../../api/front';
import { shortDay, today } from '../../app/when';
import { label, t } from '../../texts/texts';

export type Mark = 'done' | 'part' | 'missed' | 'today' | 'ahead' | 'none';

export function markOf(d: CalendarDay, now = today()): Mark {
  if (d.day > now) {
    return 'ahead';
  }
  if (d.missed > 0) {
    return d.done > 0 ? 'part' : 'missed';
  }
  if (d.day === now && d.done < d.due) {
    return 'today';
  }
  return d.due === 0 && d.done === 0 ? 'none' : 'done';
}

function alt(d: CalendarDay, mark: Mark): string {
  const day = shortDay(d.day);
  const text =
    mark === 'ahead'
      ? t('calendar.ahead', { day })
      : t('calendar.day', { day, done: d.done, due: d.due, missed: d.missed });
  return d.fever ? `${text}${t('calendar.fever')}` : text;
}

/** One small mark a day, for lists. */
export function DayStrip({ of }: { of: Pick<Followup, 'calendar' | 'missed'> }) {
  const days = of.calendar ?? [];
  const done = days.reduce((n, d) => n + d.done, 0);
  return (
    <span class="strip" role="img" aria-label={t('calendar.strip', { days: days.length, done, missed: of.missed })}>
      {days.map((d) => {
        const mark = markOf(d);
        return <span key={d.day} class={`${mark}${d.fever ? ' hot' : ''}`} />;
      })}
    </span>
  );
}

/** What the marks mean, in the marks' own shapes. */
function Legend() {
  const marks: Mark[] = ['done', 'part', 'missed', 'today', 'ahead'];
  return (
    <ul class="legend">
      {marks.map((m) => (
        <li key={m}>
          <span class={`swatch ${m}`} aria-hidden="true" />
          {label('mark', m)}
        </li>
      ))}
      <li>
        <span class="swatch hot" aria-hidden="true" />
        {label('mark', 'fever')}
      </li>
    </ul>
  );
}

export function Calendar({ of }: { of: CalendarDay[] }) {
  return (
    <>
      <ol class="calendar">
        {of.map((d, i) => {
          const mark = markOf(d);
          return (
            <li
              key={d.day}
              class={`${mark}${d.fever ? ' hot' : ''}`}
              aria-current={d.day === today() ? 'date' : undefined}
            >
              <span class="visually-hidden">{alt(d, mark)}</span>
              <span aria-hidden="true" class="day-n">
                {t('calendar.n', { n: i + 1 })}
              </span>
              <span aria-hidden="true" class="day-date">
                {d.day.slice(5).replace('-', '/')}
              </span>
              <span aria-hidden="true" class="day-mark">
                {mark === 'ahead' || mark === 'none' ? '–' : `${d.done}/${d.due}`}
              </span>
            </li>
          );
        })}
      </ol>
      <Legend />
    </>
  );
}
