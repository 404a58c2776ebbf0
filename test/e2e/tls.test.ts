// The service as people run it, with TLS on both sides: its own port with certificates for callers, and a platform that wants one of us.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { machineClock } from '../../src/machine-clock.ts';
import { createGenesysTwin } from '../../src/twins/genesys/genesys-twin.ts';
import { type Authority, newAuthority } from '../contract/certificates.ts';
import { freePorts, MAIN } from './running-service.ts';

const KEY = 'a-key-of-twenty-four-letters';
const folder = mkdtempSync(join(tmpdir(), 'throughline-tls-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let ours: Authority;
let others: Authority;
beforeAll(() => {
  ours = newAuthority('Test authority');
  others = newAuthority('Somebody else');
});

let files = 0;
const file = (text: string): string => {
  files += 1;
  const path = join(folder, `${files}.pem`);
  writeFileSync(path, text);
  return path;
};

/** The twin behind TLS, for callers with a certificate of ours. */
async function securedTwin(issuer: Authority) {
  const twin = createGenesysTwin({ clock: machineClock });
  let requests = 0;
  const options = { ...issuer.issue('platform'), ca: ours.cert, requestCert: true, rejectUnauthorized: true };
  const server = createServer(options, async (incoming, outgoing) => {
    requests += 1;
    let body = '';
    for await (const chunk of incoming) body += chunk;
    const { method = 'GET', url = '/', headers } = incoming;
    const answer = await twin.fetch(`http://twin${url}`, {
      method,
      headers: headers as Record<string, string>,
      ...(body === '' ? {} : { body }),
    });
    outgoing.writeHead(answer.status, Object.fromEntries(answer.headers)).end(await answer.text());
  });
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: () => requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await twin.close();
    },
  };
}

type Pair = { readonly cert: string; readonly key: string };

async function startServing(platformUrl: string, client: Pair | null) {
  const port = await freePorts();
  const server = ours.issue('throughline');
  const platform = {
    kind: 'genesys',
    loginUrl: platformUrl,
    apiUrl: platformUrl,
    clientId: 'twin-client',
    clientSecret: 'twin-secret',
    hookSecrets: ['a-secret-of-the-hook-to-us'],
    tls: {
      caFile: file(ours.cert),
      ...(client && { certFile: file(client.cert), keyFile: file(client.key) }),
    },
  };
  const http = { tls: { certFile: file(server.cert), keyFile: file(server.key), clientCaFile: file(ours.cert) } };
  // JSON is YAML.
  const config = file(JSON.stringify({ platforms: { genesys_cloud: platform }, http }));
  const env = {
    PORT: String(port),
    THROUGHLINE_DATA: join(folder, String(port)),
    THROUGHLINE_CONFIG: config,
    THROUGHLINE_API_KEY: KEY,
    THROUGHLINE_MASTER_KEY: Buffer.alloc(32, 7).toString('base64'),
  };
  const child = spawn(process.execPath, [MAIN, 'serve'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (said += data));
  const caller = ours.issue('a caller');
  const ask = (path: string, pair: Pair | null = caller) => answerOf(`https://127.0.0.1:${port}${path}`, pair);
  const until = async (check: () => Promise<boolean> | boolean) => {
    while (!(await check())) {
      if (child.exitCode !== null) throw new Error(`the service ended with ${child.exitCode}: ${said}`);
      await sleep(50);
    }
  };
  return { ask, until, said: () => said, [Symbol.asyncDispose]: () => ended(child) };
}

/** Status and body, or the code of what went wrong. */
function answerOf(url: string, pair: Pair | null): Promise<string> {
  return new Promise((resolve) => {
    const headers = { authorization: `Bearer ${KEY}` };
    const asked = request(url, { ca: ours.cert, agent: false, headers, ...pair }, (answer) => {
      let text = `${answer.statusCode} `;
      answer.on('data', (chunk) => (text += chunk));
      answer.on('end', () => resolve(text));
    });
    asked.on('error', (error: NodeJS.ErrnoException) => resolve(String(error.code)));
    asked.end();
  });
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  await gone;
}

describe('TLS on both sides', { timeout: 60_000 }, () => {
  it('is ready, and serves callers with a certificate, in front of a platform that takes ours', async () => {
    await using twin = await securedTwin(ours);
    await using service = await startServing(twin.url, ours.issue('throughline'));
    await service.until(async () => (await service.ask('/readyz')).startsWith('200'));
    expect(await service.ask('/v1/platforms/genesys_cloud/queues')).toMatch(/^200 .*General_Support/);
    expect(twin.requests()).toBeGreaterThan(1);

    expect(await service.ask('/healthz', null)).not.toMatch(/^\d/);
    expect(await service.ask('/healthz', others.issue('a stranger'))).not.toMatch(/^\d/);
    await service.until(
      () => (service.said().match(/A connection was refused before anything was read/g) ?? []).length > 1,
    );
    expect(service.said()).toContain('ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE');
    expect(service.said()).toContain('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
    expect(service.said()).not.toMatch(/stranger|127\.0\.0\.1:\d+ |PRIVATE/);
  });

  it('tells an impostor nothing, and says in the log and at /readyz why it waits', async () => {
    await using twin = await securedTwin(others);
    await using service = await startServing(twin.url, ours.issue('throughline'));
    await service.until(async () => (await service.ask('/readyz')).startsWith('503'));
    expect(await service.ask('/readyz')).toMatch(/genesys_cloud: (unreachable|circuit-open) \(.*TLS: UNABLE_TO_VERIFY/);
    expect(service.said()).toContain('"code":"tls-refused"');
    expect(service.said()).toContain('the platform’s certificate is not one that is trusted for this host');
    expect(service.said()).not.toContain('twin-secret');
    expect(twin.requests()).toBe(0);
  });

  it('says that the platform wants a certificate of ours', async () => {
    await using twin = await securedTwin(ours);
    await using service = await startServing(twin.url, null);
    await service.until(() => service.said().includes('tls-refused'));
    expect(service.said()).toContain('the platform does not take our certificate, or wants one. See tls.certFile.');
    expect(await service.ask('/readyz')).toMatch(/^503/);
    expect(twin.requests()).toBe(0);
  });
});
