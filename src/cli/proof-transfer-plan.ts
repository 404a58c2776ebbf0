// Owns what each transfer of a proof is: who calls, what is known of them, where they are to go, and what goes wrong with just them.
// Pure: the same seed gives the same plans.

import type { Manifest } from '../context/manifest.ts';
import { FRONT_QUEUE, SIDES, SILENT_QUEUE, type Side, STAFFED_QUEUE, UNSTAFFED_QUEUE } from './proof-transfer-house.ts';

export type Target =
  | { readonly kind: 'queue'; readonly name: string }
  | { readonly kind: 'agent'; readonly who: 'own' | 'busy' | 'declining' | 'hanging' | 'unknown' };

/** What the telephone network does with this caller's calls. */
export type CallFault =
  | 'drop-call'
  | 'drop-call-later'
  | 'lose-call'
  | 'fail-call'
  | 'delay-call'
  | 'delay-call-long'
  | 'lose-uui';

/** What somebody does while the transfer is under way, or after it. */
export type Act =
  | { readonly kind: 'none' }
  | { readonly kind: 'hang-up'; readonly in: 'preparing' | 'committing' | 'confirming' | 'offered' }
  | { readonly kind: 'cancel' };

export type TransferPlan = {
  readonly index: number;
  /** Nobody else's number (E.164). */
  readonly caller: string;
  readonly from: Side;
  readonly to: Side;
  readonly type: 'blind' | 'warm' | 'consultative';
  /** Who has the caller when the transfer is asked for: the first two by the name of their queue. */
  readonly heldBy: 'agent' | 'queue' | 'bot';
  readonly target: Target;
  readonly act: Act;
  /** Of the source's agent, on a consultation; `none` says nothing until it expires. */
  readonly verdict: 'accept' | 'decline' | 'none';
  readonly callFault?: CallFault;
  readonly customer: Readonly<Record<string, string>>;
  readonly context: Readonly<Record<string, unknown>>;
  readonly manifest?: Manifest;
  /** Digits that may be nowhere: a card number that was keyed in. */
  readonly secret?: string;
};

/** The digit of a caller's number by which the network knows what to do with their calls. */
export const FAULT_DIGITS: Readonly<Record<CallFault, string>> = {
  'drop-call': '0',
  'drop-call-later': '7',
  'lose-call': '1',
  'fail-call': '2',
  'delay-call': '3',
  'delay-call-long': '4',
  'lose-uui': '6',
};
const NO_FAULT = '5';

const CARD = '4111111111111111';
/** Of the United States, so that numbers are taken for real; nobody outside the twins is ever called. */
const AREAS = [212, 213, 214, 215, 216, 217, 218, 219, 224, 225, 228, 229, 231, 234, 239, 240] as const;
const PER_AREA = 10_000;
export const MOST_TRANSFERS = AREAS.length * PER_AREA;

export function planOf(seed: number, index: number): TransferPlan {
  const draw = drawing(seed, index);
  const from = SIDES[index % 2] ?? 'genesys_cloud';
  const type = pick(draw(), [
    [0.6, 'blind'],
    [0.2, 'warm'],
    [0.2, 'consultative'],
  ] as const);
  const heldBy = pick(draw(), [
    [0.6, 'agent'],
    [0.2, 'queue'],
    [0.2, 'bot'],
  ] as const);
  const target = pick(draw(), TARGETS);
  const act = pick(draw(), ACTS);
  const verdict = pick(draw(), [
    [0.75, 'accept'],
    [0.15, 'decline'],
    [0.1, 'none'],
  ] as const);
  const callFault = pick(draw(), CALL_FAULTS);
  return {
    index,
    caller: callerOf(index, callFault),
    from,
    to: from === 'genesys_cloud' ? 'nice_cxone' : 'genesys_cloud',
    type,
    heldBy: type === 'blind' ? heldBy : 'agent',
    target,
    act,
    verdict,
    ...(callFault && { callFault }),
    ...carriedBy(index),
  };
}

/** The queue in which the caller comes in; none where a bot has them. */
export function firstQueueOf({ heldBy }: TransferPlan): string | undefined {
  return heldBy === 'bot' ? undefined : heldBy === 'agent' ? FRONT_QUEUE : SILENT_QUEUE;
}

const TARGETS: readonly (readonly [number, Target])[] = [
  [0.52, { kind: 'queue', name: STAFFED_QUEUE }],
  [0.06, { kind: 'queue', name: SILENT_QUEUE }],
  [0.02, { kind: 'queue', name: UNSTAFFED_QUEUE }],
  [0.02, { kind: 'queue', name: 'Nowhere' }],
  [0.26, { kind: 'agent', who: 'own' }],
  [0.04, { kind: 'agent', who: 'busy' }],
  [0.03, { kind: 'agent', who: 'declining' }],
  [0.03, { kind: 'agent', who: 'hanging' }],
  [0.02, { kind: 'agent', who: 'unknown' }],
];

const ACTS: readonly (readonly [number, Act])[] = [
  [0.85, { kind: 'none' }],
  [0.03, { kind: 'hang-up', in: 'preparing' }],
  [0.03, { kind: 'hang-up', in: 'committing' }],
  [0.04, { kind: 'hang-up', in: 'confirming' }],
  [0.03, { kind: 'hang-up', in: 'offered' }],
  [0.02, { kind: 'cancel' }],
];

const CALL_FAULTS: readonly (readonly [number, CallFault | undefined])[] = [
  [0.9, undefined],
  [0.015, 'drop-call'],
  [0.005, 'drop-call-later'],
  [0.02, 'lose-call'],
  [0.015, 'fail-call'],
  [0.015, 'delay-call'],
  [0.01, 'delay-call-long'],
  [0.02, 'lose-uui'],
];

function callerOf(index: number, fault: CallFault | undefined): string {
  const area = AREAS[Math.floor(index / PER_AREA) % AREAS.length];
  const digit = fault === undefined ? NO_FAULT : FAULT_DIGITS[fault];
  return `+1${area}55${digit}${String(index % PER_AREA).padStart(4, '0')}`;
}

/** What the call came with. A third has keyed in a card number under `pci_dss`, a quarter knows more than fits. */
function carriedBy(
  index: number,
): Pick<TransferPlan, 'customer' | 'context'> & { manifest?: Manifest; secret?: string } {
  const withCard = index % 3 === 0;
  const customer = { customerId: `ACC-${index}`, name: `Caller ${index}`, segment: 'enterprise' };
  const context = {
    intent: 'billing_dispute',
    authenticationStatus: 'verified',
    accountNumber: `ACC-${index}`,
    previousQueue: 'billing_specialists',
    sentiment: 'frustrated',
    holdDurationSec: index % 90,
    dtmfSequence: withCard ? ['1', '3', CARD, '#'] : ['1', '3', '0'],
    ...(withCard && { complianceFlags: ['pci_dss'] }),
    attributes: { Product_Type: 'card', ...(index % 4 === 0 && { Story: `What happened: ${'x'.repeat(5_000)}` }) },
  };
  const manifest: Manifest | undefined =
    index % 2 === 0 ? { trigger: 'CustomerRequested', slots_collected: { amount: `${index} USD` } } : undefined;
  return { customer, context, ...(manifest && { manifest }), ...(withCard && { secret: CARD }) };
}

function pick<Value>(chance: number, shares: readonly (readonly [number, Value])[]): Value {
  let left = chance;
  for (const [share, value] of shares) {
    if (left < share) return value;
    left -= share;
  }
  const [first] = shares;
  if (first === undefined) throw new Error('there is something to pick from');
  return first[1];
}

/** Numbers in [0, 1), the same for the same two (mulberry32). */
function drawing(seed: number, index: number): () => number {
  let state = (Math.imul(seed + 1, 0x9e37_79b1) ^ Math.imul(index + 1, 0x85eb_ca6b)) >>> 0;
  return () => {
    state = (state + 0x6d2b_79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}
