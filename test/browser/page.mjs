/* What every browser test needs of a page: signing in, looking, checking that everybody can use it. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export const PHONE = { name: 'phone', viewport: { width: 360, height: 740 }, deviceScaleFactor: 2, hasTouch: true };
export const DESK = { name: 'desk', viewport: { width: 1440, height: 900 } };

export function assert(ok, message) {
  if (!ok) {
    throw new Error(message);
  }
}

export function same(got, wanted, what) {
  assert(Object.is(got, wanted), `${what}: ${JSON.stringify(got)} instead of ${JSON.stringify(wanted)}`);
}

export async function openPage(world, device, { signedIn = true, account } = {}) {
  const { name: _name, ...options } = device;
  const context = await world.browser.newContext({ ...options, locale: 'zh-CN', timezoneId: 'Asia/Shanghai' });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const errors = [];
  page.on('pageerror', (e) => errors.push(e.message));
  page.on('console', (m) => {
    // Requests cut on purpose and refused sign-ins are reported by the browser itself.
    if (m.type() === 'error' && !m.text().startsWith('Failed to load resource')) {
      errors.push(m.text());
    }
  });
  await page.goto(world.base);
  if (signedIn) {
    await signIn(world, page, account);
  }
  return { context, page, errors, device: device.name };
}

export async function signIn(world, page, account = world.account) {
  await page.fill('input[name=account]', account);
  await page.fill('input[name=password]', world.password);
  await page.keyboard.press('Enter');
  await page.waitForSelector('.tabs');
}

/** Takes a picture and lets axe look for what shuts people out. */
export async function look(world, session, name) {
  const { page, device } = session;
  await page.waitForFunction(() => !document.querySelector('.spinner'));
  await page.evaluate(() => document.fonts.ready);
  await page.mouse.move(0, 0);
  await page.screenshot({ path: join(world.shots, `${device}-${name}.png`) });
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() =>
    globalThis.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'] }),
  );
  const told = violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(' ')).join(', ')}`);
  assert(told.length === 0, `${name} (${device}): ${told.join('; ')}`);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert(wide <= 0, `${name} (${device}) is ${wide}px wider than the screen`);
}

/** Waits until nothing is on its way, by what the page itself says. */
export async function uploaded(page) {
  await page.waitForSelector('.status-in.good', { timeout: 30_000 });
}

/** The events of a type recorded after a point, waited for until there are as many as wanted. */
export async function recorded(world, before, type, wanted = 1) {
  for (let tries = 0; ; tries++) {
    const events = await world.api.eventsSince(before, type);
    if (events.length >= wanted || tries === 100) {
      same(events.length, wanted, `${type} recorded`);
      return events;
    }
    await new Promise((r) => setTimeout(r, 200));
  }
}
