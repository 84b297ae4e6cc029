/* A pass as it is carried, taken apart and judged without network: the form of the code, its signature, its dates,
 * and whether it was taken back. Owns no camera and no storage. */
import { hashes, verify } from '@noble/ed25519';
import { sha512 } from '@noble/hashes/sha2.js';

hashes.sha512 = sha512; // crypto.subtle is missing on plain http

const HEAD = 'LF1.';
const SIGNED_AS = new TextEncoder().encode('lianfang pass 1\n');
const SIGNATURE = 64;
const VERSION = 1;
const MINUTE_MS = 60_000;
/** So many bytes of a revoked pass's id are in the list. */
const REVOKED_BYTES = 8;

export interface PassInCode {
  id: Uint8Array;
  /** Six digits. */
  county: string;
  validFrom: number;
  validTo: number;
  idTail: string;
  name: string;
  purpose: string;
  payload: Uint8Array;
  signature: Uint8Array;
}

export type Verdict = 'valid' | 'ahead' | 'expired' | 'revoked' | 'forged' | 'unreadable' | 'no_key';

export interface Judged {
  verdict: Verdict;
  pass?: PassInCode;
}

export function fromBase64url(s: string): Uint8Array | undefined {
  if (!/^[A-Za-z0-9_+/-]*={0,2}$/.test(s)) {
    return undefined;
  }
  try {
    const bytes = atob(s.replace(/=+$/, '').replaceAll('-', '+').replaceAll('_', '/'));
    return Uint8Array.from(bytes, (c) => c.charCodeAt(0));
  } catch {
    return undefined;
  }
}

export function toBase64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '');
}

function number(b: Uint8Array): number {
  return b.reduce((n, x) => n * 256 + x, 0);
}

/** Takes a code apart; undefined when it is not one. Says nothing yet about whether it is true. */
export function readCode(text: string): PassInCode | undefined {
  const s = text.trim();
  const bytes = s.startsWith(HEAD) ? fromBase64url(s.slice(HEAD.length)) : undefined;
  if (bytes === undefined || bytes.length < SIGNATURE + 30) {
    return undefined;
  }
  const payload = bytes.slice(0, -SIGNATURE);
  let at = 0;
  const take = (n: number) => {
    const part = payload.slice(at, at + n);
    at += n;
    return part;
  };
  const words = (b: Uint8Array) => new TextDecoder().decode(b);
  if (number(take(1)) !== VERSION) {
    return undefined;
  }
  const id = take(16);
  const county = String(number(take(3))).padStart(6, '0');
  const validFrom = number(take(4)) * MINUTE_MS;
  const validTo = number(take(4)) * MINUTE_MS;
  const idTail = words(take(number(take(1))));
  const name = words(take(number(take(1))));
  if (at > payload.length) {
    return undefined;
  }
  const purpose = words(payload.slice(at));
  return { id, county, validFrom, validTo, idTail, name, purpose, payload, signature: bytes.slice(-SIGNATURE) };
}

function signed(p: PassInCode, key: Uint8Array): boolean {
  const message = new Uint8Array(SIGNED_AS.length + p.payload.length);
  message.set(SIGNED_AS);
  message.set(p.payload, SIGNED_AS.length);
  try {
    return verify(p.signature, message, key, { zip215: false });
  } catch {
    return false;
  }
}

/** Forged comes before all else: what an untrue code says of itself counts for nothing. */
export function judge(text: string, key: string | undefined, revoked: readonly string[], now: number): Judged {
  const pass = readCode(text);
  if (pass === undefined) {
    return { verdict: 'unreadable' };
  }
  const k = key === undefined ? undefined : fromBase64url(key);
  if (k === undefined || k.length !== 32) {
    return { verdict: 'no_key' };
  }
  if (!signed(pass, k)) {
    return { verdict: 'forged' };
  }
  if (revoked.includes(toBase64url(pass.id.slice(0, REVOKED_BYTES)))) {
    return { verdict: 'revoked', pass };
  }
  return { verdict: now < pass.validFrom ? 'ahead' : now >= pass.validTo ? 'expired' : 'valid', pass };
}
