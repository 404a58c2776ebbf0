// Owns the demonstration's first kind of journey: a bot gives up, and its customer waits in the right queue with what the bot knows.

import { manifestOf } from '../context/build-manifest.ts';
import type { DemoDialogue } from './demo-dialogues.ts';
import { rest, type Stage, tookWords, troubleWords, WAIT_SEC } from './demo-stage.ts';
import type { HandoffAnswer } from './service-client.ts';

/** One customer, from first word to hanging up. */
export async function playEscalation(stage: Stage, { who, matter, session }: DemoDialogue): Promise<void> {
  const { service, genesys, signal, log, pace } = stage;
  const conversationId = await genesys.comeIn({ channel: 'message', from: who });
  const gone = rest(pace.hangUpAfterMs, signal);
  log(`${who} ${matter}`);
  const manifest = manifestOf(session);
  const intent = manifest.intents_detected?.at(-1)?.intent;
  const { id } = await service.openInteraction({
    platform: 'genesys_cloud',
    externalId: conversationId,
    channel: 'message',
    context: { ...(intent !== undefined && { intent }) },
  });
  const handoff = await service.escalate(id, { manifest }, `demo-${conversationId}`, WAIT_SEC);
  log(`${who} ${endingWords(handoff)}`);
  if (handoff.outcome === 'completed') await watchForAgent(stage, who, conversationId);
  await gone;
  if (signal.aborted) return;
  await genesys.hangUp(conversationId);
  log(`${who} hangs up`);
}

/** How an escalation ended, in the words of the field. */
export function endingWords(handoff: HandoffAnswer): string {
  const where = handoff.queue?.name ?? 'a queue';
  const done = `waits in ${where}: handed over by the bot${tookWords(handoff.timing?.totalMs)}`;
  return troubleWords(handoff, where) ?? done;
}

async function watchForAgent({ genesys, signal, log, pace }: Stage, who: string, id: string): Promise<void> {
  await rest(pace.answerAfterMs * 1.5, signal);
  if (signal.aborted) return;
  const { holder, queue } = await genesys.conversation(id);
  if (holder === 'agent') log(`${who} is with an agent of ${queue?.name}`);
}
