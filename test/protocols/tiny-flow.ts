// Owns the source's own flow in a world that is unfair to it too: it asks where to transfer its caller to, loses answers, asks again, lets go
// at once, late, never, or sends the caller somebody else's way.

import type { HandoffId } from '../../src/ids.ts';
import { toldNow } from '../../src/protocols/flow-departure.ts';
import { findHandoff } from '../../src/protocols/interaction.ts';
import { isSettled, type TransferMove } from '../../src/protocols/move.ts';
import { type Story, TRANSFERS } from './story.ts';
import type { TinyBridge } from './tiny-bridge.ts';
import type { Agenda, Random } from './tiny-vendor.ts';

const WITHIN_MS = 20_000;
const MOST_ASKINGS = 8;

/** What is asked, so that the flow lets go. */
export const FLOWS = {
  type: 'blind',
  commitBy: 'flow',
  initiatedBy: 'bot',
  policy: {
    ...TRANSFERS,
    sites: Object.fromEntries(
      Object.entries(TRANSFERS.sites).map(([name, site]) => [name, { ...site, ways: ['rest', 'flow'] as const }]),
    ),
    limits: { ...TRANSFERS.limits, flowWithinMs: WITHIN_MS },
  },
} as const;

type Parts = {
  readonly story: Story;
  readonly bridge: TinyBridge;
  readonly agenda: Agenda;
  readonly random: Random;
  readonly submit: (input: () => unknown) => void;
};

export class TinyFlow {
  readonly #parts: Parts;
  /** Every time it was told: how old the check was, and how much longer than the flow's time the place stood. */
  readonly told: { readonly checkAgeMs: number; readonly spareMs: number }[] = [];
  /** Whether it let go when its time was over. */
  isLate = false;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  ask(n = 1): void {
    const { story, agenda, random, submit, bridge } = this.#parts;
    if (bridge.source.isOver) return;
    const handoffId = `${story.interaction.id}.1` as HandoffId;
    submit(() => story.take({ kind: 'tell-flow', handoffId }));
    const handoff = findHandoff(story.interaction, handoffId);
    if (!handoff || isSettled(handoff) || handoff.kind !== 'transfer') {
      bridge.flowGoesElsewhere();
      return;
    }
    const place = toldNow(handoff as TransferMove, story.now);
    if (place) {
      const { reservation, until } = place;
      this.told.push({ checkAgeMs: story.now - reservation.checkedAt, spareMs: reservation.validUntil - until });
    }
    const heard = random() > 0.2;
    if (place && heard) this.#go(place.until);
    else if (n >= MOST_ASKINGS || (heard && 'recalled' in handoff.progress)) bridge.flowGoesElsewhere();
    else agenda.after(500 + random() * 2_500, () => this.ask(n + 1));
  }

  #go(until: number): void {
    const { agenda, random, bridge } = this.#parts;
    const fate = random();
    if (fate < 0.6) agenda.after(random() * 800, () => bridge.flowTransfers());
    else if (fate < 0.7) agenda.after(random() * 5_000, () => bridge.flowGoesElsewhere());
    else if (fate < 0.8) agenda.after(3_000, () => this.ask());
    else if (fate < 0.9) {
      agenda.after(random() * 90_000, () => {
        this.isLate = agenda.now > until;
        bridge.flowTransfers();
      });
    }
  }
}
