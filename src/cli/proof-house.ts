// Owns the processes of a proof: twins and a service of its own, on free ports, with a journal, keys and a configuration
// that live in a temporary folder and go with it. The service can be killed as a power cut would, and started again.

import { type ChildProcess, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { CommandFailure } from './command-failure.ts';
import { type ServiceClient, serviceClient } from './service-client.ts';
import { type TwinClient, type TwinSettings, twinClient } from './twin-client.ts';

export type House = AsyncDisposable & {
  readonly service: ServiceClient;
  /** Of Genesys Cloud. */
  readonly twin: TwinClient;
  readonly cxone: TwinClient;
  /** SIGKILL: nothing is flushed, nothing says goodbye. */
  kill(): Promise<void>;
  /** Starts the service again on the same data; resolves when it listens. */
  restart(): Promise<void>;
  /** What the service wrote last. */
  lastWords(): string;
};

/** Where everything is, and the secrets by which it knows each other. */
export type Addresses = {
  readonly service: string;
  readonly genesys: string;
  readonly cxone: string;
  readonly secrets: { readonly genesysHook: string; readonly cxoneHook: string; readonly entry: string };
};

export type HouseOptions = {
  /** Of the vendors' quotas, for the twins and for our own governor. */
  readonly ratePerMinute: number;
  /** The service's configuration file. A key of the scope `claims` comes with it, for the twins' entries. */
  readonly configuration: (at: Addresses) => Readonly<Record<string, unknown>>;
  readonly settings: (at: Addresses) => { readonly genesys: TwinSettings; readonly cxone?: TwinSettings };
};

/** Lower than in production, so that a call that hangs costs little time. */
export const COMMAND_TIMEOUT_SEC = 2;
/** What the service reckons with beyond the time the twins take. */
export const MARGIN_MS = 3_000;

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));
/** From the port that the twins are told to where they stand: Genesys, CXone, text messages, the gateway. */
const TWINS_AT = [10, 20, 30, 50] as const;
const READY_WITHIN_MS = 60_000;
const LAST_WORDS_CHARS = 2_000;

/** Starts everything and waits until it is ready. Throws CommandFailure with the last words of what is not. */
export async function openHouse({ ratePerMinute, configuration, settings }: HouseOptions): Promise<House> {
  const folder = await mkdtemp(join(tmpdir(), 'throughline-proof-'));
  const [twinsPort, port] = [await freePort(TWINS_AT), await freePort([0])];
  const key = secret();
  const local = (one: number) => `http://127.0.0.1:${one}`;
  const at: Addresses = {
    service: local(port),
    genesys: local(twinsPort + TWINS_AT[0]),
    cxone: local(twinsPort + TWINS_AT[1]),
    secrets: { genesysHook: secret(), cxoneHook: secret(), entry: secret() },
  };
  const twin = twinClient({ baseUrl: at.genesys });
  const cxone = twinClient({ baseUrl: at.cxone });
  const service = serviceClient({ baseUrl: at.service, key });
  const rate = { THROUGHLINE_RATE_PER_MINUTE: String(ratePerMinute) };
  const serveEnv = {
    ...rate,
    PORT: String(port),
    THROUGHLINE_DATA: join(folder, 'service'),
    THROUGHLINE_CONFIG: join(folder, 'throughline.yaml'),
    THROUGHLINE_MASTER_KEY: randomBytes(32).toString('base64'),
    THROUGHLINE_API_KEY: key,
  };
  const keys = [{ name: 'entry', sha256: sha256(at.secrets.entry), scopes: ['claims'] }];
  // JSON is YAML.
  await writeFile(serveEnv.THROUGHLINE_CONFIG, JSON.stringify({ ...configuration(at), keys }));

  const twins = start('twins', { ...rate, PORT: String(twinsPort), THROUGHLINE_DATA: join(folder, 'twins') });
  let serving = start('serve', serveEnv);
  const leaveNothing = () => {
    for (const { child } of [twins, serving]) child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  };
  process.once('exit', leaveNothing);
  async function close(): Promise<void> {
    process.off('exit', leaveNothing);
    await Promise.all([twins, serving].map(end));
    await rm(folder, { recursive: true, force: true });
  }

  try {
    await whenReady(twins, () => answers(cxone));
    const told = settings(at);
    await twin.changeSettings(told.genesys);
    if (told.cxone) await cxone.changeSettings(told.cxone);
    await whenReady(serving, async () => (await service.readiness()) === 'ready');
  } catch (error) {
    await close();
    throw error;
  }
  return {
    service,
    twin,
    cxone,
    kill: () => end(serving),
    async restart() {
      serving = start('serve', serveEnv);
      await whenReady(serving, async () => (await service.readiness()) !== 'absent');
    },
    lastWords: () => serving.lastWords(),
    [Symbol.asyncDispose]: close,
  };
}

function secret(): string {
  return randomBytes(24).toString('base64url');
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

type Started = { readonly child: ChildProcess; readonly lastWords: () => string };

/** With an environment of its own: nothing of the caller's can leak into the proof. */
function start(mode: 'twins' | 'serve', env: Readonly<Record<string, string>>): Started {
  const child = spawn(process.execPath, [MAIN, mode], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let words = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      words = (words + text).slice(-LAST_WORDS_CHARS);
    });
  }
  return { child, lastWords: () => words.trim() };
}

async function end({ child }: Started): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

async function whenReady({ child, lastWords }: Started, ready: () => Promise<boolean>): Promise<void> {
  const until = performance.now() + READY_WITHIN_MS;
  while (!(await ready())) {
    const ended = child.exitCode !== null || child.signalCode !== null;
    if (ended || performance.now() > until) {
      throw new CommandFailure(`A process of the proof did not become ready. Its last words:\n${lastWords()}`);
    }
    await sleep(50);
  }
}

async function answers(twin: TwinClient): Promise<boolean> {
  try {
    await twin.settings();
    return true;
  } catch (error) {
    if (error instanceof CommandFailure) return false;
    throw error;
  }
}

const MOST_DRAWS = 20;

/** One at which, and at all of these distances above which, nobody listens. */
async function freePort(distances: readonly number[]): Promise<number> {
  for (let draw = 0; draw < MOST_DRAWS; draw += 1) {
    const held: Server[] = [];
    try {
      const first = await listening(0);
      held.push(first);
      const port = portOf(first);
      for (const distance of distances) if (distance > 0) held.push(await listening(port + distance));
      return port;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error)) throw error;
    } finally {
      await Promise.all(held.map((server) => once(server.close(), 'close')));
    }
  }
  throw new CommandFailure('No free ports were found for the twins.');
}

async function listening(port: number): Promise<Server> {
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
  return address.port;
}
