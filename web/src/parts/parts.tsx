/* Small shared pieces of every screen: cards, badges, states of loading, empty and error, crumbs, lists. */
import type { ComponentChildren } from 'preact';
import type { Problem } from '../api/client';
import type { Listing, Reading } from '../api/use-read';
import { shortTime } from '../app/when';
import { t } from '../texts/texts';
import { Icon, type IconName } from './icon';

interface CardProps {
  title?: ComponentChildren;
  note?: ComponentChildren;
  aside?: ComponentChildren;
  class?: string;
  children: ComponentChildren;
}

export function Card({ title, note, aside, children, class: more = '' }: CardProps) {
  return (
    <section class={`card ${more}`}>
      {title !== undefined && (
        <header class="card-head">
          <h2>{title}</h2>
          {aside}
        </header>
      )}
      {note !== undefined && <p class="note">{note}</p>}
      {children}
    </section>
  );
}

export type Tone = 'good' | 'warn' | 'bad' | 'plain' | 'info';

export function Badge({ tone, icon, children }: { tone: Tone; icon?: IconName; children: ComponentChildren }) {
  return (
    <span class={`badge ${tone}`}>
      {icon && <Icon name={icon} size={14} />}
      <span>{children}</span>
    </span>
  );
}

/** A record made here that the server does not have yet. */
export function WaitingBadge() {
  return (
    <Badge tone="warn" icon="clock">
      {t('state.pending')}
    </Badge>
  );
}

export function Loading() {
  return (
    <p class="state" role="status">
      <span class="spinner" aria-hidden="true" />
      {t('common.loading')}
    </p>
  );
}

export function Empty({ icon = 'check', title, note }: { icon?: IconName; title: string; note?: string }) {
  return (
    <div class="state">
      <Icon name={icon} size={24} />
      <p>{title}</p>
      {note && <p class="note">{note}</p>}
    </div>
  );
}

export function problemText(p: Problem): string {
  if (p.unreachable) {
    return t('problem.unreachable');
  }
  if (p.detail !== '' || p.title !== '') {
    return p.detail || p.title;
  }
  const known: Record<number, string> = { 403: t('problem.forbidden'), 404: t('problem.not_found') };
  return known[p.status] ?? (p.status > 0 ? t('problem.other', { status: p.status }) : t('problem.unexpected'));
}

export function ProblemBox({ problem, retry }: { problem: Problem; retry?: () => void }) {
  return (
    <div class="state" role="alert">
      <Icon name={problem.unreachable ? 'offline' : 'alert'} size={24} />
      <p>{problemText(problem)}</p>
      {problem.unreachable && <p class="note">{t('app.offline_first')}</p>}
      {retry && (
        <button type="button" class="button" onClick={retry}>
          {t('common.retry')}
        </button>
      )}
    </div>
  );
}

/** Says when what is shown is older than now. */
export function KeptNote({ of }: { of: Pick<Reading<unknown>, 'kept' | 'at' | 'loading'> }) {
  if (!of.kept || of.at === undefined) {
    return null;
  }
  return (
    <p class="kept">
      <Icon name="clock" size={16} />
      {t(of.loading ? 'common.kept_slow' : 'common.kept', { time: shortTime(of.at) })}
    </p>
  );
}

/** The body of a reading once there is one; loading and error until then. `noted`: the page says elsewhere how old it is. */
export function Shown<B>({
  of,
  noted,
  children,
}: {
  of: Reading<B>;
  noted?: boolean;
  children: (body: B) => ComponentChildren;
}) {
  if (of.body === undefined) {
    return of.problem ? <ProblemBox problem={of.problem} retry={of.reload} /> : <Loading />;
  }
  return (
    <>
      {!noted && <KeptNote of={of} />}
      {children(of.body)}
    </>
  );
}

interface ListProps<I> {
  of: Listing<I>;
  empty: ComponentChildren;
  /** The page says elsewhere how old it is. */
  noted?: boolean;
  /** Rows that stand before the server's. */
  first?: ComponentChildren[];
  row: (item: I) => ComponentChildren;
}

/** A paged list with its states. */
export function List<I>({ of, empty, noted, first = [], row }: ListProps<I>) {
  const none = of.items?.length === 0 && first.length === 0;
  return (
    <>
      {!noted && <KeptNote of={of} />}
      {none && empty}
      {(of.items !== undefined || first.length > 0) && !none && (
        <ul class="rows">
          {first}
          {of.items?.map(row)}
        </ul>
      )}
      {of.problem && <ProblemBox problem={of.problem} retry={of.reload} />}
      {of.items === undefined && !of.problem && <Loading />}
      {of.more && (
        <button type="button" class="button wide" onClick={of.more} disabled={of.loading}>
          {t('common.more')}
        </button>
      )}
    </>
  );
}

interface RowProps {
  href?: string;
  title: ComponentChildren;
  sub?: ComponentChildren;
  end?: ComponentChildren;
  class?: string;
}

/** One line of a list; the whole line leads on when it leads anywhere. */
export function Row({ href, title, sub, end, class: more = '' }: RowProps) {
  const inner = (
    <>
      <span class="row-main">
        <span class="row-title">{title}</span>
        {sub !== undefined && <span class="row-sub">{sub}</span>}
      </span>
      {end !== undefined && <span class="row-end">{end}</span>}
      {href !== undefined && <Icon name="right" size={16} />}
    </>
  );
  return (
    <li class={`row ${more}`}>
      {href === undefined ? (
        <div class="row-in">{inner}</div>
      ) : (
        <a class="row-in" href={href}>
          {inner}
        </a>
      )}
    </li>
  );
}

export interface Crumb {
  name: string;
  href: string;
}

export function Crumbs({ of }: { of: Crumb[] }) {
  return (
    <nav class="crumbs" aria-label={t('nav.crumbs')}>
      <ol>
        {of.map((c) => (
          <li key={c.name}>
            <a href={c.href}>{c.name}</a>
          </li>
        ))}
      </ol>
    </nav>
  );
}

/** Screen title; takes the focus when one arrives, so that a screen reader starts here. */
export function Title({
  children,
  end,
  sub,
}: {
  children: ComponentChildren;
  end?: ComponentChildren;
  sub?: ComponentChildren;
}) {
  return (
    <div class="title">
      <div>
        <h1 tabIndex={-1}>{children}</h1>
        {sub !== undefined && <p class="sub">{sub}</p>}
      </div>
      {end}
    </div>
  );
}

export function Facts({ of }: { of: [string, ComponentChildren][] }) {
  return (
    <dl class="facts">
      {of.map(([k, v]) => (
        <div key={k}>
          <dt>{k}</dt>
          <dd>{v}</dd>
        </div>
      ))}
    </dl>
  );
}
