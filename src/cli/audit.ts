// Owns `throughline audit`: whether the journal is as it was written (H8), in words and as an exit code.

import { Command } from 'commander';
import { telling } from './command-failure.ts';
import { type AuditAnswer, serviceClient } from './service-client.ts';
import { addServiceOptions, keyOf, type ServiceOptions } from './service-options.ts';

const verifyCommand = addServiceOptions(
  new Command('verify')
    .summary("walk the journal's hash chains")
    .description("Asks the running service to walk every interaction's hash chain from its first event to its last."),
)
  .addHelpText(
    'after',
    `
Exits with 1 when an event is missing or was changed, with 2 when it cannot be asked.

Examples:
  $ throughline audit verify
  $ throughline audit verify --service https://handoffs.example.com --key "$KEY"`,
  )
  .action((options: ServiceOptions) => telling(() => verify(options)));

export const auditCommand = new Command('audit').summary('check the journal').addCommand(verifyCommand);

async function verify(options: ServiceOptions): Promise<void> {
  const service = serviceClient({ baseUrl: options.service, key: await keyOf(options) });
  const answer = await service.verifyAudit();
  console.log(auditSentence(answer));
  if (!answer.ok) process.exitCode = 1;
}

/** The answer as a sentence. */
export function auditSentence({ ok, events, seals, firstBad }: AuditAnswer): string {
  const sealed = seals ? `, ${seals} seals` : '';
  if (ok) return `The journal is whole: ${events} events${sealed}, every one follows from the one before.`;
  return `The journal is NOT whole. First event that does not follow: ${JSON.stringify(firstBad)} (${events} events checked).`;
}
