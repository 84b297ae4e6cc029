/* Passes: those issued here, a new one, and one of them with its code to be shown or printed. */
import { useState } from 'preact/hooks';
import type { Pass } from '../../api/front';
import { useList, useRead } from '../../api/use-read';
import { line } from '../../app/names';
import { type PassForm, passIssued, passRevoked, recordOneFront, unsentOf } from '../../app/records-front';
import { go } from '../../app/route';
import { homePlace, may } from '../../app/session';
import { placeOfQuery } from '../../app/shell';
import { addDays, fullTime, shortDay, shortTime, today } from '../../app/when';
import { Dialog } from '../../parts/dialog';
import { Choices, Field, TextField } from '../../parts/field';
import { History } from '../../parts/history';
import { Icon } from '../../parts/icon';
import {
  Badge,
  Card,
  Empty,
  Facts,
  KeptNote,
  List,
  Loading,
  ProblemBox,
  Row,
  Title,
  WaitingBadge,
} from '../../parts/parts';
import { say } from '../../parts/toast';
import { label, t } from '../../texts/texts';
import { idProblem, phoneProblem } from '../checkpoint/rules';
import { useTitle } from '../place/place-head';

const DAYS = [1, 3, 7, 14, 30] as const;
const PURPOSE_MOST = 60;

export function stateOf(p: Pick<Pass, 'revoked' | 'valid_from' | 'valid_to'>, now = Date.now()) {
  if (p.revoked !== undefined) {
    return 'revoked';
  }
  return now < Date.parse(p.valid_from) ? 'ahead' : now >= Date.parse(p.valid_to) ? 'expired' : 'valid';
}

export function PassBadge({ of }: { of: Pass }) {
  const state = stateOf(of);
  return (
    <Badge
      tone={state === 'valid' ? 'good' : state === 'ahead' ? 'warn' : 'bad'}
      icon={state === 'valid' ? 'check' : 'clock'}
    >
      {label('verdict', state)}
    </Badge>
  );
}

export function PassesScreen() {
  const place = placeOfQuery();
  useTitle(t('passes.title'));
  const passes = useList('/api/v1/checkpoints/passes', { query: { place, limit: 50 } });
  const first = unsentOf('pass.issued').map((e) => (
    <Row key={e.id} class="unsent" href="/outbox" title={e.title} sub={shortTime(e.made)} end={<WaitingBadge />} />
  ));
  return (
    <div class="narrow">
      <Title
        end={
          <div class="title-buttons">
            <a class="button" href="/verify">
              <Icon name="qr" size={18} />
              {t('verify.short')}
            </a>
            {may('pass.issued', place ?? '') && (
              <a class="button primary" href="/passes/new">
                <Icon name="plus" size={18} />
                {t('passes.issue')}
              </a>
            )}
          </div>
        }
      >
        {t('passes.title')}
      </Title>
      <Card>
        <List
          of={passes}
          first={first}
          empty={<Empty icon="mark" title={t('passes.none')} />}
          row={(p) => (
            <Row
              key={p.id}
              href={`/pass/${p.id}`}
              title={line(p.name ?? t('household.nameless'), p.plate)}
              sub={line(p.purpose, t('pass.until', { time: shortTime(p.valid_to) }))}
              end={<PassBadge of={p} />}
            />
          )}
        />
      </Card>
    </div>
  );
}

type Errors = Partial<Record<'name' | 'id' | 'phone' | 'purpose', string>>;

function check(f: PassForm): Errors {
  const e: Errors = {};
  const id = idProblem(f.id);
  if (f.name.trim() === '') {
    e.name = t('screen.name_missing');
  }
  if (id !== undefined) {
    e.id = t(id);
  }
  if (phoneProblem(f.phone)) {
    e.phone = t('register.phone_bad');
  }
  if (f.purpose.trim() === '') {
    e.purpose = t('pass.purpose_missing');
  }
  return e;
}

export function PassNewScreen() {
  const [form, setForm] = useState<PassForm>({
    place: homePlace.value ?? '',
    name: '',
    id: '',
    phone: '',
    plate: '',
    from: today(),
    to: '',
    purpose: '',
  });
  const [days, setDays] = useState<string>('7');
  const [errors, setErrors] = useState<Errors>({});
  useTitle(t('pass.new'));
  const set = (change: Partial<PassForm>) => {
    setForm({ ...form, ...change });
    setErrors({});
  };
  const save = async () => {
    const wrong = check(form);
    setErrors(wrong);
    if (Object.keys(wrong).length > 0) {
      requestAnimationFrame(() => document.querySelector<HTMLElement>('[aria-invalid]')?.focus());
      return;
    }
    const from = `${form.from}T00:00:00+08:00`;
    const to = `${addDays(form.from, Number(days))}T00:00:00+08:00`;
    if (await recordOneFront(passIssued({ ...form, from, to }))) {
      say(t('passes.issued', { name: form.name.trim() }));
      go('/passes', true);
    }
  };
  const text = (key: 'name' | 'id' | 'phone' | 'plate' | 'purpose', name: string, max: number, optional = false) => (
    <TextField
      label={name}
      value={form[key]}
      error={key === 'plate' ? undefined : errors[key]}
      maxLength={max}
      autocomplete="off"
      optional={optional}
      onValue={(v) => set({ [key]: v })}
    />
  );
  return (
    <div class="narrow">
      <Title sub={t('passes.new_note')}>{t('pass.new')}</Title>
      <form
        class="card form"
        noValidate
        onSubmit={(e) => {
          e.preventDefault();
          void save();
        }}
      >
        {text('name', t('screen.name'), 40)}
        {text('id', t('screen.id'), 18, true)}
        {text('plate', t('screen.plate'), 10, true)}
        {text('purpose', t('pass.purpose'), PURPOSE_MOST)}
        <Field label={t('pass.from')}>
          {(id) => (
            <input
              id={id}
              type="date"
              value={form.from}
              onChange={(e) => set({ from: e.currentTarget.value || today() })}
            />
          )}
        </Field>
        <Choices
          label={t('pass.days')}
          of={DAYS.map((n) => ({ value: String(n), label: t('pass.n_days', { n }) }))}
          value={days}
          onValue={setDays}
        />
        <p class="note">{t('pass.last_day', { day: shortDay(addDays(form.from, Number(days) - 1)) })}</p>
        {text('phone', t('screen.phone'), 20, true)}
        <div class="buttons end">
          <a class="button quiet" href="/passes">
            {t('common.cancel')}
          </a>
          <button type="submit" class="button primary">
            {t('passes.issue')}
          </button>
        </div>
      </form>
    </div>
  );
}

function Revoke({ of, onClose }: { of: Pass; onClose: () => void }) {
  const [reason, setReason] = useState('');
  const revoke = async (e: Event) => {
    e.preventDefault();
    if (await recordOneFront(passRevoked(of.subject, of.id, reason, of.place, line(of.name, of.purpose)))) {
      onClose();
    }
  };
  return (
    <Dialog title={t('pass.revoke_ask')} onClose={onClose}>
      <form onSubmit={revoke} noValidate>
        <p>{t('pass.revoke_note')}</p>
        <TextField label={t('pass.reason')} value={reason} maxLength={200} optional onValue={setReason} />
        <div class="buttons">
          <button type="button" class="button" onClick={onClose}>
            {t('common.cancel')}
          </button>
          <button type="submit" class="button danger">
            {t('pass.revoke')}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

export function PassScreen({ id }: { id: string }) {
  const pass = useRead('/api/v1/checkpoints/passes/{id}', { path: { id } });
  const [revoking, setRevoking] = useState(false);
  const p = pass.body;
  useTitle(p && t('pass.title'));
  if (p === undefined) {
    return pass.problem ? <ProblemBox problem={pass.problem} retry={pass.reload} /> : <Loading />;
  }
  const unsent = unsentOf('pass.revoked', 'pass', id).length > 0;
  return (
    <div class="narrow pass-page">
      <Title end={unsent ? <WaitingBadge /> : <PassBadge of={p} />} sub={p.purpose}>
        {p.name ?? t('household.nameless')}
      </Title>
      <KeptNote of={pass} />
      <Card class="pass">
        {p.svg !== undefined && (
          <img class="qr" alt={t('pass.qr')} src={`data:image/svg+xml;utf8,${encodeURIComponent(p.svg)}`} />
        )}
        <Facts
          of={[
            [t('pass.valid'), t('pass.from_to', { from: fullTime(p.valid_from), to: fullTime(p.valid_to) })],
            [t('pass.purpose'), p.purpose],
            [t('screen.plate'), p.plate ?? '–'],
            [t('screen.id'), p.id_number ?? '–'],
            [t('pass.place'), p.place_name ?? p.place],
          ]}
        />
        {p.code !== undefined && (
          <details>
            <summary>{t('pass.code')}</summary>
            <p class="code">{p.code}</p>
          </details>
        )}
        <div class="buttons">
          <button type="button" class="button" onClick={() => print()}>
            {t('pass.print')}
          </button>
          {stateOf(p) !== 'revoked' && stateOf(p) !== 'expired' && may('pass.revoked', p.place) && !unsent && (
            <button type="button" class="button quiet" onClick={() => setRevoking(true)}>
              {t('pass.revoke')}
            </button>
          )}
        </div>
      </Card>
      <History of={p.history} />
      {revoking && <Revoke of={p} onClose={() => setRevoking(false)} />}
    </div>
  );
}
