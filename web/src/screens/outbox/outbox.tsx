/* Everything made on this device and where it stands: what needs a person, what waits, what is half-written, what
 * arrived lately. Says only what is true: "uploaded" means that the server answered so. */
import { useState } from 'preact/hooks';
import { online } from '../../api/client';
import { useLabels } from '../../api/labels';
import { editorOf } from '../../app/records';
import { go } from '../../app/route';
import { signInNeeded, who } from '../../app/session';
import { fullTime, shortTime } from '../../app/when';
import { type Entry, inHand } from '../../outbox/entry';
import {
  discard,
  draftEntries,
  entries,
  mend,
  outcome,
  refusedEntries,
  retryNow,
  sendAgain,
  sending,
  waitingEntries,
} from '../../outbox/outbox';
import { dependents } from '../../outbox/store';
import { Confirm } from '../../parts/dialog';
import { Badge, Card, Empty, Title, type Tone } from '../../parts/parts';
import { type Key, label, t } from '../../texts/texts';
import { useTitle } from '../place/place-head';

const RECENT = 20;

const LOOK: Record<Entry['state'], [Tone, 'check' | 'clock' | 'alert' | 'upload' | 'edit']> = {
  draft: ['plain', 'edit'],
  pending: ['warn', 'clock'],
  sending: ['info', 'upload'],
  recorded: ['good', 'check'],
  refused: ['bad', 'alert'],
};

export function refusalText(e: Pick<Entry, 'error'>): string {
  const { code = '', message = '' } = e.error ?? {};
  if (message !== '') {
    return message;
  }
  const own = label('refusal', code);
  return own === code ? t('outbox.unknown_error', { code }) : own;
}

/** Goes to the form that made the entry, as a draft. */
async function edit(e: Entry): Promise<void> {
  const id = e.state === 'draft' ? e.id : await mend(e.id);
  const href = id === undefined ? undefined : editorOf({ ...e, id });
  if (href !== undefined) {
    go(href);
  }
}

function held(e: Entry): boolean {
  return entries.value.some(
    (m) => m.makes !== undefined && e.uses.includes(m.makes) && (m.state === 'refused' || m.state === 'draft'),
  );
}

function Actions({ e, onDiscard }: { e: Entry; onDiscard: () => void }) {
  const form = editorOf(e) !== undefined;
  const text: Record<string, Key> = {
    draft: 'outbox.continue',
    pending: 'outbox.edit_pending',
    refused: 'outbox.edit',
  };
  return (
    <div class="buttons">
      {form && (
        <button type="button" class="button" onClick={() => void edit(e)}>
          {t(text[e.state] ?? 'outbox.edit')}
        </button>
      )}
      {e.state === 'refused' && (
        <button type="button" class="button" onClick={() => void sendAgain(e.id)}>
          {t('outbox.again')}
        </button>
      )}
      <button type="button" class="button quiet" onClick={onDiscard}>
        {t('outbox.discard')}
      </button>
    </div>
  );
}

function EntryCard({ e, onDiscard }: { e: Entry; onDiscard: (e: Entry) => void }) {
  const { typeLabel } = useLabels();
  const [tone, icon] = LOOK[e.state];
  const foreign = e.account !== who.value?.account;
  return (
    <li class={`entry ${e.state}`}>
      <div class="entry-head">
        <span class="row-main">
          <span class="row-title">{foreign ? typeLabel(e.event.type) : e.title || t('outbox.untitled')}</span>
          <span class="row-sub">
            {typeLabel(e.event.type)} · <time dateTime={new Date(e.made).toISOString()}>{shortTime(e.made)}</time>
            {e.seq !== undefined && ` · ${t('outbox.seq', { seq: e.seq })}`}
            {e.state === 'pending' && e.tries > 0 && ` · ${t('outbox.tries', { n: e.tries })}`}
          </span>
        </span>
        <Badge tone={tone} icon={icon}>
          {label('state', e.state)}
        </Badge>
      </div>
      {e.state === 'refused' && !foreign && <p class="reason">{refusalText(e)}</p>}
      {e.state === 'draft' && e.error && !foreign && (
        <p class="reason">{t('draft.was_refused', { reason: refusalText(e) })}</p>
      )}
      {e.state === 'pending' && held(e) && <p class="note">{t('outbox.waits_for')}</p>}
      {foreign && e.state !== 'recorded' && <p class="note">{t('outbox.other_account', { account: e.account })}</p>}
      {e.warnings?.map((w) => (
        <p class="note" key={w.code}>
          {t('outbox.warning', { text: w.message })}
        </p>
      ))}
      {inHand(e) && !foreign && <Actions e={e} onDiscard={() => onDiscard(e)} />}
    </li>
  );
}

/** Why it does not move at the moment. */
function Reason() {
  const o = outcome.value;
  if (waitingEntries.value.length === 0) {
    return null;
  }
  if (o.kind === 'sign_in' || signInNeeded.value) {
    return <p class="notice">{t('outbox.sign_in')}</p>;
  }
  if (!online.value) {
    return <p class="notice">{t('outbox.offline_note')}</p>;
  }
  if (o.kind === 'pause') {
    const text = o.asked
      ? t('outbox.asked', { time: fullTime(o.until) })
      : t('outbox.next_try', { time: fullTime(o.until) });
    return <p class="notice">{text}</p>;
  }
  return o.kind === 'other_tab' ? <p class="notice">{t('outbox.other_tab')}</p> : null;
}

function Section({ title, of, onDiscard }: { title: string; of: Entry[]; onDiscard: (e: Entry) => void }) {
  if (of.length === 0) {
    return null;
  }
  return (
    <Card title={title} aside={<span class="note">{of.length}</span>} class="plain">
      <ul class="entries">
        {of.map((e) => (
          <EntryCard key={e.id} e={e} onDiscard={onDiscard} />
        ))}
      </ul>
    </Card>
  );
}

export function OutboxScreen() {
  const [discarding, setDiscarding] = useState<Entry | undefined>();
  useTitle(t('outbox.title'));
  const recent = entries.value
    .filter((e) => e.state === 'recorded')
    .sort((a, b) => b.changed - a.changed)
    .slice(0, RECENT);
  const more = discarding === undefined ? 0 : dependents(entries.value, discarding.id).length - 1;
  const yes = async () => {
    if (discarding) {
      await discard(discarding.id);
      setDiscarding(undefined);
    }
  };
  return (
    <div class="narrow">
      <Title>{t('outbox.title')}</Title>
      <Reason />
      {waitingEntries.value.length > 0 && (
        <button type="button" class="button primary wide tall" disabled={sending.value} onClick={() => void retryNow()}>
          {sending.value ? t('outbox.sending_now') : t('outbox.send_now')}
        </button>
      )}
      {entries.value.every((e) => e.state === 'recorded') && (
        <Card>
          <Empty title={t('outbox.empty')} note={t('outbox.empty_note')} />
        </Card>
      )}
      <Section title={t('outbox.refused')} of={refusedEntries.value} onDiscard={setDiscarding} />
      <Section title={t('outbox.waiting')} of={waitingEntries.value} onDiscard={setDiscarding} />
      <Section title={t('outbox.drafts')} of={draftEntries.value} onDiscard={setDiscarding} />
      <Section title={t('outbox.recorded')} of={recent} onDiscard={setDiscarding} />
      {discarding && (
        <Confirm
          title={t('outbox.discard_ask')}
          note={
            <>
              <strong>{discarding.title}</strong> — {t('outbox.discard_note')}
              {more > 0 && ` ${t('outbox.discard_more', { n: more })}`}
            </>
          }
          yes={t('outbox.discard')}
          no={t('common.cancel')}
          danger
          onYes={() => void yes()}
          onNo={() => setDiscarding(undefined)}
        />
      )}
    </div>
  );
}
