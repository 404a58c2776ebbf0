// Tests how an interaction is erased: what is open is cancelled or settles first (H6), what is left is not personal, and what
// platforms hold of it is overwritten in bounded time.

import { describe, expect, it } from 'vitest';
import {
  CUSTOMER_LEFT,
  entered,
  GONE,
  LEG,
  OTHER_LEG,
  POLICY,
  QUEUE,
  START,
  Story,
  throughJson,
  types,
  WITH_BOT,
} from '../../test/protocols/story.ts';
import type { ExternalId, HandoffId, Instant, ManifestRef, ParticipantId, PlatformName } from '../ids.ts';
import { CLOCKS_APART_MS } from './clocks.ts';
import type { Event } from './event.ts';
import { evolve } from './evolve.ts';
import { deadline, next } from './handoff.ts';
import { isErased } from './interaction.ts';
import type { EscalationStep } from './move.ts';
import { copiesOf } from './vendor-copy.ts';

const HOUR_MS = 3_600_000;
const RETENTION = { contextMs: 24 * HOUR_MS, idleMs: 72 * HOUR_MS, overwrite: false };
const ERASE = { kind: 'erase', erasureId: 'e-1' } as const;
const MANIFEST_REF = 'ref-1' as ManifestRef;

/** Erased after a handoff has written to the conversation and the customer has arrived. */
function erasedAfterHandoff(): Story {
  const story = Story.at('confirming', { manifestRef: MANIFEST_REF });
  story.tell(entered());
  story.take(ERASE);
  return story;
}

const states = (story: Story) => story.erased.copies.map(({ overwrite, progress }) => [overwrite.what, progress.state]);

describe('an erasure', () => {
  it('of an interaction without an open handoff destroys it at once', () => {
    const story = Story.opened();
    expect(types(story.take(ERASE))).toEqual(['ErasureRequested', 'InteractionErased']);
    expect(story.erased).toMatchObject({
      reason: 'request',
      erasureId: 'e-1',
      holder: { kind: 'none', epoch: 2 },
      copies: [],
    });
    expect([story.commands, deadline(story.state)]).toEqual([[], null]);
  });

  it.each<EscalationStep>(['inspecting', 'attaching', 'awaiting-flow'])(
    '%s: cancels the move, then destroys',
    (step) => {
      const story = Story.at(step);
      const events = story.take(ERASE);
      expect(types(events)).toEqual(['HandoffSettled', 'ErasureRequested', 'InteractionErased']);
      expect(events[0]).toMatchObject({ outcome: 'cancelled', reason: 'erasure-requested' });
      expect(story.erased).toMatchObject({ handoffs: 1, outcome: 'cancelled' });
    },
  );

  it.each<EscalationStep>(['transferring', 'verifying', 'confirming'])(
    '%s: lets the transfer settle, then destroys',
    (step) => {
      const story = Story.at(step);
      expect(types(story.take(ERASE))).toEqual(['ErasureRequested']);
      expect(story.move.progress.step).toBe(step);
      expect(types(story.tell(entered()))).toEqual(['HandoffSettled', 'HolderChanged', 'InteractionErased']);
      expect(story.erased.outcome).toBe('completed');
    },
  );

  it('waits no longer than the move may take, whatever comes back (H6)', () => {
    const story = Story.at('verifying');
    const { settleBy } = story.move.limits;
    story.take(ERASE);
    while (!isErased(story.state)) story.dueNext();
    expect(story.now).toBeLessThanOrEqual(settleBy);
    // The alert of a dead letter is not lost with the key.
    expect(story.erased.chores).toMatchObject([{ code: 'fate-unknown' }]);
    expect(story.commands.map(({ kind }) => kind)).toContain('RaiseAlert');
  });

  it('refuses what is asked for meanwhile, and takes what comes back', () => {
    const story = Story.at('transferring');
    story.take(ERASE);
    const refused = [
      story.escalate(),
      story.take({ kind: 'attach-leg', leg: OTHER_LEG }),
      story.take({ kind: 'change-context', context: { intent: 'x' } }),
      story.take({ kind: 'record-wrapup', code: 'done' }),
      story.take({ kind: 'cancel-handoff', handoffId: story.move.id }),
    ];
    for (const events of refused) expect(events).toMatchObject([{ code: 'interaction-being-erased' }]);
    expect(story.take(ERASE)).toEqual([]);
    expect(types(story.done('TransferToQueue', null))).toEqual(['TransferAccepted']);
    expect(types(story.tell(CUSTOMER_LEFT)).at(-1)).toBe('InteractionErased');
  });

  it('does not wait where nobody gets on with it any more', () => {
    const story = Story.at('verifying');
    story.take(ERASE);
    const events = story.take({ ...ERASE, atOnce: true });
    expect(events[0]).toMatchObject({ outcome: 'dead_lettered', reason: 'erasure-requested' });
    expect(isErased(story.state)).toBe(true);
  });

  it('leaves nothing of what was personal, and all that is left stands in its one event', () => {
    const story = Story.at('confirming', {
      manifest: { agent_briefing: 'Mrs. Smith is cross', slots_collected: { order: 'A-77' } } as never,
      manifestRef: MANIFEST_REF,
    });
    story.tell(entered());
    const event = story.take(ERASE).at(-1) as Event;
    for (const personal of ['ACC-1', 'enterprise', 'Smith', 'A-77', 'billing_dispute']) {
      expect(JSON.stringify(event)).not.toContain(personal);
    }
    expect(evolve(null, throughJson(event))).toEqual(story.state);
    expect(story.erased).toMatchObject({ manifests: 1, handoffs: 1, outcome: 'completed', channel: 'message' });
  });

  it('drops what is told of it afterwards, and refuses what is asked', () => {
    const story = erasedAfterHandoff();
    const before = story.state;
    story.tell(CUSTOMER_LEFT);
    story.take({ kind: 'taken-over' });
    story.take({ kind: 'quarantine' });
    story.take(ERASE);
    expect(story.state).toBe(before);
    expect(story.escalate()).toMatchObject([{ type: 'RequestRefused', code: 'interaction-erased' }]);
  });
});

describe('what a platform holds of an erased interaction', () => {
  it('is overwritten by name, on the very participant, and the tag with it', () => {
    const story = erasedAfterHandoff();
    expect(story.commands).toMatchObject([
      {
        kind: 'OverwriteContext',
        safety: 'repeatable',
        externalId: LEG.externalId,
        overwrite: { customer: 'p-customer' },
      },
      { kind: 'OverwriteContext', overwrite: { what: 'tag' } },
    ]);
    const [attributes, tag] = story.erased.copies;
    const written = story.events.find(({ type }) => type === 'EscalationRequested');
    const names = written?.type === 'EscalationRequested' ? Object.keys(written.attributes) : [];
    expect(names).toContain('intent');
    expect(attributes?.overwrite).toMatchObject({ what: 'attributes', names });
    story.answer(`${attributes?.id}.1`, { kind: 'done', of: 'OverwriteContext', result: null });
    story.answer(`${tag?.id}.1`, { kind: 'done', of: 'OverwriteContext', result: null });
    expect(states(story)).toEqual([
      ['attributes', 'overwritten'],
      ['tag', 'overwritten'],
    ]);
    expect([story.commands, deadline(story.state)]).toEqual([[], null]);
  });

  it('is there already when its command has been asked for and not come back', () => {
    const story = Story.at('attaching');
    story.take(ERASE);
    expect(states(story).map(([what]) => what)).toEqual(['attributes', 'tag']);
    expect(Story.at('inspecting').take(ERASE).at(-1)).toMatchObject({ remains: { copies: [] } });
  });

  it('is not overwritten before what is under way to it can no longer land on top', () => {
    const story = Story.at('attaching');
    story.wait(1_000).take(ERASE);
    const landsBy = START + 1_000 + POLICY.limits.commandTimeoutMs + CLOCKS_APART_MS + 1_000;
    expect([story.commands, deadline(story.state)]).toEqual([[], landsBy]);
    story.dueNext();
    expect(story.commands.map(({ kind }) => kind)).toEqual(['OverwriteContext', 'OverwriteContext']);

    const retried = Story.at('attaching');
    retried.fail({ kind: 'ambiguous', code: 'timed-out' });
    retried.dueNext();
    const again = retried.now;
    retried.done('AttachContext', null);
    retried.tell(entered());
    retried.take(ERASE);
    expect(deadline(retried.state)).toBe(again + landsBy - START);
  });

  it('is all that any of its handoffs wrote, once for each participant', () => {
    const story = Story.opened();
    for (const [intent, name] of [
      ['a', 'first'],
      ['b', 'second'],
    ] as const) {
      story.take({ kind: 'change-context', context: { intent, attributes: { [name]: 'x' } } });
      story.escalate();
      story.done('Inspect', { queue: QUEUE, view: WITH_BOT });
      story.take({ kind: 'cancel-handoff', handoffId: story.move.id });
    }
    story.take(ERASE);
    expect(story.erased.copies).toHaveLength(2);
    const overwrite = story.erased.copies[0]?.overwrite;
    expect(overwrite?.what === 'attributes' ? overwrite.names : []).toEqual(
      expect.arrayContaining(['first', 'second']),
    );
  });

  it('counts as gone with a conversation that is no more', () => {
    const story = erasedAfterHandoff();
    const key = story.commands[0]?.key ?? '';
    story.answer(key, { kind: 'rejected', code: 'not-found' });
    expect(story.erased.copies[0]?.progress).toMatchObject({ state: 'gone', code: 'not-found' });
  });

  it('is tried again with growing pauses, for half a day at least and a day at most, then left to a person with an alert', () => {
    const story = erasedAfterHandoff();
    const pauses: number[] = [];
    while (story.erased.copies.some(({ progress }) => progress.state === 'pending')) {
      const command = story.commands.find(({ kind }) => kind === 'OverwriteContext');
      if (command) story.answer(command.key, { kind: 'ambiguous', code: 'timed-out' });
      else {
        pauses.push((deadline(story.state) ?? 0) - story.now);
        story.dueNext();
      }
    }
    expect(Math.max(...pauses)).toBeGreaterThan(pauses[0] ?? 0);
    expect(story.now - START).toBeGreaterThan(6 * HOUR_MS);
    expect(story.now - START).toBeLessThan(24 * HOUR_MS);
    expect(states(story).map(([, state]) => state)).toEqual(['needs-a-person', 'needs-a-person']);
    expect(story.erased.chores.map((chore) => chore.kind === 'alert' && chore.code)).toEqual(
      Array(2).fill('vendor-copy-not-overwritten'),
    );
  });

  it.each([
    ['forbidden', 'needs-a-person'],
    ['unauthorized', 'pending'],
  ] as const)('refused as %s it is %s', (code, state) => {
    const story = erasedAfterHandoff();
    story.answer(story.commands[0]?.key ?? '', { kind: 'rejected', code });
    expect(story.erased.copies[0]?.progress.state).toBe(state);
  });

  it('waits as long as the platform asks', () => {
    const story = erasedAfterHandoff();
    const failure = { kind: 'transient', code: 'rate-limited', retryAfterMs: 50_000 } as const;
    for (const { key } of story.commands) story.answer(key, failure);
    expect(deadline(story.state)).toBe(story.now + 50_000);
  });

  it('is asked for again when no answer came, a takeover included (H5: repeatable)', () => {
    const story = erasedAfterHandoff();
    const keys = next(story.state).map(({ key }) => key);
    story.take({ kind: 'taken-over' });
    story.dueNext();
    const again = next(story.state).map(({ key }) => key);
    expect(again).toHaveLength(2);
    expect(again).not.toEqual(keys);
    expect(story.answer(keys[0] ?? '', { kind: 'done', of: 'OverwriteContext', result: null })).toEqual([]);
  });

  it('is a person’s where its place or its names are personal themselves', () => {
    const phone = { ...LEG, externalId: '+14155550123' as ExternalId };
    const story = Story.opened({ leg: phone, context: { attributes: { 'Mrs. Smith': 'x', '+14155550123': 'y' } } });
    story.escalate();
    story.done('Inspect', { queue: QUEUE, view: WITH_BOT });
    story.take(ERASE);
    expect(JSON.stringify(story.erased)).not.toMatch(/4155550123|Smith/);
    for (const { externalId, progress } of story.erased.copies) {
      expect([externalId, progress]).toMatchObject([null, { state: 'needs-a-person', code: 'id-withheld' }]);
    }
    expect(next(story.state)).toEqual([]);
  });

  it('is overwritten in a conversation that CXone has counted, whose id is as long as a telephone number', () => {
    const leg = {
      platform: 'nice_cxone' as PlatformName,
      externalId: '700000000077' as ExternalId,
      channel: 'voice',
    } as const;
    const customer = '700000000077.customer' as ParticipantId;
    const written = [{ leg, customer, names: ['intent'], handoffId: 'i-1.1' as HandoffId, landsBy: 0 as Instant }];
    const copies = copiesOf({ id: 'i-1', legs: [leg], written, settled: [] }, 10 as Instant);
    expect(copies).toMatchObject([
      { externalId: '700000000077', overwrite: { what: 'attributes', customer }, progress: { state: 'pending' } },
      { externalId: '700000000077', overwrite: { what: 'tag' }, progress: { state: 'pending' } },
    ]);
  });

  it('is a person’s where it was never seen who the customer is there', () => {
    const story = Story.deflected('deflecting');
    for (const _ of [1, 2, 3]) {
      story.fail({ kind: 'ambiguous', code: 'timed-out' });
      if (story.offer.progress.step === 'deflecting') story.dueNext();
    }
    story.take(ERASE);
    const [attributes] = story.erased.copies.filter(({ overwrite }) => overwrite.what === 'attributes');
    expect(attributes?.progress).toMatchObject({ state: 'needs-a-person', code: 'customer-unknown' });
    expect(next(story.state).flatMap((one) => ('overwrite' in one ? one.overwrite.what : []))).not.toContain(
      'attributes',
    );
  });

  it('is a person’s where the conversation was moved to another interaction since', () => {
    const story = Story.opened();
    story.escalate();
    story.done('Inspect', { queue: QUEUE, view: WITH_BOT });
    story.fail({ kind: 'rejected', code: 'forbidden' });
    expect(story.interaction.move).toBeNull();
    story.take({ kind: 'detach-leg', leg: LEG });
    story.take(ERASE);
    const copies = story.erased.copies.map(({ progress }) => progress);
    expect(copies).toHaveLength(2);
    for (const progress of copies) expect(progress).toMatchObject({ state: 'needs-a-person', code: 'moved-away' });
    expect(next(story.state)).toEqual([]);
  });

  it('is overwritten as far as it can be named, and the rest is a person’s', () => {
    const story = Story.opened({ context: { attributes: { 'Mrs. Smith': 'x' } } });
    story.escalate();
    story.done('Inspect', { queue: QUEUE, view: WITH_BOT });
    story.take(ERASE);
    expect(JSON.stringify(story.erased)).not.toContain('Smith');
    story.dueNext();
    story.answer(story.commands[0]?.key ?? '', { kind: 'done', of: 'OverwriteContext', result: null });
    expect(story.erased.copies[0]?.progress).toMatchObject({ state: 'needs-a-person', code: 'names-withheld' });
  });

  it('keeps no participant whose id is personal', () => {
    const story = Story.opened();
    story.escalate();
    const parties = WITH_BOT.parties.map((party) =>
      party.role === 'customer' ? { ...party, id: 'smith@example.com' as ParticipantId } : party,
    );
    story.done('Inspect', { queue: QUEUE, view: { ...WITH_BOT, parties } });
    story.take(ERASE);
    expect(JSON.stringify(story.erased)).not.toContain('smith');
    expect(states(story)).toEqual([
      ['attributes', 'needs-a-person'],
      ['tag', 'pending'],
    ]);
  });
});

describe('retention', () => {
  it('erases an interaction once its time after the end is up, and not before', () => {
    const story = Story.opened({ retention: RETENTION });
    story.tell(CUSTOMER_LEFT);
    expect(deadline(story.state)).toBe(story.now + RETENTION.contextMs);
    expect(story.wait(RETENTION.contextMs - 1).due()).toEqual([]);
    expect(types(story.wait(1).due())).toEqual(['ErasureRequested', 'InteractionErased']);
    expect(story.erased).toMatchObject({ reason: 'retention', endedAt: START });
    expect(story.erased).not.toHaveProperty('erasureId');
  });

  it('counts from the end, whatever is recorded later', () => {
    const story = Story.opened({ retention: RETENTION });
    story.tell(CUSTOMER_LEFT);
    story.wait(HOUR_MS).take({ kind: 'record-wrapup', code: 'done' });
    expect(deadline(story.state)).toBe(START + RETENTION.contextMs);
  });

  it.each([
    [false, []],
    [true, ['attributes', 'tag']],
  ])('overwrites what platforms hold only where it is asked to (%s)', (overwrite, copies) => {
    const story = Story.opened({ retention: { ...RETENTION, overwrite } });
    story.escalate();
    story.done('Inspect', { queue: QUEUE, view: WITH_BOT });
    story.tell(CUSTOMER_LEFT);
    story.dueNext();
    expect(states(story).map(([what]) => what)).toEqual(copies);
  });

  it('takes an interaction as ended in which nothing has happened for too long, then erases it', () => {
    const story = Story.opened({ retention: RETENTION });
    story.wait(HOUR_MS).take({ kind: 'change-context', context: { intent: 'x' } });
    expect(deadline(story.state)).toBe(story.now + RETENTION.idleMs);
    expect(types(story.dueNext())).toEqual(['LegEnded', 'HolderChanged', 'InteractionEnded']);
    expect(story.events.at(-1)).toMatchObject({ reason: 'idle' });
    expect(story.interaction).toMatchObject({ holder: { kind: 'none' }, endedAt: story.now });
    expect(story.tell(CUSTOMER_LEFT)).toEqual([]);
    expect(story.tell(entered())).toEqual([]);
    story.dueNext();
    expect(story.erased.reason).toBe('retention');
  });

  it('an alert that nobody hears, raised for days, puts that off no further', () => {
    const story = Story.opened({ retention: RETENTION });
    story.escalate();
    story.done('Inspect', { queue: QUEUE, view: WITH_BOT });
    story.done('AttachContext', null);
    story.fail({ kind: 'ambiguous', code: 'timed-out' });
    story.wait(1_000_000).due();
    expect(story.settled).toMatchObject({ outcome: 'dead_lettered' });
    const since = story.now;
    for (let n = 0; n < 5_000 && story.interaction.endedAt === undefined; n += 1) {
      const raised = story.commands.some(({ kind }) => kind === 'RaiseAlert');
      if (raised) story.fail({ kind: 'transient', code: 'unreachable' });
      else story.dueNext();
    }
    expect(story.events.filter(({ type }) => type === 'ChoreDelayed').length).toBeGreaterThan(50);
    expect(story.interaction.endedAt).toBe(since + RETENTION.idleMs);
  });

  it('does not end what has an open handoff: that settles first', () => {
    const story = Story.opened({ retention: { ...RETENTION, idleMs: 1_000 } });
    story.escalate();
    expect(types(story.wait(2_000).due())).toEqual([]);
    expect(deadline(story.state)).toBeLessThanOrEqual(START + POLICY.settleWithinMs);
    story.done('Inspect', { queue: QUEUE, view: GONE });
    expect(story.interaction.endedAt).toBe(story.now);
  });

  it('keeps for ever what was opened without one, until it is asked to erase', () => {
    const story = Story.opened();
    expect(deadline(story.state)).toBeNull();
    expect(story.wait(1e12).due()).toEqual([]);
  });
});

describe('the fold of what is left', () => {
  it('changes by no event that does not fit but in time', () => {
    const story = erasedAfterHandoff();
    story.answer(story.commands[0]?.key ?? '', { kind: 'done', of: 'OverwriteContext', result: null });
    const [settled] = story.erased.copies;
    const at = story.now + 5;
    const misfits = [
      { type: 'OverwriteRetried', id: settled?.id ?? '' },
      { type: 'OverwriteSettled', id: 'unknown', state: 'gone' },
      { type: 'LegEnded', leg: LEG },
      { type: 'ChoreDone', id: 'unknown' },
    ] as const;
    for (const body of misfits) {
      expect(evolve(story.state, { ...body, at, actor: 'test' })).toEqual({ ...story.erased, lastAt: at });
    }
    expect(evolve(null, { type: 'OverwriteRetried', id: 'x', at, actor: 'test' })).toBeNull();
  });
});
