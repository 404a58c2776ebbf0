// Owns the gateway contract's routes as the twin serves them.

import type { z } from 'zod';
import type { TwinRequest } from '../exchange.ts';
import { notFound, type Refusal, type Route, type RouteResult, refuse } from './api.ts';
import { type Agent, type Floor, PRESENCES, type Queue, VISIBLE_DIVISION } from './floor.ts';
import {
  completeBody,
  contextBody,
  presenceBody,
  reserveBody,
  sandboxBody,
  type TransferBody,
  transferBody,
  type WireAgent,
  type WireCapabilities,
  type WireQueue,
  type WireQueueList,
  type WireReservation,
  type WireSandboxInteraction,
  type WireTransferAccepted,
} from './gateway-schema.ts';
import {
  holderOf,
  type Interaction,
  isLive,
  openTransfer,
  type TransferTarget,
  wireInteraction,
} from './interaction.ts';
import type { Interactions } from './interactions.ts';
import type { Reservations } from './reservations.ts';
import type { Transfers } from './transfers.ts';

export type RouteParts = {
  readonly floor: Floor;
  readonly interactions: Interactions;
  readonly reservations: Reservations;
  readonly transfers: Transfers;
  readonly settleMs: () => number;
};

const LIMITS = { valueBytes: 4_096, count: 100 } as const;
/** How much longer than `settleMs` an answer to a consultation may take here: it settles twice. */
const SETTLES = 2;

export function isVisible(queue: Queue): boolean {
  return queue.division.id === VISIBLE_DIVISION.id;
}

export function gatewayRoutes(parts: RouteParts): readonly Route[] {
  return [
    ...directoryRoutes(parts),
    ...reservationRoutes(parts),
    ...transferRoutes(parts),
    ...interactionRoutes(parts),
  ];
}

function directoryRoutes({ floor, interactions, settleMs }: RouteParts): readonly Route[] {
  const agentOf = (id: string, act: (agent: Agent) => RouteResult) => {
    const agent = floor.agent(id);
    return agent === undefined ? notFound('agent') : act(agent);
  };
  return [
    { method: 'GET', path: '/v1/health', handle: () => ({ status: 200, body: { status: 'ok' } }) },
    {
      method: 'GET',
      path: '/v1/capabilities',
      handle: () => ({ status: 200, body: capabilities(settleMs() * SETTLES) }),
    },
    {
      method: 'GET',
      path: '/v1/queues',
      handle({ query }) {
        const name = query.get('name');
        const seen = floor.queues.filter((each) => isVisible(each) && (name === null || each.name === name));
        const body: WireQueueList = { entities: seen.map((queue) => wireQueue(floor, queue)) };
        return { status: 200, body };
      },
    },
    {
      method: 'GET',
      path: '/v1/agents/:id',
      handle: (_request, param) => agentOf(param('id'), (agent) => ({ status: 200, body: wireAgent(floor, agent) })),
    },
    {
      method: 'PUT',
      path: '/v1/agents/:id/presence',
      handle: (request, param) =>
        agentOf(param('id'), (agent) =>
          taking(request, presenceBody, (asked) => {
            const presence = PRESENCES.find((each) => each === asked.presence);
            if (presence === undefined) return refuse(400, 'invalid-request', 'presence: there is no such presence');
            floor.setPresence(agent, presence);
            interactions.offerWaiting();
            return { status: 200, body: wireAgent(floor, agent) };
          }),
        ),
    },
  ];
}

function reservationRoutes({ reservations }: RouteParts): readonly Route[] {
  const STATUS = {
    'not-found': 404,
    'agent-busy': 409,
    'agent-away': 409,
    'queue-unstaffed': 409,
    'idempotency-key-reused': 422,
  };
  return [
    {
      method: 'POST',
      path: '/v1/interactions/reserve',
      handle: (request) =>
        taking(request, reserveBody, (asked) => {
          const held = reservations.reserve(request.headers['idempotency-key'], asked);
          if (typeof held === 'string') return refuse(STATUS[held], held);
          const { id, validUntil, address } = held;
          const body: WireReservation = {
            reservationId: id,
            validUntil: new Date(validUntil).toISOString(),
            address,
          };
          return { status: 200, body };
        }),
    },
    {
      method: 'DELETE',
      path: '/v1/interactions/reserve/:id',
      handle(_request, param) {
        const reservation = reservations.get(param('id'));
        if (reservation === undefined) return notFound('reservation');
        reservations.release(reservation);
        return { status: 204 };
      },
    },
  ];
}

function transferRoutes({ floor, interactions, transfers }: RouteParts): readonly Route[] {
  return [
    {
      method: 'POST',
      path: '/api/v2/interactions/transfer',
      handle: (request) =>
        taking(request, transferBody, (asked) => {
          const interaction = interactions.get(asked.interactionId);
          if (interaction === undefined) return notFound('interaction');
          interaction.transfersAsked += 1;
          const to = targetOf(floor, asked.transferTo);
          if (to === undefined) return notFound('queue');
          const leaving = leavingParty(interaction, asked.participantId);
          if ('refused' in leaving) return leaving;
          const { transferType: type, metadata } = asked;
          const transfer = transfers.accept(interaction, { leaving, target: to, type, token: metadata?.token });
          const body: WireTransferAccepted = { transferId: transfer.id };
          return { status: 202, body };
        }),
    },
    {
      method: 'POST',
      path: '/api/v2/interactions/transfer/:id/complete',
      handle: (request, param) =>
        taking(request, completeBody, ({ accept }) => {
          const found = transfers.find(param('id'));
          if (found === undefined) return notFound('transfer');
          const refused = transfers.complete(found.interaction, found.transfer, accept);
          return refused === undefined ? { status: 202 } : refuse(409, refused);
        }),
    },
  ];
}

function leavingParty(interaction: Interaction, participantId: string | undefined) {
  if (interaction.ended) return refuse(409, 'interaction-has-ended');
  if (openTransfer(interaction) !== undefined) return refuse(409, 'transfer-under-way');
  const named = interaction.parties.find(({ id }) => id === participantId);
  const leaving = participantId === undefined ? holderOf(interaction) : named;
  if (leaving?.role === 'customer') return refuse(400, 'invalid-request', 'participantId: the customer never leaves');
  return leaving !== undefined && isLive(leaving) ? leaving : refuse(409, 'participant-has-left');
}

function targetOf(floor: Floor, to: TransferBody['transferTo']): TransferTarget | undefined {
  switch (to.type) {
    case 'queue': {
      const queue = floor.queueById(to.queueId);
      return queue !== undefined && isVisible(queue) ? { kind: 'queue', queue } : undefined;
    }
    case 'phoneNumber':
      return { kind: 'address', address: to.phoneNumber };
    case 'sip':
      return { kind: 'address', address: to.uri };
  }
}

function interactionRoutes({ interactions, reservations }: RouteParts): readonly Route[] {
  const of = (id: string, act: (interaction: Interaction) => RouteResult) => {
    const interaction = interactions.get(id);
    return interaction === undefined ? notFound('interaction') : act(interaction);
  };
  return [
    {
      method: 'GET',
      path: '/v1/interactions/:id',
      handle: (_request, param) =>
        of(param('id'), (interaction) => ({ status: 200, body: wireInteraction(interaction) })),
    },
    {
      method: 'POST',
      path: '/v1/interactions/:id/context',
      handle: (request, param) =>
        of(param('id'), (interaction) =>
          taking(request, contextBody, ({ attributes, ...rest }) => {
            const before = interaction.context;
            interaction.context = { ...before, ...rest, attributes: { ...before.attributes, ...attributes } };
            return { status: 204 };
          }),
        ),
    },
    {
      method: 'POST',
      path: '/v1/interactions/:id/end',
      handle: (_request, param) =>
        of(param('id'), (interaction) => {
          interactions.end(interaction);
          return { status: 204 };
        }),
    },
    {
      method: 'POST',
      path: '/v1/sandbox/interactions',
      handle: (request) =>
        taking(request, sandboxBody, ({ mediaType, reservationId }) => {
          const { id } = interactions.open(mediaType, reservationId, (interaction) => {
            if (reservationId === undefined) interactions.join(interaction, { role: 'bot' }, 'connected');
            else reservations.admit(interaction, reservations.get(reservationId));
          });
          const body: WireSandboxInteraction = { interactionId: id };
          return { status: 201, body };
        }),
    },
  ];
}

function taking<Body>(
  request: TwinRequest,
  schema: z.ZodType<Body>,
  act: (body: Body) => RouteResult,
): RouteResult | Refusal {
  const read = schema.safeParse(request.body);
  if (read.success) return act(read.data);
  const [issue] = read.error.issues;
  return refuse(400, 'invalid-request', `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`);
}

function capabilities(settleMs: number): WireCapabilities {
  return {
    contract: '1',
    reservation: 'native',
    commit: ['rest'],
    settleMs,
    attributes: LIMITS,
    presence: true,
    sandbox: true,
  };
}

function wireQueue(floor: Floor, queue: Queue): WireQueue {
  return { ...queue, staffed: floor.isStaffed(queue) };
}

function wireAgent(floor: Floor, agent: Agent): WireAgent {
  const { id, presence } = agent;
  return {
    id,
    availability: floor.availabilityOf(agent),
    presence: { id: presence.id, since: new Date(presence.since).toISOString() },
  };
}
