// Owns the arrival of a transferred conversation at its destination, whoever tells of it: a platform's entry that asks whose a call is, or
// a platform that tells which of its reservations has come. What was told of the conversation before anybody knew it comes along; one that
// another interaction has is taken from it. Keeps H7 and H2.

import type { HandoffId, InteractionId } from '../ids.ts';
import type { Reply } from '../journal/mailbox.ts';
import type { Rung } from '../protocols/event.ts';
import type { Leg } from '../protocols/move.ts';
import { firstOf, toldBefore } from './opening.ts';
import type { ServerParts } from './parts.ts';
import { Problem } from './problems.ts';
import { durable, type Taken, taken } from './taking.ts';

/** Two that take the same conversation from each other take turns; more than this is a quarrel. */
const MOST_TURNS = 3;

/** Which transfer a conversation is of, and by what that is known. */
export type Whose = { readonly interactionId: InteractionId; readonly handoffId: HandoffId; readonly rung: Rung };

/** The interaction with its new conversation. Throws the problem where the transfer cannot be redeemed by it. */
export async function arrive(parts: ServerParts, whose: Whose, leg: Leg, actor: string): Promise<Taken> {
  const { journal, runner } = parts;
  const { interactionId, handoffId, rung } = whose;
  const input = { kind: 'redeem-reservation', actor, handoffId, rung, leg } as const;
  for (let turn = 0; turn < MOST_TURNS; turn += 1) {
    const told = toldBefore(await journal.parkedFor(leg));
    const reply: Reply = await durable(firstOf(runner.submitAll(interactionId, [{ input }, ...told])));
    if (reply.kind !== 'leg-taken') return await taken(Promise.resolve(reply));
    await taken(runner.submit(reply.interactionId, { kind: 'detach-leg', actor, leg }));
  }
  throw new Problem('leg-busy', { detail: 'Others keep taking this conversation.' });
}
