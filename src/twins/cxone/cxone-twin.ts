// Owns the NICE CXone twin as a whole: the simulated platform behind the vendor's paths, its scripts' call-outs, its numbers on
// the carrier, and the control surface. `createCxoneTwin` needs no socket; `startCxoneTwin` puts the same twin on a port.

import type { Clock } from '../../clock.ts';
import { createAccess } from '../access.ts';
import { type CallLog, createCallLog } from '../call-log.ts';
import { type Carrier, createCarrier } from '../carrier.ts';
import { createControlSurface } from '../control-surface.ts';
import { type DeliveryCounters, EventDelivery, UnreliableSender } from '../event-delivery.ts';
import type { Answering } from '../exchange.ts';
import { createFaults, type Faults } from '../faults.ts';
import { createFront } from '../front.ts';
import { postByFetch, postByHttp } from '../hook-post.ts';
import { listen } from '../http-listener.ts';
import { fetchThrough } from '../in-process-fetch.ts';
import { restCaller } from '../rest-action.ts';
import { createSchedule } from '../schedule.ts';
import { drawUuid } from '../seeded-random.ts';
import { type CxoneAccess, createApi } from './api.ts';
import { agentRoutes, skillRoutes } from './api-agents.ts';
import { caseRoutes } from './api-cases.ts';
import { contactRoutes } from './api-contacts.ts';
import { digitalRoutes } from './api-digital.ts';
import { patronRoutes } from './api-patron.ts';
import { sessionRoutes } from './api-sessions.ts';
import { callOut, topicOf } from './call-outs.ts';
import { CaseTalk } from './case-talk.ts';
import { agentOn, type Contact } from './contact.ts';
import { type ContactEvent, Contacts } from './contacts.ts';
import { createCxoneControl } from './cxone-control.ts';
import { type CxoneSettings, type GivenSettings, startSettings } from './cxone-settings.ts';
import { Digital } from './digital.ts';
import type { FloorEventExtra } from './floor.ts';
import { createIdentity } from './identity.ts';
import { OwnChannel } from './own-channel.ts';
import { popCard } from './screen-pop.ts';
import { Sessions } from './sessions.ts';
import { type AccessKey, createTenant, type Tenant, type TenantOptions } from './tenant.ts';

/** With the settings it starts with (`cxone-settings.ts`). */
export type CxoneTwinOptions = GivenSettings & {
  readonly clock: Clock;
  /** Where ids come from; a simulation gives a seeded one. */
  readonly random?: () => number;
  readonly accessKeys?: TenantOptions['accessKeys'];
  readonly clients?: TenantOptions['clients'];
  /** The telephone network it is on; alone it has a world outside that answers. */
  readonly carrier?: Carrier;
  /** How hook, entry and own channel are reached, where there are no sockets. */
  readonly fetch?: typeof fetch;
};

export type CxoneTwin = {
  /** Answers a request, vendor's path or control surface, without a socket. */
  readonly answer: Answering;
  /** A `fetch` that reaches this twin whatever the host. */
  readonly fetch: typeof fetch;
  readonly contacts: Contacts;
  readonly digital: Digital;
  readonly tenant: Tenant;
  readonly settings: CxoneSettings;
  calls(filter?: Parameters<CallLog['list']>[0]): ReturnType<CallLog['list']>;
  deliveries(): DeliveryCounters;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
};

export type ListeningCxoneTwin = CxoneTwin & { readonly url: string; readonly port: number };

/** The twin without a port. Throws when its numbers are taken on the carrier. */
export function createCxoneTwin(options: CxoneTwinOptions): CxoneTwin {
  return assemble(options, () => 'http://cxone.twin');
}

/** Starts the twin on a port (0 takes any free one). Rejects when the port is taken. */
export async function startCxoneTwin(
  options: CxoneTwinOptions & { readonly port?: number; readonly host?: string },
): Promise<ListeningCxoneTwin> {
  let url = '';
  const twin = assemble(options, () => url);
  const { port = 0, host = '127.0.0.1' } = options;
  const listener = await listen({ host, port, answer: twin.answer });
  url = listener.url;
  async function close(): Promise<void> {
    await twin.close();
    await listener.close();
  }
  return { ...twin, url, port: listener.port, close, [Symbol.asyncDispose]: close };
}

function assemble(options: CxoneTwinOptions, url: () => string): CxoneTwin {
  const { clock, random = Math.random } = options;
  const settings = startSettings(options);
  const faults = createFaults();
  const calls = createCallLog();
  const tenant = createTenant({ random, accessKeys: options.accessKeys, clients: options.clients });
  const access: CxoneAccess = createAccess<AccessKey, never>(clock, random, () => settings);
  const uuid = () => drawUuid(random);
  const floor = openFloor({ ...options, random }, { settings, faults, tenant, uuid });
  const { contacts, digital, sessions, schedule } = floor;

  const digitalParts = { digital, tenant, idents: () => settings.customFields };
  const vendor = createApi({
    access,
    uuid,
    contactOf(number) {
      const found = contacts.get(Number(number)) ?? digital.case(number)?.contact;
      return found === undefined ? null : String(found.id);
    },
    identity: createIdentity({ tenant, access, random, url, now: () => clock.now() }),
    acd: [
      ...agentRoutes(contacts, tenant, clock),
      ...skillRoutes(contacts, tenant, clock),
      ...contactRoutes(contacts, tenant, clock),
      ...patronRoutes({ contacts, tenant, clock, schedule }),
      ...sessionRoutes(sessions, contacts, tenant),
    ],
    digital: [...digitalRoutes(digitalParts), ...caseRoutes(digitalParts)],
  });
  const acts = createCxoneControl({
    contacts,
    digital,
    tenant,
    access,
    settings,
    random,
    onReset: floor.forgetWaiting,
  });
  const control = createControlSurface(acts, faults, calls);
  const answer = createFront({ clock, vendor, control, faults, calls, latencyMs: () => settings.latencyMs });
  const reach = { answer, fetch: fetchThrough(answer), calls: calls.list, deliveries: floor.deliveries };
  return { ...reach, contacts, digital, tenant, settings, close: floor.close, [Symbol.asyncDispose]: floor.close };
}

type FloorParts = {
  readonly settings: CxoneSettings;
  readonly faults: Faults;
  readonly tenant: Tenant;
  readonly uuid: () => string;
};

/** The platform without its API: contacts, cases and sessions, what their scripts tell, and the numbers on the carrier. */
function openFloor(options: CxoneTwinOptions, { settings, faults, tenant, uuid }: FloorParts) {
  const { clock, fetch = globalThis.fetch, carrier = createCarrier({ clock, elsewhere: 'answers' }) } = options;
  const schedule = createSchedule(clock);
  const post = options.fetch === undefined ? postByHttp() : postByFetch(fetch);
  const delivery = new EventDelivery({ clock, schedule, post, hook: () => settings.hook });
  const sender = new UnreliableSender(schedule, (topic) => faults.forEvent(topic));
  const ownChannel = new OwnChannel({ clock, fetch, settings: () => settings.byoc });
  const callRest = restCaller(fetch, clock);
  const pop = { clock, callRest, card: () => settings.card };
  const contacts = new Contacts({
    clock,
    schedule,
    tenant,
    carrier,
    callRest,
    settings: () => settings,
    acwMs: () => settings.acwMs,
    faultFor: faults.forCall,
    onEvent: publish,
    onEnd: (contact) => digital.ended(contact),
  });
  const digital: Digital = new Digital({
    clock,
    uuid,
    contacts,
    onWritten: (message, of) => sender.send(`byoc.${of.number}`, () => ownChannel.post(message, of)),
    talk: () => talk,
  });
  const talk = new CaseTalk({
    schedule,
    write: (of, text) => void digital.write(of, text),
    close: (of) => contacts.floor.end(of.contact, 'agent'),
  });
  const sessions = new Sessions(contacts, tenant, uuid);

  function publish(event: ContactEvent, contact: Contact, extra: FloorEventExtra): void {
    const facts = { messageId: uuid(), at: clock.now(), contactNumber: digital.caseOf(contact)?.number };
    const told = callOut(event, contact, extra, facts);
    sender.send(topicOf(event, contact), () => delivery.send(told));
    sessions.contactChanged(contact, [agentOn(contact), contact.initiator, extra.agent]);
    if (event !== 'answered') return;
    digital.answered(contact);
    const number = facts.contactNumber ?? String(contact.id);
    if (extra.agent) void popCard(pop, { contact, agent: extra.agent, number });
  }

  const leave = joinCarrier(carrier, contacts, tenant, faults);
  function forgetWaiting(): void {
    schedule.cancelAll();
    sender.clear();
    delivery.clear();
    ownChannel.forget();
    sessions.clear();
  }
  async function close(): Promise<void> {
    leave();
    forgetWaiting();
    delivery.close();
  }
  return { contacts, digital, sessions, schedule, forgetWaiting, close, deliveries: () => delivery.counters() };
}

/** Answers how to leave it again. */
function joinCarrier(carrier: Carrier, contacts: Contacts, tenant: Tenant, faults: Faults): () => void {
  return carrier.register({
    numbers: tenant.pointsOfContact.filter((each) => each.media === 'voice').map((each) => each.address),
    faultFor: faults.forCall,
    ring(offer, leg) {
      const point = tenant.pointOfContact(offer.to);
      return point === undefined ? undefined : contacts.arrive(point, offer, leg);
    },
  });
}
