// Owns how a link is used, whoever uses it: whose it is, the conversation that claims it, and what the customer's conversation is told of the
// call (seed 000 §3). One conversation wins however many race for it (H7); a number that is presented with a link proves nothing.

import type { HandoffId, InteractionId, PlatformName } from '../ids.ts';
import type { Reply } from '../journal/mailbox.ts';
import { findHandoff, type Interaction, isErased } from '../protocols/interaction.ts';
import { type Handoff, isSettled, type Leg } from '../protocols/move.ts';
import { firstOf, toldBefore } from './opening.ts';
import type { ServerParts } from './parts.ts';
import { Problem } from './problems.ts';
import { rfc3339 } from './rfc3339.ts';
import { durable, type Taken, taken } from './taking.ts';

/** The platform whose conversations are our own. */
export const ANCHOR = 'throughline' as PlatformName;
/** Two that take the same conversation from each other take turns; more than this is a quarrel. */
const MOST_TURNS = 3;

export type Deflection = Extract<Handoff, { kind: 'deflection' }>;
export type Link = {
  readonly interactionId: InteractionId;
  readonly handoffId: HandoffId;
  readonly state: Interaction;
  readonly handoff: Deflection;
};

/** Whose link it is, or null where there is none: never sent, or erased with what it was for. Bound to the number that it was sent to. */
export async function linkOf(
  { claims, runner }: Pick<ServerParts, 'claims' | 'runner'>,
  token: string,
): Promise<Link | null> {
  const found = await durable(claims.find(token));
  if (!found) return null;
  const known = await runner.read(found.interactionId);
  if (!known || isErased(known.state)) return null;
  const { state } = known;
  const handoff = [...state.offers, ...state.settled].find(
    (one): one is Deflection => one.kind === 'deflection' && one.terms.claim === found.claim,
  );
  if (!handoff || !(await durable(claims.isBoundTo(token, handoff.terms.to)))) return null;
  return { interactionId: state.id, handoffId: handoff.id, state, handoff };
}

export type Claiming = {
  readonly leg: Leg;
  /** Opaque; of it only a keyed hash is kept. */
  readonly device: string;
  readonly move: boolean;
  readonly actor: string;
};

/**
 * The claim of a link by the conversation `leg`, which is adopted where another interaction without an open move has it. Throws the problem where it
 * cannot be: `claim-expired`, `claim-already-active`, `leg-busy`.
 */
export async function claimWith(
  parts: ServerParts,
  { interactionId, handoffId }: Link,
  claiming: Claiming,
): Promise<Taken> {
  const { journal, runner, claims } = parts;
  const { leg, move, actor } = claiming;
  const device = claims.device(claiming.device);
  const input = { kind: 'claim-offer', actor, handoffId, device, leg, move, anchor: ANCHOR } as const;
  for (let turn = 0; turn < MOST_TURNS; turn += 1) {
    const told = toldBefore(await durable(journal.parkedFor(leg)));
    const reply: Reply = await durable(firstOf(runner.submitAll(interactionId, [{ input }, ...told])));
    if (reply.kind !== 'leg-taken') return await taken(Promise.resolve(reply));
    await taken(runner.submit(reply.interactionId, { kind: 'detach-leg', actor, leg }));
  }
  throw new Problem('leg-busy', { detail: 'Others keep taking this conversation.' });
}

export function deflectionIn(state: Interaction, id: HandoffId): Deflection | undefined {
  const handoff = findHandoff(state, id);
  return handoff?.kind === 'deflection' ? handoff : undefined;
}

/** Whether the link can no longer be used for the first time. */
export function isOver({ handoff, state }: Pick<Link, 'handoff' | 'state'>, now: number): boolean {
  if (state.endedAt !== undefined) return true;
  return !handoff.claimed && (isSettled(handoff) || now >= handoff.terms.expiresAt);
}

/** Seed 000 §3, as one level: what the conversation that goes on is told of the call. Unknown values are absent. */
export type CarriedContext = Readonly<Record<string, string | number>>;

export function carriedContext({ state, handoff }: Pick<Link, 'state' | 'handoff'>): CarriedContext {
  const { context, customer, id } = state;
  const { terms, leg, requestedAt, summary } = handoff;
  const told: Readonly<Record<string, string | number | undefined>> = {
    interactionId: id,
    correlationId: id,
    originalAni: customer.phone ?? terms.to,
    voiceConversationId: leg.externalId,
    originPlatform: leg.platform,
    intentAtDeflection: terms.intent,
    authenticationStatus: context.authenticationStatus,
    accountId: context.accountNumber ?? customer.customerId,
    agentContextSummary: summary,
    createdAt: rfc3339(requestedAt),
    expiresAt: rfc3339(terms.expiresAt),
    ttlSeconds: Math.round((terms.expiresAt - requestedAt) / 1_000),
  };
  const known = Object.entries(told).filter((one): one is [string, string | number] => one[1] !== undefined);
  return Object.fromEntries(known);
}
