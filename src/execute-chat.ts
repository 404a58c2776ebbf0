// Owns the step from a command of our own conversations to what performs it: which bot, which platform's people. `execute.ts` hands them
// over; what is not configured is rejected, never guessed.

import type { Bot } from './bots/bot.ts';
import type { InteractionId, ManifestRef } from './ids.ts';
import type { Outcome } from './outcome.ts';
import type { Desk } from './platforms/desk.ts';
import type { Call } from './platforms/platform.ts';
import type { Command, CommandOutcome, CommandResult, CommandValue, Foresee } from './protocols/command.ts';
import type { EscalationPolicy } from './protocols/input.ts';

export type ChatCommand = Extract<
  Command,
  { kind: 'RunBotTurn' | 'PrepareEscalation' | 'OpenConversation' | 'DeliverMessage' | 'FetchFile' }
>;

export type ChatParts = {
  readonly bots: ReadonlyMap<string, Bot>;
  /** By the name of the platform whose people answer. */
  readonly desks: ReadonlyMap<string, Desk>;
  readonly policy: () => EscalationPolicy;
  /** Brings a file that an agent sends, from one of the origins of their platform, and keeps it once it was looked at. */
  readonly bringFile?: (
    file: Pick<Extract<Command, { kind: 'FetchFile' }>, 'interactionId' | 'ref' | 'url' | 'name'>,
    origins: readonly string[],
    call: Call,
  ) => Promise<Outcome<CommandResult['FetchFile']>>;
  /** Keeps a new reference to what an escalation will carry; without it, what does not fit is only named. */
  readonly keepReference?: (interactionId: InteractionId) => Promise<Outcome<ManifestRef>>;
};

/** The turn of a bot that need ask nobody is known as soon as it is asked for. */
export function foreseeing({ bots }: Pick<ChatParts, 'bots'>): Foresee {
  return (command) => {
    if (command.kind !== 'RunBotTurn') return null;
    const known = bots.get(command.bot)?.foresee?.(command.turn);
    return known ? known.then((outcome) => outcome && answer('RunBotTurn', outcome)) : null;
  };
}

const OF_CHAT: ReadonlySet<Command['kind']> = new Set<ChatCommand['kind']>([
  'RunBotTurn',
  'PrepareEscalation',
  'OpenConversation',
  'DeliverMessage',
  'FetchFile',
]);

export function isOfChat(command: Command): command is ChatCommand {
  return OF_CHAT.has(command.kind);
}

export async function performChat(command: ChatCommand, parts: ChatParts, call: Call): Promise<CommandOutcome> {
  switch (command.kind) {
    case 'RunBotTurn': {
      const bot = parts.bots.get(command.bot);
      if (!bot) return { kind: 'rejected', code: 'not-found', detail: `no bot ${command.bot} is configured` };
      return answer('RunBotTurn', await bot.turn(command.turn, call));
    }
    case 'PrepareEscalation':
      return prepared(command.interactionId, parts);
    case 'OpenConversation': {
      const desk = parts.desks.get(command.platform);
      return desk ? answer('OpenConversation', await desk.open(command, call)) : noDesk(command.platform);
    }
    case 'DeliverMessage': {
      const desk = parts.desks.get(command.platform);
      return desk ? answer('DeliverMessage', await desk.deliver(command, call)) : noDesk(command.platform);
    }
    case 'FetchFile': {
      const origins = parts.desks.get(command.platform)?.fileOrigins ?? [];
      const brought = await parts.bringFile?.(command, origins, call);
      return brought ? answer('FetchFile', brought) : noDesk(command.platform);
    }
  }
}

/** The reference is kept before anything names it, so that none ever leads nowhere (H4). */
async function prepared(
  interactionId: InteractionId,
  { policy, keepReference }: Pick<ChatParts, 'policy' | 'keepReference'>,
): Promise<CommandOutcome> {
  const kept = await keepReference?.(interactionId);
  if (kept && kept.kind !== 'done') return kept;
  const result = { policy: policy(), ...(kept && { manifestRef: kept.value }) };
  return { kind: 'done', of: 'PrepareEscalation', result };
}

function noDesk(platform: string): CommandOutcome {
  return { kind: 'rejected', code: 'not-found', detail: `people of ${platform} do not take our conversations` };
}

function answer<Kind extends ChatCommand['kind']>(
  of: Kind,
  outcome: Outcome<Extract<CommandValue, { of: Kind }>['result']>,
): CommandOutcome {
  return outcome.kind === 'done' ? ({ kind: 'done', of, result: outcome.value } as CommandOutcome) : outcome;
}
