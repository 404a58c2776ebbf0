// Runs the examples of docs/gateway.md: every request is sent to the twin in the order of the page and answered as the page says, every
// body has the published shape, the signing function signs what our hook takes, and the example server keeps what it promises.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { CHECKS, runConformance } from '../../src/cli/conformance-run.ts';
import { machineClock } from '../../src/machine-clock.ts';
import { gatewayConfig } from '../../src/platforms/gateway/gateway-config.ts';
import { GATEWAY_SCHEMAS } from '../../src/platforms/gateway/gateway-openapi.ts';
import { gatewayHookVerifier } from '../../src/platforms/gateway/hook.ts';
import { DEMO_TOKEN } from '../../src/twins/gateway/access.ts';
import { DEMO_HOOK_SECRET } from '../../src/twins/gateway/event-signing.ts';
import { startGatewayTwin } from '../../src/twins/gateway/gateway-twin.ts';
import { freePorts, MAIN } from '../e2e/running-service.ts';
import { expectShape } from './gateway-stage.ts';

const page = readFileSync(new URL('../../docs/gateway.md', import.meta.url), 'utf8');
const blocks = (kind: string) => [...page.matchAll(new RegExp(`^\`\`\`${kind}([^\n]*)\n([\\s\\S]*?)^\`\`\``, 'gm'))];

type Example = {
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: string | undefined;
  readonly status: number;
  readonly shape: string | undefined;
  readonly answer: unknown;
};

/** A request, and behind it the answer with its status and the name of its shape. */
const examples: readonly Example[] = [
  ...page.matchAll(/^```http\n([\s\S]*?)^```\n```json (\d+) ?(\w*)\n([\s\S]*?)^```/gm),
].map(([, request = '', status, shape, answer = '']) => {
  const [head = '', ...rest] = request.trim().split('\n\n');
  const [line = '', ...headers] = head.split('\n');
  const [method = '', path = ''] = line.split(' ');
  return {
    method,
    path,
    headers: Object.fromEntries(headers.map((each) => each.split(': ', 2))),
    body: rest.length === 0 ? undefined : rest.join('\n\n'),
    status: Number(status),
    shape: shape || undefined,
    answer: answer.trim() === '' ? undefined : JSON.parse(answer),
  };
});

/** What an answer has of fields, at every level. */
function fieldsOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? [] : [fieldsOf(value[0])];
  if (typeof value !== 'object' || value === null) return typeof value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, fieldsOf(each)]));
}

describe('the examples of docs/gateway.md', () => {
  it('are taken and answered by the reference server as the page says', async () => {
    await using twin = await startGatewayTwin({ clock: machineClock });
    const headers = { authorization: `Bearer ${DEMO_TOKEN}`, 'content-type': 'application/json' };
    const sandbox = await fetch(`${twin.url}/v1/sandbox/interactions`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ mediaType: 'voice' }),
    });
    const { interactionId } = (await sandbox.json()) as { interactionId: string };
    const inPlace = (text: string) => text.replaceAll('{interactionId}', interactionId);
    expect(examples.length).toBeGreaterThan(6);
    for (const { method, path, body, status, shape, answer, headers: own } of examples) {
      const what = `${method} ${path}`;
      const came = await fetch(`${twin.url}${inPlace(path)}`, {
        method,
        headers: { ...headers, ...own },
        ...(body !== undefined && { body: inPlace(body) }),
      });
      expect(came.status, what).toBe(status);
      const text = await came.text();
      if (shape === undefined) expect(text, what).toBe('');
      else {
        expectShape(shape, answer);
        const { context: _said, ...told } = JSON.parse(text);
        const { context: _shown, ...shown } = answer as Record<string, unknown>;
        expect(fieldsOf(told), what).toEqual(fieldsOf(shown));
      }
    }
  });

  it('show an event of the published shape, and every call of the published document', () => {
    const [event] = blocks('json InteractionEvent');
    expectShape('InteractionEvent', JSON.parse(event?.[2] ?? ''));
    const { paths } = JSON.parse(readFileSync(new URL('../../docs/gateway-openapi.json', import.meta.url), 'utf8'));
    for (const path of Object.keys(paths)) {
      const spoken = path.replaceAll(/\{\w+\}/g, '\\{?[\\w-]+\\}?').replaceAll('/', '\\/');
      expect(page, path).toMatch(new RegExp(`${spoken}`));
    }
  });

  it('name a check as the suite does', () => {
    const busy = CHECKS.find(({ name }) => name === 'reserve-busy');
    expect(page).toMatch(new RegExp(`✗ ${busy?.name} +${busy?.promise}`));
  });

  it('sign what our hook takes', async () => {
    const [code] = blocks('js(?!on)');
    const module = await import(`data:text/javascript,${encodeURIComponent(code?.[2] ?? '')}`);
    const body = '{"id":"msg-1"}';
    const headers = module.signed(DEMO_HOOK_SECRET, 'msg-1', body);
    const verify = gatewayHookVerifier([DEMO_HOOK_SECRET], machineClock);
    const get = (name: string) => headers[name];
    expect(verify({ get }, new TextEncoder().encode(body))).toBe(true);
    expect(verify({ get }, new TextEncoder().encode(`${body} `))).toBe(false);
  });

  it('configure a gateway that we understand', () => {
    const [yaml] = blocks('yaml');
    const { platforms } = parse(yaml?.[2] ?? '');
    const entry = { ...platforms.acme, hookSecrets: [DEMO_HOOK_SECRET] };
    expect(gatewayConfig.safeParse(entry).error).toBeUndefined();
  });
});

describe('the reference server', () => {
  it('stands where the page says, fifty above the port', async () => {
    const port = await freePorts();
    const env = { ...process.env, PORT: String(port) };
    const child = spawn(process.execPath, [MAIN, 'twins'], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      let printed = '';
      for await (const chunk of child.stdout) {
        printed += chunk;
        if (printed.includes(`http://127.0.0.1:${port + 50}`)) break;
      }
      const headers = { authorization: `Bearer ${DEMO_TOKEN}` };
      const told = await fetch(`http://127.0.0.1:${port + 50}/v1/capabilities`, { headers });
      expect(await told.json()).toMatchObject({ contract: '1', sandbox: true });
      expect(page).toContain('http://127.0.0.1:4450');
    } finally {
      child.kill();
      await once(child, 'exit');
    }
  }, 60_000);
});

describe('the example server', () => {
  it('keeps whatever it promises, and promises no more than it does', async () => {
    const file = fileURLToPath(new URL('../../examples/gateway/server.mjs', import.meta.url));
    const child = spawn(process.execPath, [file, '0', 'example'], { stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      const [line] = await once(child.stdout, 'data');
      const url = /http:\/\/\S+/.exec(String(line))?.[0] ?? '';
      const target = { url, token: 'example', shapes: GATEWAY_SCHEMAS, interactions: [] };
      const checked = await runConformance({ ...target, agent: 'agent-1', queue: 'Support' });
      // The whole suite: what it promises is kept, and but for events, which it does not tell yet, nothing is left untried.
      expect(checked.filter(({ result }) => result === 'broken')).toEqual([]);
      const untried = checked.filter(({ result }) => result === 'not-tried').map(({ name }) => name);
      expect(untried.filter((name) => !name.startsWith('event'))).toEqual([]);
      const kept = checked.filter(({ result }) => result === 'kept').map(({ name }) => name);
      expect(kept).toEqual(
        expect.arrayContaining([
          'wrong-shape',
          'denied-reserve',
          'denied-transfer',
          'queues',
          'agent',
          'interaction',
          'context',
          'context-overwritten',
          'end',
        ]),
      );
    } finally {
      child.kill();
      await once(child, 'exit');
    }
  });
});
