// Owns the lives and deaths of a process (`kill -9`): started on the same journal until it has done its work, killed at a named
// moment or at any, while the vendor lives here and survives. Nothing acknowledged may be lost, nothing done twice (H5), everything
// settles (H6), and the chain holds (H8).

import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { Command } from '../../src/protocols/command.ts';
import type { Event } from '../../src/protocols/event.ts';
import { ContactCenter } from '../contract/journal-bench.ts';
import { scriptedServer } from '../contract/scripted-server.ts';
import { type Death, endsOf, type Life, live } from './lives.ts';
import type { Kept } from './mortal-store.ts';

const SCRIPT = fileURLToPath(new URL('./journal-process.ts', import.meta.url));

/** What the vendor saw of one conversation, in order. */
type Seen = { readonly kind: Command['kind']; readonly moved: boolean };

/** A contact center on a port, which may kill its caller. */
async function vendor() {
  const center = new ContactCenter();
  const seen = new Map<string, Seen[]>();
  let calls = 0;
  let death: Death | undefined;
  let life: Life | undefined;
  const killsAt = ({ kind }: Command, when: 'before' | 'after') =>
    death?.by === 'vendor' && death.kind === kind && death.when === when && death.nth === calls;
  const server = await scriptedServer(({ body }) => {
    const command = JSON.parse(body) as Command;
    if (!('externalId' in command)) return { status: 200, json: center.perform(command) };
    if (death?.by === 'vendor' && death.kind === command.kind) calls += 1;
    if (killsAt(command, 'before')) {
      life?.child.kill('SIGKILL');
      return (response) => response.destroy();
    }
    const before = center.transfers(command.externalId) > 0;
    const answer = center.perform(command);
    const story = seen.get(command.externalId) ?? [];
    seen.set(command.externalId, [...story, { kind: command.kind, moved: before }]);
    if (killsAt(command, 'after')) {
      life?.child.kill('SIGKILL');
      return (response) => response.destroy();
    }
    return { status: 200, json: answer };
  });
  return {
    center,
    seen,
    url: server.url,
    expects(next: Death | undefined, caller: Life) {
      [death, life, calls] = [next, caller, 0];
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** Lives through the deaths, then once more to the end. Returns what was acknowledged and how it all stands. */
async function survive(deaths: readonly Death[], kept: Kept, conversations: number) {
  const far = await vendor();
  const acknowledged = new Set<number>();
  const orders = { kept, vendor: far.url, conversations };
  let last: Life | undefined;
  for (const death of [...deaths, undefined]) {
    const life = live(SCRIPT, { ...orders, ...(death?.by === 'itself' && { dieAt: death }) });
    far.expects(death, life);
    if (death?.by === 'chance') {
      void life.awake.then(() => setTimeout(() => life.child.kill('SIGKILL'), death.afterMs));
    }
    const end = await life.over;
    expect(endsOf(death), JSON.stringify(death)).toContain(end);
    for (const line of life.lines) if ('acknowledged' in line) acknowledged.add(line.acknowledged);
    last = life;
  }
  await far[Symbol.asyncDispose]();
  const end = last?.lines.find((line) => 'outcomes' in line);
  return { far, acknowledged, end };
}

/** Between two transfers somebody must have looked and seen that nothing had moved. */
function repeatsBlindly(story: readonly Seen[]): boolean {
  const transfers = story.flatMap(({ kind }, index) => (kind === 'TransferToQueue' ? [index] : []));
  return transfers.slice(1).some((at, n) => {
    const between = story.slice((transfers[n] ?? 0) + 1, at);
    return !between.some(({ kind, moved }) => kind === 'Look' && !moved);
  });
}

/** Dies as it is told, then lives to the end: everything acknowledged is there, settled, and was done once. */
async function proveSurvival(deaths: readonly Death[], kept: Kept, conversations: number): Promise<void> {
  const { far, acknowledged, end } = await survive(deaths, kept, conversations);
  expect(acknowledged.size).toBe(conversations);
  expect(end).toEqual({ outcomes: Array.from({ length: conversations }, () => 'completed'), chain: true });
  for (const [conversation, story] of far.seen) {
    expect({ conversation, moved: far.center.transfers(conversation) }).toEqual({ conversation, moved: 1 });
    expect({ conversation, story, blind: repeatsBlindly(story) }).toEqual({ conversation, story, blind: false });
  }
  expect(far.seen.size).toBe(conversations);
}

const COMMITS = [
  'InteractionOpened',
  'EscalationRequested',
  'ConversationInspected',
  'ContextAttached',
  'TransferAccepted',
  'HandoffSettled',
] as const satisfies readonly Event['type'][];
const CALLS = ['Inspect', 'AttachContext', 'TransferToQueue', 'Look'] as const satisfies readonly Command['kind'][];
const MOMENTS = ['before', 'after'] as const;
const MANY = 12;
/** Each case mostly waits; what it waits for takes long on a busy machine. */
const PATIENTLY = { concurrent: true, timeout: 90_000 } as const;

/** What every store must let a process live through. `keep` gives each case a journal of its own. */
export function crashContract(name: string, keep: () => Promise<Kept>): void {
  describe(`a process killed at a named moment, its journal on ${name}`, PATIENTLY, () => {
    it.for(MOMENTS.flatMap((when) => COMMITS.map((commit) => ({ when, commit }))))(
      'just $when the commit of $commit loses nothing and does nothing twice (H5, H6, H8)',
      async ({ when, commit }) => proveSurvival([{ by: 'itself', commit, when }], await keep(), 1),
    );

    it.for(MOMENTS.flatMap((when) => CALLS.map((kind) => ({ when, kind }))))(
      'just $when the vendor takes $kind loses nothing and does nothing twice (H5, H6, H8)',
      async ({ when, kind }) => proveSurvival([{ by: 'vendor', kind, nth: 1, when }], await keep(), 1),
    );

    it('after a transfer, and again twice while it is looked for, with many others on the way', async () => {
      const deaths: readonly Death[] = [
        { by: 'vendor', kind: 'TransferToQueue', nth: 3, when: 'after' },
        { by: 'vendor', kind: 'Look', nth: 1, when: 'before' },
        { by: 'vendor', kind: 'Look', nth: 2, when: 'after' },
      ];
      await proveSurvival(deaths, await keep(), MANY);
    });
  });

  describe(`a process killed at any moment, its journal on ${name}`, PATIENTLY, () => {
    // Counted from its first sign of life; one that comes when the work is done has nothing to break.
    it.for([1, 2, 3])('loses nothing and does nothing twice (H5, H6, H8): round %i', async () => {
      const chance = () => ({ by: 'chance', afterMs: Math.random() * 80 }) as const;
      await proveSurvival([chance(), chance(), chance()], await keep(), MANY);
    });
  });
}
