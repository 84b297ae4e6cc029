/* Numbers that must not flatter: percentages and scales. */
import { describe, expect, it } from 'vitest';
import { percent } from '../../src/parts/bar';
import { scale } from '../../src/parts/scale';

describe('percent', () => {
  it('never says all while one is missing, nor none while one is there', () => {
    expect(percent(19999, 20000)).toBe(99);
    expect(percent(20000, 20000)).toBe(100);
    expect(percent(1, 20000)).toBe(1);
    expect(percent(0, 20000)).toBe(0);
    expect(percent(0, 0)).toBe(0);
    expect(percent(1, 2)).toBe(50);
  });
});

describe('scale', () => {
  it.each([[[0, 0, 0]], [[5]], [[0, 356]], [[18000, 19800, 20011]], [[3, 4, 5]], [[-2, 7]], [[1_000_000, 1_000_001]]])(
    'holds %j between few round steps',
    (values) => {
      const s = scale(values);
      expect(s.from).toBeLessThanOrEqual(Math.min(...values));
      expect(s.from + s.step * s.n).toBeGreaterThanOrEqual(Math.max(...values));
      expect(s.n).toBeGreaterThanOrEqual(1);
      expect(s.n).toBeLessThanOrEqual(5);
      expect(Number.isInteger(s.step) && s.step >= 1).toBe(true);
    },
  );
});
