// Owns a twin's port: plain node:http, so that a twin can be asked thousands of times a second, and the two ways of not
// answering (a cut connection, and silence until the twin closes).

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { type Answering, parseBody, type TwinRequest, type TwinResponse, wireBody } from './exchange.ts';

const BODY_LIMIT_BYTES = 1_048_576;

export type HttpListener = { readonly url: string; readonly port: number; close(): Promise<void> };

export type ListenerParts = {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly answer: Answering;
  readonly onUpgrade?: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
};

/** Listens; rejects when the port is taken. */
export async function listen({ host, port, answer, onUpgrade }: ListenerParts): Promise<HttpListener> {
  const server = createServer((incoming, outgoing) => {
    void serve(incoming, outgoing, answer);
  });
  server.keepAliveTimeout = 60_000;
  server.requestTimeout = 0;
  if (onUpgrade !== undefined) server.on('upgrade', onUpgrade);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const bound = (server.address() as AddressInfo).port;
  return {
    port: bound,
    url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function serve(incoming: IncomingMessage, outgoing: ServerResponse, answer: Answering): Promise<void> {
  const text = await readText(incoming);
  if (text === undefined) return send(outgoing, { status: 413, body: { error: 'body too large' } });
  if (incoming.destroyed && !incoming.complete) return;
  const result = await answer(toTwinRequest(incoming, text));
  if (result.kind === 'respond') send(outgoing, result.response);
  else if (result.kind === 'drop') incoming.socket.destroy();
}

function toTwinRequest(incoming: IncomingMessage, text: string): TwinRequest {
  const target = incoming.url ?? '/';
  const mark = target.indexOf('?');
  const headers = incoming.headers as Record<string, string | undefined>;
  return {
    method: incoming.method ?? 'GET',
    path: mark === -1 ? target : target.slice(0, mark),
    query: new URLSearchParams(mark === -1 ? '' : target.slice(mark + 1)),
    headers,
    body: parseBody(headers['content-type'], text),
    loopback: isLoopback(incoming.socket.remoteAddress),
  };
}

/** 127.0.0.0/8 and ::1, also as an IPv4-mapped address (RFC 4291 §2.5.5.2). */
export function isLoopback(address: string | undefined): boolean {
  return address === '::1' || /^(::ffff:)?127\.\d+\.\d+\.\d+$/.test(address ?? '');
}

/** Undefined when the body is larger than the limit; the text so far when the peer went away. */
function readText(incoming: IncomingMessage): Promise<string | undefined> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    incoming.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > BODY_LIMIT_BYTES) resolve(undefined);
      else chunks.push(chunk);
    });
    incoming.on('close', () => resolve(Buffer.concat(chunks).toString('utf8')));
    incoming.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
  });
}

function send(outgoing: ServerResponse, response: TwinResponse): void {
  const { status, headers } = response;
  const { text, type } = wireBody(response);
  const length = { 'content-length': Buffer.byteLength(text) };
  outgoing.writeHead(status, text === '' ? { ...headers, ...length } : { 'content-type': type, ...headers, ...length });
  outgoing.end(text);
}
