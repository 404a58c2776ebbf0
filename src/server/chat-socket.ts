// Owns one customer's connection to their conversation: what they say is durable before it is acknowledged, said twice it is kept once, and
// who says too much too fast is told to wait. Keeps H2 and H7 by asking the conversation itself, with the device of the session.

import type { WebSocket } from 'ws';
import type { InteractionId } from '../ids.ts';
import { JournalUnavailable } from '../journal/journal-unavailable.ts';
import type { Reply } from '../journal/mailbox.ts';
import { type Attachment, chatOn, rememberedAs } from '../protocols/chat.ts';
import { isErased } from '../protocols/interaction.ts';
import { CLOSE, type ClientFrame, readFrame, type ServerFrame } from './chat-frames.ts';
import type { ChatHub } from './chat-hub.ts';
import type { Writing } from './chat-parts.ts';
import type { ChatSession } from './chat-sessions.ts';
import type { ServerParts } from './parts.ts';

/** What a quick hand types, and a script does not need more. */
const BURST = 10;
const REFILL_PER_SEC = 2;
/** Who does not read what is sent is let go: they come back and read on from what they have. */
const MOST_UNREAD_BYTES = 256 * 1_024;
/** Whoever writes a long message is shown to be writing as often; more would cost the platform's quota and show nothing new. */
const WRITING_EVERY_MS = 5_000;
/** In thousands of connections a closure each is what costs. */
const ACTOR = 'customer';

type Parts = Pick<ServerParts, 'runner' | 'clock' | 'onError'> & {
  readonly hub: ChatHub;
  readonly leg: { readonly platform: ServerParts['platforms'][number]['name'] };
  /** The file of this name in this conversation, where it was looked at and found clean. */
  readonly fileOf: (session: ChatSession, ref: string) => Promise<Attachment | null>;
  readonly writing?: Writing;
};

export class ChatSocket {
  readonly #socket: WebSocket;
  readonly #parts: Parts;
  readonly #session: ChatSession;
  readonly #place: ReturnType<ChatHub['join']>;
  #allowance = BURST;
  #allowedAt: number;
  #toldWritingAt = Number.NEGATIVE_INFINITY;

  constructor(socket: WebSocket, session: ChatSession, parts: Parts) {
    this.#socket = socket;
    this.#parts = parts;
    this.#session = session;
    this.#allowedAt = parts.clock.monotonic();
    const { interactionId, externalId, device } = session;
    this.#place = parts.hub.join({
      interactionId,
      externalId,
      device,
      send: (frame) => this.#send(frame),
      close: (why) => this.#socket.close(CLOSE[why]),
    });
    socket.on('message', (data, isBinary) => this.#heard(isBinary ? '' : String(data)));
    socket.on('close', () => this.#place.leave());
    // What is wrong with a frame (too large, no UTF-8) closes the socket by itself.
    socket.on('error', () => {});
  }

  #send(frame: ServerFrame): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    if (this.#socket.bufferedAmount > MOST_UNREAD_BYTES) return void this.#socket.terminate();
    this.#socket.send(JSON.stringify(frame));
  }

  #heard(text: string): void {
    const frame = readFrame(text);
    if (!frame) return void this.#socket.close(CLOSE.unreadable);
    if (this.#parts.clock.now() >= this.#session.expiresAt) return void this.#socket.close(CLOSE.noSession);
    if (frame.type === 'hello') return void this.#place.hello(frame.seen);
    if (frame.type === 'typing') return void this.#tellWriting().catch((error) => this.#failed(error));
    const done = frame.type === 'say' ? this.#say(frame) : this.#end();
    done.catch((error) => {
      // Nothing was acknowledged: it is sent again once the journal can be written.
      this.#socket.close(CLOSE.later);
      this.#failed(error);
    });
  }

  #failed(error: unknown): void {
    if (!(error instanceof JournalUnavailable)) this.#parts.onError(error);
  }

  /** To people who have the talk; a bot and a queue see nobody write. */
  async #tellWriting(): Promise<void> {
    const { writing, runner, clock } = this.#parts;
    const now = clock.monotonic();
    if (!writing || now < this.#toldWritingAt + WRITING_EVERY_MS) return;
    this.#toldWritingAt = now;
    const found = await runner.read(this.#id);
    const state = found && !isErased(found.state) ? found.state : null;
    const chat = state && chatOn(state, this.#leg);
    if (state?.holder.kind !== 'agent' || !chat?.desk || chat.device !== this.#session.device) return;
    const { platform, far } = chat.desk;
    const { name } = state.customer;
    writing({ platform, far, ...(name !== undefined && { name }) });
  }

  async #say({ id, text, attachments = [] }: Extract<ClientFrame, { type: 'say' }>): Promise<void> {
    const waitMs = this.#mustWaitMs();
    if (waitMs > 0) return void this.#send({ type: 'refused', id, code: 'too-fast', retryAfterMs: waitMs });
    const files = await Promise.all(attachments.map((ref) => this.#parts.fileOf(this.#session, ref)));
    if (files.includes(null)) return void this.#send({ type: 'refused', id, code: 'file-unknown' });
    const reply = await this.#submit({ id, text, files: files.filter((file) => file !== null) });
    if (reply.kind !== 'taken' || isErased(reply.state)) {
      return void this.#send({ type: 'refused', id, code: reply.kind === 'taken' ? 'chat-over' : reply.kind });
    }
    const refusal = reply.events.find((event) => event.type === 'RequestRefused');
    if (refusal) return void this.#send({ type: 'refused', id, code: refusal.code });
    const known = rememberedAs({ kind: 'customer' }, id);
    const seq = chatOn(reply.state, this.#leg)?.recent.find((one) => one.id === known)?.seq;
    if (seq !== undefined) this.#send({ type: 'ack', id, seq });
  }

  #submit(said: { readonly id: string; readonly text: string; readonly files: readonly Attachment[] }): Promise<Reply> {
    const { id, text, files } = said;
    return this.#parts.runner.submit(this.#id, {
      kind: 'customer-says',
      actor: ACTOR,
      leg: this.#leg,
      id,
      prompt: { kind: 'text', text },
      device: this.#session.device,
      ...(files.length > 0 && { attachments: files }),
    });
  }

  async #end(): Promise<void> {
    const { device } = this.#session;
    await this.#parts.runner.submit(this.#id, { kind: 'end-chat', actor: ACTOR, leg: this.#leg, device });
  }

  get #id(): InteractionId {
    return this.#session.interactionId;
  }

  get #leg() {
    return { platform: this.#parts.leg.platform, externalId: this.#session.externalId };
  }

  /** 0 where they may say something now. */
  #mustWaitMs(): number {
    const now = this.#parts.clock.monotonic();
    this.#allowance = Math.min(BURST, this.#allowance + ((now - this.#allowedAt) / 1_000) * REFILL_PER_SEC);
    this.#allowedAt = now;
    if (this.#allowance < 1) return Math.ceil(((1 - this.#allowance) / REFILL_PER_SEC) * 1_000);
    this.#allowance -= 1;
    return 0;
  }
}
