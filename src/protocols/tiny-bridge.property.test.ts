// Tests the transfer between two platforms that are unfair to each other and to us: answers lost, effects late, calls dropped in silence,
// entries that ask in vain, agents who do not pick up, customers who hang up, and a process that dies. Nobody is left without a holder
// but by a dead letter (H6), the source lets go once for each asking (H5), and what the handoff says is what happened.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TinyCrossing } from '../../test/protocols/tiny-crossing.ts';
import type { SettledHandoff } from './move.ts';

/** What an outcome says of where the caller is, the moment it is said. */
const TRUE_OF: Readonly<Record<string, readonly string[]>> = {
  // Whom they were brought to may have ended the talk, or they themselves, a moment ago.
  completed: ['destination', 'gone'],
  declined: ['source', 'gone'],
  expired: ['source', 'gone'],
  refused: ['source', 'gone'],
  compensated: ['source', 'destination', 'gone'],
  cancelled: ['gone'],
  // Only a person can say.
  dead_lettered: ['source', 'destination', 'on-the-way', 'nobody', 'gone'],
};

/** Who asked to cancel takes the caller's fate into their own hands; so does a flow that lets go when its time is over. */
function trueOf({ outcome, reason }: SettledHandoff, flow: TinyCrossing['flow']): readonly string[] | undefined {
  const anywhere = TRUE_OF.dead_lettered;
  if (outcome === 'cancelled' && reason === 'cancelled-by-request') return anywhere;
  return flow?.isLate && outcome === 'expired' ? anywhere : TRUE_OF[outcome];
}

function check({ story, ends, flow, placeholders }: TinyCrossing): void {
  expect(story.interaction.move).toBeNull();
  expect(ends).toHaveLength(1);
  for (const { handoff, holder } of ends) {
    const told = `${handoff.outcome} (${handoff.reason}, ${handoff.detail}), held by ${holder}`;
    expect(trueOf(handoff, flow), told).toContain(holder);
    expect(handoff.settledAt).toBeLessThanOrEqual(handoff.limits.settleBy);
  }
  expect(story.interaction.chores.filter(({ kind }) => kind === 'release')).toEqual([]);
  // Nobody keeps free for a call that does not come (H6), and nobody is asked twice (H5).
  expect(placeholders.living).toBe(0);
  for (const times of placeholders.asked.values()) expect(times).toBe(1);
}

const types = ['blind', 'warm', 'consultative', 'flow', 'asked'] as const;
const CHAOS = { losesEvents: true, crashes: true, hangsUp: true };

describe('a transfer between two platforms that are unfair', () => {
  it.each(types)('%s: leaves nobody without a holder, and says the truth', (type) => {
    fc.assert(
      fc.property(fc.nat(), (seed) => check(new TinyCrossing(seed, type, CHAOS).run())),
      { numRuns: 200 },
    );
  });

  it.each(types)(
    '%s: is completed, or the caller is with somebody, when nobody hangs up and nothing is lost',
    (type) => {
      fc.assert(
        fc.property(fc.nat(), (seed) => {
          const crossing = new TinyCrossing(seed, type, { losesEvents: false, crashes: false, hangsUp: false }).run();
          check(crossing);
        }),
        { numRuns: 100 },
      );
    },
  );

  it.each(types)('%s: the source is asked again only when the last asking can have no effect any more (H5)', (type) => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const { bridge } = new TinyCrossing(seed, type, CHAOS).run();
        for (const [index, line] of bridge.lines.entries()) {
          // A second line is dialled only after the first is down.
          if (index > 0) expect(bridge.lines[index - 1]?.up, line.tag).toBe(false);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('that a person goes on with moves nobody twice (H5), and says the truth', () => {
    const seen = new Set<string>();
    for (const type of types) {
      for (let seed = 0; seed < 60; seed += 1) {
        const crossing = new TinyCrossing(seed, type, { ...CHAOS, hangsUp: false, blind: true }).run();
        const { bridge, story, ends } = crossing;
        const [isOnTheLine, before] = [bridge.line !== undefined, bridge.holder()];
        if (!crossing.goOn()) continue;
        expect(story.interaction.move).toBeNull();
        const [, end] = ends;
        seen.add(`${end?.handoff.outcome} ${end?.handoff.reason ?? ''}`);
        const told = `${type} ${seed}: ${end?.handoff.outcome} (${end?.handoff.reason}), held by ${end?.holder}`;
        // Somebody is across already, or is being asked: nothing is asked of the source.
        if (isOnTheLine) expect(end?.handoff.attempts ?? 0, told).toBe(0);
        // What was refused has moved nobody.
        if (end?.handoff.attempts === 0) expect(end.holder, told).toBe(before);
        else if (end) expect(TRUE_OF[end.handoff.outcome], told).toContain(end.holder);
        if (!end) expect(bridge.holder(), `${type} ${seed}`).toBe(before);
      }
    }
    expect([...seen]).toEqual(
      expect.arrayContaining(['completed ', 'refused still-at-destination', 'cancelled customer-left', 'undefined ']),
    );
  });

  it('tells a flow its number only with a fresh check, and a place that outlives its time (H3)', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        for (const { checkAgeMs, spareMs } of new TinyCrossing(seed, 'flow', CHAOS).run().flow?.told ?? []) {
          expect(checkAgeMs).toBeLessThanOrEqual(2_000);
          expect(spareMs).toBeGreaterThan(0);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('meets every kind of trouble, so that the above is no empty promise', () => {
    const seen = new Set<string>();
    for (const type of types) {
      for (let seed = 0; seed < 150; seed += 1) {
        const { story } = new TinyCrossing(seed, type, CHAOS).run();
        for (const event of story.events) seen.add(event.type);
        for (const { outcome, reason } of story.interaction.settled) seen.add(`${outcome} ${reason ?? ''}`.trim());
      }
    }
    for (const expected of [
      'TransferUncertain',
      'ReservationLapsed',
      'ReservationRedeemed',
      'ReturnBegun',
      'ConsultationBegun',
      'VerdictGiven',
      'DestinationReached',
      'AgentAsked',
      'AgentReady',
      'refused agent-declined',
      'FlowTold',
      'FlowRecalled',
      'expired flow-did-not-transfer',
      'compensated flow-chose-another-queue',
      'cancelled cancelled-by-request',
      'completed',
      'cancelled customer-left',
      'declined declined-by-agent',
    ]) {
      expect(seen, [...seen].sort().join('\n')).toContain(expected);
    }
  });
});
