// Tests how conversations become, are and cease to be an interaction's legs, and what of who is on them comes along (H1, H2).

import { describe, expect, it } from 'vitest';
import {
  CUSTOMER_LEFT,
  entered,
  joined,
  LEG,
  left,
  OTHER_LEG,
  parted,
  START,
  Story,
  types,
  VOICE_LEG,
  WITH_AGENT,
} from '../../test/protocols/story.ts';
import type { ExternalId, PlatformName } from '../ids.ts';
import { deadline } from './handoff.ts';

describe('legs', () => {
  it('are attached once', () => {
    const story = Story.opened();
    expect(types(story.take({ kind: 'attach-leg', leg: OTHER_LEG }))).toEqual(['LegAttached']);
    expect(story.take({ kind: 'attach-leg', leg: OTHER_LEG })).toEqual([]);
    expect(story.interaction.legs).toHaveLength(2);
  });

  it('are not attached to an interaction that has ended', () => {
    const story = Story.opened();
    story.tell(CUSTOMER_LEFT);
    expect(story.take({ kind: 'attach-leg', leg: OTHER_LEG })).toMatchObject([
      { type: 'RequestRefused', request: 'attach-leg', code: 'interaction-ended' },
    ]);
  });

  it('are detached while no move is open; one that is not here is not', () => {
    const story = Story.opened();
    expect(story.take({ kind: 'detach-leg', leg: OTHER_LEG })).toEqual([]);
    expect(types(story.take({ kind: 'detach-leg', leg: LEG }))).toEqual(['LegDetached', 'HolderChanged']);
    expect(story.interaction.legs).toEqual([]);
    expect(story.tell(entered())).toEqual([]);
  });

  it('stay while a move is open', () => {
    const story = Story.at('inspecting');
    expect(story.take({ kind: 'detach-leg', leg: LEG })).toMatchObject([
      { type: 'RequestRefused', request: 'detach-leg', code: 'leg-busy', handoffId: 'interaction-1.1' },
    ]);
  });

  it('stay while a link is being told to them, or has been claimed for them', () => {
    const marking = Story.deflected('deflecting');
    expect(marking.take({ kind: 'detach-leg', leg: VOICE_LEG })).toMatchObject([{ code: 'leg-busy' }]);
    expect(types(Story.deflected('standing').take({ kind: 'detach-leg', leg: VOICE_LEG }))).toContain('LegDetached');
    const restoring = Story.deflected('restoring');
    expect(restoring.take({ kind: 'detach-leg', leg: OTHER_LEG })).toMatchObject([{ code: 'leg-busy' }]);
    restoring.done('WriteContext', { customer: 'p' as never });
    expect(types(restoring.take({ kind: 'detach-leg', leg: OTHER_LEG }))).toContain('LegDetached');
  });

  it('leave nobody as holder when the last one goes, and the bot when one comes again (H2)', () => {
    const story = Story.opened();
    story.take({ kind: 'detach-leg', leg: LEG });
    expect(story.interaction.holder).toEqual({ kind: 'none', epoch: 2 });
    expect(types(story.take({ kind: 'attach-leg', leg: OTHER_LEG }))).toEqual(['LegAttached', 'HolderChanged']);
    expect(story.interaction.holder).toEqual({ kind: 'bot', epoch: 3 });
  });

  it('bring who is on them in the same append, told or only seen (H2)', () => {
    for (const observed of [false, true]) {
      const from = Story.opened({ leg: OTHER_LEG });
      if (observed) from.tell({ kind: 'seen', view: WITH_AGENT }, from.now, OTHER_LEG);
      else from.tell(joined(), from.now, OTHER_LEG);
      const { attendance } = from.interaction;
      const story = Story.opened();
      expect(types(story.take({ kind: 'attach-leg', leg: OTHER_LEG, known: { ended: false, attendance } }))).toEqual([
        'LegAttached',
        'HolderChanged',
      ]);
      expect(story.interaction.holder).toMatchObject({ kind: 'agent', agentId: 'a-1', epoch: 2 });
      expect(story.interaction.attendance.present).toMatchObject([
        { leg: { externalId: OTHER_LEG.externalId }, observed },
      ]);
    }
  });

  it('bring back nobody who is known to have left', () => {
    const story = Story.opened();
    story.tell(joined());
    const { attendance } = story.interaction;
    story.tell(parted());
    story.take({ kind: 'detach-leg', leg: LEG });
    story.take({ kind: 'attach-leg', leg: LEG, known: { ended: false, attendance } });
    expect(story.interaction.attendance.present).toEqual([]);
  });

  it('take along who came and left: what is told again of them proves nothing', () => {
    const from = Story.opened({ leg: OTHER_LEG });
    from.tell(entered('p-queue'), 10, OTHER_LEG);
    from.tell(joined('p-agent'), 20, OTHER_LEG);
    from.tell(left('p-queue'), 21, OTHER_LEG);
    from.tell(parted('p-agent'), 30, OTHER_LEG);
    const [detached] = from.take({ kind: 'detach-leg', leg: OTHER_LEG });
    const known = detached?.type === 'LegDetached' ? detached.known : undefined;
    const story = Story.opened();
    expect(types(story.take({ kind: 'attach-leg', leg: OTHER_LEG, ...(known && { known }) }))).toEqual([
      'LegAttached',
      'AttendanceChanged',
    ]);
    expect(story.interaction.holder).toEqual({ kind: 'bot', epoch: 1 });
    expect(story.tell(entered('p-queue'), 10, OTHER_LEG)).toEqual([]);
    expect(story.tell(joined('p-agent'), 20, OTHER_LEG)).toEqual([]);
    expect(story.tell(left('p-queue'), 21, OTHER_LEG)).toEqual([]);
    expect(story.tell(parted('p-agent'), 30, OTHER_LEG)).toEqual([]);
    expect(types(story.tell(joined('p-second'), 40, OTHER_LEG))).toEqual(['HolderChanged']);
  });

  it('that are over stay over with whoever has them, and change no holder (H2)', () => {
    const from = Story.opened({ leg: OTHER_LEG });
    from.tell(joined(), from.now, OTHER_LEG);
    const known = { ended: true, attendance: from.interaction.attendance };
    const story = Story.opened();
    expect(types(story.take({ kind: 'attach-leg', leg: OTHER_LEG, known }))).toEqual(['LegAttached', 'LegEnded']);
    expect(story.tell(joined(), story.now, OTHER_LEG)).toEqual([]);
    expect(story.take({ kind: 'attach-leg', leg: OTHER_LEG })).toEqual([]);
    expect(story.interaction).toMatchObject({
      holder: { kind: 'bot', epoch: 1 },
      legs: [{ state: 'live' }, { state: 'ended' }],
    });
  });

  it('that CXone has counted stay over too: their ids are nobody’s number, however long', () => {
    const leg = { ...OTHER_LEG, platform: 'nice_cxone' as PlatformName, externalId: '700000000077' as ExternalId };
    const story = Story.opened();
    const known = { ended: true, attendance: story.interaction.attendance };
    expect(types(story.take({ kind: 'attach-leg', leg, known }))).toEqual(['LegAttached', 'LegEnded']);
  });

  it('whose id is the customer’s own begin anew: it names no single conversation', () => {
    const leg = { ...OTHER_LEG, externalId: '+4915112345678' as ExternalId };
    const story = Story.opened();
    story.take({ kind: 'attach-leg', leg, known: { ended: true, attendance: story.interaction.attendance } });
    expect(story.interaction.legs).toMatchObject([{ state: 'live' }, { state: 'live' }]);
    story.tell(CUSTOMER_LEFT, story.now, leg);
    expect(types(story.take({ kind: 'attach-leg', leg }))).toEqual(['LegAttached']);
    expect(story.interaction.legs).toMatchObject([{ state: 'live' }, { state: 'live' }]);
  });

  it('taken away from what has ended change nobody’s place there', () => {
    const story = Story.opened();
    story.take({ kind: 'attach-leg', leg: OTHER_LEG });
    story.tell(joined(), story.now, OTHER_LEG);
    story.tell(CUSTOMER_LEFT, story.now, LEG);
    story.tell(CUSTOMER_LEFT, story.now, OTHER_LEG);
    expect(types(story.take({ kind: 'detach-leg', leg: OTHER_LEG }))).toEqual(['LegDetached']);
    expect(story.interaction.holder.kind).toBe('none');
  });

  it('do not give the bot back a talk that is over while another leg is live', () => {
    const story = Story.opened();
    story.tell(joined());
    story.tell(parted());
    expect(types(story.take({ kind: 'attach-leg', leg: OTHER_LEG }))).toEqual(['LegAttached']);
    expect(story.interaction.holder.kind).toBe('none');
  });

  it('take their agent with them: who is left is with the bot again (H2)', () => {
    const story = Story.opened();
    story.take({ kind: 'attach-leg', leg: OTHER_LEG });
    story.tell(joined());
    expect(types(story.take({ kind: 'detach-leg', leg: LEG }))).toEqual(['LegDetached', 'HolderChanged']);
    expect(story.interaction).toMatchObject({ holder: { kind: 'bot', epoch: 3 }, attendance: { present: [] } });
  });

  it('the customer leaves one of two: its move is cancelled, the interaction goes on with the bot', () => {
    const story = Story.opened();
    story.take({ kind: 'attach-leg', leg: OTHER_LEG });
    story.escalate();
    story.tell(entered('p-q2'), story.now, OTHER_LEG);
    expect(types(story.tell(CUSTOMER_LEFT, story.now, OTHER_LEG))).toEqual([
      'HandoffSettled',
      'LegEnded',
      'HolderChanged',
    ]);
    expect(story.interaction).toMatchObject({
      holder: { kind: 'bot', epoch: 3 },
      legs: [{ state: 'live' }, { state: 'ended' }],
    });
    expect(story.interaction.endedAt).toBeUndefined();
    expect(story.tell(joined(), story.now, OTHER_LEG)).toEqual([]);
    expect(story.escalate()).toHaveLength(1);
    expect(story.move.leg).toEqual(LEG);
  });

  it('the customer leaves the one without the move: it goes on', () => {
    const story = Story.opened();
    story.take({ kind: 'attach-leg', leg: OTHER_LEG });
    story.escalate();
    expect(types(story.tell(CUSTOMER_LEFT))).toEqual(['LegEnded']);
    expect(story.move.leg).toEqual(OTHER_LEG);
  });

  it('the customer leaves the one without the agent: the agent keeps them (H2)', () => {
    const story = Story.opened();
    story.take({ kind: 'attach-leg', leg: OTHER_LEG });
    story.tell(joined());
    story.tell(entered('p-other-queue'), story.now, OTHER_LEG);
    expect(types(story.tell(CUSTOMER_LEFT, story.now, OTHER_LEG))).toEqual(['LegEnded', 'AttendanceChanged']);
    expect(story.interaction.holder).toMatchObject({ kind: 'agent', epoch: 2 });
  });

  it('a talk that is over stays over when another leg ends', () => {
    const story = Story.opened();
    story.take({ kind: 'attach-leg', leg: OTHER_LEG });
    story.tell(joined());
    story.tell(parted());
    expect(story.interaction.holder.kind).toBe('none');
    expect(types(story.tell(CUSTOMER_LEFT, story.now, OTHER_LEG))).toEqual(['LegEnded']);
  });

  it('the last one ends the interaction; a bot that is gone already changes no holder', () => {
    const story = Story.opened();
    story.tell(joined());
    story.tell(parted());
    expect(story.tell(CUSTOMER_LEFT)).toMatchObject([{ type: 'LegEnded' }, { type: 'InteractionEnded' }]);
    expect(deadline(story.state)).toBeNull();
  });

  it('the last one does not end it while a link stands, by which the customer may come back', () => {
    const story = Story.deflected('standing');
    expect(types(story.tell(CUSTOMER_LEFT, story.now, VOICE_LEG))).toEqual(['LegEnded', 'HolderChanged']);
    expect(story.interaction.holder.kind).toBe('none');
    expect(types(story.dueNext())).toEqual(['OfferSettled', 'InteractionEnded']);
  });

  it('an event of a conversation that is not ours is nothing to us', () => {
    expect(Story.opened().tell(joined(), START, OTHER_LEG)).toEqual([]);
  });
});
