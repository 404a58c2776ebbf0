import { describe, expect, it } from 'vitest';
import { contextCompleteness, manifestFields } from './context-completeness.ts';

const manifest = {
  trigger: 'CustomerRequested',
  intents_detected: [{ intent: 'DisputeCharge' }],
  slots_collected: { account_number: 'ACC-1', 'a.b': 'x' },
  own_field: null,
};

describe('context completeness', () => {
  it('counts every member of the manifest, and every slot', () => {
    expect(manifestFields(manifest)).toEqual([
      'trigger',
      'intents_detected',
      'slots_collected.account_number',
      'slots_collected.a.b',
      'own_field',
    ]);
  });

  it.each([
    [[], 0],
    [['trigger'], 0.2],
    [['trigger', 'trigger', 'nonsense', 'trigge'], 0.2],
    [['manifest.trigger', 'manifest.slots_collected.account_number'], 0.4],
    [['slots_collected'], 0.4],
    [['intents_detected.0'], 0.2],
    [['trigger', 'intents_detected', 'slots_collected', 'own_field'], 1],
  ])('of %j rendered is %d', (rendered, share) => {
    expect(contextCompleteness(manifest, rendered)).toBe(share);
  });

  it('is whole where there is nothing to show', () => {
    expect(contextCompleteness({}, [])).toBe(1);
    expect(contextCompleteness({ slots_collected: {} }, [])).toBe(1);
  });

  it('is told to three places', () => {
    expect(contextCompleteness({ trigger: 'x', a: 1, b: 2 }, ['a'])).toBe(0.333);
  });
});
