/* A pass verified without network: true, changed in any byte, signed by somebody else, too old, taken back. */
import { describe, expect, it } from 'vitest';
import { fromBase64url, judge, readCode, toBase64url } from '../../src/screens/passes/code';

const MINUTE = 60_000;
const FROM = Date.parse('2020-02-08T00:00:00+08:00');
const TO = Date.parse('2020-02-15T00:00:00+08:00');
const ID = Uint8Array.from({ length: 16 }, (_, i) => i + 1);
const NOW = FROM + 3_600_000;

const newPair = () => crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify']) as Promise<CryptoKeyPair>;
const pair = await newPair();
const key = toBase64url(new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey)));

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

/** Signed by the platform, so that nothing here vouches for itself. */
async function signed(body = payload(), by = pair.privateKey, prefix = 'lianfang pass 1\n'): Promise<string> {
  const message = Uint8Array.from([...new TextEncoder().encode(prefix), ...body]);
  const signature = new Uint8Array(await crypto.subtle.sign('Ed25519', by, message));
  return `LF1.${toBase64url(Uint8Array.from([...body, ...signature]))}`;
}

const code = await signed();
const other = (await newPair()).privateKey;

const verdict = (text: string, now = NOW, revoked: string[] = [], k: string | undefined = key) =>
  judge(text, k, revoked, now).verdict;

describe('a pass', () => {
  it('is read back as it was written', () => {
    expect(readCode(code)).toMatchObject({
      county: '610927',
      validFrom: FROM,
      validTo: TO,
      idTail: '001X',
      name: '王*',
      purpose: '运送药品',
    });
  });

  it('is valid from its first minute to before its last', () => {
    expect(verdict(code)).toBe('valid');
    expect(verdict(` ${code}\n`)).toBe('valid');
    expect(verdict(code, FROM)).toBe('valid');
    expect(verdict(code, FROM - 1)).toBe('ahead');
    expect(verdict(code, TO - 1)).toBe('valid');
    expect(verdict(code, TO)).toBe('expired');
  });

  it('is revoked when the beginning of its id is in the list', () => {
    expect(verdict(code, NOW, [toBase64url(ID.slice(0, 8))])).toBe('revoked');
    expect(verdict(code, NOW, [toBase64url(ID.slice(8))])).toBe('valid');
    expect(verdict(code, TO + 1, [toBase64url(ID.slice(0, 8))])).toBe('revoked');
  });

  it('is forged when any one byte was changed', () => {
    const bytes = fromBase64url(code.slice(4)) ?? new Uint8Array();
    expect(bytes.length).toBeGreaterThan(100);
    for (let i = 0; i < bytes.length; i++) {
      const changed = Uint8Array.from(bytes);
      changed[i] = (changed[i] ?? 0) ^ 1;
      expect(['forged', 'unreadable'], `byte ${i}`).toContain(verdict(`LF1.${toBase64url(changed)}`));
    }
  });

  it('is forged when another key signed it, or for another purpose', async () => {
    expect(verdict(await signed(payload(), other))).toBe('forged');
    expect(verdict(await signed(payload(), pair.privateKey, 'lianfang head 1\n'))).toBe('forged');
  });

  it('shows nothing of what a forged code says', async () => {
    expect(judge(await signed(payload(), other), key, [], NOW).pass).toBeUndefined();
  });

  it.each(['', 'LF1.', 'LF1.AAAA', 'LF2.AAAA', 'https://example.org', 'LF1.***', `LF1.${'A'.repeat(4000)}`])(
    'does not read “%s”',
    (text) => {
      expect(['unreadable', 'forged']).toContain(verdict(text));
    },
  );

  it('is not judged without a key', () => {
    expect(judge(code, undefined, [], NOW)).toEqual({ verdict: 'no_key' });
    expect(verdict(code, NOW, [], 'AAAA')).toBe('no_key');
  });
});
