import { describe, expect, it } from 'vitest';
import { agentContextSummary, deflectionSummary } from './summary.ts';

describe('agentContextSummary', () => {
  it("tells an escalation in seed 000 §4's words", () => {
    const context = {
      intent: 'billing_dispute',
      authenticationStatus: 'verified',
      accountNumber: 'ACC-98765',
      sentiment: 'frustrated',
      previousQueue: 'billing_specialists',
    };
    const manifest = { trigger: 'CustomerRequested', recommended_queue: 'BillingDisputes_Tier2' };
    expect(agentContextSummary({ channel: 'voice', context, manifest })).toBe(
      'Escalated by bot from voice. Intent: billing_dispute. Auth: verified. Account: ACC-98765. Sentiment: frustrated. ' +
        'Trigger: CustomerRequested. Recommended queue: BillingDisputes_Tier2. Previous queue: billing_specialists.',
    );
  });

  it('tells of the call that the customer was deflected from, and by whom they were handed on', () => {
    const deflected = { conversation: 'conv-1', at: Date.UTC(2025, 2, 14, 14, 22, 59) };
    const context = { intent: 'billing_dispute', sentiment: 'frustrated' };
    expect(deflectionSummary(deflected, context)).toBe(
      'Customer deflected from voice (call conv-1) at 14:22 UTC. Intent: billing_dispute. Sentiment: frustrated.',
    );
    expect(agentContextSummary({ channel: 'webchat', context, deflected })).toBe(
      'Escalated by bot from webchat; deflected from voice (call conv-1) at 14:22 UTC. Intent: billing_dispute. Sentiment: frustrated.',
    );
    expect(agentContextSummary({ channel: 'voice', context: {}, how: 'Transferred by agent' })).toBe(
      'Transferred by agent from voice.',
    );
  });

  it('leaves out what is not known', () => {
    expect(agentContextSummary({ channel: 'webchat', context: {} })).toBe('Escalated by bot from webchat.');
  });

  it('believes the context before the manifest, and the manifest where the context is silent', () => {
    const manifest = {
      intents_detected: [
        { intent: 'Done', confidence: 0.99, resolved: true },
        { intent: 'First', confidence: 0.7 },
        { intent: 'Surest', confidence: 0.8, resolved: false },
        { intent: 'Unsure' },
      ],
      slots_collected: { account_number: 'ACC-1' },
      sentiment_trend: 'NEGATIVE',
    };
    expect(agentContextSummary({ channel: 'sms', context: {}, manifest })).toBe(
      'Escalated by bot from sms. Intent: Surest. Account: ACC-1. Sentiment: NEGATIVE.',
    );
    expect(
      agentContextSummary({
        channel: 'sms',
        context: { intent: 'Own', accountNumber: 'A', sentiment: 'calm' },
        manifest,
      }),
    ).toBe('Escalated by bot from sms. Intent: Own. Account: A. Sentiment: calm.');
  });

  it('an intent the bot was at all sure of goes before one without a confidence', () => {
    const intents = [{ intent: 'Unsure' }, { intent: 'Surer', confidence: 0.3 }, { intent: 'Unsaid' }];
    expect(agentContextSummary({ channel: 'sms', context: {}, manifest: { intents_detected: intents } })).toContain(
      'Intent: Surer.',
    );
  });

  it('takes no account from a slot that is not a text, and no intent when all are resolved', () => {
    const manifest = { slots_collected: { account_number: 7 }, intents_detected: [{ intent: 'Done', resolved: true }] };
    expect(agentContextSummary({ channel: 'sms', context: {}, manifest })).toBe('Escalated by bot from sms.');
  });

  it('stays one line', () => {
    expect(agentContextSummary({ channel: 'email', context: { intent: 'a\nb' } })).toBe(
      'Escalated by bot from email. Intent: a b.',
    );
  });
});
