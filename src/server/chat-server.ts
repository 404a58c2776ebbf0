// Owns how a socket comes to be: from our own page only, with a session, and as many as a node and an address may have. Everything is decided
// before the handshake, so that whoever may not come in costs nothing.

import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { AgentNaming } from './agent-naming.ts';
import { LARGEST_FRAME_BYTES } from './chat-frames.ts';
import { ChatHub } from './chat-hub.ts';
import type { ServedChat } from './chat-parts.ts';
import { ChatSessions } from './chat-sessions.ts';
import { ChatSocket } from './chat-socket.ts';
import type { ServerParts } from './parts.ts';

const SOCKET_PATH = '/c/socket';
/** A whole office behind one address still gets in. */
const SOCKET_LIMITS = { open: 20_000, perAddress: 500 };
/** A line that is dead without saying so is noticed by the second of these. */
const PING_EVERY_MS = 25_000;

type Parts = Pick<ServerParts, 'journal' | 'runner' | 'clock' | 'sessionSecret' | 'behindProxy' | 'onError'>;

export class ChatServer implements AsyncDisposable {
  readonly hub: ChatHub;
  readonly #parts: Parts;
  readonly #chat: ServedChat;
  readonly #limits: typeof SOCKET_LIMITS;
  readonly #sessions: ChatSessions;
  readonly #sockets = new WebSocketServer({
    noServer: true,
    maxPayload: LARGEST_FRAME_BYTES,
    // A window per connection costs more than these short frames would save.
    perMessageDeflate: false,
    clientTracking: true,
  });
  readonly #perAddress = new Map<string, number>();
  readonly #alive = new WeakSet<WebSocket>();
  readonly #closing = new AbortController();

  constructor(parts: Parts, chat: ServedChat, limits: Partial<typeof SOCKET_LIMITS> = {}) {
    this.#parts = parts;
    this.#limits = { ...SOCKET_LIMITS, ...limits };
    this.#chat = chat;
    this.#sessions = new ChatSessions(parts);
    const naming = chat.nameOf && new AgentNaming(parts.runner, chat.nameOf, parts.onError);
    this.hub = new ChatHub({ ...parts, anchor: chat.anchor, naming }, parts.onError);
    void this.#keepPinging();
  }

  /** For the server's `upgrade` event. True where it was for us, answered one way or the other. */
  readonly upgrade = (request: IncomingMessage, stream: Duplex, head: Buffer): boolean => {
    if (new URL(request.url ?? '/', 'http://localhost').pathname !== SOCKET_PATH) return false;
    // Whoever hangs up during the handshake is nobody's fault.
    stream.on('error', () => {});
    const address = this.#addressOf(request);
    const session = this.#sessions.in(request);
    if (request.headers.origin !== this.#ownOrigin(request)) refuse(stream, '403 Forbidden');
    else if (!session) refuse(stream, '401 Unauthorized');
    else if (this.#isFull(address)) refuse(stream, '503 Service Unavailable');
    else this.#sockets.handleUpgrade(request, stream, head, (socket) => this.#welcome(socket, session, address));
    return true;
  };

  #isFull(address: string): boolean {
    const { open, perAddress } = this.#limits;
    return this.hub.count >= open || (this.#perAddress.get(address) ?? 0) >= perAddress;
  }

  #welcome(socket: WebSocket, session: NonNullable<ReturnType<ChatSessions['in']>>, address: string): void {
    this.#count(address, 1);
    socket.on('close', () => this.#count(address, -1));
    this.#alive.add(socket);
    socket.on('pong', () => this.#alive.add(socket));
    const { runner, clock, onError } = this.#parts;
    const { files, anchor, writing } = this.#chat;
    new ChatSocket(socket, session, {
      runner,
      clock,
      onError,
      hub: this.hub,
      leg: { platform: anchor },
      ...(writing && { writing }),
      fileOf: async ({ interactionId }, ref) => (await files?.find(interactionId, ref)) ?? null,
    });
  }

  #count(address: string, by: 1 | -1): void {
    const now = (this.#perAddress.get(address) ?? 0) + by;
    if (now > 0) this.#perAddress.set(address, now);
    else this.#perAddress.delete(address);
  }

  #addressOf({ headers, socket }: IncomingMessage): string {
    const forwarded = this.#parts.behindProxy ? lastOf(headers['x-forwarded-for']) : undefined;
    return forwarded ?? socket.remoteAddress ?? 'unknown';
  }

  #ownOrigin({ headers, socket }: IncomingMessage): string {
    const { behindProxy } = this.#parts;
    const secure = behindProxy ? lastOf(headers['x-forwarded-proto']) === 'https' : 'encrypted' in socket;
    const host = (behindProxy ? lastOf(headers['x-forwarded-host']) : undefined) ?? headers.host ?? '';
    return `${secure ? 'https' : 'http'}://${host}`;
  }

  async #keepPinging(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      await this.#parts.clock.sleep(PING_EVERY_MS, signal);
      if (signal.aborted) return;
      for (const socket of this.#sockets.clients) {
        if (!this.#alive.delete(socket)) socket.terminate();
        else socket.ping();
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    this.hub[Symbol.dispose]();
    // Going away (RFC 6455 §7.4.1): the page comes back by itself.
    for (const socket of this.#sockets.clients) socket.close(1001);
    for (const socket of this.#sockets.clients) socket.terminate();
    this.#sockets.close();
  }
}

function refuse(stream: Duplex, status: string): void {
  stream.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
}

/** The nearest proxy's word: what stands before it, the caller may have written. */
function lastOf(header: string | readonly string[] | undefined): string | undefined {
  const text = typeof header === 'string' ? header : header?.join(',');
  const last = text?.split(',').at(-1)?.trim();
  return last === '' ? undefined : last;
}
