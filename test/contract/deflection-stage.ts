// Owns a caller who is sent to a digital channel, for tests of what is served: the call, its link as the message holds it, what the provider
// tells of the message, and the customer's conversation that claims it.

import type { HandoffId, InteractionId } from '../../src/ids.ts';
import { findHandoff, whole } from '../../src/protocols/interaction.ts';
import { GENESYS, type Served } from './served.ts';

export const CALL = { platform: GENESYS, conversationId: 'conv-voice-1' } as const;
export const ANI = '+14155551234';
export const FLOW = {
  ...CALL,
  ani: ANI,
  intent: 'billing_dispute',
  authenticationStatus: 'verified',
  accountId: 'ACC-98765',
} as const;

export type Sent = {
  readonly id: InteractionId;
  readonly handoffId: HandoffId;
  readonly token: string;
  readonly answer: Readonly<Record<string, unknown>>;
};

/** The call's flow has a link sent. */
export async function deflect(served: Served, more: object = {}): Promise<Sent> {
  const { body } = await served.post('/v1/flows/deflect', { ...FLOW, ...more });
  const handoffId = body.handoffId as HandoffId;
  const id = body.correlationId as InteractionId;
  return { id, handoffId, token: await tokenOf(served, id, handoffId), answer: body };
}

/** As it stands in the message. */
export async function tokenOf(
  served: Pick<Served, 'runner'>,
  id: InteractionId,
  handoffId: HandoffId,
): Promise<string> {
  const handoff = findHandoff(whole((await served.runner.read(id))?.state), handoffId);
  const text = handoff?.kind === 'deflection' ? handoff.terms.text : '';
  return /\/c\/([\w-]+)/.exec(text)?.[1] ?? '';
}

/** What the provider tells of the message by the route. */
export function tell(served: Served, { id, handoffId }: Sent, status: 'delivered' | 'failed', route = 0) {
  const actor = 'platform:twilio';
  return served.runner.submit(id, { kind: 'sms-status', actor, handoffId, route, status });
}

/** The flow of the customer's messenger conversation. */
export function claim(served: Served, token: string, conversationId = 'conv-digital-1', more: object = {}) {
  return served.post('/v1/flows/claim', { platform: GENESYS, conversationId, channel: 'message', token, ...more });
}

/** Until the provider of that route has taken the message. */
export async function takenBy(served: Served, id: InteractionId, route: number): Promise<void> {
  await served.runner.watch(
    id,
    ({ offers: [offer] }) => offer?.progress.step === 'awaiting-receipt' && offer.progress.route === route,
    60_000,
  );
}

/** Until the conversation that has claimed the link has the context. */
export async function restored(served: Served, id: InteractionId): Promise<void> {
  await served.runner.watch(id, ({ settled }) => settled.some(({ kind }) => kind === 'deflection'), 60_000);
}
