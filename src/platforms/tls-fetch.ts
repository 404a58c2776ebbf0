// Owns the way to a platform over TLS as the configuration wants it: version, authorities, our certificate. What goes wrong before the
// connection is secured was provably not sent (H5), and says so; a certificate that is refused, theirs or ours, is told.

import type { IncomingMessage } from 'node:http';
import { Agent, request as sendOver } from 'node:https';
import { Readable } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { WebSocket } from 'ws';
import type { Fetch } from './http.ts';
import { codeOf, isAboutTls, isOurCertificateRefused, NotSecured } from './not-secured.ts';
import type { SocketConstructor } from './socket.ts';
import type { ClientTls } from './tls-config.ts';

export type TlsWay = {
  readonly fetch: Fetch;
  readonly socket: SocketConstructor;
  /** Ends connections that are kept for the next call. */
  close(): void;
};

const WITHOUT_BODY: ReadonlySet<number> = new Set([204, 205, 304]);

/** `refused` is told the code of each refusal. Anything but `https:` goes the usual way. */
export function tlsWay(tls: ClientTls, refused: (code: string) => void): TlsWay {
  const agent = new Agent({ ...tls, keepAlive: true });
  const told = (error: unknown) => {
    if (error instanceof NotSecured && isAboutTls(error.code)) refused(error.code);
    throw error;
  };
  return {
    fetch: (url, init) => (url.startsWith('https:') ? send(agent, url, init).catch(told) : globalThis.fetch(url, init)),
    socket: socketOver(tls, refused),
    close: () => agent.destroy(),
  };
}

/** What is used of a WebSocket is the same of this one and of the global one. */
function socketOver(tls: ClientTls, refused: (code: string) => void): SocketConstructor {
  class Secured extends WebSocket {
    constructor(url: string) {
      super(url, tls);
      this.on('error', (error) => {
        if (isAboutTls(codeOf(error))) refused(codeOf(error));
      });
    }
  }
  return Secured as unknown as SocketConstructor;
}

function send(agent: Agent, url: string, { method = 'GET', headers, body, signal }: RequestInit): Promise<Response> {
  return new Promise((resolve, reject) => {
    let isSecured = false;
    const request = sendOver(url, {
      agent,
      method,
      headers: Object.fromEntries(new Headers(headers)),
      ...(signal && { signal }),
    });
    request.once('socket', (socket) => {
      if (request.reusedSocket) isSecured = true;
      else (socket as TLSSocket).once('secureConnect', () => (isSecured = true));
    });
    request.once('response', (incoming) => resolve(responseOf(incoming)));
    request.once('error', (error) => {
      const code = codeOf(error);
      reject(isSecured && !isOurCertificateRefused(code) ? error : new NotSecured(code, { cause: error }));
    });
    request.end(typeof body === 'string' ? body : undefined);
  });
}

function responseOf(incoming: IncomingMessage): Response {
  const headers = new Headers();
  for (let at = 0; at < incoming.rawHeaders.length; at += 2) {
    headers.append(incoming.rawHeaders[at] ?? '', incoming.rawHeaders[at + 1] ?? '');
  }
  const status = incoming.statusCode ?? 0;
  if (WITHOUT_BODY.has(status)) incoming.resume();
  const body = WITHOUT_BODY.has(status) ? null : (Readable.toWeb(incoming) as ReadableStream<Uint8Array>);
  return new Response(body, { status, headers });
}
