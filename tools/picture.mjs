/* The picture of the README: node tools/picture.mjs URL PASSWORD_FILE, with `make run` serving. */
import { readFileSync } from 'node:fs';
import { chromium } from 'playwright-core';

const [url, file] = process.argv.slice(2);
if (file === undefined) {
  process.stderr.write('usage: node tools/picture.mjs URL PASSWORD_FILE\n');
  process.exit(2);
}
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu'],
});
const page = await browser.newPage({ viewport: { width: 1280, height: 880 }, locale: 'zh-CN', timezoneId: 'Asia/Shanghai' });
await page.goto(url);
await page.fill('input[name=account]', 'county');
await page.fill('input[name=password]', readFileSync(file, 'utf8').trim());
await page.keyboard.press('Enter');
await page.waitForSelector('.tabs');
await page.waitForSelector('main .rows');
await page.waitForTimeout(1000);
await page.screenshot({ path: 'docs/picture.png' });
await browser.close();
