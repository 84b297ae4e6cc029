/* The server's description as this app last accepted it: openapi.json, written for reading and comparing.
 *   node web/openapi.mjs FILE|URL          takes over a new one
 *   node web/openapi.mjs --check FILE|URL  fails when it differs; `-` reads standard input */
import { readFileSync, writeFileSync } from 'node:fs';

const KEPT = new URL('openapi.json', import.meta.url);
const check = process.argv[2] === '--check';
const source = process.argv[check ? 3 : 2];

async function load(from) {
  if (/^https?:/.test(from)) {
    const response = await fetch(from);
    if (!response.ok) {
      throw new Error(`${from}: ${response.status}`);
    }
    return response.text();
  }
  return readFileSync(from === '-' ? 0 : from, 'utf8');
}

if (source === undefined) {
  process.stderr.write('usage: node web/openapi.mjs [--check] FILE|URL|-\n');
  process.exit(2);
}
const text = `${JSON.stringify(JSON.parse(await load(source)), null, 1)}\n`;
if (!check) {
  writeFileSync(KEPT, text);
} else if (text !== readFileSync(KEPT, 'utf8')) {
  process.stderr.write(`web/openapi.json is not what the server says; run: node web/openapi.mjs ${source}\n`);
  process.exit(1);
}
