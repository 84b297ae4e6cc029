/* On the round: tasks, observations, visits, alerts, contacts and closing, with and without signal. */
import { randomUUID } from 'node:crypto';
import { assert, DESK, look, openPage, PHONE, same, uploaded } from './page.mjs';

const VILLAGE = '610927100200';

async function head(world) {
  const { size } = await world.api.get('/api/v1/ledger/head');
  return size;
}

/** Records past the app. Returns the ids of what follow-ups there are now, by name. */
async function post(world, account, events) {
  const headers = { 'X-Lianfang': '1', 'Content-Type': 'application/json' };
  const body = JSON.stringify({ account, password: world.password });
  const signedIn = await (await fetch(`${world.base}/api/v1/session`, { method: 'POST', headers, body })).json();
  const at = new Date().toISOString();
  const answer = await fetch(`${world.base}/api/v1/events`, {
    method: 'POST',
    headers: { ...headers, Authorization: `Bearer ${signedIn.token}` },
    body: JSON.stringify({ events: events.map((e) => ({ id: randomUUID(), at, ...e })) }),
  });
  const { results } = await answer.json();
  const refused = (results ?? []).filter((r) => r.status !== 'recorded');
  assert(answer.ok && refused.length === 0, JSON.stringify(refused));
}

async function someHousehold(world) {
  const { items } = await world.api.get(`/api/v1/grid/households?place=${VILLAGE}&limit=50`);
  return items.find((h) => h.covered) ?? items[0];
}

function opened(name, household, starts, more = {}) {
  const id = randomUUID();
  const data = { id, subject: randomUUID(), person: { name }, category: 'returnee', household, starts, ...more };
  return { id, data, event: { type: 'followup.opened', place: VILLAGE, data } };
}

/** A day of the county, so many days from today. */
function day(n = 0) {
  return new Date(Date.now() + (n * 24 + 8) * 3_600_000).toISOString().slice(0, 10);
}

export const tests = {
  async 'an observation is three taps from the task, and the rest at the same household is offered'(world) {
    const before = await head(world);
    const h = await someHousehold(world);
    const name = `王随访${before % 100000}`;
    const other = `王同户${before % 100000}`;
    const f = opened(name, h.id, day());
    await post(world, 'village', [f.event, opened(other, h.id, day()).event]);
    const s = await openPage(world, PHONE, { account: 'village' });
    const { page } = s;
    await page.goto(`${world.base}/tasks`);
    await page.locator('.task a', { hasText: name }).click(); // one
    await page.waitForSelector('form.form');
    await look(world, s, 'observe');
    await page.locator('.degrees button').first().click(); // two
    await page.locator('form button[type=submit]').click(); // three
    await page.waitForURL('**/tasks?done=*');
    await page.locator('.same .task', { hasText: other }).waitFor();
    await look(world, s, 'tasks-same');
    await uploaded(page);
    const [seen] = await world.api.eventsSince(before, 'followup.observed');
    same(seen.data.followup, f.id, 'observed');
    same(seen.data.present, true, 'present');
    await page.goto(`${world.base}/followup/${f.id}`);
    await page.waitForSelector('.calendar');
    same(await page.locator('.calendar > li').count(), 14, 'days of the calendar');
    await page.locator('.row', { hasText: '36.5' }).locator('.badge.good').waitFor();
    await look(world, s, 'followup');
    assert(s.errors.length === 0, s.errors.join('\n'));
  },

  async 'a fever found without signal alerts the town once it is sent'(world) {
    const before = await head(world);
    const h = await someHousehold(world);
    const name = `王发烧${before % 100000}`;
    const f = opened(name, h.id, day());
    await post(world, 'village', [f.event]);
    const s = await openPage(world, PHONE, { account: 'village' });
    const { page, context } = s;
    await page.goto(`${world.base}/tasks`);
    await page.locator('.task a', { hasText: name }).click();
    await page.waitForSelector('form.form');
    await page.waitForLoadState('networkidle');
    await context.setOffline(true);
    await page.locator('.degrees input').fill('38.1');
    await page.waitForSelector('.reason[role=alert]');
    await page.locator('form button[type=submit]').click();
    await page.waitForURL('**/tasks?done=*');
    await page.waitForSelector('.kept');
    same(await page.locator('.task a', { hasText: name }).count(), 0, 'the task while its record waits');
    await look(world, s, 'tasks-offline');
    await context.setOffline(false);
    await uploaded(page);
    const t = await openPage(world, PHONE, { account: 'town100' });
    await t.page.goto(`${world.base}/alerts`);
    await t.page.locator('.alert-row', { hasText: '38.1' }).first().waitFor();
    await look(world, t, 'alerts');
    await t.page.goto(`${world.base}/tasks`);
    await t.page.waitForSelector('.task.bad');
    assert([...s.errors, ...t.errors].length === 0, [...s.errors, ...t.errors].join('\n'));
  },

  async 'nobody at home is a visit too, made without signal in three taps'(world) {
    const before = await head(world);
    const h = await someHousehold(world);
    const s = await openPage(world, PHONE, { account: 'village' });
    const { page, context } = s;
    await page.goto(`${world.base}/household/${h.id}`);
    await page.waitForSelector('.actions a');
    await page.waitForLoadState('networkidle');
    await context.setOffline(true);
    await page.locator('.actions a').click(); // one
    await page.waitForSelector('form.form');
    await look(world, s, 'visit');
    await page.locator('input[value=absent]').check(); // two
    await page.locator('form button[type=submit]').click(); // three
    await page.waitForURL(`**/household/${h.id}`);
    await page.locator('.row.unsent').waitFor();
    await look(world, s, 'household-visits');
    await context.setOffline(false);
    await uploaded(page);
    const [visit] = await world.api.eventsSince(before, 'visit.made');
    same(visit.data.result, 'absent', 'what came of it');
    assert(s.errors.length === 0, s.errors.join('\n'));
  },

  async 'a follow-up cannot be completed early, and the page says why'(world) {
    const before = await head(world);
    const h = await someHousehold(world);
    const f = opened(`王未满${before % 100000}`, h.id, day(), { days: 3 });
    await post(world, 'village', [f.event]);
    const s = await openPage(world, DESK, { account: 'village' });
    const { page } = s;
    await page.goto(`${world.base}/followup/${f.id}`);
    await page.locator('.actions button').click();
    await page.waitForSelector('dialog[open]');
    await page.waitForSelector('dialog .notice');
    assert(await page.locator('dialog input[value=completed]').isDisabled(), 'completed can be chosen');
    await look(world, s, 'close');
    await page.locator('dialog input[value=moved]').check();
    await page.locator('dialog button[type=submit]').click();
    await page.waitForFunction(() => document.querySelector('.actions') === null);
    await uploaded(page);
    same((await world.api.eventsSince(before, 'followup.closed'))[0].data.reason, 'moved', 'reason');
    assert(s.errors.length === 0, s.errors.join('\n'));
  },

  async 'a follow-up is begun at a household by its village, and by the town without one'(world) {
    const before = await head(world);
    const h = await someHousehold(world);
    const s = await openPage(world, PHONE, { account: 'village' });
    const { page } = s;
    await page.goto(`${world.base}/household/${h.id}`);
    await page.locator('a[href*="/followups/new"]').click();
    await page.waitForSelector('form.form');
    await page.locator('form button[type=submit]').click();
    same(await page.locator('.form .error').count(), 2, 'said to be missing');
    await page.getByLabel('姓名').fill('王新户');
    await page.locator('input[value=returnee]').check();
    await look(world, s, 'followup-new');
    await page.locator('form button[type=submit]').click();
    await page.waitForURL(`**/household/${h.id}`);
    await uploaded(page);
    await page.locator('.row', { hasText: '王新户' }).waitFor();

    const t = await openPage(world, PHONE, { account: 'town100' });
    await t.page.goto(`${world.base}/followups/new`);
    await t.page.getByLabel('姓名').fill('王无户');
    await t.page.locator('input[value=close_contact]').check();
    await t.page.locator('.place-button').click();
    await t.page.locator('.places button', { hasText: '蔬菜村' }).click();
    await t.page.locator('form button[type=submit]').click();
    await t.page.waitForURL('**/followups?kind=open');
    await uploaded(t.page);
    const events = await world.api.eventsSince(before, 'followup.opened');
    same(events.length, 2, 'follow-ups opened');
    same(events[0].data.household, h.id, 'household of the first');
    same(events[1].place, VILLAGE, 'place of the second');
    await t.page.goto(`${world.base}/followups?kind=gaps`);
    await t.page.locator('.followup', { hasText: '王无户' }).waitFor();
    assert([...s.errors, ...t.errors].length === 0, [...s.errors, ...t.errors].join('\n'));
  },

  async 'contacts are linked and drawn as a chain'(world) {
    const before = await head(world);
    const h = await someHousehold(world);
    const [a, b, c] = ['甲', '乙', '丙'].map((x) => opened(`王${x}${before % 100000}`, h.id, day()));
    const link = (from, to, relation) => ({
      type: 'contact.linked',
      place: VILLAGE,
      data: { from: from.data.subject, to: to.data.subject, relation, on: day() },
    });
    await post(world, 'village', [a.event, b.event, c.event, link(a, b, 'family')]);
    const s = await openPage(world, DESK, { account: 'village' });
    const { page } = s;
    await page.goto(`${world.base}/followup/${b.id}`);
    await page.locator('.card-buttons button').click();
    await page.locator('dialog input[type=search]').fill('王丙');
    await page.locator(`dialog input[value="${c.data.subject}"]`).check();
    await page.locator('dialog input[value=meal]').check();
    await look(world, s, 'link');
    await page.locator('dialog button[type=submit]').click();
    await page.waitForSelector('dialog', { state: 'detached' });
    await uploaded(page);
    await page.goto(`${world.base}/chain/${a.data.subject}`);
    await page.waitForSelector('svg.chain');
    same(await page.locator('svg.chain .node').count(), 3, 'people drawn');
    same(await page.locator('svg.chain .tie').count(), 2, 'links drawn');
    await page.locator('details summary').click();
    same(await page.locator('tbody tr').count(), 2, 'links in words');
    await look(world, s, 'chain');
    assert(s.errors.length === 0, s.errors.join('\n'));
  },

  async 'the phone opens its pages without signal before anybody looked at them'(world) {
    const h = await someHousehold(world);
    const s = await openPage(world, PHONE, { account: 'grid' });
    const { page, context } = s;
    await page.waitForSelector('.ways');
    await page.waitForSelector('.carried', { timeout: 30_000 });
    await page.evaluate(() => navigator.serviceWorker.ready);
    const carried = await page.evaluate(
      () =>
        new Promise((resolve) => {
          const open = indexedDB.open('lianfang-carried');
          open.onsuccess = () => {
            const all = open.result.transaction('items').objectStore('items').getAll();
            all.onsuccess = () => {
              open.result.close();
              resolve(all.result.filter((i) => i.kind === 'household').map((i) => i.id));
            };
          };
        }),
    );
    assert(carried.length > 0, 'no households on the phone');
    await context.setOffline(true);
    await page.goto(`${world.base}/household/${carried[0]}`);
    await page.waitForSelector('.facts');
    await page.waitForSelector('.kept');
    await look(world, s, 'household-carried');
    assert(h !== undefined && s.errors.length === 0, s.errors.join('\n'));
  },

  async 'the pages of the round stand at a desk and on a phone, in both languages'(world) {
    for (const device of [PHONE, DESK]) {
      const s = await openPage(world, device, { account: 'village' });
      const { page } = s;
      for (const [path, name] of [
        ['/tasks', 'tasks'],
        ['/followups?kind=unseen', 'unseen'],
        ['/followups?kind=gaps', 'followup-gaps'],
        ['/unvisited', 'unvisited'],
        ['/alerts', 'alerts-village'],
        ['/passes', 'passes'],
      ]) {
        await page.goto(`${world.base}${path}`);
        await page.waitForSelector('h1');
        await look(world, s, name);
      }
      await page.click('.top button[lang=en]');
      await page.waitForSelector('html[lang=en]');
      await page.goto(`${world.base}/tasks`);
      await page.getByText('Not visited').first().waitFor();
      await look(world, s, 'tasks-en');
      await page.click('.top button[lang=zh-CN]');
      assert(s.errors.length === 0, s.errors.join('\n'));
    }
  },
};
