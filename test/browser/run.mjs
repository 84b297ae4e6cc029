/* Runs the browser tests: every test file of this folder, in one Chromium against one server. */
import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { ACCOUNT, apiOf, startServer } from './server.mjs';

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // A name that is not loopback to the browser: plain http on it is what an office LAN looks like.
  '--host-resolver-rules=MAP office.lan 127.0.0.1',
];

const only = process.argv.slice(2);
const say = (text) => process.stdout.write(`${text}\n`);
let passed = 0;
let failed = 0;

async function main() {
  const server = await startServer();
  const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
  const browser = await chromium.launch({ executablePath, args: FLAGS });
  const shots = process.env.LIANFANG_SHOTS ?? mkdtempSync(join(tmpdir(), 'lianfang-shots-'));
  const { base, password } = server;
  const world = { base, password, browser, shots, account: ACCOUNT, api: await apiOf(base, password, 'county') };
  try {
    const files = readdirSync(import.meta.dirname ?? new URL('.', import.meta.url).pathname);
    for (const file of files.filter((f) => f.endsWith('.test.mjs')).sort()) {
      const { tests } = await import(`./${file}`);
      for (const [name, test] of Object.entries(tests)) {
        if (only.length === 0 || only.some((o) => `${file} ${name}`.includes(o))) {
          await runOne(world, `${file.replace('.test.mjs', '')}: ${name}`, test);
        }
      }
    }
    say(`screenshots in ${shots}`);
  } finally {
    await browser.close();
    await server.stop();
  }
}

async function runOne(world, name, test) {
  const start = Date.now();
  try {
    await test(world);
    passed++;
    say(`ok   ${name} (${Date.now() - start} ms)`);
  } catch (error) {
    failed++;
    say(`FAIL ${name}\n     ${error.stack ?? error}`);
    await photograph(world, name);
  } finally {
    for (const c of world.browser.contexts()) {
      await c.close();
    }
  }
}

/** The last sight of a failed test. */
async function photograph(world, name) {
  const pages = world.browser.contexts().flatMap((c) => c.pages());
  for (const [i, page] of pages.entries()) {
    const path = join(world.shots, `FAIL-${name.replace(/\W+/g, '-')}-${i}.png`);
    await page.screenshot({ path }).catch(() => undefined);
  }
}

try {
  await main();
} catch (error) {
  failed++;
  say(`FAIL ${error.stack ?? error}`);
}
say(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
