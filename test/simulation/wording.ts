// Owns what customers and bots say in the simulation: contexts and manifests, some too long or too many for the vendor's attributes.

import type { Chance } from './chance.ts';

type Json = Readonly<Record<string, unknown>>;

export type Said = { readonly context: Json; readonly customer: { segment?: string; customerId?: string } };

export function contextOf(chance: Chance): Said {
  const custom = Object.fromEntries(Array.from({ length: chance.below(8) }, (_, n) => [`k${n}`, text(chance)]));
  const context = {
    ...(chance.happens(0.7) && { intent: chance.of('billing_dispute', 'refund', 'technical_issue') }),
    ...(chance.happens(0.4) && { accountNumber: `acc-${chance.below(1_000)}` }),
    ...(chance.happens(0.3) && { holdDurationSec: chance.below(100) }),
    ...(chance.happens(0.3) && { sentiment: text(chance) }),
    ...(chance.happens(0.2) && { dtmfSequence: ['1', '2', '#'] }),
    ...(Object.keys(custom).length > 0 && { attributes: custom }),
  };
  const customer = {
    ...(chance.happens(0.3) && { segment: chance.of('gold', 'basic') }),
    ...(chance.happens(0.3) && { customerId: customerIdOf(chance) }),
  };
  return { context, customer };
}

/** Few, so that people come more than once. */
export const CUSTOMER_IDS = Array.from({ length: 20 }, (_, n) => `cust-${n}`);

export function customerIdOf(chance: Chance): string {
  return chance.of('', ...CUSTOMER_IDS) || 'cust-0';
}

/** How everything that is personal reads here. */
export const PERSONAL = /\bcust-\d|\bacc-\d{1,3}\b|\bperson-\d|\+\d{11}|a word or two/;

export function patchOf(chance: Chance): Json {
  return chance.of<Json>(
    { intent: chance.of('refund', 'other') },
    { attributes: { [`k${chance.below(9)}`]: text(chance) } },
    { sentiment: null },
  );
}

export function manifestOf(chance: Chance, n: number): Json {
  return {
    trigger: chance.of('low_confidence', 'customer_request'),
    trigger_utterance: text(chance),
    bot_confidence_at_exit: chance.of(0.2, 0.9),
    slots_collected: { ticket: `t${n}`, ...(chance.happens(0.3) && { detail: text(chance) }) },
    ...(chance.happens(0.3) && { recommended_queue: 'General_Support' }),
  };
}

/** Mostly short; sometimes longer than an attribute may be. */
function text(chance: Chance): string {
  return 'a word or two more; '.repeat(chance.happens(0.2) ? 12 : 1 + chance.below(2)).trim();
}
