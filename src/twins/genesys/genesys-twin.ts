// Owns the Genesys Cloud twin as a whole: the simulated platform behind the vendor's paths, its events, and the control
// surface. `createGenesysTwin` needs no socket; `startGenesysTwin` puts the same twin on a port.

import type { Clock } from '../../clock.ts';
import { createAccess } from '../access.ts';
import { type CallLog, createCallLog } from '../call-log.ts';
import { type Carrier, createCarrier } from '../carrier.ts';
import { createControlSurface } from '../control-surface.ts';
import { type DeliveryCounters, EventDelivery, UnreliableSender } from '../event-delivery.ts';
import type { Answering } from '../exchange.ts';
import { createFaults, type Faults } from '../faults.ts';
import { createFront } from '../front.ts';
import { type Hook, postByFetch, postByHttp } from '../hook-post.ts';
import { listen } from '../http-listener.ts';
import { fetchThrough } from '../in-process-fetch.ts';
import { restCaller } from '../rest-action.ts';
import { createSchedule } from '../schedule.ts';
import { drawUuid } from '../seeded-random.ts';
import { createApi, type Route } from './api.ts';
import { agentlessTexts } from './api-agentless.ts';
import { consultRoutes } from './api-consults.ts';
import { conversationRoutes } from './api-conversations.ts';
import { directoryRoutes } from './api-directory.ts';
import { identityRoutes } from './api-identity.ts';
import { notificationRoutes } from './api-notifications.ts';
import { presenceRoutes } from './api-presence.ts';
import { transferRoutes } from './api-transfers.ts';
import { userRoutes } from './api-users.ts';
import type { Conversation } from './conversation.ts';
import { Conversations } from './conversations.ts';
import { type DetailEvent, eventBridgeEnvelope } from './detail-event.ts';
import type { EntrySettings } from './entry-flow.ts';
import { createGenesysControl, type GenesysSettings } from './genesys-control.ts';
import { createLogin } from './login.ts';
import { connectUri, createNotificationSockets } from './notification-socket.ts';
import { Notifications } from './notifications.ts';
import { createOpenMessaging, type OpenMessagingOptions } from './open-messaging.ts';
import {
  createOrganisation,
  ENTRY_NUMBERS,
  type GenesysAccess,
  isEntryNumber,
  MAIN_NUMBER,
  MORE_ENTRY_NUMBERS,
  type Organisation,
  type OrganisationOptions,
} from './organisation.ts';
import type { Telephony } from './telephony.ts';

export type GenesysTwinOptions = {
  readonly clock: Clock;
  /** Where ids come from; a simulation gives a seeded one. */
  readonly random?: () => number;
  readonly clients?: OrganisationOptions['clients'];
  readonly publicClients?: OrganisationOptions['publicClients'];
  readonly queues?: OrganisationOptions['queues'];
  /** Where detail events are posted; can be changed while it runs. */
  readonly hook?: Hook;
  /** Whom the entry flow asks: base URL and headers; can be changed while it runs. */
  readonly entry?: EntrySettings;
  /** How long the entry flow waits for the user it asked for. */
  readonly entryTimeoutMs?: number;
  /** Where the built-in open messaging integration posts to, and under which secret it signs. */
  readonly openMessaging?: OpenMessagingOptions;
  /** Whether the platform leaves the path of calls it hands to numbers (BYOC trunks). */
  readonly releaseLink?: boolean;
  /** The telephone network it is on; alone it has a world outside that answers. */
  readonly carrier?: Carrier;
  /** How hook and entry are reached, where there are no sockets. */
  readonly fetch?: typeof fetch;
  readonly rateLimitPerMinute?: number;
  readonly latencyMs?: number;
  /** From the acceptance of a transfer to its effect. */
  readonly settleMs?: number;
  readonly tokenTtlSec?: number;
};

export type GenesysTwin = {
  /** Answers a request, vendor's path or control surface, without a socket. */
  readonly answer: Answering;
  /** A `fetch` that reaches this twin whatever the host. */
  readonly fetch: typeof fetch;
  readonly conversations: Conversations;
  readonly organisation: Organisation;
  readonly settings: GenesysSettings;
  calls(filter?: Parameters<CallLog['list']>[0]): ReturnType<CallLog['list']>;
  deliveries(): DeliveryCounters;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
};

export type ListeningGenesysTwin = GenesysTwin & { readonly url: string; readonly port: number };

const SETTLE_MS = 250;
/** Genesys dev-center rate limits, `client.credentials.token.rate.per.minute`. */
const RATE_LIMIT_PER_MINUTE = 300;
const TOKEN_TTL_SEC = 86_400;
const ENTRY_TIMEOUT_MS = 30_000;

/** The twin without a port. Throws when the options contradict themselves. */
export function createGenesysTwin(options: GenesysTwinOptions): GenesysTwin {
  return assemble(options, () => 'http://genesys.twin').twin;
}

/** Starts the twin on a port (0 takes any free one). Rejects when the port is taken. */
export async function startGenesysTwin(
  options: GenesysTwinOptions & { readonly port?: number; readonly host?: string },
): Promise<ListeningGenesysTwin> {
  let url = '';
  const { twin, notifications } = assemble(options, () => url);
  const heartbeats = createSchedule(options.clock);
  const sockets = createNotificationSockets(notifications, heartbeats);
  const { port = 0, host = '127.0.0.1' } = options;
  const listener = await listen({ host, port, answer: twin.answer, onUpgrade: sockets.upgrade });
  url = listener.url;
  async function close(): Promise<void> {
    heartbeats.cancelAll();
    sockets.close();
    await twin.close();
    await listener.close();
  }
  return { ...twin, url, port: listener.port, close, [Symbol.asyncDispose]: close };
}

function assemble(options: GenesysTwinOptions, url: () => string): { twin: GenesysTwin; notifications: Notifications } {
  const { clock, random = Math.random } = options;
  const settings = startSettings(options);
  const uuid = () => drawUuid(random);
  const schedule = createSchedule(clock);
  const faults = createFaults();
  const calls = createCallLog();
  const organisation = createOrganisation({
    random,
    queues: options.queues,
    clients: options.clients,
    publicClients: options.publicClients,
  });
  const access: GenesysAccess = createAccess(clock, random, () => settings);
  const notifications = new Notifications(clock, organisation, uuid);
  const post = options.fetch === undefined ? postByHttp() : postByFetch(options.fetch);
  const delivery = new EventDelivery({ clock, schedule, post, hook: () => settings.hook });
  const sender = new UnreliableSender(schedule, (topic) => faults.forEvent(topic));

  const publish = publisher({ uuid, organisation, sender, notifications, delivery });
  const settleMs = () => settings.settleMs;
  const onChange = (conversation: Conversation) => {
    for (const each of [notifications, open]) each.conversationChanged(conversation);
  };
  const board = { clock, schedule, random, organisation, onEvent: publish, onChange };
  const telephony = telephonyOf(options, settings, faults);
  const conversations = new Conversations({ ...board, settleMs, telephony });
  const { openMessaging: given } = options;
  const messaging = createOpenMessaging({
    clock,
    schedule,
    uuid,
    post,
    sender,
    conversations,
    organisation,
    settleMs,
    given,
  });
  const { open } = messaging;
  const texts = agentlessTexts({ clock, schedule, random, settleMs, elsewhere: messaging.read });
  const notifying = notificationRoutes(notifications, (id) => connectUri(url(), id));
  const plain = plainRoutes(conversations, organisation, clock);
  const routes = [...messaging.routes, ...texts.routes, ...notifying, ...plain];
  const login = createLogin({ clock, organisation, access, uuid });
  const vendor = createApi({ organisation, access, login, routes, uuid });
  const forgetWaiting = () => {
    schedule.cancelAll();
    sender.clear();
    delivery.clear();
    texts.clear();
    messaging.clear();
  };
  const acts = createGenesysControl({ conversations, organisation, access, settings, open, onReset: forgetWaiting });
  const control = texts.withPhones(createControlSurface(acts, faults, calls));
  const answer = createFront({ clock, vendor, control, faults, calls, latencyMs: () => settings.latencyMs });
  const leave = joinCarrier(telephony, conversations);
  async function close(): Promise<void> {
    leave();
    forgetWaiting();
    delivery.close();
    messaging.close();
  }
  const reach = { answer, fetch: fetchThrough(answer), calls: calls.list, deliveries: () => delivery.counters() };
  const twin = { ...reach, conversations, organisation, settings, close, [Symbol.asyncDispose]: close };
  return { twin, notifications };
}

type PublisherParts = {
  readonly uuid: () => string;
  readonly organisation: Organisation;
  readonly sender: UnreliableSender;
  readonly notifications: Notifications;
  readonly delivery: EventDelivery;
};

function publisher({ uuid, organisation, sender, notifications, delivery }: PublisherParts) {
  return (event: DetailEvent): void => {
    const ids = { eventId: uuid(), organisationId: organisation.id, correlationId: uuid() };
    const envelope = eventBridgeEnvelope(event, ids);
    sender.send(envelope.detail.topicName, () => {
      notifications.detailEvent(event);
      delivery.send(envelope);
    });
  };
}

function plainRoutes(conversations: Conversations, organisation: Organisation, clock: Clock): readonly Route[] {
  return [
    ...directoryRoutes(organisation),
    ...identityRoutes(organisation),
    ...presenceRoutes(organisation, clock),
    ...userRoutes(organisation),
    ...transferRoutes(conversations, organisation),
    ...consultRoutes(conversations, organisation),
    ...conversationRoutes(conversations, organisation),
  ];
}

function telephonyOf(
  { clock, carrier, fetch }: GenesysTwinOptions,
  settings: GenesysSettings,
  faults: Faults,
): Telephony {
  return {
    carrier: carrier ?? createCarrier({ clock, elsewhere: 'answers' }),
    faultFor: faults.forCall,
    releaseLink: () => settings.releaseLink,
    callRest: restCaller(fetch ?? globalThis.fetch, clock),
    entry: () => settings,
  };
}

/** Answers how to leave it again. */
function joinCarrier({ carrier, faultFor }: Telephony, conversations: Conversations): () => void {
  return carrier.register({
    numbers: [MAIN_NUMBER, ...ENTRY_NUMBERS, ...MORE_ENTRY_NUMBERS],
    faultFor,
    ring: (offer, leg) => conversations.arrive(offer, leg, isEntryNumber(offer.to)),
  });
}

function startSettings(options: GenesysTwinOptions): GenesysSettings {
  return {
    latencyMs: options.latencyMs ?? 0,
    settleMs: options.settleMs ?? SETTLE_MS,
    rateLimitPerMinute: options.rateLimitPerMinute ?? RATE_LIMIT_PER_MINUTE,
    tokenTtlSec: options.tokenTtlSec ?? TOKEN_TTL_SEC,
    hook: options.hook,
    entry: options.entry,
    entryTimeoutMs: options.entryTimeoutMs ?? ENTRY_TIMEOUT_MS,
    releaseLink: options.releaseLink ?? false,
  };
}
