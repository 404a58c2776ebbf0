#!/usr/bin/env node
// The composition root's door: which command was asked for, what is shown to the person who asked, and an orderly end. Nothing
// imports it.

import { Command } from 'commander';
import { auditCommand } from './cli/audit.ts';
import { conformanceCommand } from './cli/conformance.ts';
import { playDemo } from './cli/demo.ts';
import { proofCommand } from './cli/proof.ts';
import { replayCommand } from './cli/replay.ts';
import { BadConfiguration, type Config, type Mode, readConfig } from './config.ts';
import { withTwinsKey } from './config-twins.ts';
import { auditCopy, keyOfCopy } from './journal/audit-copy.ts';
import { machineClock } from './machine-clock.ts';
import { GATEWAY_SCHEMAS } from './platforms/gateway/gateway-openapi.ts';
import { hookJudge } from './platforms/gateway/hook.ts';
import { startService } from './service.ts';
import { startTwins, type Twins } from './start-twins.ts';
import { DEMO_ACCESS_KEY } from './twins/cxone/tenant.ts';
import { DEMO_TWILIO, DEMO_VONAGE } from './twins/sms/sms-twin.ts';

const VERSION = '0.1.0';
const ORPHAN_CHECK_MS = 250;

async function run(mode: Mode): Promise<void> {
  const config = readConfig(mode);
  await using running = new AsyncDisposableStack();
  const stopped = untilStopped();
  const twins = config.twin ? running.use(await startTwins(twinsOf(config, config.twin))) : null;
  if (mode !== 'twins') {
    const service = running.use(await startService(withTwinsKey(config, twins?.sms.vonagePrivateKey()), VERSION));
    service.checked.then(
      (faults) => faults.length > 0 && stopped.because(new BadConfiguration(faults)),
      (error) => stopped.because(error),
    );
    greet(config, service.url);
    if (twins) introduceTwins(twins);
    if (config.demo && twins) void demonstrate(config.demo.key, service.url, twins, stopped.signal);
  }
  if (mode === 'twins' && twins) introduceTwins(twins);
  await stopped.promise;
}

/** In `npm start` the twins tell the service what happens, and ask it whose a call is. */
function twinsOf(
  { mode, port: servicePort }: Config,
  twin: NonNullable<Config['twin']>,
): Parameters<typeof startTwins>[0] {
  const { port, rateLimitPerMinute, hookSecret, cxoneHookSecret, entryKey, desks } = twin;
  const url = `http://127.0.0.1:${servicePort}`;
  const service = { url, genesysHookSecret: hookSecret, cxoneHookSecret, entryKey, desks };
  return {
    port,
    ...(rateLimitPerMinute !== undefined && { rateLimitPerMinute }),
    ...(mode !== 'twins' && { service }),
  };
}

function greet(config: Config, url: string): void {
  if (config.mode === 'serve') return;
  console.log(`
  Throughline ${VERSION}

  Open      ${url}
  and sign in with the API key
            ${config.devKey ?? 'that THROUGHLINE_API_KEY holds'}

${config.chat ? `  chat      ${url}/c/chat   ${config.chat.bot} answers\n` : ''}  docs      ${url}/docs
  hook      ${url}/hooks/genesys   x-throughline-secret: ${config.twin?.hookSecret ?? 'as configured'}
  journal   ${config.databaseUrl ? 'PostgreSQL (DATABASE_URL)' : `${config.dataFolder} (embedded; the keys in it were made for development)`}`);
}

function introduceTwins({ genesys, cxone, gateway, sms }: Twins): void {
  const { accessKeyId, accessKeySecret } = DEMO_ACCESS_KEY;
  console.log(`  twins     ${genesys.url}   Genesys Cloud; client twin-client, secret twin-secret
            ${cxone.url}   NICE CXone; access key ${accessKeyId}, secret ${accessKeySecret}
                                    (client twin-client, secret twin-secret)
            ${gateway.url}   the gateway contract; token twin-gateway-token
            ${sms.url}   Twilio; account ${DEMO_TWILIO.accountSid}, auth token ${DEMO_TWILIO.authToken}
                                    Vonage; application ${DEMO_VONAGE.applicationId}
`);
}

async function demonstrate(key: string, service: string, running: Twins, signal: AbortSignal): Promise<void> {
  const twins = { genesys: running.genesys.url, cxone: running.cxone.url, phones: running.sms.url };
  console.log('  Journeys are playing (THROUGHLINE_DEMO=off keeps it quiet). Ctrl-C ends it.\n');
  await playDemo({ service, key, twins, signal, log: (line) => console.log(line) }).catch((error: unknown) => {
    if (!signal.aborted)
      console.error(`  The journeys stopped: ${error instanceof Error ? error.message : String(error)}`);
  });
}

/** Until somebody says stop, or something says why not to go on. */
function untilStopped() {
  const stopping = new AbortController();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const stop = () => {
    stopping.abort();
    resolve();
  };
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, stop);
  // npm runs us in a shell that passes no signal on; when it is gone, so is whoever wanted us.
  const parent = process.ppid;
  const orphaned = () => process.ppid !== parent && stop();
  if (process.env.npm_lifecycle_event) setInterval(orphaned, ORPHAN_CHECK_MS).unref();
  const because = (reason: unknown) => {
    stopping.abort();
    reject(reason);
  };
  return { promise, signal: stopping.signal, because };
}

function fail(error: unknown): never {
  console.error(error instanceof BadConfiguration || error instanceof Error ? error.message : String(error));
  process.exit(1);
}

const program = new Command('throughline')
  .description('The open handoff layer for contact centers: moves a live conversation and loses nothing on the way.')
  .version(VERSION)
  .showHelpAfterError();

const modes: readonly (readonly [Mode, string])[] = [
  ['start', 'the service with twins, development keys and playing journeys: to look around'],
  ['serve', 'the service for production: refuses to start on a bad configuration (docs/configuration.md)'],
  ['twins', 'the vendors’ simulators alone'],
];
for (const [mode, what] of modes)
  program
    .command(mode)
    .description(what)
    .action(() => run(mode).catch(fail));
for (const command of [
  replayCommand,
  auditCommand({ audit: auditCopy, keyOf: keyOfCopy }),
  proofCommand,
  conformanceCommand(GATEWAY_SCHEMAS, hookJudge(machineClock)),
])
  program.addCommand(command);

await program.parseAsync();
