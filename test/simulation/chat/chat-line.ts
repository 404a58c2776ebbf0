// Owns the line between a customer's page and a node: frames in order, sometimes late; a line that drops takes what is on its way along, and
// either end hears of it in its own time. The node's end is a socket as `ws` gives it.

import { EventEmitter } from 'node:events';
import type { WebSocket } from 'ws';
import type { VirtualClock } from '../../../src/twins/virtual-clock.ts';
import type { Chance } from '../chance.ts';
import type { Life } from '../life.ts';
import type { Stillness } from '../stillness.ts';

export type ChatLineParts = {
  readonly clock: VirtualClock;
  readonly chance: Chance;
  readonly stillness: Stillness;
  readonly life: Life;
  readonly trouble: () => number;
};

/** What the page hears. */
export type PageEnd = {
  readonly onFrame: (text: string) => void;
  /** `code` is null where the line was lost. */
  readonly onClosed: (code: number | null) => void;
};

const OPEN = 1;
const CLOSED = 3;
/** How late one end may hear that the other is gone. */
const LATEST_NEWS_MS = 15_000;

export class ChatLine {
  readonly #parts: ChatLineParts;
  readonly #page: PageEnd;
  readonly #node = new NodeEnd(this);
  #up: Promise<void> = Promise.resolve();
  #down: Promise<void> = Promise.resolve();
  #isLost = false;
  #pageKnows = false;
  #nodeKnows = false;

  constructor(parts: ChatLineParts, page: PageEnd) {
    this.#parts = parts;
    this.#page = page;
    // A process that dies takes its lines along, and its machine says so or does not.
    parts.life.onEnd(() => this.lose());
  }

  /** The node's end, as the server takes it. */
  get socket(): WebSocket {
    return this.#node as unknown as WebSocket;
  }

  get isUp(): boolean {
    return !this.#isLost;
  }

  /** From the page. */
  say(frame: object): void {
    const text = JSON.stringify(frame);
    this.#up = this.#up.then(async () => {
      await this.#way();
      if (this.#isLost) return;
      const { life } = this.#parts;
      life.deliver(() => life.forOthers(() => this.#node.emit('message', Buffer.from(text), false)));
    });
  }

  /** From the node. */
  pass(text: string): void {
    if (this.#parts.life.ended) return;
    this.#down = this.#down.then(async () => {
      await this.#way();
      if (this.#isLost) return;
      this.#parts.stillness.touch();
      this.#page.onFrame(text);
    });
  }

  /** The node closes it; what it has sent before arrives before. */
  closeFromNode(code: number): void {
    this.#nodeIsTold();
    if (this.#parts.life.ended) return;
    this.#down = this.#down.then(async () => {
      await this.#way();
      if (this.#isLost) return;
      this.#isLost = true;
      this.#pageIsTold(code);
    });
  }

  /** It drops: nothing more gets through, either way. */
  lose(): void {
    if (this.#isLost) return;
    const { clock, chance } = this.#parts;
    this.#isLost = true;
    void clock.sleep(chance.between(0, 2_000)).then(() => this.#pageIsTold(null));
    void clock.sleep(chance.between(0, LATEST_NEWS_MS)).then(() => this.#nodeIsTold());
  }

  async #way(): Promise<void> {
    const { clock, chance, trouble, stillness } = this.#parts;
    stillness.touch();
    if (chance.happens(0.7)) return;
    await clock.sleep(chance.between(0, chance.happens(trouble() * 0.2) ? 3_000 : 80));
  }

  #pageIsTold(code: number | null): void {
    if (this.#pageKnows) return;
    this.#pageKnows = true;
    this.#parts.stillness.touch();
    this.#page.onClosed(code);
  }

  #nodeIsTold(): void {
    if (this.#nodeKnows) return;
    this.#nodeKnows = true;
    this.#node.readyState = CLOSED;
    this.#parts.life.deliver(() => this.#node.emit('close'));
  }
}

/** As much of a WebSocket as a server uses. */
class NodeEnd extends EventEmitter {
  readonly OPEN = OPEN;
  readyState: number = OPEN;
  readonly bufferedAmount = 0;
  readonly #line: ChatLine;

  constructor(line: ChatLine) {
    super();
    this.#line = line;
  }

  send(text: string): void {
    if (this.readyState === OPEN) this.#line.pass(text);
  }

  close(code = 1000): void {
    if (this.readyState === OPEN) this.#line.closeFromNode(code);
  }

  terminate(): void {
    this.close(1006);
  }
}
