/* Start: open the device's database, learn who is signed in, show the app, set the outbox going. */
import { render } from 'preact';
import { postEvents } from './api/client';
import { dropOldReads, setCarried, setupReads } from './api/reads';
import { App } from './app/app';
import { belonging } from './app/incident';
import { startProbe } from './app/probe';
import { followLinks } from './app/route';
import { resume, signInNeeded, who, whoAmI } from './app/session';
import { registerWorker } from './app/worker';
import { openDatabase } from './outbox/db';
import { kick, startOutbox } from './outbox/outbox';
import './style/base.css';
import './style/parts.css';
import './style/screens.css';
import './style/front.css';
import './style/desk.css';
import { resumeLang, t } from './texts/texts';

const sync = () => import('./app/sync');

async function start(): Promise<void> {
  await resumeLang();
  document.addEventListener('click', followLinks);
  const db = await openDatabase();
  const account = () => who.value?.account;
  setupReads(db, account);
  setCarried(() => sync().then((m) => m.carried));
  await startOutbox({
    db,
    account,
    complete: belonging,
    post: postEvents,
    whoAmI,
    signInNeeded: () => {
      signInNeeded.value = true;
    },
  });
  if (who.value === undefined) {
    await resume();
    render(<App />, root());
  } else {
    render(<App />, root());
    await resume();
  }
  void kick();
  startProbe();
  void registerWorker();
  void dropOldReads();
  void sync().then((m) => m.startSync());
}

function root(): HTMLElement {
  return document.getElementById('app') ?? document.body;
}

start().catch((error: unknown) => {
  console.error(error);
  render(<p class="state">{t('app.no_storage')}</p>, root());
});
