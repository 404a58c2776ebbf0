// Owns what a transfer between two platforms asks of them beyond one call: both sides are looked at together, a place is held by the
// destination's own means or by a number that we lend, and given back. What is not held is never told as held (H3).

import type { Queue } from './context/conversation.ts';
import type { HandoffId, Instant, InteractionId, PlatformName } from './ids.ts';
import type { Failure, Outcome } from './outcome.ts';
import type { Call, Platform, TargetCheck } from './platforms/platform.ts';
import type { Command, CommandOutcome, SideView } from './protocols/command.ts';

/** The numbers of the destinations' entries, each lent to one handoff at a time. Both calls may be repeated. */
export type EntryNumbers = {
  /** Null when none is free. The same handoff asks again and keeps its number. */
  take(loan: {
    readonly handoffId: HandoffId;
    readonly interactionId: InteractionId;
    readonly platform: PlatformName;
    readonly numbers: readonly string[];
    readonly token: string;
    readonly forMs: number;
  }): Promise<Outcome<{ readonly number: string; readonly until: Instant } | null>>;
  /** Notes a place that the destination holds itself, so that the call is recognised by it. */
  hold(held: {
    readonly handoffId: HandoffId;
    readonly interactionId: InteractionId;
    readonly platform: PlatformName;
    readonly reservationId: string;
    readonly token: string;
    readonly until: Instant;
  }): Promise<Outcome<null>>;
  release(handoffId: HandoffId): Promise<Outcome<null>>;
};

export type TransferParts = {
  readonly platforms: ReadonlyMap<string, Platform>;
  readonly entries: EntryNumbers;
};

type Of<Kind extends Command['kind']> = Extract<Command, { kind: Kind }>;
export type TransferCommand = Of<'CheckTransfer' | 'AskAgent' | 'LookForAgent' | 'Reserve' | 'Release' | 'Reconcile'>;

/** The commands of a transfer that concern more than one platform, or the numbers. */
export function performTransfer(command: TransferCommand, parts: TransferParts, call: Call): Promise<CommandOutcome> {
  switch (command.kind) {
    case 'CheckTransfer':
      return checkTransfer(command, parts, call);
    case 'AskAgent':
      return askAgent(command, parts, call);
    case 'LookForAgent':
      return lookForAgent(command, parts, call);
    case 'Reserve':
      return reserve(command, parts, call);
    case 'Release':
      return release(command, parts, call);
    case 'Reconcile':
      return reconcile(command, parts, call);
  }
}

/** Everything is only read, so it goes out together. What can never be is the better thing to say. */
async function checkTransfer(
  { platform, externalId, channel, to, target, fallback }: Of<'CheckTransfer'>,
  { platforms }: TransferParts,
  call: Call,
): Promise<CommandOutcome> {
  const [source, destination] = [platforms.get(platform), platforms.get(to)];
  if (!source || !destination) return notConfigured(source ? to : platform);
  const [checked, view, atSource, atDestination] = await Promise.all([
    destination.checkTarget(target, channel, call),
    source.look({ externalId, channel }, call),
    source.resolveQueue(fallback.source, call),
    destination.resolveQueue(fallback.destination, call),
  ]);
  const check = withUnknownAgent(checked, target.kind);
  const queues = [ofFallback(atSource, platform), ofFallback(atDestination, to)] as const;
  if (check.kind === 'done' && view.kind === 'done' && queues[0].kind === 'done' && queues[1].kind === 'done') {
    const { free, code, queue } = check.value;
    return {
      kind: 'done',
      of: 'CheckTransfer',
      result: {
        view: view.value,
        free,
        ...(code !== undefined && { code }),
        ...(queue && { queue }),
        fallback: { source: queues[0].value, destination: queues[1].value },
      },
    };
  }
  return worst([check, view, ...queues]);
}

/** That the agent does not exist is an answer about the target; the code alone could as well mean the conversation. */
function withUnknownAgent(checked: Outcome<TargetCheck>, kind: 'agent' | 'queue'): Outcome<TargetCheck> {
  if (kind !== 'agent' || checked.kind !== 'rejected' || checked.code !== 'not-found') return checked;
  return { kind: 'done', value: { free: 'no', code: NO_SUCH_AGENT } };
}

/** Says of which platform's fallback queue it is said. */
function ofFallback(outcome: Outcome<Queue>, platform: PlatformName): Outcome<Queue> {
  if (outcome.kind === 'done') return outcome;
  const detail = `The fallback queue at ${platform}: ${outcome.detail ?? outcome.code}`;
  return { ...outcome, detail };
}

async function askAgent(
  { to, agentId, placeholder: { key } }: Of<'AskAgent'>,
  { platforms }: TransferParts,
  call: Call,
): Promise<CommandOutcome> {
  const { placeholders } = platforms.get(to) ?? {};
  if (!placeholders) return notConfigured(to);
  const asked = await placeholders.ask({ key, agentId }, call);
  return asked.kind === 'done' ? { kind: 'done', of: 'AskAgent', result: asked.value } : asked;
}

async function lookForAgent(
  { to, agentId, placeholder }: Of<'LookForAgent'>,
  { platforms }: TransferParts,
  call: Call,
): Promise<CommandOutcome> {
  const { placeholders } = platforms.get(to) ?? {};
  if (!placeholders) return notConfigured(to);
  const seen = await placeholders.look({ ...placeholder, agentId }, call);
  return seen.kind === 'done' ? { kind: 'done', of: 'LookForAgent', result: seen.value } : seen;
}

/** An agent who has taken what they were asked by is free for this call, whatever else the platform says of them. */
async function freeFor(
  { target, channel, placeholder }: Of<'Reserve'>,
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

async function reserve(command: Of<'Reserve'>, parts: TransferParts, call: Call): Promise<CommandOutcome> {
  const destination = parts.platforms.get(command.to);
  if (!destination) return notConfigured(command.to);
  return command.reservation === 'native'
    ? reserveNatively(command, destination, parts.entries, call)
    : lendNumber(command, destination, parts.entries, call);
}

/** The key makes the platform do it once, so that what fails afterwards may simply be asked for again. */
async function reserveNatively(
  { once, handoffId, interactionId, to, token, target, channel, holdLimitMs, context, entryNumbers }: Of<'Reserve'>,
  destination: Platform,
  entries: EntryNumbers,
  call: Call,
): Promise<CommandOutcome> {
  const reserved = await destination.reserve({ key: once, target, channel, holdLimitMs, context }, call);
  if (reserved.kind !== 'done') return reserved;
  const { id, validUntil, address = entryNumbers[0] } = reserved.value;
  if (address !== undefined) {
    const held = { handoffId, interactionId, platform: to, reservationId: id, token, until: validUntil };
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
  command: Of<'Reserve'>,
  destination: Platform,
  entries: EntryNumbers,
  call: Call,
): Promise<CommandOutcome> {
  const { handoffId, interactionId, to, token, entryNumbers, reservationMs } = command;
  const check = await freeFor(command, destination, call);
  if (check.kind !== 'done') return check;
  const { free, code = NOT_FREE } = check.value;
  if (free === 'no') return { kind: 'done', of: 'Reserve', result: { held: false, code } };
  if (!call.mayStart()) return { kind: 'transient', code: 'not-sent' };
  const loan = { handoffId, interactionId, platform: to, numbers: entryNumbers, token, forMs: reservationMs };
  const taken = await entries.take(loan);
  if (taken.kind !== 'done') return taken;
  if (!taken.value) return { kind: 'done', of: 'Reserve', result: { held: false, code: NO_NUMBER } };
  const { number, until } = taken.value;
  return { kind: 'done', of: 'Reserve', result: { held: true, id: handoffId, validUntil: until, address: number } };
}

/** Why there is no place, beside what a platform itself says of a target. */
export const PLACE_REFUSALS = ['agent-not-found', 'target-not-free', 'no-entry-number-free', 'agent-declined'] as const;
const [NO_SUCH_AGENT, NOT_FREE, NO_NUMBER, DECLINED] = PLACE_REFUSALS;

async function release(
  { handoffId, to, reservation }: Of<'Release'>,
  { platforms, entries }: TransferParts,
  call: Call,
): Promise<CommandOutcome> {
  const destination = platforms.get(to);
  if (reservation.kind === 'placeholder') return letAgentGo(reservation, { destination, to }, call);
  if (reservation.kind === 'native' && !destination) return notConfigured(to);
  const released =
    reservation.kind === 'native' && destination
      ? await destination.release(reservation.id, call)
      : await entries.release(handoffId);
  return released.kind === 'done' ? { kind: 'done', of: 'Release', result: null } : released;
}

async function letAgentGo(
  { key, id }: Extract<Of<'Release'>['reservation'], { kind: 'placeholder' }>,
  { destination, to }: { readonly destination: Platform | undefined; readonly to: PlatformName },
  call: Call,
): Promise<CommandOutcome> {
  if (!destination?.placeholders) return notConfigured(to);
  const released = await destination.placeholders.release({ key, ...(id !== undefined && { id }) }, call);
  return released.kind === 'done' ? { kind: 'done', of: 'Release', result: null } : released;
}

/** A conversation that its platform no longer knows is an answer; a platform that does not answer is none. */
async function reconcile(
  { platform, externalId, channel, arrived }: Of<'Reconcile'>,
  { platforms }: TransferParts,
  call: Call,
): Promise<CommandOutcome> {
  const source = platforms.get(platform);
  if (!source) return notConfigured(platform);
  const there = arrived && platforms.get(arrived.platform);
  if (arrived && !there) return notConfigured(arrived.platform);
  const [atSource, atDestination] = await Promise.all([
    side(source.look({ externalId, channel }, call)),
    arrived && there ? side(there.look(arrived, call)) : undefined,
  ]);
  if (atSource.kind !== 'done' || (atDestination && atDestination.kind !== 'done')) {
    return worst(atDestination ? [atSource, atDestination] : [atSource]);
  }
  const destination = atDestination && { destination: atDestination.value };
  return { kind: 'done', of: 'Reconcile', result: { source: atSource.value, ...destination } };
}

async function side(look: ReturnType<Platform['look']>): Promise<Outcome<SideView>> {
  const seen = await look;
  return seen.kind === 'rejected' && seen.code === 'not-found' ? { kind: 'done', value: 'gone' } : seen;
}

/** Of several failures the one that repeating cannot mend, else the first. */
export function worst(outcomes: readonly Outcome<unknown>[]): Failure {
  const failures = outcomes.filter((outcome): outcome is Failure => outcome.kind !== 'done');
  return failures.find((failure) => failure.kind === 'rejected') ?? (failures[0] as Failure);
}

export function notConfigured(platform: string): Failure {
  return { kind: 'rejected', code: 'not-found', detail: `no platform ${platform} is configured` };
}
