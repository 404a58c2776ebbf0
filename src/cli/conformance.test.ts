// Runs the command itself, as a stranger does, against the twin on a port.

import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { machineClock } from '../machine-clock.ts';
import { DEMO_HOOK_SECRET } from '../twins/gateway/event-signing.ts';
import { type ListeningGatewayTwin, startGatewayTwin } from '../twins/gateway/gateway-twin.ts';

const urlOf = (file: string) => JSON.stringify(new URL(file, import.meta.url).href);

/** The command alone, without the service that `main.ts` also is: it starts sooner. */
const COMMAND = `
import { conformanceCommand } from ${urlOf('./conformance.ts')};
import { GATEWAY_SCHEMAS } from ${urlOf('../platforms/gateway/gateway-openapi.ts')};
import { machineClock } from ${urlOf('../machine-clock.ts')};
import { hookJudge } from ${urlOf('../platforms/gateway/hook.ts')};
await conformanceCommand(GATEWAY_SCHEMAS, hookJudge(machineClock)).parseAsync(process.argv.slice(1), { from: 'user' });
`;
const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));

type Ended = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

function run(...args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, args, (_error, stdout, stderr) =>
      resolve({ code: child.exitCode, stdout, stderr }),
    );
  });
}

function conformance(...args: readonly string[]): Promise<Ended> {
  return run('--input-type=module', '-e', COMMAND, '--', ...args);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe('throughline conformance', () => {
  let twin: ListeningGatewayTwin;
  let eventsPort: number;
  beforeAll(async () => {
    eventsPort = await freePort();
    const hook = { url: `http://127.0.0.1:${eventsPort}/`, secrets: [DEMO_HOOK_SECRET] };
    twin = await startGatewayTwin({ clock: machineClock, settleMs: 50, hook });
  });
  afterAll(() => twin.close());
  const known = ['--token', 'twin-gateway-token', '--agent', 'nice-usr-4492', '--queue', 'General_Support'];

  it('exits with 0 when every promise is kept, the events with them', async () => {
    const events = ['--events-port', String(eventsPort), '--events-secret', DEMO_HOOK_SECRET];
    const { code, stdout } = await conformance(
      `${twin.url}/`,
      ...known,
      ...events,
      '--only',
      'event',
      '--only',
      'token',
      '--all',
    );
    expect(stdout).toContain('✓ event-signed');
    expect(stdout).toContain('✓ token-missing');
    expect(stdout).toMatch(/It keeps the gateway contract as far as it was tried: 8 kept, 0 broken\.\n$/);
    expect(code).toBe(0);
  }, 60_000);

  it('gives every step as JSON, and no token', async () => {
    const { code, stdout } = await run(MAIN, 'conformance', twin.url, ...known, '--only', 'queue', '--json');
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({ url: twin.url, ok: true, kept: 2, broken: 0, notTried: 0 });
    expect(report.checks[1]).toMatchObject({ name: 'queue-by-name', result: 'kept' });
    expect(report.checks[1].steps[0]).toEqual({
      sent: 'GET /v1/queues?name=General_Support',
      expected: '200, a QueueList, only General_Support',
      came: expect.stringMatching(/^200 \{"entities"/),
      kept: true,
    });
    expect(stdout).not.toContain('twin-gateway-token');
    expect(code).toBe(0);
  }, 60_000);

  it('is what package.json calls throughline, on any Node that npm may find', async () => {
    const root = new URL('../../', import.meta.url);
    const { bin } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'));
    const door = fileURLToPath(new URL(bin.throughline, root));
    const ended = await run(door, 'conformance', twin.url, ...known, '--only', 'health');
    expect(ended).toMatchObject({ code: 0, stdout: expect.stringContaining('✓ health') });
    expect(await run(door, 'conformance', twin.url, '--only', 'health')).toMatchObject({ code: 1 });
  }, 60_000);

  it('exits with 1 when a promise is broken, and says which', async () => {
    const { code, stdout } = await conformance(twin.url, '--token', 'wrong', '--only', 'health');
    expect(stdout).toContain('✗ health');
    expect(stdout).toMatch(/came: {5}401 /);
    expect(code).toBe(1);
  }, 60_000);

  it('takes nothing that was not tried for kept, where all must be', async () => {
    const only = ['--token', 'twin-gateway-token', '--only', 'agent'];
    expect(await conformance(twin.url, ...only)).toMatchObject({ code: 0 });
    expect(await conformance(twin.url, ...only, '--all')).toMatchObject({ code: 1 });
  }, 60_000);

  it.each([
    [['--only', 'nothing'], 'No check begins with nothing.'],
    [['--events-port', '4499'], 'Give --events-secret with --events-port.'],
    [['--events-port', '4499', '--events-secret', 'whsec_c2hvcnQ='], '--events-secret is no secret'],
    [['--events-port', '4499', '--events-secret', DEMO_HOOK_SECRET.slice('whsec_'.length)], 'is no secret'],
  ])(
    'exits with 2 when it cannot begin: %j',
    async (args, words) => {
      const { code, stderr } = await conformance(twin.url, ...args);
      expect(stderr).toContain(words);
      expect(code).toBe(2);
    },
    60_000,
  );

  it('exits with 2 when nobody answers', async () => {
    const { code, stderr } = await conformance(`http://127.0.0.1:${await freePort()}`);
    expect(stderr).toContain('Nobody answers at');
    expect(code).toBe(2);
  }, 60_000);

  it.each([
    [['gateway.example.com'], 'It must be an http or https URL.'],
    [['http://127.0.0.1:1', '--address', '5550100'], 'It must be a number in E.164'],
    [['http://127.0.0.1:1', '--sip-address', 'desk@example.com'], 'It must be a SIP URI'],
    [['http://127.0.0.1:1', '--patience', '0'], 'It must be a number of seconds'],
  ])(
    'refuses what has another form: %j',
    async (args, words) => {
      const { stderr } = await conformance(...args);
      expect(stderr).toContain(words);
    },
    60_000,
  );
});
