// Owns what the control surface does on the gateway twin: conversations come in, customers hang up, virtual agents answer and wrap
// up, and settings change while it runs.

import { z } from 'zod';
import { type ControlActs, controlRefusal } from '../control-surface.ts';
import type { TwinResponse } from '../exchange.ts';
import type { Access } from './access.ts';
import { ANSWERS, type Floor, type Queue } from './floor.ts';
import { MEDIA_TYPES } from './gateway-schema.ts';
import { holderOf, type Interaction, wireInteraction } from './interaction.ts';
import type { ActRefusal, Interactions } from './interactions.ts';
import type { Reservations } from './reservations.ts';

/** Where events go, and the secrets they are signed with; two while one is changed. */
export type GatewayHook = { readonly url: string; readonly secrets: readonly string[] };

export type GatewaySettings = {
  latencyMs: number;
  settleMs: number;
  rateLimitPerMinute: number;
  tokenTtlSec: number;
  /** Addresses that nobody answers: a transfer there fails. */
  deadAddresses: readonly string[];
  hook: GatewayHook | undefined;
};

export type ControlParts = {
  readonly floor: Floor;
  readonly interactions: Interactions;
  readonly reservations: Reservations;
  readonly access: Access;
  readonly settings: GatewaySettings;
  /** Forgets what is scheduled and what waits to be delivered. */
  readonly onReset: () => void;
};

const createSchema = z.strictObject({
  /** Instead of a drawn one. */
  id: z.string().min(1).max(200).optional(),
  channel: z.enum(MEDIA_TYPES),
  from: z.string().min(1).default('anonymous'),
  /** A reservation's address: the call is the reserved one. */
  to: z.string().optional(),
  reservationId: z.string().optional(),
  queue: z.string().optional(),
  flow: z.literal('bot').optional(),
  attributes: z.record(z.string(), z.string()).optional(),
});
const agentSchema = z.strictObject({
  id: z.string().min(1).optional(),
  name: z.string().min(1),
  queues: z.array(z.string()),
  answers: z.enum(ANSWERS).default('auto'),
  afterMs: z.number().min(0).default(300),
});
const settingsSchema = z.strictObject({
  latencyMs: z.number().min(0).optional(),
  settleMs: z.number().min(0).optional(),
  rateLimitPerMinute: z.number().positive().optional(),
  tokenTtlSec: z.number().positive().optional(),
  deadAddresses: z.array(z.string()).optional(),
  hook: z
    .strictObject({ url: z.url(), secrets: z.array(z.string().startsWith('whsec_')).min(1).max(2) })
    .nullable()
    .optional(),
});
const answerSchema = z.strictObject({ agentId: z.string().optional() });
const closeSchema = z.strictObject({ customer: z.enum(['stays', 'leaves']).optional() });

const REFUSALS = {
  ended: [409, 'the interaction has ended'],
  'not-waiting': [409, 'the interaction waits in no queue, and nobody is rung'],
  'no-such-agent': [404, 'no such agent'],
  'nobody-to-close': [409, 'neither an agent nor a bot is in the interaction'],
} as const satisfies Record<ActRefusal, [number, string]>;

export function createGatewayControl(parts: ControlParts): ControlActs {
  const { floor, interactions, settings } = parts;
  const shown = (interaction: Interaction, refused: ActRefusal | undefined): TwinResponse => {
    if (refused === undefined) return { status: 200, body: twinView(interaction) };
    const [status, error] = REFUSALS[refused];
    return controlRefusal(status, error);
  };
  return {
    createConversation(body) {
      const asked = createSchema.safeParse(body);
      if (!asked.success) return controlRefusal(400, 'not a conversation', asked.error.issues);
      return create(parts, asked.data);
    },
    viewConversation(id) {
      const interaction = interactions.get(id);
      return interaction === undefined ? unknown(id) : { status: 200, body: twinView(interaction) };
    },
    act(id, act, body) {
      const interaction = interactions.get(id);
      if (interaction === undefined) return unknown(id);
      switch (act) {
        case 'wrapup':
          return controlRefusal(409, 'the gateway contract knows no wrap-up');
        case 'hangup':
          return shown(interaction, interactions.end(interaction));
        case 'answer': {
          const asked = answerSchema.safeParse(body ?? {});
          if (!asked.success) return controlRefusal(400, 'takes {agentId?}', asked.error.issues);
          return shown(interaction, interactions.answer(interaction, asked.data.agentId));
        }
        case 'close': {
          const asked = closeSchema.safeParse(body ?? {});
          if (!asked.success) return controlRefusal(400, 'takes {customer?: stays|leaves}', asked.error.issues);
          return shown(interaction, interactions.close(interaction, asked.data.customer === 'stays'));
        }
      }
    },
    addAgent(body) {
      const asked = agentSchema.safeParse(body);
      if (!asked.success) return controlRefusal(400, 'not an agent', asked.error.issues);
      const found = asked.data.queues.map((each) => findQueue(floor, each));
      const missing = asked.data.queues.filter((_each, index) => found[index] === undefined);
      if (missing.length > 0) return controlRefusal(400, `no such queue: ${missing.join(', ')}`);
      const { id, name, answers, afterMs } = asked.data;
      const queueIds = new Set(found.flatMap((queue) => (queue === undefined ? [] : [queue.id])));
      const agent = floor.addAgent({ id, name, queueIds, answers, afterMs });
      interactions.offerWaiting();
      return { status: 201, body: { agentId: agent.id, name, queues: asked.data.queues, answers, afterMs } };
    },
    readSettings: () => ({ status: 200, body: shownSettings(settings) }),
    changeSettings(body) {
      const asked = settingsSchema.safeParse(body);
      if (!asked.success) return controlRefusal(400, 'not settings', asked.error.issues);
      const { hook, ...others } = asked.data;
      Object.assign(settings, others);
      if (hook !== undefined) settings.hook = hook ?? undefined;
      return { status: 200, body: shownSettings(settings) };
    },
    replaces(conversationId) {
      const asked = interactions.all().filter(({ id }) => conversationId === undefined || id === conversationId);
      const moved = asked.filter(({ transfersAccepted }) => transfersAccepted > 0);
      return Object.fromEntries(moved.map(({ id, transfersAccepted }) => [id, transfersAccepted]));
    },
    reset() {
      parts.onReset();
      interactions.reset();
      parts.reservations.reset();
      floor.reset();
      parts.access.clearQuotas();
    },
  };
}

function create(parts: ControlParts, asked: z.infer<typeof createSchema>): TwinResponse {
  const { floor, interactions, reservations } = parts;
  const queue = asked.queue === undefined ? undefined : findQueue(floor, asked.queue);
  if (asked.queue !== undefined && queue === undefined) return controlRefusal(400, `no such queue: ${asked.queue}`);
  if (asked.id !== undefined && interactions.get(asked.id) !== undefined)
    return controlRefusal(409, 'this id is taken');
  const held = asked.to === undefined ? undefined : reservations.byAddress(asked.to);
  const reservationId = asked.reservationId ?? held?.id;
  const admit = (interaction: Interaction) => {
    interaction.from = asked.from;
    interaction.context.attributes = { ...asked.attributes };
    if (reservationId !== undefined) reservations.admit(interaction, reservations.get(reservationId));
    else if (queue !== undefined) interactions.enterQueue(interaction, queue);
    else interactions.join(interaction, { role: 'bot' }, 'connected');
  };
  const opened = interactions.open(asked.channel, reservationId, admit, asked.id);
  const parties = Object.fromEntries(opened.parties.map(({ role, id }) => [role, id]));
  return { status: 201, body: { conversationId: opened.id, participants: parties } };
}

/** What `GET /twin/conversations/{id}` shows: the contract's whole view, and what a test wants at hand. */
function twinView(interaction: Interaction) {
  const { id, context, ended, transfersAsked, transfersAccepted, reservationId } = interaction;
  return {
    ...wireInteraction(interaction),
    conversationId: id,
    ended,
    attributes: context.attributes,
    holder: holderOf(interaction)?.role ?? 'none',
    reservationId: reservationId ?? null,
    replaces: transfersAccepted,
    replacesAsked: transfersAsked,
  };
}

/** By id or by exact name. */
function findQueue(floor: Floor, given: string): Queue | undefined {
  return floor.queueById(given) ?? floor.queueByName(given);
}

/** Without the secrets. */
function shownSettings({ hook, ...others }: GatewaySettings) {
  return { ...others, hook: hook === undefined ? null : { url: hook.url } };
}

function unknown(id: string): TwinResponse {
  return controlRefusal(404, `no conversation ${id}`);
}
