// Tests the machine as a whole: opening, legs, context, cancelling, what is recorded once, timers, takeovers, and what `next` and
// `deadline` promise (H1, H5, H6). The steps of an escalation have their own tests.

import { describe, expect, it } from 'vitest';
import {
  botParty,
  CUSTOMER_LEFT,
  customerParty,
  entered,
  LEG,
  OTHER_LEG,
  POLICY,
  QUEUE,
  START,
  Story,
  seen,
  throughJson,
  types,
  view,
  WITH_BOT,
} from '../../test/protocols/story.ts';
import type { HandoffId } from '../ids.ts';
import { CLOCKS_APART_MS } from './clocks.ts';
import { deadline, decide, next } from './handoff.ts';
import { findHandoff } from './interaction.ts';
import { type EscalationStep, phaseOf } from './move.ts';

const everyStep: readonly EscalationStep[] = [
  'inspecting',
  'attaching',
  'transferring',
  'verifying',
  'confirming',
  'awaiting-flow',
];

describe('before the first event', () => {
  it('only opening means anything, and nothing is under way', () => {
    const story = new Story();
    expect(story.due()).toEqual([]);
    expect(story.take({ kind: 'taken-over' })).toEqual([]);
    expect(story.escalate()).toEqual([]);
    expect(story.tell(entered())).toEqual([]);
    expect(next(null)).toEqual([]);
    expect(deadline(null)).toBeNull();
  });
});

describe('opening', () => {
  it('gives the conversation to the bot, with its first leg', () => {
    const story = Story.opened();
    expect(story.events).toMatchObject([
      { type: 'InteractionOpened', at: START, actor: 'test' },
      { type: 'LegAttached', leg: LEG },
    ]);
    expect(story.interaction).toMatchObject({
      id: 'interaction-1',
      holder: { kind: 'bot', epoch: 1 },
      legs: [{ ...LEG, state: 'live' }],
      openedAt: START,
      lastAt: START,
      move: null,
    });
    expect(deadline(story.state)).toBeNull();
  });

  it('masks what the flags forbid before anything is kept, and names it (H4)', () => {
    const story = Story.opened({
      customer: { name: 'Card 4111111111111111' },
      context: { complianceFlags: ['pci_dss'], dtmfSequence: ['1', '3', '0'], attributes: { cvv: '123' } },
    });
    expect(story.interaction).toMatchObject({
      customer: { name: 'Card ************1111', piiMasked: true },
      context: { dtmfSequence: ['1', '3', '0'], attributes: { cvv: '***' } },
      masked: [
        { field: 'customer.name', limit: 'pci_dss', carriedBy: 'masked' },
        { field: 'context.attributes.cvv', limit: 'pci_dss', carriedBy: 'masked' },
      ],
    });
    expect(JSON.stringify(story.events)).not.toContain('4111111111111111');
  });

  it('again changes nothing', () => {
    const story = Story.opened();
    expect(story.take({ kind: 'open-interaction', ...{ ...story.interaction, leg: OTHER_LEG } })).toEqual([]);
  });
});

describe('time', () => {
  it('never goes back: a clock that does gives the newest event’s time', () => {
    const story = Story.opened();
    story.now -= 60_000;
    const [requested] = story.escalate();
    expect(requested?.at).toBe(START);
    expect(story.move.limits.settleBy).toBe(START + 60_000);
    expect(story.interaction.lastAt).toBe(START);
  });
});

describe('the context', () => {
  it('is patched as RFC 7396 says, and masked anew', () => {
    const story = Story.opened({ context: { intent: 'a', attributes: { one: '1', two: '2' } } });
    story.take({
      kind: 'change-context',
      customer: { segment: null, name: 'N' },
      context: { intent: null, complianceFlags: ['pci_dss'], attributes: { two: null, cvv: '321' } },
    });
    expect(story.interaction.customer).toEqual({ customerId: 'ACC-1', name: 'N', piiMasked: true });
    expect(story.interaction.context).toEqual({
      complianceFlags: ['pci_dss'],
      attributes: { one: '1', cvv: '***' },
    });
    expect(story.interaction.masked.map(({ field }) => field)).toEqual(['context.attributes.cvv']);
  });

  it('what was masked before stays named, once', () => {
    const story = Story.opened({ context: { complianceFlags: ['pci_dss'], attributes: { cvv: '123' } } });
    story.take({ kind: 'change-context', context: { attributes: { cvv: '456' } } });
    story.take({ kind: 'change-context', customer: { name: 'N', piiMasked: false } });
    expect(story.interaction.masked.map(({ field }) => field)).toEqual(['context.attributes.cvv']);
    expect(story.interaction.customer).toEqual(expect.objectContaining({ name: 'N', piiMasked: true }));
  });
});

describe('cancelling', () => {
  it.each(['inspecting', 'attaching', 'awaiting-flow'] as const)('%s: settles, and asks for nothing more', (step) => {
    const story = Story.at(step);
    story.take({ kind: 'cancel-handoff', handoffId: story.move.id });
    expect(story.settled).toMatchObject({ outcome: 'cancelled', reason: 'cancelled-by-request' });
    expect(story.commands).toEqual([]);
    expect(deadline(story.state)).toBeNull();
  });

  it.each(['transferring', 'verifying', 'confirming'] as const)('%s: comes too late', (step) => {
    const story = Story.at(step);
    expect(story.take({ kind: 'cancel-handoff', handoffId: story.move.id })).toMatchObject([
      { type: 'RequestRefused', request: 'cancel', code: 'too-late-to-cancel', handoffId: 'interaction-1.1' },
    ]);
    expect(story.move.progress.step).toBe(step);
  });

  it('attaching: comes too late once the customer is there', () => {
    const story = Story.at('attaching');
    story.tell(entered());
    expect(story.take({ kind: 'cancel-handoff', handoffId: story.move.id })).toMatchObject([
      { code: 'too-late-to-cancel' },
    ]);
  });

  it('again changes nothing; of another end it says so; of nothing as well', () => {
    const story = Story.at('inspecting');
    const handoffId = story.move.id;
    story.take({ kind: 'cancel-handoff', handoffId });
    expect(story.take({ kind: 'cancel-handoff', handoffId })).toEqual([]);
    story.escalate();
    story.fail({ kind: 'rejected', code: 'forbidden' });
    expect(story.take({ kind: 'cancel-handoff', handoffId: story.settled.id })).toMatchObject([
      { code: 'handoff-settled', handoffId: 'interaction-1.2' },
    ]);
    expect(story.take({ kind: 'cancel-handoff', handoffId: 'nope' as HandoffId })).toMatchObject([
      { code: 'handoff-not-found' },
    ]);
  });
});

describe('what is recorded once', () => {
  it('the wrap-up, with or without notes, also after the end', () => {
    const story = Story.opened();
    story.tell(CUSTOMER_LEFT);
    story.take({ kind: 'record-wrapup', code: 'resolved', notes: 'n' });
    expect(story.interaction.wrapup).toEqual({ code: 'resolved', notes: 'n' });
    expect(story.take({ kind: 'record-wrapup', code: 'other' })).toMatchObject([
      { type: 'RequestRefused', request: 'wrapup', code: 'already-recorded' },
    ]);
    const bare = Story.opened();
    bare.take({ kind: 'record-wrapup', code: 'resolved' });
    expect(bare.interaction.wrapup).toEqual({ code: 'resolved' });
  });

  it('the survey, with or without a comment', () => {
    const story = Story.opened();
    story.take({ kind: 'record-survey', score: 5, comment: 'c' });
    expect(story.interaction.survey).toEqual({ score: 5, comment: 'c' });
    expect(story.take({ kind: 'record-survey', score: 1 })).toMatchObject([
      { type: 'RequestRefused', request: 'survey', code: 'already-recorded' },
    ]);
    const bare = Story.opened();
    bare.take({ kind: 'record-survey', score: 0 });
    expect(bare.interaction.survey).toEqual({ score: 0 });
  });
});

describe('outcomes that no longer fit', () => {
  it.each(everyStep)('%s: a stale or foreign key changes nothing', (step) => {
    const story = Story.at(step);
    for (const key of ['interaction-1.1.inspecting.99', 'interaction-2.1.inspecting.1', '']) {
      expect(story.answer(key, { kind: 'done', of: 'Inspect', result: { queue: QUEUE, view: WITH_BOT } })).toEqual([]);
      expect(story.answer(key, { kind: 'rejected', code: 'forbidden' })).toEqual([]);
    }
  });

  it('the same outcome again changes nothing', () => {
    const story = Story.at('attaching');
    const { key } = story.command;
    story.fail({ kind: 'transient', code: 'unreachable' });
    expect(story.answer(key, { kind: 'transient', code: 'unreachable' })).toEqual([]);
    expect(story.answer(key, { kind: 'done', of: 'AttachContext', result: null })).toEqual([]);
  });

  it('an answer of another kind than was asked for moves nothing', () => {
    const story = Story.at('inspecting');
    for (const wrong of [
      { kind: 'done', of: 'TransferToQueue', result: null },
      { kind: 'done', of: 'AttachContext', result: null },
      { kind: 'done', of: 'Look', result: WITH_BOT },
      { kind: 'done', of: 'RaiseAlert', result: null },
    ] as const) {
      story.answer(story.command.key, wrong);
      expect(story.move).toMatchObject({ attempts: 0, progress: { step: 'inspecting', task: { kind: 'running' } } });
    }
  });
});

describe('a takeover', () => {
  it('H5: looks first where a transfer was under way', () => {
    const story = Story.at('transferring');
    expect(story.take({ kind: 'taken-over' })).toMatchObject([{ type: 'TransferUncertain', code: 'taken-over' }]);
    expect(story.take({ kind: 'taken-over' })).toEqual([]);
  });

  it('needs no look where the transfer was waiting: it was provably not taken', () => {
    const story = Story.at('transferring');
    story.fail({ kind: 'transient', code: 'unreachable' });
    expect(story.take({ kind: 'taken-over' })).toEqual([]);
  });

  it.each(everyStep.filter((step) => step !== 'transferring'))(
    '%s: the same state asks for the same again, under the same key',
    (step) => {
      const story = Story.at(step);
      const { commands } = story;
      expect(story.take({ kind: 'taken-over' })).toEqual([]);
      expect(next(throughJson(story.state))).toEqual(commands);
    },
  );

  it('is nothing to an interaction without a move', () => {
    expect(Story.opened().take({ kind: 'taken-over' })).toEqual([]);
  });
});

describe('timers', () => {
  it('expire standing offers in their time', () => {
    const story = Story.deflected('standing');
    expect(deadline(story.state)).toBe(story.offer.terms.expiresAt);
    expect(story.dueNext()).toMatchObject([{ type: 'OfferSettled', handoffId: 'interaction-1.1', outcome: 'expired' }]);
    expect(story.due()).toEqual([]);
  });

  it('that ring early change nothing', () => {
    for (const step of everyStep) expect(Story.at(step).due()).toEqual([]);
  });

  it('the deadline is the earlier of the step’s and the move’s', () => {
    expect(deadline(Story.at('inspecting').state)).toBe(
      START + 1_000 + POLICY.limits.commandTimeoutMs + CLOCKS_APART_MS,
    );
    const short = Story.opened();
    short.escalate({ policy: { ...POLICY, settleWithinMs: 1_000 } });
    expect(deadline(short.state)).toBe(START + 1_000);
  });
});

describe('reading a handoff', () => {
  it.each([
    ['inspecting', 'preparing'],
    ['attaching', 'preparing'],
    ['transferring', 'committing'],
    ['verifying', 'committing'],
    ['awaiting-flow', 'committing'],
    ['confirming', 'confirming'],
  ] as const)('%s is shown as %s', (step, phase) => {
    expect(phaseOf(Story.at(step).move)).toBe(phase);
  });

  it('finds the open one and the settled ones, and shows how each came about', () => {
    const story = Story.at('confirming');
    const { id } = story.move;
    expect(findHandoff(story.interaction, id)).toBe(story.move);
    story.done('Look', view([customerParty(), botParty()], [{ state: 'pending', queueId: QUEUE.id, issuedAt: 1 }]));
    story.tell(seen(view([customerParty(), { ...botParty(), role: 'queue', queueId: QUEUE.id }])));
    const settled = findHandoff(story.interaction, id);
    expect(settled && phaseOf(settled)).toBe('settled');
    expect(settled?.timeline.map(({ event }) => event)).toEqual([
      'EscalationRequested',
      'ConversationInspected',
      'ContextAttached',
      'TransferAccepted',
      'StepRetried',
      'StepDelayed',
      'HandoffSettled',
    ]);
    expect(findHandoff(story.interaction, 'x' as HandoffId)).toBeUndefined();
  });

  it('is of the sender’s making that an event is marked with', () => {
    const events = decide(Story.opened().state, { kind: 'record-survey', score: 1, actor: 'api:crm' }, START + 5);
    expect(events).toEqual([{ type: 'SurveyRecorded', score: 1, at: START + 5, actor: 'api:crm' }]);
  });
});

describe('setting an interaction aside (quarantine)', () => {
  it.each(everyStep)('%s: leaves what is open to a person (H6), and asks for nothing more', (step) => {
    const story = Story.at(step);
    expect(types(story.take({ kind: 'quarantine' }))).toEqual(['HandoffSettled']);
    expect(story.settled).toMatchObject({ outcome: 'dead_lettered', reason: 'quarantined' });
    expect([story.commands, deadline(story.state)]).toEqual([[], null]);
  });

  it('withdraws the standing offers', () => {
    const story = Story.deflected('standing');
    expect(story.take({ kind: 'quarantine' })).toMatchObject([
      { type: 'OfferSettled', handoffId: 'interaction-1.1', outcome: 'cancelled' },
    ]);
    expect(story.take({ kind: 'quarantine' })).toEqual([]);
  });
});
