// Owns the demonstration of `npm start`: a customer every few seconds, handed from the bot to a queue with what the bot knows,
// answered where there is an agent, and gone again after a while. Far below the vendor's 300 calls a minute.

import { setTimeout as sleep } from 'node:timers/promises';
import { manifestOf } from '../context/build-manifest.ts';
import { CommandFailure } from './command-failure.ts';
import { DEMO_DIALOGUES, type DemoDialogue } from './demo-dialogues.ts';
import type { Fetch } from './json-request.ts';
import { type HandoffAnswer, type ServiceClient, serviceClient } from './service-client.ts';
import { type TwinClient, twinClient } from './twin-client.ts';

export type DemoParts = {
  /** Base URLs. */
  readonly service: string;
  readonly twin: string;
  readonly key: string;
  /** Ends the demonstration; what is under way is left as it is. */
  readonly signal: AbortSignal;
  /** Takes one readable line. */
  readonly log: (line: string) => void;
  readonly fetch?: Fetch;
  readonly pace?: DemoPace;
};

export type DemoPace = { readonly everyMs: number; readonly hangUpAfterMs: number; readonly answerAfterMs: number };

const PACE: DemoPace = { everyMs: 3_000, hangUpAfterMs: 20_000, answerAfterMs: 1_500 };
const AGENTS = [
  { name: 'Sam', queues: ['General_Support'] },
  { name: 'Toni', queues: ['BillingDisputes_Tier2'] },
] as const;
const WAIT_SEC = 10;

type Stage = { readonly service: ServiceClient; readonly twin: TwinClient; readonly pace: DemoPace } & Pick<
  DemoParts,
  'signal' | 'log'
>;

/** Plays until the signal; never throws for what service or twin do: it says so and goes on. */
export async function playDemo(parts: DemoParts): Promise<void> {
  const { signal, log, pace = PACE } = parts;
  const common = { signal, ...(parts.fetch && { fetch: parts.fetch }) };
  const stage: Stage = {
    service: serviceClient({ baseUrl: parts.service, key: parts.key, ...common }),
    twin: twinClient({ baseUrl: parts.twin, ...common }),
    signal,
    log,
    pace,
  };
  await attempt(stage, async () => {
    for (const agent of AGENTS) await stage.twin.addAgent({ ...agent, afterMs: pace.answerAfterMs });
  });
  const visits = new Set<Promise<void>>();
  for (let round = 0; !signal.aborted; round += 1) {
    const dialogue = DEMO_DIALOGUES[round % DEMO_DIALOGUES.length];
    if (dialogue === undefined) break;
    const visit = attempt(stage, () => play(stage, dialogue));
    visits.add(visit);
    void visit.then(() => visits.delete(visit));
    await rest(pace.everyMs, signal);
  }
  await Promise.all(visits);
}

/** One customer, from first word to hanging up. */
async function play(
  { service, twin, signal, log, pace }: Stage,
  { who, matter, session }: DemoDialogue,
): Promise<void> {
  const conversationId = await twin.comeIn({ channel: 'message', from: who });
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
  if (handoff.outcome === 'completed') await watchForAgent({ twin, signal, log, pace }, who, conversationId);
  await gone;
  if (signal.aborted) return;
  await twin.hangUp(conversationId);
  log(`${who} hangs up`);
}

/** How a handoff ended, in the words of the field. */
export function endingWords({ outcome, reason, queue, timing }: HandoffAnswer): string {
  const where = queue?.name ?? 'a queue';
  const why = reason ? ` (${reason})` : '';
  switch (outcome) {
    case 'completed':
      return `waits in ${where}: handed over by the bot${tookWords(timing?.totalMs)}`;
    case null:
      return `is still on the way to ${where}`;
    case 'dead_lettered':
      return `may or may not be in ${where}: somebody has to look${why}`;
    default:
      return `is not handed over to ${where}: ${outcome}${why}`;
  }
}

function tookWords(totalMs: number | undefined): string {
  return totalMs === undefined ? '' : ` in ${Math.round(totalMs)} ms`;
}

async function watchForAgent(
  { twin, signal, log, pace }: Pick<Stage, 'twin' | 'signal' | 'log' | 'pace'>,
  who: string,
  conversationId: string,
): Promise<void> {
  await rest(pace.answerAfterMs * 1.5, signal);
  if (signal.aborted) return;
  const { holder, queue } = await twin.conversation(conversationId);
  if (holder === 'agent') log(`${who} is with an agent of ${queue?.name}`);
}

/** Says what went wrong and goes on; says nothing once it is over. */
async function attempt({ signal, log }: Stage, act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (signal.aborted) return;
    if (!(error instanceof CommandFailure)) throw error;
    log(error.message);
  }
}

/** Until the time is over or the signal comes. */
async function rest(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => {});
}
