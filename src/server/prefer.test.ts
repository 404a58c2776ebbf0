// Tests the reading of Prefer (RFC 7240).

import { expect, it } from 'vitest';
import { preferredWaitSeconds } from './prefer.ts';

it.each([
  ['wait=10', 10],
  ['Wait = 10', 10],
  ['respond-async, wait=10', 10],
  ['wait="10"', 10],
  ['wait=10; x=y', 10],
  ['wait=10, wait=20', 10],
  ['wait=31', 30],
  ['wait=999999999', 30],
  ['wait=0', 0],
  ['wait=-1', 0],
  ['wait=1.5', 0],
  ['wait=soon', 0],
  ['await=10', 0],
  ['return=minimal', 0],
  ['', 0],
])('%j waits %i seconds', (prefer, seconds) => {
  expect(preferredWaitSeconds(prefer)).toBe(seconds);
});

it('waits for nobody who does not ask', () => {
  expect(preferredWaitSeconds(undefined)).toBe(0);
});
