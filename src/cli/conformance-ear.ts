// Owns the listener to which the gateway under test posts its events: every delivery is judged by the verifier of our own hook, and kept
// with what is wrong with it in words. The first delivery of a message may be refused, to see whether it comes again.

import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fromJson } from './command-failure.ts';
import { type EventJudge, type InteractionEvent, misfit, type Shapes } from './conformance-shapes.ts';

export type Heard = {
  readonly event: InteractionEvent;
  readonly headers: IncomingMessage['headers'];
  /** What is wrong with its signature, its headers or its shape; undefined when nothing is. */
  readonly fault: string | undefined;
  /** Whether we said that we have it. */
  readonly taken: boolean;
};

export type EventEar = AsyncDisposable & {
  readonly port: number;
  /** Every delivery that speaks of this interaction, oldest first. */
  of(interactionId: string): readonly Heard[];
  /** Deliveries of anything at all. */
  count(): number;
  /** The first delivery of this interaction for which it holds, waited for; undefined when none comes in time. */
  hear(interactionId: string, holds: (heard: Heard) => boolean, withinMs: number): Promise<Heard | undefined>;
  /** The next delivery of this interaction is refused. */
  refuseNextOf(interactionId: string): void;
};

const POLL_MS = 25;
const WINDOW_SEC = 300;
const BODY_LIMIT = 1_048_576;

/** Listens; rejects when the port is taken. `port` 0 takes any free one. */
export async function openEar(given: {
  readonly port: number;
  readonly host: string;
  readonly secret: string;
  readonly shapes: Shapes;
  readonly judge: EventJudge;
}): Promise<EventEar> {
  const heard: Heard[] = [];
  const refusing = new Set<string>();
  const takes = given.judge.verifier(given.secret);
  const server = createServer((request, response) => {
    void bytesOf(request).then((body) => {
      const one = read(given.shapes, takes, request.headers, body);
      const taken = !refusing.delete(String(one.event?.interactionId));
      heard.push({ ...one, headers: request.headers, taken });
      response.writeHead(taken ? 204 : 503).end();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(given.port, given.host, resolve);
  });
  const of = (interactionId: string) => heard.filter(({ event }) => event?.interactionId === interactionId);
  return {
    port: (server.address() as AddressInfo).port,
    of,
    count: () => heard.length,
    async hear(interactionId, holds, withinMs) {
      const started = performance.now();
      for (;;) {
        const found = of(interactionId).find(holds);
        if (found !== undefined || performance.now() - started > withinMs) return found;
        await sleep(POLL_MS);
      }
    },
    refuseNextOf: (interactionId) => void refusing.add(interactionId),
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function bytesOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length;
    if (bytes <= BODY_LIMIT) chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}

type Verifier = ReturnType<EventJudge['verifier']>;

function read(shapes: Shapes, takes: Verifier, headers: IncomingMessage['headers'], body: Buffer) {
  const json = fromJson(body.toString('utf8'));
  const event = json as InteractionEvent;
  const isTaken = takes({ get: (name) => headers[name]?.toString() }, body);
  return { event, fault: (isTaken ? undefined : signatureFault(headers)) ?? bodyFault(shapes, headers, event) };
}

function bodyFault(shapes: Shapes, headers: IncomingMessage['headers'], event: InteractionEvent): string | undefined {
  const wrong = misfit(shapes, 'InteractionEvent', event);
  if (wrong !== undefined) return `not an InteractionEvent: ${wrong}`;
  if (event.id !== headers['webhook-id']) return `webhook-id is ${headers['webhook-id']}, the body's id ${event.id}`;
  return undefined;
}

/** Why it was not taken, as far as that shows without the secret. */
function signatureFault(headers: IncomingMessage['headers']): string {
  const [id, timestamp, signature] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) =>
    String(headers[name] ?? ''),
  );
  if (!id || !timestamp || !signature) return 'webhook-id, webhook-timestamp or webhook-signature is missing';
  if (!/^\d{1,12}$/.test(timestamp)) return 'webhook-timestamp is not in seconds since 1970';
  if (Math.abs(Date.now() / 1_000 - Number(timestamp)) > WINDOW_SEC) return 'webhook-timestamp is not of now';
  if (!signature.split(' ').some((one) => one.startsWith('v1,')))
    return 'webhook-signature names no version: each signature is "v1," and base64, separated by spaces';
  return 'no v1 signature in webhook-signature is right for these bytes and this secret';
}
