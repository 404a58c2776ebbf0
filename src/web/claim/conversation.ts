// Owns the conversation as the page knows it: its lines by number, and what has not been acknowledged yet, which outlives a lost line and a
// refresh. What is sent again carries its first id, so that nothing is doubled.

export type Line = { readonly seq: number; readonly at: string } & (
  | {
      readonly kind: 'message';
      readonly from: 'customer' | 'bot' | 'agent';
      readonly text: string;
      readonly id?: string;
      readonly name?: string;
      readonly attachments?: readonly { readonly ref: string; readonly name: string; readonly bytes: number }[];
      readonly delivery?: 'uncertain' | 'failed';
    }
  | { readonly kind: 'mark'; readonly mark: string; readonly name?: string }
);

export type Presence = {
  readonly holder: 'bot' | 'queue' | 'agent' | 'none';
  readonly name?: string;
  readonly over: boolean;
  readonly typing: boolean;
};

export type Unsent = { readonly id: string; readonly text: string; readonly attachments?: readonly string[] };

const KEPT = 'throughline-unsent';

export class Conversation {
  readonly #lines = new Map<number, Line>();
  readonly #kept: Storage | null;
  #unsent: readonly Unsent[];
  presence: Presence = { holder: 'bot', over: false, typing: false };

  constructor(kept: Storage | null = storage()) {
    this.#kept = kept;
    this.#unsent = readUnsent(kept);
  }

  get lines(): readonly Line[] {
    return [...this.#lines.values()].sort((one, other) => one.seq - other.seq);
  }

  /** The newest line up to which none is missing. */
  get seen(): number {
    let seen = 0;
    while (this.#lines.has(seen + 1)) seen += 1;
    return seen;
  }

  get unsent(): readonly Unsent[] {
    return this.#unsent;
  }

  take(lines: readonly Line[]): void {
    for (const line of lines) this.#lines.set(line.seq, line);
    const arrived = new Set(
      lines.flatMap((line) => (line.kind === 'message' && line.id !== undefined ? [line.id] : [])),
    );
    if (this.#unsent.some(({ id }) => arrived.has(id))) this.#keep(this.#unsent.filter(({ id }) => !arrived.has(id)));
  }

  say(unsent: Unsent): void {
    this.#keep([...this.#unsent, unsent]);
  }

  /** It will never be taken. */
  drop(id: string): void {
    this.#keep(this.#unsent.filter((one) => one.id !== id));
  }

  deliver(id: string, delivery: 'uncertain' | 'failed'): void {
    for (const line of this.#lines.values()) {
      if (line.kind === 'message' && line.id === id) this.#lines.set(line.seq, { ...line, delivery });
    }
  }

  #keep(unsent: readonly Unsent[]): void {
    this.#unsent = unsent;
    try {
      this.#kept?.setItem(KEPT, JSON.stringify(unsent));
    } catch {
      // A full or forbidden store: it is kept as long as the page is.
    }
  }
}

function readUnsent(kept: Storage | null): readonly Unsent[] {
  try {
    const read: unknown = JSON.parse(kept?.getItem(KEPT) ?? '[]');
    return Array.isArray(read) ? (read as readonly Unsent[]) : [];
  } catch {
    return [];
  }
}

function storage(): Storage | null {
  try {
    return sessionStorage;
  } catch {
    return null;
  }
}
