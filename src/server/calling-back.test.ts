// Tests how a callback is asked for over HTTP: whom it may call, when, and by what the customer agreed to it (seed 000 §5).

import { describe, expect, it } from 'vitest';
import { serve } from '../../test/contract/served.ts';

const PHONE = '+14155551234';
const WAIT = { prefer: 'wait=1' };

async function ask(asked: object, { customer = { phone: PHONE } as object, context = {}, rules = {} } = {}) {
  await using base = await serve();
  await using served = await serve({ callbacks: { ...base.parts.callbacks, ...rules } });
  const id = await served.open('c-1', { channel: 'message', customer, context });
  const { status, body } = await served.post(`/v1/interactions/${id}/handoffs`, { kind: 'callback', ...asked }, WAIT);
  const order = served.vendor.commands.find(({ kind }) => kind === 'BookCallback');
  return { status, body, order };
}

describe('a callback', () => {
  it('is booked in the queue with what is known, and its conversation becomes part of the interaction', async () => {
    const context = { intent: 'billing_dispute', authenticationStatus: 'verified', accountNumber: 'ACC-1' };
    const { status, body, order } = await ask({ queue: 'General_Support', priority: 10 }, { context });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      kind: 'callback',
      outcome: 'completed',
      queue: { id: 'queue-General_Support', because: 'requested' },
      callback: { platform: 'genesys_cloud', pattern: 'queued', at: null, priority: 10, consent: 'asked-by-customer' },
    });
    expect(order).toMatchObject({
      phone: PHONE,
      priority: 10,
      data: {
        correlationId: body.interactionId,
        priorDigitalConversationId: 'c-1',
        resolvedIntent: 'billing_dispute',
        authenticationStatus: 'verified',
        accountId: 'ACC-1',
      },
    });
    expect(JSON.stringify(body)).not.toContain(PHONE);
  });

  it('goes to the configured queue where none is named, and is refused by one that there is not', async () => {
    expect((await ask({})).body).toMatchObject({ outcome: 'completed', queue: { because: 'default' } });
    expect((await ask({ queue: 'Nowhere' })).body).toMatchObject({
      outcome: 'refused',
      reason: 'queue-not-found-or-not-visible',
    });
  });

  it.each([
    ['no number is known', {}, { customer: {} }, 'no-number'],
    ['it is no number', { phone: '+1999' }, {}, 'invalid-number'],
    ['the customer has said STOP', {}, { rules: { isSuppressed: async () => true } }, 'opted-out'],
    ['calling at once is switched off', { pattern: 'bridged' }, {}, 'bridged-not-allowed'],
    ['the customer has not agreed', {}, { rules: { consentAttribute: 'may_call' } }, 'consent-missing'],
    [
      'the customer has said no',
      {},
      { rules: { consentAttribute: 'may_call' }, context: { attributes: { may_call: 'No' } } },
      'consent-missing',
    ],
  ])('is refused where %s, and nobody is called', async (_, asked, given, reason) => {
    const { body, order } = await ask(asked, given);
    expect([body.outcome, body.reason, order]).toEqual(['refused', reason, undefined]);
  });

  it('names by what the customer agreed', async () => {
    const given = { rules: { consentAttribute: 'may_call' }, context: { attributes: { may_call: 'yes' } } };
    expect((await ask({}, given)).body).toMatchObject({
      outcome: 'completed',
      callback: { consent: 'attribute:may_call' },
    });
  });

  it('calls at once where that is allowed', async () => {
    expect((await ask({ pattern: 'bridged' }, { rules: { bridged: true } })).order).toMatchObject({
      pattern: 'bridged',
    });
  });

  it('keeps to the hours of the customer’s own time zone, wherever their number is from', async () => {
    await using base = await serve();
    const policy = { ...base.parts.callbacks.policy, hours: { fromHour: 8, toHour: 21 } };
    const at = '2030-01-15T07:30:00Z';
    const berlin = await ask({ at, timeZone: 'Europe/Berlin' }, { rules: { policy } });
    expect(berlin.body.outcome).toBe('completed');
    const attributes = { timeZone: 'America/New_York' };
    const { body } = await ask({ at }, { rules: { policy }, context: { attributes } });
    expect(body).toMatchObject({ outcome: 'refused', reason: 'outside-calling-hours' });
    expect(body.detail).toContain('2030-01-15T13:00');
  });

  it.each([
    { pattern: 'bridged', at: '2030-01-15T12:00:00Z' },
    { at: 'tomorrow' },
    { phone: '4155551234' },
    { timeZone: 'Mars/Base' },
    { priority: 1.5 },
  ])('is not asked for with %j', async (asked) => {
    expect((await ask(asked)).status).toBe(400);
  });
});
