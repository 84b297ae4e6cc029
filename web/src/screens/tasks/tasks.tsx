/* My tasks, the home of a phone: what this person should do now, most urgent first, each with the shortest way of
 * doing it. Made of what the server last said, less what was done here since. */
import { useState } from 'preact/hooks';
import type { Task, Urgency } from '../../api/front';
import { useRead } from '../../api/use-read';
import { line } from '../../app/names';
import { madeHere, taskSettled } from '../../app/records-front';
import { query } from '../../app/route';
import { grantsAt, homePlace, may, who } from '../../app/session';
import { syncState } from '../../app/sync-state';
import { fullTime, shortTime } from '../../app/when';
import { entries, record } from '../../outbox/outbox';
import { Icon, type IconName } from '../../parts/icon';
import { Badge, Card, Empty, Shown, Title, type Tone } from '../../parts/parts';
import { say } from '../../parts/toast';
import { label, t } from '../../texts/texts';
import { useTitle } from '../place/place-head';
import { atHousehold, grouped, hrefOf, oneTap, settledHere } from './tasks-of';

const LOOK: Record<Urgency, [Tone, IconName]> = {
  alarm: ['bad', 'alert'],
  late: ['bad', 'clock'],
  due: ['info', 'right'],
  soon: ['plain', 'clock'],
};

function when(task: Task): string | undefined {
  if (task.due === undefined) {
    return undefined;
  }
  const late = task.urgency === 'late' ? 'tasks.was_due' : 'tasks.since';
  return t(Date.parse(task.due) < Date.now() ? late : 'tasks.due_at', { time: shortTime(task.due) });
}

/** Many tasks are to do the same for different people: then who it is stands first. */
export function words(task: Pick<Task, 'title' | 'detail' | 'about_kind' | 'place_name'>): {
  title: string;
  sub: string;
} {
  const [who, ...rest] = (task.detail ?? '').split(' · ');
  const of = task.about_kind === 'followup' || task.about_kind === 'household';
  return of && who
    ? { title: who, sub: line(task.title, ...rest) }
    : { title: task.title, sub: task.detail ?? task.place_name };
}

function TaskRow({ task }: { task: Task }) {
  const [tone] = LOOK[task.urgency];
  const { title, sub } = words(task);
  const more = (task.same_household ?? 0) > 0 ? t('tasks.same_household', { n: task.same_household ?? 0 }) : undefined;
  const settle = async () => {
    try {
      await record([taskSettled(task)]);
      say(t('tasks.recorded', { title: task.title }));
    } catch {
      say(t('draft.not_saved'));
    }
  };
  const inner = (
    <span class="row-main">
      <span class="row-title">{title}</span>
      <span class="row-sub">{line(sub, when(task))}</span>
      {more !== undefined && <span class="row-sub">{more}</span>}
    </span>
  );
  return (
    <li class={`row task ${tone}`}>
      {oneTap(task) ? (
        <div class="row-in">
          {inner}
          <button type="button" class="button primary" onClick={() => void settle()}>
            <Icon name="check" size={18} />
            {label('settle', task.rule.replace('.', '_'))}
          </button>
        </div>
      ) : (
        <a class="row-in" href={hrefOf(task)}>
          {inner}
          <Icon name="right" size={16} />
        </a>
      )}
    </li>
  );
}

function Group({ urgency, of }: { urgency: Urgency; of: Task[] }) {
  const [open, setOpen] = useState(false);
  const [tone, icon] = LOOK[urgency];
  const shown = open || of.length <= 12 ? of : of.slice(0, 10);
  return (
    <Card
      class="tasks"
      title={
        <Badge tone={tone} icon={icon}>
          {label('urgency', urgency)}
        </Badge>
      }
      aside={<span class="note">{t('tasks.n', { n: of.length })}</span>}
    >
      <ul class="rows">
        {shown.map((task) => (
          <TaskRow key={`${task.rule} ${task.about} ${task.place}`} task={task} />
        ))}
      </ul>
      {shown.length < of.length && (
        <button type="button" class="button wide" onClick={() => setOpen(true)}>
          {t('tasks.all', { n: of.length })}
        </button>
      )}
    </Card>
  );
}

/** The pages that a person of these roles works with, one thumb away. */
function Ways() {
  const place = homePlace.value ?? '';
  const is = (...roles: string[]) => grantsAt(place).some((g) => roles.includes(g.role));
  const ways: [boolean, string, IconName, string][] = [
    [may('screening.recorded', place), '/checkpoint', 'car', t('nav.checkpoint')],
    [is('grid', 'officer', 'commander'), '/followups', 'user', t('followups.title')],
    [is('grid', 'officer', 'commander'), '/unvisited', 'home', t('unvisited.title')],
    [is('officer', 'commander'), '/alerts', 'alert', t('alerts.title')],
    [may('screening.recorded', place), '/verify', 'qr', t('verify.title')],
    [is('officer', 'commander', 'checkpoint'), '/passes', 'mark', t('passes.title')],
    [true, '/notices', 'bell', t('nav.notices')],
    [true, '/duty', 'users', t('nav.duty')],
  ];
  return (
    <nav class="ways" aria-label={t('tasks.ways')}>
      {ways
        .filter(([on]) => on)
        .map(([, href, icon, text]) => (
          <a key={href} href={href} class="way">
            <Icon name={icon} size={22} />
            <span>{text}</span>
          </a>
        ))}
    </nav>
  );
}

/** How old what the phone carries is. */
export function CarriedNote() {
  const { at, busy, left } = syncState.value;
  if (at === undefined && !busy) {
    return null;
  }
  const text = at === undefined ? t('sync.first') : t('sync.at', { time: fullTime(at) });
  return (
    <p class="note carried">
      <Icon name={busy ? 'upload' : 'check'} size={14} />
      {busy && left ? `${text} · ${t('sync.more')}` : text}
    </p>
  );
}

export function TasksScreen() {
  useTitle(t('nav.tasks'));
  const tasks = useRead('/api/v1/tasks', { query: { limit: 200 } });
  const done = query('done');
  const types = [...new Set((tasks.body?.items ?? []).map((x) => x.settles))];
  void entries.value; // shown again when something is recorded here
  const made = types.flatMap(madeHere);
  return (
    <div class="narrow">
      <Title sub={who.value?.account}>{t('nav.tasks')}</Title>
      <Shown of={tasks}>
        {(body) => {
          const items = body.items as Task[]; // the event's form goes by its type: the description leaves it open
          const left = items.filter((x) => !settledHere(x, made, tasks.at ?? 0));
          const hidden = items.length - left.length;
          const here = atHousehold(left, done);
          const others = here.length > 0 ? left.filter((x) => !here.includes(x)) : left;
          return (
            <>
              {here.length > 0 && (
                <Card class="same" title={t('tasks.rest_here')}>
                  <ul class="rows">
                    {here.map((x) => (
                      <TaskRow key={`${x.rule} ${x.about}`} task={x} />
                    ))}
                  </ul>
                </Card>
              )}
              {left.length === 0 && (
                <Card>
                  <Empty title={t('tasks.none')} note={t('tasks.none_note')} />
                </Card>
              )}
              {grouped(others).map(([u, list]) => (
                <Group key={u} urgency={u} of={list} />
              ))}
              {hidden > 0 && (
                <p class="note">
                  <a href="/outbox">{t('tasks.hidden', { n: hidden })}</a>
                </p>
              )}
            </>
          );
        }}
      </Shown>
      <Ways />
      <CarriedNote />
    </div>
  );
}
