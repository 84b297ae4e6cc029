/* One request for support: what is asked, who is there or on the way, the proposal for it, and what the server said
 * to what was sent from here. */
import type { Reserve, SupportRequest } from '../../api/desk';
import { line } from '../../app/names';
import { recordOne } from '../../app/records';
import { supportArrived, supportReleased, unsentOfRequest } from '../../app/records-desk';
import { shortTime } from '../../app/when';
import type { Entry } from '../../outbox/entry';
import { discard } from '../../outbox/outbox';
import { Icon } from '../../parts/icon';
import { Badge, WaitingBadge } from '../../parts/parts';
import { say } from '../../parts/toast';
import { t } from '../../texts/texts';
import { nameOf } from '../duty/nav';
import { refusalText } from '../outbox/outbox';
import { type Choice, chosen } from './plan';

interface PersonsProps {
  r: SupportRequest;
  acts: boolean;
}

function Persons({ r, acts }: PersonsProps) {
  const waiting = (type: string, person: string) =>
    unsentOfRequest(r.id).some((e) => e.state !== 'refused' && e.event.type === type && e.event.data.person === person);
  const people = (r.people ?? []).filter((p) => p.released === undefined);
  return (
    <ul class="sent">
      {people.map((p) => {
        const arrive = async () => {
          await recordOne(supportArrived(r.id, p.person, `${nameOf(p)} · ${r.site_name}`));
          say(t('dispatch.arrived_say', { name: nameOf(p) }));
        };
        const release = async () => {
          await recordOne(supportReleased(r.id, p.person, `${nameOf(p)} · ${r.site_name}`));
          say(t('dispatch.released_say', { name: nameOf(p) }));
        };
        const unsent = waiting('support.arrived', p.person) || waiting('support.released', p.person);
        return (
          <li key={p.person} class="person">
            <Icon name="user" />
            <span class="row-main">
              <a class="row-title" href={`/person/${p.person}`}>
                {nameOf(p)}
              </a>
              <span class="row-sub">
                {p.arrived !== undefined
                  ? t('dispatch.arrived_at', { time: shortTime(p.arrived) })
                  : line(
                      t('dispatch.assigned_at', { time: shortTime(p.assigned) }),
                      p.report_by && t('dispatch.report_by', { time: shortTime(p.report_by) }),
                    )}
              </span>
            </span>
            {unsent ? (
              <WaitingBadge />
            ) : (
              acts && (
                <button
                  type="button"
                  class="button small quiet"
                  onClick={() => void (p.arrived === undefined ? arrive() : release())}
                >
                  {p.arrived === undefined ? t('dispatch.arrived') : t('dispatch.release')}
                  <span class="visually-hidden">{nameOf(p)}</span>
                </button>
              )
            )}
          </li>
        );
      })}
    </ul>
  );
}

/** An assignment sent from here and not taken yet; a refused one with the server's own words and a way on. */
export function UnsentSupport({ e, onAgain }: { e: Entry; onAgain: () => void }) {
  const assigned = e.event.type === 'support.assigned';
  if (e.state !== 'refused') {
    return (
      <p class="notice">
        <Icon name="clock" size={16} />
        {t('dispatch.on_its_way', { names: e.title })}
      </p>
    );
  }
  return (
    <div class="reason" role="alert">
      <Icon name="alert" />
      <span class="row-main">
        <span>
          {assigned ? t('dispatch.not_sent') : ''}
          {refusalText(e)}
        </span>
        <span class="row-sub">{e.title}</span>
      </span>
      <button type="button" class="button small" onClick={() => void discard(e.id).then(() => assigned && onAgain())}>
        {assigned ? t('dispatch.propose_again') : t('outbox.discard')}
      </button>
    </div>
  );
}

function Unsent({ r, onAgain }: { r: SupportRequest; onAgain: () => void }) {
  return (
    <>
      {unsentOfRequest(r.id)
        .filter((e) => e.event.type === 'support.assigned' || e.state === 'refused')
        .map((e) => (
          <UnsentSupport key={e.id} e={e} onAgain={onAgain} />
        ))}
    </>
  );
}

interface PicksProps {
  picks: readonly Choice[];
  /** What tells people of one surname apart: their category and place. */
  about: (person: string) => string | undefined;
  free: Reserve[];
  room: number;
  onToggle: (person: string) => void;
  onReplace: (person: string, by: Choice) => void;
  onAdd: (by: Choice) => void;
}

function Free({ text, of, onChoose }: { text: string; of: Reserve[]; onChoose: (c: Choice) => void }) {
  return (
    <select
      class="replace"
      aria-label={text}
      value=""
      onChange={(e) => {
        const r = of.find((x) => x.person === e.currentTarget.value);
        if (r !== undefined) {
          onChoose(chosen(r));
        }
      }}
    >
      <option value="">{text}</option>
      {of.map((r) => (
        <option key={r.person} value={r.person}>
          {line(nameOf(r), r.place_name, ...(r.skills ?? []), t('reserve.sent_n', { n: r.times_sent }))}
        </option>
      ))}
    </select>
  );
}

function Picks({ picks, about, free, room, onToggle, onReplace, onAdd }: PicksProps) {
  return (
    <ul class="picks">
      {picks.map((p) => (
        <li key={p.person} class={p.off ? 'pick off' : 'pick'}>
          <label class="check">
            <input type="checkbox" checked={!p.off} onChange={() => onToggle(p.person)} />
            <span class="choice-text">
              <strong>{nameOf(p)}</strong>
              <span class="row-sub">{about(p.person)}</span>
            </span>
          </label>
          <span class="why">
            {p.reasons.length === 0 ? (
              <Badge tone="plain">{t('dispatch.by_hand')}</Badge>
            ) : (
              p.reasons.map((why) => (
                <Badge key={why} tone="info">
                  {why}
                </Badge>
              ))
            )}
          </span>
          {free.length > 0 && (
            <Free
              text={t('dispatch.replace', { name: nameOf(p) })}
              of={free}
              onChoose={(c) => onReplace(p.person, c)}
            />
          )}
        </li>
      ))}
      {picks.length < room && free.length > 0 && (
        <li class="pick">
          <Free text={t('dispatch.add')} of={free} onChoose={onAdd} />
        </li>
      )}
    </ul>
  );
}

interface CardProps extends Omit<PicksProps, 'room'> {
  r: SupportRequest;
  /** What the proposal could not fill, and why. */
  unmet?: { lacking: number; why: string };
  proposed: boolean;
  sends: boolean;
  acts: boolean;
  onSend: () => void;
  onAgain: () => void;
}

export function RequestCard({ r, unmet, proposed, sends, acts, onSend, onAgain, ...picking }: CardProps) {
  const n = picking.picks.filter((p) => !p.off).length;
  const sending = unsentOfRequest(r.id).some((e) => e.event.type === 'support.assigned' && e.state !== 'refused');
  return (
    <li class="request">
      <div class="request-head">
        <h3>{r.site_name}</h3>
        {r.lacking > 0 ? (
          <Badge tone="bad" icon="users">
            {t('dispatch.lacking', { n: r.lacking, total: r.headcount })}
          </Badge>
        ) : (
          <Badge tone="good" icon="check">
            {t('dispatch.filled', { n: r.headcount })}
          </Badge>
        )}
      </div>
      <p>{r.reason}</p>
      <p class="note">
        {line(
          t('dispatch.asked_at', { time: shortTime(r.at) }),
          r.needed_by && t('dispatch.needed_at', { time: shortTime(r.needed_by) }),
          ...(r.skills ?? []),
        )}
      </p>
      <Persons r={r} acts={acts} />
      <Unsent r={r} onAgain={onAgain} />
      {proposed && sends && r.lacking > 0 && !sending && (
        <div class="proposal">
          <h4>{t('dispatch.proposal')}</h4>
          {picking.picks.length === 0 && <p class="note">{t('dispatch.nobody_proposed')}</p>}
          <Picks {...picking} room={r.lacking} />
          {unmet !== undefined && (
            <p class="note">
              <Icon name="alert" size={14} /> {t('dispatch.unmet', { n: unmet.lacking, why: unmet.why })}
            </p>
          )}
          {picking.picks.length > 0 && (
            <button type="button" class="button primary" disabled={n === 0} onClick={onSend}>
              {t('dispatch.send', { n })}
            </button>
          )}
        </div>
      )}
    </li>
  );
}
