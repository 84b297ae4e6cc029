/* Days are those of the county's time zone, wherever the device is. */
import { describe, expect, it } from 'vitest';
import { addDays, dayOf, fullTime, nowStamp } from '../../src/app/when';

describe('when', () => {
  it('puts a late evening in UTC on the next day', () => {
    expect(dayOf('2020-02-07T16:30:00Z')).toBe('2020-02-08');
    expect(fullTime('2020-02-07T16:30:00Z')).toBe('2020-02-08 00:30');
  });

  it('adds days over months and leap years', () => {
    expect(addDays('2020-02-28', 2)).toBe('2020-03-01');
    expect(addDays('2020-03-01', -1)).toBe('2020-02-29');
  });

  it('stamps an event with the offset and the right moment', () => {
    const stamp = nowStamp();
    expect(stamp).toMatch(/\+08:00$/);
    expect(Math.abs(Date.parse(stamp) - Date.now())).toBeLessThan(1000);
  });
});
