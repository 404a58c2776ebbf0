// Owns the gateway twin as a whole: the reference server of the gateway contract (docs/gateway.md), a simulated contact center behind
// its paths, its events, and the control surface. `createGatewayTwin` needs no socket; `startGatewayTwin` puts the same on a port.

import type { Clock } from '../../clock.ts';
import { type CallLog, createCallLog } from '../call-log.ts';
import { createControlSurface } from '../control-surface.ts';
import { type DeliveryCounters, EventDelivery, UnreliableSender } from '../event-delivery.ts';
import type { Answering } from '../exchange.ts';
import { createFaults } from '../faults.ts';
import { createFront } from '../front.ts';
import { postByFetch, postByHttp } from '../hook-post.ts';
import { listen } from '../http-listener.ts';
import { fetchThrough } from '../in-process-fetch.ts';
import { createSchedule } from '../schedule.ts';
import { drawUuid } from '../seeded-random.ts';
import { createAccess } from './access.ts';
import { createApi } from './api.ts';
import { gatewayRoutes, isVisible } from './api-routes.ts';
import { signing } from './event-signing.ts';
import { createFloor, type Floor, type NewAgent } from './floor.ts';
import { createGatewayControl, type GatewayHook, type GatewaySettings } from './gateway-control.ts';
import type { WireEvent } from './gateway-schema.ts';
import { type Interaction, wireStanding } from './interaction.ts';
import { Interactions } from './interactions.ts';
import { createOutside, type TelephoneNetwork, worldOutside } from './outside.ts';
import { Reservations } from './reservations.ts';
import { createTransfers, type Transfers } from './transfers.ts';

export type GatewayTwinOptions = {
  readonly clock: Clock;
  /** Where ids come from; a simulation gives a seeded one. */
  readonly random?: () => number;
  /** Instead of the built-in ones. */
  readonly agents?: readonly NewAgent[];
  /** Where events are posted; can be changed while it runs. */
  readonly hook?: GatewayHook;
  /** How the hook is reached, where there are no sockets. */
  readonly fetch?: typeof fetch;
  /** Where other twins are called and call from; alone, the world outside answers. */
  readonly network?: TelephoneNetwork;
  readonly rateLimitPerMinute?: number;
  readonly latencyMs?: number;
  /** From the acceptance of a transfer to its effect, and from there to an answer. */
  readonly settleMs?: number;
  readonly tokenTtlSec?: number;
};

export type GatewayTwin = {
  /** Answers a request, the contract's path or the control surface's, without a socket. */
  readonly answer: Answering;
  /** A `fetch` that reaches this twin whatever the host. */
  readonly fetch: typeof fetch;
  readonly floor: Floor;
  readonly interactions: Interactions;
  readonly settings: GatewaySettings;
  calls(filter?: Parameters<CallLog['list']>[0]): ReturnType<CallLog['list']>;
  deliveries(): DeliveryCounters;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
};

export type ListeningGatewayTwin = GatewayTwin & { readonly url: string; readonly port: number };

const SETTLE_MS = 250;
const RATE_LIMIT_PER_MINUTE = 600;
const TOKEN_TTL_SEC = 3_600;
/** Nobody answers there, until the settings say otherwise. */
export const DEAD_NUMBER = '+18885550100';

/** The twin without a port. */
export function createGatewayTwin(options: GatewayTwinOptions): GatewayTwin {
  const { clock, random = Math.random } = options;
  const settings = startSettings(options);
  const schedule = createSchedule(clock);
  const faults = createFaults();
  const calls = createCallLog();
  const events = createEvents(options, settings, schedule, faults);
  const floor = createFloor({ clock, random, agents: options.agents });
  const access = createAccess(clock, random, () => settings);
  const settleMs = () => settings.settleMs;
  const transfers: Transfers = createTransfers({
    clock,
    schedule,
    settleMs,
    interactions: () => interactions,
    outside: () => outside,
  });
  const interactions: Interactions = new Interactions({
    clock,
    schedule,
    random,
    floor,
    onChange: (interaction) => events.publish(interaction, interactions.uuid()),
    onAnswer: (interaction, party) => transfers.answered(interaction, party),
  });
  const uuid = () => drawUuid(random);
  const reservations = new Reservations({ clock, schedule, floor, isVisible, uuid, interactions: () => interactions });
  const outside = createOutside({
    network: options.network ?? worldOutside(schedule, settleMs, (address) => settings.deadAddresses.includes(address)),
    interactions: () => interactions,
    reservations: () => reservations,
  });
  const vendor = createApi(access, gatewayRoutes({ floor, interactions, reservations, transfers, settleMs }));
  const forgetWaiting = () => {
    schedule.cancelAll();
    events.clear();
  };
  const acts = createGatewayControl({ floor, interactions, reservations, access, settings, onReset: forgetWaiting });
  const control = createControlSurface(acts, faults, calls);
  const answer = createFront({ clock, vendor, control, faults, calls, latencyMs: () => settings.latencyMs });
  async function close(): Promise<void> {
    forgetWaiting();
    outside.close();
    events.close();
  }
  const reach = { answer, fetch: fetchThrough(answer), calls: calls.list, deliveries: events.counters };
  return { ...reach, floor, interactions, settings, close, [Symbol.asyncDispose]: close };
}

/** Starts the twin on a port (0 takes any free one). Rejects when the port is taken. */
export async function startGatewayTwin(
  options: GatewayTwinOptions & { readonly port?: number; readonly host?: string },
): Promise<ListeningGatewayTwin> {
  const twin = createGatewayTwin(options);
  const { port = 0, host = '127.0.0.1' } = options;
  const listener = await listen({ host, port, answer: twin.answer });
  async function close(): Promise<void> {
    await twin.close();
    await listener.close();
  }
  return { ...twin, url: listener.url, port: listener.port, close, [Symbol.asyncDispose]: close };
}

function createEvents(
  { clock, fetch }: GatewayTwinOptions,
  settings: GatewaySettings,
  schedule: ReturnType<typeof createSchedule>,
  faults: ReturnType<typeof createFaults>,
) {
  const post = signing(
    fetch === undefined ? postByHttp() : postByFetch(fetch),
    clock,
    () => settings.hook?.secrets ?? [],
  );
  const hook = () => (settings.hook === undefined ? undefined : { url: settings.hook.url });
  const delivery = new EventDelivery({ clock, schedule, post, hook });
  const sender = new UnreliableSender(schedule, (topic) => faults.forEvent(topic));
  return {
    publish(interaction: Interaction, messageId: string) {
      const event = eventOf(interaction, messageId, clock.now());
      sender.send(`${event.event} ${interaction.id}`, () => delivery.send(event));
    },
    counters: () => delivery.counters(),
    clear() {
      sender.clear();
      delivery.clear();
    },
    close: () => delivery.close(),
  };
}

function eventOf(interaction: Interaction, messageId: string, at: number): WireEvent {
  const { id, ended, reservationId, context } = interaction;
  const { canonicalInteractionId } = context;
  return {
    event: ended ? 'interaction:completed' : 'interaction:updated',
    id: `msg-${messageId}`,
    at: new Date(at).toISOString(),
    interactionId: id,
    ...(canonicalInteractionId && { canonicalInteractionId }),
    ...(reservationId !== undefined && { reservationId }),
    ...wireStanding(interaction),
  };
}

function startSettings(options: GatewayTwinOptions): GatewaySettings {
  return {
    latencyMs: options.latencyMs ?? 0,
    settleMs: options.settleMs ?? SETTLE_MS,
    rateLimitPerMinute: options.rateLimitPerMinute ?? RATE_LIMIT_PER_MINUTE,
    tokenTtlSec: options.tokenTtlSec ?? TOKEN_TTL_SEC,
    deadAddresses: [DEAD_NUMBER],
    hook: options.hook,
  };
}
