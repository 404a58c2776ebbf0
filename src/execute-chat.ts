// Owns the step from a command of our own conversations to what performs it: which bot, which platform's people. `execute.ts` hands them
// over; what is not configured is rejected, never guessed.

import type { Bot } from './bots/bot.ts';
import type { Outcome } from './outcome.ts';
import type { Desk } from './platforms/desk.ts';
import type { Call } from './platforms/platform.ts';
import type { Command, CommandOutcome, CommandValue } from './protocols/command.ts';
import type { EscalationPolicy } from './protocols/input.ts';

export type ChatCommand = Extract<
  Command,
  { kind: 'RunBotTurn' | 'PrepareEscalation' | 'OpenConversation' | 'DeliverMessage' }
>;

export type ChatParts = {
  readonly bots: ReadonlyMap<string, Bot>;
  /** By the name of the platform whose people answer. */
  readonly desks: ReadonlyMap<string, Desk>;
  readonly policy: () => EscalationPolicy;
};

const OF_CHAT: ReadonlySet<Command['kind']> = new Set<ChatCommand['kind']>([
  'RunBotTurn',
  'PrepareEscalation',
  'OpenConversation',
  'DeliverMessage',
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
      return { kind: 'done', of: 'PrepareEscalation', result: { policy: parts.policy() } };
    case 'OpenConversation': {
      const desk = parts.desks.get(command.platform);
      return desk ? answer('OpenConversation', await desk.open(command, call)) : noDesk(command.platform);
    }
    case 'DeliverMessage': {
      const desk = parts.desks.get(command.platform);
      return desk ? answer('DeliverMessage', await desk.deliver(command, call)) : noDesk(command.platform);
    }
  }
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
