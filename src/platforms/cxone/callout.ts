// Owns the reading of what Studio scripts tell: one flat object of texts as a contact moves (docs/vendors/cxone). Pure; never throws. Each
// event's id is the sender's, so that the journal keeps a repeated one once. What is not listed here is not read.

import { z } from 'zod';
import type { ConversationChange, ConversationEvent } from '../../context/conversation.ts';
import type { AgentId, ExternalId, Instant, PlatformName, QueueId } from '../../ids.ts';
import { PARTY } from './contact-view.ts';

export type CalloutContext = {
  readonly platform: PlatformName;
  /** Where a call-out says no time that can be read. */
  readonly receivedAt: Instant;
};

export type Callouts = {
  readonly events: readonly ConversationEvent[];
  /** What could not be read, one line each, without the content. */
  readonly problems: readonly string[];
};

const text = z.string().max(256);
const id = z.string().regex(/^[\w-]{1,64}$/);
/** A Studio variable that was never assigned is sent as an empty text. */
const maybe = <Schema extends z.ZodType>(schema: Schema) =>
  z.preprocess((value) => (value === '' || value === null ? undefined : value), schema.optional());

const callout = z.object({
  messageId: text.min(1),
  event: text,
  contactId: id,
  masterContactId: maybe(id),
  /** Of a digital contact: its number on the digital side, by which we know the conversation. */
  contactNumber: maybe(id),
  mediaType: maybe(text),
  agentId: maybe(id),
  skillId: maybe(id),
  reason: maybe(text),
  at: maybe(text),
});
type Callout = z.output<typeof callout>;

/** The customer is not on the line any more, whichever contact it was on. */
const CUSTOMER_GONE: ReadonlySet<string> = new Set(['customer', 'lost', 'far-end']);
/** The contact is over, and the customer goes on in another or at a number outside. */
const WENT_ON: ReadonlySet<string> = new Set(['transfer', 'blind-transfer']);

/** Reads one call-out, or a list of them. Events of ours that say nothing of who is where give none, and no problem. */
export function readCallouts(payload: unknown, context: CalloutContext): Callouts {
  const read = (Array.isArray(payload) ? payload : [payload]).map((one) => readOne(one, context));
  return { events: read.flatMap(({ events }) => events), problems: read.flatMap(({ problems }) => problems) };
}

function readOne(payload: unknown, context: CalloutContext): Callouts {
  const read = callout.safeParse(payload);
  if (!read.success) {
    const where = read.error.issues[0]?.path.join('.') ?? '';
    return {
      events: [],
      problems: [`a call-out is not of the documented shape${where === '' ? '' : ` at "${where}"`}`],
    };
  }
  const one = read.data;
  const told = Date.parse(one.at ?? '');
  const common = { platform: context.platform, at: Number.isNaN(told) ? context.receivedAt : told };
  const events = conversationsOf(one).flatMap(({ externalId, isOwn }) =>
    changesOf(one, externalId, isOwn).map((change) => ({
      ...common,
      externalId: externalId as ExternalId,
      messageId: messageIdOf(one, change, isOwn),
      ...change,
    })),
  );
  return { events, problems: [] };
}

/**
 * The conversations it is about: its own, and for a call that an agent made or passed on the one it began as, which is how we know it.
 */
function conversationsOf(one: Callout): readonly { readonly externalId: string; readonly isOwn: boolean }[] {
  if (one.contactNumber !== undefined) return [{ externalId: one.contactNumber, isOwn: true }];
  const own = { externalId: one.contactId, isOwn: true };
  const { masterContactId } = one;
  const isPart = masterContactId !== undefined && masterContactId !== one.contactId;
  return isPart ? [own, { externalId: masterContactId, isOwn: false }] : [own];
}

/** One call-out may say several things, to two conversations: each has an id of its own. */
function messageIdOf({ messageId }: Callout, { kind }: ConversationChange, isOwn: boolean): string {
  return `${messageId}.${kind}${isOwn ? '' : '.master'}`;
}

function changesOf(one: Callout, externalId: string, isOwn: boolean): readonly ConversationChange[] {
  switch (one.event.toLowerCase()) {
    case 'queued':
      return one.skillId === undefined ? [] : [{ kind: 'queue-entered', ...queueOf(one, one.skillId) }];
    case 'answered':
      return answered(one);
    case 'refused':
      return agentLeft(one, { talked: false, transferred: false });
    case 'returned':
      // The script has the caller back: from an agent who is done, or from a number where nobody answered.
      return one.reason === 'agent-released' ? agentLeft(one, { talked: true, transferred: false }) : [];
    case 'released':
      return released(one, externalId, isOwn);
    default:
      return [];
  }
}

function answered(one: Callout): readonly ConversationChange[] {
  const { agentId, skillId } = one;
  if (agentId === undefined) return [];
  const joined: ConversationChange = {
    kind: 'agent-joined',
    participantId: PARTY.agent(one.contactId, agentId),
    agentId: agentId as AgentId,
    ...(skillId === undefined ? {} : { queueId: skillId as QueueId }),
  };
  if (skillId === undefined) return [joined];
  return [joined, { kind: 'queue-left', ...queueOf(one, skillId), answeredBy: agentId as AgentId }];
}

/** An agent's own call that ends says nothing of the customer, unless it was the customer who ended it. */
function released(one: Callout, externalId: string, isOwn: boolean): readonly ConversationChange[] {
  const reason = one.reason ?? '';
  const transferred = WENT_ON.has(reason);
  const left = agentLeft(one, { talked: true, transferred });
  const isOver = !transferred && (isOwn || CUSTOMER_GONE.has(reason));
  return isOver ? [...left, { kind: 'customer-left', participantId: PARTY.customer(externalId) }] : left;
}

function agentLeft(
  { contactId, agentId, skillId }: Callout,
  how: { readonly talked: boolean; readonly transferred: boolean },
): readonly ConversationChange[] {
  if (agentId === undefined) return [];
  return [
    {
      kind: 'agent-left',
      participantId: PARTY.agent(contactId, agentId),
      agentId: agentId as AgentId,
      ...(skillId === undefined ? {} : { queueId: skillId as QueueId }),
      ...how,
    },
  ];
}

function queueOf({ contactId }: Callout, skillId: string) {
  return { participantId: PARTY.queue(contactId, skillId), queueId: skillId as QueueId };
}
