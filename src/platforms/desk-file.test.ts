// Tests that a file is fetched from where its platform may have it and from nowhere else, whatever its address says (SSRF), over a real server.

import { describe, expect, it } from 'vitest';
import { manualClock } from '../../test/contract/manual-clock.ts';
import { type Answer, scriptedServer } from '../../test/contract/scripted-server.ts';
import { fetchDeskFile } from './desk-file.ts';

const CALL = { signal: new AbortController().signal, mayStart: () => true };

async function fetching(
  answer: Answer | ((response: import('node:http').ServerResponse) => void),
  path = '/f/1?sign=x',
) {
  const clock = manualClock();
  const server = await scriptedServer(() => answer);
  const source = { origins: [server.url], largestBytes: 8, timeoutMs: 1_000, fetch: globalThis.fetch, clock };
  return { server, clock, source, brought: fetchDeskFile(`${server.url}${path}`, source, CALL) };
}

describe('a file', () => {
  it('is fetched whole, and nothing of ours goes along', async () => {
    const { server, brought } = await fetching({ status: 200, text: '12345678' });
    await using _ = server;
    expect(await brought).toEqual({ kind: 'done', value: new TextEncoder().encode('12345678') });
    expect(server.asked).toMatchObject([{ method: 'GET', path: '/f/1?sign=x' }]);
    expect(Object.keys(server.asked[0]?.headers ?? {})).not.toEqual(expect.arrayContaining(['authorization']));
    expect(server.asked[0]?.headers.cookie).toBeUndefined();
  });

  it('is not fetched from elsewhere: another host, another port, another scheme, a name in the address', async () => {
    await using other = await scriptedServer(() => ({ status: 200, text: 'secret' }));
    const { server, source } = await fetching({ status: 200, text: 'x' });
    await using _ = server;
    const host = new URL(server.url).host;
    for (const url of [
      `${other.url}/f`,
      'http://169.254.169.254/latest/meta-data/',
      `http://${host.replace('127.0.0.1', 'localhost')}/f`,
      `https://${host}/f`,
      `http://${host}@${new URL(other.url).host}/f`,
      `http://user:secret@${host}/f`,
      'file:///etc/passwd',
      'data:text/plain,x',
      'no address',
      '',
    ])
      expect(await fetchDeskFile(url, source, CALL), url).toEqual({
        kind: 'rejected',
        code: 'bad-request',
        detail: 'file-elsewhere',
      });
    expect(other.asked).toEqual([]);
  });

  it('is not followed along a redirect, wherever it leads', async () => {
    await using other = await scriptedServer(() => ({ status: 200, text: 'secret' }));
    for (const status of [301, 302, 307, 308]) {
      const { server, brought } = await fetching({ status, headers: { location: `${other.url}/inside` } });
      await using _ = server;
      expect(await brought).toMatchObject({ kind: 'rejected', detail: 'file-elsewhere' });
    }
    expect(other.asked).toEqual([]);
  });

  it('is not read beyond its size, whatever its length says', async () => {
    const { server, brought } = await fetching({ status: 200, text: '123456789' });
    await using _ = server;
    expect(await brought).toMatchObject({ kind: 'rejected', detail: 'file-too-large' });
    const endless = await fetching((response) => {
      response.writeHead(200, { 'transfer-encoding': 'chunked' });
      const pour = () => response.write('x'.repeat(1_024), () => !response.destroyed && setImmediate(pour));
      pour();
    });
    await using __ = endless.server;
    expect(await endless.brought).toMatchObject({ kind: 'rejected', detail: 'file-too-large' });
  });

  it.each([
    [404, { kind: 'rejected', code: 'not-found' }],
    [403, { kind: 'rejected', code: 'not-found' }],
    [204, { kind: 'rejected', code: 'not-found' }],
    [429, { kind: 'transient', code: 'rate-limited' }],
    [503, { kind: 'transient', code: 'unavailable' }],
  ] as const)('answered by %i is %j', async (status, outcome) => {
    const { server, brought } = await fetching({ status });
    await using _ = server;
    expect(await brought).toMatchObject(outcome);
  });

  it('that does not come is given up, and a call that may not start does not', async () => {
    const { server, clock, source, brought } = await fetching(() => {});
    await using _ = server;
    await server.whenAsked(1);
    await clock.advance(1_000);
    expect(await brought).toEqual({ kind: 'transient', code: 'timed-out' });
    const url = `${server.url}/f`;
    expect(await fetchDeskFile(url, source, { ...CALL, mayStart: () => false })).toMatchObject({ code: 'not-sent' });
    const cut = await fetching((response) => response.destroy());
    await using __ = cut.server;
    expect(await cut.brought).toEqual({ kind: 'transient', code: 'connection-lost' });
  });
});
