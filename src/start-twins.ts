// Owns the twins of one process: the contact centers on one telephone network, so that a call goes from each to the other. Beside a service they tell it
// what happens and ask it whose a call is; alone they tell nobody until `PUT /twin/settings` says whom. Part of the composition root.

import { OWN_CHANNEL_CLIENT_ID, SECOND_TWIN, THIRD_TWIN, type TwinDeskSecrets } from './config-twins.ts';
import { machineClock as clock } from './machine-clock.ts';
import { createCarrier } from './twins/carrier.ts';
import { type ListeningCxoneTwin, startCxoneTwin } from './twins/cxone/cxone-twin.ts';
import { type ListeningGatewayTwin, startGatewayTwin } from './twins/gateway/gateway-twin.ts';
import { type ListeningGenesysTwin, startGenesysTwin } from './twins/genesys/genesys-twin.ts';
import { type ListeningSmsTwin, startSmsTwin } from './twins/sms/sms-twin.ts';

export type TwinsParts = {
  /** Of the Genesys twin; the CXone twin is ten above, that of text messages twenty, the gateway twin forty. */
  readonly port: number;
  readonly rateLimitPerMinute?: number;
  /** The service that they stand beside. */
  readonly service?: {
    readonly url: string;
    readonly genesysHookSecret: string;
    readonly cxoneHookSecret: string;
    readonly entryKey: string;
    /** With what its people's desks prove to be who they are. */
    readonly desks: TwinDeskSecrets;
  };
};

export type Twins = AsyncDisposable & {
  readonly genesys: ListeningGenesysTwin;
  readonly cxone: ListeningCxoneTwin;
  /** The reference server of the gateway contract. */
  readonly gateway: ListeningGatewayTwin;
  readonly sms: ListeningSmsTwin;
};

const GATEWAY_TWIN = 40;

/** Rejects when a port is taken. */
export async function startTwins({ port, rateLimitPerMinute, service }: TwinsParts): Promise<Twins> {
  const carrier = createCarrier({ clock });
  await using started = new AsyncDisposableStack();
  started.defer(() => carrier.close());
  const rate = rateLimitPerMinute === undefined ? {} : { rateLimitPerMinute };
  const common = { clock, random: Math.random, carrier, ...rate, ...entryOf(service) };
  const hook = (name: string, secret: string) =>
    service ? { hook: { url: `${service.url}/hooks/${name}`, headers: { 'x-throughline-secret': secret } } } : {};
  const genesys = started.use(
    await startGenesysTwin({
      ...common,
      port,
      ...hook('genesys', service?.genesysHookSecret ?? ''),
      ...openMessagingOf(service),
    }),
  );
  const cxone = started.use(
    await startCxoneTwin({
      ...common,
      port: port + SECOND_TWIN,
      ...hook('cxone', service?.cxoneHookSecret ?? ''),
      ...(service && { card: entryOf(service).entry }),
      ...ownChannelOf(service),
    }),
  );
  const gateway = started.use(
    await startGatewayTwin({ clock, random: Math.random, network: carrier, ...rate, port: port + GATEWAY_TWIN }),
  );
  const sms = started.use(await startSmsTwin({ clock, port: port + THIRD_TWIN }));
  const running = started.move();
  return { genesys, cxone, gateway, sms, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

/** As an administrator would enter it at Genesys Cloud. */
function openMessagingOf(service: TwinsParts['service']) {
  if (!service) return {};
  const webhookUrl = `${service.url}/hooks/genesys/open-messaging`;
  return { openMessaging: { webhookUrl, secret: service.desks.openMessaging } };
}

/** As an administrator would enter it at CXone. */
function ownChannelOf(service: TwinsParts['service']) {
  if (!service) return {};
  const box = `${service.url}/hooks/cxone/byoc`;
  const client = { clientId: OWN_CHANNEL_CLIENT_ID, clientSecret: service.desks.ownChannel };
  return { byoc: { box, authorizationUrl: `${box}/token`, ...client, form: 'posts' as const } };
}

function entryOf(service: TwinsParts['service']) {
  return service ? { entry: { url: service.url, headers: { authorization: `Bearer ${service.entryKey}` } } } : {};
}
