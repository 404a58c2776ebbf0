// Tests a caller's way from the call to a digital channel (seed 000 §2 and §3, edge cases 1 and 4; H5, H6, H7).

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ARRIVED,
  CHAT,
  CUSTOMER_LEFT,
  DEFLECTIONS,
  GONE,
  OTHER_LEG,
  participant,
  Story,
  seen,
  types,
  VOICE_LEG,
} from '../../test/protocols/story.ts';
import type { ExternalId, HandoffId } from '../ids.ts';
import { deadline } from './handoff.ts';
import type { Deflecting } from './offer.ts';

const OTHER_CHAT = { ...CHAT, externalId: 'chat-2' as ExternalId };
const ONE_ROUTE = {
  number: { ok: true, to: '+15055551234', routes: ['twilio'] },
} as const;

describe('a request', () => {
  it('tells the call, and only then sends the message', () => {
    const story = Story.deflected('deflecting');
    expect(story.command).toMatchObject({
      kind: 'WriteContext',
      externalId: VOICE_LEG.externalId,
      tag: 'interaction-1',
      attributes: {
        correlationId: 'interaction-1',
        deflectionChannel: 'sms',
        deflectionTimestamp: '2023-11-14T22:13:20.000Z',
      },
    });
    story.done('WriteContext', { customer: participant('p-customer') });
    expect(story.command).toMatchObject({
      kind: 'SendSms',
      safety: 'lookable',
      route: 'twilio',
      to: '+15055551234',
      ref: 'interaction-1.1.0',
    });
    expect(story.interaction.written).toMatchObject([{ customer: 'p-customer', leg: VOICE_LEG }]);
  });

  it('sends at once where the conversation keeps no attributes', () => {
    const story = Story.opened({ channel: 'voice', leg: VOICE_LEG });
    story.deflect({ policy: { ...DEFLECTIONS, told: [] } });
    expect(story.command.kind).toBe('SendSms');
  });

  it('is the same offer under the same key', () => {
    const request = { key: 'k', digest: 'd' };
    const story = Story.deflected('standing', { request });
    expect(story.deflect({ request })).toEqual([]);
    expect(story.deflect({ request: { key: 'k', digest: 'other' } })).toMatchObject([
      { code: 'idempotency-key-reused' },
    ]);
  });

  it('is refused beside another, beside a move, and after the end', () => {
    const story = Story.deflected('standing');
    expect(story.deflect()).toMatchObject([{ code: 'handoff-in-progress', handoffId: story.offer.id }]);
    expect(Story.at('attaching').deflect()).toMatchObject([{ code: 'handoff-in-progress' }]);
    const over = Story.opened();
    over.tell(CUSTOMER_LEFT);
    expect(over.deflect()).toMatchObject([{ code: 'interaction-ended' }]);
    const nowhere = Story.opened();
    nowhere.take({ kind: 'detach-leg', leg: nowhere.interaction.legs[0]! });
    expect(nowhere.deflect()).toMatchObject([{ code: 'no-platform-leg' }]);
  });

  it('of a number that cannot be texted settles at once', () => {
    const story = Story.opened({ channel: 'voice', leg: VOICE_LEG });
    story.deflect({ number: { ok: false, reason: 'opted-out' } });
    expect(story.settled).toMatchObject({ kind: 'deflection', outcome: 'refused', reason: 'opted-out' });
    expect(story.commands).toEqual([]);
    expect(story.interaction.endedAt).toBeUndefined();
  });
});

describe('the message', () => {
  it('is delivered, and the link stands', () => {
    const story = Story.deflected('awaiting-receipt');
    story.sms('delivered');
    expect(story.offer).toMatchObject({ sms: 'delivered', progress: { step: 'standing' } });
    expect(story.sms('failed')).toEqual([]);
    expect(story.sms('delivered')).toEqual([]);
  });

  it('ends the call only when it is delivered, where that was asked for (edge case 4)', () => {
    const story = Story.deflected('awaiting-receipt', { source: 'disconnect' });
    expect(story.commands).toEqual([]);
    story.sms('delivered');
    expect(story.command).toMatchObject({ kind: 'CloseLeg', externalId: VOICE_LEG.externalId });
    story.fail({ kind: 'ambiguous', code: 'timed-out' });
    story.dueNext();
    story.fail({ kind: 'rejected', code: 'not-found' });
    expect(story.commands).toEqual([]);
  });

  it.each(['park', 'flow'] as const)('leaves the call alone: %s', (source) => {
    expect(Story.deflected('standing', { source }).commands).toEqual([]);
  });

  it('goes by the next route when it fails, and by none left the caller stays and a person follows up', () => {
    const story = Story.deflected('awaiting-receipt');
    expect(types(story.sms('failed'))).toEqual(['SmsReported', 'SmsRouteChosen']);
    expect(story.command).toMatchObject({ kind: 'SendSms', route: 'vonage', ref: 'interaction-1.1.1' });
    story.done('SendSms', { messageId: 'V1' });
    expect(types(story.sms('failed', 1))).toEqual(['SmsReported', 'ChoreAdded', 'OfferSettled']);
    expect(story.settled).toMatchObject({ outcome: 'compensated', reason: 'sms-not-delivered', attempts: 2 });
    expect(story.command).toMatchObject({ kind: 'RaiseAlert', code: 'sms-not-delivered' });
    expect(story.interaction.endedAt).toBeUndefined();
  });

  it('a report of the route before says nothing of this one', () => {
    const story = Story.deflected('awaiting-receipt');
    story.sms('failed');
    story.done('SendSms', {});
    expect(story.sms('failed', 0)).toEqual([]);
    expect(types(story.sms('delivered', 0))).toEqual(['SmsReported']);
  });

  it('that stays silent goes by the next route, and then stands unconfirmed', () => {
    const story = Story.deflected('awaiting-receipt');
    expect(types(story.dueNext())).toEqual(['SmsRouteChosen']);
    story.done('SendSms', {});
    expect(types(story.dueNext())).toEqual(['SmsUnconfirmed', 'ChoreAdded']);
    expect(story.offer).toMatchObject({ sms: 'unconfirmed', progress: { step: 'standing' } });
    story.done('RaiseAlert', null);
    expect(types(story.sms('delivered'))).toEqual(['SmsReported']);
    expect(story.offer.sms).toBe('delivered');
  });

  it('that fails after it was given up on still calls for a person', () => {
    const story = Story.deflected('awaiting-receipt', ONE_ROUTE);
    story.dueNext();
    expect(types(story.sms('failed'))).toEqual(['SmsReported', 'ChoreAdded']);
    expect(story.sms('failed')).toEqual([]);
  });

  it('H5: whose sending is uncertain is looked for, and sent by another route only when it cannot be there any more', () => {
    const story = Story.deflected('finding');
    expect(story.command).toMatchObject({ kind: 'FindSms', safety: 'repeatable', ref: 'interaction-1.1.0' });
    story.done('FindSms', { kind: 'not-there' });
    expect(story.commands).toEqual([]);
    story.dueNext();
    expect(types(story.done('FindSms', { kind: 'not-there' }))).toEqual(['SmsFailed', 'SmsRouteChosen']);
    const taken = Story.deflected('finding');
    taken.done('FindSms', { kind: 'taken', messageId: 'SM9' });
    expect(taken.offer.progress.step).toBe('awaiting-receipt');
    const unsure = Story.deflected('finding');
    unsure.done('FindSms', { kind: 'unsure' });
    expect(unsure.offer.progress.step).toBe('awaiting-receipt');
  });

  it('H5: a look that cannot be had leaves it to the receipt', () => {
    const story = Story.deflected('finding');
    story.fail({ kind: 'transient', code: 'rate-limited' });
    expect(story.offer.progress).toMatchObject({ step: 'finding', task: { kind: 'waiting' } });
    story.wait(60_000).due();
    story.fail({ kind: 'rejected', code: 'forbidden' });
    expect(story.offer.progress.step).toBe('awaiting-receipt');
  });

  it('H5: of a process that died is looked for', () => {
    const story = Story.deflected('sending');
    expect(types(story.take({ kind: 'taken-over' }))).toEqual(['SmsUncertain']);
    expect(Story.deflected('standing').take({ kind: 'taken-over' })).toEqual([]);
  });

  it('that is provably not taken is tried again, then goes by the next route', () => {
    const story = Story.deflected('sending');
    for (const _ of [1, 2]) {
      story.fail({ kind: 'transient', code: 'rate-limited' });
      expect(types(story.dueNext())).toEqual(['OfferRetried']);
    }
    expect(types(story.fail({ kind: 'transient', code: 'rate-limited' }))).toEqual(['SmsFailed', 'SmsRouteChosen']);
    expect(types(story.fail({ kind: 'rejected', code: 'bad-request' }))).toEqual([
      'SmsFailed',
      'ChoreAdded',
      'OfferSettled',
    ]);
  });

  it('is sent although the call could not be told', () => {
    const story = Story.deflected('deflecting');
    story.fail({ kind: 'ambiguous', code: 'timed-out' });
    story.dueNext();
    expect(types(story.fail({ kind: 'rejected', code: 'forbidden' }))).toEqual(['ContextNotWritten', 'SmsRouteChosen']);
    expect(story.interaction.written).toMatchObject([{ customer: '' }]);
    const sure = Story.deflected('deflecting');
    sure.fail({ kind: 'rejected', code: 'forbidden' });
    expect(sure.interaction.written).toBeUndefined();
  });

  it('a command that never comes back is given up', () => {
    const story = Story.deflected('sending');
    expect(story.due()).toEqual([]);
    expect(types(story.dueNext())).toEqual(['SmsUncertain']);
    expect(Story.deflected('awaiting-receipt').due()).toEqual([]);
  });

  it('H6: whose time is up settles, with what was under way', () => {
    const story = Story.deflected('sending', { ttlMs: 2_000 });
    story.wait(2_000).due();
    expect(story.settled).toMatchObject({ outcome: 'expired' });
    const late = Story.deflected('sending', { ttlMs: 2_000 });
    late.wait(2_500).fail({ kind: 'rejected', code: 'bad-request' });
    expect(late.settled).toMatchObject({ outcome: 'expired' });
  });
});

describe('the link', () => {
  it('starts the move of whoever opens it, and what is known goes along', () => {
    const story = Story.deflected('restoring');
    expect(story.command).toMatchObject({
      kind: 'WriteContext',
      externalId: OTHER_LEG.externalId,
      attributes: {
        interactionId: 'interaction-1',
        originVoiceConversationId: VOICE_LEG.externalId,
        priorIntent: 'billing_dispute',
        accountId: 'ACC-1',
      },
    });
    story.done('WriteContext', { customer: participant('p-there') });
    expect(story.settled).toMatchObject({ outcome: 'completed', claimed: { leg: OTHER_LEG, device: 'phone' } });
    expect(story.interaction.legs).toHaveLength(2);
  });

  it('H1: lets nothing else begin while it is being accepted', () => {
    const story = Story.deflected('restoring');
    expect(story.escalate()).toMatchObject([{ code: 'handoff-in-progress', handoffId: story.offer.id }]);
    expect(story.take({ kind: 'cancel-handoff', handoffId: story.offer.id })).toMatchObject([
      { code: 'too-late-to-cancel' },
    ]);
  });

  it('into our own chat is complete at once', () => {
    const story = Story.deflected('standing');
    expect(types(story.claim())).toEqual(['OfferClaimed', 'LegAttached', 'OfferSettled']);
    expect(story.settled).toMatchObject({ outcome: 'completed', claimed: { device: 'phone' } });
  });

  it('may be opened before its receipt has come', () => {
    const story = Story.deflected('awaiting-receipt');
    story.claim('phone', OTHER_LEG);
    expect(types(story.sms('delivered'))).toEqual(['SmsReported']);
    expect(story.offer.progress.step).toBe('restoring');
  });

  it('H4: says so where what is known could not be written there', () => {
    const story = Story.deflected('restoring');
    story.fail({ kind: 'rejected', code: 'forbidden' });
    expect(story.settled).toMatchObject({ outcome: 'completed', reason: 'context-not-attached' });
  });

  it('H7: has one winner, who may come back, before and after it has settled', () => {
    const story = Story.deflected('restoring');
    expect(story.claim('phone', OTHER_LEG)).toEqual([]);
    expect(story.claim('tablet', OTHER_CHAT)).toMatchObject([{ code: 'claim-already-active' }]);
    story.done('WriteContext', { customer: participant('p-there') });
    expect(story.claim('phone', OTHER_LEG)).toEqual([]);
    expect(story.claim('tablet', OTHER_CHAT)).toMatchObject([{ code: 'claim-already-active' }]);
  });

  it('moves to another device where the conversation is ours, and the customer asks for it', () => {
    const story = Story.deflected('standing');
    story.claim('phone');
    expect(story.claim('tablet', OTHER_CHAT, true)).toMatchObject([
      { type: 'OfferClaimed', device: 'tablet', leg: CHAT },
    ]);
    expect(story.settled).toMatchObject({ claimed: { device: 'tablet', leg: CHAT } });
    const vendors = Story.deflected('restoring');
    expect(vendors.claim('tablet', OTHER_CHAT, true)).toMatchObject([{ code: 'claim-already-active' }]);
  });

  it('H7: whatever the order of the devices, one conversation is the customer’s', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(7), { minLength: 1, maxLength: 24 }), (devices) => {
        const story = Story.deflected('standing');
        for (const device of devices) {
          story.claim(`device-${device}`, { ...CHAT, externalId: `chat-${device}` as ExternalId });
        }
        const chats = story.interaction.legs.filter(({ platform }) => platform === CHAT.platform);
        expect(chats.map(({ externalId }) => externalId)).toEqual([`chat-${devices[0]}`]);
        expect(story.events.filter(({ type }) => type === 'OfferClaimed')).toHaveLength(1);
      }),
    );
  });

  it('purges on first use what was marked so', () => {
    const context = { intent: 'x', ssnLast4: '1234', attributes: { Product_Type: 'card', ssnLast4: '1234' } };
    const story = Story.opened({ channel: 'voice', leg: VOICE_LEG, context });
    story.deflect();
    story.done('WriteContext', { customer: participant('p-customer') });
    story.done('SendSms', {});
    story.claim();
    expect(story.interaction.context).toEqual({ intent: 'x', attributes: { Product_Type: 'card' } });
    expect(story.interaction.masked).toContainEqual(expect.objectContaining({ carriedBy: 'withheld' }));
    const only = Story.opened({ channel: 'voice', leg: VOICE_LEG, context: { attributes: { ssnLast4: '1' } } });
    only.deflect();
    only.claim();
    expect(only.interaction.context).toEqual({});
  });

  it('that has expired, was withdrawn, or never was, says so', () => {
    const expired = Story.deflected('standing');
    expired.wait(3_600_001);
    expect(expired.claim()).toMatchObject([{ code: 'claim-expired' }]);
    expired.due();
    expect(expired.claim()).toMatchObject([{ code: 'claim-expired' }]);
    const withdrawn = Story.deflected('standing');
    withdrawn.escalate();
    const handoffId = 'interaction-1.1' as HandoffId;
    const input = {
      kind: 'claim-offer',
      handoffId,
      device: 'd',
      leg: CHAT,
      move: false,
      anchor: CHAT.platform,
    } as const;
    expect(withdrawn.take(input)).toMatchObject([{ code: 'claim-expired' }]);
    expect(withdrawn.take({ ...input, handoffId: 'interaction-1.9' as HandoffId })).toMatchObject([
      { code: 'claim-unknown' },
    ]);
    const over = Story.deflected('standing');
    over.claim();
    over.tell(CUSTOMER_LEFT, over.now, CHAT);
    over.tell(CUSTOMER_LEFT, over.now, VOICE_LEG);
    expect(over.claim()).toMatchObject([{ code: 'claim-expired' }]);
  });

  it('whose conversation has ended cannot be opened again', () => {
    const story = Story.deflected('standing');
    story.claim();
    story.tell(CUSTOMER_LEFT, story.now, CHAT);
    expect(story.claim()).toMatchObject([{ code: 'claim-expired' }]);
  });

  it('keeps a conversation that is a leg already', () => {
    const story = Story.deflected('standing');
    story.take({ kind: 'attach-leg', leg: OTHER_LEG });
    expect(types(story.claim('phone', OTHER_LEG))).toEqual(['OfferClaimed']);
  });
});

describe('meanwhile', () => {
  it.each(['deflecting', 'sending', 'finding', 'awaiting-receipt', 'standing'] as const)(
    '%s: the caller may be transferred, and the offer is withdrawn in the same append',
    (step) => {
      const story = Story.deflected(step);
      expect(types(story.transfer())).toEqual(['OfferSettled', 'TransferRequested']);
      expect(story.commands.map(({ kind }) => kind)).toEqual(['CheckTransfer']);
    },
  );

  it('it can be cancelled', () => {
    const story = Story.deflected('standing');
    story.take({ kind: 'cancel-handoff', handoffId: story.offer.id });
    expect(story.settled).toMatchObject({ outcome: 'cancelled', reason: 'cancelled-by-request' });
  });

  it('the call may end: the link is the way back', () => {
    for (const told of [CUSTOMER_LEFT, seen(GONE)]) {
      const story = Story.deflected('awaiting-receipt');
      story.tell(told, story.now, VOICE_LEG);
      expect(story.interaction.endedAt).toBeUndefined();
      story.claim();
      expect(story.settled).toMatchObject({ outcome: 'completed' });
      story.tell(CUSTOMER_LEFT, story.now, CHAT);
      expect(story.interaction.endedAt).toBeDefined();
    }
  });

  it('an erasure withdraws it', () => {
    const story = Story.deflected('standing');
    expect(types(story.take({ kind: 'erase', erasureId: 'e-1' }))).toEqual([
      'OfferSettled',
      'ErasureRequested',
      'InteractionErased',
    ]);
    expect(story.deflect()).toMatchObject([{ code: 'interaction-erased' }]);
  });

  it.each(['deflecting', 'sending', 'finding', 'awaiting-receipt', 'standing', 'restoring'] as const)(
    '%s: there is always a time at which somebody looks again (H6)',
    (step: Deflecting['step']) => {
      expect(deadline(Story.deflected(step).state)).not.toBeNull();
    },
  );

  it('what is told of another offer changes nothing', () => {
    const story = Story.deflected('standing');
    const input = { kind: 'sms-status', handoffId: 'x.1' as HandoffId, route: 0, status: 'delivered' } as const;
    expect(story.take(input)).toEqual([]);
    expect(story.interaction.legs.some(({ platform }) => platform === ARRIVED.platform)).toBe(false);
  });
});
