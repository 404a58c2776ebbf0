// Owns how the two twins' views of a conversation are read as one thing: who has the caller there, on which number they came in, what
// stands in it. Pure; it knows the control surfaces only.

import { z } from 'zod';
import type { Side } from './proof-transfer-house.ts';

/** `outside`: joined with a number elsewhere, so whoever is there has them; `entry`: a flow or script asks whose they are. */
export type HeldBy = 'agent' | 'queue' | 'bot' | 'entry' | 'outside' | 'none';

export type Place = {
  readonly platform: Side;
  readonly id: string;
  readonly live: boolean;
  readonly heldBy: HeldBy;
  readonly agentId?: string;
  readonly queue?: string;
  /** The number of the entry on which the call came in. */
  readonly cameInOn?: string;
  /** Epoch ms. */
  readonly startedAt: number;
  /** When the caller's own end of it was over, by the twin's clock; epoch ms. */
  readonly endedAt?: number;
  /** When what is known was last written to it, and when it was last looked at, by the twin's clock; epoch ms. */
  readonly writtenAt?: number;
  readonly lookedAt?: number;
  /** Everything that can be read in it, by name. */
  readonly values: Readonly<Record<string, string>>;
  readonly endReason?: string;
};

const texts = z.record(z.string(), z.string());

const genesysParty = z.looseObject({
  purpose: z.string(),
  userId: z.string().optional(),
  queueName: z.string().optional(),
  connectedTime: z.string().optional(),
  endTime: z.string().optional(),
  dnis: z.string().optional(),
});
const genesysView = z.looseObject({
  conversationId: z.string(),
  ended: z.boolean(),
  startTime: z.string(),
  participants: z.array(genesysParty),
  attributes: texts,
  writtenAt: z.string().nullable(),
  lookedAt: z.string().nullable(),
});

const cxoneView = z.looseObject({
  contactId: z.string(),
  to: z.string(),
  script: z.string(),
  state: z.string(),
  agent: z.looseObject({ agentId: z.string() }).nullable(),
  skill: z.looseObject({ name: z.string() }).nullable(),
  ended: z.boolean(),
  endReason: z.string().nullable(),
  startedAt: z.string(),
  endedAt: z.string().nullable(),
  variables: texts,
  signals: z.array(z.looseObject({ at: z.string() })),
  lookedAt: z.string().nullable(),
  token: z.string().nullable(),
});

const ENTRY = /^\+(1800556|1888556)\d{4}$/;

export function genesysPlace(shown: unknown): Place {
  const { conversationId, ended, startTime, participants, attributes, writtenAt, lookedAt } = genesysView.parse(shown);
  const live = participants.filter(({ endTime }) => endTime === undefined);
  const talking = live.filter(({ connectedTime }) => connectedTime !== undefined);
  const customer = participants.find(({ purpose }) => purpose === 'customer');
  const dnis = customer?.dnis?.replace(/^tel:/, '') ?? '';
  const agent = talking.findLast(({ purpose }) => purpose === 'agent');
  const queue = live.findLast(({ purpose }) => purpose === 'acd');
  const others = new Set(talking.map(({ purpose }) => purpose));
  const cameIn = ENTRY.test(dnis);
  const alerting = live.some(({ purpose }) => purpose === 'agent');
  const heldBy = (): HeldBy => {
    if (ended) return 'none';
    if (agent) return 'agent';
    // Somebody who is rung directly, without a queue, is waited for as in one.
    if (queue || alerting) return 'queue';
    if (others.has('external')) return 'outside';
    if (others.has('ivr')) return cameIn ? 'entry' : 'bot';
    return 'none';
  };
  return {
    platform: 'genesys_cloud',
    id: conversationId,
    live: !ended,
    heldBy: heldBy(),
    ...(agent?.userId !== undefined && { agentId: agent.userId }),
    ...(queue?.queueName !== undefined && { queue: queue.queueName }),
    ...(cameIn && { cameInOn: dnis }),
    startedAt: Date.parse(startTime),
    ...(customer?.endTime !== undefined && { endedAt: Date.parse(customer.endTime) }),
    ...times({ writtenAt, lookedAt }),
    values: attributes,
  };
}

export function cxonePlace(shown: unknown): Place {
  const contact = cxoneView.parse(shown);
  const { contactId, to, script, state, agent, skill, ended, endReason, startedAt, endedAt, variables } = contact;
  const cameIn = ENTRY.test(to);
  const held: Readonly<Record<string, HeldBy>> = {
    active: 'agent',
    queued: 'queue',
    routing: 'queue',
    bridged: 'outside',
    script: script === 'Throughline_Entry' ? 'entry' : 'bot',
  };
  return {
    platform: 'nice_cxone',
    id: contactId,
    live: !ended,
    heldBy: ended ? 'none' : (held[state] ?? 'none'),
    ...(agent && { agentId: agent.agentId }),
    ...(skill && { queue: skill.name }),
    ...(cameIn && { cameInOn: to }),
    startedAt: Date.parse(startedAt),
    ...(endedAt !== null && { endedAt: Date.parse(endedAt) }),
    ...times({ writtenAt: contact.signals.at(-1)?.at ?? null, lookedAt: contact.lookedAt }),
    values: variables,
    ...(endReason !== null && { endReason }),
  };
}

function times({ writtenAt, lookedAt }: { readonly writtenAt: string | null; readonly lookedAt: string | null }) {
  return {
    ...(writtenAt !== null && { writtenAt: Date.parse(writtenAt) }),
    ...(lookedAt !== null && { lookedAt: Date.parse(lookedAt) }),
  };
}
