// Tests the way back to the voice (seed 000 §5 A; H1, H5, H6).

import { describe, expect, it } from 'vitest';
import { ARRIVED, CUSTOMER_LEFT, LEG, QUEUE, START, Story, types, VOICE_LEG } from '../../test/protocols/story.ts';
import type { ExternalId, PlatformName } from '../ids.ts';
import type { CallbackPolicy, RequestCallback } from './input.ts';

const ALWAYS = { fromHour: 0, toHour: 24 };
const POLICY: CallbackPolicy = {
  platform: VOICE_LEG.platform,
  queue: 'Callbacks',
  hours: ALWAYS,
  settleWithinMs: 60_000,
  limits: { commandTimeoutMs: 5_000, settleMs: 1_000, confirmWithinMs: 0, flowWithinMs: 0, transferAttempts: 1 },
};
const REQUEST: RequestCallback = {
  kind: 'request-callback',
  number: { ok: true, phone: '+15055551234', country: 'US' },
  pattern: 'queued',
  consent: 'asked-in-chat',
  policy: POLICY,
};

function asked(change: Partial<RequestCallback> = {}, story = Story.opened()): Story {
  story.take({ ...REQUEST, ...change });
  return story;
}

describe('a callback', () => {
  it('is booked in the platform’s queue, with what is known as its data', () => {
    const story = asked({ queue: 'Billing_Voice', priority: 10 });
    expect(story.command).toMatchObject({
      kind: 'BookCallback',
      safety: 'unlookable',
      platform: 'genesys_cloud',
      queueName: 'Billing_Voice',
      phone: '+15055551234',
      priority: 10,
      consent: 'asked-in-chat',
      data: {
        correlationId: 'interaction-1',
        priorDigitalConversationId: LEG.externalId,
        resolvedIntent: 'billing_dispute',
      },
    });
    expect('at' in story.command).toBe(false);
    story.done('BookCallback', { externalId: 'callback-1' as ExternalId, queue: QUEUE });
    expect(story.settled).toMatchObject({ kind: 'callback', outcome: 'completed', queue: QUEUE, booked: 'callback-1' });
    expect(story.interaction.legs.at(-1)).toMatchObject({ externalId: 'callback-1', channel: 'voice', later: true });
  });

  it('has no conversation yet where the platform names none', () => {
    const story = asked({}, Story.opened({ channel: 'voice', leg: VOICE_LEG, customer: { name: 'Ana' } }));
    expect(story.command).toMatchObject({ queueName: 'Callbacks', name: 'Ana' });
    expect('priorDigitalConversationId' in (story.command as { data: object }).data).toBe(false);
    story.done('BookCallback', { queue: QUEUE });
    expect(story.interaction.legs).toHaveLength(1);
  });

  it('is a person’s to end and to have erased, once its customer is: no platform lets its number and data be overwritten', () => {
    const story = asked();
    story.done('BookCallback', { externalId: 'callback-1' as ExternalId, queue: QUEUE });
    story.take({ kind: 'erase', erasureId: 'e-1' });
    expect(story.erased.copies).toMatchObject([
      {
        platform: 'genesys_cloud',
        channel: 'voice',
        externalId: 'callback-1',
        overwrite: { what: 'callback' },
        progress: { state: 'needs-a-person', code: 'callback-kept' },
      },
    ]);
    expect(JSON.stringify(story.erased)).not.toMatch(/5055551234|billing_dispute/);
    expect(story.commands).toEqual([]);
  });

  it('may be there where its answer was lost, or where the platform names no conversation: then the erasure says so too', () => {
    for (const lost of [true, false]) {
      const story = asked();
      if (lost) story.fail({ kind: 'ambiguous', code: 'timed-out' });
      else story.done('BookCallback', { queue: QUEUE });
      story.take({ kind: 'erase', erasureId: 'e-1' });
      expect(story.erased.copies).toMatchObject([{ externalId: null, overwrite: { what: 'callback' } }]);
    }
    const refused = asked();
    refused.fail({ kind: 'rejected', code: 'forbidden' });
    refused.take({ kind: 'erase', erasureId: 'e-1' });
    expect(refused.erased.copies).toEqual([]);
  });

  it('H1: is refused beside a move, and once per key', () => {
    expect(Story.at('confirming').take(REQUEST)).toMatchObject([{ code: 'handoff-in-progress' }]);
    const request = { key: 'k', digest: 'd' };
    const story = asked({ request });
    expect(story.take({ ...REQUEST, request })).toEqual([]);
    expect(story.take({ ...REQUEST, request: { key: 'k', digest: 'e' } })).toMatchObject([
      { code: 'idempotency-key-reused' },
    ]);
    const over = Story.opened();
    over.tell(CUSTOMER_LEFT);
    expect(over.take(REQUEST)).toMatchObject([{ code: 'interaction-ended' }]);
    const nowhere = Story.opened();
    nowhere.take({ kind: 'detach-leg', leg: LEG });
    expect(nowhere.take(REQUEST)).toMatchObject([{ code: 'no-platform-leg' }]);
  });

  it('withdraws a link that stands', () => {
    const story = Story.deflected('standing');
    expect(types(story.take(REQUEST))).toEqual(['OfferSettled', 'CallbackRequested']);
  });

  it('H5: whose fate is unknown is a person’s, never booked again', () => {
    for (const end of [
      (story: Story) => story.fail({ kind: 'ambiguous', code: 'timed-out' }),
      (story: Story) => story.take({ kind: 'taken-over' }),
      (story: Story) => story.dueNext(),
      (story: Story) => story.wait(100_000).due(),
    ]) {
      const story = asked();
      expect(types(end(story))).toEqual(['HandoffSettled', 'ChoreAdded']);
      expect(story.settled).toMatchObject({ outcome: 'dead_lettered', reason: 'fate-unknown' });
      expect(story.commands.map(({ kind }) => kind)).toEqual(['RaiseAlert']);
    }
  });

  it('that was provably not taken is asked for again, in its time', () => {
    const story = asked();
    story.fail({ kind: 'transient', code: 'rate-limited' });
    expect(story.take({ kind: 'taken-over' })).toEqual([]);
    expect(story.due()).toEqual([]);
    expect(types(story.dueNext())).toEqual(['StepRetried']);
    expect(story.due()).toEqual([]);
    story.fail({ kind: 'transient', code: 'rate-limited', retryAfterMs: 90_000 });
    story.dueNext();
    expect(story.settled).toMatchObject({ outcome: 'refused', reason: 'platform-unavailable', detail: 'rate-limited' });
  });

  it('that the platform refuses is refused', () => {
    const story = asked();
    story.fail({ kind: 'rejected', code: 'queue-not-found-or-not-visible', detail: 'Home' });
    expect(story.settled).toMatchObject({
      outcome: 'refused',
      reason: 'queue-not-found-or-not-visible',
      detail: 'Home',
    });
    const other = asked();
    other.fail({ kind: 'rejected', code: 'bad-request' });
    expect(other.settled).toMatchObject({ outcome: 'refused', reason: 'bad-request' });
  });

  it('can be cancelled while it waits, and not while it may be booked', () => {
    const story = asked();
    const input = { kind: 'cancel-handoff', handoffId: story.move.id } as const;
    expect(story.take(input)).toMatchObject([{ code: 'too-late-to-cancel' }]);
    story.fail({ kind: 'transient', code: 'rate-limited' });
    story.take(input);
    expect(story.settled).toMatchObject({ outcome: 'cancelled' });
  });

  it('is for who has left: it goes on, and the interaction with it', () => {
    const story = asked();
    expect(types(story.tell(CUSTOMER_LEFT))).not.toContain('InteractionEnded');
    expect(story.move.kind).toBe('callback');
    story.done('BookCallback', { externalId: 'callback-1' as ExternalId, queue: QUEUE });
    expect(story.settled).toMatchObject({ outcome: 'completed' });
    expect(story.interaction.endedAt).toBeUndefined();
  });

  it('that is not to be ends what its customer has left', () => {
    const story = asked();
    story.tell(CUSTOMER_LEFT);
    story.fail({ kind: 'rejected', code: 'forbidden' });
    expect(story.settled).toMatchObject({ outcome: 'refused' });
    expect(story.interaction.endedAt).toBeDefined();
  });

  it('is told nothing by what other conversations do', () => {
    const story = asked();
    story.tell({ kind: 'queue-entered', participantId: 'p' as never, queueId: QUEUE.id });
    expect(story.move.kind).toBe('callback');
    expect(story.answer('interaction-1.1.booking.1', { kind: 'done', of: 'CloseLeg', result: null })).toEqual([]);
    expect(ARRIVED.channel).toBe('voice');
  });
});

describe('who may be called, and when', () => {
  const day = { ...POLICY, hours: { fromHour: 8, toHour: 21 } };

  it.each<readonly [string, Partial<RequestCallback>]>([
    ['on-suppression-list', { number: { ok: false, reason: 'on-suppression-list' } }],
    ['no-platform-for-callbacks', { policy: { ...POLICY, platform: null } }],
    ['outside-calling-hours', { policy: { ...POLICY, hours: { fromHour: 8, toHour: 8 } } }],
  ])('is refused: %s', (reason, change) => {
    expect(asked(change).settled).toMatchObject({ outcome: 'refused', reason });
  });

  it('whose time zone nobody knows is refused, and told what to configure', () => {
    // A satellite telephone: it has no country.
    const number = { ok: true, phone: '+870773111632' } as const;
    expect(asked({ policy: day, number }).settled).toMatchObject({
      outcome: 'refused',
      reason: 'time-zone-unknown',
      detail: expect.stringContaining('callbacks.otherwiseIn'),
    });
    expect(asked({ policy: day, number, timeZone: 'America/Los_Angeles' }).command.kind).toBe('BookCallback');
    const configured = asked({ policy: { ...day, otherwiseIn: 'America/Los_Angeles' }, number });
    expect(configured.command.kind).toBe('BookCallback');
    // Every hour is right wherever they are.
    expect(asked({ number }).command.kind).toBe('BookCallback');
  });

  it('what is asked for at night is booked for the morning', () => {
    // The story begins at 22:13 UTC.
    const story = asked({ policy: day, timeZone: 'UTC' });
    expect(story.command).toMatchObject({ at: Date.parse('2023-11-15T08:00:00Z') });
  });

  it('what is asked for by the hour is refused at night, and says when', () => {
    const at = START + 60_000;
    const story = asked({ policy: day, timeZone: 'UTC', at });
    expect(story.settled).toMatchObject({
      reason: 'outside-calling-hours',
      detail: 'allowed again at 2023-11-15T08:00:00.000Z',
    });
    const later = asked({ policy: day, timeZone: 'America/Los_Angeles', at });
    expect(later.command).toMatchObject({ at });
  });

  it('what could not be asked for in its hours is not made up for at night', () => {
    // Two hours behind: 20:13.
    const policy = { ...day, settleWithinMs: 3 * 3_600_000 };
    const story = asked({ policy, timeZone: 'Atlantic/South_Georgia' });
    expect(story.command).toMatchObject({ notAfter: Date.parse('2023-11-14T23:00:00Z') });
    story.fail({ kind: 'transient', code: 'unreachable', retryAfterMs: 30 * 60_000 });
    expect(types(story.dueNext())).toEqual(['StepRetried']);
    story.fail({ kind: 'transient', code: 'unreachable', retryAfterMs: 30 * 60_000 });
    story.dueNext();
    expect(story.settled).toMatchObject({ outcome: 'refused', reason: 'outside-calling-hours', detail: 'unreachable' });
  });

  it('a call that is made at once is never moved to another hour', () => {
    const story = asked({ policy: day, timeZone: 'UTC', pattern: 'bridged' });
    expect(story.settled).toMatchObject({
      outcome: 'refused',
      reason: 'outside-calling-hours',
      detail: 'allowed again at 2023-11-15T08:00:00.000Z',
    });
  });

  it('one that is booked for now is not made any more when the hours are over meanwhile', () => {
    // Two hours behind: 20:13.
    const within = { timeZone: 'Atlantic/South_Georgia', pattern: 'bridged' } as const;
    const long = asked({ policy: { ...day, settleWithinMs: 3_600_000 }, ...within });
    expect(long.command).toMatchObject({ pattern: 'bridged', notAfter: Date.parse('2023-11-14T23:00:00Z') });
    expect('notAfter' in asked({ policy: day, ...within }).command).toBe(false);
    const later = { ...within, pattern: 'queued', at: START + 60_000 } as const;
    expect('notAfter' in asked({ policy: { ...day, settleWithinMs: 3_600_000 }, ...later }).command).toBe(false);
  });

  it('an hour that has passed is now', () => {
    const story = asked({ at: START - 1 });
    expect('at' in story.command).toBe(false);
  });

  it('goes to the configured platform', () => {
    const policy = { ...POLICY, platform: 'nice_cxone' as PlatformName };
    expect(asked({ policy }).command).toMatchObject({ platform: 'nice_cxone' });
  });

  it('H5: leaves a message that is on its way to people on its way, and begins no other meanwhile', () => {
    const story = Story.withPeople();
    story.says('One');
    const { key } = story.command;
    asked({}, story);
    story.says('Two');
    const delivered = () => story.commands.filter(({ kind }) => kind === 'DeliverMessage');
    expect(delivered()).toMatchObject([{ key, message: { id: 'One' } }]);
  });
});
