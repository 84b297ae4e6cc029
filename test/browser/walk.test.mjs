/* From the county to a household, through gaps and figures, on a phone and on a desk. */
import { assert, DESK, look, openPage, PHONE, same } from './page.mjs';

const COUNTY = '610927000000';

async function walk(world, device) {
  const s = await openPage(world, device, { account: 'county' });
  const { page } = s;
  await page.waitForSelector('.bars');
  same(await page.locator('.bars > li').count(), 7, 'towns in the county');
  same(await page.locator('a[href^="/figure/villages"] .tile-value').innerText(), '62', 'villages of the county');
  await look(world, s, 'county');
  await page.locator('.bar-row').first().click();
  await page.waitForURL(/\/place\/610927\d{3}000$/);
  await page.waitForSelector('.crumbs');
  await page.waitForSelector('.bars');
  await look(world, s, 'town');
  await page.locator('.bar-row').first().click();
  await page.waitForURL(/\/place\/610927\d{6}$/);
  await page.waitForSelector('a[href^="/group/"]');
  await page.waitForSelector('a[href^="/household/"]');
  await look(world, s, 'village');
  await page.locator('a[href^="/group/"]').first().click();
  await page.waitForSelector('.roles');
  await page.waitForSelector('a[href^="/household/"]');
  await look(world, s, 'group');
  await page.locator('a[href^="/person/"]').first().click();
  await page.waitForSelector('.facts');
  await look(world, s, 'person');
  await page.goBack();
  await page.waitForSelector('a[href^="/household/"]');
  await page.locator('a[href^="/household/"]').first().click();
  await page.waitForSelector('.facts');
  await page.waitForSelector('.roles');
  const above = await page.locator('.crumbs a').evaluateAll((links) => links.map((a) => a.pathname));
  same(above[0], `/place/${COUNTY}`, 'first place above the household');
  assert(above.length >= 4 && above.at(-1).startsWith('/group/'), `above the household: ${above}`);
  await page.locator('.history summary').click();
  assert((await page.locator('.timeline > li').count()) > 0, 'the household has no history');
  await look(world, s, 'household');
  assert(s.errors.length === 0, s.errors.join('\n'));
}

async function figures(world, device) {
  const s = await openPage(world, device, { account: 'county' });
  const { page } = s;
  await page.waitForSelector('.tabs');
  await page.click('.tabs a[href="/figures"]');
  await page.waitForSelector('.rows');
  await look(world, s, 'figures');
  await page.goto(`${world.base}/figures?place=${COUNTY}&as_of=2020-02-08`);
  const row = page.locator('a[href^="/figure/people.stationed_official"]');
  same(await row.locator('strong').innerText(), '406', 'stationed officials on 8 February 2020');
  await page.goto(`${world.base}/figure/teams.temporary_organisation?place=${COUNTY}&as_of=2020-02-08`);
  await page.waitForSelector('.chart');
  same(await page.locator('.huge').innerText(), '11', 'temporary organisations on 8 February 2020');
  await page.waitForSelector('.thing');
  same(await page.locator('.thing').count(), 11, 'things behind the figure');
  await page.locator('.thing summary').first().click();
  assert((await page.locator('.thing .timeline > li').count()) > 0, 'no records behind the thing');
  await look(world, s, 'figure');
  await page.locator('.thing details[open] a').click();
  await page.waitForURL(/\/team\//);
  await page.waitForSelector('.rows');
  await look(world, s, 'team');
  assert(s.errors.length === 0, s.errors.join('\n'));
}

async function gaps(world, device) {
  const s = await openPage(world, device, { account: 'county' });
  const { page } = s;
  await page.waitForSelector('.tabs');
  await page.click('.tabs a[href="/gaps"]');
  await page.waitForSelector('a[href*="/staff"]');
  await look(world, s, 'gaps');
  await page.locator('a[href*="/staff"]').first().click();
  await page.waitForSelector('.lines .choice');
  await look(world, s, 'staff');
  assert(s.errors.length === 0, s.errors.join('\n'));
}

export const tests = {
  'county to household on a phone': (world) => walk(world, PHONE),
  'county to household on a desk': (world) => walk(world, DESK),
  'figures open into their records on a phone': (world) => figures(world, PHONE),
  'figures open into their records on a desk': (world) => figures(world, DESK),
  'gaps lead to where they are mended on a phone': (world) => gaps(world, PHONE),
  'gaps lead to where they are mended on a desk': (world) => gaps(world, DESK),

  async 'personal data is masked until a reason is given, and only then shown'(world) {
    const s = await openPage(world, PHONE, { account: 'county' });
    const { page } = s;
    const { items } = await world.api.get('/api/v1/grid/households?place=610927100000&limit=1');
    await page.goto(`${world.base}/household/${items[0].id}`);
    await page.waitForSelector('.facts');
    const name = () => page.locator('.facts dd').first().innerText();
    const masked = await name();
    assert(masked.includes('*'), `not masked: ${masked}`);
    await page.locator('.card-head button').click();
    await page.waitForSelector('dialog[open]');
    await look(world, s, 'reason');
    await page.locator('dialog button[type=submit]').click();
    await page.waitForSelector('dialog .error');
    await page.locator('dialog .choice').first().click();
    await page.locator('dialog button[type=submit]').click();
    await page.waitForFunction((m) => document.querySelector('.facts dd')?.textContent !== m, masked);
    assert(!(await name()).includes('*'), 'still masked');
    await page.reload();
    await page.waitForSelector('.facts');
    same(await name(), masked, 'after a reload');
  },
};
