// Owns `throughline conformance`: whether a server keeps the gateway contract (docs/gateway.md), promise by promise. The contract's
// schemas are handed in: this room knows no platform.

import { Command, InvalidArgumentError, Option } from 'commander';
import { CommandFailure, telling } from './command-failure.ts';
import { PATIENCE_MS, type Target } from './conformance-bench.ts';
import { type EventEar, openEar } from './conformance-ear.ts';
import { conformanceReport, conformanceText } from './conformance-report.ts';
import { CHECKS, runConformance } from './conformance-run.ts';
import type { EventJudge, Shapes } from './conformance-shapes.ts';
import { progress } from './progress.ts';

type Options = {
  readonly token: string;
  readonly agent?: string;
  readonly queue?: string;
  readonly address?: string;
  readonly deadAddress?: string;
  readonly sipAddress?: string;
  readonly patience: number;
  readonly interaction: readonly string[];
  readonly eventsPort?: number;
  readonly eventsHost: string;
  readonly eventsSecret?: string;
  readonly only: readonly string[];
  readonly all?: true;
  readonly json?: true;
};

const HELP = `
✓ kept  ✗ broken  · not promised: the gateway does not say that it does this  – not tried: give what the line names
Exits with 1 when a promise is broken (with --all also when one was not tried), with 2 when nothing can be tried.
It reserves, moves and ends conversations: point it at a system for tests. A gateway whose capabilities say "sandbox"
makes conversations up; for any other give live ones with --interaction, 27 of them for a whole run.
Real phones ring longer than simulated ones: --patience 40 lets them. What no check can make a stranger's server show
(429, User-to-User) is named at the end of a whole run.
For the events, have the gateway post to http://this-machine:PORT/ with the secret that you give.

Examples:
  $ throughline conformance http://127.0.0.1:4450 --token twin-gateway-token --agent nice-usr-4492 --queue General_Support
  $ throughline conformance https://gateway.example.com --agent 4711 --queue Support --address +15550100 --dead-address +15550199 --patience 40
  $ throughline conformance https://gateway.example.com --agent 4711 --queue Support --events-port 4499 --events-secret whsec_…
  $ throughline conformance https://gateway.example.com --only reserve --json`;

export function conformanceCommand(shapes: Shapes, judge: EventJudge): Command {
  return new Command('conformance')
    .summary('whether a server keeps the gateway contract')
    .description('Runs the gateway contract’s promises against a server, one named check for each.')
    .argument('<url>', 'where /v1/… and /api/v2/… are served', baseUrl)
    .addOption(
      new Option('--token <token>', 'a bearer token that it accepts').env('THROUGHLINE_GATEWAY_TOKEN').default(''),
    )
    .option('--agent <id>', 'an agent who is free')
    .option('--queue <name>', 'a queue that somebody serves')
    .option('--address <number>', 'a number that answers (E.164), for transfers to outside', number)
    .option('--dead-address <number>', 'a number that nobody answers (E.164): a transfer there fails', number)
    .option('--sip-address <uri>', 'a SIP URI that answers, where the platform reaches any', sipUri)
    .option(
      '--patience <seconds>',
      'how long to wait beyond settleMs, as for a phone that rings; ten times that for work after a call',
      seconds,
      PATIENCE_MS / 1_000,
    )
    .option(
      '--interaction <id>',
      'a live conversation that may be moved or ended; may be given many times',
      another,
      [],
    )
    .option('--events-port <port>', 'listen here for events', port)
    .option('--events-host <host>', 'the address to listen at', '127.0.0.1')
    .addOption(
      new Option('--events-secret <secret>', 'what the gateway signs its events with (whsec_…)').env(
        'THROUGHLINE_GATEWAY_EVENTS_SECRET',
      ),
    )
    .option('--only <name>', 'only checks whose names begin so; may be given many times', another, [])
    .option('--all', 'a promise that was not tried counts as broken')
    .option('--json', 'the result as JSON')
    .addHelpText('after', HELP)
    .action((url: string, options: Options) => telling(() => conformance(shapes, judge, url, options)));
}

async function conformance(shapes: Shapes, judge: EventJudge, url: string, options: Options): Promise<void> {
  await using ear = await earFor(shapes, judge, options);
  await reachable(url);
  const { token, agent, queue, address, deadAddress, sipAddress, interaction: interactions, only } = options;
  const target: Target = {
    url,
    token,
    shapes,
    interactions,
    patienceMs: options.patience * 1_000,
    ...(agent !== undefined && { agent }),
    ...(queue !== undefined && { queue }),
    ...(address !== undefined && { address }),
    ...(deadAddress !== undefined && { deadAddress }),
    ...(sipAddress !== undefined && { sipAddress }),
    ...(ear.open && { ear: ear.open }),
  };
  const checked = await underProgress(target, only);
  if (checked.length === 0) throw new CommandFailure(`No check begins with ${only.join(' or ')}.`);
  const report = conformanceReport(url, checked);
  console.log(options.json ? JSON.stringify(report, null, 2) : conformanceText(report));
  if (!report.ok || (options.all && report.notTried > 0)) process.exitCode = 1;
}

async function underProgress(target: Target, only: readonly string[]) {
  using line = progress(process.stderr);
  const onCheck = ({ name }: { name: string }, n: number) => line.show(`${n} of ${CHECKS.length}: ${name}`);
  const wanted = (name: string) => only.length === 0 || only.some((prefix) => name.startsWith(prefix));
  return runConformance(target, { wanted, onCheck });
}

/** Any answer will do. */
async function reachable(url: string): Promise<void> {
  try {
    await fetch(`${url}/v1/health`, { signal: AbortSignal.timeout(10_000), redirect: 'manual' });
  } catch (cause) {
    throw new CommandFailure(`Nobody answers at ${url}.`, { cause });
  }
}

type Ear = AsyncDisposable & { readonly open: EventEar | undefined };

async function earFor(shapes: Shapes, judge: EventJudge, options: Options): Promise<Ear> {
  const { eventsPort, eventsHost: host, eventsSecret: secret } = options;
  // A secret may stand in the environment without being wanted.
  if (eventsPort === undefined) return { open: undefined, async [Symbol.asyncDispose]() {} };
  if (secret === undefined) throw new CommandFailure('Give --events-secret with --events-port.');
  // What our own hook would refuse as a secret must not pass for one here.
  if (!judge.isSecret(secret))
    throw new CommandFailure('--events-secret is no secret: it must be whsec_ and the base64 of at least 24 bytes.');
  try {
    const open = await openEar({ port: eventsPort, host, secret, shapes, judge });
    return { open, [Symbol.asyncDispose]: () => open[Symbol.asyncDispose]() };
  } catch (cause) {
    throw new CommandFailure(`Cannot listen at ${host}:${eventsPort}: ${String(cause)}`, { cause });
  }
}

function another(text: string, before: readonly string[]): readonly string[] {
  return [...before, text];
}

function baseUrl(text: string): string {
  if (!/^https?:\/\//.test(text) || !URL.canParse(text))
    throw new InvalidArgumentError('It must be an http or https URL.');
  return text.replace(/\/+$/, '');
}

function port(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= 65_535) return value;
  throw new InvalidArgumentError('It must be a port, 1 to 65535.');
}

function number(text: string): string {
  if (/^\+[1-9]\d{1,14}$/.test(text)) return text;
  throw new InvalidArgumentError('It must be a number in E.164, as +18885551900.');
}

function sipUri(text: string): string {
  if (/^sips?:\S+$/i.test(text)) return text;
  throw new InvalidArgumentError('It must be a SIP URI, as sip:desk@example.com.');
}

function seconds(text: string): number {
  const value = Number(text);
  if (value > 0 && value <= 600) return value;
  throw new InvalidArgumentError('It must be a number of seconds, at most 600.');
}
