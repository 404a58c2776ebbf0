// Owns what a transfer between two platforms asks of them beyond one call: both sides are looked at together, a place is held by the
// destination's own means or by a number that we lend, and given back. What is not held is never told as held (H3).

import type { Queue } from './context/conversation.ts';
import { type EntryNumbers, holdPlace, withUnknownAgent } from './execute-place.ts';
import type { Instant, PlatformName } from './ids.ts';
import type { Failure, Outcome } from './outcome.ts';
import type { Call, Platform } from './platforms/platform.ts';
import type { Command, CommandOutcome, SideView } from './protocols/command.ts';

export type TransferParts = {
  readonly platforms: ReadonlyMap<string, Platform>;
  readonly entries: EntryNumbers;
  readonly now: () => Instant;
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
  { platform, externalId, channel, to, target, fallback, arrived }: Of<'CheckTransfer'>,
  { platforms, now }: TransferParts,
  call: Call,
): Promise<CommandOutcome> {
  const [source, destination] = [platforms.get(platform), platforms.get(to)];
  if (!source || !destination) return notConfigured(source ? to : platform);
  const there = arrived && platforms.get(arrived.platform);
  if (arrived && !there) return notConfigured(arrived.platform);
  let freeAt: Instant | undefined;
  const [checked, view, atSource, atDestination, before] = await Promise.all([
    destination.checkTarget(target, channel, call).finally(() => {
      freeAt = now();
    }),
    source.look({ externalId, channel }, call),
    source.resolveQueue(fallback.source, call),
    destination.resolveQueue(fallback.destination, call),
    arrived && there ? side(there.look(arrived, call)) : undefined,
  ]);
  if (before && before.kind !== 'done') return before;
  const check = withUnknownAgent(checked, target.kind);
  const queues = [ofFallback(atSource, platform), ofFallback(atDestination, to)] as const;
  if (check.kind === 'done' && view.kind === 'done' && queues[0].kind === 'done' && queues[1].kind === 'done') {
    const { free, code, queue } = check.value;
    return {
      kind: 'done',
      of: 'CheckTransfer',
      result: {
        view: view.value,
        ...(before && { destination: before.value }),
        free,
        ...(code !== undefined && { code }),
        ...(queue && { queue }),
        fallback: { source: queues[0].value, destination: queues[1].value },
        ...(freeAt !== undefined && { freeAt }),
      },
    };
  }
  return worst([check, view, ...queues]);
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

async function reserve(
  command: Of<'Reserve'>,
  { platforms, entries }: TransferParts,
  call: Call,
): Promise<CommandOutcome> {
  const destination = platforms.get(command.to);
  return destination ? holdPlace(command, destination, entries, call) : notConfigured(command.to);
}

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
