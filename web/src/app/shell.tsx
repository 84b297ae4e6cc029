/* The frame of every page: header, navigation, status strip, the screen itself. */
import { computed } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { online } from '../api/client';
import { draftEntries, oldestWaiting, outcome, refusedEntries, sending, waitingEntries } from '../outbox/outbox';
import { Icon, type IconName } from '../parts/icon';
import { say, Toast } from '../parts/toast';
import { type Key, lang, setLang, t } from '../texts/texts';
import { incident, known } from './incident';
import { line } from './names';
import { here, to } from './route';
import { homePlace, onTheSpot, signedIn, signInNeeded, who } from './session';
import { shortTime } from './when';
import { update } from './worker';

interface Tab {
  href: string;
  under: string[];
  text: Key;
  icon: IconName;
  /** In the header of a desk only; a phone gets there from its tasks and from the page of its place. */
  desk?: boolean;
}

const TABS: Tab[] = [
  { href: '/tasks', under: ['/tasks', '/followups', '/followup', '/alerts'], text: 'nav.tasks', icon: 'check' },
  { href: '/checkpoint', under: ['/checkpoint', '/verify', '/passes'], text: 'nav.checkpoint', icon: 'car' },
  { href: '/', under: ['/place', '/group', '/household', '/person', '/team'], text: 'nav.place', icon: 'home' },
  { href: '/notices', under: ['/notices', '/notice'], text: 'nav.notices', icon: 'bell', desk: true },
  { href: '/duty', under: ['/duty', '/dispatch', '/roster'], text: 'nav.duty', icon: 'users', desk: true },
  { href: '/gaps', under: ['/gaps'], text: 'nav.gaps', icon: 'alert' },
  { href: '/figures', under: ['/figures', '/figure'], text: 'nav.figures', icon: 'chart' },
  { href: '/outbox', under: ['/outbox'], text: 'nav.outbox', icon: 'upload' },
];

/** Nothing for those who work on the spot. */
const WIDER = ['/gaps', '/figures', '/notices', '/duty'];

const attention = computed(() => waitingEntries.value.length + refusedEntries.value.length);

function Nav() {
  const path = here.value.pathname;
  const spot = onTheSpot.value;
  const atBar = who.value?.roles.some((g) => g.role === 'checkpoint');
  const shown = TABS.filter((tab) => (tab.href === '/checkpoint' ? atBar : !spot || !WIDER.includes(tab.href)));
  const hrefOf = (tab: Tab) => (tab.href === '/' && spot ? placeHref(homePlace.value ?? '') : tab.href);
  const on = (tab: Tab) =>
    (path === '/' ? tab.href === (spot ? '/tasks' : '/') : path === hrefOf(tab)) ||
    tab.under.some((u) => path === u || path.startsWith(`${u}/`));
  return (
    <nav class="tabs" aria-label={t('nav.main')}>
      {shown.map((tab) => (
        <a
          key={tab.href}
          href={hrefOf(tab)}
          class={tab.desk ? 'desk' : undefined}
          aria-current={on(tab) ? 'page' : undefined}
        >
          <Icon name={tab.icon} size={22} />
          <span>{t(tab.text)}</span>
          {tab.href === '/outbox' && attention.value > 0 && (
            <span class={refusedEntries.value.length > 0 ? 'count bad' : 'count'}>{attention.value}</span>
          )}
        </a>
      ))}
    </nav>
  );
}

export function LanguageButton() {
  const other = lang.value === 'zh' ? 'en' : 'zh';
  return (
    <button
      type="button"
      class="on-blue"
      lang={other === 'zh' ? 'zh-CN' : 'en'}
      onClick={() => void setLang(other).catch(() => say(t('problem.unreachable')))}
    >
      {t('lang.other')}
    </button>
  );
}

function Header() {
  return (
    <header class="top">
      <a class="brand" href="/">
        <Icon name="mark" size={26} />
        <span>{t('app.name')}</span>
      </a>
      {signedIn.value && homePlace.value !== undefined && <Nav />}
      <div class="top-end">
        <LanguageButton />
        {signedIn.value && (
          <a class="on-blue me" href="/me">
            <Icon name="user" />
            <span class="visually-hidden">{t('nav.me')}</span>
            <span class="wide-only">{who.value?.account}</span>
          </a>
        )}
      </div>
    </header>
  );
}

/** What stands between this device and the server, in one line. */
export function Status() {
  const refused = refusedEntries.value.length;
  const waiting = waitingEntries.value.length;
  const o = outcome.value;
  const tone = refused > 0 ? 'bad' : waiting > 0 ? 'warn' : 'good';
  const parts = [
    refused > 0 && t('status.refused', { n: refused }),
    waiting > 0 && t('status.waiting', { n: waiting }),
  ];
  const text = line(...parts) || t('status.clear');
  const end = [online.value ? t('status.online') : t('status.offline')];
  if (draftEntries.value.length > 0) {
    end.push(t('status.drafts', { n: draftEntries.value.length }));
  }
  if (waiting > 0 && refused === 0 && oldestWaiting.value !== undefined) {
    end.push(t('status.oldest', { time: shortTime(oldestWaiting.value) }));
  }
  if (waiting > 0 && o.kind === 'sign_in') {
    end.push(t('status.sign_in'));
  } else if (o.kind === 'pause' && o.asked && waiting > 0) {
    end.push(t('status.asked', { time: shortTime(o.until) }));
  } else if (sending.value && waiting > 0 && online.value) {
    end.push(t('status.sending'));
  }
  return (
    <div class="status" role="status">
      <a href="/outbox" class={`status-in ${tone}`}>
        <span class="dot" aria-hidden="true" />
        <strong>{text}</strong>
        <span class="status-end">
          {!online.value && <Icon name="offline" size={16} />}
          {end.join(' · ')}
        </span>
      </a>
      {known.value.open.length > 1 && (
        <a class="update" href="/me">
          {t('status.incident', { name: incident.value?.name ?? '' })}
        </a>
      )}
      {update.value && (
        <p class="update">
          {t('app.new_version')}
          <button type="button" class="button small" onClick={update.value}>
            {t('app.reload')}
          </button>
        </p>
      )}
    </div>
  );
}

export function Shell({ children }: { children: ComponentChildren }) {
  return (
    <>
      <a class="skip" href="#main">
        {t('app.skip')}
      </a>
      <Header />
      {(signedIn.value || waitingEntries.value.length > 0) && !signInNeeded.value && <Status />}
      <main id="main" tabIndex={-1}>
        {children}
      </main>
      <Toast />
    </>
  );
}

/** The gaps and figures of the place that one is looking at, or of one's own. */
export function placeOfQuery(): string | undefined {
  return here.value.searchParams.get('place') ?? homePlace.value;
}

export const placeHref = (code: string, day?: string) => to(`/place/${code}`, { as_of: day });
