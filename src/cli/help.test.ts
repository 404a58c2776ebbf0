import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { machineClock } from '../machine-clock.ts';
import { GATEWAY_SCHEMAS } from '../platforms/gateway/gateway-openapi.ts';
import { hookJudge } from '../platforms/gateway/hook.ts';
import { auditCommand } from './audit.ts';
import { conformanceCommand } from './conformance.ts';
import { proofCommand } from './proof.ts';
import { replayCommand } from './replay.ts';

function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({ writeOut: (part) => (text += part) });
  command.outputHelp();
  return text;
}

const nobody = () => Promise.reject(new Error('No copy is read for a help text.'));
const auditCommands = auditCommand({ audit: nobody, keyOf: nobody }).commands;

describe('every command', () => {
  it.each(
    [replayCommand, proofCommand, conformanceCommand(GATEWAY_SCHEMAS, hookJudge(machineClock)), ...auditCommands].map(
      (command) => [command.name(), command] as const,
    ),
  )('%s explains itself with examples and with what its exit codes mean', (_name, command) => {
    const help = helpOf(command);
    expect(help).toContain('Examples:\n  $ throughline');
    expect(help).toMatch(/Exits with 1 when/);
  });

  it('replay names the queues it recommends by default', () => {
    expect(helpOf(replayCommand).replaceAll(/\s+/g, '')).toContain(
      'Banks=Bank_Services,Restaurants=Restaurant_Bookings,Flights=Travel_Flights',
    );
  });
});
