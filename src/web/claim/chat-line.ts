// Owns the line to the service: it comes back by itself after a loss, says what it has seen, and sends what was not acknowledged.

import type { Conversation, Line, Presence, Unsent } from './conversation.ts';

const WAIT_FIRST_MS = 500;
const WAIT_LONGEST_MS = 10_000;
const TYPING_SHOWN_MS = 6_000;
/** As often as it is passed on. */
const WRITING_EVERY_MS = 5_000;
/** A line that has not come up by then is tried anew. */
const OPEN_WITHIN_MS = 10_000;

type Frame =
  | { readonly type: 'welcome'; readonly lines: readonly Line[]; readonly presence: Presence }
  | { readonly type: 'lines'; readonly lines: readonly Line[] }
  | { readonly type: 'presence'; readonly presence: Presence }
  | { readonly type: 'ack'; readonly id: string }
  | { readonly type: 'delivery'; readonly id: string; readonly delivery: 'uncertain' | 'failed' }
  | { readonly type: 'refused'; readonly id: string; readonly code: string; readonly retryAfterMs?: number }
  | { readonly type: 'typing' };

export type LineState = {
  readonly connected: boolean;
  readonly typing: boolean;
  readonly tooFast: boolean;
};

/** Why it does not come back by itself. */
export type Ended = 'other-tab' | 'other-device' | 'no-session';

const ENDS: Readonly<Record<number, Ended>> = { 4001: 'other-tab', 4002: 'other-device', 4003: 'no-session' };

export class ChatLine {
  state: LineState = { connected: false, typing: false, tooFast: false };
  readonly #conversation: Conversation;
  readonly #changed: () => void;
  readonly #ended: (why: Ended) => void;
  #socket: WebSocket | null = null;
  #waitMs = WAIT_FIRST_MS;
  #toldWritingAt = Number.NEGATIVE_INFINITY;
  #again: ReturnType<typeof setTimeout> | undefined;
  #quiet: ReturnType<typeof setTimeout> | undefined;
  /** What was sent on this very socket: once is enough for each. */
  #sent = new Set<string>();

  constructor(conversation: Conversation, changed: () => void, ended: (why: Ended) => void) {
    this.#conversation = conversation;
    this.#changed = changed;
    this.#ended = ended;
    addEventListener('online', () => this.#connectNow());
  }

  open(): void {
    const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
    const socket = new WebSocket(`${scheme}://${location.host}/c/socket`);
    this.#socket = socket;
    this.#sent = new Set();
    const patience = setTimeout(() => socket.close(), OPEN_WITHIN_MS);
    socket.onopen = () => {
      clearTimeout(patience);
      socket.send(JSON.stringify({ type: 'hello', seen: this.#conversation.seen }));
    };
    socket.onmessage = ({ data }) => this.#heard(JSON.parse(String(data)) as Frame);
    socket.onclose = ({ code }) => {
      clearTimeout(patience);
      if (this.#socket === socket) this.#lost(code);
    };
  }

  close(): void {
    clearTimeout(this.#again);
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }

  say(unsent: Unsent): void {
    this.#conversation.say(unsent);
    this.#flush();
    this.#changed();
  }

  /** The customer writes: an agent who has the talk is shown so. */
  writing(): void {
    const now = performance.now();
    if (this.#conversation.presence.holder !== 'agent' || now < this.#toldWritingAt + WRITING_EVERY_MS) return;
    this.#toldWritingAt = now;
    this.#send({ type: 'typing' });
  }

  end(): void {
    this.#send({ type: 'end' });
  }

  #heard(frame: Frame): void {
    const conversation = this.#conversation;
    switch (frame.type) {
      case 'welcome':
        this.#waitMs = WAIT_FIRST_MS;
        conversation.take(frame.lines);
        conversation.presence = frame.presence;
        this.#is({ connected: true });
        this.#flush();
        break;
      case 'lines':
        conversation.take(frame.lines);
        if (frame.lines.some((line) => line.kind === 'message' && line.from !== 'customer'))
          this.#is({ typing: false });
        break;
      case 'presence':
        conversation.presence = frame.presence;
        break;
      case 'delivery':
        conversation.deliver(frame.id, frame.delivery);
        break;
      case 'refused':
        this.#refused(frame);
        break;
      case 'typing':
        this.#is({ typing: true });
        clearTimeout(this.#quiet);
        this.#quiet = setTimeout(() => {
          this.#is({ typing: false });
          this.#changed();
        }, TYPING_SHOWN_MS);
        break;
      case 'ack':
        this.#is({ tooFast: false });
    }
    this.#changed();
  }

  #refused({ id, retryAfterMs }: Extract<Frame, { type: 'refused' }>): void {
    if (retryAfterMs === undefined) return void this.#conversation.drop(id);
    this.#is({ tooFast: true });
    this.#sent.delete(id);
    setTimeout(() => this.#flush(), retryAfterMs);
  }

  /** Sends what waits, in the order it was written. */
  #flush(): void {
    if (!this.state.connected) return;
    for (const unsent of this.#conversation.unsent) {
      if (this.#sent.has(unsent.id)) continue;
      this.#sent.add(unsent.id);
      this.#send({ type: 'say', ...unsent });
    }
  }

  #send(frame: object): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(frame));
  }

  #lost(code: number): void {
    this.#socket = null;
    this.#is({ connected: false, typing: false });
    const ended = ENDS[code];
    this.#changed();
    if (ended) return void this.#ended(ended);
    // Scattered, so that everybody does not come back in step.
    const wait = this.#waitMs * (0.5 + Math.random() / 2);
    this.#waitMs = Math.min(this.#waitMs * 2, WAIT_LONGEST_MS);
    this.#again = setTimeout(() => this.#connectNow(), wait);
  }

  #connectNow(): void {
    if (this.#socket) return;
    clearTimeout(this.#again);
    this.open();
  }

  #is(change: Partial<LineState>): void {
    this.state = { ...this.state, ...change };
  }
}
