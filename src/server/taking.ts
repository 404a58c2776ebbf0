// Owns how a request reaches an interaction: what the journal answered becomes the state after it, or the problem to tell.

import type { InteractionId } from '../ids.ts';
import { JournalUnavailable } from '../journal/journal-unavailable.ts';
import type { Reply } from '../journal/mailbox.ts';
import type { Runner } from '../journal/runner.ts';
import type { Event } from '../protocols/event.ts';
import { type Interaction, isErased, type Known } from '../protocols/interaction.ts';
import type { Hindrance } from '../protocols/transfer-retry.ts';
import { Problem } from './problems.ts';

/** An interaction as it stands. */
export type Standing = { readonly state: Interaction; readonly version: number };
export type Taken = Standing & { readonly events: readonly Event[] };

/** The interaction, `interaction-not-found`, or `interaction-erased`. */
export async function standing(runner: Runner, id: InteractionId): Promise<Standing> {
  return unerased(await known(runner, id));
}

/** The interaction or what is left of it, or `interaction-not-found`. */
export async function known(
  runner: Runner,
  id: InteractionId,
): Promise<{ readonly state: Known; readonly version: number }> {
  const found = await runner.read(id);
  if (!found) throw new Problem('interaction-not-found');
  return found;
}

function unerased<Found extends { readonly state: Known }>(found: Found): Found & { readonly state: Interaction } {
  const { state } = found;
  if (isErased(state)) throw new Problem('interaction-erased');
  return { ...found, state };
}

/** What the journal answers; when it cannot, `journal-unavailable`: nothing was taken. Any other error is ours, and goes on. */
export async function durable<Value>(written: Promise<Value>): Promise<Value> {
  try {
    return await written;
  } catch (error) {
    if (error instanceof JournalUnavailable) throw outage(error);
    throw error;
  }
}

/** That the journal cannot be read or written, as it is told: honest where the answer to a write was lost. */
export function outage(cause: JournalUnavailable): Problem {
  return new Problem('journal-unavailable', { cause, ...(cause.fateUnknown && { detail: FATE_UNKNOWN }) });
}

const FATE_UNKNOWN =
  'The connection was lost while this was being written, so it may have been taken. Send the same again after `Retry-After` seconds, with the same Idempotency-Key if there was one: what was taken is not taken twice.';

/** What was taken. A refusal among its events, and every other reply, is a problem of the same name. */
export async function taken(submitted: Promise<Reply>): Promise<Taken> {
  const reply = await durable(submitted);
  switch (reply.kind) {
    case 'taken': {
      const refusal = refusalIn(reply.events);
      if (refusal) throw refusal;
      return unerased(reply);
    }
    case 'unknown':
      throw new Problem('interaction-not-found');
    case 'quarantined':
      throw new Problem('interaction-quarantined');
    case 'leg-taken':
      throw new Problem('leg-busy', { detail: 'The conversation belongs to another interaction.' });
    case 'duplicate':
    case 'not-held':
      throw new Error('A request is no message, yet the journal took it for one.');
  }
}

/** What to do where a transfer is not gone on with. */
const HINDERED: Readonly<Record<Hindrance, string>> = {
  'not-a-transfer':
    'Only transfers are gone on with. Look at the conversation on the platform, then resolve it; ask for a new handoff if one is needed.',
  'flow-lets-go':
    'The source’s own flow lets go, and cannot be told to do so again. Look at the call on the platform, then resolve this with a note.',
  'may-still-happen': 'What was asked last may still take effect. Try again in a minute or two.',
  'with-somebody-there': 'Somebody has the call at the destination already. Resolve this with a note.',
  'source-is-over':
    'The conversation to be transferred is over. Call the customer back where they need it, then resolve this with a note.',
};

/** The refusal as the caller is told it. */
function refusalIn(events: readonly Event[]): Problem | undefined {
  const refusal = events.find((event) => event.type === 'RequestRefused');
  if (refusal?.type !== 'RequestRefused') return undefined;
  const { code, handoffId, because } = refusal;
  return new Problem(code, {
    ...(handoffId !== undefined && { handoffId }),
    ...(because !== undefined && { because, detail: HINDERED[because] }),
  });
}
