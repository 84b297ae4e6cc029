/* Which screen an address shows. */
import type { ComponentChildren } from 'preact';
import { useEffect, useErrorBoundary } from 'preact/hooks';
import { Empty } from '../parts/parts';
import { AssignScreen } from '../screens/assign/assign';
import { GapsScreen } from '../screens/gaps/gaps';
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
import { homePlace, signedIn } from './session';
import { Shell } from './shell';

const lookingUp = () => import('../screens/looking-up');
const FiguresScreen = lazy(lookingUp, (m) => m.FiguresScreen);
const FigureScreen = lazy(lookingUp, (m) => m.FigureScreen);
const TeamScreen = lazy(lookingUp, (m) => m.TeamScreen);
const PersonScreen = lazy(lookingUp, (m) => m.PersonScreen);

type Screen = (id: string) => ComponentChildren;

/** `:` stands for one segment, handed to the screen. */
const ROUTES: [pattern: string, screen: Screen][] = [
  ['/', () => (homePlace.value === undefined ? <MeScreen /> : <PlaceScreen code={homePlace.value} />)],
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
