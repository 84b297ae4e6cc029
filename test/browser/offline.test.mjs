/* The network is cut, work goes on, the network returns: everything is there exactly once. */
import { assert, look, openPage, PHONE, same, uploaded } from './page.mjs';

const TOWN = '610927100000';

async function head(world) {
  const { size } = await world.api.get('/api/v1/ledger/head');
  return size;
}

/** A group short of people, with what it is short of. */
async function shortGroup(world) {
  const { groups } = await world.api.get('/api/v1/coverage?limit=50');
  const g = groups.find((x) => !x.complete && x.missing.length > 0);
  assert(g, 'the demo has no group short of people');
  return g;
}

async function someVillage(world) {
  const { items } = await world.api.get(`/api/v1/places/divisions?place=${TOWN}&limit=1`);
  return items[0].code;
}

async function register(page, name, address) {
  await page.waitForSelector('form.form');
  const fields = page.locator('form.form input');
  await fields.nth(0).fill(name);
  await fields.nth(1).fill(address);
  await page.locator('form.form button[type=submit]').click();
}

export const tests = {
  async 'a household and a staffing made offline are recorded once'(world) {
    const group = await shortGroup(world);
    const village = group.place.slice(0, 12);
    const before = await head(world);
    const s = await openPage(world, PHONE, { account: 'county' });
    const { page, context } = s;
    await page.goto(`${world.base}/place/${village}`);
    await page.waitForSelector(`a[href="/group/${group.id}"]`);
    await page.waitForLoadState('networkidle');

    await context.setOffline(true);
    await page.locator(`a[href="/place/${village}/register"]`).click();
    const name = `离线户${Date.now() % 100000}`;
    await register(page, name, '9组9号');
    await page.waitForURL(`**/place/${village}`);
    await page.locator('.unsent', { hasText: name }).waitFor();
    await look(world, s, 'village-offline');

    await page.locator(`a[href="/group/${group.id}"]`).click();
    await page.waitForSelector('.roles');
    await page.locator(`a[href*="/staff?role=${group.missing[0].role}"]`).click();
    await page.waitForSelector('.lines .choice:not(:has(:disabled))');
    await page.locator('.lines .choice:not(:has(:disabled))').first().click();
    await page.locator('form.form button[type=submit]').click();
    await page.waitForURL(`**/group/${group.id}`);
    await page.waitForSelector('.person.unsent');
    await look(world, s, 'group-offline');

    await page.locator('.tabs a[href="/outbox"]').click();
    same(await page.locator('.entry.pending').count(), 2, 'records waiting');
    await page.waitForSelector('.status-in.warn');
    await look(world, s, 'outbox-offline');
    same(await head(world), before, 'size of the ledger while offline');

    await context.setOffline(false);
    await uploaded(page);
    same(await page.locator('.entry.recorded').count(), 2, 'records uploaded');
    await look(world, s, 'outbox-online');
    const households = await world.api.eventsSince(before, 'household.registered');
    const staffings = await world.api.eventsSince(before, 'group.staffed');
    same(households.length, 1, 'households registered');
    same(staffings.length, 1, 'staffings recorded');
    same(staffings[0].data.group, group.id, 'group staffed');
    assert(s.errors.length === 0, s.errors.join('\n'));
  },

  async 'the app opens with the network cut and shows what it has'(world) {
    const s = await openPage(world, PHONE);
    const { page, context } = s;
    await page.waitForSelector('.bars');
    await page.evaluate(() => navigator.serviceWorker.ready);
    await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
    await context.setOffline(true);
    await page.reload();
    await page.waitForSelector('.bars');
    await page.waitForSelector('.kept');
    await look(world, s, 'county-offline');
  },

  async 'a draft survives the page being closed'(world) {
    const village = await someVillage(world);
    const s = await openPage(world, PHONE);
    const { page } = s;
    await page.goto(`${world.base}/place/${village}/register`);
    await page.waitForSelector('form.form');
    await look(world, s, 'register');
    await page.locator('form.form input').nth(0).fill('草稿户');
    await page.waitForURL(/draft=/);
    await page.goto(`${world.base}/outbox`);
    await page.locator('.entry.draft', { hasText: '草稿户' }).locator('button').first().click();
    await page.waitForSelector('form.form');
    same(await page.locator('form.form input').nth(0).inputValue(), '草稿户', 'what was typed');
    await page.locator('form.form .quiet').click();
    await page.waitForURL(`**/place/${village}`);
    await page.goto(`${world.base}/outbox`);
    await page.waitForSelector('h1');
    same(await page.locator('.entry.draft').count(), 0, 'drafts left');
  },

  async 'a refused record says why, is mended and recorded'(world) {
    const village = await someVillage(world);
    const before = await head(world);
    const s = await openPage(world, PHONE);
    const { page } = s;
    // A phone number that passes here but not there cannot be typed: the request is doctored instead.
    let doctored = false;
    await page.route('**/api/v1/events', async (route) => {
      const body = route.request().postDataJSON();
      if (!doctored) {
        doctored = true;
        const results = body.events.map((e) => ({
          id: e.id,
          status: 'refused',
          error: { code: 'place_level', field: 'place', message: '地点不是村或网格。' },
        }));
        return route.fulfill({ json: { results } });
      }
      return route.continue();
    });
    await page.goto(`${world.base}/place/${village}/register`);
    const name = `退回户${Date.now() % 100000}`;
    await register(page, name, '8组8号');
    await page.waitForSelector('.status-in.bad');
    await page.locator('.tabs a[href="/outbox"]').click();
    const entry = page.locator('.entry.refused', { hasText: name });
    await entry.locator('.reason').waitFor();
    await look(world, s, 'outbox-refused');
    await entry.locator('button').first().click();
    await page.waitForSelector('form.form .reason');
    await page.locator('form.form input').nth(1).fill('8组9号');
    await page.locator('form.form button[type=submit]').click();
    await page.waitForURL(`**/place/${village}`);
    await uploaded(page);
    same((await world.api.eventsSince(before, 'household.registered')).length, 1, 'households registered');
  },

  async 'an answer lost on the way does not record twice, and signing out loses nothing'(world) {
    const village = await someVillage(world);
    const before = await head(world);
    const s = await openPage(world, PHONE);
    const { page } = s;
    let lost = 0;
    await page.route('**/api/v1/events', async (route) => {
      if (lost++ === 0) {
        await route.fetch(); // the server records it
        return route.abort(); // the page never hears
      }
      return lost === 2 ? route.fulfill({ status: 401, json: { title: 'signed out' } }) : route.continue();
    });
    await page.goto(`${world.base}/place/${village}/register`);
    await register(page, `丢答户${Date.now() % 100000}`, '7组7号');
    await page.waitForSelector('input[name=password]', { timeout: 30_000 });
    await look(world, s, 'sign-in-again');
    await page.fill('input[name=account]', world.account);
    await page.fill('input[name=password]', world.password);
    await page.keyboard.press('Enter');
    await page.waitForSelector('.tabs');
    await uploaded(page);
    same(lost >= 3, true, 'requests made');
    same((await world.api.eventsSince(before, 'household.registered')).length, 1, 'households registered');
  },

  async 'two tabs on one device send once'(world) {
    const village = await someVillage(world);
    const before = await head(world);
    const s = await openPage(world, PHONE);
    const { page, context } = s;
    const other = await context.newPage();
    const requests = [];
    await context.route('**/api/v1/events', (route) => {
      requests.push(route.request().postDataJSON().events.length);
      return route.continue();
    });
    await other.goto(world.base);
    await other.waitForSelector('.bars');
    await page.bringToFront();
    await page.goto(`${world.base}/place/${village}`);
    await page.waitForSelector('a[href$="/register"]');
    await page.waitForLoadState('networkidle');
    await context.setOffline(true);
    for (const n of [1, 2, 3]) {
      await page.locator(`a[href="/place/${village}/register"]`).click();
      await register(page, `双开户${n}${Date.now() % 100000}`, `6组${n}号`);
      await page.waitForURL(`**/place/${village}`);
    }
    await other.waitForSelector('.status-in.warn');
    await context.setOffline(false);
    await Promise.all([uploaded(page), uploaded(other)]);
    same(requests.join(), '3', 'events in each request');
    same((await world.api.eventsSince(before, 'household.registered')).length, 3, 'households registered');
  },

  async 'on a plain http address the open page keeps its records and says what it cannot do'(world) {
    const village = await someVillage(world);
    const before = await head(world);
    const lan = { ...world, base: world.base.replace('127.0.0.1', 'office.lan') };
    const s = await openPage(lan, PHONE);
    const { page, context } = s;
    const can = await page.evaluate(() => [isSecureContext, 'serviceWorker' in navigator, 'locks' in navigator].join());
    same(can, 'false,false,false', 'secure context, service worker, locks');
    await page.goto(`${lan.base}/place/${village}`);
    await page.waitForSelector('a[href$="/register"]');
    await page.waitForLoadState('networkidle');
    await context.setOffline(true);
    await page.locator(`a[href="/place/${village}/register"]`).click();
    await register(page, `局域网户${Date.now() % 100000}`, '5组5号');
    await page.waitForSelector('.status-in.warn');
    await context.setOffline(false);
    await uploaded(page);
    same((await world.api.eventsSince(before, 'household.registered')).length, 1, 'households registered');
    await page.click('.me');
    await page.getByText('http', { exact: false }).first().waitFor();
    await look(lan, s, 'me-lan');
  },

  async 'one person never sends what another recorded'(world) {
    const village = await someVillage(world);
    const before = await head(world);
    const s = await openPage(world, PHONE);
    const { page, context } = s;
    await page.goto(`${world.base}/place/${village}`);
    await page.waitForSelector('a[href$="/register"]');
    await page.waitForLoadState('networkidle');
    await context.setOffline(true);
    await page.locator(`a[href="/place/${village}/register"]`).click();
    const name = `别人户${Date.now() % 100000}`;
    await register(page, name, '4组4号');
    await page.waitForSelector('.status-in.warn');
    await page.click('.me');
    await page.click('main button.wide');
    await page.waitForSelector('input[name=password]');
    await context.setOffline(false);
    await page.fill('input[name=account]', 'county');
    await page.fill('input[name=password]', world.password);
    await page.keyboard.press('Enter');
    await page.waitForSelector('.tabs');
    await page.locator('.tabs a[href="/outbox"]').click();
    await page.waitForSelector('.entry.pending');
    assert(!(await page.locator('main').innerText()).includes(name), 'another person reads the record');
    same((await world.api.eventsSince(before, 'household.registered')).length, 0, 'households registered');
    await page.click('.me');
    await page.click('main button.wide');
    await page.waitForSelector('input[name=password]');
    await page.fill('input[name=account]', world.account);
    await page.fill('input[name=password]', world.password);
    await page.keyboard.press('Enter');
    await page.waitForSelector('.tabs');
    await uploaded(page);
    const events = await world.api.eventsSince(before, 'household.registered');
    same(events.map((e) => e.actor).join(), world.account, 'recorded by');
  },
};
