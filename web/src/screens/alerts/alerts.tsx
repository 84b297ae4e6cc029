/* Fever or a symptom at the latest observation: what a town must answer first. */
import type { Followup } from '../../api/front';
import { useList } from '../../api/use-read';
import { line } from '../../app/names';
import { placeOfQuery } from '../../app/shell';
import { shortTime } from '../../app/when';
import { Icon } from '../../parts/icon';
import { Card, Empty, List, Title } from '../../parts/parts';
import { t } from '../../texts/texts';
import { degreesText } from '../followups/row';
import { useTitle } from '../place/place-head';

function AlertRow({ f }: { f: Followup }) {
  return (
    <li class="row alert-row">
      <a class="row-in" href={`/followup/${f.id}`}>
        <Icon name="alert" size={24} />
        <span class="row-main">
          <span class="row-title">
            {line(f.name ?? t('household.nameless'), degreesText(f.last_temperature) ?? t('alerts.symptoms'))}
          </span>
          <span class="row-sub">{line(f.place_name, f.address, f.group_name ?? t('gaps.unassigned'))}</span>
          {f.last_seen && <span class="row-sub">{t('alerts.since', { time: shortTime(f.last_seen) })}</span>}
        </span>
        <Icon name="right" size={16} />
      </a>
      {f.phone !== undefined && !f.phone.includes('*') && (
        <a class="button small" href={`tel:${f.phone}`}>
          {t('alerts.call')}
        </a>
      )}
    </li>
  );
}

export function AlertsScreen() {
  useTitle(t('alerts.title'));
  const alerts = useList('/api/v1/visits/alerts', { query: { place: placeOfQuery(), limit: 100 } });
  return (
    <div class="narrow">
      <Title>{t('alerts.title')}</Title>
      <Card note={t('alerts.note')}>
        <List of={alerts} empty={<Empty title={t('alerts.none')} />} row={(f) => <AlertRow key={f.id} f={f} />} />
      </Card>
    </div>
  );
}
