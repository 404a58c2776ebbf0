// Owns the sender of the hook bench, in a process of its own so that it does not run on the server's thread: so many kept-alive
// connections, each posting the next event as soon as the one before is answered. Told what to send, it answers how long it took.

import { Agent, request } from 'node:http';
import { ANSWER_WITHIN_MS, CONNECTIONS, eventFor, type Sending, secretHeaders } from './hook-event.ts';

const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });

function post(url: string, body: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { ...secretHeaders, 'content-length': Buffer.byteLength(body) };
    const call = request(url, { agent, method: 'POST', headers, timeout: ANSWER_WITHIN_MS }, (answer) => {
      answer.resume();
      answer.once('end', () => resolve(answer.statusCode ?? 0)).once('error', reject);
    });
    call.once('error', reject).once('timeout', () => call.destroy(new Error('no answer in time')));
    call.end(body);
  });
}

async function send({ url, conversations }: Sending): Promise<number> {
  const bodies = conversations.map((conversation) => JSON.stringify(eventFor(conversation))).values();
  const started = performance.now();
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      for (const body of bodies) {
        const status = await post(url, body);
        if (status !== 200) throw new Error(`the hook answered ${status}`);
      }
    }),
  );
  return performance.now() - started;
}

process.on('message', async (sending: Sending) => {
  process.send?.(await send(sending));
});
process.once('disconnect', () => process.exit(0));
