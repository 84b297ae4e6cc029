/* Adding a person to a group: choose the role, then somebody who qualifies for it. Works the same with the network cut. */
import { useEffect, useState } from 'preact/hooks';
import { useLabels } from '../../api/labels';
import type { Group, Model, ModelRole, Person } from '../../api/types';
import { type Listing, useList, useRead } from '../../api/use-read';
import { nameOf } from '../../app/names';
import { townOf, villageOf } from '../../app/places';
import { groupStaffed } from '../../app/records';
import { go, query } from '../../app/route';
import { type Draft, useDraft } from '../../app/use-draft';
import { Choices, TextField } from '../../parts/field';
import { Crumbs, KeptNote, Loading, ProblemBox, Title } from '../../parts/parts';
import { say } from '../../parts/toast';
import { label, t } from '../../texts/texts';
import { DraftNotes } from '../outbox/draft-notes';
import { crumbsOf, useDivision, useTitle } from '../place/place-head';

const SHOWN = 40;

/** Who may hold the role: one of its categories, or a party member where that is what it asks for. */
export function qualifies(p: Person, rule: ModelRole | undefined): boolean {
  if (rule === undefined) {
    return true;
  }
  const category = rule.categories.includes(p.category);
  if (rule.categories.length === 0) {
    return !rule.party_member || p.party_member;
  }
  return category || (rule.party_member && p.party_member);
}

export function StaffScreen({ id }: { id: string }) {
  const group = useRead('/api/v1/grid/groups/{id}', { path: { id } });
  const models = useRead('/api/v1/grid/models', {});
  const draft = useDraft();
  const g = group.body;
  if (g === undefined || !draft.ready || (models.body === undefined && models.loading)) {
    const problem = group.problem;
    return problem ? <ProblemBox problem={problem} retry={group.reload} /> : <Loading />;
  }
  const model = models.body?.items.find((m) => m.model === g.model);
  return (
    <>
      <KeptNote of={group} />
      <Form g={g} model={model} draft={draft} />
    </>
  );
}

interface PickProps {
  people: Listing<Person>;
  g: Group;
  rule?: ModelRole;
  value: string;
  error?: string;
  q: string;
  onValue: (id: string) => void;
}

/** Those who qualify, filtered here as well: what the device has kept is one list without a search. */
function PickPerson({ people, g, rule, value, error, q, onValue }: PickProps) {
  const { valueLabel } = useLabels();
  const inGroup = (p: Person) => g.members?.some((m) => m.person === p.id && m.role === rule?.role);
  const fit = (people.items ?? []).filter(
    (p) => !p.left && qualifies(p, rule) && [p.name ?? '', p.unit ?? ''].some((s) => s.includes(q)),
  );
  if (people.items === undefined) {
    return people.problem ? <ProblemBox problem={people.problem} retry={people.reload} /> : <Loading />;
  }
  return (
    <>
      <KeptNote of={people} />
      <p class="note">{t('staff.qualifies')}</p>
      {fit.length === 0 ? (
        <p class="notice">{t('staff.no_people')}</p>
      ) : (
        <Choices
          label={t('staff.person')}
          look="lines"
          error={error}
          value={value}
          onValue={onValue}
          of={fit.slice(0, SHOWN).map((p) => ({
            value: p.id,
            label: nameOf(p),
            disabled: inGroup(p),
            sub: [
              valueLabel('category', p.category),
              p.party_member ? t('category.party_member') : '',
              p.unit ?? '',
              p.place_name,
              inGroup(p) ? t('staff.already') : '',
            ]
              .filter((s) => s !== '')
              .join(' · '),
          }))}
        />
      )}
    </>
  );
}

function Form({ g, model, draft }: { g: Group; model?: Model; draft: Draft }) {
  const kept = draft.entry?.event.data as { role?: string; person?: string } | undefined;
  const [role, setRole] = useState(kept?.role ?? query('role') ?? g.missing[0]?.role ?? '');
  const [person, setPerson] = useState(kept?.person ?? '');
  const [q, setQ] = useState('');
  const [asked, setAsked] = useState('');
  const [wide, setWide] = useState(false);
  const [tried, setTried] = useState(false);
  const place = wide ? townOf(g.place) : villageOf(g.place);
  const people = useList('/api/v1/teams/people', { query: { place, limit: 500, q: asked || undefined } });
  const division = useDivision(g.place);
  useTitle(t('staff.title'));
  useEffect(() => {
    const timer = setTimeout(() => setAsked(wide ? q.trim() : ''), 300); // a village's people fit one page: no need to ask
    return () => clearTimeout(timer);
  }, [q, wide]);
  const rule = model?.roles.find((r) => r.role === role);
  const chosen = people.items?.find((p) => p.id === person);
  const content = (r: string, id: string) => {
    const name = people.items?.find((p) => p.id === id)?.name ?? draft.entry?.title ?? '';
    return groupStaffed(g.id, id, r, name === '' ? '' : `${name} · ${label('grid', r)}`);
  };
  const choose = (r: string, id: string) => {
    setRole(r);
    setPerson(id);
    draft.touch(() => content(r, id));
  };
  const save = async (e: Event) => {
    e.preventDefault();
    setTried(true);
    if (role !== '' && person !== '' && (await draft.submit(content(role, person)))) {
      say(t('staff.saved', { name: chosen?.name ?? '', role: label('grid', role) }));
      go(`/group/${g.id}`, true);
    }
  };
  const cancel = async () => {
    await draft.drop();
    go(`/group/${g.id}`, true);
  };
  return (
    <div class="narrow">
      <Crumbs of={crumbsOf(division.body, [{ name: g.name, href: `/group/${g.id}` }])} />
      <Title sub={g.name}>{t('staff.title')}</Title>
      <form class="card form" onSubmit={save} noValidate>
        <DraftNotes of={draft} />
        <Choices
          label={t('staff.role')}
          value={role}
          error={tried && role === '' ? t('staff.missing_role') : undefined}
          onValue={(r) => choose(r, '')}
          of={(model?.roles ?? []).map((r) => {
            const short = g.missing.find((m) => m.role === r.role);
            const note = short ? t('group.missing', { role: '', n: short.least - short.have }) : t('staff.enough');
            return { value: r.role, label: label('grid', r.role), sub: note };
          })}
        />
        {role !== '' && (
          <>
            <TextField label={t('staff.search')} type="search" value={q} onValue={setQ} />
            <PickPerson
              people={people}
              g={g}
              rule={rule}
              value={person}
              q={q.trim()}
              error={tried && person === '' ? t('staff.missing_person') : undefined}
              onValue={(id) => choose(role, id)}
            />
            <label class="check">
              <input type="checkbox" checked={wide} onChange={(e) => setWide(e.currentTarget.checked)} />
              {t('staff.wider')}
            </label>
          </>
        )}
        <div class="buttons end">
          <button type="button" class="button quiet" onClick={() => void cancel()}>
            {t('common.cancel')}
          </button>
          <button type="submit" class="button primary">
            {t('common.save')}
          </button>
        </div>
      </form>
    </div>
  );
}
