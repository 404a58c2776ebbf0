// Owns the demonstration of `npm start`: a customer every few seconds, whose conversation is moved as customers' conversations are: from the bot to a
// queue, from one contact center to the other, from a call to a text message. Far below the vendors' quotas.

import { DEMO_DIALOGUES } from './demo-dialogues.ts';
import { playEscalation } from './demo-escalation.ts';
import { playLink } from './demo-link.ts';
import { attempt, type DemoPace, rest, type Stage } from './demo-stage.ts';
import { playTransfer } from './demo-transfer.ts';
import type { Fetch } from './json-request.ts';
import { serviceClient } from './service-client.ts';
import { twinClient } from './twin-client.ts';

export type DemoParts = {
  /** Base URLs. */
  readonly service: string;
  readonly twins: { readonly genesys: string; readonly cxone: string; readonly phones: string };
  readonly key: string;
  readonly fetch?: Fetch;
  readonly pace?: DemoPace;
} & Pick<Stage, 'signal' | 'log'>;

const PACE: DemoPace = { everyMs: 3_000, hangUpAfterMs: 20_000, answerAfterMs: 1_500 };
const AGENTS = [
  { name: 'Sam', queues: ['General_Support'] },
  { name: 'Toni', queues: ['BillingDisputes_Tier2'] },
] as const;
const CXONE_AGENTS = [
  { name: 'Cleo', queues: ['General_Support'] },
  { name: 'Kim', queues: ['BillingDisputes_Tier2'] },
] as const;
/** Of what is set aside for fiction, so that nobody is meant. One a round, so that who calls again has long hung up. */
const NUMBERS = 100;
const CALLS_EVERY = 3;

/** Plays until the signal; never throws for what service or twins do: it says so and goes on. */
export async function playDemo(parts: DemoParts): Promise<void> {
  const { signal, log, twins, pace = PACE } = parts;
  const common = { signal, ...(parts.fetch && { fetch: parts.fetch }) };
  const stage: Stage = {
    service: serviceClient({ baseUrl: parts.service, key: parts.key, ...common }),
    genesys: twinClient({ baseUrl: twins.genesys, ...common }),
    cxone: twinClient({ baseUrl: twins.cxone, ...common }),
    phones: twinClient({ baseUrl: twins.phones, ...common }),
    signal,
    log,
    pace,
  };
  await attempt(stage, async () => {
    // Whoever opens the chat finds people who write to them.
    const ways = { afterMs: pace.answerAfterMs, talks: true };
    for (const agent of AGENTS) await stage.genesys.addAgent({ ...agent, ...ways });
    for (const agent of CXONE_AGENTS) await stage.cxone.addAgent({ ...agent, ...ways });
  });
  const visits = new Set<Promise<void>>();
  for (let round = 0; !signal.aborted; round += 1) {
    const visit = attempt(stage, () => play(stage, round));
    visits.add(visit);
    void visit.then(() => visits.delete(visit));
    await rest(pace.everyMs, signal);
  }
  await Promise.all(visits);
}

/** Two customers write to the bot, then one calls: in turns to be put through one way, to be sent a link, and to be put through the other way. */
async function play(stage: Stage, round: number): Promise<void> {
  const call = Math.floor(round / CALLS_EVERY);
  const phone = `+1415555${String(100 + (call % NUMBERS)).padStart(4, '0')}`;
  if (round % CALLS_EVERY === CALLS_EVERY - 1) {
    if (call % 2 === 1) return playLink(stage, 'Mia', phone);
    return call % 4 === 0
      ? playTransfer(stage, 'Noor', 'genesys_cloud', phone)
      : playTransfer(stage, 'Luca', 'nice_cxone', phone);
  }
  const dialogue = DEMO_DIALOGUES[(round - call) % DEMO_DIALOGUES.length];
  if (dialogue) await playEscalation(stage, dialogue);
}
