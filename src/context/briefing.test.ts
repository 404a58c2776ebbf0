import { describe, expect, it } from 'vitest';
import { briefingOf } from './briefing.ts';

describe('briefingOf', () => {
  it("is the bot's own, verbatim, whatever else is known", () => {
    const own = '  Line one.\n⚡ Line two. ';
    expect(briefingOf({ agent_briefing: own, trigger: 'x' }, { intent: 'y' })).toBe(own);
  });

  it('is written from the fields, what matters most first', () => {
    expect(
      briefingOf({
        trigger: 'CustomerRequested',
        trigger_utterance: 'I just want to talk\nto a real person.',
        bot_confidence_at_exit: 0.42,
        session_duration_seconds: 187,
        intents_detected: [
          { intent: 'BillingInquiry', resolved: true },
          { intent: 'DisputeCharge', resolved: false },
          { intent: 'smalltalk' },
        ],
        slots_collected: { account_number: 'ACC-987654', amounts: [1, 2] },
        sentiment_trend: 'NEGATIVE_ESCALATING',
      }),
    ).toBe(
      'Trigger: Customer requested. Intent: Billing inquiry (resolved), Dispute charge (unresolved), Smalltalk. ' +
        'Sentiment: Negative escalating. Collected: Account number ACC-987654, Amounts [1,2]. ' +
        'Last words: "I just want to talk to a real person." Bot confidence at exit: 0.42. Bot session: 3m 7s.',
    );
  });

  it('takes from the context what the manifest does not say', () => {
    const context = {
      intent: 'billing_dispute',
      sentiment: 'frustrated',
      authenticationStatus: 'verified',
      accountNumber: 'ACC-1',
    };
    expect(briefingOf({ agent_briefing: ' ', intents_detected: [] }, context)).toBe(
      'Intent: Billing dispute. Sentiment: Frustrated. Auth: verified. Account: ACC-1.',
    );
    expect(briefingOf({ intents_detected: [{ intent: 'Other' }], sentiment_trend: 'NEUTRAL' }, context)).toContain(
      'Intent: Other. Sentiment: Neutral.',
    );
  });

  it('says nothing of what nobody said', () => {
    expect(briefingOf({})).toBe('');
    expect(briefingOf({ slots_collected: {} }, {})).toBe('');
  });

  it('leaves out slots that were asked for and not filled', () => {
    const empty = { n: null, u: undefined, e: '', s: ' ', l: [], o: {} };
    expect(briefingOf({ slots_collected: empty })).toBe('');
    expect(briefingOf({ slots_collected: { ...empty, amount: 0 } })).toBe('Collected: Amount 0.');
  });

  it('says yes and no as a person does', () => {
    expect(briefingOf({ slots_collected: { wants_refund: true, verified: false } })).toBe(
      'Collected: Wants refund yes, Verified no.',
    );
  });

  it('keeps a name that has no words in it', () => {
    expect(briefingOf({ trigger: '???' })).toBe('Trigger: ???');
  });

  it.each([
    [0, '0s'],
    [59.6, '1m'],
    [3600, '1h'],
    [3725, '1h 2m 5s'],
  ])('%d seconds are %s', (seconds, text) => {
    expect(briefingOf({ session_duration_seconds: seconds })).toBe(`Bot session: ${text}.`);
  });

  it('tells a confidence of zero', () => {
    expect(briefingOf({ bot_confidence_at_exit: 0 })).toBe('Bot confidence at exit: 0.');
  });
});
