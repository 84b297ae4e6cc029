/* Asking for support, and joining the reserve. */
import { useEffect, useState } from 'preact/hooks';
import { useList } from '../../api/use-read';
import { recordOne } from '../../app/records';
import type { RequestForm } from '../../app/records-desk';
import { reserveJoined, supportRequested } from '../../app/records-desk';
import { who } from '../../app/session';
import { Dialog } from '../../parts/dialog';
import { Field, Stepper, TextField } from '../../parts/field';
import { MomentField, stampOf } from '../../parts/moment';
import { say } from '../../parts/toast';
import { t } from '../../texts/texts';
import { PersonPicker, Skills } from '../duty/pickers';

export function SitePicker({
  place,
  value,
  error,
  onValue,
}: {
  place: string;
  value: string;
  error?: string;
  onValue: (id: string, name: string) => void;
}) {
  const sites = useList('/api/v1/places/sites', { query: { place, limit: 500 } });
  const open = (sites.items ?? []).filter((s) => s.closed === undefined);
  const only = open.length === 1 && !sites.more ? open[0] : undefined;
  useEffect(() => {
    if (only !== undefined && value === '') {
      onValue(only.id, only.name);
    }
  }, [only?.id]);
  return (
    <Field label={t('site.title')} error={error} hint={sites.items?.length === 0 ? t('site.none') : undefined}>
      {(id, describedBy) => (
        <select
          id={id}
          value={value}
          aria-describedby={describedBy}
          onChange={(e) => {
            const s = open.find((x) => x.id === e.currentTarget.value);
            onValue(s?.id ?? '', s?.name ?? '');
          }}
        >
          <option value="">{t('common.choose')}</option>
          {open.map((s) => (
            <option key={s.id} value={s.id}>
              {s.name} · {s.place_name}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

interface Props {
  place: string;
  onClose: () => void;
}

export function AskForSupport({ place, onClose }: Props) {
  const [f, setForm] = useState<RequestForm>({ site: '', headcount: 2, reason: '', needed_by: '', skills: [] });
  const [site, setSite] = useState('');
  const [tried, setTried] = useState(false);
  const change = (part: Partial<RequestForm>) => setForm({ ...f, ...part });
  const save = async (e: Event) => {
    e.preventDefault();
    setTried(true);
    if (f.site !== '' && f.reason.trim() !== '') {
      await recordOne(supportRequested(f, t('dispatch.ask_record', { site, n: f.headcount })));
      say(t('dispatch.asked'));
      onClose();
    }
  };
  return (
    <Dialog title={t('dispatch.ask')} onClose={onClose}>
      <form onSubmit={save} noValidate>
        <SitePicker
          place={place}
          value={f.site}
          error={tried && f.site === '' ? t('site.missing') : undefined}
          onValue={(id, name) => {
            change({ site: id });
            setSite(name);
          }}
        />
        <Stepper
          label={t('dispatch.headcount')}
          value={f.headcount}
          min={1}
          max={200}
          onValue={(headcount) => change({ headcount })}
        />
        <TextField
          label={t('dispatch.reason')}
          value={f.reason}
          maxLength={200}
          hint={t('dispatch.reason_hint')}
          error={tried && f.reason.trim() === '' ? t('dispatch.reason_missing') : undefined}
          onValue={(reason) => change({ reason })}
        />
        <MomentField
          label={t('dispatch.needed_by')}
          value={f.needed_by}
          min={Date.now()}
          optional
          onValue={(needed_by) => change({ needed_by })}
        />
        <Skills value={f.skills} onValue={(skills) => change({ skills })} />
        <div class="buttons">
          <button type="button" class="button" onClick={onClose}>
            {t('common.cancel')}
          </button>
          <button type="submit" class="button primary">
            {t('dispatch.ask')}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

export function JoinReserve({ place, onClose }: Props) {
  const own = who.value?.person;
  const [self, setSelf] = useState(own !== undefined);
  const [person, setPerson] = useState({ id: '', name: '', place });
  const [from, setFrom] = useState(stampOf(Date.now()));
  const [skills, setSkills] = useState<string[]>([]);
  const [tried, setTried] = useState(false);
  const id = self && own !== undefined ? own : person.id;
  const save = async (e: Event) => {
    e.preventDefault();
    setTried(true);
    if (id !== '' && from !== '') {
      const name = self ? (who.value?.account ?? '') : person.name;
      await recordOne(reserveJoined(id, from, skills, self ? place : person.place, t('reserve.join_record', { name })));
      say(t('reserve.joined'));
      onClose();
    }
  };
  return (
    <Dialog title={t('reserve.join')} onClose={onClose}>
      <form onSubmit={save} noValidate>
        {own !== undefined && (
          <label class="check">
            <input type="checkbox" checked={self} onChange={(e) => setSelf(e.currentTarget.checked)} />
            {t('reserve.myself')}
          </label>
        )}
        {!(self && own !== undefined) && (
          <PersonPicker
            place={place}
            value={person.id}
            error={tried && person.id === '' ? t('staff.missing_person') : undefined}
            onValue={(pid, name, at) => setPerson({ id: pid, name, place: at })}
          />
        )}
        <MomentField label={t('reserve.from')} value={from} onValue={setFrom} />
        <Skills value={skills} onValue={setSkills} />
        <div class="buttons">
          <button type="button" class="button" onClick={onClose}>
            {t('common.cancel')}
          </button>
          <button type="submit" class="button primary">
            {t('reserve.join')}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
