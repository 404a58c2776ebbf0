// Tests the hold of an agent who accepts (seed 004, edge case 2): when it begins, what it puts back, and that whatever fails somebody is
// released or a person is told (H5, H6).

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  agentParty,
  customerParty,
  entered,
  HOLDING,
  joined,
  POLICY,
  participant,
  QUEUE,
  Story,
  seen,
  types,
  view,
} from '../../test/protocols/story.ts';
import type { ConversationChange } from '../context/conversation.ts';
import type { AgentId } from '../ids.ts';
import type { Failure } from '../outcome.ts';
import type { Command } from './command.ts';
import { deadline } from './handoff.ts';

const ON_QUEUE = { id: 'on-queue', since: 'before' };
const BUSY = { id: 'busy', since: 'now' };
const AMBIGUOUS = { kind: 'ambiguous', code: 'timed-out' } as const satisfies Failure;
const UNAVAILABLE = { kind: 'transient', code: 'unavailable' } as const satisfies Failure;
const FORBIDDEN = { kind: 'rejected', code: 'forbidden' } as const satisfies Failure;

const accepted: ConversationChange = {
  kind: 'queue-left',
  participantId: participant('p-queue'),
  queueId: QUEUE.id,
  answeredBy: 'a-1' as AgentId,
};

/** A customer in the queue, an agent rung. */
function rung(policy = HOLDING): Story {
  const story = Story.at('transferring', { policy });
  story.done('TransferToQueue', null);
  story.tell(entered());
  story.tell(joined());
  return story;
}

/** The agent has accepted; their presence is being read. */
function taken(): Story {
  const story = rung();
  story.tell(accepted);
  return story;
}

/** They are held, with `set` known. */
function held(): Story {
  const story = taken();
  story.done('ReadPresence', ON_QUEUE);
  story.done('HoldAgent', BUSY);
  return story;
}

const kinds = (story: Story) => story.commands.map(({ kind }) => kind);

describe('an agent is held', () => {
  it('when they accept, not when they are rung', () => {
    const story = rung();
    expect(kinds(story)).toEqual([]);
    expect(types(story.tell(accepted))).toContain('AgentHoldBegun');
    expect(story.command).toMatchObject({ kind: 'ReadPresence', agentId: 'a-1', safety: 'repeatable' });
  });

  it('when only a look shows that they have accepted', () => {
    const story = rung();
    story.tell(seen(view([customerParty(), agentParty('p-agent', { state: 'alerting' })])));
    expect(kinds(story)).toEqual([]);
    story.tell(seen(view([customerParty(), agentParty()])));
    expect(kinds(story)).toEqual(['ReadPresence']);
  });

  it('never where it is not configured', () => {
    const story = rung(POLICY);
    story.tell(accepted);
    expect(kinds(story)).toEqual([]);
  });

  it('once for a handoff, however often and by however many it is accepted', () => {
    const story = held();
    expect(types(story.tell(accepted))).not.toContain('AgentHoldBegun');
    story.dueNext();
    story.done('ReleaseAgent', { restored: true });
    story.tell({ ...accepted, participantId: participant('p-queue-2') });
    expect(kinds(story)).toEqual([]);
  });

  it('for as long as configured, and is then given back what they were', () => {
    const story = held();
    expect(deadline(story.state)).toBe(story.now + 3_000);
    expect(kinds(story)).toEqual([]);
    story.dueNext();
    expect(story.command).toMatchObject({ kind: 'ReleaseAgent', set: BUSY, previous: 'on-queue' });
    story.done('ReleaseAgent', { restored: true });
    expect(story.interaction.chores).toEqual([]);
  });

  it('also after the customer has gone', () => {
    const story = held();
    story.tell({ kind: 'customer-left', participantId: participant('p-customer') });
    story.dueNext();
    expect(kinds(story)).toEqual(['ReleaseAgent']);
  });

  it('also after the interaction was erased', () => {
    const story = held();
    story.take({ kind: 'erase', erasureId: 'e-1' });
    expect(story.erased.chores).toHaveLength(1);
    story.dueNext();
    const release = story.commands.find(({ kind }) => kind === 'ReleaseAgent');
    expect(release).toMatchObject({ previous: 'on-queue' });
    story.done('ReleaseAgent', { restored: true });
    expect(story.erased.chores).toEqual([]);
  });
});

describe('nobody is held', () => {
  it('who is in that presence already: it is not ours to put back', () => {
    const story = taken();
    story.done('ReadPresence', BUSY);
    expect(story.interaction.chores).toEqual([]);
  });

  it.each([AMBIGUOUS, UNAVAILABLE, FORBIDDEN])('whose presence could not be read at once (%o)', (failure) => {
    const story = taken();
    story.fail(failure);
    expect(story.interaction.chores).toEqual([]);
  });

  it.each([UNAVAILABLE, FORBIDDEN])('whose presence was provably not set (%o)', (failure) => {
    const story = taken();
    story.done('ReadPresence', ON_QUEUE);
    story.fail(failure);
    expect(story.interaction.chores).toEqual([]);
  });

  it('whose reading never came back', () => {
    const story = taken();
    story.dueNext();
    expect(story.interaction.chores).toEqual([]);
  });
});

describe('a hold of unknown fate is released as if it had been set (H5)', () => {
  const unknown: readonly (readonly [string, (story: Story) => void])[] = [
    ['its answer was lost', (story) => void story.fail(AMBIGUOUS)],
    ['its answer never came', (story) => void story.dueNext()],
    ['whoever set it is gone', (story) => void story.take({ kind: 'taken-over' })],
  ];

  it.each(unknown)('%s', (_what, happens) => {
    const story = taken();
    story.done('ReadPresence', ON_QUEUE);
    expect(story.command).toMatchObject({ kind: 'HoldAgent', safety: 'lookable' });
    happens(story);
    expect(kinds(story)).toEqual([]);
    story.dueNext();
    expect(story.command).toMatchObject({ kind: 'ReleaseAgent', set: { id: 'busy' }, previous: 'on-queue' });
  });
});

describe('a release that fails', () => {
  it.each([AMBIGUOUS, UNAVAILABLE])('is tried again, looking first (%o)', (failure) => {
    const story = held();
    story.dueNext();
    const { key } = story.command;
    story.fail(failure);
    expect(kinds(story)).toEqual([]);
    story.dueNext();
    expect(story.command).toMatchObject({ kind: 'ReleaseAgent', safety: 'repeatable' });
    expect(story.command.key).not.toBe(key);
  });

  it('is over where the platform has no such agent any more', () => {
    const story = held();
    story.dueNext();
    story.fail({ kind: 'rejected', code: 'not-found' });
    expect(story.interaction.chores).toEqual([]);
  });

  it('is left to a person at once where it is forbidden', () => {
    const story = held();
    story.dueNext();
    story.fail(FORBIDDEN);
    expect(story.command).toMatchObject({ kind: 'RaiseAlert', code: 'agent-hold-not-released' });
  });

  it('is left to a person within minutes where it never succeeds (H6)', () => {
    const story = held();
    const since = story.now;
    while (!kinds(story).includes('RaiseAlert')) {
      story.dueNext();
      if (kinds(story).includes('ReleaseAgent')) story.fail(UNAVAILABLE);
    }
    expect(story.now - since).toBeLessThan(10 * 60_000);
  });
});

describe('whatever happens', () => {
  const fate = fc.constantFrom('done', 'ambiguous', 'unavailable', 'forbidden', 'silence', 'taken-over');

  it('who was held is released or a person is told, in bounded time, and nobody is held twice (H5, H6)', () => {
    fc.assert(
      fc.property(fc.array(fate, { maxLength: 60 }), (fates) => {
        const story = taken();
        const asked = new Map<string, Command>();
        const since = story.now;
        const all = [...fates];
        while (story.interaction.chores.some(({ kind }) => kind === 'hold')) {
          for (const command of story.commands) asked.set(command.key, command);
          meet(story, all.shift() ?? 'silence');
        }
        const holds = [...asked.values()].filter(({ kind }) => kind === 'HoldAgent');
        expect(holds.length).toBeLessThanOrEqual(1);
        expect(story.now - since).toBeLessThan(10 * 60_000);
        const ends = story.events.filter(({ type }) => type === 'AgentReleased' || type === 'ChoreAdded');
        if (story.events.some(({ type }) => type === 'AgentHeld')) expect(ends).toHaveLength(1);
      }),
    );
  });
});

function meet(story: Story, fate: string): void {
  const [command] = story.commands;
  const failure = FAILURES[fate];
  if (fate === 'taken-over' && story.take({ kind: 'taken-over' }).length > 0) return;
  if (command && failure) story.fail(failure);
  else if (fate === 'done' && command?.kind === 'ReadPresence') story.done('ReadPresence', ON_QUEUE);
  else if (fate === 'done' && command?.kind === 'HoldAgent') story.done('HoldAgent', BUSY);
  else if (fate === 'done' && command) story.done('ReleaseAgent', { restored: true });
  else story.dueNext();
}

const FAILURES: Readonly<Record<string, Failure>> = {
  ambiguous: AMBIGUOUS,
  unavailable: UNAVAILABLE,
  forbidden: FORBIDDEN,
};
