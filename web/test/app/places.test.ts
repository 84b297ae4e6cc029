/* Ancestry of places is by prefix of their own digits. */
import { describe, expect, it } from 'vitest';
import { levelOf, townOf, villageOf, within } from '../../src/app/places';

describe('places', () => {
  it.each([
    ['000000000000', 0],
    ['610000000000', 1],
    ['610900000000', 2],
    ['610927000000', 3],
    ['610927100000', 4],
    ['610927100200', 5],
    ['610927100200001', 6],
  ])('%s is of level %i', (code, level) => {
    expect(levelOf(code)).toBe(level);
  });

  it('knows what lies within what', () => {
    expect(within('610927100200', '610927000000')).toBe(true);
    expect(within('610927100200001', '610927100200')).toBe(true);
    expect(within('610927100200', '610927100200')).toBe(true);
    expect(within('610927000000', '610927100200')).toBe(false);
    expect(within('610926100200', '610927000000')).toBe(false);
    expect(within('610927101200', '610927100000')).toBe(false);
    expect(within('110101001001', '000000000000')).toBe(true);
  });

  it('finds the village and the town of a grid', () => {
    expect(villageOf('610927100200001')).toBe('610927100200');
    expect(townOf('610927100200001')).toBe('610927100000');
  });
});
