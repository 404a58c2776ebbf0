import { describe, expect, it } from 'vitest';
import {
  ANSWERED,
  ARRIVED,
  AT_ENTRY,
  AT_SOURCE,
  customerParty,
  FALLBACK,
  GONE,
  LET_GO,
  participant,
  Story,
  TRANSFERS,
  types,
  VOICE_LEG,
  view,
  WITH_BOT,
  WRITTEN,
} from '../../test/protocols/story.ts';
import type { HandoffId } from '../ids.ts';
import type { CommandValue, SideView } from './command.ts';
import type { Hindrance } from './transfer-retry.ts';

const QUIET_MS = 600_000;

/** The source was told to let go, and nobody could look until its time was up. */
function fateUnknown(story = Story.crossing('reconciling')): Story {
  story.wait(story.move.limits.settleBy - story.now).take({ kind: 'due', chance: 0 });
  expect(story.settled).toMatchObject({ outcome: 'dead_lettered', reason: 'fate-unknown' });
  for (const { key, kind } of story.commands)
    story.answer(key, { kind: 'done', ...({ of: kind, result: null } as CommandValue) });
  return story;
}

/** The same, where the call was at the destination's entry when it was last heard of. */
function atEntry(): Story {
  const story = Story.crossing('reconciling');
  story.redeem();
  return fateUnknown(story);
}

const letterOf = (story: Story) => story.interaction.settled[0]!;
const retry = (story: Story, token = 'another-token') =>
  story.take({ kind: 'retry-transfer', handoffId: letterOf(story).id, token, note: 'looked' });
const check = (story: Story, source = AT_SOURCE, destination?: SideView) =>
  story.done('CheckTransfer', { view: source, free: 'yes', fallback: FALLBACK, ...(destination && { destination }) });
const isOpen = (story: Story) => letterOf(story).resolvedAt === undefined;
const hindrance = (because: Hindrance) => ({ type: 'RequestRefused', code: 'retry-would-repeat', because });

describe('going on with a transfer that became a dead letter', () => {
  it('is a new transfer on the same terms with a token of its own, which looks before anything else (H3, H5)', () => {
    const story = fateUnknown().wait(QUIET_MS);
    const before = letterOf(story);
    const events = retry(story);
    expect(events).toMatchObject([
      { type: 'DeadLetterRetried', handoffId: before.id, by: story.move.id, note: 'looked' },
      { type: 'TransferRequested' },
    ]);
    const { move } = story;
    if (move.kind !== 'transfer' || before.kind !== 'transfer') throw new Error('no transfer');
    expect(move.terms).toEqual({ ...before.terms, token: 'another-token' });
    expect([move.id, move.retries, move.leg, move.attempts]).toEqual(['interaction-1.2', before.id, VOICE_LEG, 0]);
    expect(move.limits.settleBy - story.now).toBe(before.limits.settleBy - before.requestedAt);
    expect(story.command).toMatchObject({ kind: 'CheckTransfer', externalId: VOICE_LEG.externalId });
    expect(isOpen(story)).toBe(true);
  });

  it('is the same transfer when it is asked for again, open or settled', () => {
    const story = fateUnknown().wait(QUIET_MS);
    retry(story);
    const { id } = story.move;
    expect(retry(story, 'a-third')).toEqual([]);
    check(story);
    story.done('AttachContext', null);
    story.reserve();
    story.done('TransferAway', null);
    story.take({ kind: 'redeem-reservation', handoffId: id, leg: ARRIVED, rung: 'token' });
    story.reconcile(LET_GO, ANSWERED);
    const events = story.done('AttachOnArrival', WRITTEN);
    expect(events).toMatchObject([
      { type: 'ContextAttached' },
      { type: 'HandoffSettled', handoffId: id, outcome: 'completed' },
      { type: 'DeadLetterResolved', handoffId: letterOf(story).id, by: id },
    ]);
    expect(retry(story, 'a-fourth')).toEqual([]);
    expect(story.interaction.settled).toHaveLength(2);
  });

  it('moves nobody who is at the destination already, and leaves the letter to a person', () => {
    const story = atEntry().wait(QUIET_MS);
    retry(story);
    expect(story.command).toMatchObject({ kind: 'CheckTransfer', arrived: ARRIVED });
    check(story, AT_SOURCE, AT_ENTRY);
    expect(story.settled).toMatchObject({ outcome: 'refused', reason: 'still-at-destination', attempts: 0 });
    expect(isOpen(story)).toBe(true);
    retry(story);
    expect(story.move.id).toBe('interaction-1.3');
    check(story, AT_SOURCE, 'gone');
    expect(story.command).toMatchObject({ kind: 'AttachContext', externalId: VOICE_LEG.externalId });
  });

  it.each([
    ['a transfer that is pending', view(AT_SOURCE.parties, [{ state: 'pending', issuedAt: 1 }])],
    [
      'a line that is up, and whose call nobody has recognised',
      view([...AT_SOURCE.parties, { id: participant('p-line'), role: 'other', state: 'connected' }]),
    ],
  ])('moves nobody who is on the way still: %s', (_, source) => {
    const story = fateUnknown().wait(QUIET_MS);
    retry(story);
    check(story, source);
    expect(story.settled).toMatchObject({ outcome: 'refused', reason: 'transfer-hangs' });
    expect(isOpen(story)).toBe(true);
  });

  it.each([
    ['is at the destination', AT_ENTRY, { outcome: 'refused', reason: 'still-at-destination' }],
    ['is nowhere', 'gone' as const, { outcome: 'cancelled', reason: 'customer-left' }],
  ])('a customer who has left the source and %s is still looked for', (_, destination, outcome) => {
    const story = atEntry().wait(QUIET_MS);
    retry(story);
    check(story, GONE, destination);
    expect(story.settled).toMatchObject(outcome);
    expect([isOpen(story), story.interaction.endedAt]).toEqual([true, undefined]);
    expect(retry(story)).toMatchObject([hindrance('source-is-over')]);
  });

  it('stands for the matter once it has let go, whatever comes of it', () => {
    const story = fateUnknown().wait(QUIET_MS);
    retry(story);
    check(story);
    story.done('AttachContext', null);
    story.reserve();
    story.done('TransferAway', null);
    story.wait(TRANSFERS.settleWithinMs).take({ kind: 'due', chance: 0 });
    expect(story.interaction.settled.map(({ resolvedAt }) => resolvedAt !== undefined)).toEqual([true, false]);
    expect(story.settled).toMatchObject({ outcome: 'dead_lettered', reason: 'fate-unknown' });
  });

  it('that is set aside leaves the first to a person', () => {
    const story = fateUnknown().wait(QUIET_MS);
    retry(story);
    check(story);
    story.done('AttachContext', null);
    story.reserve();
    story.take({ kind: 'quarantine' });
    expect(story.settled).toMatchObject({ outcome: 'dead_lettered', reason: 'quarantined' });
    expect(isOpen(story)).toBe(true);
  });
});

describe('a dead letter that is not gone on with', () => {
  const refusedAs = (story: Story) => retry(story).map((event) => event.type === 'RequestRefused' && event.code);

  it('while what was asked for may still take effect (H5)', () => {
    const story = fateUnknown();
    expect(retry(story)).toMatchObject([hindrance('may-still-happen')]);
    expect(types(retry(story.wait(QUIET_MS)))).toContain('TransferRequested');
  });

  it('where somebody has the customer at the destination', () => {
    const story = Story.crossing('injecting');
    story.tell({ kind: 'agent-joined', participantId: 'p-there', agentId: '4492' } as never, story.now, ARRIVED);
    story.take({ kind: 'quarantine' });
    expect(retry(story.wait(QUIET_MS))).toMatchObject([hindrance('with-somebody-there')]);
  });

  it('where the source’s own flow lets go', () => {
    const sites = Object.fromEntries(
      Object.entries(TRANSFERS.sites).map(([name, site]) => [name, { ...site, ways: ['flow'] as const }]),
    );
    const story = Story.crossing('checking', { commitBy: 'flow', policy: { ...TRANSFERS, sites } });
    check(story, WITH_BOT);
    story.done('AttachContext', null);
    story.reserve();
    story.take({ kind: 'tell-flow', handoffId: story.move.id });
    expect(retry(fateUnknown(story).wait(QUIET_MS))).toMatchObject([hindrance('flow-lets-go')]);
  });

  it('where the source’s conversation is over', () => {
    const story = Story.crossing('reconciling');
    story.wait(90_000).reconcile('gone');
    expect(story.settled).toMatchObject({ reason: 'caller-lost' });
    expect(retry(story.wait(QUIET_MS))).toMatchObject([hindrance('source-is-over')]);
  });

  it('where it is no transfer', () => {
    const story = Story.at('verifying').wait(1_000_000);
    story.take({ kind: 'due', chance: 0 });
    expect(retry(story.wait(QUIET_MS))).toMatchObject([hindrance('not-a-transfer')]);
  });

  it('while another handoff is open (H1), and where there is none', () => {
    const story = fateUnknown().wait(QUIET_MS);
    story.transfer();
    expect(refusedAs(story)).toEqual(['handoff-in-progress']);
    const settled = fateUnknown().wait(QUIET_MS);
    settled.take({ kind: 'resolve-dead-letter' });
    expect(refusedAs(settled)).toEqual(['dead-letter-not-found']);
  });

  it('where the interaction has ended, or is erased', () => {
    const ended = fateUnknown().wait(QUIET_MS);
    ended.tell({ kind: 'customer-left', participantId: customerParty().id }, ended.now, VOICE_LEG);
    expect(refusedAs(ended)).toEqual(['interaction-ended']);
    const erasing = fateUnknown().wait(QUIET_MS);
    erasing.take({ kind: 'erase', erasureId: 'e-1' });
    const asked = { kind: 'retry-transfer', handoffId: 'interaction-1.1' as HandoffId, token: 'more' } as const;
    expect(erasing.take(asked)).toEqual([]);
  });
});
