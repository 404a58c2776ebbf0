// Tests that a caller whom a bot wanted gone does not stay with it where a quota is spent (H1, H2, H4, H6).

import { describe, expect, it } from 'vitest';
import { ACROSS, AT_SOURCE, FALLBACK, Story, TRANSFERS, types, WITH_BOT } from '../../test/protocols/story.ts';
import type { ManifestRef } from '../ids.ts';
import type { RequestTransfer } from './input.ts';

const SPENT = { kind: 'transient', code: 'rate-limited', retryAfterMs: 60_000 } as const;

function asked(change: Partial<RequestTransfer> = {}, view = WITH_BOT): Story {
  const story = Story.crossing('checking', change);
  story.done('CheckTransfer', { view, free: 'yes', queue: ACROSS, fallback: FALLBACK });
  return story;
}

describe('a quota that is spent while a bot has the caller', () => {
  it('ends the transfer at once, and an escalation takes them to the queue that somebody answers', () => {
    const story = asked({ manifestRef: 'ref-1' as ManifestRef });
    story.fail(SPENT);
    expect(story.settled).toMatchObject({ outcome: 'refused', reason: 'no-place-in-time', detail: 'rate-limited' });
    const { move } = story.interaction;
    expect(move).toMatchObject({
      n: 2,
      kind: 'escalation',
      wish: { name: story.settled.kind === 'transfer' && story.settled.terms.fallback.source, because: 'quota-spent' },
      manifestRef: 'ref-1',
      briefing: story.settled.briefing,
    });
    expect(story.commands.map(({ kind }) => kind)).toContain('Inspect');
  });

  it('is asked for when the source is to be told, too', () => {
    const story = asked();
    story.done('AttachContext', null);
    story.reserve();
    story.fail(SPENT);
    expect(story.settled).toMatchObject({ outcome: 'compensated', detail: 'rate-limited' });
    expect(story.interaction.move).toMatchObject({ kind: 'escalation' });
  });

  it('H4: takes along what is known by then, masked by the flags of then', () => {
    const story = asked({ manifest: { conversation_summary: 'card 4111 1111 1111 1111' } });
    story.take({ kind: 'change-context', context: { sentiment: 'angry', complianceFlags: ['pci_dss'] } });
    story.fail(SPENT);
    const { move } = story.interaction;
    const attributes = move && 'attributes' in move.progress ? JSON.stringify(move.progress.attributes) : '';
    expect(attributes).toContain('angry');
    expect(JSON.stringify(move)).not.toContain('4111');
  });

  it('H4: leaves nothing beside it that an earlier handoff wrote into the conversation', () => {
    const story = asked();
    story.take({ kind: 'cancel-handoff', handoffId: story.move.id });
    story.done('Release', null);
    story.transfer();
    story.done('CheckTransfer', { view: WITH_BOT, free: 'yes', queue: ACROSS, fallback: FALLBACK });
    story.fail(SPENT);
    const { move } = story.interaction;
    expect(move).toMatchObject({ n: 3, progress: { attributes: { recommended_queue: '' } } });
  });

  it('changes nothing where an agent has them', () => {
    const story = asked({}, AT_SOURCE);
    story.fail(SPENT);
    expect(story.settled).toMatchObject({ outcome: 'refused', detail: 'rate-limited' });
    expect(story.interaction.move).toBeNull();
  });

  it('changes nothing where something else is why', () => {
    const story = asked();
    story.fail({ kind: 'transient', code: 'unavailable', retryAfterMs: 60_000 });
    expect(story.interaction.move).toBeNull();
  });

  it('leaves to a flow what a flow is told', () => {
    const sites = Object.entries(TRANSFERS.sites).map(([name, site]) => [name, { ...site, ways: ['flow'] }] as const);
    const story = asked({ commitBy: 'flow', policy: { ...TRANSFERS, sites: Object.fromEntries(sites) } });
    story.fail(SPENT);
    expect(story.settled).toMatchObject({ outcome: 'refused', detail: 'rate-limited' });
    expect(types(story.events)).not.toContain('EscalationRequested');
  });
});
