// Owns the processes of a proof: a twin and a service of its own, on free ports, with a journal, keys and a configuration
// that live in a temporary folder and go with it. The service can be killed as a power cut would, and started again.

import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { CommandFailure } from './command-failure.ts';
import { type ServiceClient, serviceClient } from './service-client.ts';
import { type TwinClient, twinClient } from './twin-client.ts';

export type House = AsyncDisposable & {
  readonly service: ServiceClient;
  readonly twin: TwinClient;
  /** SIGKILL: nothing is flushed, nothing says goodbye. */
  kill(): Promise<void>;
  /** Starts the service again on the same data; resolves when it listens. */
  restart(): Promise<void>;
  /** What the service wrote last. */
  lastWords(): string;
};

export type HouseOptions = {
  /** Of the vendor's quota, for the twin and for our own governor. */
  readonly ratePerMinute: number;
  /** From a transfer's acceptance to its effect at the twin. */
  readonly settleMs: number;
};

/** Lower than in production, so that a call that hangs costs little time. */
export const COMMAND_TIMEOUT_SEC = 2;
/** What the service reckons with beyond the time the twin takes. */
const MARGIN_MS = 3_000;
/** Events may come late while the machine is busy: a transfer does not count as not made any earlier. */
const PATIENCE_SEC = 6;

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));
/** Twins stand beside a service: at its port and ten. */
const TWIN_OFFSET = 10;
/** From there to the twin of text messages, which starts beside it. */
const FURTHER_TWIN_OFFSET = 20;
const READY_WITHIN_MS = 30_000;
const LAST_WORDS_CHARS = 2_000;

/** Starts both and waits until they are ready. Throws CommandFailure with their last words when they are not. */
export async function openHouse({ ratePerMinute, settleMs }: HouseOptions): Promise<House> {
  const folder = await mkdtemp(join(tmpdir(), 'throughline-proof-'));
  const [twinPort, port] = [await freePort(FURTHER_TWIN_OFFSET), await freePort()];
  const secrets = { key: randomBytes(24).toString('base64url'), hook: randomBytes(24).toString('base64url') };
  const twin = twinClient({ baseUrl: `http://127.0.0.1:${twinPort}` });
  const service = serviceClient({ baseUrl: `http://127.0.0.1:${port}`, key: secrets.key });
  const rate = { THROUGHLINE_RATE_PER_MINUTE: String(ratePerMinute) };
  const serveEnv = {
    ...rate,
    PORT: String(port),
    THROUGHLINE_DATA: join(folder, 'service'),
    THROUGHLINE_CONFIG: join(folder, 'throughline.yaml'),
    THROUGHLINE_MASTER_KEY: randomBytes(32).toString('base64'),
    THROUGHLINE_API_KEY: secrets.key,
  };
  await writeFile(serveEnv.THROUGHLINE_CONFIG, configuration(`http://127.0.0.1:${twinPort}`, secrets.hook, settleMs));
  const twinEnv = { ...rate, PORT: String(twinPort - TWIN_OFFSET), THROUGHLINE_DATA: join(folder, 'twins') };

  const twins = start('twins', twinEnv);
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
    await whenReady(twins, () => answers(twin));
    await twin.changeSettings({
      settleMs,
      hook: { url: `${service.baseUrl}/hooks/genesys`, headers: { 'x-throughline-secret': secrets.hook } },
    });
    await whenReady(serving, async () => (await service.readiness()) === 'ready');
  } catch (error) {
    await close();
    throw error;
  }
  return {
    service,
    twin,
    kill: () => end(serving),
    async restart() {
      serving = start('serve', serveEnv);
      await whenReady(serving, async () => (await service.readiness()) !== 'absent');
    },
    lastWords: () => serving.lastWords(),
    [Symbol.asyncDispose]: close,
  };
}

/** JSON is YAML. */
function configuration(twinUrl: string, hookSecret: string, settleMs: number): string {
  const platform = {
    kind: 'genesys',
    loginUrl: twinUrl,
    apiUrl: twinUrl,
    clientId: 'twin-client',
    clientSecret: 'twin-secret',
    hookSecrets: [hookSecret],
    settleMs: settleMs + MARGIN_MS,
  };
  const handoffs = {
    commandTimeoutSec: COMMAND_TIMEOUT_SEC,
    confirmWithinSec: Math.ceil(settleMs / 1_000) + PATIENCE_SEC,
  };
  return JSON.stringify({ platforms: { genesys_cloud: platform }, handoffs });
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

/** Free, and with `also` the port so many above it. */
async function freePort(also?: number): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
  const isFree = also === undefined || (await canListen(address.port + also));
  server.close();
  await once(server, 'close');
  return isFree ? address.port : freePort(also);
}

async function canListen(port: number): Promise<boolean> {
  const server = createServer();
  // `once` rejects when the server says `error` instead.
  const listening = once(server, 'listening').then(
    () => true,
    () => false,
  );
  server.listen(port, '127.0.0.1');
  const could = await listening;
  server.close();
  return could;
}
