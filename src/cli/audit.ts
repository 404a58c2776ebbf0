// Owns `throughline audit`: whether the journal is as it was written (H8), in words and as an exit code, asked of a running
// service or of a copy of its database. How a copy is read is handed in: this room knows no journal.

import { readFile } from 'node:fs/promises';
import { Command, InvalidArgumentError, Option } from 'commander';
import { CommandFailure, telling } from './command-failure.ts';
import { type AuditAnswer, type AuditFault, serviceClient } from './service-client.ts';
import { addServiceOptions, keyOf, type ServiceOptions } from './service-options.ts';

type Anchor = { readonly number: number; readonly digest: string };

export type CopyReader = {
  /** `at`: a path or a URL. Throws an error with a sentence when the copy or the key cannot be read. */
  audit(
    at: string,
    given: { readonly publicKey?: string; readonly anchor?: Anchor },
  ): Promise<AuditAnswer & { readonly trustedKey: boolean }>;
  keyOf(at: string): Promise<string>;
};

type AuditOptions = ServiceOptions & { readonly database?: string; readonly atLeastSeal?: Anchor };

const COPY = new Option(
  '--database <copy>',
  'a copy of the database to read instead, a file or a postgres:// URL; --key is then the public key’s file',
);

export function auditCommand(copies: CopyReader): Command {
  const verify = addServiceOptions(
    new Command('verify')
      .summary("walk the journal's hash chains and seals")
      .description(
        "Walks every interaction's hash chain from its first event to its last and checks every seal: asks the running service, or reads a copy of its database with nothing else at hand.",
      ),
  )
    .addOption(COPY)
    .addOption(
      new Option(
        '--at-least-seal <number:digest>',
        'a seal you keep elsewhere: the journal must still have it',
      ).argParser(anchorOf),
    )
    .addHelpText('after', VERIFY_HELP)
    .action((options: AuditOptions, command: Command) => telling(() => verifyAudit(copies, options, command)));
  const key = addServiceOptions(
    new Command('key')
      .summary('print the public key that seals are signed with')
      .description('Prints the public key (PEM). Keep it where the journal is not, and give it to `audit verify`.'),
  )
    .addOption(COPY)
    .addHelpText('after', KEY_HELP)
    .action((options: AuditOptions) => telling(() => printKey(copies, options)));
  return new Command('audit').summary('check the journal').addCommand(verify).addCommand(key);
}

const VERIFY_HELP = `
Exits with 1 when something is missing, was changed or was added, with 2 when it cannot be asked or read.

Examples:
  $ throughline audit verify
  $ throughline audit verify --service https://handoffs.example.com --key "$KEY"
  $ throughline audit verify --database copy.db --key seals.pem --at-least-seal 12:5f0c…
  $ throughline audit verify --database postgres://auditor:…@localhost/restored --key seals.pem`;

const KEY_HELP = `
Exits with 1 when it fails unexpectedly, with 2 when it cannot be asked or read.

Examples:
  $ throughline audit key > seals.pem
  $ throughline audit key --database copy.db`;

async function verifyAudit(copies: CopyReader, options: AuditOptions, command: Command): Promise<void> {
  const { database, atLeastSeal } = options;
  const answer =
    database === undefined
      ? await (await clientFor(options)).verifyAudit(atLeastSeal && `${atLeastSeal.number}:${atLeastSeal.digest}`)
      : await verifyCopy(copies, database, options, command);
  console.log(auditSentence(answer));
  if (!answer.ok) process.exitCode = 1;
}

async function verifyCopy(copies: CopyReader, database: string, options: AuditOptions, command: Command) {
  // What stands in the environment is the service's API key, which is another thing.
  const file = command.getOptionValueSource('key') === 'cli' ? options.key : undefined;
  const publicKey = file === undefined ? undefined : await readFile(file, 'utf8').catch(failed);
  const { atLeastSeal } = options;
  const answer = await copies
    .audit(database, {
      ...(publicKey !== undefined && { publicKey }),
      ...(atLeastSeal !== undefined && { anchor: atLeastSeal }),
    })
    .catch(failed);
  if (!answer.trustedKey) console.log(UNTRUSTED);
  return answer;
}

const UNTRUSTED =
  'No --key was given, so seals are held against the key in the copy: a journal that was rewritten and signed anew with another key cannot be told from the true one.';

async function printKey(copies: CopyReader, options: AuditOptions): Promise<void> {
  const { database } = options;
  const pem = database === undefined ? (await clientFor(options)).auditKey() : copies.keyOf(database).catch(failed);
  console.log((await pem).trim());
}

async function clientFor(options: AuditOptions) {
  return serviceClient({ baseUrl: options.service, key: await keyOf(options) });
}

function failed(cause: unknown): never {
  throw new CommandFailure(cause instanceof Error ? cause.message : String(cause), { cause });
}

function anchorOf(text: string): Anchor {
  const [, number, digest] = /^([1-9]\d{0,14}):([0-9a-f]{64})$/i.exec(text) ?? [];
  if (number && digest) return { number: Number(number), digest: digest.toLowerCase() };
  throw new InvalidArgumentError("It must be a seal's number and digest, as `audit verify` prints them: 12:5f0c…");
}

/** The answer as sentences. */
export function auditSentence(answer: AuditAnswer): string {
  const { ok, events, faults, firstBad, truncated } = answer;
  const walked = `${plural(events, 'event')}${sealedPart(answer)}`;
  if (ok)
    return [`The journal is whole: ${walked}, every one follows from the one before.`, anchorLine(answer)].join('');
  const named = faults?.length
    ? faults.map(faultSentence)
    : [`First event that does not follow: ${JSON.stringify(firstBad)}`];
  const more = truncated ? '\n  - … and more.' : '';
  return `The journal is NOT whole (${walked} checked):${named.map((line) => `\n  - ${line}`).join('')}${more}`;
}

function sealedPart({ seals, unsealed }: AuditAnswer): string {
  if (!seals) return '';
  return `, ${plural(seals, 'seal')}, unsealed: ${unsealed ?? 'unknown'}`;
}

function anchorLine({ newestSeal }: AuditAnswer): string {
  return newestSeal
    ? `\nNewest seal, to keep elsewhere for --at-least-seal: ${newestSeal.number}:${newestSeal.digest}`
    : '';
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** One sentence per kind; a kind this release does not know is shown as it came. */
export function faultSentence(fault: AuditFault): string {
  const { kind, interactionId, version, seal } = fault;
  const by = seal == null ? '' : ` (seal ${seal})`;
  const event = `Interaction ${interactionId}: event ${version}`;
  switch (kind) {
    case 'event-changed':
      return `${event} was changed${by}.`;
    case 'event-removed':
      return `${event} was removed${by}.`;
    case 'event-inserted':
      return `${event} was inserted${by}.`;
    case 'event-moved':
      return interactionId
        ? `${event} was moved in the order of arrival${by}.`
        : `Events of seal ${seal} were moved in the order of arrival.`;
    case 'chain-rewritten':
      return `${event} is not the one that was sealed: its chain was rewritten up to there${by}.`;
    case 'interaction-removed':
      return `Interaction ${interactionId} was removed${by}.`;
    case 'seal-changed':
      return `Seal ${seal} was changed: its signature does not hold.`;
    case 'seal-removed':
      return `Seal ${seal} was removed.`;
    case 'seal-replaced':
      return `Seal ${seal} is not the one that was kept elsewhere: the journal was sealed anew.`;
    case 'seal-out-of-order':
      return `Seal ${seal} does not follow from the one before it: seals were reordered or replaced.`;
    case 'seal-under-another-key':
      return `Seal ${seal} is signed with another key: it, and all that it covers, may have been rewritten.`;
    case 'key-replaced':
      return 'The public key in the journal was replaced by another.';
    default:
      return JSON.stringify(fault);
  }
}
