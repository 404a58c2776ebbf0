// Owns which handoffs a card's session may read of, and how long its question waits for the one that is not there yet.

import type { Interaction } from '../protocols/interaction.ts';
import { isErased } from '../protocols/interaction.ts';
import { type Handoff, isSameLeg, type Leg } from '../protocols/move.ts';
import type { CardSession } from './card-sessions.ts';
import type { ServerParts } from './parts.ts';

export type Found = { readonly interaction: Interaction; readonly handoff: Handoff };

type Conversation = Pick<CardSession, 'platform' | 'conversationId'>;

/** How often at most it is looked whose a conversation is that nobody has told of: others' commits are news here too. */
const PACE_MS = 200;
/** And how often at least: another node may have been told. */
const LOOK_EVERY_MS = 5_000;

/** The handoffs of the session's conversation, oldest first; none while the conversation is nobody's. */
export async function handoffsIn(
  { journal, runner }: Pick<ServerParts, 'journal' | 'runner'>,
  session: Conversation,
): Promise<readonly Found[]> {
  const { platform, conversationId: externalId } = session;
  const id = await journal.ownerOf({ platform, externalId });
  const interaction = id && (await runner.read(id))?.state;
  if (!interaction || isErased(interaction)) return [];
  return handoffsOf(interaction, session).map((handoff) => ({ interaction, handoff }));
}

function handoffsOf(interaction: Interaction, { platform, conversationId }: Conversation): readonly Handoff[] {
  const all: readonly Handoff[] = [...interaction.settled, ...(interaction.move ? [interaction.move] : [])];
  const here = { platform: platform as Leg['platform'], externalId: conversationId as Leg['externalId'] };
  return all.filter((handoff) => concerns(interaction, handoff).some((leg) => isSameLeg(leg, here)));
}

/** Of a transfer also the conversation that it has become, and of a first message the one that it has begun with people. */
function concerns({ written = [] }: Interaction, handoff: Handoff): readonly Leg[] {
  const { kind, leg, id } = handoff;
  if (kind === 'transfer') return handoff.arrived ? [leg, handoff.arrived] : [leg];
  const isBegun = kind === 'escalation' && handoff.commitBy === 'first-message';
  return isBegun ? [leg, ...written.filter(({ handoffId }) => handoffId === id).map((one) => one.leg)] : [leg];
}

export type Wish = {
  /** Of the manifest; undefined for the newest handoff's. */
  readonly ref: string | undefined;
  readonly withinMs: number;
  /** Whoever asked has gone. */
  readonly gone: AbortSignal;
};

/** The newest handoff that is wished for, as soon as there is one; undefined when there is none in time. */
export async function handoffWithin(
  parts: Pick<ServerParts, 'journal' | 'runner' | 'clock'>,
  session: CardSession,
  { ref, withinMs, gone }: Wish,
): Promise<Found | undefined> {
  const { journal, runner, clock } = parts;
  const { platform, conversationId: externalId } = session;
  const isMeant = ({ manifestRef }: Handoff) => ref === undefined || manifestRef === ref;
  const endsAt = clock.monotonic() + withinMs;
  for (;;) {
    // Listens before it looks, so that a commit during the look is not slept through.
    const news = new AbortController();
    const unsubscribe = journal.onArrival(() => news.abort());
    try {
      const found = (await handoffsIn(parts, session)).findLast(({ handoff }) => isMeant(handoff));
      const left = endsAt - clock.monotonic();
      if (found || left <= 0 || gone.aborted) return found;
      const id = await journal.ownerOf({ platform, externalId });
      if (id) {
        const isThere = (state: Interaction) => handoffsOf(state, session).some(isMeant);
        if (!(await runner.watch(id, isThere, left))) return undefined;
      } else {
        await clock.sleep(Math.min(left, LOOK_EVERY_MS), AbortSignal.any([news.signal, gone]));
        if (news.signal.aborted) await clock.sleep(Math.min(left, PACE_MS), gone);
      }
    } finally {
      unsubscribe();
    }
  }
}
