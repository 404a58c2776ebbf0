// Tests the "did you mean" of a queue's name.

import { describe, expect, it } from 'vitest';
import { closestName } from './closest-name.ts';

const names = ['BillingDisputes_Tier2', 'General Support', 'Sales', 'VIP'];

describe('closestName', () => {
  it.each([
    ['billingdisputes_tier2', 'BillingDisputes_Tier2'],
    ['BillingDisputes Tier2', 'BillingDisputes_Tier2'],
    [' General Support ', 'General Support'],
    ['BilingDisputes_Tier3', 'BillingDisputes_Tier2'],
    ['Salse', undefined],
    ['Sale', 'Sales'],
    ['VIPs', 'VIP'],
    ['Returns', undefined],
    ['', undefined],
  ])('of %j is %j', (name, close) => {
    expect(closestName(name, names)).toBe(close);
  });

  it('prefers the nearer of two', () => {
    expect(closestName('Returnsdesk', ['Returnsdexx', 'Returnsdesx'])).toBe('Returnsdesx');
  });
});
