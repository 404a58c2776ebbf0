// Tests the arrival at the destination: one conversation redeems a reservation, and who comes late is still known (H7, H3).

import { describe, expect, it } from 'vitest';
import {
  ANSWERED,
  ARRIVED,
  AT_ENTRY,
  AT_SOURCE,
  CUSTOMER_LEFT,
  customerParty,
  FALLBACK,
  GONE,
  IN_RESCUE,
  LET_GO,
  queueParty,
  Story,
  types,
  VOICE_LEG,
  view,
} from '../../test/protocols/story.ts';
import type { ExternalId, HandoffId } from '../ids.ts';

/** The queue that somebody answers at the source has them. */
const TAKEN_BACK = view([customerParty(), queueParty('p-back', { queueId: FALLBACK.source.id })]);
const OTHER = { ...ARRIVED, externalId: '4712' as ExternalId };

describe('a reservation', () => {
  it('is redeemed by the conversation that arrives, which becomes a leg', () => {
    const story = Story.crossing('reconciling');
    expect(types(story.redeem())).toEqual(['ReservationRedeemed', 'LegAttached']);
    expect(story.move).toMatchObject({ arrived: ARRIVED });
    expect(story.interaction.legs.map(({ externalId }) => externalId)).toEqual([
      VOICE_LEG.externalId,
      ARRIVED.externalId,
    ]);
  });

  it('is redeemed while the source’s answer is still on its way', () => {
    const story = Story.crossing('committing');
    expect(types(story.redeem())).toEqual(['ReservationRedeemed', 'LegAttached']);
    story.done('TransferAway', null);
    expect(story.move).toMatchObject({ arrived: ARRIVED, progress: { step: 'reconciling', goal: { kind: 'across' } } });
  });

  it('H7: has one winner, who may ask again', () => {
    const story = Story.crossing('reconciling');
    story.redeem();
    expect(story.redeem()).toEqual([]);
    expect(story.redeem(OTHER)).toMatchObject([{ type: 'RequestRefused', code: 'reservation-redeemed' }]);
  });

  it('may be redeemed by a second call when the first is over', () => {
    const story = Story.crossing('reconciling');
    story.redeem();
    story.tell(CUSTOMER_LEFT, story.now, ARRIVED);
    expect(types(story.redeem(OTHER))).toEqual(['ReservationRedeemed', 'LegAttached']);
    expect(story.move).toMatchObject({ arrived: OTHER });
  });

  it('after its time still tells who is on the line, for the queue that somebody answers', () => {
    const story = Story.crossing('reconciling');
    story.wait(61_000);
    expect(story.redeem()).toMatchObject([{ type: 'ReservationRedeemed', late: true }, { type: 'LegAttached' }]);
    expect(story.move.progress).toMatchObject({
      goal: { kind: 'held', at: 'destination', reason: 'reservation-expired' },
    });
  });

  it('does not change what is under way when somebody comes late', () => {
    const story = Story.crossing('returning');
    const before = story.commands;
    expect(story.redeem()).toMatchObject([{ late: true }, {}]);
    expect(story.commands).toEqual(before);
  });

  it.each([
    ['they are pulled away again', TAKEN_BACK, GONE, { kind: 'queue', queueId: FALLBACK.source.id }],
    ['they stay', LET_GO, IN_RESCUE, { kind: 'queue', queueId: FALLBACK.destination.id }],
  ])(
    'while the source puts them back is not the end of it before that must show: %s',
    (_how, source, there, holder) => {
      const story = Story.crossing('returning');
      story.done('TransferToQueue', null);
      expect(story.redeem()).toMatchObject([{ type: 'ReservationRedeemed', late: true }, { type: 'LegAttached' }]);
      story.reconcile(LET_GO, IN_RESCUE);
      expect(story.move.progress).toMatchObject({ step: 'reconciling', goal: { at: 'destination', mayGoBack: true } });
      story.wait(31_000).reconcile(source, there);
      expect(story.settled).toMatchObject({ outcome: 'compensated', reason: 'reservation-expired' });
      expect(story.interaction.holder).toMatchObject(holder);
    },
  );

  it('after its handoff still makes the conversation a leg, one and no other', () => {
    const story = Story.crossing('committing');
    story.wait(400_000).due();
    expect(story.redeem()).toMatchObject([{ type: 'ReservationRedeemed', late: true }, { type: 'LegAttached' }]);
    expect(story.settled).toMatchObject({ arrived: ARRIVED });
    expect(story.redeem()).toEqual([]);
    expect(story.redeem(OTHER)).toMatchObject([{ code: 'reservation-redeemed' }]);
  });

  it('of a handoff whose source was never told to let go is nobody’s: another caller has that number', () => {
    const story = Story.crossing('reserving');
    story.done('Reserve', { held: false, code: 'agent-busy' });
    expect(story.redeem()).toMatchObject([{ code: 'reservation-unknown' }]);
  });

  it('is redeemed by a call that was let go of while a place is sought anew', () => {
    const story = Story.crossing('reconciling');
    story.wait(20_000).reconcile(AT_SOURCE);
    expect(story.move.progress.step).toBe('reserving');
    expect(types(story.redeem())).toEqual(['ReservationRedeemed', 'LegAttached']);
    expect(story.move.progress).toMatchObject({ step: 'reconciling', goal: { kind: 'across' } });
    const late = Story.crossing('reconciling');
    late.wait(20_000).reconcile(AT_SOURCE);
    late.wait(61_000).redeem();
    expect(late.move.progress).toMatchObject({ step: 'reconciling', goal: { kind: 'held', at: 'destination' } });
  });

  it('of a consultation comes too late for the agents only: the customer is not looked for at the destination', () => {
    const story = Story.crossing('reconciling', { type: 'warm' });
    story.wait(20_000).reconcile(AT_SOURCE);
    story.fail({ kind: 'ambiguous', code: 'timed-out' });
    story.wait(61_000);
    expect(story.redeem()).toMatchObject([{ type: 'ReservationRedeemed', late: true }, { type: 'LegAttached' }]);
    expect(story.move.progress).toMatchObject({ step: 'reconciling', goal: { kind: 'across' }, accept: false });
    story.reconcile(AT_SOURCE, ANSWERED);
    story.wait(31_000).reconcile(AT_SOURCE, ANSWERED);
    expect(story.command).toMatchObject({ kind: 'EndConsult', accept: false });
  });

  it('is redeemed while everything is to be erased: the caller is on the line', () => {
    const story = Story.crossing('reconciling');
    story.take({ kind: 'erase', erasureId: 'e-1' });
    expect(types(story.redeem())).toEqual(['ReservationRedeemed', 'LegAttached']);
  });

  it.each(['checking', 'marking', 'reserving'] as const)('is unknown while none is held: %s', (step) => {
    expect(Story.crossing(step).redeem()).toMatchObject([{ code: 'reservation-unknown' }]);
  });

  it('is unknown to an escalation, and to an interaction that has ended', () => {
    const escalated = Story.at('confirming');
    expect(escalated.redeem()).toMatchObject([{ code: 'reservation-unknown' }]);
    const nobody = Story.opened();
    const input = { kind: 'redeem-reservation', handoffId: 'x.1' as HandoffId, leg: ARRIVED, rung: 'number' } as const;
    expect(nobody.take(input)).toMatchObject([{ code: 'reservation-unknown' }]);
    const over = Story.crossing('committing');
    over.tell(CUSTOMER_LEFT, over.now, VOICE_LEG);
    expect(over.redeem()).toMatchObject([{ code: 'interaction-ended' }]);
  });

  it('gives the destination its own time to answer', () => {
    const story = Story.crossing('reconciling');
    story.wait(14_000).redeem();
    story.wait(5_000).reconcile(LET_GO, AT_ENTRY);
    expect(story.move).toMatchObject({ progress: { step: 'reconciling' }, cycles: [{ n: 1, status: 'pending_sync' }] });
  });

  it('knows the conversation already where it was attached before', () => {
    const story = Story.crossing('reconciling');
    story.take({ kind: 'attach-leg', leg: ARRIVED });
    expect(types(story.redeem())).toEqual(['ReservationRedeemed']);
  });
});
