/* Place codes: 12 digits, a grid 15; ancestry is by prefix. */

const DIGITS = [2, 4, 6, 9, 12, 15] as const;

/** The code's own digits, without the zeros that pad it. */
function own(code: string): string {
  for (const n of DIGITS) {
    if (code.length <= n || /^0*$/.test(code.slice(n))) {
      return code.slice(0, n).replace(/^0+$/, '');
    }
  }
  return code;
}

/** True when `place` is at or below `above`. */
export function within(place: string, above: string): boolean {
  return own(place).startsWith(own(above));
}

export function levelOf(code: string): number {
  const n = own(code).length;
  return n === 0 ? 0 : DIGITS.indexOf(n as (typeof DIGITS)[number]) + 1;
}

export const LEVEL_VILLAGE = 5;

export function villageOf(code: string): string {
  return code.slice(0, 12);
}

export function townOf(code: string): string {
  return `${code.slice(0, 9)}000`;
}
