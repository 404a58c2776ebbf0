// Owns the commands that this process has under way for an interaction: it starts what the state newly asks for, brings each outcome
// back as an input, and holds back whatever the state no longer wants.
//
// 1. A command is under way until its outcome is durable, so that nobody starts it a second time in between (H5).
// 2. Of what the newest known state does not want any more nothing is written to a wire: it may have settled while a refused
//    token was renewed or a turn of the quota was waited for, and the next handoff has begun (H3).

import type { Clock } from '../clock.ts';
import type { InteractionId } from '../ids.ts';
import type { Command, CommandOutcome } from '../protocols/command.ts';
import type { Input } from '../protocols/input.ts';
import type { Calls } from './calls.ts';
import { JournalUnavailable } from './journal-unavailable.ts';
import type { Mailbox, Reply } from './mailbox.ts';
import type { Outages } from './outages.ts';

export type DispatcherParts = {
  readonly calls: Calls;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly outages: Outages;
  readonly stopping: AbortSignal;
  readonly submit: (id: InteractionId, input: Input) => Promise<Reply>;
  /** Told of all that is begun here, so that a stop can wait for it. */
  readonly track: (work: Promise<void>) => void;
  readonly onPoison: (id: InteractionId, error: unknown) => void;
};

export class Dispatcher {
  readonly #parts: DispatcherParts;

  constructor(parts: DispatcherParts) {
    this.#parts = parts;
  }

  /** Starts what is not under way yet, under a lease that was taken at `leasedAt` (monotonic ms). */
  start(box: Mailbox, commands: readonly Command[], leasedAt: number): void {
    const { stopping, track } = this.#parts;
    // A process that is stopping leaves the rest to whoever takes over.
    if (stopping.aborted) return;
    for (const command of commands) {
      if (box.underWay.has(command.key)) continue;
      box.underWay.set(command.key, { wanted: true });
      track(this.#perform(box, command, leasedAt));
    }
  }

  /** A command reads the journal before it writes to a wire, or once it was refused there: where that fails nothing was taken. */
  #unreadable(error: unknown): CommandOutcome {
    if (this.#parts.outages.riding && error instanceof JournalUnavailable)
      return { kind: 'transient', code: 'unavailable' };
    throw error;
  }

  /** What is not among these, which the newest state wants, starts no more. A key that was dropped never comes back. */
  keepOnly(box: Mailbox, wanted: readonly Command[]): void {
    for (const [key, one] of box.underWay) if (!wanted.some((command) => command.key === key)) one.wanted = false;
  }

  async #perform(box: Mailbox, command: Command, leasedAt: number): Promise<void> {
    const { calls, clock, random, outages, stopping, submit, onPoison } = this.#parts;
    const { key } = command;
    const startedAt = clock.monotonic();
    try {
      const isWanted = () => box.underWay.get(key)?.wanted === true;
      const outcome = await calls.perform(command, leasedAt, isWanted).catch((error) => this.#unreadable(error));
      // Broken off by the stop or not: whoever takes over looks first.
      if (stopping.aborted && outcome.kind !== 'done') return;
      const tookMs = clock.monotonic() - startedAt;
      const input = { kind: 'command-outcome', actor: 'throughline', key, outcome, tookMs, chance: random() } as const;
      const reply = await outages.ride(() => submit(box.id, input));
      const rest = reply?.kind === 'leg-taken' ? withoutItsLeg(outcome) : null;
      if (rest) await outages.ride(() => submit(box.id, { ...input, outcome: rest }));
    } catch (error) {
      if (!outages.riding) throw error;
      onPoison(box.id, error);
    } finally {
      box.underWay.delete(key);
    }
  }
}

/** The conversation that a first message began belongs to somebody already (its flow was quicker): that it was begun stands all the same. */
function withoutItsLeg(outcome: CommandOutcome): CommandOutcome | null {
  if (outcome.kind !== 'done' || outcome.of !== 'OpenConversation') return null;
  return { ...outcome, result: { queue: outcome.result.queue } };
}
