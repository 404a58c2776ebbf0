// Owns what is checked of our own conversations, from what customers' devices were shown and told: lines come in order and without a gap (per
// line and for good), what was acknowledged is there in its place whatever died in between, said once it is there once, nothing is
// acknowledged on a device that has had to give the conversation up (H7), and nothing is shown that was erased.

import { Violation } from '../violation.ts';

export type ShownLine = {
  readonly seq: number;
  readonly kind: string;
  readonly from?: string;
  readonly text?: string;
  readonly id?: string;
  readonly mark?: string;
};

/** One conversation as all devices have seen it. */
export type Talk = {
  /** Of its link, or of whoever began it. */
  readonly name: string;
  readonly shown: Map<number, string>;
  /** By the page's own id. */
  readonly acked: Map<string, { readonly seq: number; readonly text: string }>;
  readonly ids: Map<number, string>;
  newestAcked: number;
  /** The device that it was moved to, as long as nobody has asked for it since. */
  moved: { readonly to: string; readonly at: number } | null;
  /** Who has asked to have it moved and has no answer yet; what breaks off may have been done for all that. */
  readonly asking: Set<string>;
  lastFrom: string;
  isOver: boolean;
};

export function newTalk(name: string): Talk {
  return {
    name,
    shown: new Map(),
    acked: new Map(),
    ids: new Map(),
    newestAcked: 0,
    moved: null,
    asking: new Set(),
    lastFrom: '',
    isOver: false,
  };
}

export type ChatOracleParts = {
  /** When the conversation's interaction was erased; undefined where it was not, or is not known. */
  readonly erasedAt: (talk: Talk) => number | undefined;
  readonly interactionOf: (talk: Talk) => string | undefined;
  readonly report: (violation: Violation) => void;
};

/** What a page knew when it said hello. */
export type Hello = { readonly seen: number; readonly at: number; readonly newestAcked: number };

export class ChatOracle {
  readonly #parts: ChatOracleParts;

  constructor(parts: ChatOracleParts) {
    this.#parts = parts;
  }

  welcomed(talk: Talk, device: string, hello: Hello, lines: readonly ShownLine[]): void {
    const erasedAt = this.#parts.erasedAt(talk);
    if (erasedAt !== undefined && erasedAt < hello.at && lines.length > 0)
      this.#broken('erasure', talk, `${device} is shown ${lines.length} lines that were erased`);
    const newest = this.lines(talk, device, hello.seen, lines);
    if (newest < hello.newestAcked)
      this.#broken(
        'acknowledged',
        talk,
        `${device} is shown lines to ${newest}, and ${hello.newestAcked} was acknowledged`,
      );
  }

  /** The newest line that the page has after these. */
  lines(talk: Talk, device: string, seen: number, lines: readonly ShownLine[]): number {
    let at = seen;
    for (const line of lines) {
      if (line.seq !== at + 1) this.#broken('acknowledged', talk, `${device} is shown line ${line.seq} after ${at}`);
      at = line.seq;
      this.#shown(talk, device, line);
    }
    return at;
  }

  #shown(talk: Talk, device: string, line: ShownLine): void {
    const { seq, kind, from = '', text = '', id = '', mark = '' } = line;
    const looks = JSON.stringify([kind, from, text, id, mark]);
    const before = talk.shown.get(seq);
    if (before !== undefined && before !== looks)
      this.#broken('acknowledged', talk, `${device} is shown ${looks} as line ${seq}, which was ${before}`);
    talk.shown.set(seq, looks);
    if (kind === 'mark' && mark === 'over') talk.isOver = true;
    if (seq >= talk.shown.size) talk.lastFrom = kind === 'mark' ? 'mark' : from;
    const acked = [...talk.acked].find(([, one]) => one.seq === seq);
    if (acked && (acked[0] !== id || acked[1].text !== text))
      this.#broken('acknowledged', talk, `${device} is shown ${looks} where ${acked[0]} was acknowledged`);
    if (id === '') return;
    const twice = talk.ids.get(seq) === undefined && [...talk.ids.values()].includes(id);
    if (twice) this.#broken('acknowledged', talk, `${device} is shown ${id} a second time, as line ${seq}`);
    talk.ids.set(seq, id);
  }

  /** `saidAt`: when this device had sent it on this line. */
  acked(
    talk: Talk,
    device: string,
    said: { readonly id: string; readonly text: string; readonly at: number },
    seq: number,
  ): void {
    const { id, text, at } = said;
    const before = talk.acked.get(id);
    if (before && before.seq !== seq)
      this.#broken('acknowledged', talk, `${id} was acknowledged as ${before.seq} and is now ${seq}`);
    const other = [...talk.acked].find(([name, one]) => one.seq === seq && name !== id);
    if (other) this.#broken('acknowledged', talk, `${id} is acknowledged as ${seq}, and so was ${other[0]}`);
    const shown = talk.shown.get(seq);
    const looks = JSON.stringify(['message', 'customer', text, id, '']);
    if (shown !== undefined && shown !== looks)
      this.#broken('acknowledged', talk, `${id} is acknowledged as ${seq}, which reads ${shown}`);
    if (!before && talk.moved && talk.moved.to !== device && talk.moved.at < at)
      this.#broken('H7', talk, `${device} is heard, though it was moved to ${talk.moved.to} before`);
    talk.acked.set(id, { seq, text });
    talk.newestAcked = Math.max(talk.newestAcked, seq);
  }

  /** At the end of a world, when all has healed and every line was shown once more. */
  complete(talk: Talk): void {
    for (const [id, { seq }] of talk.acked) {
      if (!talk.shown.has(seq))
        this.#broken('acknowledged', talk, `${id} was acknowledged as ${seq}, and is shown nowhere`);
    }
    if (talk.lastFrom === 'customer' && !talk.isOver) this.#broken('H6', talk, 'was never answered');
  }

  #broken(invariant: 'acknowledged' | 'erasure' | 'H6' | 'H7', talk: Talk, message: string): void {
    const id = this.#parts.interactionOf(talk);
    this.#parts.report(new Violation(invariant, `the talk of ${talk.name}: ${message}`, id ? [id] : []));
  }
}
