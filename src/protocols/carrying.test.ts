// Tests what a transfer takes along when what is known changes on the way (H4): it is packed anew until it is written, within the same
// limits, and what was written before the change is written again before the transfer counts as complete.

import { describe, expect, it } from 'vitest';
import { Story, TRANSFERS, types, WRITTEN } from '../../test/protocols/story.ts';
import type { PlatformName } from '../ids.ts';
import type { Crossing } from './crossing.ts';
import type { RequestTransfer } from './input.ts';
import type { TransferMove } from './move.ts';

const CXONE = 'nice_cxone' as PlatformName;
const VERIFIED = { kind: 'change-context', context: { authenticationStatus: 'verified' } } as const;

function moveOf({ move }: Story): TransferMove {
  if (move.kind !== 'transfer') throw new Error('no transfer is open');
  return move;
}

function attributesOf(story: Story): Readonly<Record<string, string>> {
  const { command } = story;
  if (command.kind !== 'AttachOnArrival') throw new Error(`it is ${command.kind}`);
  return command.attributes;
}

function within(change: Partial<RequestTransfer['policy']['sites'][PlatformName]>): Partial<RequestTransfer> {
  const site = TRANSFERS.sites[CXONE];
  if (!site) throw new Error('no such platform');
  return { policy: { ...TRANSFERS, sites: { ...TRANSFERS.sites, [CXONE]: { ...site, ...change } } } };
}

describe('what changes on the way (H4)', () => {
  const STEPS: readonly Crossing['step'][] = ['checking', 'marking', 'reserving', 'committing', 'reconciling'];

  it.each(STEPS)('%s: goes along', (step) => {
    const story = Story.crossing(step);
    expect(types(story.take(VERIFIED))).toEqual(['ContextChanged', 'ContextRepacked']);
    expect(story.move).toMatchObject({
      terms: { carried: { authenticationStatus: 'verified' } },
      summary: expect.stringContaining('Auth: verified'),
      briefing: expect.stringContaining('Auth: verified'),
    });
  });

  it('with the agents talking: is what is written once they have agreed, digits as well', () => {
    const story = Story.crossing('consulting', { type: 'consultative' });
    story.take(VERIFIED);
    story.take({ kind: 'change-context', context: { dtmfSequence: ['1', '3', '0'] } });
    story.take({ kind: 'complete-transfer', handoffId: story.move.id, accept: true });
    expect(moveOf(story).terms).toMatchObject({
      carried: { authenticationStatus: 'verified', dtmfSequence: '["1","3","0"]' },
    });
  });

  it('does not ask again for what is under way, nor is packed where nothing of it goes along', () => {
    const story = Story.crossing('committing');
    const { key } = story.command;
    story.take(VERIFIED);
    expect(story.command.key).toBe(key);
    expect(types(story.take(VERIFIED))).toEqual(['ContextChanged']);
  });

  it('keeps to the limits and the names of the destination, and says what they keep out', () => {
    const story = Story.crossing(
      'reconciling',
      within({ mapping: { intent: 'reason', authenticationStatus: 'auth' } }),
    );
    story.take({ kind: 'change-context', context: { authenticationStatus: 'verified', sentiment: 'calm' } });
    expect(moveOf(story).terms).toMatchObject({ carried: { auth: 'verified' } });
    expect(story.move.loss).toContainEqual({ field: 'context.sentiment', limit: 'no mapping', carriedBy: 'reference' });
  });

  it('is masked in a manifest by flags that are raised on the way', () => {
    const story = Story.crossing('reconciling', { manifest: { trigger_utterance: 'My card is 4111 1111 1111 1111' } });
    expect(JSON.stringify(moveOf(story).terms)).toContain('4111');
    story.take({ kind: 'change-context', context: { complianceFlags: ['pci_dss'] } });
    expect(JSON.stringify(moveOf(story).terms.carried)).not.toContain('4111');
    expect(story.move.loss).toContainEqual(expect.objectContaining({ carriedBy: 'masked' }));
  });

  it('while it is being written: is written again, and complete only then', () => {
    const story = Story.crossing('injecting');
    const before = attributesOf(story);
    const { key } = story.command;
    expect(types(story.take(VERIFIED))).toEqual(['ContextChanged']);
    expect([story.command.key, attributesOf(story)]).toEqual([key, before]);
    expect(types(story.done('AttachOnArrival', WRITTEN))).toEqual([
      'ContextAttached',
      'StepRetried',
      'ContextRepacked',
    ]);
    expect(attributesOf(story)).toMatchObject({ authenticationStatus: 'verified' });
    story.done('AttachOnArrival', WRITTEN);
    expect(story.settled).toMatchObject({ outcome: 'completed', loss: [] });
    expect(story.settled).not.toHaveProperty('reason');
  });

  it('taken back after it was written: is emptied there, since a platform deletes nothing', () => {
    const story = Story.crossing('injecting');
    story.take({ kind: 'change-context', context: { intent: null } });
    story.done('AttachOnArrival', WRITTEN);
    expect(attributesOf(story)).toMatchObject({ intent: '' });
    story.done('AttachOnArrival', WRITTEN);
    expect(story.settled).toMatchObject({ outcome: 'completed' });
  });

  it('taken back where the destination counts: is emptied in the place of one value, which is named', () => {
    const limits = { attributeValueBytes: 256, attributeCount: 4 };
    const story = Story.crossing('injecting', within({ limits }));
    const first = attributesOf(story);
    expect(Object.keys(first)).toHaveLength(4);
    const gone = Object.keys(first).find((name) => name === 'intent') ?? '';
    story.take({ kind: 'change-context', context: { [gone]: null, sentiment: 'calm', previousQueue: 'General' } });
    story.done('AttachOnArrival', WRITTEN);
    const again = attributesOf(story);
    expect(again).toMatchObject({ [gone]: '' });
    expect(Object.keys(again)).toHaveLength(4);
    expect(moveOf(story).loss).toContainEqual(expect.objectContaining({ carriedBy: 'reference' }));
  });

  it('between two tries of the writing: is what the next one writes', () => {
    const story = Story.crossing('injecting');
    story.fail({ kind: 'transient', code: 'rate-limited' });
    expect(types(story.take(VERIFIED))).toEqual(['ContextChanged', 'ContextRepacked']);
    story.dueNext();
    expect(attributesOf(story)).toMatchObject({ authenticationStatus: 'verified' });
  });

  it('during a try that failed: is what the next one writes', () => {
    const story = Story.crossing('injecting');
    story.take(VERIFIED);
    expect(types(story.fail({ kind: 'transient', code: 'rate-limited' }))).toEqual(['StepDelayed', 'ContextRepacked']);
    story.dueNext();
    expect(attributesOf(story)).toMatchObject({ authenticationStatus: 'verified' });
  });

  it('is told of one whose writing is refused, which is named', () => {
    const story = Story.crossing('injecting');
    story.take(VERIFIED);
    story.fail({ kind: 'rejected', code: 'forbidden' });
    expect(story.settled).toMatchObject({ outcome: 'completed', reason: 'context-not-attached' });
  });

  it('keeps of a transfer that is over nothing that it was packed with', () => {
    const story = Story.crossing('injecting');
    story.done('AttachOnArrival', WRITTEN);
    expect(story.settled).toMatchObject({ terms: { carried: expect.any(Object) } });
    expect(story.settled).not.toHaveProperty('terms.packing');
  });
});
