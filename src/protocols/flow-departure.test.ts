// Tests the transfer that the source's own flow makes (DESIGN: `commitBy` `flow`): it is told where to only while that is right (H3), what it
// was told is looked for until it must have shown (H5), and every way it can go ends (H6).

import { describe, expect, it } from 'vitest';
import {
  ANSWERED,
  ARRIVED,
  AT_SOURCE,
  CUSTOMER_LEFT,
  customerParty,
  entered,
  FALLBACK,
  GONE,
  IN_RESCUE,
  queueParty,
  Story,
  TRANSFERS,
  types,
  VOICE_LEG,
  view,
  WITH_BOT,
  WRITTEN,
} from '../../test/protocols/story.ts';
import type { Failure } from '../outcome.ts';
import type { CommitWay } from './crossing.ts';
import { toldNow } from './flow-departure.ts';
import type { RequestTransfer, TransferPolicy } from './input.ts';
import type { TransferMove } from './move.ts';

const WITHIN_MS = 20_000;
const FRESH_MS = 2_000;
const SETTLE_MS = 1_000;

function policyWith(ways: readonly CommitWay[]): TransferPolicy {
  const sites = Object.entries(TRANSFERS.sites).map(([name, site]) => [name, { ...site, ways }] as const);
  return { ...TRANSFERS, sites: Object.fromEntries(sites), limits: { ...TRANSFERS.limits, flowWithinMs: WITHIN_MS } };
}
const POLICY = policyWith(['rest', 'flow']);

const asked = (change: Partial<RequestTransfer> = {}) => {
  const story = Story.opened({ channel: 'voice', leg: VOICE_LEG });
  story.transfer({ commitBy: 'flow', policy: POLICY, ...change });
  return story;
};

/** Prepared: a place is held, and the flow may ask for it. */
function prepared(): Story {
  const story = asked();
  story.done('CheckTransfer', { view: WITH_BOT, free: 'yes', fallback: FALLBACK });
  story.done('AttachContext', null);
  story.reserve();
  return story;
}

const tell = (story: Story) => story.take({ kind: 'tell-flow', handoffId: story.move.id });
const moveOf = (story: Story) => story.move as TransferMove;
const now = (story: Story) => toldNow(moveOf(story), story.now);

/** The flow was told the number. */
function told(): Story {
  const story = prepared();
  tell(story);
  return story;
}

/** A look at the source comes back, as soon as one is due. */
function looked(story: Story, seen: typeof WITH_BOT | 'gone') {
  if (moveOf(story).progress.task.kind === 'waiting') story.dueNext();
  return story.done('Reconcile', { source: seen });
}

const AWAY = view([
  customerParty(),
  { id: 'p-bot' as never, role: 'bot', state: 'ended' },
  { id: 'p-line' as never, role: 'other', state: 'connected' },
]);
const WENT_ON = { kind: 'customer-left', participantId: customerParty().id, transferred: true } as const;
const TO_ACD = view([
  customerParty(),
  { id: 'p-bot' as never, role: 'bot', state: 'ended' },
  queueParty('p-own-queue'),
]);

describe('a transfer that the flow makes', () => {
  it('is prepared like any other, and then nothing is asked of the source', () => {
    const story = prepared();
    expect(story.move).toMatchObject({ commitBy: 'flow', attempts: 0, progress: { step: 'awaiting-flow' } });
    expect(story.commands).toEqual([]);
    expect(now(story)).toBeUndefined();
  });

  it.each([
    ['the source has no flow that could', { policy: policyWith(['rest']) }],
    ['somebody is to be spoken to first', { type: 'warm' as const }],
  ])('is refused where %s', (_, change) => {
    expect(asked(change).settled).toMatchObject({ outcome: 'refused', reason: 'no-way-to-let-go' });
  });

  it('is refused where an agent has the caller, whom no flow could take from them', () => {
    const story = asked();
    story.done('CheckTransfer', { view: AT_SOURCE, free: 'yes', fallback: FALLBACK });
    expect(story.settled).toMatchObject({ outcome: 'refused', reason: 'no-way-to-let-go' });
  });

  it('is not what we do by ourselves where a flow is the only way', () => {
    const story = Story.opened({ channel: 'voice', leg: VOICE_LEG });
    story.transfer({ policy: policyWith(['flow']) });
    expect(story.settled).toMatchObject({ outcome: 'refused', reason: 'no-way-to-let-go' });
  });

  it('H3: tells the number only while the place and its check suffice', () => {
    const story = told();
    expect(now(story)).toMatchObject({ reservation: { address: '+18885551900' }, until: story.now + WITHIN_MS });
    expect(moveOf(story).attempts).toBe(1);
    expect(tell(story)).toEqual([]);
    story.wait(FRESH_MS);
    expect(now(story)).toBeDefined();
    story.wait(1);
    expect(now(story)).toBeUndefined();
    expect(types(tell(story))).toEqual(['ReservationLapsed']);
    expect(story.command).toMatchObject({ kind: 'Reserve' });
    expect(tell(story)).toEqual([]);
    story.reserve();
    expect(now(story)).toBeUndefined();
    expect(types(tell(story))).toEqual(['FlowTold']);
    expect(now(story)).toBeDefined();
  });

  it('H3: a place that was sought too long ago is sought anew before anything is told', () => {
    const story = prepared();
    story.wait(FRESH_MS + 1);
    expect(types(tell(story))).toEqual(['ReservationLapsed']);
    story.done('Reserve', { held: false, code: 'agent-busy' });
    expect(story.settled).toMatchObject({ outcome: 'refused', reason: 'agent-busy', attempts: 0 });
    expect(story.command).toMatchObject({ kind: 'Release' });
  });

  it('has until its place is nearly over, when that is sooner', () => {
    const story = asked();
    story.done('CheckTransfer', { view: WITH_BOT, free: 'yes', fallback: FALLBACK });
    story.done('AttachContext', null);
    story.reserve(15_000);
    tell(story);
    expect(now(story)).toMatchObject({ until: story.now + 15_000 - SETTLE_MS });
  });

  it('goes on as soon as the caller has come in, and is completed', () => {
    const story = told();
    expect(types(story.wait(900).redeem())).toEqual(['ReservationRedeemed', 'LegAttached']);
    story.reconcile(WITH_BOT, ANSWERED);
    expect(story.move).toMatchObject({ progress: { step: 'reconciling' } });
    story.reconcile(AWAY, ANSWERED);
    story.done('AttachOnArrival', WRITTEN);
    expect(story.settled).toMatchObject({ outcome: 'completed', commitBy: 'flow', arrived: ARRIVED });
    expect(story.command).toMatchObject({ kind: 'Release' });
  });

  it('goes on when the source shows that the flow has let go', () => {
    const story = told();
    looked(story, AWAY);
    expect(story.move).toMatchObject({ progress: { step: 'reconciling', sure: true } });
    story.redeem();
    story.reconcile(AWAY, ANSWERED);
    expect(story.move).toMatchObject({ progress: { step: 'injecting' } });
  });

  it('looks at once when the source tells something', () => {
    const story = told();
    expect(types(story.tell(entered('p-own-queue'), story.now, VOICE_LEG))).toContain('StepRetried');
    looked(story, TO_ACD);
    expect(story.settled).toMatchObject({ outcome: 'compensated', reason: 'flow-chose-another-queue' });
  });

  it('H6: of a flow that never does it nothing has moved', () => {
    const story = told();
    looked(story, WITH_BOT);
    expect(story.move).toMatchObject({ progress: { step: 'awaiting-flow' } });
    story.wait(WITHIN_MS);
    looked(story, WITH_BOT);
    expect(story.settled).toMatchObject({ outcome: 'expired', reason: 'flow-did-not-transfer' });
    expect(story.interaction.holder).toMatchObject({ kind: 'bot' });
    // Somebody may be on the way to that number all the same.
    expect(story.commands).toEqual([]);
  });

  it('H6: of a flow that never asks nobody is looked for, and the place goes back at once', () => {
    const story = prepared();
    story.dueNext();
    expect(story.settled).toMatchObject({ outcome: 'expired', reason: 'flow-did-not-transfer', attempts: 0 });
    expect(story.command).toMatchObject({ kind: 'Release' });
  });

  it('H6: who comes late, after it has settled, is known and goes to the fallback queue', () => {
    const story = told();
    story.wait(WITHIN_MS + SETTLE_MS);
    looked(story, WITH_BOT);
    expect(story.settled).toMatchObject({ outcome: 'expired' });
    expect(story.redeem()).toMatchObject([{ type: 'ReservationRedeemed', late: true }, { type: 'LegAttached' }]);
    expect(story.settled).toMatchObject({ outcome: 'expired', arrived: ARRIVED });
  });

  it('who comes when the place’s own time is over goes to the fallback queue', () => {
    const late = told();
    late.wait(60_001);
    expect(late.redeem()).toMatchObject([{ late: true }, {}]);
    late.reconcile(AWAY, IN_RESCUE);
    expect(late.settled).toMatchObject({ outcome: 'compensated', reason: 'reservation-expired' });
  });

  it('H7: a second transfer to the same number is nobody’s', () => {
    const story = told();
    story.redeem();
    const second = { ...ARRIVED, externalId: '4712' as never };
    expect(story.redeem(second)).toMatchObject([{ type: 'RequestRefused', code: 'reservation-redeemed' }]);
  });

  it('can be cancelled until the caller has come in; one who comes after that is late', () => {
    const story = told();
    const { id: handoffId } = story.move;
    story.take({ kind: 'cancel-handoff', handoffId });
    expect(story.settled).toMatchObject({ outcome: 'cancelled', reason: 'cancelled-by-request' });
    expect(story.take({ kind: 'tell-flow', handoffId })).toEqual([]);
    expect(story.redeem()).toMatchObject([{ late: true }, {}]);
    const arrived = told();
    arrived.redeem();
    expect(arrived.take({ kind: 'cancel-handoff', handoffId })).toMatchObject([{ code: 'too-late-to-cancel' }]);
  });

  it('cancelled before anybody was told, gives its number back and knows nobody who calls it', () => {
    const story = prepared();
    story.take({ kind: 'cancel-handoff', handoffId: story.move.id });
    expect(story.command).toMatchObject({ kind: 'Release' });
    expect(story.redeem()).toMatchObject([{ code: 'reservation-unknown' }]);
  });

  it.each([
    ['before it was told', prepared],
    ['after it was told', told],
  ])('H6: is cancelled when the caller hangs up %s', (_, at) => {
    const story = at();
    story.tell(CUSTOMER_LEFT, story.now, VOICE_LEG);
    expect(story.settled).toMatchObject({ outcome: 'cancelled', reason: 'customer-left' });
    expect(story.interaction.endedAt).toBeDefined();
  });

  it('H6: a caller who is seen to be gone before anything was told has hung up', () => {
    const story = prepared();
    story.tell(entered('p-own-queue'), story.now, VOICE_LEG);
    looked(story, GONE);
    expect(story.settled).toMatchObject({ outcome: 'cancelled', reason: 'customer-left' });
  });

  it('a source that is over after it was told may have let go: its caller is expected until the place is over', () => {
    const story = told();
    story.tell(WENT_ON, story.now, VOICE_LEG);
    looked(story, GONE);
    expect(story.move).toMatchObject({ progress: { step: 'reconciling' } });
    story.redeem();
    story.reconcile(GONE, ANSWERED);
    story.done('AttachOnArrival', WRITTEN);
    expect(story.settled).toMatchObject({ outcome: 'completed' });
  });

  it('a caller whom somebody else has moved before anything was told is not ours to move', () => {
    const story = prepared();
    story.tell(entered('p-own-queue'), story.now, VOICE_LEG);
    looked(story, AWAY);
    expect(story.settled).toMatchObject({ outcome: 'refused', reason: 'nothing-to-transfer' });
  });

  it('H5: a flow that was told and asks again in vain is told so, and looked for before it settles', () => {
    const story = told();
    story.wait(FRESH_MS + 1);
    tell(story);
    const denied: Failure = { kind: 'rejected', code: 'forbidden' };
    story.fail(denied);
    expect(story.move).toMatchObject({ progress: { step: 'awaiting-flow', recalled: 'forbidden' } });
    expect(tell(story)).toEqual([]);
    story.done('Reconcile', { source: WITH_BOT });
    story.wait(2 * SETTLE_MS);
    looked(story, WITH_BOT);
    expect(story.settled).toMatchObject({ outcome: 'compensated', reason: 'forbidden' });
  });

  it('H5: the caller who had been let go of all the same is taken', () => {
    const story = told();
    story.wait(FRESH_MS + 1);
    tell(story);
    story.done('Reserve', { held: false, code: 'agent-busy' });
    story.done('Reconcile', { source: AWAY });
    expect(story.move).toMatchObject({ progress: { step: 'reconciling', goal: { kind: 'across' } } });
    const sought = told();
    sought.wait(FRESH_MS + 1);
    tell(sought);
    sought.redeem();
    expect(sought.move).toMatchObject({ progress: { step: 'reconciling' } });
  });

  it('stays with the flow when its transfer fails', () => {
    const failing = { ...WITH_BOT, transfers: [{ state: 'failed' as const, issuedAt: 5 }] };
    const story = told();
    looked(story, failing);
    expect(story.settled).toMatchObject({ outcome: 'compensated', reason: 'transfer-failed' });
    const later = told();
    looked(later, { ...WITH_BOT, transfers: [{ state: 'pending', issuedAt: 5 }] });
    later.reconcile(failing);
    expect(later.settled).toMatchObject({ outcome: 'compensated', reason: 'transfer-failed' });
    const silent = told();
    looked(silent, { ...WITH_BOT, transfers: [{ state: 'pending', issuedAt: 5 }] });
    silent.wait(20_000).reconcile(WITH_BOT);
    expect(silent.settled).toMatchObject({ outcome: 'compensated', reason: 'transfer-failed' });
  });

  it('H6: is left to a person when nobody could look in all its time', () => {
    for (const failure of [
      { kind: 'transient', code: 'rate-limited' },
      { kind: 'rejected', code: 'unauthorized' },
    ] as const) {
      const story = told();
      while (story.interaction.move) {
        story.dueNext();
        if (story.interaction.move && story.commands.some(({ kind }) => kind === 'Reconcile')) story.fail(failure);
      }
      expect(story.settled).toMatchObject({ outcome: 'dead_lettered', reason: 'fate-unknown', detail: failure.code });
    }
    const seeking = told();
    seeking.wait(FRESH_MS + 1);
    tell(seeking);
    while (seeking.interaction.move) {
      if (seeking.commands.some(({ kind }) => kind === 'Reserve'))
        seeking.fail({ kind: 'transient', code: 'unreachable' });
      else seeking.dueNext();
    }
    expect(seeking.settled).toMatchObject({ outcome: 'dead_lettered', reason: 'fate-unknown' });
  });

  it('is looked for again by whoever takes over', () => {
    const story = told();
    story.dueNext();
    expect(story.take({ kind: 'taken-over' })).toEqual([]);
    expect(story.command).toMatchObject({ kind: 'Reconcile' });
  });

  it('while its caller may be on the way, settles before it is erased', () => {
    const story = told();
    story.take({ kind: 'erase', erasureId: 'e-1' });
    expect(story.interaction.move).not.toBeNull();
    expect(types(tell(story.wait(FRESH_MS + 1)))).toEqual(['ReservationLapsed']);
    const quiet = prepared();
    quiet.take({ kind: 'erase', erasureId: 'e-1' });
    expect(quiet.events.find(({ type }) => type === 'HandoffSettled')).toMatchObject({ reason: 'erasure-requested' });
  });

  it('counts the time that the flow takes as the vendor’s', () => {
    const story = told();
    story.wait(700).redeem();
    story.reconcile(AWAY, ANSWERED);
    story.done('AttachOnArrival', WRITTEN);
    const { vendorMs, settledAt, requestedAt } = story.settled;
    // Five calls of 10 ms each, and the wait between them.
    expect(vendorMs).toBe(settledAt - requestedAt + 50);
  });

  it('is asked for nothing it cannot have', () => {
    const story = told();
    expect(story.take({ kind: 'tell-flow', handoffId: 'nothing' as never })).toMatchObject([
      { code: 'handoff-not-found' },
    ]);
    const ours = Story.crossing('committing');
    expect(ours.take({ kind: 'tell-flow', handoffId: ours.move.id })).toEqual([]);
    expect(toldNow(moveOf(ours), ours.now)).toBeUndefined();
  });
});
