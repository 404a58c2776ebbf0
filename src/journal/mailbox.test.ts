// Tests that an interaction has one mailbox at a time, however many there are.

import { describe, expect, it } from 'vitest';
import type { InteractionId } from '../ids.ts';
import { Mailboxes } from './mailbox.ts';

const id = (n: number) => `i-${n}` as InteractionId;

describe('mailboxes', () => {
  it('hands out the same box for the same interaction, also when all others are busy and there are too many', () => {
    const boxes = new Mailboxes(2);
    for (const n of [1, 2]) boxes.get(id(n)).busy = true;
    const box = boxes.get(id(3));
    expect(box.idle).toBe(true);
    expect(boxes.get(id(3))).toBe(box);
    expect(boxes.peek(id(3))).toBe(box);
  });

  it('forgets idle ones beyond its capacity, the longest unused first, and busy ones never', () => {
    const boxes = new Mailboxes(2);
    boxes.get(id(1)).busy = true;
    for (const n of [2, 3, 4]) boxes.get(id(n));
    expect([1, 2, 3, 4].map((n) => boxes.peek(id(n)) !== undefined)).toEqual([true, false, false, true]);
  });
});
