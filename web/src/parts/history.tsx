/* The records of one thing, newest first, folded until somebody asks. */
import { useLabels } from '../api/labels';
import type { HistoryItem } from '../api/types';
import { line, recorder } from '../app/names';
import { fullTime } from '../app/when';
import { t } from '../texts/texts';
import { Card } from './parts';

export function History({ of = [] }: { of?: HistoryItem[] }) {
  const { typeLabel } = useLabels();
  return (
    <Card class="history">
      <details>
        <summary>
          <h2>{t('common.history')}</h2>
          <span class="note">{t('common.records', { n: of.length })}</span>
        </summary>
        {of.length === 0 && <p class="note">{t('common.no_history')}</p>}
        <ol class="timeline">
          {[...of].reverse().map((h) => (
            <li key={h.seq} class={h.voided ? 'voided' : undefined}>
              <span class="row-title">{line(typeLabel(h.type), h.voided && t('common.voided'))}</span>
              <span class="row-sub">
                {fullTime(h.at)} · {recorder(h.actor)} · {t('figure.record', { seq: h.seq })}
              </span>
            </li>
          ))}
        </ol>
      </details>
    </Card>
  );
}
