// Owns the measures of our own conversations: what an open one costs in memory, and how long a message takes to be acknowledged (sealed,
// hashed, durable) beside a bare WebSocket server that writes one row per message and fsyncs it, in the same run; with a block flow, whose turn
// travels in the message's own append, and with a bot that has to be asked, whose turn is an append of its own.

import { type ChildProcess, fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { WebSocketServer } from 'ws';
import type { Bot } from '../src/bots/bot.ts';
import { flowBot } from '../src/bots/flow/flow-bot.ts';
import { readFlow } from '../src/bots/flow/flow-file.ts';
import { foreseeing } from '../src/execute-chat.ts';
import type { ExternalId, InteractionId, PlatformName } from '../src/ids.ts';
import { Journal } from '../src/journal/journal.ts';
import { Runner } from '../src/journal/runner.ts';
import { machineClock as clock } from '../src/machine-clock.ts';
import type { Execute } from '../src/protocols/command.ts';
import { ChatServer } from '../src/server/chat-server.ts';
import { SessionSeal } from '../src/server/session-seal.ts';
import type { Opening, Speaking, Told } from './chat-client.ts';
import { type Figure, median, quantile } from './figures.ts';
import { newId } from './house.ts';
import { STORES } from './stores.ts';

const CHATS = 5_000;
const PER_SECOND = 200;
const SECONDS = 3;
const ROUNDS = 7;
const BAR = 2;
/** Of a connection with everything of its conversation that is kept in memory. */
const MEMORY_BAR_KB = 64;
const ANCHOR = 'throughline' as PlatformName;
const SECRET = randomBytes(32);

export async function chats(): Promise<readonly Figure[]> {
  await using house = await openHouse();
  const before = settledRss();
  const cookies = { flow: await house.open(CHATS / 2, 'flow'), asked: await house.open(CHATS / 2, 'asked') };
  await using ours = await listening(house.server);
  await using bare = await bareServer();

  await using withFlow = await startCustomers();
  await withFlow.open({ url: ours.url, cookies: cookies.flow, hello: true });
  await using withAsked = await startCustomers();
  await withAsked.open({ url: ours.url, cookies: cookies.asked, hello: true });
  const perChat = (settledRss() - before) / CHATS / 1_024;

  await using others = await startCustomers();
  await others.open({ url: bare.url, cookies: cookies.flow.slice(0, 200), hello: false });

  const speaking = { perSecond: PER_SECOND, seconds: SECONDS };
  const p99 = async (customers: typeof others) => quantile(await customers.speak(speaking), 0.99);
  const rounds: { readonly bare: number; readonly flow: number; readonly asked: number }[] = [];
  for (let round = 0; round < ROUNDS; round += 1)
    rounds.push({ bare: await p99(others), flow: await p99(withFlow), asked: await p99(withAsked) });
  const middle = (of: (round: (typeof rounds)[number]) => number) => median(rounds.map(of));
  const timesBare = (measure: string, ratio: number): Figure => ({
    measure,
    value: `${ratio.toFixed(2)}×`,
    bar: `≤ ${BAR}×`,
    holds: ratio <= BAR,
  });
  return [
    {
      measure: `growth of the process per open chat, ${CHATS} open`,
      value: `${perChat.toFixed(1)} KB`,
      bar: `≤ ${MEMORY_BAR_KB} KB`,
      holds: perChat <= MEMORY_BAR_KB,
    },
    {
      measure: `a message to a block flow, said to acknowledged, p99 at ${PER_SECOND}/s`,
      value: `${middle(({ flow }) => flow).toFixed(1)} ms`,
      bar: '',
      holds: null,
    },
    {
      measure: 'a message to a bot that is asked, the same',
      value: `${middle(({ asked }) => asked).toFixed(1)} ms`,
      bar: '',
      holds: null,
    },
    {
      measure: 'the same, a bare socket with one fsynced row each, p99',
      value: `${middle(({ bare: took }) => took).toFixed(1)} ms`,
      bar: '',
      holds: null,
    },
    timesBare(
      'a block flow, of the bare one',
      middle(({ flow, bare: took }) => flow / took),
    ),
    timesBare(
      'a bot that is asked, of the bare one',
      middle(({ asked, bare: took }) => asked / took),
    ),
  ];
}

/** Everything of the process that is in memory: the conversations' own state, their connections, and what the way there left behind. */
function settledRss(): number {
  const { gc } = globalThis as { readonly gc?: () => void };
  gc?.();
  gc?.();
  return process.memoryUsage().rss;
}

async function openHouse() {
  const folder = mkdtempSync(join(tmpdir(), 'throughline-chat-'));
  const store = STORES.sqlite({ folder });
  const journal = await Journal.open(store, randomBytes(32));
  const onFault = (error: unknown) => {
    throw error;
  };
  const bots = new Map([['flow', silentFlow()]]);
  const foresee = foreseeing({ bots });
  const runner = new Runner({
    journal,
    clock,
    random: Math.random,
    owner: 'bench',
    execute: sayNothing,
    foresee,
    onFault,
  });
  await runner.start({ recovering: true });
  const parts = { journal, runner, clock, sessionSecret: SECRET, behindProxy: false, onError: onFault };
  const chat = { anchor: ANCHOR, bots: {}, bot: 'flow', findClaim: async () => null, fresh: true };
  const sockets = new ChatServer(parts, chat, { perAddress: CHATS });
  const server = createServer();
  server.on('upgrade', (request, stream, head) => {
    if (!sockets.upgrade(request, stream, head)) stream.destroy();
  });
  const seal = new SessionSeal(SECRET, 'chat');

  const openOne = async (bot: string): Promise<string> => {
    const terms = { bot, turnTimeoutMs: 4_000 };
    const id = newId() as InteractionId;
    const externalId = newId() as ExternalId;
    const leg = { platform: ANCHOR, externalId, channel: 'webchat' } as const;
    const opens = {
      kind: 'open-interaction',
      actor: 'bench',
      id,
      channel: 'webchat',
      direction: 'inbound',
      customer: {},
      context: {},
      leg,
    } as const;
    const chats = {
      kind: 'open-chat',
      actor: 'bench',
      leg,
      device: 'phone',
      terms,
      move: false,
      greet: false,
    } as const;
    await Promise.all(runner.submitAll(id, [{ input: opens }, { input: chats }]));
    const expiresAt = clock.now() + 3_600_000;
    return `throughline-chat=${seal.seal({ interactionId: id, externalId, device: 'phone', expiresAt })}`;
  };
  return {
    server,
    open: (count: number, bot: string) => Promise.all(Array.from({ length: count }, () => openOne(bot))),
    async [Symbol.asyncDispose]() {
      await sockets[Symbol.asyncDispose]();
      await runner[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true });
    },
  };
}

/** A flow that has nothing to say and asks again: its turn is journaled all the same. */
function silentFlow(): Bot {
  const read = readFlow("bot: flow\nflows: { main: [{ ask: { say: '{{nothing}}', save: said } }, { go: main }] }");
  if (read.kind !== 'flow') throw new Error(read.faults.join('; '));
  return flowBot(read.flow, async () => {
    throw new Error('nobody is asked here');
  });
}

/** A bot that has nothing to say either, and has to be asked for that. */
const sayNothing: Execute = async (command) => {
  if (command.kind !== 'RunBotTurn') throw new Error(`nobody asks for ${command.kind} here`);
  return { kind: 'done', of: 'RunBotTurn', result: { messages: [], actions: [], memory: null } };
};

/** The least that a durable chat can be: a row per message, fsynced, then the acknowledgement. */
async function bareServer() {
  const folder = mkdtempSync(join(tmpdir(), 'throughline-bare-'));
  const database = new DatabaseSync(join(folder, 'bare.db'));
  database.exec('pragma journal_mode = wal; pragma synchronous = full; create table message (id text, text text)');
  const insert = database.prepare('insert into message values (?, ?)');
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  const server = createServer();
  server.on('upgrade', (request, stream, head) => {
    sockets.handleUpgrade(request, stream, head, (socket) => {
      socket.on('message', (data) => {
        const { id, text } = JSON.parse(String(data)) as { readonly id: string; readonly text: string };
        insert.run(id, text);
        socket.send(JSON.stringify({ type: 'ack', id, seq: 1 }));
      });
    });
  });
  const listener = await listening(server);
  return {
    url: listener.url,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets.clients) socket.terminate();
      await listener[Symbol.asyncDispose]();
      database.close();
      rmSync(folder, { recursive: true });
    },
  };
}

async function listening(server: Server) {
  server.listen(0, '127.0.0.1', 4_096);
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function startCustomers() {
  const child: ChildProcess = fork(fileURLToPath(new URL('chat-client.ts', import.meta.url)));
  const gone = once(child, 'exit').then(() => Promise.reject(new Error('the customers of the chat bench ended')));
  gone.catch(() => {});
  const ask = async (asked: Opening | Speaking | 'close'): Promise<Told> => {
    const told = once(child, 'message') as Promise<[Told]>;
    child.send(asked);
    const [answer] = await Promise.race([told, gone]);
    return answer;
  };
  return {
    open: (opening: Opening) => ask(opening),
    speak: async (speaking: Speaking): Promise<readonly number[]> => {
      const told = await ask(speaking);
      return told.kind === 'spoken' ? told.took : [];
    },
    async [Symbol.asyncDispose]() {
      child.disconnect();
    },
  };
}
