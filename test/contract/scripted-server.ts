// Owns a real HTTP server that answers as a test tells it and remembers what it was asked.

import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Asked = {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
};
export type Answer = {
  readonly status: number;
  readonly json?: unknown;
  readonly text?: string;
  readonly headers?: Record<string, string>;
};
export type ScriptedServer = AsyncDisposable & {
  readonly url: string;
  readonly asked: Asked[];
  /** Resolves once `count` requests have been read. */
  whenAsked(count: number): Promise<void>;
};
/** An answer, or a function that does what it likes with the response (breaking it off included). */
export type Script = (asked: Asked) => Answer | Promise<Answer> | ((response: ServerResponse) => void);

export async function scriptedServer(script: Script): Promise<ScriptedServer> {
  const asked: Asked[] = [];
  const watchers = new Set<() => void>();
  const server = createServer((request, response) => {
    void readAll(request).then(async (body) => {
      const one = { method: request.method ?? '', path: request.url ?? '', headers: request.headers, body };
      asked.push(one);
      for (const watch of watchers) watch();
      const answer = await script(one);
      if (typeof answer === 'function') return answer(response);
      const text = answer.json === undefined ? (answer.text ?? '') : JSON.stringify(answer.json);
      response.writeHead(answer.status, answer.headers);
      response.end(text);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    whenAsked: (count) =>
      new Promise((resolve) => {
        const watch = () => {
          if (asked.length < count) return;
          watchers.delete(watch);
          resolve();
        };
        watchers.add(watch);
        watch();
      }),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function readAll(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text;
}
