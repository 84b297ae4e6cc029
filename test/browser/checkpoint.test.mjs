/* At the bar: a vehicle with several people in one record, fever, people known again, without signal; passes. */
import { assert, DESK, look, openPage, PHONE, same, uploaded } from './page.mjs';

const VILLAGE = '610927100200';
/** Valid by its check digit, of a region there is not. */
const IDS = ['990101199001010014', '990101198502020039', '99010119920303005X'];

function checked(id17) {
  const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
  const sum = weights.reduce((n, w, i) => n + w * Number(id17[i]), 0);
  return id17 + '10X98765432'[sum % 11];
}

const idOf = (n) => checked(IDS[n].slice(0, 17));

async function head(world) {
  const { size } = await world.api.get('/api/v1/ledger/head');
  return size;
}

/** At the first open checkpoint of the county. */
async function atBar(world, device = PHONE) {
  const { items } = await world.api.get('/api/v1/checkpoints/sites?limit=100');
  const site = items.find((s) => s.open);
  assert(site, 'the demo has no open checkpoint');
  const s = await openPage(world, device, { account: 'county' });
  await s.page.goto(`${world.base}/checkpoint`);
  await s.page.locator('.site', { hasText: site.name }).click();
  await s.page.waitForSelector('form.passage');
  return { ...s, site };
}

const person = (page, n) => page.locator('.traveller').nth(n);
const field = (page, n, label) => person(page, n).getByLabel(label, { exact: false }).first();

async function goTo(page, n, name) {
  await person(page, n).locator('.place-button').click();
  await person(page, n).locator('input[type=search]').fill(name);
  await person(page, n).locator('.places button', { hasText: name }).first().click();
}

async function save(page) {
  await page.locator('.save-bar button[type=submit]').click();
}

/** The form is empty again: what was in it is kept. */
async function next(page) {
  await page.waitForFunction(() => document.querySelector('.passage .plate')?.value === 'G');
}

export const tests = {
  async 'a vehicle with a feverish passenger: no pass, and the follow-up is among the village’s tasks'(world) {
    const before = await head(world);
    const s = await atBar(world);
    const { page } = s;
    const name = `王发热${before % 100000}`;
    await page.locator('.plate').fill('g12345');
    await field(page, 0, '身份证号').fill(idOf(0));
    await field(page, 0, '姓名').fill('王司机');
    await person(page, 0).locator('.degrees button').first().click();
    assert(await person(page, 0).locator('input[value=pass]').isChecked(), 'healthy, and not let pass by itself');
    await look(world, s, 'checkpoint');

    await page.locator('.passage > button.wide.tall').last().click();
    await field(page, 1, '姓名').fill(name);
    await person(page, 1).locator('.degrees input').fill('37.2');
    assert(await person(page, 1).locator('input[value=pass]').isChecked(), '37.2 passes');
    await person(page, 1).locator('.degrees button').last().click();
    assert(await person(page, 1).locator('input[value=pass]').isDisabled(), '37.3 may still pass');
    await person(page, 1).locator('.reason[role=alert]').waitFor();
    await save(page);
    await page.waitForSelector('.decide input:focus, .wrong');
    same(await page.locator('.entry').count(), 0, 'nothing is kept while somebody with fever has no decision');
    await person(page, 1).locator('input[value=follow_up]').check();
    await save(page);
    await person(page, 1).locator('.wrong .place-button').waitFor();
    await goTo(page, 1, '蔬菜村');
    await look(world, s, 'checkpoint-fever');
    await save(page);
    await next(page);
    await uploaded(page);
    const [record, ...more] = await world.api.eventsSince(before, 'screening.recorded');
    same(more.length, 0, 'further records');
    same(record.data.people.length, 2, 'people in the record');
    await page.locator('.rows', { hasText: '随访' }).first().waitFor(); // the latest passage, by the worst decision in it
    await look(world, s, 'checkpoint-next');
    assert(s.errors.length === 0, s.errors.join('\n'));

    const v = await openPage(world, PHONE, { account: 'village' });
    await v.page.goto(`${world.base}/tasks`);
    await v.page.locator('.task', { hasText: name }).first().waitFor();
    await look(world, v, 'tasks-village');
    await v.page.goto(`${world.base}/followups?place=${VILLAGE}&kind=open`);
    await v.page.locator('.followup', { hasText: name }).waitFor();
    await look(world, v, 'followups');
    assert(v.errors.length === 0, v.errors.join('\n'));
  },

  async 'without signal: registered, known again by id number and by plate, sent once'(world) {
    const before = await head(world);
    const s = await atBar(world);
    const { page, context } = s;
    await page.waitForLoadState('networkidle');
    await context.setOffline(true);
    await page.locator('.plate').fill('G23456');
    await field(page, 0, '身份证号').fill(idOf(1));
    await field(page, 0, '姓名').fill('王离线');
    await person(page, 0).locator('.degrees button').first().click();
    await save(page);
    await next(page);
    await page.locator('.unsent', { hasText: 'G23456' }).waitFor();

    await field(page, 0, '身份证号').fill(idOf(1));
    await page.waitForFunction(() =>
      [...document.querySelectorAll('.traveller input')].some((i) => i.value === '王离线'),
    );
    await page.locator('.plate').fill('G23456');
    await page.locator('.save-bar .quiet').click();
    await next(page);
    await page.locator('.plate').fill('G23456');
    await page.locator('.passage > button.wide', { hasText: '王离线' }).click();
    await person(page, 0).locator('.degrees button').first().click();
    await look(world, s, 'checkpoint-offline');
    await save(page);
    await next(page);
    same(await page.locator('.unsent').count(), 2, 'passages waiting');
    await context.setOffline(false);
    await uploaded(page);
    same((await world.api.eventsSince(before, 'screening.recorded')).length, 2, 'passages recorded');
    assert(s.errors.length === 0, s.errors.join('\n'));
  },

  async 'what is wrong is said before it is kept'(world) {
    const s = await atBar(world, DESK);
    const { page } = s;
    await page.locator('.plate').fill('');
    await field(page, 0, '身份证号').fill(`${idOf(2).slice(0, 17)}${idOf(2).endsWith('1') ? '2' : '1'}`);
    await save(page);
    await page.waitForSelector('.plate[aria-invalid]');
    const errors = await page.locator('.passage .error').allInnerTexts();
    assert(errors.length >= 4, `plate, id, name and decision are wrong, said: ${errors}`);
    await look(world, s, 'checkpoint-wrong');
    same(await page.locator('.unsent').count(), 0, 'records kept');
  },

  async 'a pass is valid, forged and revoked in one glance, also without signal'(world) {
    const before = await head(world);
    const s = await openPage(world, PHONE, { account: 'county' });
    const { page, context } = s;
    await page.goto(`${world.base}/passes/new`);
    await page.getByLabel('姓名').fill('王通行');
    await page.getByLabel('身份证号').fill(idOf(0));
    await page.getByLabel('事由').fill('运送药品');
    await look(world, s, 'pass-new');
    await page.locator('form button[type=submit]').click();
    await page.waitForURL('**/passes');
    await uploaded(page);
    const [issued] = await world.api.eventsSince(before, 'pass.issued');
    await page.goto(`${world.base}/pass/${issued.id}`);
    await page.waitForSelector('.qr');
    await page.waitForFunction(() => document.querySelector('.qr')?.naturalWidth > 0);
    await look(world, s, 'pass');
    await page.locator('details', { hasText: 'LF1.' }).locator('summary').click();
    const code = (await page.locator('.code').innerText()).trim();
    const svg = await page.locator('.qr').getAttribute('src');

    await page.goto(`${world.base}/verify`);
    await page.waitForLoadState('networkidle');
    await context.setOffline(true);
    const verdict = async (text) => {
      await page.getByLabel('通行证编码').fill(text);
      await page.locator('form button[type=submit]').click();
      return page.locator('.verdict').getAttribute('data-verdict');
    };
    same(await verdict(code), 'valid', 'the pass');
    await look(world, s, 'verify-valid');
    const at = code.length - 40;
    const other = code[at] === 'A' ? 'B' : 'A';
    same(await verdict(code.slice(0, at) + other + code.slice(at + 1)), 'forged', 'a changed code');
    await look(world, s, 'verify-forged');
    same(await verdict('https://example.org'), 'unreadable', 'something else');
    await context.setOffline(false);

    // The camera sees what a phone shows.
    await page.addInitScript((src) => {
      navigator.mediaDevices.getUserMedia = async () => {
        const canvas = document.createElement('canvas');
        canvas.width = canvas.height = 480;
        const image = new Image();
        image.src = src;
        await image.decode();
        setInterval(() => canvas.getContext('2d').drawImage(image, 40, 40, 400, 400), 50);
        return canvas.captureStream(10);
      };
    }, svg);
    await page.reload();
    await page.locator('button.primary.tall').click();
    await page.waitForSelector('.verdict[data-verdict=valid]', { timeout: 20_000 });

    await page.goto(`${world.base}/pass/${issued.id}`);
    await page.locator('.pass .buttons .quiet').click();
    await page.locator('dialog button.danger').click();
    await page.waitForSelector('dialog', { state: 'detached' });
    await uploaded(page);
    await page.goto(`${world.base}/verify`);
    await page.waitForLoadState('networkidle');
    same(await verdict(code), 'revoked', 'a pass taken back');
    assert(s.errors.length === 0, s.errors.join('\n'));
  },
};
