/* Which screen an address shows. */
import type { ComponentChildren } from 'preact';
import { useEffect, useErrorBoundary } from 'preact/hooks';
import { Empty } from '../parts/parts';
import { AssignScreen } from '../screens/assign/assign';
import { GroupScreen } from '../screens/group/group';
import { HouseholdScreen } from '../screens/household/household';
import { MeScreen } from '../screens/me/me';
import { OutboxScreen } from '../screens/outbox/outbox';
import { PlaceScreen } from '../screens/place/place';
import { RegisterScreen } from '../screens/register/register';
import { SignIn } from '../screens/sign-in/sign-in';
import { StaffScreen } from '../screens/staff/staff';
import { t } from '../texts/texts';
import { lazy } from './lazy';
import { here } from './route';
import { homePlace, onTheSpot, signedIn } from './session';
import { Shell } from './shell';

const lookingUp = () => import('../screens/looking-up');
const FiguresScreen = lazy(lookingUp, (m) => m.FiguresScreen);
const FigureScreen = lazy(lookingUp, (m) => m.FigureScreen);
const GapsScreen = lazy(lookingUp, (m) => m.GapsScreen);
const TeamScreen = lazy(lookingUp, (m) => m.TeamScreen);
const PersonScreen = lazy(lookingUp, (m) => m.PersonScreen);

const orders = () => import('../screens/orders');
const NoticesScreen = lazy(orders, (m) => m.NoticesScreen);
const NoticeNewScreen = lazy(orders, (m) => m.NoticeNewScreen);
const NoticeScreen = lazy(orders, (m) => m.NoticeScreen);
const CascadeScreen = lazy(orders, (m) => m.CascadeScreen);
const desk = () => import('../screens/desk');
const DutyScreen = lazy(desk, (m) => m.DutyScreen);
const MusterScreen = lazy(desk, (m) => m.MusterScreen);
const DispatchScreen = lazy(desk, (m) => m.DispatchScreen);
const RosterScreen = lazy(desk, (m) => m.RosterScreen);

const front = () => import('../screens/front');
const TasksScreen = lazy(front, (m) => m.TasksScreen);
const CheckpointScreen = lazy(front, (m) => m.CheckpointScreen);
const FollowupsScreen = lazy(front, (m) => m.FollowupsScreen);
const FollowupScreen = lazy(front, (m) => m.FollowupScreen);
const FollowupNewScreen = lazy(front, (m) => m.FollowupNewScreen);
const ObserveScreen = lazy(front, (m) => m.ObserveScreen);
const ChainScreen = lazy(front, (m) => m.ChainScreen);
const VisitScreen = lazy(front, (m) => m.VisitScreen);
const UnvisitedScreen = lazy(front, (m) => m.UnvisitedScreen);
const AlertsScreen = lazy(front, (m) => m.AlertsScreen);
const passes = () => import('../screens/passes');
const PassesScreen = lazy(passes, (m) => m.PassesScreen);
const PassNewScreen = lazy(passes, (m) => m.PassNewScreen);
const PassScreen = lazy(passes, (m) => m.PassScreen);
const VerifyScreen = lazy(passes, (m) => m.VerifyScreen);

type Screen = (id: string) => ComponentChildren;

const home: Screen = () => {
  const place = homePlace.value;
  return place === undefined ? <MeScreen /> : onTheSpot.value ? <TasksScreen /> : <PlaceScreen code={place} />;
};

/** `:` stands for one segment, handed to the screen. */
const ROUTES: [pattern: string, screen: Screen][] = [
  ['/', home],
  ['/place/:', (code) => <PlaceScreen code={code} />],
  ['/place/:/register', (code) => <RegisterScreen code={code} />],
  ['/group/:', (id) => <GroupScreen id={id} />],
  ['/group/:/staff', (id) => <StaffScreen id={id} />],
  ['/household/:', (id) => <HouseholdScreen id={id} />],
  ['/household/:/assign', (id) => <AssignScreen id={id} />],
  ['/gaps', () => <GapsScreen />],
  ['/figures', () => <FiguresScreen />],
  ['/figure/:', (name) => <FigureScreen name={name} />],
  ['/team/:', (id) => <TeamScreen id={id} />],
  ['/person/:', (id) => <PersonScreen id={id} />],
  ['/notices', () => <NoticesScreen />],
  ['/notices/new', () => <NoticeNewScreen />],
  ['/notice/:', (id) => <NoticeScreen id={id} />],
  ['/notice/:/cascade', (id) => <CascadeScreen id={id} />],
  ['/duty', () => <DutyScreen />],
  ['/duty/muster', () => <MusterScreen />],
  ['/dispatch', () => <DispatchScreen />],
  ['/roster', () => <RosterScreen />],
  ['/tasks', () => <TasksScreen />],
  ['/checkpoint', () => <CheckpointScreen />],
  ['/followups', () => <FollowupsScreen />],
  ['/followups/new', () => <FollowupNewScreen />],
  ['/followup/:', (id) => <FollowupScreen id={id} />],
  ['/followup/:/observe', (id) => <ObserveScreen id={id} />],
  ['/chain/:', (id) => <ChainScreen id={id} />],
  ['/household/:/visit', (id) => <VisitScreen id={id} />],
  ['/unvisited', () => <UnvisitedScreen />],
  ['/alerts', () => <AlertsScreen />],
  ['/passes', () => <PassesScreen />],
  ['/passes/new', () => <PassNewScreen />],
  ['/pass/:', (id) => <PassScreen id={id} />],
  ['/verify', () => <VerifyScreen />],
  ['/outbox', () => <OutboxScreen />],
  ['/me', () => <MeScreen />],
];

/** The screen of a path and the segment it is about. */
export function match(path: string): { screen: Screen; id: string } | undefined {
  const parts = path.replace(/\/+$/, '').split('/');
  for (const [pattern, screen] of ROUTES) {
    const wanted = pattern.replace(/\/+$/, '').split('/');
    if (wanted.length === parts.length && wanted.every((w, i) => w === ':' || w === parts[i])) {
      const at = wanted.indexOf(':');
      return { screen, id: at < 0 ? '' : decodeURIComponent(parts[at] ?? '') };
    }
  }
  return undefined;
}

function Current() {
  const path = here.value.pathname;
  const [error, reset] = useErrorBoundary((e) => console.error(e));
  useEffect(() => {
    reset();
    // The new screen's title takes the focus, unless something in it has taken it already.
    const main = document.getElementById('main');
    if (main && !main.contains(document.activeElement) && here.value.pathname === path) {
      (main.querySelector<HTMLElement>('h1') ?? main).focus({ preventScroll: true });
    }
  }, [path]);
  if (error !== undefined) {
    return (
      <div class="state" role="alert">
        <p>{t('app.broken')}</p>
        <button type="button" class="button" onClick={() => location.reload()}>
          {t('app.restart')}
        </button>
      </div>
    );
  }
  const found = match(path);
  return found ? <div key={path}>{found.screen(found.id)}</div> : <Empty icon="alert" title={t('problem.not_found')} />;
}

export function App() {
  return <Shell>{signedIn.value ? <Current /> : <SignIn />}</Shell>;
}
