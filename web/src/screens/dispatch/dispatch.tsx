/* Reserve and dispatch: what sites ask for, beside who could go; a proposal over all open requests together, which a
 * person accepts or changes and sends, one record a request. */
import { useState } from 'preact/hooks';
import { online, Problem } from '../../api/client';
import type { Proposal, Reserve, SupportRequest } from '../../api/desk';
import { useLabels } from '../../api/labels';
import { ask } from '../../api/reads';
import { useList } from '../../api/use-read';
import { useLive } from '../../app/live';
import { line } from '../../app/names';
import { recordOne } from '../../app/records';
import { reserveLeft, supportAssigned, unsentOfType } from '../../app/records-desk';
import { may } from '../../app/session';
import { placeOfQuery } from '../../app/shell';
import { dayOf, number, shortTime } from '../../app/when';
import { Confirm } from '../../parts/dialog';
import { Choices } from '../../parts/field';
import { Icon } from '../../parts/icon';
import { stampOf } from '../../parts/moment';
import { Card, Empty, KeptNote, List, Loading, ProblemBox, problemText, Row, WaitingBadge } from '../../parts/parts';
import { say } from '../../parts/toast';
import { label, t } from '../../texts/texts';
import { DutyNav, nameOf, ReserveBadge } from '../duty/nav';
import { refusalText } from '../outbox/outbox';
import { PlaceHead } from '../place/place-head';
import { AskForSupport, JoinReserve } from './dialogs';
import { added, free, going, type Plan, picksOf, planOf, replaced, reportBy, toggled, without } from './plan';
import { RequestCard, UnsentSupport } from './request';

const NO_PLAN: Plan = new Map();
/** A reserve of hundreds is shown in portions, the best placed first as the server lists them. */
const PORTION = 20;

interface RequestsProps {
  place: string;
  items: SupportRequest[];
  reserve: readonly Reserve[];
}

function Requests({ place, items, reserve }: RequestsProps) {
  const { valueLabel } = useLabels();
  const [proposal, setProposal] = useState<Proposal | undefined>();
  const [plan, setPlan] = useState<Plan>(NO_PLAN);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | undefined>();
  const sends = may('support.assigned', place);
  const open = items.filter((r) => r.lacking > 0);
  const propose = async () => {
    setBusy(true);
    setProblem(undefined);
    try {
      const p = await ask('/api/v1/duty/proposal', { query: { place } });
      setProposal(p);
      setPlan(planOf(p));
    } catch (e) {
      setProblem(e instanceof Problem ? e : new Problem(-1, '', String(e)));
    } finally {
      setBusy(false);
    }
  };
  const send = async (requests: SupportRequest[]) => {
    let n = 0;
    let left = plan;
    for (const r of requests) {
      const persons = going(plan, r.id);
      if (persons.length > 0) {
        const names = picksOf(plan, r.id)
          .filter((p) => !p.off)
          .map(nameOf);
        const title = line(r.site_name, names.join(t('duty.comma')));
        await recordOne(supportAssigned(r.id, persons, stampOf(reportBy(r, Date.now())), title));
        n += persons.length;
      }
      left = without(left, r.id);
    }
    setPlan(left);
    say(t('dispatch.sent', { n }));
  };
  const about = (person: string) => {
    const r = reserve.find((x) => x.person === person);
    return r && line(valueLabel('category', r.category), r.place_name);
  };
  const all = open.reduce((n, r) => n + going(plan, r.id).length, 0);
  return (
    <>
      {sends && open.length > 0 && (
        <div class="propose">
          <button type="button" class="button primary" disabled={busy || !online.value} onClick={() => void propose()}>
            <Icon name="users" size={18} />
            {busy ? t('common.loading') : proposal === undefined ? t('dispatch.propose') : t('dispatch.propose_again')}
          </button>
          {all > 0 && open.length > 1 && (
            <button type="button" class="button" onClick={() => void send(open)}>
              {t('dispatch.send_all', { n: all })}
            </button>
          )}
          <p class="note">
            {!online.value
              ? t('dispatch.needs_network')
              : proposal === undefined
                ? t('dispatch.propose_note')
                : t('dispatch.proposed', { requests: proposal.requests, reserves: proposal.reserves })}
          </p>
          {problem !== undefined && <p class="error">{problemText(problem)}</p>}
        </div>
      )}
      {unsentOfType('support.assigned')
        .filter((e) => !items.some((r) => r.id === e.event.data.request))
        .map((e) => (
          <UnsentSupport key={e.id} e={e} onAgain={() => void propose()} />
        ))}
      {items.length === 0 && <Empty title={t('dispatch.no_requests')} />}
      <ul class="requests">
        {items.map((r) => (
          <RequestCard
            key={r.id}
            r={r}
            picks={picksOf(plan, r.id)}
            about={about}
            free={free(plan, reserve)}
            proposed={proposal !== undefined}
            unmet={proposal?.unmet?.find((u) => u.request === r.id)}
            sends={sends}
            acts={may('support.arrived', r.place)}
            onToggle={(person) => setPlan(toggled(plan, r.id, person))}
            onReplace={(person, by) => setPlan(replaced(plan, r.id, person, by))}
            onAdd={(by) => setPlan(added(plan, r.id, by))}
            onSend={() => void send([r])}
            onAgain={() => void propose()}
          />
        ))}
      </ul>
    </>
  );
}

function ReserveRow({ r, onLeave }: { r: Reserve; onLeave?: () => void }) {
  const { valueLabel } = useLabels();
  return (
    <Row
      title={<a href={`/person/${r.person}`}>{nameOf(r)}</a>}
      sub={line(
        valueLabel('category', r.category),
        r.place_name,
        ...(r.skills ?? []),
        r.state === 'later' && t('reserve.available_from', { day: `${dayOf(r.available_from)}` }),
        r.site_name,
        r.times_sent > 0 && t('reserve.served', { n: r.times_sent, hours: number(r.hours_served) }),
      )}
      end={
        <>
          <ReserveBadge state={r.state} />
          {onLeave && (r.state === 'available' || r.state === 'later') && (
            <button type="button" class="button small quiet" onClick={onLeave}>
              {t('reserve.leave')}
              <span class="visually-hidden">{nameOf(r)}</span>
            </button>
          )}
        </>
      }
    />
  );
}

/** Joins and requests made here that the server does not have yet. */
function Unsent({ type }: { type: string }) {
  return (
    <>
      {unsentOfType(type).map((e) => (
        <Row
          key={e.id}
          class="unsent"
          href="/outbox"
          title={e.title}
          sub={e.state === 'refused' ? refusalText(e) : label('event', type)}
          end={<WaitingBadge />}
        />
      ))}
    </>
  );
}

export function DispatchScreen() {
  const place = placeOfQuery();
  const [wanted, setKind] = useState<'open' | 'all' | undefined>();
  // Who may not send looks for who is coming.
  const kind = wanted ?? (may('support.assigned', place ?? '') ? 'open' : 'all');
  const [shown, setShown] = useState<'available' | 'all'>('available');
  const [dialog, setDialog] = useState<'ask' | 'join' | undefined>();
  const [portion, setPortion] = useState(PORTION);
  const [leaving, setLeaving] = useState<Reserve | undefined>();
  const requests = useList(
    '/api/v1/duty/requests',
    place === undefined ? undefined : { query: { place, kind, limit: 200 } },
  );
  const available = useList(
    '/api/v1/duty/reserve',
    place === undefined ? undefined : { query: { place, kind: 'available', limit: 500 } },
  );
  const reserve = useList(
    '/api/v1/duty/reserve',
    place === undefined ? undefined : { query: { place, kind: shown, limit: 500 } },
  );
  useLive(['support.', 'reserve.', 'shift.', 'person.'], () => {
    requests.reload();
    available.reload();
    reserve.reload();
  });
  if (place === undefined) {
    return null;
  }
  const some = {
    ...reserve,
    items: reserve.items?.slice(0, portion),
    more: portion < (reserve.items?.length ?? 0) ? () => setPortion(portion + 5 * PORTION) : reserve.more,
  };
  const leave = async (r: Reserve) => {
    await recordOne(reserveLeft(r.person, r.place, nameOf(r)));
    setLeaving(undefined);
  };
  return (
    <>
      <PlaceHead code={place} title={t('dispatch.title')} days={false} />
      <DutyNav place={place} />
      <div class="columns dispatch">
        <Card
          title={t('dispatch.requests')}
          aside={
            may('support.requested', place) && (
              <button type="button" class="button small" onClick={() => setDialog('ask')}>
                <Icon name="plus" size={16} />
                {t('dispatch.ask')}
              </button>
            )
          }
        >
          <Choices
            label={t('duty.show')}
            value={kind}
            onValue={setKind}
            of={[
              { value: 'open', label: t('dispatch.open') },
              { value: 'all', label: t('duty.any') },
            ]}
          />
          <ul class="rows">
            <Unsent type="support.requested" />
          </ul>
          <KeptNote of={requests} />
          {requests.items === undefined ? (
            requests.problem ? (
              <ProblemBox problem={requests.problem} retry={requests.reload} />
            ) : (
              <Loading />
            )
          ) : (
            <Requests place={place} items={requests.items} reserve={available.items ?? []} />
          )}
        </Card>
        <Card
          title={t('reserve.title')}
          note={
            reserve.items &&
            t('reserve.n', { n: `${number(reserve.items.length)}${reserve.more === undefined ? '' : '+'}` })
          }
          aside={
            may('reserve.joined', place) && (
              <button type="button" class="button small" onClick={() => setDialog('join')}>
                <Icon name="plus" size={16} />
                {t('reserve.join')}
              </button>
            )
          }
        >
          <Choices
            label={t('duty.show')}
            value={shown}
            onValue={setShown}
            of={[
              { value: 'available', label: label('reserve_state', 'available') },
              { value: 'all', label: t('duty.any') },
            ]}
          />
          <List
            of={some}
            first={unsentOfType('reserve.joined').map((e) => (
              <Row
                key={e.id}
                class="unsent"
                href="/outbox"
                title={e.title}
                sub={e.state === 'refused' ? refusalText(e) : shortTime(e.made)}
                end={<WaitingBadge />}
              />
            ))}
            empty={<Empty icon="users" title={t('reserve.none')} />}
            row={(r) => (
              <ReserveRow
                key={r.person}
                r={r}
                onLeave={may('reserve.left', r.place) ? () => setLeaving(r) : undefined}
              />
            )}
          />
        </Card>
      </div>
      {dialog === 'ask' && <AskForSupport place={place} onClose={() => setDialog(undefined)} />}
      {dialog === 'join' && <JoinReserve place={place} onClose={() => setDialog(undefined)} />}
      {leaving !== undefined && (
        <Confirm
          title={t('reserve.leave_ask', { name: nameOf(leaving) })}
          note={t('reserve.leave_note')}
          yes={t('reserve.leave')}
          no={t('common.cancel')}
          onYes={() => void leave(leaving)}
          onNo={() => setLeaving(undefined)}
        />
      )}
    </>
  );
}
