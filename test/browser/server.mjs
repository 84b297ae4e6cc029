/* A real server on a demo store of its own, on a free loopback port; or one that runs already (LIANFANG_URL). */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const ACCOUNT = 'town100';
const BINARY = process.env.LIANFANG_BIN ?? 'build/lianfang';

function freePort() {
  return new Promise((resolve, reject) => {
    const s = createServer();
    s.once('error', reject);
    s.listen(0, '127.0.0.1', () => {
      const { port } = s.address();
      s.close(() => resolve(port));
    });
  });
}

function run(args) {
  const r = spawnSync(BINARY, args, { encoding: 'utf8' });
  if (r.status !== 0) {
    throw new Error(`${BINARY} ${args.join(' ')}: ${r.error?.message ?? r.stderr}`);
  }
  return r.stdout;
}

async function answers(base) {
  for (let i = 0; i < 200; i++) {
    const ok = await fetch(`${base}/healthz`).then(
      (r) => r.ok,
      () => false,
    );
    if (ok) {
      return;
    }
    await new Promise((r) => setTimeout(r, 100));
  }
  throw new Error('the server does not answer');
}

/** {base, password, stop()} */
export async function startServer() {
  if (process.env.LIANFANG_URL) {
    return { base: process.env.LIANFANG_URL, password: process.env.LIANFANG_PASSWORD ?? '', stop: () => undefined };
  }
  const dir = mkdtempSync(join(tmpdir(), 'lianfang-browser-'));
  const db = join(dir, 'demo.db');
  const password = 'browser-test-2020';
  const file = join(dir, 'password');
  writeFileSync(file, `${password}\n`);
  run(['demo', 'zhenping', '--with-gaps', '--db', db, '--password-file', file]);
  const port = await freePort();
  const log = [];
  const child = spawn(BINARY, ['serve', '--db', db, '--listen', `127.0.0.1:${port}`], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.on('data', (d) => log.push(d));
  child.stderr.on('data', (d) => log.push(d));
  const base = `http://127.0.0.1:${port}`;
  const stop = () =>
    new Promise((resolve) => {
      child.once('exit', () => {
        rmSync(dir, { recursive: true, force: true });
        resolve();
      });
      child.kill('SIGTERM');
    });
  try {
    await answers(base);
  } catch (error) {
    await stop();
    throw new Error(`${error.message}\n${Buffer.concat(log)}`);
  }
  return { base, password, stop };
}

/** The server's own word, past the app: what a test compares the screen with. */
export async function apiOf(base, password, account = ACCOUNT) {
  const headers = { 'X-Lianfang': '1', 'Content-Type': 'application/json' };
  const signIn = await fetch(`${base}/api/v1/session`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ account, password }),
  });
  if (!signIn.ok) {
    throw new Error(`cannot sign in as ${account}: ${signIn.status} ${await signIn.text()}`);
  }
  const { token } = await signIn.json();
  const get = async (path) => {
    const r = await fetch(`${base}${path}`, { headers: { Authorization: `Bearer ${token}` } });
    if (!r.ok) {
      throw new Error(`${path}: ${r.status} ${await r.text()}`);
    }
    return r.json();
  };
  /** Every event of a type recorded after a point. */
  const eventsSince = async (after, type) => {
    const { events } = await get(`/api/v1/events?after=${after}&type=${type}&limit=500`);
    return events;
  };
  return { get, eventsSince };
}
