/* Muster, request, proposal and dispatch; two officers who send at once; a roster around the clock. */
import { assert, DESK, look, openPage, PHONE, recorded, same, uploaded } from './page.mjs';

const COUNTY = '610927000000';

async function head(world) {
  const { size } = await world.api.get('/api/v1/ledger/head');
  return size;
}

/** A checkpoint that is open, by its name in the list of sites. */
async function checkpoint(world) {
  const { items } = await world.api.get('/api/v1/places/sites?limit=500');
  const site = items.find((s) => s.kind === 'checkpoint' && s.closed === undefined);
  assert(site, 'the demo has no open checkpoint');
  return site;
}

async function askForSupport(page, site, headcount) {
  await page.getByRole('button', { name: '请求支援' }).first().click();
  await page.waitForSelector('dialog[open] select');
  await page.locator('dialog select option', { hasText: site.name }).waitFor({ state: 'attached' });
  await page.selectOption('dialog select', site.id);
  await page.fill('dialog .stepper input', String(headcount));
  const reason = `夜班缺人${Date.now() % 100000}`;
  await page.fill('dialog input[maxlength="200"]', reason);
  await page.locator('dialog button[type=submit]').click();
  await page.waitForSelector('dialog', { state: 'detached' });
  await uploaded(page);
  return reason;
}

export const tests = {
  async 'a request is met by accepting the proposal, one person changed by hand'(world) {
    const site = await checkpoint(world);
    const s = await openPage(world, DESK, { account: 'county' });
    const { page } = s;
    await page.goto(`${world.base}/dispatch?place=${COUNTY}`);
    await page.waitForSelector('.request');
    const reason = await askForSupport(page, site, 3);
    const card = page.locator('.request', { hasText: reason });
    await card.waitFor();
    await page.locator('.propose button.primary').click();
    await card.locator('.pick .check').nth(2).waitFor();
    await look(world, s, 'proposal');
    assert((await card.locator('.why .badge').count()) > 0, 'no reasons are given');
    const out = await card.locator('.pick strong').first().innerText();
    const by = card.locator('.pick select.replace').first();
    await by.selectOption({ index: 1 });
    await card.locator('.why', { hasText: '人工选定' }).waitFor();
    const before = await head(world);
    await card.locator('.proposal > .button.primary').click();
    const sent = await recorded(world, before, 'support.assigned');
    same(sent[0].data.persons.length, 3, `persons sent (one in the place of ${out})`);
    await page.locator('.choice', { hasText: '全部' }).first().locator('input').check();
    await card.locator('.sent .person').nth(2).waitFor();
    await card.locator('.sent button').first().click();
    await recorded(world, before, 'support.arrived');
    await card.getByText('已到', { exact: false }).first().waitFor();
    await look(world, s, 'dispatch');
    assert(s.errors.length === 0, s.errors.join('\n'));
  },

  async 'two officers send the same people: one succeeds, the other is told kindly'(world) {
    const site = await checkpoint(world);
    const first = await openPage(world, DESK, { account: 'county' });
    await first.page.goto(`${world.base}/dispatch?place=${COUNTY}`);
    await first.page.waitForSelector('.requests');
    const reason = await askForSupport(first.page, site, 2);
    const second = await openPage(world, PHONE, { account: 'commander' });
    await second.page.goto(`${world.base}/dispatch?place=${COUNTY}`);
    const cards = [];
    for (const { page } of [first, second]) {
      const card = page.locator('.request', { hasText: reason });
      await card.waitFor();
      await page.locator('.propose button.primary').click();
      await card.locator('.pick .check').nth(1).waitFor();
      cards.push(card);
    }
    await second.context.setOffline(true);
    const before = await head(world);
    await cards[0].locator('.proposal > .button.primary').click();
    await recorded(world, before, 'support.assigned');
    await cards[1].locator('.proposal > .button.primary').click();
    await cards[1].locator('.notice').waitFor();
    await second.context.setOffline(false);
    const told = second.page.locator('.reason', { hasText: '没有派成' });
    await told.waitFor({ timeout: 45_000 });
    await look(world, second, 'conflict');
    await recorded(world, before, 'support.assigned');
    await told.locator('button').click();
    await told.waitFor({ state: 'detached' });
    await uploaded(second.page);
    assert(first.errors.length === 0 && second.errors.length === 0, [...first.errors, ...second.errors].join('\n'));
  },

  async 'people report on post in two taps, and are counted'(world) {
    const summary = async () => {
      const { items } = await world.api.get(`/api/v1/duty/summary?place=${COUNTY}`);
      return items.find((i) => i.place === COUNTY).on_post;
    };
    const on = await summary();
    const s = await openPage(world, PHONE, { account: 'county' });
    const { page } = s;
    await page.goto(`${world.base}/duty?place=${COUNTY}`);
    await page.waitForSelector('.summary');
    await look(world, s, 'duty');
    await page.locator('a[href^="/duty/muster"]').click();
    await page.waitForSelector('.lines .choice');
    const free = page.locator('.lines .choice:not(:has(:disabled))').filter({ hasNotText: '起' });
    const before = await head(world);
    await free.nth(0).locator('input').check();
    await free.nth(1).locator('input').check();
    await look(world, s, 'muster');
    await page.locator('.muster button[type=submit]').click();
    await page.waitForURL(/\/duty\?/);
    await recorded(world, before, 'duty.reported', 2);
    same(await summary(), on + 2, 'on post');
    await page.locator('button.row-in').first().click();
    await page.waitForSelector('dialog[open]');
    await look(world, s, 'report');
    await page.locator('dialog .statuses button', { hasText: '离岗' }).click();
    await page.waitForSelector('dialog', { state: 'detached' });
    await recorded(world, before, 'duty.reported', 3);
    same(await summary(), on + 1, 'on post after one left');
    assert(s.errors.length === 0, s.errors.join('\n'));
  },

  async 'a roster is made, looked over and taken'(world) {
    const { items } = await world.api.get('/api/v1/duty/requests?kind=all&limit=100');
    const manned = items.find((r) => r.people.some((p) => p.arrived && !p.released));
    assert(manned, 'the demo has nobody who arrived at a site');
    const s = await openPage(world, DESK, { account: 'county' });
    const { page } = s;
    await page.goto(`${world.base}/roster?place=${COUNTY}&site=${manned.site}`);
    await page.getByRole('button', { name: '排出来看看' }).click();
    await page.waitForSelector('.made .shift');
    await look(world, s, 'roster-plan');
    const before = await head(world);
    const slots = await page.locator('.made .shift').count();
    await page.locator('.made > .button.primary').click();
    await page.locator('.made').waitFor({ state: 'detached' });
    await uploaded(page);
    const planned = await world.api.eventsSince(before, 'shift.planned');
    assert(planned.length > 0 && planned.length <= slots, `${planned.length} of ${slots} shifts planned`);
    await page.waitForSelector('.days .shift');
    await look(world, s, 'roster');
    assert(s.errors.length === 0, s.errors.join('\n'));
  },
};
