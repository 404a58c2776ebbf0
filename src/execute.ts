// Owns the step from a decided command to the call that performs it, and nothing else: which platform, which verb, which
// outcome. What it does not know is rejected, never guessed.

import type { HandoffId } from './ids.ts';
import type { Failure, Outcome } from './outcome.ts';
import type { Call, CallPriority, Platform } from './platforms/platform.ts';
import type { Command, CommandOutcome, CommandValue, Execute } from './protocols/command.ts';

export type ExecuteParts = {
  readonly platforms: ReadonlyMap<string, Platform>;
  /** Calls a person's attention to a handoff that could not be finished; durable once it resolves. */
  readonly alert: (alert: { readonly code: string; readonly handoffId: HandoffId }) => Promise<void>;
};

export function executor({ platforms, alert }: ExecuteParts): Execute {
  return async (command, call) => {
    if (command.kind === 'RaiseAlert') {
      await alert({ code: command.code, handoffId: command.handoffId });
      return { kind: 'done', of: 'RaiseAlert', result: null };
    }
    const platform = platforms.get(command.platform);
    if (!platform)
      return { kind: 'rejected', code: 'not-found', detail: `no platform ${command.platform} is configured` };
    // A look belongs to a handoff that is already moving: were it to wait behind new ones, a flood of them would starve it.
    return perform(command, platform, { ...call, priority: PRIORITIES[command.kind] ?? 'live' });
  };
}

/** Nobody waits for an overwriting; an agent who is held, or is to be, comes after customers who wait for one. */
const PRIORITIES: Partial<Readonly<Record<Command['kind'], CallPriority>>> = {
  OverwriteContext: 'report',
  ReadPresence: 'reconcile',
  HoldAgent: 'reconcile',
  ReleaseAgent: 'reconcile',
};

type PlatformCommand = Exclude<Command, { kind: 'RaiseAlert' }>;

async function perform(command: PlatformCommand, platform: Platform, call: Call): Promise<CommandOutcome> {
  switch (command.kind) {
    case 'Inspect':
      return inspect(command, platform, call);
    case 'AttachContext':
      return answer('AttachContext', await platform.attachContext(command, command, call));
    case 'TransferToQueue':
      return answer('TransferToQueue', await platform.transferToQueue(command, command, call));
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
  const failures = [queue, view].filter((outcome): outcome is Failure => outcome.kind !== 'done');
  return failures.find((failure) => failure.kind === 'rejected') ?? (failures[0] as Failure);
}

function answer<Kind extends CommandValue['of']>(
  of: Kind,
  outcome: Outcome<Extract<CommandValue, { of: Kind }>['result']>,
): CommandOutcome {
  return outcome.kind === 'done' ? ({ kind: 'done', of, result: outcome.value } as CommandOutcome) : outcome;
}
