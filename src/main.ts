#!/usr/bin/env node
// The composition root's door: which command was asked for, what is shown to the person who asked, and an orderly end. Nothing
// imports it.

import { Command } from 'commander';
import { auditCommand } from './cli/audit.ts';
import { playDemo } from './cli/demo.ts';
import { proofCommand } from './cli/proof.ts';
import { replayCommand } from './cli/replay.ts';
import { BadConfiguration, type Config, type Mode, readConfig } from './config.ts';
import { auditCopy, keyOfCopy } from './journal/audit-copy.ts';
import { machineClock } from './machine-clock.ts';
import { startService } from './service.ts';
import { type Carrier, createCarrier } from './twins/carrier.ts';
import { type ListeningCxoneTwin, startCxoneTwin } from './twins/cxone/cxone-twin.ts';
import { DEMO_ACCESS_KEY } from './twins/cxone/tenant.ts';
import { type ListeningGenesysTwin, startGenesysTwin } from './twins/genesys/genesys-twin.ts';

const VERSION = '0.1.0';
const ORPHAN_CHECK_MS = 250;

async function run(mode: Mode): Promise<void> {
  const config = readConfig(mode);
  await using running = new AsyncDisposableStack();
  const stopped = untilStopped();
  const carrier = createCarrier({ clock: machineClock });
  const twin = config.twin ? running.use(await startTwin(config, carrier)) : null;
  const cxone = config.twin ? running.use(await startSecondTwin(config, carrier)) : null;
  if (mode !== 'twins') {
    const service = running.use(await startService(config, VERSION));
    service.checked.then(
      (faults) => faults.length > 0 && stopped.because(new BadConfiguration(faults)),
      (error) => stopped.because(error),
    );
    greet(config, service.url);
    introduceTwins(twin, cxone);
    if (config.demo && twin) void demonstrate(config.demo.key, service.url, twin.url, stopped.signal);
  }
  if (mode === 'twins') introduceTwins(twin, cxone);
  await stopped.promise;
}

/** In `npm start` the twin tells the service what happens; alone it tells nobody until `PUT /twin/settings` says whom. */
async function startTwin({ twin, mode, port }: Config, carrier: Carrier): Promise<ListeningGenesysTwin> {
  if (!twin) throw new Error('The configuration names platforms of its own, so there is no twin to start.');
  const hook = { url: `http://127.0.0.1:${port}/hooks/genesys`, headers: { 'x-throughline-secret': twin.hookSecret } };
  return startGenesysTwin({
    port: twin.port,
    clock: machineClock,
    random: Math.random,
    carrier,
    ...(mode === 'twins' ? {} : { hook }),
    ...(twin.rateLimitPerMinute === undefined ? {} : { rateLimitPerMinute: twin.rateLimitPerMinute }),
  });
}

/** Ten ports above the first, on the same telephone network. */
async function startSecondTwin({ twin }: Config, carrier: Carrier): Promise<ListeningCxoneTwin> {
  if (!twin) throw new Error('The configuration names platforms of its own, so there is no twin to start.');
  const { port, rateLimitPerMinute } = twin;
  const rate = rateLimitPerMinute === undefined ? {} : { rateLimitPerMinute };
  return startCxoneTwin({ port: port + 10, clock: machineClock, random: Math.random, carrier, ...rate });
}

function greet(config: Config, url: string): void {
  if (config.mode === 'serve') return;
  console.log(`
  Throughline ${VERSION}

  Open      ${url}
  and sign in with the API key
            ${config.devKey ?? 'that THROUGHLINE_API_KEY holds'}

  docs      ${url}/docs
  hook      ${url}/hooks/genesys   x-throughline-secret: ${config.twin?.hookSecret ?? 'as configured'}
  journal   ${config.databaseUrl ? 'PostgreSQL (DATABASE_URL)' : `${config.dataFolder} (embedded; the keys in it were made for development)`}`);
}

function introduceTwins(genesys: ListeningGenesysTwin | null, cxone: ListeningCxoneTwin | null): void {
  if (genesys) console.log(`  twins     ${genesys.url}   Genesys Cloud; client twin-client, secret twin-secret`);
  if (cxone) {
    const { accessKeyId, accessKeySecret } = DEMO_ACCESS_KEY;
    console.log(`            ${cxone.url}   NICE CXone; access key ${accessKeyId}, secret ${accessKeySecret}`);
    console.log('                                    (client twin-client, secret twin-secret)\n');
  }
}

async function demonstrate(key: string, service: string, twin: string, signal: AbortSignal): Promise<void> {
  console.log('  Journeys are playing (THROUGHLINE_DEMO=off keeps it quiet). Ctrl-C ends it.\n');
  await playDemo({ service, key, twin, signal, log: (line) => console.log(line) }).catch((error: unknown) => {
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
for (const command of [replayCommand, auditCommand({ audit: auditCopy, keyOf: keyOfCopy }), proofCommand])
  program.addCommand(command);

await program.parseAsync();
