// Owns how a place is held at a destination: by its own means, or by a number that we lend to the transfer. What is not held is never told as
// held (H3).

import type { HandoffId, Instant, InteractionId, PlatformName } from './ids.ts';
import type { Outcome } from './outcome.ts';
import type { Call, Platform, TargetCheck } from './platforms/platform.ts';
import type { Command, CommandOutcome, Foresee } from './protocols/command.ts';

/** The numbers of the destinations' entries, each lent to one handoff at a time. Both calls may be repeated. */
export type EntryNumbers = {
  /** Null when none is free. The same handoff asks again and keeps its number. */
  take(loan: {
    readonly handoffId: HandoffId;
    readonly interactionId: InteractionId;
    readonly platform: PlatformName;
    readonly numbers: readonly string[];
    readonly token: string;
    readonly caller?: string;
    readonly forMs: number;
  }): Promise<Outcome<{ readonly number: string; readonly until: Instant } | null>>;
  /** Notes a place that the destination holds itself, so that the call is recognised by it. */
  hold(held: {
    readonly handoffId: HandoffId;
    readonly interactionId: InteractionId;
    readonly platform: PlatformName;
    readonly reservationId: string;
    readonly token: string;
    readonly caller?: string;
    readonly until: Instant;
  }): Promise<Outcome<null>>;
  release(handoffId: HandoffId): Promise<Outcome<null>>;
};

type Reserve = Extract<Command, { kind: 'Reserve' }>;

/** An agent who has taken what they were asked by is free for this call, whatever else the platform says of them. */
async function freeFor(
  { target, channel, placeholder }: Reserve,
  destination: Platform,
  call: Call,
): Promise<Outcome<TargetCheck>> {
  const { placeholders } = destination;
  if (!placeholder || !placeholders || target.kind !== 'agent')
    return withUnknownAgent(await destination.checkTarget(target, channel, call), target.kind);
  const seen = await placeholders.look({ ...placeholder, agentId: target.agentId }, call);
  if (seen.kind !== 'done') return seen;
  return { kind: 'done', value: seen.value === 'taken' ? { free: 'yes' } : { free: 'no', code: DECLINED } };
}

export function holdPlace(
  command: Reserve,
  destination: Platform,
  entries: EntryNumbers,
  call: Call,
): Promise<CommandOutcome> {
  return command.reservation === 'native'
    ? reserveNatively(command, destination, entries, call)
    : lendNumber(command, destination, entries, call);
}

/** The key makes the platform do it once, so that what fails afterwards may simply be asked for again. */
async function reserveNatively(
  { once, handoffId, interactionId, to, token, caller, target, channel, holdLimitMs, context, entryNumbers }: Reserve,
  destination: Platform,
  entries: EntryNumbers,
  call: Call,
): Promise<CommandOutcome> {
  const reserved = await destination.reserve({ key: once, target, channel, holdLimitMs, context }, call);
  if (reserved.kind !== 'done') return reserved;
  const { id, validUntil, address = entryNumbers[0] } = reserved.value;
  if (address !== undefined) {
    const known = caller === undefined ? {} : { caller };
    const held = { handoffId, interactionId, platform: to, reservationId: id, token, ...known, until: validUntil };
    const noted = await entries.hold(held);
    if (noted.kind !== 'done') return noted;
    return { kind: 'done', of: 'Reserve', result: { held: true, id, validUntil, address } };
  }
  // A place that no call can be sent to is none. Should giving it back fail, its platform lets go of it when its time is over.
  await destination.release(id, call);
  return { kind: 'done', of: 'Reserve', result: { held: false, code: NO_NUMBER } };
}

/** The check is advisory: nothing is held at the destination but the number that its entry is reached by. */
async function lendNumber(
  command: Reserve,
  destination: Platform,
  entries: EntryNumbers,
  call: Call,
): Promise<CommandOutcome> {
  const check = await freeFor(command, destination, call);
  if (check.kind !== 'done') return check;
  const { free, code = NOT_FREE } = check.value;
  if (free === 'no') return { kind: 'done', of: 'Reserve', result: { held: false, code } };
  return call.mayStart() ? lend(command, entries) : { kind: 'transient', code: 'not-sent' };
}

async function lend(command: Reserve, entries: EntryNumbers): Promise<CommandOutcome> {
  const {
    handoffId,
    interactionId,
    to: platform,
    token,
    caller,
    entryNumbers: numbers,
    reservationMs: forMs,
  } = command;
  const loan = { handoffId, interactionId, platform, numbers, token, ...(caller !== undefined && { caller }), forMs };
  const taken = await entries.take(loan);
  if (taken.kind !== 'done') return taken;
  if (!taken.value) return { kind: 'done', of: 'Reserve', result: { held: false, code: NO_NUMBER } };
  const { number, until } = taken.value;
  return { kind: 'done', of: 'Reserve', result: { held: true, id: handoffId, validUntil: until, address: number } };
}

/** What is left of the two seconds that a check is believed must suffice for telling the source (H3). */
const FRESH_MS = 1_000;

/** A number of ours that is lent right after its target was asked: nobody need be asked once more. */
export function lendingAtOnce({
  entries,
  now,
}: {
  readonly entries: EntryNumbers;
  readonly now: () => Instant;
}): Foresee {
  return (command) => {
    if (command.kind !== 'Reserve' || command.reservation !== 'entry-script' || command.placeholder) return null;
    const { checkedAt } = command;
    const isFresh = checkedAt !== undefined && Math.abs(now() - checkedAt) <= FRESH_MS;
    return isFresh ? lentAtOnce(command, entries, checkedAt) : null;
  };
}

async function lentAtOnce(command: Reserve, entries: EntryNumbers, checkedAt: Instant): Promise<CommandOutcome | null> {
  const outcome = await lend(command, entries);
  if (outcome.kind !== 'done' || outcome.of !== 'Reserve') return null;
  return outcome.result.held ? { ...outcome, result: { ...outcome.result, checkedAt } } : outcome;
}

/** Why there is no place, beside what a platform itself says of a target. */
export const PLACE_REFUSALS = ['agent-not-found', 'target-not-free', 'no-entry-number-free', 'agent-declined'] as const;
const [NO_SUCH_AGENT, NOT_FREE, NO_NUMBER, DECLINED] = PLACE_REFUSALS;

/** That the agent does not exist is an answer about the target; the code alone could as well mean the conversation. */
export function withUnknownAgent(checked: Outcome<TargetCheck>, kind: 'agent' | 'queue'): Outcome<TargetCheck> {
  if (kind !== 'agent' || checked.kind !== 'rejected' || checked.code !== 'not-found') return checked;
  return { kind: 'done', value: { free: 'no', code: NO_SUCH_AGENT } };
}
