/* A pass verified without network: true, changed in any byte, signed by somebody else, too old, taken back. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { judge, readCode, toBase64url } from '../../src/screens/passes/code';

const MINUTE = 60_000;
const FROM = Date.parse('2020-02-08T00:00:00+08:00');
const TO = Date.parse('2020-02-15T00:00:00+08:00');
const ID = Uint8Array.from({ length: 16 }, (_, i) => i + 1);
const NOW = FROM + 3_600_000;

const pair = generateKeyPairSync('ed25519');
/** The raw key is the end of its SubjectPublicKeyInfo. */
const rawOf = (k: KeyObject) => Uint8Array.from(k.export({ type: 'spki', format: 'der' }).subarray(-32));
const key = toBase64url(rawOf(pair.publicKey));

function payload(): Uint8Array {
  const number = (n: number, bytes: number) =>
    Array.from({ length: bytes }, (_, i) => Math.floor(n / 256 ** (bytes - 1 - i)) % 256);
  const text = (s: string) => [...new TextEncoder().encode(s)];
  const name = text('王*');
  return Uint8Array.from([
    1,
    ...ID,
    ...number(610927, 3),
    ...number(FROM / MINUTE, 4),
    ...number(TO / MINUTE, 4),
    4,
    ...text('001X'),
    name.length,
    ...name,
    ...text('运送药品'),
  ]);
}

/** Signed by OpenSSL, so that nothing here vouches for itself. */
function code(body = payload(), by = pair.privateKey, prefix = 'lianfang pass 1\n'): string {
  const signature = sign(null, Buffer.concat([Buffer.from(prefix), body]), by);
  return `LF1.${toBase64url(Uint8Array.from(Buffer.concat([body, signature])))}`;
}

const verdict = (text: string, now = NOW, revoked: string[] = [], k: string | undefined = key) =>
  judge(text, k, revoked, now).verdict;

describe('a pass', () => {
  it('is read back as it was written', () => {
    expect(readCode(code())).toMatchObject({
      county: '610927',
      validFrom: FROM,
      validTo: TO,
      idTail: '001X',
      name: '王*',
      purpose: '运送药品',
    });
  });

  it('is valid from its first minute to before its last', () => {
    expect(verdict(code())).toBe('valid');
    expect(verdict(` ${code()}\n`)).toBe('valid');
    expect(verdict(code(), FROM)).toBe('valid');
    expect(verdict(code(), FROM - 1)).toBe('ahead');
    expect(verdict(code(), TO - 1)).toBe('valid');
    expect(verdict(code(), TO)).toBe('expired');
  });

  it('is revoked when the beginning of its id is in the list', () => {
    expect(verdict(code(), NOW, [toBase64url(ID.slice(0, 8))])).toBe('revoked');
    expect(verdict(code(), NOW, [toBase64url(ID.slice(8))])).toBe('valid');
    expect(verdict(code(), TO + 1, [toBase64url(ID.slice(0, 8))])).toBe('revoked');
  });

  it('is forged when any one byte was changed', () => {
    const bytes = Buffer.from(code().slice(4), 'base64url');
    for (let i = 0; i < bytes.length; i++) {
      const changed = Uint8Array.from(bytes);
      changed[i] = (changed[i] ?? 0) ^ 1;
      expect(['forged', 'unreadable'], `byte ${i}`).toContain(verdict(`LF1.${toBase64url(changed)}`));
    }
  });

  it('is forged when another key signed it, or for another purpose', () => {
    const other = generateKeyPairSync('ed25519');
    expect(verdict(code(payload(), other.privateKey))).toBe('forged');
    expect(verdict(code(payload(), pair.privateKey, 'lianfang head 1\n'))).toBe('forged');
  });

  it('shows nothing of what a forged code says', () => {
    const other = generateKeyPairSync('ed25519');
    expect(judge(code(payload(), other.privateKey), key, [], NOW).pass).toBeUndefined();
  });

  it.each(['', 'LF1.', 'LF1.AAAA', 'LF2.AAAA', 'https://example.org', 'LF1.***', `LF1.${'A'.repeat(4000)}`])(
    'does not read “%s”',
    (text) => {
      expect(['unreadable', 'forged']).toContain(verdict(text));
    },
  );

  it('is not judged without a key', () => {
    expect(judge(code(), undefined, [], NOW)).toEqual({ verdict: 'no_key' });
    expect(verdict(code(), NOW, [], 'AAAA')).toBe('no_key');
  });

  it('keys come out of the pair as expected', () => {
    const again = createPublicKey(createPrivateKey(pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()));
    expect(toBase64url(rawOf(again))).toBe(key);
  });
});
