// Owns the customers of the chat bench, in a process of their own so that they do not run on the server's thread: so many open sockets, and
// messages at a steady rate over them, each timed from its sending to its acknowledgement.

import { WebSocket } from 'ws';

/** `cookies`: a session each, and a greeting to send first; the bare server needs neither. */
export type Opening = { readonly url: string; readonly cookies: readonly string[]; readonly hello: boolean };
export type Speaking = { readonly perSecond: number; readonly seconds: number };
export type Told = { readonly kind: 'opened' } | { readonly kind: 'spoken'; readonly took: readonly number[] };

/** At once, so that a listening queue is not what is measured. */
const OPENING_AT_ONCE = 100;

const sockets: WebSocket[] = [];
const waiting = new Map<string, { readonly sentAt: number; readonly done: (ms: number) => void }>();
let said = 0;

function opened(url: string, cookie: string, hello: boolean): Promise<void> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/c/socket`, {
    headers: { cookie, origin: url },
    perMessageDeflate: false,
  });
  sockets.push(socket);
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.on('open', () => (hello ? socket.send('{"type":"hello","seen":0}') : resolve()));
    socket.on('message', (data) => {
      const frame = JSON.parse(String(data)) as { readonly type: string; readonly id?: string };
      if (frame.type === 'welcome') resolve();
      if (frame.type === 'refused') throw new Error(`a message was refused: ${JSON.stringify(frame)}`);
      if (frame.type !== 'ack' || frame.id === undefined) return;
      const { sentAt, done } = waiting.get(frame.id) ?? { sentAt: 0, done: () => {} };
      waiting.delete(frame.id);
      done(performance.now() - sentAt);
    });
  });
}

async function open({ url, cookies, hello }: Opening): Promise<void> {
  const rest = cookies.values();
  const some = async () => {
    for (const cookie of rest) await opened(url, cookie, hello);
  };
  await Promise.all(Array.from({ length: OPENING_AT_ONCE }, some));
}

function say(socket: WebSocket): Promise<number> {
  said += 1;
  const id = `message-${process.pid}-${said}`;
  return new Promise((done) => {
    waiting.set(id, { sentAt: performance.now(), done });
    socket.send(JSON.stringify({ type: 'say', id, text: 'I was charged twice for the same order, can you look?' }));
  });
}

/** At times that do not depend on the answers: a slow server is not spared. */
async function speak({ perSecond, seconds }: Speaking): Promise<readonly number[]> {
  const answers: Promise<number>[] = [];
  const start = performance.now();
  for (let n = 0; n < perSecond * seconds; n += 1) {
    const due = start + (n * 1_000) / perSecond;
    const early = due - performance.now();
    if (early > 0) await new Promise((resolve) => setTimeout(resolve, early));
    const socket = sockets[(n * 7) % sockets.length];
    if (socket) answers.push(say(socket));
  }
  return Promise.all(answers);
}

process.on('message', async (asked: Opening | Speaking | 'close') => {
  const tell = (told: Told) => process.send?.(told);
  if (asked === 'close') {
    for (const socket of sockets.splice(0)) socket.terminate();
    tell({ kind: 'opened' });
  } else if ('url' in asked) {
    await open(asked);
    tell({ kind: 'opened' });
  } else tell({ kind: 'spoken', took: await speak(asked) });
});
process.once('disconnect', () => process.exit(0));
