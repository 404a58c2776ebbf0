// Tests that the fold is total: whatever the journal holds, an event that does not fit changes nothing but the time.

import { describe, expect, it } from 'vitest';
import { LEG, OTHER_LEG, START, Story, throughJson } from '../../test/protocols/story.ts';
import type { HandoffId } from '../ids.ts';
import type { Event, EventBody } from './event.ts';
import { evolve } from './evolve.ts';
import type { State } from './interaction.ts';
import { whole } from './interaction.ts';
import type { EscalationStep } from './move.ts';

const later = START + 90_000;
const event = (body: EventBody): Event => ({ ...body, at: later, actor: 'test' });
const target = {
  queue: { id: 'q' as never, name: 'Q' },
  customer: 'p-customer' as never,
  known: [],
  transfersAfter: 0,
};
const misfits: readonly EventBody[] = [
  { type: 'ConversationInspected', target, vendorMs: 1 },
  { type: 'ContextAttached', vendorMs: 1 },
  { type: 'ArrivalSeen' },
  { type: 'TransferAccepted', vendorMs: 1 },
  { type: 'TransferUncertain', code: 'c', vendorMs: 1 },
  { type: 'TransferRepeated', code: 'c', transfersAfter: 1, known: [], vendorMs: 1 },
];
type WithParties = Exclude<EscalationStep, 'opening'>;
const fits: Readonly<Record<WithParties, readonly EventBody['type'][]>> = {
  inspecting: ['ConversationInspected'],
  attaching: ['ContextAttached', 'ArrivalSeen'],
  transferring: ['TransferAccepted', 'TransferUncertain'],
  verifying: ['TransferRepeated'],
  confirming: ['TransferRepeated'],
  'awaiting-flow': [],
};
const steps = Object.keys(fits) as WithParties[];

describe('an event that does not fit', () => {
  it.each(steps)('%s: changes nothing but the time', (step) => {
    const { state } = Story.at(step);
    for (const body of misfits.filter(({ type }) => !fits[step].includes(type))) {
      expect(evolve(state, event(body))).toEqual({ ...state, lastAt: later });
    }
  });

  it.each(steps)('%s: one that fits moves the step on', (step) => {
    const { state } = Story.at(step);
    for (const body of misfits.filter(({ type }) => fits[step].includes(type))) {
      expect(evolve(state, event(body))).not.toHaveProperty('move', whole(state).move);
    }
  });

  it('is all of them without a move, and a settlement of another handoff', () => {
    const { state } = Story.opened();
    const settledElsewhere: EventBody = {
      type: 'HandoffSettled',
      handoffId: 'interaction-1.9' as HandoffId,
      outcome: 'completed',
      vendorMs: 0,
    };
    for (const body of [
      ...misfits,
      settledElsewhere,
      { type: 'StepRetried' } as const,
      { type: 'StepDelayed', code: 'c', until: later, vendorMs: 0 } as const,
      { type: 'RequestRefused', request: 'escalation', code: 'no-platform-leg' } as const,
      { type: 'ChoreDone', id: 'x' } as const,
      { type: 'ChoreRetried', id: 'x' } as const,
      { type: 'LegEnded', leg: OTHER_LEG } as const,
      { type: 'LegDetached', leg: OTHER_LEG } as const,
    ]) {
      expect(evolve(state, event(body))).toEqual({ ...state, lastAt: later });
    }
    const open = Story.at('confirming').state;
    expect(evolve(open, event(settledElsewhere))).toEqual({ ...open, lastAt: later });
  });

  it('before the opening is nothing at all', () => {
    expect(evolve(null, event({ type: 'LegAttached', leg: LEG }))).toBeNull();
  });

  it('never takes the time back', () => {
    const { state } = Story.opened();
    expect(evolve(state, { type: 'InteractionEnded', at: START - 1, actor: 'test' })?.lastAt).toBe(START);
  });
});

describe('the fold', () => {
  it('of the events alone, as the journal keeps them, is the state', () => {
    const story = Story.at('verifying');
    story.fail({ kind: 'rejected', code: 'not-found' });
    story.fail({ kind: 'transient', code: 'unreachable' });
    const folded = throughJson(story.events).reduce<State>((state, one) => evolve(state, one), null);
    expect(folded).toEqual(story.state);
  });
});
