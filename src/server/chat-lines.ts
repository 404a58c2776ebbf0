// Owns how a conversation reads to its customer: its lines out of the journal's events, and what became of what they said. Display fields
// only: no id of a platform, a queue or an agent is among them.

import type { HistoryEntry } from '../journal/journal.ts';
import { type Attachment, agentNameIn, type Chat, type Mark } from '../protocols/chat.ts';
import type { Event } from '../protocols/event.ts';
import type { Interaction } from '../protocols/interaction.ts';
import { isSameLeg, type Leg } from '../protocols/move.ts';
import { rfc3339 } from './rfc3339.ts';

type ShownFile = Pick<Attachment, 'ref' | 'name' | 'mime' | 'bytes'>;

/** `id` stands beside the customer's own lines, so that a page knows what it has sent. */
export type ChatLine = { readonly seq: number; readonly at: string } & (
  | {
      readonly kind: 'message';
      readonly from: 'customer' | 'bot' | 'agent';
      readonly text: string;
      readonly id?: string;
      readonly name?: string;
      readonly attachments?: readonly ShownFile[];
      readonly delivery?: Delivery;
    }
  | { readonly kind: 'mark'; readonly mark: Mark; readonly name?: string }
);

/** What went wrong with a line: it may not have arrived, or has not. */
export type Delivery = 'uncertain' | 'failed';

/** Who has the conversation now, as its customer may know it. */
export type Presence = {
  readonly holder: 'bot' | 'queue' | 'agent' | 'none';
  readonly name?: string;
  readonly over: boolean;
  /** Somebody is about to answer. */
  readonly typing: boolean;
};

/** The lines after `seen`, and what has become of the lines before as well. */
export function linesOf(entries: readonly HistoryEntry[], leg: Leg, seen: number): readonly ChatLine[] {
  const events = entries.flatMap(({ event }) => (event ? [event] : []));
  const lost = new Map(events.flatMap((event) => deliveryIn(event, leg)?.entry ?? []));
  return events.flatMap((event) => {
    const line = lineIn(event, leg);
    if (!line || line.seq <= seen) return [];
    const delivery = line.kind === 'message' && line.id !== undefined ? lost.get(line.id) : undefined;
    return [delivery ? { ...line, delivery } : line];
  });
}

/** The event as a line, where it is one of this conversation's. */
export function lineIn(event: Event, leg: Pick<Leg, 'platform' | 'externalId'>): ChatLine | null {
  if (event.type === 'ChatMarked' && isSameLeg(event.leg, leg)) {
    const { seq, mark, name, at } = event;
    return { kind: 'mark', seq, at: rfc3339(at), mark, ...(name !== undefined && { name }) };
  }
  if (event.type !== 'MessageSaid' || !isSameLeg(event.leg, leg)) return null;
  const { seq, at, from, id, text, attachments } = event;
  return {
    kind: 'message',
    seq,
    at: rfc3339(at),
    from: from.kind,
    text,
    ...(from.kind === 'customer' && { id }),
    ...(from.kind === 'agent' && from.name !== undefined && { name: from.name }),
    ...(attachments && { attachments: attachments.map(({ ref, name, mime, bytes }) => ({ ref, name, mime, bytes })) }),
  };
}

/** What the event says of a line's delivery. */
export function deliveryIn(
  event: Event,
  leg: Pick<Leg, 'platform' | 'externalId'>,
): { readonly id: string; readonly delivery: Delivery; readonly entry: [readonly [string, Delivery]] } | null {
  if (event.type !== 'DeliveryUncertain' && event.type !== 'DeliveryFailed') return null;
  if (!isSameLeg(event.leg, leg)) return null;
  const delivery = event.type === 'DeliveryUncertain' ? 'uncertain' : 'failed';
  return { id: event.id, delivery, entry: [[event.id, delivery]] };
}

export function presenceOf({ holder, endedAt, legs }: Interaction, chat: Chat): Presence {
  const live = legs.some((held) => held.state === 'live' && isSameLeg(held, chat.leg));
  const { desk, task } = chat;
  const name = holder.kind === 'agent' && desk ? agentNameIn(holder, desk) : undefined;
  return {
    holder: holder.kind,
    over: endedAt !== undefined || !live,
    typing: task?.to === 'bot' && holder.kind === 'bot',
    ...(name !== undefined && { name }),
  };
}
