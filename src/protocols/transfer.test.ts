// Tests how a transfer is asked for and prepared (seed 002, phase 1; H1, H3, H4).

import { describe, expect, it } from 'vitest';
import {
  ACROSS,
  AT_SOURCE,
  agentParty,
  botParty,
  CXONE,
  customerParty,
  FALLBACK,
  GONE,
  LEG,
  queueParty,
  Story,
  TRANSFERS,
  types,
  VOICE_LEG,
  view,
} from '../../test/protocols/story.ts';
import type { ConversationView } from '../context/conversation.ts';
import type { Instant, PlatformName } from '../ids.ts';
import type { RequestTransfer, TransferPolicy, TransferSite } from './input.ts';
import type { TransferMove } from './move.ts';

const call = () => Story.opened({ channel: 'voice', leg: VOICE_LEG });
const GENESYS = VOICE_LEG.platform;

function policy(at: PlatformName, change: Partial<TransferSite>): TransferPolicy {
  const site = TRANSFERS.sites[at];
  if (!site) throw new Error(`no site ${at}`);
  return { ...TRANSFERS, sites: { ...TRANSFERS.sites, [at]: { ...site, ...change } } };
}

function moveOf(story: Story): TransferMove {
  const { move } = story;
  if (move.kind !== 'transfer') throw new Error('no transfer is open');
  return move;
}

describe('a request', () => {
  it('opens a move that checks both sides first', () => {
    const story = call();
    expect(types(story.transfer())).toEqual(['TransferRequested']);
    expect(story.command).toMatchObject({
      kind: 'CheckTransfer',
      safety: 'repeatable',
      externalId: VOICE_LEG.externalId,
      to: CXONE,
      target: { kind: 'agent', agentId: '4492' },
      fallback: { source: 'Supervisors', destination: 'Rescue' },
    });
  });

  it('H1: is refused with the open one’s id', () => {
    const story = Story.crossing('committing');
    expect(story.transfer()).toMatchObject([
      { type: 'RequestRefused', code: 'handoff-in-progress', handoffId: story.move.id },
    ]);
    expect(story.escalate()).toMatchObject([{ code: 'handoff-in-progress' }]);
  });

  it('is the same handoff under the same key, and refused with another body', () => {
    const story = call();
    const request = { key: 'k-1', digest: 'd-1' };
    story.transfer({ request });
    expect(story.transfer({ request })).toEqual([]);
    expect(story.transfer({ request: { ...request, digest: 'd-2' } })).toMatchObject([
      { code: 'idempotency-key-reused' },
    ]);
  });

  it('is refused where nothing is left to move', () => {
    const over = call();
    over.tell({ kind: 'customer-left', participantId: customerParty().id }, over.now, VOICE_LEG);
    expect(over.transfer()).toMatchObject([{ code: 'interaction-ended' }]);
    const elsewhere = call();
    expect(elsewhere.transfer({ policy: { ...TRANSFERS, sites: {} } })).toMatchObject([{ code: 'no-platform-leg' }]);
  });

  it.each<readonly [string, Partial<RequestTransfer>, Story]>([
    ['same-platform', { to: GENESYS }, call()],
    ['destination-takes-no-transfers', { to: 'five9' as PlatformName }, call()],
    ['destination-takes-no-transfers', { policy: policy(CXONE, { reservation: 'none' }) }, call()],
    ['no-way-to-let-go', { policy: policy(GENESYS, { ways: ['flow'] }) }, call()],
    ['no-way-to-let-go', { type: 'warm', policy: policy(GENESYS, { ways: ['signal'] }) }, call()],
    ['channel-not-transferable', {}, Story.opened({ leg: LEG })],
  ])('settles as refused: %s', (reason, change, story) => {
    story.transfer(change);
    expect(story.settled).toMatchObject({ kind: 'transfer', outcome: 'refused', reason });
    expect(story.commands).toEqual([]);
  });

  it('settles as refused where a side has no queue for callers whose transfer fails', () => {
    for (const [at, reason] of [
      [GENESYS, 'source-takes-no-transfers'],
      [CXONE, 'destination-takes-no-transfers'],
    ] as const) {
      const { fallbackQueue: _, ...site } = TRANSFERS.sites[at] ?? ({} as TransferSite);
      const story = call();
      story.transfer({ policy: { ...TRANSFERS, sites: { ...TRANSFERS.sites, [at]: site } } });
      expect(story.settled).toMatchObject({ outcome: 'refused', reason });
    }
  });

  it('has time for a consultation where there is one', () => {
    const until = (type: RequestTransfer['type']) => Story.crossing('checking', { type }).move.limits.settleBy;
    expect(until('consultative') - until('blind')).toBe(TRANSFERS.consultMs);
  });
});

describe('what travels', () => {
  const context = { accountNumber: 'ACC-992837', dtmfSequence: ['1', '3', '0'], attributes: { Product_Type: 'card' } };
  const carried = (change: Partial<RequestTransfer>) => {
    const story = Story.opened({ channel: 'voice', leg: VOICE_LEG, context });
    story.transfer({ manifestRef: 'ref-1' as RequestTransfer['manifestRef'] & string, ...change });
    const { terms, loss } = moveOf(story);
    return { attributes: terms.carried, loss };
  };

  it('carries the digits and the rest of the context to the destination', () => {
    expect(carried({}).attributes).toMatchObject({
      interactionId: 'interaction-1',
      accountNumber: 'ACC-992837',
      dtmfSequence: '["1","3","0"]',
      Product_Type: 'card',
    });
  });

  it('H4: names what the mapping has no word for, and takes the reference along', () => {
    const table = policy(CXONE, { mapping: { accountNumber: 'acct', dtmfSequence: 'Digits' } });
    const { attributes, loss } = carried({ policy: table });
    expect(attributes).toMatchObject({ acct: 'ACC-992837', Digits: '["1","3","0"]', handoff_context_ref: 'ref-1' });
    expect(loss).toContainEqual({
      field: 'context.attributes.Product_Type',
      limit: 'no mapping',
      carriedBy: 'reference',
    });
  });

  it.each([
    ['native', true],
    ['entry-script', false],
  ] as const)('with a place that is %s, an earlier visit there may have left something: %s', (reservation, left) => {
    const story = Story.opened({ channel: 'voice', leg: VOICE_LEG, context });
    story.take({ kind: 'attach-leg', leg: { ...VOICE_LEG, platform: CXONE } });
    story.tell({ kind: 'customer-left', participantId: customerParty().id }, story.now, {
      ...VOICE_LEG,
      platform: CXONE,
    });
    story.transfer({ policy: policy(CXONE, { reservation }) });
    expect(Object.hasOwn(moveOf(story).terms.carried, 'handoff_manifest')).toBe(left);
  });

  it('marks the source with our id, so that both records can be joined', () => {
    const story = Story.crossing('marking', { manifestRef: 'ref-1' as RequestTransfer['manifestRef'] & string });
    expect(story.command).toMatchObject({
      kind: 'AttachContext',
      externalId: VOICE_LEG.externalId,
      tag: 'interaction-1',
      attributes: { interactionId: 'interaction-1', handoff_context_ref: 'ref-1' },
    });
    expect(story.interaction.written).toMatchObject([
      { leg: VOICE_LEG, names: ['interactionId', 'handoff_context_ref'] },
    ]);
  });
});

describe('the check', () => {
  const check = (
    what: ConversationView,
    change: Partial<RequestTransfer> = {},
    free: 'yes' | 'no' | 'unknown' = 'yes',
  ) => {
    const story = Story.crossing('checking', change);
    story.done('CheckTransfer', { view: what, free, ...(free === 'no' && { code: 'agent-busy' }), fallback: FALLBACK });
    return story;
  };

  it('takes the place of the agent who talks, else of the queue, else of the bot', () => {
    const leaving = (what: ConversationView) => {
      const { progress } = moveOf(check(what));
      return 'route' in progress && progress.route.leaving;
    };
    expect(leaving(view([customerParty(), botParty(), queueParty(), agentParty('p-a')]))).toBe('p-a');
    expect(
      leaving(view([customerParty(), botParty(), queueParty('p-q'), agentParty('p-a', { state: 'alerting' })])),
    ).toBe('p-q');
    expect(leaving(view([customerParty(), botParty()]))).toBe('p-bot');
  });

  it('goes on where the destination does not say whether somebody is free', () => {
    expect(moveOf(check(AT_SOURCE, {}, 'unknown')).progress.step).toBe('marking');
  });

  it.each<readonly [string, ConversationView, Partial<RequestTransfer>, 'yes' | 'no']>([
    ['agent-busy', AT_SOURCE, {}, 'no'],
    ['nothing-to-transfer', view([customerParty()]), {}, 'yes'],
    ['no-agent-to-consult', view([customerParty(), botParty()]), { type: 'consultative' }, 'yes'],
  ])('refuses: %s', (reason, what, change, free) => {
    expect(check(what, change, free).settled).toMatchObject({ outcome: 'refused', reason });
  });

  it('H6: is cancelled when the customer has left', () => {
    expect(check(GONE).settled).toMatchObject({ outcome: 'cancelled', reason: 'customer-left' });
  });

  it('says that the conversation is unknown, and what a queue’s name was refused for', () => {
    const story = Story.crossing('checking');
    story.fail({ kind: 'rejected', code: 'not-found' });
    expect(story.settled).toMatchObject({ outcome: 'refused', reason: 'conversation-not-found' });
    const other = Story.crossing('checking');
    other.fail({ kind: 'rejected', code: 'queue-not-found-or-not-visible', detail: 'Home' });
    expect(other.settled).toMatchObject({ reason: 'queue-not-found-or-not-visible', detail: 'Home' });
  });
});

describe('the reservation', () => {
  it('H3: comes before the source is told anything', () => {
    const story = Story.crossing('reserving');
    expect(story.command).toMatchObject({
      kind: 'Reserve',
      safety: 'fenced',
      to: CXONE,
      reservation: 'entry-script',
      token: 'token-of-128-bits',
      entryNumbers: ['+18885551900'],
      context: { canonicalInteractionId: 'interaction-1', sourcePlatform: 'genesys_cloud' },
    });
    story.reserve();
    expect(story.command).toMatchObject({
      kind: 'TransferAway',
      safety: 'lookable',
      style: 'blind',
      way: 'rest',
      leaving: 'p-source-agent',
      leavingAgent: 'a-source',
      address: '+18885551900',
      token: 'token-of-128-bits',
      reservationId: 'r-1',
    });
  });

  it('H3: counts the check from when the destination answered it, not from when the slower source had', () => {
    const story = Story.crossing('checking');
    const { now } = story;
    story.wait(6_000);
    const freeAt = (now + 50) as Instant;
    story.done('CheckTransfer', { view: AT_SOURCE, free: 'yes', queue: ACROSS, fallback: FALLBACK, freeAt });
    expect(story.move.progress).toMatchObject({ step: 'marking', checkedAt: freeAt });
    story.done('AttachContext', null);
    expect(story.command).toMatchObject({ kind: 'Reserve', checkedAt: freeAt });
  });

  it('is refused where the destination holds none, and nothing has moved', () => {
    const story = Story.crossing('reserving');
    story.done('Reserve', { held: false, code: 'agent-busy' });
    expect(story.settled).toMatchObject({ outcome: 'refused', reason: 'agent-busy' });
  });

  it('H3: one too short to finish is given back', () => {
    const story = Story.crossing('reserving');
    story.reserve(3_000);
    expect(story.settled).toMatchObject({ outcome: 'refused', reason: 'reservation-too-short' });
    expect(story.command).toMatchObject({
      kind: 'Release',
      reservation: { kind: 'entry-script', id: 'interaction-1.1' },
    });
  });

  it('H3: one that the source’s slowness has used up, or whose check is older than 2 s, is sought anew', () => {
    const story = Story.crossing('committing');
    expect(story.command).toMatchObject({ notAfter: story.now + 2_000 });
    story.fail({ kind: 'transient', code: 'rate-limited', retryAfterMs: 3_000 });
    expect(types(story.dueNext())).toEqual(['ReservationLapsed']);
    // The number stays with its handoff: giving it back now could give it to somebody else.
    expect(story.command).toMatchObject({ kind: 'Reserve' });
    story.reserve();
    expect(story.command).toMatchObject({ kind: 'TransferAway' });
  });

  it('one that still holds is used', () => {
    const story = Story.crossing('committing');
    story.fail({ kind: 'transient', code: 'rate-limited', retryAfterMs: 300 });
    expect(types(story.dueNext())).toEqual(['StepRetried']);
    expect(story.command).toMatchObject({ kind: 'TransferAway' });
  });

  it('a platform’s own needs no second check, and is given back when another takes its place', () => {
    const story = Story.crossing('committing', {
      policy: policy(CXONE, { reservation: 'native' }),
      holdLimitMs: 90_000,
    });
    story.fail({ kind: 'transient', code: 'rate-limited', retryAfterMs: 3_000 });
    expect(types(story.dueNext())).toEqual(['StepRetried']);
    story.fail({ kind: 'transient', code: 'rate-limited', retryAfterMs: 55_000 });
    story.dueNext();
    expect(story.commands).toMatchObject([
      { kind: 'Reserve' },
      { kind: 'Release', reservation: { kind: 'native', id: 'r-1' } },
    ]);
  });

  it('H3: one of the platform’s own too short to finish is given back by its own id', () => {
    const story = Story.crossing('reserving', { policy: policy(CXONE, { reservation: 'native' }) });
    story.reserve(3_000);
    expect(story.settled).toMatchObject({ outcome: 'refused', reason: 'reservation-too-short' });
    expect(story.command).toMatchObject({ kind: 'Release', reservation: { kind: 'native', id: 'r-1' } });
  });

  it('H3: is asked for long enough to finish, however short the customer is to be kept', () => {
    const story = Story.crossing('reserving', { holdLimitMs: 15_000 });
    const asked = story.command.kind === 'Reserve' ? story.command.holdLimitMs : 0;
    // It stands from when it was given; what is left of it when the answer has come must do.
    story.reserve(asked - 2_000);
    expect(story.command).toMatchObject({ kind: 'TransferAway' });
  });

  it('is for a queue where a queue is meant', () => {
    const story = Story.crossing('committing', { target: { kind: 'queue', queueName: ACROSS.name } });
    story.wait(200_000).due();
    expect(story.settled.queue).toEqual(ACROSS);
  });
});
