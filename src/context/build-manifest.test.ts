import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BotSession, BotTurn } from './bot-session.ts';
import { manifestOf } from './build-manifest.ts';
import { parseManifest } from './manifest.ts';

const said = (text: string, more: Partial<BotTurn> = {}): BotTurn => ({ speaker: 'customer', text, ...more });
const answered = (text: string, more: Partial<BotTurn> = {}): BotTurn => ({ speaker: 'bot', text, ...more });

describe('manifestOf', () => {
  it("writes seed 004 §1's fields in the guide's order", () => {
    const manifest = manifestOf({
      startedAt: '2026-05-12T08:00:00Z',
      endedAt: '2026-05-12T08:03:07Z',
      trigger: 'CustomerRequested',
      recommendedQueue: 'BillingDisputes_Tier2',
      briefing: 'Recommend empathy-first approach.',
      turns: [
        said('My bill is wrong.', {
          intents: [{ intent: 'BillingInquiry', confidence: 0.91, resolved: false }],
          slots: { account_number: 'ACC-987654' },
          sentiment: 'neutral',
        }),
        answered('Which charge?'),
        said('I just want to talk to a real person.', {
          intents: [{ intent: 'DisputeCharge', confidence: 0.42, resolved: false }],
          slots: { disputed_amount: '$47.99' },
          sentiment: 'negative',
        }),
      ],
    });
    expect(JSON.stringify(manifest)).toBe(
      JSON.stringify({
        trigger: 'CustomerRequested',
        trigger_utterance: 'I just want to talk to a real person.',
        bot_confidence_at_exit: 0.42,
        session_duration_seconds: 187,
        intents_detected: [
          { intent: 'BillingInquiry', confidence: 0.91, resolved: false },
          { intent: 'DisputeCharge', confidence: 0.42, resolved: false },
        ],
        slots_collected: { account_number: 'ACC-987654', disputed_amount: '$47.99' },
        sentiment_trend: 'NEGATIVE_ESCALATING',
        recommended_queue: 'BillingDisputes_Tier2',
        agent_briefing: 'Recommend empathy-first approach.',
      }),
    );
  });

  it('invents nothing: what the bot did not say is absent', () => {
    expect(manifestOf({ turns: [] })).toEqual({});
    expect(manifestOf({ turns: [answered('Hello')] })).toEqual({});
    expect(Object.keys(manifestOf({ turns: [said('Hello')] }))).toEqual(['trigger_utterance', 'agent_briefing']);
    expect(manifestOf({ turns: [said('a', { intents: [{ intent: 'A' }] })] }).intents_detected).toEqual([
      { intent: 'A' },
    ]);
  });

  it('writes a briefing from the fields when the bot gave none', () => {
    expect(manifestOf({ turns: [said('Help!')], trigger: 'NoMatch' }).agent_briefing).toBe(
      'Trigger: No match. Last words: "Help!"',
    );
  });

  it('the trigger utterance is the one given, else the last that the customer said', () => {
    const turns = [said('first'), said('second'), answered('third')];
    expect(manifestOf({ turns }).trigger_utterance).toBe('second');
    expect(manifestOf({ turns, triggerUtterance: 'first' }).trigger_utterance).toBe('first');
  });

  it('the exit confidence is the last one given: of the turn, else of its surest intent', () => {
    const surest = said('a', {
      intents: [{ intent: 'A', confidence: 0.2 }, { intent: 'B', confidence: 0.6 }, { intent: 'C' }],
    });
    expect(
      manifestOf({ turns: [surest, said('b'), said('c', { intents: [{ intent: 'D' }] })] }).bot_confidence_at_exit,
    ).toBe(0.6);
    expect(manifestOf({ turns: [surest, said('b', { confidence: 0 })] }).bot_confidence_at_exit).toBe(0);
    expect(manifestOf({ turns: [said('b')] })).not.toHaveProperty('bot_confidence_at_exit');
  });

  it.each<[string, BotSession, number | undefined]>([
    ['both ends', { turns: [], startedAt: '2026-01-01T00:00:00Z', endedAt: '2026-01-01T00:00:01.6Z' }, 2],
    [
      'two turns',
      { turns: [said('a', { at: '2026-01-01T00:00:00Z' }), said('b', { at: '2026-01-01T01:00:05+01:00' })] },
      5,
    ],
    [
      'a start and a turn',
      { turns: [said('a', { at: '2026-01-01T00:00:09Z' })], startedAt: '2026-01-01T00:00:00Z' },
      9,
    ],
    ['the same time twice', { turns: [], startedAt: '2026-01-01T00:00:09Z', endedAt: '2026-01-01T00:00:09Z' }, 0],
    ['one time only', { turns: [said('a', { at: '2026-01-01T00:00:09Z' })] }, undefined],
    ['no time', { turns: [said('a')] }, undefined],
    [
      'an end before the start',
      { turns: [], startedAt: '2026-01-01T00:00:09Z', endedAt: '2026-01-01T00:00:00Z' },
      undefined,
    ],
  ])('the duration from %s', (_, session, seconds) => {
    expect(manifestOf(session).session_duration_seconds).toBe(seconds);
  });

  it('an intent keeps its highest confidence and whatever else was said of it last', () => {
    const turns = [
      said('a', { intents: [{ intent: 'A', confidence: 0.9, resolved: false, model: 'v1' }] }),
      said('b', {
        intents: [
          { intent: 'B', confidence: 0 },
          { intent: 'A', confidence: 0.4, resolved: true },
        ],
      }),
      said('c', { intents: [{ intent: 'A' }] }),
    ];
    expect(manifestOf({ turns }).intents_detected).toEqual([
      { intent: 'A', confidence: 0.9, resolved: true, model: 'v1' },
      { intent: 'B', confidence: 0 },
    ]);
  });

  it('a later turn’s slot wins, and a slot called __proto__ is only a slot', () => {
    const odd = JSON.parse('{"__proto__":"x"}');
    const { slots_collected: slots } = manifestOf({
      turns: [
        said('a', { slots: { amount: '1', when: 'now' } }),
        answered('b', { slots: { amount: 2 } }),
        said('c', { slots: odd }),
      ],
    });
    expect(JSON.stringify(slots)).toBe('{"amount":2,"when":"now","__proto__":"x"}');
  });

  it('reads the mood on the customer’s turns only', () => {
    expect(
      manifestOf({ turns: [said('a', { sentiment: 'negative' }), answered('b', { sentiment: 'positive' })] }),
    ).toMatchObject({
      sentiment_trend: 'NEGATIVE',
    });
  });

  it('always makes a valid manifest, the same one from the same session', () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    const time = fc
      .date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) })
      .map((date) => date.toISOString());
    const turn = fc.record(
      {
        speaker: fc.constantFrom('customer' as const, 'bot' as const),
        text: fc.string(),
        at: time,
        confidence: share,
        intents: fc.array(
          fc.record({ intent: fc.string(), confidence: share, resolved: fc.boolean() }, { requiredKeys: ['intent'] }),
        ),
        slots: fc.dictionary(fc.string(), fc.jsonValue()),
        sentiment: fc.oneof(
          fc.double({ min: -1, max: 1, noNaN: true }),
          fc.constantFrom('negative' as const, 'positive' as const),
        ),
      },
      { requiredKeys: ['speaker', 'text'] },
    );
    const session = fc.record(
      {
        turns: fc.array(turn, { maxLength: 6 }),
        startedAt: time,
        endedAt: time,
        trigger: fc.string(),
        briefing: fc.string(),
      },
      { requiredKeys: ['turns'] },
    );
    fc.assert(
      fc.property(session, (any) => {
        const manifest = manifestOf(any);
        expect(parseManifest({ handoff_manifest: manifest }).ok).toBe(true);
        expect(manifestOf(structuredClone(any))).toEqual(manifest);
      }),
    );
  });
});
