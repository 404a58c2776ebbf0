// Owns the step from a decided command to the call that performs it, and nothing else: which platform, which verb, which
// outcome. What it does not know is rejected, never guessed.

import { attachOnArrival } from './execute-arrival.ts';
import { type ChannelCommand, type ChannelParts, performOnChannel } from './execute-channels.ts';
import { type ChatCommand, type ChatParts, foreseeing, isOfChat, performChat } from './execute-chat.ts';
import { type EntryNumbers, lendingAtOnce } from './execute-place.ts';
import { notConfigured, performTransfer, type TransferCommand, worst } from './execute-transfer.ts';
import type { HandoffId, Instant } from './ids.ts';
import type { Outcome } from './outcome.ts';
import type { Call, CallPriority, Platform } from './platforms/platform.ts';
import type { Command, CommandOutcome, CommandValue, Execute, Foresee } from './protocols/command.ts';

export type ExecuteParts = ChannelParts & {
  readonly entries: EntryNumbers;
  readonly now: () => Instant;
  /** Bots and people for conversations of our own; absent where none are configured. */
  readonly chat?: ChatParts;
  /** Calls a person's attention to a handoff that could not be finished; whoever is called has it once that is done. */
  readonly alert: (
    alert: { readonly key: string; readonly code: string; readonly handoffId: HandoffId },
    signal: AbortSignal,
  ) => Promise<Outcome<null>>;
};

export function executor(parts: ExecuteParts): Execute {
  const { platforms, alert } = parts;
  return async (command, given) => {
    if (command.kind === 'RaiseAlert') {
      const { key, code, handoffId } = command;
      return answer('RaiseAlert', await alert({ key, code, handoffId }, given.signal));
    }
    // A look belongs to a handoff that is already moving: were it to wait behind new ones, a flood of them would starve it.
    const call = { ...given, priority: PRIORITIES[command.kind] ?? 'live' };
    if (isOfChat(command)) return parts.chat ? performChat(command, parts.chat, call) : NO_CHAT;
    if (isOfTransfer(command)) return performTransfer(command, parts, call);
    if (isOnChannel(command)) return performOnChannel(command, parts, call);
    const platform = platforms.get(command.platform);
    return platform ? perform(command, platform, call) : notConfigured(command.platform);
  };
}

/** What needs nobody outside: turns of a bot that asks nobody, and numbers of ours. */
export function foreseer({ chat, entries, now }: Pick<ExecuteParts, 'chat' | 'entries' | 'now'>): Foresee {
  const lends = lendingAtOnce({ entries, now });
  const turns = chat && foreseeing(chat);
  return (command) => lends(command) ?? turns?.(command) ?? null;
}

const NO_CHAT: CommandOutcome = {
  kind: 'rejected',
  code: 'not-found',
  detail: 'no conversations of our own are configured',
};

const OF_TRANSFER: ReadonlySet<Command['kind']> = new Set<TransferCommand['kind']>([
  'CheckTransfer',
  'AskAgent',
  'LookForAgent',
  'Reserve',
  'Release',
  'Reconcile',
]);

function isOfTransfer(command: Command): command is TransferCommand {
  return OF_TRANSFER.has(command.kind);
}

const ON_CHANNEL: ReadonlySet<Command['kind']> = new Set<ChannelCommand['kind']>([
  'WriteContext',
  'SendSms',
  'FindSms',
  'AskReceipt',
  'CloseLeg',
  'BookCallback',
]);

function isOnChannel(command: Command): command is ChannelCommand {
  return ON_CHANNEL.has(command.kind);
}

/**
 * Nobody waits for an overwriting; an agent who is held, or is to be, comes after customers who wait for one, and so does what makes
 * sure where a customer is who is on their way.
 */
const PRIORITIES: Partial<Readonly<Record<Command['kind'], CallPriority>>> = {
  OverwriteContext: 'report',
  ReadPresence: 'reconcile',
  HoldAgent: 'reconcile',
  ReleaseAgent: 'reconcile',
  Reconcile: 'reconcile',
  Release: 'reconcile',
  CloseLeg: 'reconcile',
  AskReceipt: 'reconcile',
};

type PlatformCommand = Exclude<Command, { kind: 'RaiseAlert' } | TransferCommand | ChannelCommand | ChatCommand>;

async function perform(command: PlatformCommand, platform: Platform, call: Call): Promise<CommandOutcome> {
  switch (command.kind) {
    case 'Inspect':
      return inspect(command, platform, call);
    case 'AttachContext':
      return answer('AttachContext', await platform.attachContext(command, command, call));
    case 'AttachOnArrival':
      return attachOnArrival(command, platform, call);
    case 'TransferToQueue':
      return answer('TransferToQueue', await platform.transferToQueue(command, command, call));
    case 'TransferAway':
      return answer('TransferAway', await platform.transferAway(command, command, call));
    case 'EndConsult':
      return answer('EndConsult', await platform.endConsult(command, command, call));
    case 'OverwriteContext':
      return answer('OverwriteContext', await platform.overwriteContext(command, command.overwrite, call));
    case 'Look':
      return answer('Look', await platform.look(command, call));
    case 'ReadPresence':
      return answer('ReadPresence', await platform.presence(command.agentId, call));
    case 'HoldAgent':
      return answer('HoldAgent', await platform.setPresence(command.agentId, command.presence, call));
    case 'ReleaseAgent':
      return release(command, platform, call);
  }
}

/** What the agent has chosen meanwhile stays. No call of a platform's is conditional, so between the two they may choose again. */
async function release(
  { agentId, set, previous }: Extract<Command, { kind: 'ReleaseAgent' }>,
  platform: Platform,
  call: Call,
): Promise<CommandOutcome> {
  const now = await platform.presence(agentId, call);
  if (now.kind !== 'done') return now;
  const { id, since } = now.value;
  const isOurs = id === set.id && (set.since === undefined || since === undefined || since === set.since);
  if (!isOurs) return { kind: 'done', of: 'ReleaseAgent', result: { restored: false } };
  const restored = await platform.setPresence(agentId, previous, call);
  return restored.kind === 'done' ? { kind: 'done', of: 'ReleaseAgent', result: { restored: true } } : restored;
}

/** Both are only read, so they go out together. A queue that does not exist is the better thing to say. */
async function inspect(
  command: Extract<Command, { kind: 'Inspect' }>,
  platform: Platform,
  call: Call,
): Promise<CommandOutcome> {
  const [queue, view] = await Promise.all([
    platform.resolveQueue(command.queueName, call),
    platform.look(command, call),
  ]);
  if (queue.kind === 'done' && view.kind === 'done') {
    return { kind: 'done', of: 'Inspect', result: { queue: queue.value, view: view.value } };
  }
  return worst([queue, view]);
}

function answer<Kind extends CommandValue['of']>(
  of: Kind,
  outcome: Outcome<Extract<CommandValue, { of: Kind }>['result']>,
): CommandOutcome {
  return outcome.kind === 'done' ? ({ kind: 'done', of, result: outcome.value } as CommandOutcome) : outcome;
}
