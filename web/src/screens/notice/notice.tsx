/* One notice: the document itself, what one has to do about it, and how far it has got. */
import { useState } from 'preact/hooks';
import type { Cascade, Notice } from '../../api/desk';
import { useRead } from '../../api/use-read';
import { useLive } from '../../app/live';
import { line } from '../../app/names';
import { LEVEL_VILLAGE, levelOf } from '../../app/places';
import { recordOne } from '../../app/records';
import { noticeWithdrawn, withdrawalOf } from '../../app/records-desk';
import { to } from '../../app/route';
import { may, who } from '../../app/session';
import { fullTime, number } from '../../app/when';
import { Dialog } from '../../parts/dialog';
import { TextField } from '../../parts/field';
import { History } from '../../parts/history';
import { Icon } from '../../parts/icon';
import { LiveMark } from '../../parts/live-mark';
import { duration } from '../../parts/moment';
import { Card, Crumbs, Facts, KeptNote, Loading, ProblemBox, Row, Shown, Title } from '../../parts/parts';
import { say } from '../../parts/toast';
import { label, t } from '../../texts/texts';
import { Acknowledge, Due, KindBadge, unitName, WithdrawnBadge } from '../notices/marks';
import { peopleText } from '../notices/notices';
import { crumbsOf, useDivision, useTitle } from '../place/place-head';
import { useAudience } from './audience';
import { Document } from './document';

function Withdraw({ n, onClose }: { n: Notice; onClose: () => void }) {
  const [reason, setReason] = useState('');
  const [tried, setTried] = useState(false);
  const save = async (e: Event) => {
    e.preventDefault();
    setTried(true);
    if (reason.trim() !== '') {
      await recordOne(noticeWithdrawn(n.id, reason, n.title));
      say(t('notice.withdrawn_say'));
      onClose();
    }
  };
  return (
    <Dialog title={t('notice.withdraw_ask')} onClose={onClose}>
      <form onSubmit={save} noValidate>
        <p>{t('notice.withdraw_note')}</p>
        <TextField
          label={t('notice.reason')}
          value={reason}
          maxLength={200}
          error={tried && reason.trim() === '' ? t('notice.reason_missing') : undefined}
          onValue={setReason}
        />
        <div class="buttons">
          <button type="button" class="button" onClick={onClose}>
            {t('common.cancel')}
          </button>
          <button type="submit" class="button danger">
            {t('notice.withdraw')}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

/** Sent to people of a category, or to party members. */
function forPeople(n: Notice): boolean {
  return (n.to?.categories ?? []).length > 0 || n.to?.party_members === true;
}

/** What the person before the screen has to do about it: their unit acknowledges and passes on. */
function Mine({ n, gone }: { n: Notice; gone: boolean }) {
  const unit = n.mine?.unit;
  const person = unit === undefined && forPeople(n) && who.value?.person;
  if (unit === undefined && !person) {
    return null;
  }
  const due = n.mine?.due ?? n.acknowledge_by;
  const passOn = unit !== undefined && levelOf(unit) < LEVEL_VILLAGE && !gone && may('notice.issued', unit);
  const passed = (n.children ?? []).length > 0;
  return (
    <Card title={unit === undefined ? t('notice.for_me') : unitName(unit)} class="no-print">
      <div class="do-now">
        {!gone || n.mine?.acknowledged !== undefined ? (
          <Acknowledge of={n} unit={unit} acknowledged={n.mine?.acknowledged} tall />
        ) : (
          <p class="note">{t('notice.nothing_to_do')}</p>
        )}
        {due !== undefined && n.mine?.acknowledged === undefined && !gone && <Due by={due} />}
        {passOn && (
          <a
            class={n.mine?.acknowledged !== undefined && !passed ? 'button primary' : 'button'}
            href={to('/notices/new', { parent: n.id, place: unit })}
          >
            <Icon name="down" size={18} />
            {passed ? t('notice.pass_on_again') : t('notice.pass_on')}
          </a>
        )}
      </div>
    </Card>
  );
}

/** Minutes to the last village, or how many villages it has not reached. */
export function clockText(c: Cascade): string {
  const villages = c.items.filter((i) => i.level === LEVEL_VILLAGE);
  const acknowledged = c.last_village_acknowledged_minutes;
  if (villages.length === 0) {
    return t('cascade.no_villages');
  }
  if (acknowledged !== undefined && villages.every((v) => v.acknowledged !== undefined)) {
    return t('cascade.clock', { time: duration(acknowledged) });
  }
  const n = villages.filter((v) => v.acknowledged !== undefined).length;
  return t('cascade.reached', { n: number(n), total: number(villages.length) });
}

function Reach({ n }: { n: Notice }) {
  const cascade = useRead('/api/v1/notices/notices/{id}/cascade', { path: { id: n.id } });
  useLive(['notice.'], cascade.reload);
  return (
    <Card
      title={t('cascade.title')}
      class="no-print"
      aside={<a href={`/notice/${n.id}/cascade`}>{t('cascade.open')}</a>}
    >
      <Shown of={cascade}>
        {(c) => (
          <>
            <p class="clock-line">
              <Icon name="clock" />
              {clockText(c)}
            </p>
            <Facts
              of={[
                [t('cascade.units'), number(c.units)],
                [t('cascade.acknowledged'), number(c.acknowledged)],
                [t('cascade.missing'), number(c.missing)],
                [t('cascade.late'), number(c.late)],
                [t('cascade.not_passed_on'), number(c.not_passed_on)],
              ]}
            />
          </>
        )}
      </Shown>
    </Card>
  );
}

function Related({ n }: { n: Notice }) {
  const children = n.children ?? [];
  if (n.parent === undefined && children.length === 0) {
    return null;
  }
  return (
    <Card title={t('notice.related')} class="no-print">
      <ul class="rows">
        {n.parent !== undefined && (
          <Row href={`/notice/${n.parent}`} title={n.parent_title ?? n.parent} sub={t('notice.rests_on')} />
        )}
        {children.map((c) => (
          <Row
            key={c.id}
            href={`/notice/${c.id}`}
            title={c.title}
            sub={line(t('notice.rests_here'), c.number, c.issuer || c.place_name)}
          />
        ))}
      </ul>
    </Card>
  );
}

export function NoticeScreen({ id }: { id: string }) {
  const reading = useRead('/api/v1/notices/notices/{id}', { path: { id } });
  const n = reading.body;
  const place = useDivision(n?.place);
  const audience = useAudience(n?.place, n?.to);
  const [asking, setAsking] = useState(false);
  useLive(['notice.'], reading.reload);
  useTitle(n?.title);
  if (n === undefined) {
    return reading.problem ? <ProblemBox problem={reading.problem} retry={reading.reload} /> : <Loading />;
  }
  const leaving = withdrawalOf(n.id);
  const gone = n.withdrawn !== undefined || (leaving !== undefined && leaving.state !== 'refused');
  const mayWithdraw = !gone && may('notice.withdrawn', n.place);
  return (
    <div class="notice-page">
      <Crumbs
        of={
          place.body === undefined
            ? [{ name: t('notices.title'), href: '/notices' }] // of a place above one's own
            : crumbsOf(place.body, [{ name: t('notices.title'), href: to('/notices', { place: n.place }) }])
        }
      />
      <Title sub={line(n.number, n.issuer, fullTime(n.at))} end={<LiveMark />}>
        {n.title}
      </Title>
      <p class="marks no-print">
        <KindBadge kind={n.kind} />
        {gone && <WithdrawnBadge />}
      </p>
      <KeptNote of={reading} />
      {gone && (
        <p class="reason" role="alert">
          <Icon name="alert" />
          <span class="row-main">
            {n.withdrawn === undefined
              ? t('notice.withdrawal_waiting')
              : t('notice.was_withdrawn', { time: fullTime(n.withdrawn) })}
          </span>
        </p>
      )}
      <div class="columns">
        <Document of={{ ...n, body: n.body ?? '', audience }} />
        <div class="stack">
          <Mine n={n} gone={gone} />
          {n.units > 0 && <Reach n={n} />}
          <Card title={t('notice.about')} class="no-print">
            <Facts
              of={[
                [t('notices.kind'), label('notice_kind', n.kind)],
                [t('notice.audience'), audience],
                [
                  t('notice.acknowledge_by'),
                  n.acknowledge_by === undefined ? t('common.none') : fullTime(n.acknowledge_by),
                ],
                ...(forPeople(n) ? [[t('notice.people'), peopleText(n)] as [string, string]] : []),
              ]}
            />
            <div class="buttons">
              <button type="button" class="button" onClick={() => print()}>
                {t('notice.print')}
              </button>
              {mayWithdraw && (
                <button type="button" class="button quiet" onClick={() => setAsking(true)}>
                  {t('notice.withdraw')}
                </button>
              )}
            </div>
          </Card>
          <Related n={n} />
        </div>
      </div>
      <div class="no-print">
        <History of={n.history} />
      </div>
      {asking && <Withdraw n={n} onClose={() => setAsking(false)} />}
    </div>
  );
}
