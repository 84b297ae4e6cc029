/* Signing in and out, and what is said when it does not work. */
import { gzipSync } from 'node:zlib';
import { assert, look, openPage, PHONE, signIn } from './page.mjs';

const SCRIPT_MOST = 40 * 1024;

export const tests = {
  async 'the first page costs at most 40 KiB of script'(world) {
    const page = await (await fetch(world.base)).text();
    let bytes = 0;
    for (const [, src] of page.matchAll(/<script[^>]* src="([^"]+)"/g)) {
      bytes += gzipSync(Buffer.from(await (await fetch(world.base + src)).arrayBuffer()), { level: 9 }).length;
    }
    assert(bytes > 1000 && bytes <= SCRIPT_MOST, `${bytes} bytes`);
  },

  async 'a wrong password is told kindly, the right one opens the home page'(world) {
    const s = await openPage(world, PHONE, { signedIn: false });
    await look(world, s, 'sign-in');
    await s.page.fill('input[name=account]', world.account);
    await s.page.fill('input[name=password]', 'not-the-password');
    await s.page.keyboard.press('Enter');
    await s.page.waitForSelector('form [role=alert]');
    await signIn(world, s.page);
    await s.page.waitForSelector('.bars');
    assert(s.errors.length === 0, s.errors.join('\n'));
  },

  async 'signing out shows the sign-in page and forgets what was read'(world) {
    const s = await openPage(world, PHONE);
    await s.page.waitForSelector('.bars');
    await s.page.click('.me');
    await look(world, s, 'me');
    await s.page.click('main button.wide');
    await s.page.waitForSelector('input[name=password]');
    await s.page.reload();
    await s.page.waitForSelector('input[name=password]');
    const left = await s.page.evaluate(
      () =>
        new Promise((resolve, reject) => {
          const open = indexedDB.open('lianfang');
          open.onerror = () => reject(open.error);
          open.onsuccess = () => {
            const count = open.result.transaction('reads').objectStore('reads').count();
            count.onsuccess = () => resolve(count.result);
          };
        }),
    );
    assert(left === 0, `${left} answers are still on the device`);
  },

  async 'the language is switched and remembered'(world) {
    const s = await openPage(world, PHONE);
    await s.page.waitForSelector('.bars');
    await s.page.click('.top button[lang=en]');
    await s.page.waitForSelector('html[lang=en]');
    await s.page.getByText('Coverage by place').waitFor();
    await look(world, s, 'english');
    await s.page.reload();
    await s.page.getByText('Coverage by place').waitFor();
    await s.page.click('.top button[lang=zh-CN]');
    await s.page.waitForSelector('html[lang=zh-CN]');
  },
};
