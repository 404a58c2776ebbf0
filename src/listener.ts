// Owns the service's own port: plain, or with TLS and, where it is wanted, with callers that prove who they are by a certificate. Whoever is
// refused is told nothing, and the log by which code, never who.

import { createServer as createPlain, type IncomingMessage, type Server } from 'node:http';
import { createServer as createSecured } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { createAdaptorServer } from '@hono/node-server';
import type { Clock } from './clock.ts';
import { type Refused, refusals } from './refusals.ts';
import type { ServerTls } from './tls-files.ts';

export type ListenerParts = {
  readonly fetch: Parameters<typeof createAdaptorServer>[0]['fetch'];
  readonly port: number;
  readonly host: string;
  readonly tls: ServerTls | null;
  readonly clock: Clock;
  readonly refused: (refused: Refused) => void;
  /** Takes a connection that wants to become another, such as a WebSocket; false where it is not for us. */
  readonly upgrade?: (request: IncomingMessage, stream: Duplex, head: Buffer) => boolean;
};

const NOTHING_THERE = 'HTTP/1.1 404 Not Found\r\nconnection: close\r\ncontent-length: 0\r\n\r\n';

/** Resolves when it listens; rejects with a sentence when the port is taken. */
export async function openListener(parts: ListenerParts): Promise<{ readonly url: string; close(): Promise<void> }> {
  const { fetch, port, host, tls, upgrade } = parts;
  const server = tls === null ? createAdaptorServer({ fetch, createServer: createPlain }) : secured(parts, tls);
  // Of one that has not come to an agreement about TLS the server itself knows nothing, and would wait for it when it closes.
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  if (upgrade) {
    server.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
      if (!upgrade(request, stream, head)) stream.end(NOTHING_THERE);
    });
  }
  await listening(server as Server, port, host);
  return {
    url: `${tls === null ? 'http' : 'https'}://${host}:${port}`,
    close: () => closed(server as Server, sockets),
  };
}

function secured({ fetch, clock, refused }: ListenerParts, tls: ServerTls) {
  const serverOptions = { ...tls, ...(tls.ca !== undefined && { requestCert: true, rejectUnauthorized: true }) };
  const server = createAdaptorServer({ fetch, createServer: createSecured, serverOptions });
  const tell = refusals(clock, refused);
  server.on('tlsClientError', (error: NodeJS.ErrnoException, socket: TLSSocket) => {
    // Of a certificate that we do not take Node says only that the connection ended.
    tell(String(socket.authorizationError ?? error.code ?? 'unknown'));
  });
  return server;
}

function closed(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
    for (const socket of sockets) socket.destroy();
  });
}

function listening(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = error.code === 'EADDRINUSE';
      reject(
        taken ? new Error(`Port ${port} is taken. Stop what listens there, or set PORT.`, { cause: error }) : error,
      );
    });
    server.listen(port, host, resolve);
  });
}
