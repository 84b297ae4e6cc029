/* Coverage bars: length, number and pattern say the same thing, so that none of them is needed. */

/** Never 100 % while one is missing, never 0 % while one is there. */
export function percent(n: number, total: number): number {
  if (n <= 0 || total <= 0) {
    return 0;
  }
  return n >= total ? 100 : Math.min(99, Math.max(1, Math.round((n * 100) / total)));
}

export function Bar({ n, total, label }: { n: number; total: number; label: string }) {
  const p = percent(n, total);
  const tone = total === 0 ? 'none' : p === 100 ? 'full' : p >= 80 ? 'most' : 'low';
  return (
    <span class={`bar ${tone}`} role="img" aria-label={label}>
      <span style={{ width: `${p}%` }} />
    </span>
  );
}
