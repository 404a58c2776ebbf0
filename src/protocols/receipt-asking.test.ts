// Tests that a message is asked after where nobody tells of it (seed 000, edge case 4), and that a restart changes nothing of when and how long.

import { describe, expect, it } from 'vitest';
import { DEFLECTIONS, Story } from '../../test/protocols/story.ts';
import { deadline } from './handoff.ts';

const ONE_ROUTE = { number: { ok: true, to: '+15055551234', routes: ['twilio'] } } as const;

describe('a message by a route whose provider calls no hook', () => {
  const policy = { ...DEFLECTIONS, asked: ['twilio'] };
  const PENDING = { status: 'pending' } as const;

  it('is asked after, for as long as a receipt is waited for, and found delivered', () => {
    const story = Story.deflected('awaiting-receipt', { policy, source: 'disconnect' });
    expect(story.commands).toEqual([]);
    expect(deadline(story.state)).toBe(story.now + 2_000);
    story.dueNext();
    expect(story.command).toMatchObject({
      kind: 'AskReceipt',
      safety: 'repeatable',
      route: 'twilio',
      messageId: 'SM1',
    });
    story.done('AskReceipt', PENDING);
    expect(deadline(story.state)).toBe(story.now + 3_000);
    story.dueNext();
    story.done('AskReceipt', { status: 'delivered' });
    expect(story.offer).toMatchObject({ sms: 'delivered', progress: { step: 'standing' } });
    expect(story.command).toMatchObject({ kind: 'CloseLeg' });
  });

  it('survives a restart: what was asked is asked again, and the time that is waited stays the same', () => {
    const story = Story.deflected('awaiting-receipt', { policy });
    story.dueNext();
    const [asked] = story.commands;
    story.take({ kind: 'taken-over' });
    expect(story.commands).toEqual([asked]);
    // Nobody answers: it is asked again by itself.
    story.dueNext();
    expect(story.commands).toEqual([]);
    story.dueNext();
    expect(story.command.kind).toBe('AskReceipt');
  });

  it('goes by the next route when it failed there, or when its time is up, and by none then', () => {
    const failed = Story.deflected('awaiting-receipt', { policy });
    failed.dueNext();
    failed.done('AskReceipt', { status: 'failed', reason: 'landline' });
    expect(failed.command).toMatchObject({ kind: 'SendSms', route: 'vonage' });
    const silent = Story.deflected('awaiting-receipt', { policy, ...ONE_ROUTE });
    const sentAt = silent.now;
    while (silent.offer.sms === 'sent') {
      silent.dueNext();
      if (silent.commands[0]?.kind === 'AskReceipt') silent.done('AskReceipt', PENDING);
    }
    expect(silent.now).toBe(sentAt + 20_000);
    expect(silent.offer).toMatchObject({ sms: 'unconfirmed', progress: { step: 'standing' } });
    expect(silent.command).toMatchObject({ kind: 'RaiseAlert', code: 'sms-unconfirmed' });
  });

  it('may be confirmed yet after it was unconfirmed, and is let be in the end', () => {
    const unconfirmed = () => {
      const story = Story.deflected('awaiting-receipt', { policy, ...ONE_ROUTE });
      while (story.offer.sms === 'sent') {
        story.dueNext();
        if (story.commands[0]?.kind === 'AskReceipt') story.done('AskReceipt', PENDING);
      }
      story.done('RaiseAlert', null);
      return story;
    };
    const late = unconfirmed();
    late.dueNext();
    late.done('AskReceipt', { status: 'delivered' });
    expect(late.offer).toMatchObject({ sms: 'delivered' });
    expect(late.offer.progress).not.toHaveProperty('asks');
    const lost = unconfirmed();
    lost.dueNext();
    lost.done('AskReceipt', { status: 'failed' });
    expect(lost.offer).toMatchObject({ sms: 'failed', progress: { step: 'standing' } });
    expect(lost.command).toMatchObject({ kind: 'RaiseAlert', code: 'sms-not-delivered' });
    const silent = unconfirmed();
    let looks = 0;
    while (silent.interaction.offers.length > 0) {
      silent.dueNext();
      if (silent.commands[0]?.kind !== 'AskReceipt') continue;
      looks += 1;
      silent.done('AskReceipt', PENDING);
    }
    expect(looks).toBe(4);
    expect(silent.settled).toMatchObject({ outcome: 'expired' });
  });

  it('waits in silence where its provider does not know it, and a while where it cannot say', () => {
    const unknown = Story.deflected('awaiting-receipt', { policy, ...ONE_ROUTE });
    const sentAt = unknown.now;
    unknown.dueNext();
    unknown.fail({ kind: 'rejected', code: 'not-found' });
    expect(deadline(unknown.state)).toBe(sentAt + 20_000);
    const busy = Story.deflected('awaiting-receipt', { policy });
    busy.dueNext();
    busy.fail({ kind: 'transient', code: 'rate-limited', retryAfterMs: 9_000 });
    expect(deadline(busy.state)).toBe(sentAt + 11_000);
  });

  it('is asked after for as long as a long wait is', () => {
    const patient = { ...policy, receiptWaitMs: 300_000 };
    const story = Story.deflected('awaiting-receipt', { policy: patient, ...ONE_ROUTE });
    const sentAt = story.now;
    const asked: number[] = [];
    while (story.offer.sms === 'sent') {
      story.dueNext();
      if (story.commands[0]?.kind !== 'AskReceipt') continue;
      asked.push(story.now - sentAt);
      story.done('AskReceipt', PENDING);
    }
    expect(asked).toEqual([2_000, 5_000, 10_000, 18_000, 33_000, 63_000, 123_000, 243_000]);
    expect(story.now).toBe(sentAt + 300_000);
  });
});
