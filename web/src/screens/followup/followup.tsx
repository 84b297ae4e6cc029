/* One person under follow-up: how they are, the calendar, what was observed, who they met, and what to do next. */
import { useEffect, useState } from 'preact/hooks';
import { online } from '../../api/client';
import { celsius, type Followup, type Observation } from '../../api/front';
import { ask } from '../../api/reads';
import { useRead } from '../../api/use-read';
import { line, recorder } from '../../app/names';
import { unsentOf } from '../../app/records-front';
import { may } from '../../app/session';
import { dayOf, fullTime, plainDay, shortTime } from '../../app/when';
import { History } from '../../parts/history';
import { Icon } from '../../parts/icon';
import { OpenData } from '../../parts/open-data';
import { Badge, Card, Crumbs, Empty, Facts, KeptNote, Loading, ProblemBox, Row, Title } from '../../parts/parts';
import { label, t } from '../../texts/texts';
import { FEVER } from '../checkpoint/rules';
import { degreesText, TodayBadge } from '../followups/row';
import { crumbsOf, useDivision, useTitle } from '../place/place-head';
import { Calendar } from './calendar';
import { CloseDialog, doneOn } from './close';
import { LinkDialog } from './link';

function ObservationRow({ o }: { o: Observation }) {
  const hot = celsius(o.temperature ?? 0) >= FEVER || (o.symptoms?.length ?? 0) > 0 || o.unwell === true;
  return (
    <Row
      title={o.present ? (degreesText(o.temperature) ?? t('observe.met')) : t('observe.not_met')}
      sub={line(
        fullTime(o.at),
        label('method', o.method),
        (o.symptoms ?? []).map((s) => label('symptom', s)).join('、'),
        o.note,
        recorder(o.actor),
      )}
      end={
        hot ? (
          <Badge tone="bad" icon="alert">
            {t('followups.alert')}
          </Badge>
        ) : o.present ? (
          <Badge tone="good" icon="check">
            {t('observe.well')}
          </Badge>
        ) : (
          <Badge tone="warn">{t('observe.absent')}</Badge>
        )
      }
    />
  );
}

function Data({ f }: { f: Followup }) {
  const [asking, setAsking] = useState(false);
  const [opened, setOpened] = useState<{ f: Followup; reason: string } | undefined>();
  useEffect(() => setOpened(undefined), [f.id]);
  const d = opened?.f ?? f;
  const masked = f.masked ?? f.name?.includes('*') ?? false;
  return (
    <Card
      title={t('followup.data')}
      aside={
        masked &&
        opened === undefined && (
          <button type="button" class="button small" onClick={() => setAsking(true)}>
            <Icon name="lock" size={16} />
            {t('household.open')}
          </button>
        )
      }
    >
      {opened && (
        <p class="notice">
          {t('household.opened', { reason: opened.reason })}
          <button type="button" class="button small" onClick={() => setOpened(undefined)}>
            {t('household.hide')}
          </button>
        </p>
      )}
      <Facts
        of={[
          [t('screen.name'), d.name ?? '–'],
          [
            t('screen.phone'),
            d.phone === undefined || d.phone.includes('*') ? (
              (d.phone ?? '–')
            ) : (
              <a href={`tel:${d.phone}`}>{d.phone}</a>
            ),
          ],
          [t('screen.id'), d.id_number ?? '–'],
          [t('household.address'), d.address ?? '–'],
          [t('followup.category'), label('followup_category', d.category)],
          [
            t('followup.days'),
            t('followup.days_text', { from: plainDay(d.starts), to: plainDay(d.last_day), n: d.days, per: d.per_day }),
          ],
          [
            t('followup.group'),
            d.group === undefined ? (
              <>
                {t('gaps.unassigned')}{' '}
                {d.household !== undefined && may('household.assigned', d.place) && (
                  <a href={`/household/${d.household}/assign`}>{t('household.assign')}</a>
                )}
              </>
            ) : (
              <a href={`/group/${d.group}`}>{d.group_name}</a>
            ),
          ],
          ...(d.household === undefined
            ? []
            : [
                [
                  t('thing.household'),
                  <a key="h" href={`/household/${d.household}`}>
                    {t('followup.open_household')}
                  </a>,
                ] as [string, preact.ComponentChildren],
              ]),
        ]}
      />
      {asking && (
        <OpenData
          onClose={() => setAsking(false)}
          open={async (reason) => {
            const full = await ask('/api/v1/visits/followups/{id}', { path: { id: f.id }, query: { reason } });
            setOpened({ f: full, reason });
            setAsking(false);
          }}
        />
      )}
    </Card>
  );
}

function Contacts({ f, onLink }: { f: Followup; onLink: () => void }) {
  const unsent = unsentOf('contact.linked', 'from', f.subject);
  const some = (f.contacts ?? []).length > 0;
  // Names stand in the chain: it knows whom one may see.
  const chain = useRead('/api/v1/visits/chains', some ? { query: { about: f.subject } } : undefined);
  const nameOf = (subject: string) => chain.body?.nodes.find((n) => n.subject === subject)?.name ?? t('chain.unknown');
  const none = (f.contacts ?? []).length === 0 && unsent.length === 0;
  return (
    <Card
      title={t('chain.contacts')}
      aside={
        <span class="card-buttons">
          {!none && (
            <a class="button small" href={`/chain/${f.subject}`}>
              {t('chain.draw')}
            </a>
          )}
          {may('contact.linked', f.place) && (
            <button type="button" class="button small" onClick={onLink}>
              <Icon name="plus" size={16} />
              {t('chain.add')}
            </button>
          )}
        </span>
      }
    >
      {none && <p class="note">{t('chain.none')}</p>}
      <ul class="rows">
        {unsent.map((e) => (
          <Row key={e.id} class="unsent" title={e.title} sub={label('state', e.state)} />
        ))}
        {f.contacts?.map((c) => (
          <Row
            key={`${c.subject} ${c.on}`}
            title={nameOf(c.subject)}
            sub={line(c.relation && label('relation', c.relation), c.on && plainDay(c.on))}
          />
        ))}
      </ul>
    </Card>
  );
}

export function FollowupScreen({ id }: { id: string }) {
  const followup = useRead('/api/v1/visits/followups/{id}', { path: { id } });
  const [dialog, setDialog] = useState<'close' | 'link' | undefined>();
  const f = followup.body;
  const place = useDivision(f?.place);
  useTitle(f && (f.name ?? t('followups.title')));
  if (f === undefined) {
    return followup.problem ? <ProblemBox problem={followup.problem} retry={followup.reload} /> : <Loading />;
  }
  const observations = [...(f.observations ?? [])].sort((a, b) => (a.at < b.at ? 1 : -1));
  const unsent = unsentOf('followup.observed', 'followup', id);
  const closing = unsentOf('followup.closed', 'followup', id);
  const open = f.closed === undefined && closing.length === 0;
  const seenOn = (day: string) =>
    f.observations === undefined
      ? doneOn(f.calendar, day)
      : observations.some((o) => o.present && dayOf(o.at) === day) ||
        unsent.some((e) => e.event.data.present === true && dayOf(e.event.at) === day);
  return (
    <>
      <Crumbs of={crumbsOf(place.body, [{ name: t('followups.title'), href: `/followups?place=${f.place}` }])} />
      <Title
        end={<TodayBadge f={f} />}
        sub={line(f.address ?? f.place_name, f.last_seen && t('followups.seen', { time: shortTime(f.last_seen) }))}
      >
        {f.name ?? t('household.nameless')}
      </Title>
      <KeptNote of={followup} />
      {f.alert && f.closed === undefined && (
        <p class="reason" role="alert">
          <Icon name="alert" size={18} />
          {t('followup.alert')}
        </p>
      )}
      {f.closed !== undefined && (
        <p class="notice">
          {t('followup.closed', { time: fullTime(f.closed), reason: label('reason', f.reason ?? '') })}
        </p>
      )}
      {open && (
        <div class="buttons actions">
          {may('followup.observed', f.place) && (
            <a class="button primary tall" href={`/followup/${id}/observe`}>
              <Icon name="check" />
              {t('observe.title')}
            </a>
          )}
          {may('followup.closed', f.place) && (
            <button type="button" class="button tall" onClick={() => setDialog('close')}>
              {t('close.title')}
            </button>
          )}
        </div>
      )}
      <div class="columns even">
        <div class="stack">
          <Card
            title={t('calendar.title')}
            aside={f.missed > 0 && <Badge tone="warn">{t('followups.missed', { n: f.missed })}</Badge>}
          >
            <Calendar of={f.calendar} />
          </Card>
          <Card title={t('followup.observations')}>
            {observations.length === 0 && unsent.length === 0 && (
              <Empty
                icon="clock"
                title={t(f.observations === undefined && !online.value ? 'common.when_online' : 'followup.not_seen')}
              />
            )}
            <ul class="rows">
              {[...unsent, ...closing].map((e) => (
                <Row
                  key={e.id}
                  class="unsent"
                  href="/outbox"
                  title={line(
                    label('event', e.event.type),
                    e.event.data.temperature !== undefined &&
                      t('observe.degrees', { n: Number(e.event.data.temperature).toFixed(1) }),
                  )}
                  sub={shortTime(e.made)}
                  end={
                    <Badge tone="warn" icon="clock">
                      {label('state', e.state)}
                    </Badge>
                  }
                />
              ))}
              {observations.map((o) => (
                <ObservationRow key={o.at} o={o} />
              ))}
            </ul>
          </Card>
        </div>
        <div class="stack">
          <Data f={f} />
          <Contacts f={f} onLink={() => setDialog('link')} />
        </div>
      </div>
      <History of={f.history} />
      {dialog === 'close' && <CloseDialog f={f} seenOn={seenOn} onClose={() => setDialog(undefined)} />}
      {dialog === 'link' && <LinkDialog f={f} onClose={() => setDialog(undefined)} />}
    </>
  );
}
