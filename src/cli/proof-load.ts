// Owns the load of a proof: N conversations, N escalations asked for at once, the crashes between, and the patience of a
// caller who asks again under the same key when nobody answers.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Manifest } from '../context/manifest.ts';
import { atOnce } from './at-once.ts';
import type { House } from './proof-house.ts';
import { patiently, unless } from './proof-patience.ts';
import type { HandoffAnswer } from './service-client.ts';

export type Opened = { readonly conversationId: string; readonly interactionId: string };
export type Escalated = Opened & {
  readonly handoffId: string;
  /** Undefined: the service acknowledged it and no longer knows it. */
  readonly handoff: HandoffAnswer | undefined;
};

type Watching = {
  readonly onCount: (count: number) => void;
  /** Ends the patience with a service that is gone. */
  readonly signal: AbortSignal;
};

const WIDTH = 32;
const LOOK_AGAIN_MS = 250;
/** The longest a handoff may take by default, and a margin. */
const GIVE_UP_AFTER_MS = 180_000;

/** N customers who are with the bot, each with an interaction. */
export function openAll(house: House, count: number): Promise<Opened[]> {
  return atOnce(Array.from({ length: count }), WIDTH, async (_one, index) => {
    const conversationId = await house.twin.comeIn({ channel: 'message', from: `proof-${index}` });
    const { id } = await house.service.openInteraction({
      platform: 'genesys_cloud',
      externalId: conversationId,
      channel: 'message',
      context: { intent: 'proof' },
    });
    return { conversationId, interactionId: id };
  });
}

/**
 * Asks for all of them at the same moment: as many open requests as there are interactions. Gives each handoff's id as
 * acknowledged; `onCount` is told how many are.
 */
export function escalateAll(house: House, opened: readonly Opened[], { onCount, signal }: Watching): Promise<string[]> {
  const patience = { signal, giveUpAfterMs: GIVE_UP_AFTER_MS };
  let acknowledged = 0;
  return atOnce(opened, opened.length, async ({ interactionId }, index) => {
    const escalation = { manifest: manifestFor(index) };
    const key = `proof-${interactionId}`;
    const { id } = await patiently(() => house.service.escalate(interactionId, escalation, key), patience);
    acknowledged += 1;
    onCount(acknowledged);
    return id;
  });
}

/** Waits until every handoff has settled, or for as long as they may take. `onCount` is told how many have. */
export async function settleAll(
  house: House,
  handoffIds: readonly string[],
  { onCount, signal }: Watching,
): Promise<ReadonlyMap<string, HandoffAnswer>> {
  const patience = { signal, giveUpAfterMs: GIVE_UP_AFTER_MS };
  const answers = new Map<string, HandoffAnswer>();
  const until = performance.now() + GIVE_UP_AFTER_MS;
  let open = handoffIds;
  while (open.length > 0 && performance.now() < until) {
    await atOnce(open, WIDTH, async (id) => {
      const answer = await unless(404, () => patiently(() => house.service.handoff(id), patience));
      if (answer) answers.set(id, answer);
    });
    open = open.filter((id) => answers.get(id)?.phase !== 'settled');
    onCount(handoffIds.length - open.length);
    if (open.length > 0) await sleep(LOOK_AGAIN_MS, undefined, { signal });
  }
  return answers;
}

const QUEUES = [
  'General_Support',
  'General_Escalation',
  'Bank_Services',
  'Restaurant_Bookings',
  'Travel_Flights',
] as const;

/** Short ones travel inline, long ones by reference; the queues take turns. */
function manifestFor(index: number): Manifest {
  const queue = QUEUES[index % QUEUES.length] ?? QUEUES[0];
  const slots = Object.fromEntries(
    Array.from({ length: index % 2 === 0 ? 1 : 8 }, (_none, slot) => [`slot_${slot}`, `value ${slot} of ${index}`]),
  );
  return { trigger: 'LoadProof', slots_collected: slots, recommended_queue: queue };
}
