// Owns what waits for one interaction in this process: its inputs, one after the other, and the commands it has under way.

import type { InteractionId } from '../ids.ts';
import type { Event } from '../protocols/event.ts';
import type { Input } from '../protocols/input.ts';
import type { Known } from '../protocols/interaction.ts';
import type { PlainBlob } from './draft.ts';
import type { Head } from './journal.ts';
import type { MessageKey } from './store.ts';

/** How an input was taken. `events` are the ones it caused, none when it changed nothing. */
export type Reply =
  | { readonly kind: 'taken'; readonly state: Known; readonly version: number; readonly events: readonly Event[] }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'quarantined' }
  /** The leg belongs to another interaction. */
  | { readonly kind: 'leg-taken'; readonly interactionId: InteractionId }
  /** It is told of a conversation that is not the interaction's (any more): nothing was taken. */
  | { readonly kind: 'not-held' }
  /** The same message was taken before. */
  | { readonly kind: 'duplicate' };

/** What comes along with an input. */
export type Enclosed = {
  readonly message?: MessageKey;
  readonly blob?: PlainBlob;
  /** With a claim: since when this process has held the lease (monotonic ms); it starts again whatever must be under way. */
  readonly leasedAt?: number;
};

export type Letter = Enclosed & {
  readonly input: Input;
  readonly reply: (reply: Reply) => void;
  readonly fail: (error: unknown) => void;
};

export class Mailbox {
  readonly id: InteractionId;
  /** Commands by their keys, and whether the newest state that is known here still wants them. */
  readonly underWay = new Map<string, { wanted: boolean }>();
  letters: Letter[] = [];
  head: Head | null = null;
  busy = false;

  constructor(id: InteractionId) {
    this.id = id;
  }

  get idle(): boolean {
    return !this.busy && this.letters.length === 0 && this.underWay.size === 0;
  }
}

/** The mailboxes of this process. Idle ones beyond `capacity` are forgotten, the longest unused first; the journal has them. */
export class Mailboxes {
  readonly #boxes = new Map<InteractionId, Mailbox>();
  readonly #capacity: number;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get(id: InteractionId): Mailbox {
    const found = this.#boxes.get(id) ?? new Mailbox(id);
    this.#boxes.delete(id);
    this.#boxes.set(id, found);
    if (this.#boxes.size > this.#capacity) this.#forgetBut(found);
    return found;
  }

  peek(id: InteractionId): Mailbox | undefined {
    return this.#boxes.get(id);
  }

  /** What is known of how things stand may have been overtaken. */
  forgetHeads(): void {
    for (const box of this.#boxes.values()) box.head = null;
  }

  /** The one that is handed out is idle still, and must not be the one that goes: a second one beside it would break the order. */
  #forgetBut(kept: Mailbox): void {
    for (const [id, box] of this.#boxes) {
      if (this.#boxes.size <= this.#capacity) return;
      if (box.idle && box !== kept) this.#boxes.delete(id);
    }
  }
}
