import { describe, expect, it } from 'vitest';
import { manifestOf } from '../context/build-manifest.ts';
import { chooseQueue, DEFAULT_QUEUE_RULES } from '../protocols/queue-rules.ts';
import { DEMO_DIALOGUES } from './demo-dialogues.ts';
import { endingWords } from './demo-escalation.ts';

describe('the demonstration', () => {
  it("visits every branch of the seed's decision tree (seed 004 §4)", () => {
    const queues = DEMO_DIALOGUES.map(({ session }) => {
      const facts = { manifest: manifestOf(session), context: {}, channel: 'message' } as const;
      return chooseQueue(DEFAULT_QUEUE_RULES, facts).name;
    });
    expect(queues).toEqual([
      'BillingDisputes_Priority',
      'BillingDisputes_Tier2',
      'General_Escalation',
      'General_Support',
    ]);
  });

  it('says how a handoff ended in the words of the field', () => {
    const handoff = {
      id: 'i.1',
      phase: 'settled',
      attempts: 1,
      loss: [],
      timeline: [],
      queue: { id: 'q', name: 'Support' },
    };
    expect(endingWords({ ...handoff, outcome: 'completed', timing: { totalMs: 312.4 } })).toBe(
      'waits in Support: handed over by the bot in 312 ms',
    );
    expect(endingWords({ ...handoff, outcome: 'dead_lettered', reason: 'fate-unknown' })).toBe(
      'may or may not be in Support: somebody has to look (fate-unknown)',
    );
    expect(endingWords({ ...handoff, outcome: 'cancelled', reason: 'customer-left' })).toBe(
      'is not handed over to Support: cancelled (customer-left)',
    );
    expect(endingWords({ ...handoff, outcome: null, queue: null })).toBe('is still on the way to a queue');
  });
});
