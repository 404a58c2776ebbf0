import { describe, expect, it } from 'vitest';
import { createFaults, type FaultRule, faultRuleSchema } from './faults.ts';

const rule = (given: unknown): FaultRule => faultRuleSchema.parse(given);

describe('fault rules', () => {
  it('match by method, by a part of the path, and by a regular expression', () => {
    const faults = createFaults();
    faults.add(rule({ match: { method: 'post', path: '/replace' }, fault: '500' }));
    faults.add(rule({ match: { path: '^/oauth/token$' }, fault: '429' }));
    expect(faults.forRequest('GET', '/api/v2/x/replace')).toBeUndefined();
    expect(faults.forRequest('POST', '/api/v2/x/replace')).toBe('500');
    expect(faults.forRequest('POST', '/oauth/token')).toBe('429');
    expect(faults.forRequest('POST', '/oauth/token/more')).toBeUndefined();
  });

  it('match everything when they name nothing', () => {
    const faults = createFaults();
    faults.add(rule({ fault: 'hang' }));
    expect(faults.forRequest('GET', '/anything')).toBe('hang');
  });

  it('take a path that is no regular expression literally', () => {
    const faults = createFaults();
    faults.add(rule({ match: { path: '/a?x=(' }, fault: '500' }));
    expect(faults.forRequest('GET', '/a?x=(1')).toBe('500');
    expect(faults.forRequest('GET', '/b')).toBeUndefined();
  });

  it('stop after their number of times, and the next rule takes over', () => {
    const faults = createFaults();
    faults.add(rule({ fault: '500', times: 2 }));
    faults.add(rule({ fault: '429', times: 1 }));
    expect([1, 2, 3, 4].map(() => faults.forRequest('GET', '/'))).toEqual(['500', '500', '429', undefined]);
    expect(faults.list().map(({ hits }) => hits)).toEqual([2, 1]);
  });

  it('strike by chance, the same for the same seed', () => {
    const run = (seed: number) => {
      const faults = createFaults();
      faults.add(rule({ fault: '500', probability: 0.3, seed }));
      return Array.from({ length: 300 }, () => faults.forRequest('GET', '/') ?? 'none').join();
    };
    expect(run(5)).toBe(run(5));
    expect(run(5)).not.toBe(run(6));
    const struck = run(5)
      .split(',')
      .filter((each) => each === '500').length;
    expect(struck).toBeGreaterThan(50);
    expect(struck).toBeLessThan(130);
  });

  it('keep faults of requests and faults of events apart', () => {
    const faults = createFaults();
    faults.add(rule({ match: { path: 'user.end' }, fault: 'drop-event', times: 1 }));
    expect(faults.forRequest('POST', '/user.end')).toBeUndefined();
    expect(faults.forEvent('v2.detail.events.conversation.c1.acd.end')).toBeUndefined();
    expect(faults.forEvent('v2.detail.events.conversation.c1.user.end')).toBe('drop-event');
    expect(faults.forEvent('v2.detail.events.conversation.c1.user.end')).toBeUndefined();
  });

  it('are gone when cleared', () => {
    const faults = createFaults();
    faults.add(rule({ fault: '500' }));
    faults.clear();
    expect(faults.forRequest('GET', '/')).toBeUndefined();
    expect(faults.list()).toEqual([]);
  });

  it.each([
    { fault: 'burn' },
    { fault: '500', times: 0 },
    { fault: '500', probability: 2 },
    { fault: '500', extra: 1 },
    {},
  ])('refuse %j', (given) => {
    expect(faultRuleSchema.safeParse(given).success).toBe(false);
  });
});
