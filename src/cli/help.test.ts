import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { auditCommand } from './audit.ts';
import { proofCommand } from './proof.ts';
import { replayCommand } from './replay.ts';

function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({ writeOut: (part) => (text += part) });
  command.outputHelp();
  return text;
}

const verifyCommand = auditCommand.commands.find((command) => command.name() === 'verify');

describe('every command', () => {
  it.each([replayCommand, proofCommand, verifyCommand].map((command) => [command?.name(), command] as const))(
    '%s explains itself with examples and with what its exit codes mean',
    (_name, command) => {
      const help = command ? helpOf(command) : '';
      expect(help).toContain('Examples:\n  $ throughline');
      expect(help).toMatch(/Exits with 1 when/);
    },
  );

  it('replay names the queues it recommends by default', () => {
    expect(helpOf(replayCommand).replaceAll(/\s+/g, '')).toContain(
      'Banks=Bank_Services,Restaurants=Restaurant_Bookings,Flights=Travel_Flights',
    );
  });
});
