// Owns the measure of hook intake: `POST /hooks/genesys`, verified, read, decided, sealed and durable before the answer, against the
// bare HTTP framework that answers 200 to the same request and does nothing else. Real HTTP over loopback, the sender in a second
// process, both sides in turn.

import { type ChildProcess, fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { createAdaptorServer } from '@hono/node-server';
import { Hono } from 'hono';
import { EntryBook } from '../src/journal/entries.ts';
import { machineRandomBytes } from '../src/journal/random-bytes.ts';
import { machineClock as clock } from '../src/machine-clock.ts';
import { readDetailEvents } from '../src/platforms/genesys/detail-event.ts';
import { genesysHookVerifier } from '../src/platforms/genesys/hook.ts';
import { buildServer } from '../src/server/app.ts';
import { NO_TRANSFERS } from '../test/contract/no-entries.ts';
import { type Figure, median } from './figures.ts';
import { SECRET, type Sending } from './hook-event.ts';
import { type House, newId, openHouse } from './house.ts';
import { PLATFORM, POLICY } from './instant-vendor.ts';

const ROUNDS = 5;
const EVENTS = 4_000;
const PATH = '/hooks/genesys';

type App = { readonly fetch: (request: Request) => Response | Promise<Response> };

function bareApp(): App {
  return new Hono().post(PATH, (c) => c.json({ received: 1 }));
}

function hookApp({ journal, runner }: House): App {
  const digest = (text: string) => createHash('sha256').update(text).digest('hex');
  return buildServer({
    journal,
    runner,
    clock,
    newId,
    policy: POLICY,
    transfers: NO_TRANSFERS,
    entries: new EntryBook(journal, clock),
    randomBytes: machineRandomBytes,
    manifestTtlMs: 86_400_000,
    retention: { contextMs: 86_400_000, idleMs: 86_400_000, overwrite: false },
    backupDays: 35,
    sessionSecret: Buffer.alloc(32, 9),
    behindProxy: false,
    keys: [],
    platforms: [],
    hooks: {
      genesys: [
        {
          verify: genesysHookVerifier([SECRET]),
          read: (payload) =>
            readDetailEvents(payload, { platform: PLATFORM, digest, receivedAt: clock.now(), queues: [] }),
        },
      ],
    },
    ready: async () => ({ ok: true, reasons: [] }),
    log: ({ code, detail }) => {
      throw new Error(`${code}: ${detail}`);
    },
    onError: (error) => {
      throw error;
    },
    version: 'bench',
  });
}

type Sender = { readonly process: ChildProcess; readonly gone: Promise<never> };

function startSender(): Sender {
  const sender = fork(fileURLToPath(new URL('hook-client.ts', import.meta.url)));
  const gone = once(sender, 'exit').then(() => Promise.reject(new Error('the sender of the hook bench ended')));
  return { process: sender, gone };
}

/** Milliseconds that the sender took for all of them. */
async function timed(app: App, sender: Sender, conversations: readonly string[]): Promise<number> {
  const server = createAdaptorServer({ fetch: app.fetch }) as Server;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const sending: Sending = { url: `http://127.0.0.1:${port}${PATH}`, conversations };
  sender.process.send(sending);
  const [took] = (await Promise.race([once(sender.process, 'message'), sender.gone])) as [number];
  server.closeAllConnections();
  server.close();
  return took;
}

/** The median of the rounds' ratios; who begins alternates. */
export async function hookIntake(): Promise<readonly Figure[]> {
  const sender = startSender();
  try {
    const rounds: { readonly hook: number; readonly bare: number }[] = [];
    for (let round = 0; round <= ROUNDS; round += 1) {
      await using house = await openHouse();
      const conversations = await house.open(EVENTS);
      const sides = { hook: () => hookApp(house), bare: bareApp };
      const took = { hook: 0, bare: 0 };
      for (const side of round % 2 === 0 ? (['hook', 'bare'] as const) : (['bare', 'hook'] as const)) {
        took[side] = await timed(sides[side](), sender, conversations);
      }
      // The first round warms both sides up and is not counted.
      if (round > 0) rounds.push(took);
    }
    return figuresOf(rounds);
  } finally {
    sender.process.kill('SIGKILL');
  }
}

function figuresOf(rounds: readonly { readonly hook: number; readonly bare: number }[]): readonly Figure[] {
  const ratio = median(rounds.map(({ hook, bare }) => bare / hook));
  const perSecond = median(rounds.map(({ hook }) => (EVENTS / hook) * 1_000));
  return [
    { measure: 'hook intake, durable events', value: `${Math.round(perSecond)}/s`, bar: '', holds: null },
    {
      measure: 'hook intake against the bare HTTP framework',
      value: ratio.toFixed(2),
      bar: '≥ 0.50',
      holds: ratio >= 0.5,
    },
  ];
}
