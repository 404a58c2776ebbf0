// Tests how a person is called: signed, with the same id however often, until somebody has taken it, and with nothing personal.

import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { newAuthority } from '../test/contract/certificates.ts';
import { manualClock } from '../test/contract/manual-clock.ts';
import { alertHook } from './alert-hook.ts';
import type { HandoffId, InteractionId } from './ids.ts';
import { gatewayHookVerifier } from './platforms/gateway/hook.ts';
import type { ClientTls } from './platforms/tls-config.ts';
import { tlsWay } from './platforms/tls-fetch.ts';

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const ALERT = {
  code: 'fate-unknown',
  handoffId: '019a0000-0000-7000-8000-000000000001.2' as HandoffId,
  says: 'Look at it.',
};

type Taken = { readonly headers: Headers; readonly body: string };

/** A far side on a real port; `answers` are its statuses, one after the other, the last one for good. */
async function farSide(...answers: readonly (number | 'hang')[]) {
  const taken: Taken[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      const answer = answers[Math.min(taken.length, answers.length - 1)] ?? 204;
      taken.push({ headers: new Headers(request.headers as Record<string, string>), body });
      if (answer === 'hang') return;
      response.writeHead(answer, answer >= 300 && answer < 400 ? { location: '/elsewhere' } : {}).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/alerts`;
  const close = () =>
    new Promise<void>((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    });
  return { url, taken, [Symbol.asyncDispose]: close };
}

const signal = () => new AbortController().signal;

describe('an alert', () => {
  it('is posted signed as Standard Webhooks says, naming the handoff and nothing else', async () => {
    await using far = await farSide(204);
    const clock = manualClock();
    const raise = alertHook({ url: far.url, secret: SECRET, clock });
    expect(await raise(ALERT, signal())).toEqual({ kind: 'done', value: null });
    const [{ headers, body } = { headers: new Headers(), body: '' }] = far.taken;
    expect(gatewayHookVerifier([SECRET], clock)(headers, Buffer.from(body))).toBe(true);
    expect(gatewayHookVerifier([SECRET], clock)(headers, Buffer.from(`${body} `))).toBe(false);
    expect(headers.get('content-type')).toBe('application/json');
    expect(JSON.parse(body)).toEqual({
      type: 'handoff.needs-person',
      timestamp: new Date(clock.now()).toISOString(),
      data: {
        code: 'fate-unknown',
        handoffId: ALERT.handoffId,
        interactionId: '019a0000-0000-7000-8000-000000000001',
        message: 'Look at it.',
      },
    });
  });

  it('has the same id each time it is sent, and another one for another matter', async () => {
    await using far = await farSide(500, 204);
    const raise = alertHook({ url: far.url, secret: SECRET, clock: manualClock() });
    await raise(ALERT, signal());
    await raise(ALERT, signal());
    await raise({ ...ALERT, code: 'customer-stranded' }, signal());
    const [first, second, third] = far.taken.map(({ headers }) => headers.get('webhook-id'));
    expect(first).toBe(second);
    expect(third).not.toBe(first);
  });

  it('of what was set aside names the interaction, and has another id when it is set aside again', async () => {
    await using far = await farSide(204);
    const clock = manualClock();
    const raise = alertHook({ url: far.url, secret: SECRET, clock });
    const interactionId = '019a0000-0000-7000-8000-000000000001' as InteractionId;
    const aside = { code: 'quarantined', interactionId, since: clock.now(), says: 'Look at it.' };
    await raise(aside, signal());
    await raise(aside, signal());
    await raise({ ...aside, since: clock.now() + 1 }, signal());
    const [first, second, third] = far.taken.map(({ headers }) => headers.get('webhook-id'));
    expect([second, third === first]).toEqual([first, false]);
    const [{ headers, body } = { headers: new Headers(), body: '' }] = far.taken;
    expect(gatewayHookVerifier([SECRET], clock)(headers, Buffer.from(body))).toBe(true);
    expect(JSON.parse(body)).toMatchObject({
      type: 'interaction.needs-person',
      data: { code: 'quarantined', interactionId, message: 'Look at it.' },
    });
  });

  it.each([301, 400, 401, 404, 429, 500, 503])('is sent again where it is answered with %i', async (status) => {
    await using far = await farSide(status);
    const raise = alertHook({ url: far.url, secret: SECRET, clock: manualClock() });
    expect(await raise(ALERT, signal())).toEqual({ kind: 'transient', code: 'vendor-error' });
    expect(far.taken).toHaveLength(1);
  });

  it('is sent again where nobody listens, or nobody answers in time', async () => {
    const gone = await farSide();
    await gone[Symbol.asyncDispose]();
    const parts = { secret: SECRET, clock: manualClock() };
    expect(await alertHook({ ...parts, url: gone.url })(ALERT, signal())).toEqual({
      kind: 'transient',
      code: 'unreachable',
    });
    await using silent = await farSide('hang');
    const raised = alertHook({ ...parts, url: silent.url })(ALERT, AbortSignal.timeout(50));
    expect(await raised).toEqual({ kind: 'transient', code: 'not-sent' });
  });

  it('goes by TLS 1.3 with our certificate to whom we trust, and nowhere else', async () => {
    const [ours, others] = [newAuthority('Ours'), newAuthority('Others')];
    const us = ours.issue('us');
    const asked: string[] = [];
    const server = createTlsServer(
      { ...ours.issue('pager'), ca: ours.cert, requestCert: true },
      (request, response) => {
        asked.push(String((request.socket as TLSSocket).getProtocol()));
        response.writeHead(204).end();
      },
    );
    server.on('tlsClientError', () => {});
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/alerts`;
    const refused: string[] = [];
    const through = async (tls: ClientTls) => {
      const way = tlsWay(tls, (code) => refused.push(code));
      const told = await alertHook({ url, secret: SECRET, clock: manualClock(), fetch: way.fetch })(ALERT, signal());
      way.close();
      return told;
    };
    const mutual = { minVersion: 'TLSv1.3', ca: ours.cert, cert: us.cert, key: us.key } as const;
    expect([await through(mutual), asked]).toEqual([{ kind: 'done', value: null }, ['TLSv1.3']]);
    expect(refused).toEqual([]);
    expect(await through({ ...mutual, ca: others.cert })).toMatchObject({ kind: 'transient', code: 'unreachable' });
    expect([asked.length, refused.length]).toEqual([1, 1]);
    server.closeAllConnections();
    server.close();
  });

  it('is not signed with what is no secret', () => {
    expect(() => alertHook({ url: 'http://127.0.0.1:1', secret: 'hush', clock: manualClock() })).toThrow(
      /Standard Webhooks/,
    );
  });
});
