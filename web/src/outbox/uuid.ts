/* UUID version 7 (RFC 9562) from crypto.getRandomValues: crypto.randomUUID is missing on plain http.
 * Ids made in one page are strictly increasing, also when the clock stands still or steps back. */

let lastTime = 0;
let lastCount = 0;

export function uuid7(now: number = Date.now()): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  let count = (((bytes[6] ?? 0) & 0x03) << 8) | (bytes[7] ?? 0); // low quarter of the 12 bits: leaves room to count up
  let time = Math.floor(now);
  if (time <= lastTime) {
    time = lastTime;
    count = lastCount + 1;
    if (count > 0xfff) {
      time += 1;
      count = 0;
    }
  }
  lastTime = time;
  lastCount = count;
  for (let i = 5, t = time; i >= 0; i--, t = Math.floor(t / 256)) {
    bytes[i] = t % 256;
  }
  bytes[6] = 0x70 | (count >> 8);
  bytes[7] = count & 0xff;
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
  const hex = Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
