// Tests that callers share one run and that nobody's abort takes it from the others.

import { describe, expect, it } from 'vitest';
import { singleFlight } from './single-flight.ts';

const patient = () => new AbortController().signal;

function controlled() {
  let runs = 0;
  const ends: ((value: number) => void)[] = [];
  const flight = singleFlight(() => {
    runs += 1;
    return new Promise<number>((resolve) => ends.push(resolve));
  });
  return { flight, runs: () => runs, end: (value: number) => ends.shift()?.(value) };
}

describe('singleFlight', () => {
  it('runs once for all who join while it is under way, and again afterwards', async () => {
    const { flight, runs, end } = controlled();
    const joined = [flight.join(patient()), flight.join(patient())];
    end(1);
    expect(await Promise.all(joined)).toEqual([1, 1]);
    expect(runs()).toBe(1);
    const later = flight.join(patient());
    end(2);
    expect(await later).toBe(2);
    expect(runs()).toBe(2);
  });

  it('lets one caller go without ending the run for the others', async () => {
    const { flight, runs, end } = controlled();
    const impatient = new AbortController();
    const first = flight.join(impatient.signal);
    const second = flight.join(patient());
    impatient.abort();
    expect(await first).toBeUndefined();
    end(7);
    expect(await second).toBe(7);
    expect(runs()).toBe(1);
  });

  it('answers an aborted caller at once', async () => {
    const { flight, end } = controlled();
    expect(await flight.join(AbortSignal.abort())).toBeUndefined();
    end(0);
  });

  it('passes a bug on to everybody and can run again', async () => {
    let first = true;
    const flight = singleFlight(async () => {
      if (!first) return 'well';
      first = false;
      throw new Error('bug');
    });
    await expect(flight.join(patient())).rejects.toThrow('bug');
    expect(await flight.join(patient())).toBe('well');
  });
});
