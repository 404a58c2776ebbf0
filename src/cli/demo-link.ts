// Owns the demonstration's third kind of journey (seed 000): a caller who would have to wait is texted a link, goes on in a chat with everything
// known, reaches a person there, and asks to be called back. One interaction all the way.

import { CommandFailure } from './command-failure.ts';
import { rest, type Stage, troubleWords, until, WAIT_SEC } from './demo-stage.ts';

const PLATFORM = 'genesys_cloud';
const QUEUE = 'General_Support';

/** One customer, from the call to the promise of another. `phone` is theirs (E.164). */
export async function playLink(stage: Stage, who: string, phone: string): Promise<void> {
  const { service, genesys, signal, log, pace } = stage;
  const call = { platform: PLATFORM, conversationId: await genesys.comeIn({ channel: 'voice', from: phone }) };
  log(`${who} calls, and would rather not hold`);
  const offer = await service.flow('deflect', { ...call, ani: phone, intent: 'billing_dispute', source: 'disconnect' });
  if (offer.handoffId === undefined) throw new CommandFailure(`${who} gets no link: ${offer.reason ?? 'no reason'}`);
  const handoffId = offer.handoffId;
  const token = await until(stage, `The text message for ${who}`, () => newestToken(stage, phone));
  await until(stage, `The receipt of ${who}`, async () =>
    (await service.flow('status', { ...call, handoffId })).mayRelease === true ? true : undefined,
  );
  log(`${who} has the text message, and only now is the call let go`);
  await rest(pace.answerAfterMs, signal);

  const chatId = await genesys.comeIn({ channel: 'message', from: phone });
  const chat = { platform: PLATFORM, conversationId: chatId, channel: 'message' };
  const claimed = await service.flow('claim', { ...chat, token });
  log(`${who} opens the link: the chat is ${claimed.state ?? 'not known'}, and knows what the call was about`);
  const id = offer.correlationId ?? '';
  await until(stage, `The context of ${who} in the chat`, async () =>
    (await service.handoff(handoffId)).outcome === 'completed' ? true : undefined,
  );
  const person = await service.escalate(id, { queue: QUEUE }, `demo-${chatId}`, WAIT_SEC);
  log(`${who} ${troubleWords(person, QUEUE) ?? `waits in ${QUEUE} for a person`}`);
  await rest(pace.hangUpAfterMs, signal);
  const promise = await service.callBack(id, { queue: QUEUE }, `demo-callback-${chatId}`, WAIT_SEC);
  log(`${who} ${troubleWords(promise, QUEUE) ?? `goes, and will be called back by ${QUEUE}`}`);
  await leave(stage, id);
}

/** Everything that is still open of theirs ends: the chat, and the call that they were promised. */
async function leave({ service, genesys, signal, pace }: Stage, id: string): Promise<void> {
  await rest(pace.answerAfterMs * 2, signal);
  if (signal.aborted) return;
  const { legs } = await service.interaction(id);
  for (const { platform, externalId, state } of legs) {
    if (platform === PLATFORM && state === 'live') await genesys.hangUp(externalId);
  }
}

async function newestToken({ phones }: Stage, phone: string): Promise<string | undefined> {
  const texts = await phones.texts(phone);
  return texts.map((text) => /\/c\/([\w-]{22})/.exec(text)?.[1]).findLast((token) => token !== undefined);
}
