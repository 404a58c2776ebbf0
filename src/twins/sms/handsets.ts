// Owns the customers' telephones: what reached them, what they do with the next message, and from which of our numbers they want
// no more.

export const DELIVERIES = ['delivered', 'undelivered', 'failed', 'silent'] as const;

/**
 * What becomes of a message: `undelivered` by the carrier, `failed` before it; `silent` reaches the telephone and no receipt ever says
 * so. `errorCode` is the vendor's own.
 */
export type Fate = {
  readonly delivery: (typeof DELIVERIES)[number];
  readonly errorCode?: string | undefined;
  /** On top of the twin's `settleMs`. */
  readonly afterMs?: number | undefined;
};

export type Text = {
  readonly id: string;
  readonly vendor: string;
  readonly from: string;
  readonly to: string;
  readonly text: string;
  readonly at: number;
};

export type Handsets = {
  /** What is on the telephone of that number, oldest first. */
  inbox(number: string): readonly Text[];
  arrive(text: Text): void;
  fateOf(number: string): Fate;
  setFate(number: string, fate: Fate): void;
  optOut(customer: string, sender: string): void;
  optIn(customer: string, sender: string): void;
  hasOptedOut(customer: string, sender: string): boolean;
  clear(): void;
};

const MOST_TEXTS = 1_000;

export function createHandsets(): Handsets {
  const inboxes = new Map<string, Text[]>();
  const fates = new Map<string, Fate>();
  const optedOut = new Set<string>();
  const pair = (customer: string, sender: string) => `${customer} ${sender}`;
  return {
    inbox: (number) => [...(inboxes.get(number) ?? [])],
    arrive(text) {
      const inbox = inboxes.get(text.to) ?? [];
      inboxes.set(text.to, [...inbox.slice(1 - MOST_TEXTS), text]);
    },
    fateOf: (number) => fates.get(number) ?? { delivery: 'delivered' },
    setFate: (number, fate) => void fates.set(number, fate),
    optOut: (customer, sender) => void optedOut.add(pair(customer, sender)),
    optIn: (customer, sender) => void optedOut.delete(pair(customer, sender)),
    hasOptedOut: (customer, sender) => optedOut.has(pair(customer, sender)),
    clear() {
      inboxes.clear();
      fates.clear();
      optedOut.clear();
    },
  };
}
