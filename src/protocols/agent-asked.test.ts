// Tests the transfer whose agent is asked to keep free before the source lets go: nothing is held by it that the platform does not give (H3),
// it is never asked for again blindly (H5), and it ends with the transfer, however that ends (H6).

import { describe, expect, it } from 'vitest';
import {
  ACROSS,
  ANSWERED,
  AT_SOURCE,
  CUSTOMER_LEFT,
  CXONE,
  FALLBACK,
  LET_GO,
  Story,
  TRANSFERS,
  types,
  VOICE_LEG,
  WRITTEN,
} from '../../test/protocols/story.ts';
import type { Failure } from '../outcome.ts';
import type { RequestTransfer, TransferPolicy } from './input.ts';

const SETTLE_MS = 1_000;
const POLICY: TransferPolicy = {
  ...TRANSFERS,
  sites: {
    ...TRANSFERS.sites,
    [CXONE]: { ...(TRANSFERS.sites[CXONE] as NonNullable<(typeof TRANSFERS.sites)[typeof CXONE]>), asksAgents: true },
  },
};
const LOST: Failure = { kind: 'ambiguous', code: 'connection-lost' };

/** As far as the asking, which is under way. */
function asking(change: Partial<RequestTransfer> = {}): Story {
  const story = Story.opened({ channel: 'voice', leg: VOICE_LEG });
  story.transfer({ policy: POLICY, ...change });
  const queue = change.target?.kind === 'queue' ? { queue: ACROSS } : {};
  story.done('CheckTransfer', { view: AT_SOURCE, free: 'yes', ...queue, fallback: FALLBACK });
  story.done('AttachContext', null);
  return story;
}

/** They have been asked, and it is time to look. */
function asked(): Story {
  const story = asking();
  story.done('AskAgent', { id: '900' });
  story.dueNext();
  return story;
}

const releases = (story: Story) => story.commands.filter(({ kind }) => kind === 'Release');
const NAMED = { reservation: { kind: 'placeholder', key: 'interaction-1.1', id: '900' } };

describe('an agent who is asked to keep free', () => {
  it('is asked once both sides have been checked, and only where one agent is meant', () => {
    expect(asking().command).toMatchObject({
      kind: 'AskAgent',
      safety: 'lookable',
      to: CXONE,
      agentId: '4492',
      placeholder: { key: 'interaction-1.1' },
    });
    expect(asking({ target: { kind: 'queue', queueName: ACROSS.name } }).command).toMatchObject({ kind: 'Reserve' });
    expect(Story.crossing('reserving').command).not.toHaveProperty('placeholder');
  });

  it('H3: gets the caller only when they have taken it, and are still there when the place is reserved', () => {
    const story = asked();
    expect(story.command).toMatchObject({ kind: 'LookForAgent', safety: 'repeatable', placeholder: { id: '900' } });
    story.done('LookForAgent', 'asked');
    expect(story.commands).toEqual([]);
    story.dueNext();
    story.done('LookForAgent', 'taken');
    expect(story.command).toMatchObject({ kind: 'Reserve', placeholder: { key: 'interaction-1.1', id: '900' } });
    story.done('Reserve', { held: false, code: 'agent-declined' });
    expect(story.settled).toMatchObject({ outcome: 'refused', reason: 'agent-declined', attempts: 0 });
    expect(releases(story)).toMatchObject([{}, NAMED]);
  });

  it('is free for the call as soon as that has come in, and let go of once', () => {
    const story = asked();
    story.done('LookForAgent', 'taken');
    story.reserve();
    story.done('TransferAway', null);
    expect(releases(story)).toEqual([]);
    story.redeem();
    expect(releases(story)).toMatchObject([NAMED]);
    story.done('Release', null);
    story.reconcile(LET_GO, ANSWERED);
    story.done('AttachOnArrival', WRITTEN);
    expect(story.settled).toMatchObject({ outcome: 'completed' });
    expect(releases(story)).toMatchObject([{ reservation: { kind: 'entry-script' } }]);
  });

  it.each([
    [
      'does not take it in the time that the caller may be kept',
      (story: Story) => story.wait(15_000).due(),
      'no-place-in-time',
    ],
    [
      'has refused it',
      (story: Story) => {
        story.done('LookForAgent', 'none');
        story.wait(SETTLE_MS).dueNext();
        return story.done('LookForAgent', 'none');
      },
      'agent-declined',
    ],
  ])('H6: who %s keeps nobody waiting', (_, end, reason) => {
    const story = asked();
    end(story);
    expect(story.settled).toMatchObject({ outcome: 'refused', reason });
    expect(releases(story)).toMatchObject([NAMED]);
  });

  it('H6: is let go of when the customer hangs up or it is cancelled', () => {
    const gone = asked();
    gone.tell(CUSTOMER_LEFT, gone.now, VOICE_LEG);
    expect(gone.settled).toMatchObject({ outcome: 'cancelled', reason: 'customer-left' });
    expect(releases(gone)).toMatchObject([NAMED]);
    const cancelled = asked();
    cancelled.take({ kind: 'cancel-handoff', handoffId: cancelled.move.id });
    expect(releases(cancelled)).toMatchObject([NAMED]);
  });

  it.each([
    ['whose answer was lost', (story: Story) => story.fail(LOST)],
    ['whoever asked is gone', (story: Story) => story.take({ kind: 'taken-over' })],
    ['it never came back', (story: Story) => story.dueNext()],
  ])('H5: %s, is looked for and never asked again', (_, lose) => {
    const story = asking();
    expect(types(lose(story))).toEqual(['AgentAsked']);
    story.dueNext();
    expect(story.command).toMatchObject({ kind: 'LookForAgent', placeholder: { key: 'interaction-1.1' } });
    expect(story.command).not.toHaveProperty('placeholder.id');
    story.done('LookForAgent', 'none');
    expect(story.move).toMatchObject({ progress: { step: 'awaiting-agent' } });
    story.dueNext();
    story.done('LookForAgent', 'taken');
    expect(story.command).toMatchObject({ kind: 'Reserve' });
    expect(story.events.filter(({ type }) => type === 'AgentAsked')).toHaveLength(1);
  });

  it('H6: may come into being after it was let go of, so it is looked for once more', () => {
    for (const lose of [(_: Story) => {}, (story: Story) => story.fail(LOST)]) {
      const story = asking();
      lose(story);
      story.take({ kind: 'cancel-handoff', handoffId: story.move.id });
      const letGo = () => releases(story).find((one) => one.key.includes('.agent.'));
      const chores = () => story.interaction.chores.filter(({ id }) => id.endsWith('.agent'));
      story.answer(letGo()?.key ?? '', { kind: 'done', of: 'Release', result: null });
      expect([letGo(), chores()]).toMatchObject([undefined, [{}]]);
      story.wait(30_000).due();
      expect(letGo()).toMatchObject({ reservation: { kind: 'placeholder', key: 'interaction-1.1' } });
      story.answer(letGo()?.key ?? '', { kind: 'done', of: 'Release', result: null });
      expect(chores()).toEqual([]);
    }
  });

  it('is asked again where that was provably not taken', () => {
    const story = asking();
    story.fail({ kind: 'transient', code: 'rate-limited' });
    story.dueNext();
    expect(story.command).toMatchObject({ kind: 'AskAgent' });
  });

  it('who cannot be asked ends the transfer with its reason; who cannot be looked for is looked for again', () => {
    const story = asking();
    story.fail({ kind: 'rejected', code: 'forbidden' });
    expect(story.settled).toMatchObject({ outcome: 'refused', reason: 'forbidden' });
    const blind = asked();
    blind.fail({ kind: 'rejected', code: 'unauthorized' });
    expect(blind.move).toMatchObject({ progress: { step: 'awaiting-agent', task: { code: 'unauthorized' } } });
  });
});
