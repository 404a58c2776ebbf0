// Tests which queue an escalation goes to: the order of sources, every condition, and seed 004 §4's decision tree as written.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Manifest } from '../context/manifest.ts';
import {
  chooseQueue,
  DEFAULT_QUEUE_RULES,
  type QueueRules,
  queueRules,
  type RuleFacts,
  unknownQueues,
} from './queue-rules.ts';

const facts = (change: Partial<RuleFacts> = {}): RuleFacts => ({ context: {}, channel: 'webchat', ...change });
type When = QueueRules['rules'][number]['when'];
const matches = (when: When, change: Partial<RuleFacts>) =>
  chooseQueue({ rules: [{ name: 'r', when, queue: 'Hit' }], default: 'Miss' }, facts(change)).name === 'Hit';

describe('where the queue comes from', () => {
  const manifest: Manifest = { intents_detected: [{ intent: 'DisputeCharge' }], recommended_queue: 'Recommended' };

  it('the request’s own comes before everything', () => {
    expect(chooseQueue(DEFAULT_QUEUE_RULES, facts({ requested: 'Mine', manifest }))).toEqual({
      name: 'Mine',
      because: 'requested',
    });
  });

  it('then the first rule that matches, named as the reason', () => {
    expect(chooseQueue(DEFAULT_QUEUE_RULES, facts({ manifest }))).toEqual({
      name: 'BillingDisputes_Tier2',
      because: 'rule:billing',
    });
  });

  it('then what the bot recommends', () => {
    const { recommended_queue } = manifest;
    expect(
      chooseQueue(DEFAULT_QUEUE_RULES, facts({ manifest: { recommended_queue: recommended_queue ?? '' } })),
    ).toEqual({
      name: 'Recommended',
      because: 'recommended-by-bot',
    });
  });

  it('then the default, also where the recommendation is empty', () => {
    for (const nothing of [{}, { manifest: {} }, { manifest: { recommended_queue: '' } }]) {
      expect(chooseQueue(DEFAULT_QUEUE_RULES, facts(nothing))).toEqual({ name: 'General_Support', because: 'default' });
    }
  });
});

describe('seed 004 §4, the decision tree as written', () => {
  /** The guide's Python, line by line. */
  function determineTargetQueue(manifest: Manifest): string {
    const intents = new Set((manifest.intents_detected ?? []).map((one) => one.intent));
    const sentiment = manifest.sentiment_trend ?? 'NEUTRAL';
    const botConfidence = manifest.bot_confidence_at_exit ?? 1;
    if (sentiment === 'NEGATIVE_ESCALATING' && intents.has('DisputeCharge')) return 'BillingDisputes_Priority';
    if (intents.has('BillingInquiry') || intents.has('DisputeCharge')) return 'BillingDisputes_Tier2';
    if (botConfidence < 0.3) return 'General_Escalation';
    return 'General_Support';
  }

  it.each([
    [
      'angry with a dispute',
      { sentiment_trend: 'NEGATIVE_ESCALATING', intents_detected: [{ intent: 'DisputeCharge' }] },
      'BillingDisputes_Priority',
    ],
    [
      'angry about a bill only',
      { sentiment_trend: 'NEGATIVE_ESCALATING', intents_detected: [{ intent: 'BillingInquiry' }] },
      'BillingDisputes_Tier2',
    ],
    [
      'a dispute, calmly',
      { sentiment_trend: 'NEUTRAL', intents_detected: [{ intent: 'DisputeCharge' }] },
      'BillingDisputes_Tier2',
    ],
    [
      'the bot was lost',
      { bot_confidence_at_exit: 0.29, intents_detected: [{ intent: 'smalltalk' }] },
      'General_Escalation',
    ],
    ['the bot was entirely lost', { bot_confidence_at_exit: 0 }, 'General_Escalation'],
    ['just not lost', { bot_confidence_at_exit: 0.3 }, 'General_Support'],
    ['the bot did not say', {}, 'General_Support'],
    [
      'lost, but it is billing',
      { bot_confidence_at_exit: 0.1, intents_detected: [{ intent: 'BillingInquiry' }] },
      'BillingDisputes_Tier2',
    ],
  ])('%s', (_, manifest, queue) => {
    expect(chooseQueue(DEFAULT_QUEUE_RULES, facts({ manifest })).name).toBe(queue);
    expect(determineTargetQueue(manifest)).toBe(queue);
  });

  it('agrees with the guide on every manifest', () => {
    const manifest: fc.Arbitrary<Manifest> = fc.record(
      {
        intents_detected: fc.array(
          fc.record({
            intent: fc.constantFrom('DisputeCharge', 'BillingInquiry', 'smalltalk'),
            resolved: fc.boolean(),
          }),
          { maxLength: 3 },
        ),
        sentiment_trend: fc.constantFrom('NEGATIVE_ESCALATING', 'NEUTRAL', 'POSITIVE'),
        bot_confidence_at_exit: fc.constantFrom(0, 0.29, 0.3, 0.31, 1),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(manifest, (one) => {
        expect(chooseQueue(DEFAULT_QUEUE_RULES, facts({ manifest: one })).name).toBe(determineTargetQueue(one));
      }),
    );
  });
});

describe('conditions', () => {
  const detected = (intent: string, resolved?: boolean) => ({
    manifest: { intents_detected: [{ intent, ...(resolved === undefined ? {} : { resolved }) }] },
  });

  it('anyIntent: one of them was detected, by the manifest or in the context', () => {
    expect(matches({ anyIntent: ['a', 'b'] }, detected('b', true))).toBe(true);
    expect(matches({ anyIntent: ['a'] }, { context: { intent: 'a' } })).toBe(true);
    expect(matches({ anyIntent: ['a'] }, detected('c'))).toBe(false);
    expect(matches({ anyIntent: ['a'] }, {})).toBe(false);
  });

  it('unresolvedIntent: one of them was detected and not marked as resolved', () => {
    expect(matches({ unresolvedIntent: ['a'] }, detected('a', false))).toBe(true);
    expect(matches({ unresolvedIntent: ['a'] }, detected('a'))).toBe(true);
    expect(matches({ unresolvedIntent: ['a'] }, detected('a', true))).toBe(false);
    expect(matches({ unresolvedIntent: ['a'] }, { context: { intent: 'a' } })).toBe(false);
  });

  it('sentiment: the manifest’s, else the context’s', () => {
    expect(matches({ sentiment: ['x'] }, { manifest: { sentiment_trend: 'x' } })).toBe(true);
    expect(matches({ sentiment: ['x'] }, { context: { sentiment: 'x' } })).toBe(true);
    expect(matches({ sentiment: ['x'] }, { manifest: { sentiment_trend: 'y' }, context: { sentiment: 'x' } })).toBe(
      false,
    );
    expect(matches({ sentiment: ['x'] }, {})).toBe(false);
  });

  it('trigger, channel and segment: one of those named, and given at all', () => {
    expect(matches({ trigger: ['t'] }, { manifest: { trigger: 't' } })).toBe(true);
    expect(matches({ trigger: ['t'] }, { manifest: { trigger: 'u' } })).toBe(false);
    expect(matches({ trigger: ['t'] }, {})).toBe(false);
    expect(matches({ channel: ['voice', 'webchat'] }, {})).toBe(true);
    expect(matches({ channel: ['voice'] }, {})).toBe(false);
    expect(matches({ segment: ['gold'] }, { segment: 'gold' })).toBe(true);
    expect(matches({ segment: ['gold'] }, { segment: 'tin' })).toBe(false);
    expect(matches({ segment: ['gold'] }, {})).toBe(false);
  });

  it('confidenceBelow: it was given and is below', () => {
    const confidence = (share: number) => ({ manifest: { bot_confidence_at_exit: share } });
    expect(matches({ confidenceBelow: 0.5 }, confidence(0.49))).toBe(true);
    expect(matches({ confidenceBelow: 0.5 }, confidence(0.5))).toBe(false);
    expect(matches({ confidenceBelow: 0.5 }, {})).toBe(false);
  });

  it('all that are set must hold', () => {
    const when = { channel: ['webchat' as const], segment: ['gold'] };
    expect(matches(when, { segment: 'gold' })).toBe(true);
    expect(matches(when, { segment: 'gold', channel: 'voice' })).toBe(false);
  });
});

describe('rules as configuration', () => {
  it('are read as they are written', () => {
    expect(queueRules.parse(DEFAULT_QUEUE_RULES)).toEqual(DEFAULT_QUEUE_RULES);
  });

  it.each([
    ['no condition', { rules: [{ name: 'r', when: {}, queue: 'Q' }], default: 'D' }, 'needs at least one condition'],
    ['an unknown condition', { rules: [{ name: 'r', when: { mood: ['x'] }, queue: 'Q' }], default: 'D' }, 'mood'],
    ['an empty list', { rules: [{ name: 'r', when: { trigger: [] }, queue: 'Q' }], default: 'D' }, 'trigger'],
    ['an unknown channel', { rules: [{ name: 'r', when: { channel: ['fax'] }, queue: 'Q' }], default: 'D' }, 'channel'],
    ['no default', { rules: [] }, 'default'],
  ])('are refused with %s', (_, rules, fault) => {
    const read = queueRules.safeParse(rules);
    expect(read.success).toBe(false);
    expect(JSON.stringify(read.error?.issues)).toContain(fault);
  });

  it('name every queue the platform does not have, and where', () => {
    expect(unknownQueues(DEFAULT_QUEUE_RULES, new Set(['BillingDisputes_Tier2', 'General_Escalation']))).toEqual([
      { queue: 'BillingDisputes_Priority', where: 'rule "angry-dispute"' },
      { queue: 'General_Support', where: 'the default' },
    ]);
    const all = new Set([...DEFAULT_QUEUE_RULES.rules.map(({ queue }) => queue), DEFAULT_QUEUE_RULES.default]);
    expect(unknownQueues(DEFAULT_QUEUE_RULES, all)).toEqual([]);
  });
});
