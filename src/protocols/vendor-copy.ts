// Owns what of ours a platform holds of a conversation, and the work of overwriting it once the interaction is erased. What is kept
// of a copy stands in clear columns, so it names the place and never the content: ids of the platform and names of attributes.

import { isPersonalLeg, looksPersonal } from '../context/personal-id.ts';
import type { ExternalId, HandoffId, Instant, ParticipantId } from '../ids.ts';
import type { CommandOutcome } from './command.ts';
import type { EventBody } from './event.ts';
import { givenUpBy, type HandoffOutcome, isSameLeg, type Leg, legOf, type Move, type SettledHandoff } from './move.ts';
import { retryDelayMs } from './retry.ts';

/** What a handoff wrote to a conversation, or was about to: what is asked for may have been taken. */
export type WrittenContext = {
  readonly leg: Leg;
  readonly customer: ParticipantId;
  readonly names: readonly string[];
  /** The handoff that wrote last. */
  readonly handoffId: HandoffId;
  /** Until when a write may still land: overwriting before it would be overwritten itself. */
  readonly landsBy: Instant;
};

/** What is overwritten in one call: attributes become empty, since a platform may not delete them (Genesys Cloud does not). */
export type Overwrite =
  | { readonly what: 'attributes'; readonly customer: ParticipantId; readonly names: readonly string[] }
  | { readonly what: 'tag' };

/** What is at a platform, by how it is undone there. A callback's number, name and data no platform lets us overwrite. */
type Held = Overwrite | { readonly what: 'callback' };

export type CopyProgress =
  | {
      readonly state: 'pending';
      /** `seq` counts its commands; `until` is when it is tried again or, under way, when it should have come back. */
      readonly task: { readonly kind: 'running' | 'waiting'; readonly seq: number; readonly until: Instant };
    }
  | { readonly state: SettledCopy; readonly at: Instant; readonly code?: string };

/** `gone`: the platform no longer knows the conversation. */
export type SettledCopy = 'overwritten' | 'gone' | 'needs-a-person';

export type VendorCopy = {
  readonly id: string;
  readonly handoffId: HandoffId;
  readonly platform: Leg['platform'];
  readonly channel: Leg['channel'];
  /** Null where the id is personal itself and so cannot be kept. */
  readonly externalId: ExternalId | null;
  readonly overwrite: Held;
  /** Attributes whose names may be personal and so cannot be kept: a person has to see to them. */
  readonly withheld: number;
  readonly progress: CopyProgress;
};

const MAY_BE_BOOKED: ReadonlySet<HandoffOutcome> = new Set<HandoffOutcome>(['completed', 'dead_lettered']);
/** One call's hard time-out. */
export const OVERWRITE_TIMEOUT_MS = 8_000;
/** With the pauses between them these last for half a day, as long as a vendor's bad day. */
const MOST_ATTEMPTS = 24;
const LONGEST_PAUSE_MS = 3_600_000;

/** A name of the operator's own making; a number, an address or a sentence in its place may be somebody's. */
const ATTRIBUTE_NAME = /^(?!.*\d{5})[a-z_][\w.:-]{0,127}$/i;

type Writing = Pick<WrittenContext, 'leg' | 'customer' | 'names'>;

/** What the move is writing in this step, and where; null in every other. */
export function beingWritten(move: Move): Writing | null {
  if (move.kind === 'escalation') {
    const { progress, leg } = move;
    if (progress.step !== 'attaching') return null;
    return { leg, customer: progress.target.customer, names: Object.keys(progress.attributes) };
  }
  if (move.kind === 'callback') return null;
  const { progress, leg, arrived, terms } = move;
  if (progress.step === 'marking') {
    return { leg, customer: progress.route.customer, names: Object.keys(progress.attributes) };
  }
  if (progress.step !== 'injecting' || !arrived) return null;
  return { leg: arrived, customer: progress.customer, names: Object.keys(terms.carried) };
}

/** `written` with what `move` writes to its customer from `at` on. */
export function writing(
  written: readonly WrittenContext[],
  { id, limits }: Move,
  { leg, customer, names: now }: Writing,
  at: Instant,
): readonly WrittenContext[] {
  const landsBy = givenUpBy(at, limits) + limits.settleMs;
  const isSame = (one: WrittenContext) => isSameLeg(one.leg, leg) && one.customer === customer;
  const before = written.find(isSame)?.names ?? [];
  const names = [...new Set([...before, ...now])];
  return [...written.filter((one) => !isSame(one)), { leg: legOf(leg), customer, names, handoffId: id, landsBy }];
}

/** `written` once what was being written is known to be there. */
export function landed(
  written: readonly WrittenContext[],
  { leg, customer }: Writing,
  at: Instant,
): readonly WrittenContext[] {
  return written.map((one) => (isSameLeg(one.leg, leg) && one.customer === customer ? { ...one, landsBy: at } : one));
}

type Copied = {
  readonly id: string;
  readonly legs: readonly Leg[];
  readonly written?: readonly WrittenContext[];
  readonly settled: readonly SettledHandoff[];
};

/** The copies that an interaction leaves at platforms, each to be overwritten from `at` on. Its id begins their own ids. */
export function copiesOf(state: Copied, at: Instant): readonly VendorCopy[] {
  const copies = writtenCopies(state, at);
  const booked = state.settled.flatMap((handoff, n) =>
    callbackCopy(`${state.id}.erasure.${copies.length + n + 1}`, handoff, at),
  );
  return [...copies, ...booked];
}

/** A callback that a platform has, or may have: a person ends it there, and has its record erased. */
function callbackCopy(id: string, handoff: SettledHandoff, at: Instant): readonly VendorCopy[] {
  if (handoff.kind !== 'callback' || !MAY_BE_BOOKED.has(handoff.outcome)) return [];
  const { booked = '' as ExternalId, terms } = handoff;
  const leg: Leg = { platform: terms.platform, externalId: booked, channel: 'voice' };
  const externalId = booked === '' || isPersonalLeg(leg) ? null : booked;
  return [
    {
      id,
      handoffId: handoff.id,
      platform: terms.platform,
      channel: 'voice',
      externalId,
      overwrite: { what: 'callback' },
      withheld: 0,
      progress: { state: 'needs-a-person', at, code: 'callback-kept' },
    },
  ];
}

function writtenCopies({ id, legs, written = [] }: Copied, at: Instant): readonly VendorCopy[] {
  const attributes = written.map((one) => {
    const names = one.names.filter((name) => ATTRIBUTE_NAME.test(name));
    const { customer } = one;
    const personal = looksPersonal(customer);
    const overwrite = { what: 'attributes', customer: personal ? ('' as ParticipantId) : customer, names } as const;
    return { one, overwrite, withheld: one.names.length - names.length, personal };
  });
  const tagged = written.filter((one, index) => written.findIndex(({ leg }) => isSameLeg(leg, one.leg)) === index);
  const tags = tagged.map((one) => ({ one, overwrite: { what: 'tag' } as const, withheld: 0, personal: false }));
  return [...attributes, ...tags].map(({ one: { leg, handoffId, landsBy }, overwrite, withheld, personal }, index) => {
    const unknown = isPersonalLeg(leg);
    // Another interaction has it: what stands there now may be that one's, and whose is whose a person must tell.
    const isOurs = legs.some((held) => isSameLeg(held, leg));
    const code = whyNot({ withheld: unknown || personal, isOurs, overwrite });
    const progress: CopyProgress = code === null ? firstTry(landsBy, at) : { state: 'needs-a-person', at, code };
    return {
      id: `${id}.erasure.${index + 1}`,
      handoffId,
      platform: leg.platform,
      channel: leg.channel,
      externalId: unknown ? null : leg.externalId,
      overwrite,
      withheld,
      progress,
    };
  });
}

/** Why it can only be a person's; null where it can be overwritten. */
function whyNot(of: { withheld: boolean; isOurs: boolean; overwrite: Overwrite }): string | null {
  if (of.withheld) return 'id-withheld';
  if (!of.isOurs) return 'moved-away';
  // It was never seen whose it is: an answer about nobody's attributes would say that there are none.
  return of.overwrite.what === 'attributes' && of.overwrite.customer === '' ? 'customer-unknown' : null;
}

function firstTry(landsBy: Instant, at: Instant): CopyProgress {
  if (landsBy > at) return { state: 'pending', task: { kind: 'waiting', seq: 0, until: landsBy } };
  return { state: 'pending', task: { kind: 'running', seq: 1, until: at + OVERWRITE_TIMEOUT_MS } };
}

export function copyKey({ id }: VendorCopy, seq: number): string {
  return `${id}.${seq}`;
}

/** What follows from the answer to a copy's command. A conversation that is gone needs no overwriting. */
export function overwriteAnswered(
  copy: VendorCopy,
  seq: number,
  outcome: CommandOutcome,
  { chance, now }: { readonly chance: number; readonly now: Instant },
): readonly EventBody[] {
  if (outcome.kind === 'done')
    return copy.withheld > 0 ? forAPerson(copy, 'names-withheld') : [settledAs(copy, 'overwritten')];
  const { kind, code } = outcome;
  if (kind === 'rejected' && code === 'not-found') return [settledAs(copy, 'gone', code)];
  // Credentials can be renewed.
  if ((kind === 'rejected' && code !== 'unauthorized') || seq >= MOST_ATTEMPTS) return forAPerson(copy, code);
  const told = kind === 'transient' ? outcome.retryAfterMs : undefined;
  const pause = Math.min(LONGEST_PAUSE_MS, 1_000 * 2 ** (seq - 1)) * (0.5 + chance / 2);
  const until = now + Math.max(pause, retryDelayMs(0, chance, told));
  return [{ type: 'OverwriteDelayed', id: copy.id, code, until }];
}

/** What is due of a copy at `now`: another try, or a person's, since an answer that never came is a try that failed. */
export function overwriteDue(copy: VendorCopy, now: Instant): readonly EventBody[] {
  if (copy.progress.state !== 'pending' || copy.progress.task.until > now) return [];
  if (copy.progress.task.seq >= MOST_ATTEMPTS) return forAPerson(copy, 'timed-out');
  return [{ type: 'OverwriteRetried', id: copy.id }];
}

function settledAs({ id }: VendorCopy, state: SettledCopy, code?: string): EventBody {
  return { type: 'OverwriteSettled', id, state, ...(code !== undefined && { code }) };
}

function forAPerson(copy: VendorCopy, code: string): readonly EventBody[] {
  const { id, handoffId } = copy;
  const alert: EventBody = { type: 'ChoreAdded', id: `${id}.alert`, code: 'vendor-copy-not-overwritten', handoffId };
  return [settledAs(copy, 'needs-a-person', code), alert];
}
