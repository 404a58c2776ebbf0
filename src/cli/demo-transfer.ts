// Owns the demonstration's second kind of journey: a caller with an agent of one contact center is put through to a queue of the other,
// in turns there and back.

import { rest, type Stage, tookWords, troubleWords, until, WAIT_SEC } from './demo-stage.ts';

const SIDES = {
  genesys_cloud: { name: 'Genesys Cloud', to: 'nice_cxone' },
  nice_cxone: { name: 'CXone', to: 'genesys_cloud' },
} as const;
type Side = keyof typeof SIDES;

const FIRST_QUEUE = 'General_Support';
const QUEUE = 'BillingDisputes_Tier2';

/** One call, from the first agent to the last goodbye. `from` is where it comes in, `phone` the caller's number (E.164). */
export async function playTransfer(stage: Stage, who: string, from: Side, phone: string): Promise<void> {
  const { service, signal, log, pace } = stage;
  const to = SIDES[from].to;
  const conversationId = await twinOf(stage, from).comeIn({ channel: 'voice', from: phone, queue: FIRST_QUEUE });
  log(`${who} calls ${SIDES[from].name} about a charge`);
  const { id } = await service.openInteraction({
    platform: from,
    externalId: conversationId,
    channel: 'voice',
    customer: { phone, name: who },
    context: { intent: 'billing_dispute', authenticationStatus: 'verified', dtmfSequence: ['1', '3', '0'] },
  });
  await until(stage, `An agent for ${who}`, () => withAgent(stage, id));
  // They are rung first, and talk then.
  await rest(pace.answerAfterMs, signal);
  const asked = { to: { platform: to, queue: QUEUE }, transferType: 'blind', initiatedBy: 'agent' };
  const handoff = await service.transfer(id, asked, `demo-${conversationId}`, WAIT_SEC);
  const where = `${QUEUE} at ${SIDES[to].name}`;
  const done = `is put through to ${where}${tookWords(handoff.timing?.totalMs)}, and nothing need be asked again`;
  log(`${who} ${troubleWords(handoff, where) ?? done}`);
  await rest(pace.hangUpAfterMs, signal);
  if (signal.aborted) return;
  const { destination } = await service.handoff(handoff.id);
  if (destination) await twinOf(stage, to).hangUp(destination.externalId);
  else await twinOf(stage, from).hangUp(conversationId);
  log(`${who} hangs up`);
}

function twinOf({ genesys, cxone }: Stage, side: Side) {
  return side === 'genesys_cloud' ? genesys : cxone;
}

async function withAgent({ service }: Stage, id: string): Promise<true | undefined> {
  const { holder } = await service.interaction(id);
  return holder.kind === 'agent' ? true : undefined;
}
