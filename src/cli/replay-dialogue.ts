// Owns the playing of one recorded dialogue: a conversation at the vendor's twin, its interaction here, the context turn by
// turn as the bot learns it, the escalation with the manifest, and the way back: what the agent's desktop would read (H4).

import { setTimeout as sleep } from 'node:timers/promises';
import type { BotSession, BotTurn } from '../context/bot-session.ts';
import { manifestOf } from '../context/build-manifest.ts';
import { ATTRIBUTE } from '../context/fields.ts';
import type { Manifest } from '../context/manifest.ts';
import { unpack } from '../context/unpacking.ts';
import { Refused } from './command-failure.ts';
import { compareManifests, type ReadBack } from './read-back.ts';
import type { HandoffAnswer, ServiceClient } from './service-client.ts';
import type { TwinClient } from './twin-client.ts';

export type Replayed = {
  readonly dialogueId: string;
  readonly conversationId: string;
  readonly handoff: HandoffAnswer;
  readonly readBack: ReadBack;
  /** Where the twin says the customer is. */
  readonly holder: string;
  readonly queue: string | null;
};

const PLATFORM = 'genesys_cloud';
const WAIT_SEC = 10;
const LOOK_AGAIN_MS = 500;

/** Plays it to the end and compares what can be read back. Throws what the clients throw. */
export async function replayDialogue(
  { service, twin }: { readonly service: ServiceClient; readonly twin: TwinClient },
  dialogueId: string,
  session: BotSession,
): Promise<Replayed> {
  const conversationId = await twin.comeIn({ channel: 'message', from: `replay-${dialogueId}` });
  const { id } = await service.openInteraction({
    platform: PLATFORM,
    externalId: conversationId,
    channel: 'message',
    context: {},
  });
  for (const patch of contextPatches(session.turns)) await service.patchContext(id, patch);

  const sent = manifestOf(session);
  const asked = await service.escalate(id, { manifest: sent }, `replay-${conversationId}`, WAIT_SEC);
  const handoff = await settled(service, asked);
  const view = await twin.conversation(conversationId);
  const received = await asTheDesktopReads(service, view.attributes);
  const { holder, queue } = view;
  const readBack = compareManifests(sent, received);
  return { dialogueId, conversationId, handoff, readBack, holder, queue: queue?.name ?? null };
}

/** What each turn adds to the context, as merge patches; turns that add nothing give none. */
export function contextPatches(turns: readonly BotTurn[]): readonly Readonly<Record<string, unknown>>[] {
  const known = new Map<string, string>();
  let knownIntent: string | undefined;
  return turns.flatMap(({ intents = [], slots = {} }) => {
    const intent = intents.at(-1)?.intent;
    const said = Object.entries(slots).map(([name, value]) => [name, spoken(value)] as const);
    const news = said.filter(([name, value]) => known.get(name) !== value);
    for (const [name, value] of news) known.set(name, value);
    const patch = {
      ...(intent !== undefined && intent !== knownIntent && { intent }),
      ...(news.length > 0 && { attributes: Object.fromEntries(news) }),
    };
    knownIntent = intent ?? knownIntent;
    return Object.keys(patch).length > 0 ? [patch] : [];
  });
}

/** Context attributes are texts: the spoken variants of a slot stand beside each other. */
function spoken(value: unknown): string {
  if (Array.isArray(value)) return value.map(spoken).join(' / ');
  return typeof value === 'string' ? value : JSON.stringify(value);
}

async function settled(service: ServiceClient, asked: HandoffAnswer): Promise<HandoffAnswer> {
  let handoff = asked;
  while (handoff.phase !== 'settled') {
    await sleep(LOOK_AGAIN_MS);
    handoff = await service.handoff(asked.id);
  }
  return handoff;
}

/** From the customer's attributes, or through the reference in them; a reference that leads nowhere gives nothing. */
async function asTheDesktopReads(
  service: ServiceClient,
  attributes: Readonly<Record<string, string>>,
): Promise<Manifest | undefined> {
  const ref = attributes[ATTRIBUTE.manifestRef];
  if (ref === undefined) return unpack(attributes, null).manifest;
  try {
    return await service.manifest(ref);
  } catch (error) {
    if (error instanceof Refused && error.status === 404) return undefined;
    throw error;
  }
}
