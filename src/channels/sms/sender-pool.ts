// Owns which of our numbers texts a customer: always the same one while it is there, so that the thread on their phone stays one.
// Rendezvous hashing under a key: a number that is added or removed moves only its own customers, nothing is kept per customer,
// and nobody without the key can tell whom a number serves.

import { createHmac } from 'node:crypto';

export type Sender = {
  /** E.164. */
  readonly number: string;
  /** Countries it is for (ISO 3166-1 alpha-2); anywhere when absent. One that names the customer's country goes first. */
  readonly countries?: readonly string[];
};

/** The sender for this customer, or undefined when none is left. `avoid` holds numbers that were tried. */
export function chooseSender(
  pool: readonly Sender[],
  customer: { readonly e164: string; readonly country?: string },
  key: Uint8Array,
  avoid: ReadonlySet<string> = new Set(),
): Sender | undefined {
  const open = pool.filter(({ number }) => !avoid.has(number));
  const local = open.filter(({ countries }) => customer.country !== undefined && countries?.includes(customer.country));
  const fitting = local.length > 0 ? local : open.filter(({ countries }) => countries === undefined);
  const scored = fitting.map((sender) => ({ sender, score: scoreOf(sender.number, customer.e164, key) }));
  return scored.reduce<(typeof scored)[number] | undefined>(
    (best, each) => (best === undefined || Buffer.compare(each.score, best.score) > 0 ? each : best),
    undefined,
  )?.sender;
}

function scoreOf(sender: string, customer: string, key: Uint8Array): Buffer {
  return createHmac('sha256', key).update(`${sender}\n${customer}`).digest();
}
