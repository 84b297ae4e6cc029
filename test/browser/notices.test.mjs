/* A notice goes down: written at the county, acknowledged and passed on by a town, acknowledged in a village without
 * network; the county sees it come in, and can look back. */
import { assert, DESK, look, openPage, PHONE, recorded, same, uploaded } from './page.mjs';
import { apiOf } from './server.mjs';

const COUNTY = '610927000000';
const TOWN = '610927100000';
const VILLAGE = '610927100200';

async function head(world) {
  const { size } = await world.api.get('/api/v1/ledger/head');
  return size;
}

async function onlyEvent(world, before, type) {
  const [event] = await recorded(world, before, type);
  return event;
}

/** Fills the form that is open and issues the notice; the places are already chosen. */
async function issue(page, title) {
  await page.waitForSelector('form.form textarea');
  const fields = page.locator('form.form input[maxlength="200"]');
  await fields.fill(title);
  if ((await page.locator('form.form textarea').inputValue()) === '') {
    await page.fill('form.form textarea', '一、立即传达\n收到后请立即签收并逐级传达到村。');
  }
  await page.locator('form.form button[type=submit]').click();
  await page.waitForURL(/\/notices/);
  await uploaded(page);
}

async function tick(page, name) {
  await page.locator('.choice', { hasText: name }).locator('input').check();
}

async function acknowledge(page, title) {
  const ask = page.locator('.ask', { hasText: title });
  await ask.locator('button.primary').click();
}

export const tests = {
  async 'issued at the county, acknowledged down to a village, seen in the cascade'(world) {
    const title = `关于值班值守的通知${Date.now() % 100000}`;
    let before = await head(world);
    const county = await openPage(world, DESK, { account: 'county' });
    await county.page.goto(`${world.base}/notices/new?place=${COUNTY}`);
    await county.page.waitForSelector('.branches');
    await look(world, county, 'notice-new');
    await county.page.locator('form.form button[type=submit]').click();
    await county.page.waitForSelector('.field.wrong');
    await tick(county.page, '城关镇');
    await issue(county.page, title);
    const notice = (await onlyEvent(world, before, 'notice.issued')).data.id;
    await county.page.locator('.row', { hasText: title }).waitFor();
    await look(world, county, 'notices');
    await county.page.goto(`${world.base}/notice/${notice}/cascade`);
    await county.page.waitForSelector('table.cascade');
    same(await county.page.locator('.cascade tbody tr').count(), 1, 'units at first');

    before = await head(world);
    const town = await openPage(world, DESK, { account: 'town100' });
    await town.page.click('.tabs a[href="/notices"]');
    await town.page.locator('.ask', { hasText: title }).waitFor();
    await acknowledge(town.page, title);
    await uploaded(town.page);
    same((await onlyEvent(world, before, 'notice.acknowledged')).data.unit, TOWN, 'unit that acknowledged');
    before = await head(world);
    await town.page.goto(`${world.base}/notice/${notice}`);
    await town.page.locator(`a[href*="/notices/new?parent=${notice}"]`).click();
    await town.page.waitForSelector('.leaves');
    const body = await town.page.locator('form.form textarea').inputValue();
    assert(body.includes('逐级传达到村'), 'the text above is not in the form');
    const own = `转发${title}`;
    await issue(town.page, own);
    const passed = await onlyEvent(world, before, 'notice.issued');
    same(passed.data.parent, notice, 'what the notice rests on');
    assert(passed.data.to.places.includes(VILLAGE) && passed.data.to.places.length === 13, 'not sent to every village');

    const village = await openPage(world, PHONE, { account: 'village' });
    await village.page.goto(`${world.base}/notices`);
    await village.page.locator('.ask', { hasText: own }).waitFor();
    await look(world, village, 'notices');
    await village.page.waitForLoadState('networkidle').catch(() => undefined);
    await village.context.setOffline(true);
    before = await head(world);
    await acknowledge(village.page, own);
    await village.page.locator('.ask .badge.warn', { hasText: '待上传' }).waitFor();
    same(await head(world), before, 'size of the ledger while offline');
    await village.context.setOffline(false);
    await uploaded(village.page);
    same((await onlyEvent(world, before, 'notice.acknowledged')).data.unit, VILLAGE, 'unit that acknowledged');
    await village.page.locator('.ask', { hasText: own }).waitFor({ state: 'detached' });

    // Nobody touched the county's page meanwhile.
    const row = county.page.locator('.cascade tbody tr', { hasText: '蔬菜村' });
    await row.locator('.badge.good').waitFor({ timeout: 45_000 });
    same(await county.page.locator('.cascade tbody tr').count(), 14, 'units in the end');
    await look(world, county, 'cascade');
    const { issued } = await world.api.get(`/api/v1/notices/notices/${notice}/cascade`);
    await county.page.goto(`${world.base}/notice/${notice}/cascade?at=${encodeURIComponent(issued)}`);
    await county.page.waitForSelector('table.cascade');
    same(await county.page.locator('.cascade .badge.good').count(), 0, 'acknowledged when it was issued');
    for (const s of [county, town, village]) {
      assert(s.errors.length === 0, s.errors.join('\n'));
    }
  },

  async 'a cascade is read on a phone, looked through and printed'(world) {
    const { items } = await world.api.get('/api/v1/notices/notices?kind=emergency_notice&limit=100');
    const late = items.find((n) => n.late > 0 && n.place !== COUNTY);
    assert(late, 'the demo has no notice that is late');
    const s = await openPage(world, PHONE, { account: 'county' });
    const { page } = s;
    await page.goto(`${world.base}/notice/${late.id}/cascade`);
    await page.waitForSelector('.cascade tbody tr');
    await look(world, s, 'cascade');
    await page.locator('.choice', { hasText: '超时' }).locator('input').check();
    same(await page.locator('.cascade tbody tr').count(), late.late, 'late units');
    const slider = page.locator('input[type=range]');
    await slider.focus();
    await page.keyboard.press('Home');
    await page.waitForURL(/at=/);
    await page.waitForFunction(() => document.querySelectorAll('.cascade tbody tr').length === 0);
    await page.emulateMedia({ media: 'print' });
    same(await page.locator('.no-print').first().isVisible(), false, 'controls on paper');
    await page.emulateMedia({ media: 'screen' });
    await page.goto(`${world.base}/notice/${late.id}`);
    await page.waitForSelector('.document');
    await look(world, s, 'notice');
    assert(s.errors.length === 0, s.errors.join('\n'));
  },

  async 'a draft is kept, and a withdrawn notice says so to those who had it'(world) {
    const title = `关于车辆的通知${Date.now() % 100000}`;
    const s = await openPage(world, PHONE, { account: 'town100' });
    const { page } = s;
    await page.goto(`${world.base}/notices/new?place=${TOWN}`);
    await page.waitForSelector('form.form textarea');
    await page.fill('form.form input[maxlength="200"]', title);
    await page.waitForURL(/draft=/);
    await page.reload();
    await page.waitForSelector('form.form textarea');
    same(await page.locator('form.form input[maxlength="200"]').inputValue(), title, 'title of the draft');
    await look(world, s, 'notice-draft');
    await tick(page, '蔬菜村');
    const before = await head(world);
    await issue(page, title);
    const notice = (await onlyEvent(world, before, 'notice.issued')).data.id;
    await page.goto(`${world.base}/notice/${notice}`);
    await page.waitForSelector('.document');
    await page.locator('button.quiet', { hasText: '撤回' }).click();
    await page.locator('dialog button[type=submit]').click();
    await page.waitForSelector('dialog .error');
    await page.fill('dialog input', '内容有误（演示）');
    await page.locator('dialog button[type=submit]').click();
    await onlyEvent(world, before, 'notice.withdrawn');
    const seen = await (await apiOf(world.base, world.password, 'village')).get(`/api/v1/notices/notices/${notice}`);
    assert(seen.withdrawn, 'the village does not see the withdrawal');
    const village = await openPage(world, PHONE, { account: 'village' });
    await village.page.goto(`${world.base}/notice/${notice}`);
    await village.page.locator('.reason').waitFor();
    same(await village.page.locator('button', { hasText: '签收' }).count(), 0, 'buttons to acknowledge');
    await look(world, village, 'notice-withdrawn');
    for (const x of [s, village]) {
      assert(x.errors.length === 0, x.errors.join('\n'));
    }
  },
};
