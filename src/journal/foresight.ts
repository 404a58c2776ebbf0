// Owns what follows from a decision without anybody outside being asked: the outcomes that are known already, and theirs in turn, so that they
// travel in the append of what asks for them.

import type { Instant } from '../ids.ts';
import type { Command, Foresee } from '../protocols/command.ts';
import type { Event } from '../protocols/event.ts';
import { evolve } from '../protocols/evolve.ts';
import { decide, next } from '../protocols/handoff.ts';
import type { Input } from '../protocols/input.ts';
import type { Known, State } from '../protocols/interaction.ts';

export type Foreseen = {
  readonly state: Known;
  readonly events: readonly Event[];
  /** What was taken for them: where the append fails it has happened all the same. */
  readonly inputs: readonly Input[];
  /** What `state` asks for, and what of that `before` did not: what the append must start. */
  readonly wanted: readonly Command[];
  readonly asked: readonly Command[];
};

/** As many answers as a customer can wait for; beyond that something goes round in circles, and is asked for one by one. */
const MOST_FORESEEN = 64;

export async function foreseenFrom(
  before: State,
  asDecided: Known,
  { foresee, now }: { readonly foresee: Foresee | undefined; readonly now: () => Instant },
): Promise<Foreseen> {
  const events: Event[] = [];
  const inputs: Input[] = [];
  let state = asDecided;
  let wanted = next(state);
  let asked = newlyAsked(before, wanted);
  for (let round = 0; foresee && round < MOST_FORESEEN; round += 1) {
    const input = await firstForeseen(asked, foresee);
    if (!input) break;
    const followed = decide(state, input, now());
    inputs.push(input);
    events.push(...followed);
    state = followed.reduce<State>(evolve, state) ?? state;
    wanted = next(state);
    asked = newlyAsked(before, wanted);
  }
  return { state, events, inputs, wanted, asked };
}

/** The first of these whose outcome is known, as the input that it comes back as. */
async function firstForeseen(commands: readonly Command[], foresee: Foresee): Promise<Input | null> {
  for (const command of commands) {
    const outcome = await foresee(command);
    const { key } = command;
    if (outcome) return { kind: 'command-outcome', actor: 'throughline', key, outcome, tookMs: 0, chance: 0 };
  }
  return null;
}

function newlyAsked(before: State, wanted: readonly Command[]): readonly Command[] {
  if (wanted.length === 0) return wanted;
  const known = next(before);
  return wanted.filter(({ key }) => !known.some((one) => one.key === key));
}
