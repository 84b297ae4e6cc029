/* The account: what it may do where, what this device can do offline, and signing out. */
import { useEffect, useState } from 'preact/hooks';
import { choose, incident, known } from '../../app/incident';
import { go } from '../../app/route';
import { homePlace, signOut, who } from '../../app/session';
import { placeHref } from '../../app/shell';
import { dayOf } from '../../app/when';
import { opensOffline } from '../../app/worker';
import { unsent } from '../../outbox/entry';
import { entries } from '../../outbox/outbox';
import { Choices } from '../../parts/field';
import { Card, Row, Title } from '../../parts/parts';
import { label, t } from '../../texts/texts';
import { useTitle } from '../place/place-head';

export function MeScreen() {
  const [persisted, setPersisted] = useState(false);
  const waiting = entries.value.filter(unsent).length;
  useTitle(t('me.title'));
  useEffect(() => {
    void navigator.storage?.persisted?.().then(setPersisted);
  }, []);
  const leave = async () => {
    await signOut();
    go('/', true);
  };
  return (
    <div class="narrow">
      <Title>{who.value?.account}</Title>
      <Card title={t('me.grants')}>
        <ul class="rows">
          {who.value?.roles.map((g) => (
            <Row
              key={`${g.role} ${g.place}`}
              href={g.role === 'admin' ? undefined : placeHref(g.place)}
              title={label('role', g.role)}
              sub={[g.place_name, g.until && t('me.until', { day: dayOf(g.until) })].filter(Boolean).join(' · ')}
            />
          ))}
        </ul>
        {homePlace.value === undefined && <p class="notice">{t('me.nothing')}</p>}
      </Card>
      {known.value.open.length > 1 && (
        <Card title={t('me.incident')}>
          <Choices
            label={t('me.incident_note')}
            look="lines"
            of={known.value.open.map((i) => ({ value: i.id, label: i.name, sub: label('incident_kind', i.kind) }))}
            value={incident.value?.id ?? ''}
            onValue={choose}
          />
        </Card>
      )}
      <Card title={t('me.device')}>
        <p>{opensOffline.value ? t('me.worker') : t('me.no_worker')}</p>
        <p class="note">{persisted ? t('me.storage_kept') : t('me.storage_may')}</p>
      </Card>
      <Card>
        {waiting > 0 && <p class="notice">{t('me.unsent', { n: waiting })}</p>}
        <p class="note">{t('me.sign_out_note')}</p>
        <button type="button" class="button wide" onClick={() => void leave()}>
          {t('me.sign_out')}
        </button>
      </Card>
    </div>
  );
}
