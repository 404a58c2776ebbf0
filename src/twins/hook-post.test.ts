import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { postByHttp } from './hook-post.ts';

async function serve(listener: RequestListener) {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { url, close };
}

it('posts JSON with the hook’s headers and gives the status, over one kept connection', async () => {
  const seen: unknown[] = [];
  const ports = new Set<number | undefined>();
  const { url, close } = await serve(async (request, response) => {
    ports.add(request.socket.remotePort);
    const body = Buffer.concat(await request.toArray()).toString('utf8');
    seen.push([request.method, request.headers['content-type'], request.headers['x-secret'], body]);
    response.writeHead(seen.length === 1 ? 204 : 503).end('later');
  });
  const post = postByHttp();
  const hook = { url, headers: { 'x-secret': 's' } };
  expect(await post(hook, '{"n":"é"}', AbortSignal.timeout(5_000))).toBe(204);
  expect(await post(hook, '{}', AbortSignal.timeout(5_000))).toBe(503);
  expect(seen[0]).toEqual(['POST', 'application/json', 's', '{"n":"é"}']);
  expect(ports.size).toBe(1);
  close();
});

it('rejects when nobody answers, or when it is told to stop', async () => {
  const post = postByHttp();
  const stop = new AbortController();
  const { url, close } = await serve(() => stop.abort());
  await expect(post({ url }, '{}', stop.signal)).rejects.toMatchObject({ name: 'AbortError' });
  close();
  await expect(post({ url }, '{}', AbortSignal.timeout(5_000))).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  await expect(post({ url: url.replace('http:', 'https:') }, '{}', AbortSignal.timeout(5_000))).rejects.toThrow();
});
