/* A checkpoint at work: which one, the vehicle at the bar, who passed last. One save makes one record; the next
 * vehicle can come at once. */
import { useEffect, useState } from 'preact/hooks';
import type { Checkpoint, Screening } from '../../api/front';
import { useList } from '../../api/use-read';
import { line } from '../../app/names';
import { unsentOf } from '../../app/records-front';
import { query } from '../../app/route';
import { homePlace } from '../../app/session';
import { number, shortTime } from '../../app/when';
import { getEntry } from '../../outbox/outbox';
import { Icon } from '../../parts/icon';
import { Badge, Card, Empty, KeptNote, List, Loading, ProblemBox, Row, Title, type Tone } from '../../parts/parts';
import { label, t } from '../../texts/texts';
import { useTitle } from '../place/place-head';
import { PassageForm } from './form';
import { usePlaces } from './place-choice';
import { purge } from './remembered';

const STORED = 'lianfang.site';

const TONES: Record<string, Tone> = { pass: 'good', follow_up: 'warn', turned_back: 'bad', referred: 'bad' };

export function DecisionBadge({ of }: { of: string }) {
  return (
    <Badge tone={TONES[of] ?? 'plain'} icon={of === 'pass' ? 'check' : 'alert'}>
      {label('decision', of)}
    </Badge>
  );
}

function PassageRow({ s }: { s: Screening }) {
  const people = s.people.map((p) => p.name ?? t('household.nameless')).join('、');
  const worst = ['referred', 'turned_back', 'follow_up', 'pass'].find((d) => s.people.some((p) => p.decision === d));
  return (
    <Row
      title={line(s.plate ?? t('screen.on_foot'), label('direction', s.direction))}
      sub={line(shortTime(s.at), people)}
      end={worst && <DecisionBadge of={worst} />}
    />
  );
}

function Last({ site }: { site: Checkpoint }) {
  const last = useList('/api/v1/checkpoints/screenings', { query: { site: site.site, limit: 20 } });
  const unsent = unsentOf('screening.recorded').filter((e) => e.event.place === site.site);
  const first = unsent.map((e) => (
    <Row
      key={e.id}
      class="unsent"
      href="/outbox"
      title={e.title}
      sub={shortTime(e.made)}
      end={
        <Badge tone={e.state === 'refused' ? 'bad' : 'warn'} icon={e.state === 'refused' ? 'alert' : 'clock'}>
          {label('state', e.state)}
        </Badge>
      }
    />
  ));
  const d = site.today;
  return (
    <Card
      title={t('screen.last')}
      aside={
        d && (
          <span class="note">
            {t('screen.today', { vehicles: number(d.vehicles), people: number(d.people), fevers: number(d.fevers) })}
          </span>
        )
      }
    >
      <List
        of={last}
        first={first}
        empty={<Empty icon="car" title={t('screen.none_yet')} />}
        row={(s) => <PassageRow key={s.id} s={s} />}
      />
    </Card>
  );
}

function ChooseSite({ sites, onChoose }: { sites: Checkpoint[]; onChoose: (site: string) => void }) {
  if (sites.length === 0) {
    return (
      <Card>
        <Empty icon="place" title={t('screen.no_sites')} note={t('screen.no_sites_note')} />
      </Card>
    );
  }
  return (
    <Card title={t('screen.choose_site')}>
      <ul class="rows">
        {sites.map((s) => (
          <li key={s.site} class="row">
            <button type="button" class="button quiet wide tall site" onClick={() => onChoose(s.site)}>
              <span class="row-main">
                <span class="row-title">{s.name}</span>
                <span class="row-sub">{s.place_name}</span>
              </span>
              <Icon name="right" size={16} />
            </button>
          </li>
        ))}
      </ul>
    </Card>
  );
}

export function CheckpointScreen() {
  useTitle(t('nav.checkpoint'));
  const wanted = query('draft');
  const sites = useList('/api/v1/checkpoints/sites', { query: { place: homePlace.value, limit: 100 } });
  const [chosen, setChosen] = useState(localStorage.getItem(STORED) ?? undefined);
  const places = usePlaces(homePlace.value);
  useEffect(() => void purge().catch(() => undefined), []);
  useEffect(() => {
    if (wanted !== undefined) {
      void getEntry(wanted).then((e) => e?.event.place !== undefined && setChosen(e.event.place));
    }
  }, [wanted]);
  if (sites.items === undefined) {
    return sites.problem ? <ProblemBox problem={sites.problem} retry={sites.reload} /> : <Loading />;
  }
  const open = sites.items.filter((s) => s.open);
  const site = open.find((s) => s.site === chosen) ?? (open.length === 1 ? open[0] : undefined);
  const choose = (id: string | undefined) => {
    setChosen(id);
    if (id === undefined) {
      localStorage.removeItem(STORED);
    } else {
      localStorage.setItem(STORED, id);
    }
  };
  if (site === undefined) {
    return (
      <div class="narrow">
        <Title>{t('nav.checkpoint')}</Title>
        <KeptNote of={sites} />
        <ChooseSite sites={open} onChoose={choose} />
      </div>
    );
  }
  return (
    <div class="narrow checkpoint">
      <Title
        end={
          <div class="title-buttons">
            <a class="button small" href="/verify">
              <Icon name="qr" size={16} />
              {t('verify.short')}
            </a>
            {open.length > 1 && (
              <button type="button" class="button small quiet" onClick={() => choose(undefined)}>
                {t('screen.other_site')}
              </button>
            )}
          </div>
        }
      >
        {site.name}
      </Title>
      <PassageForm key={site.site} site={site} places={places} />
      <Last site={site} />
    </div>
  );
}
