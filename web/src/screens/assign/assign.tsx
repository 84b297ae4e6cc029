/* Giving a household to a group of its village. */
import { useState } from 'preact/hooks';
import { useList, useRead } from '../../api/use-read';
import { headOf, line } from '../../app/names';
import { villageOf } from '../../app/places';
import { householdAssigned } from '../../app/records';
import { go } from '../../app/route';
import { useDraft } from '../../app/use-draft';
import { number } from '../../app/when';
import { Choices } from '../../parts/field';
import { Crumbs, KeptNote, Loading, ProblemBox, Title } from '../../parts/parts';
import { say } from '../../parts/toast';
import { t } from '../../texts/texts';
import { DraftNotes } from '../outbox/draft-notes';
import { crumbsOf, useDivision, useTitle } from '../place/place-head';
import { missingText } from '../village/village';

export function AssignScreen({ id }: { id: string }) {
  const household = useRead('/api/v1/grid/households/{id}', { path: { id } });
  const h = household.body;
  const draft = useDraft();
  const groups = useList('/api/v1/grid/groups', h && { query: { place: villageOf(h.place), limit: 100 } });
  const place = useDivision(h?.place);
  const [chosen, setChosen] = useState<string | undefined>();
  const [tried, setTried] = useState(false);
  useTitle(t('assign.title'));
  if (h === undefined || !draft.ready) {
    return household.problem ? <ProblemBox problem={household.problem} retry={household.reload} /> : <Loading />;
  }
  const group = chosen ?? (draft.entry?.event.data.group as string | undefined) ?? '';
  const save = async (e: Event) => {
    e.preventDefault();
    setTried(true);
    const name = groups.items?.find((g) => g.id === group)?.name ?? '';
    if (group !== '' && (await draft.submit(householdAssigned(id, group, line(h.head, name))))) {
      say(t('assign.saved', { group: name }));
      go(`/household/${id}`, true);
    }
  };
  const cancel = async () => {
    await draft.drop();
    go(`/household/${id}`, true);
  };
  return (
    <div class="narrow">
      <Crumbs of={crumbsOf(place.body, [{ name: headOf(h), href: `/household/${id}` }])} />
      <Title sub={line(headOf(h), h.address)}>{t('assign.title')}</Title>
      <form class="card form" onSubmit={save} noValidate>
        <DraftNotes of={draft} />
        <KeptNote of={groups} />
        {groups.items?.length === 0 && <p class="notice">{t('assign.no_groups')}</p>}
        {groups.items === undefined && <Loading />}
        <Choices
          label={t('assign.group')}
          look="lines"
          value={group}
          error={tried && group === '' ? t('assign.missing') : undefined}
          onValue={setChosen}
          of={(groups.items ?? []).map((g) => ({
            value: g.id,
            label: g.name,
            sub: g.complete
              ? t('group.people_households', { staff: g.staff, n: number(g.households) })
              : missingText(g),
          }))}
        />
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
