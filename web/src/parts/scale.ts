/* The scale of a chart's value axis: whole numbers, round steps. */

/** Three or four round numbers that hold all values. */
export function scale(values: number[]): { from: number; step: number; n: number } {
  const low = Math.min(...values);
  const high = Math.max(...values);
  const from = high > 0 && low > high * 0.7 && high - low > 0 ? low : Math.min(0, low);
  const raw = Math.max((high - from) / 3, 1);
  const unit = 10 ** Math.floor(Math.log10(raw));
  const step = Math.ceil([1, 2, 2.5, 5, 10].map((m) => m * unit).find((s) => s >= raw) ?? raw);
  const start = Math.floor(from / step) * step;
  return { from: start, step, n: Math.max(1, Math.ceil((high - start) / step)) };
}
