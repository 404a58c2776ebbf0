// Owns the twins of one process: the contact centers on one telephone network, so that a call goes from each to the other. Beside a service they tell it
// what happens and ask it whose a call is; alone they tell nobody until `PUT /twin/settings` says whom. Part of the composition root.

import { SECOND_TWIN } from './config-twins.ts';
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
  };
};

export type Twins = AsyncDisposable & {
  readonly genesys: ListeningGenesysTwin;
  readonly cxone: ListeningCxoneTwin;
  readonly sms: ListeningSmsTwin;
  /** The reference server of the gateway contract. */
  readonly gateway: ListeningGatewayTwin;
};

const SMS_TWIN = 20;
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
    await startGenesysTwin({ ...common, port, ...hook('genesys', service?.genesysHookSecret ?? '') }),
  );
  const cxone = started.use(
    await startCxoneTwin({ ...common, port: port + SECOND_TWIN, ...hook('cxone', service?.cxoneHookSecret ?? '') }),
  );
  const sms = started.use(await startSmsTwin({ clock, port: port + SMS_TWIN }));
  const gateway = started.use(
    await startGatewayTwin({ clock, random: Math.random, network: carrier, ...rate, port: port + GATEWAY_TWIN }),
  );
  const running = started.move();
  return { genesys, cxone, sms, gateway, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

function entryOf(service: TwinsParts['service']) {
  return service ? { entry: { url: service.url, headers: { authorization: `Bearer ${service.entryKey}` } } } : {};
}
