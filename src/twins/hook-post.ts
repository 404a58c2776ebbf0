// Owns one post to a hook: over kept-alive connections of node's own client (several times cheaper than `fetch`, and a busy
// twin posts thousands of events a second), or through a given `fetch` where a simulation has no sockets.

import * as http from 'node:http';
import * as https from 'node:https';
import { z } from 'zod';

/** What `PUT /twin/settings` takes for a hook. */
export const hookSchema = z.strictObject({
  url: z.url(),
  headers: z.record(z.string(), z.string()).optional(),
});

export type Hook = { readonly url: string; readonly headers?: Readonly<Record<string, string>> | undefined };

/** The answer's status; rejects when there is none. */
export type PostToHook = (hook: Hook, body: string, signal: AbortSignal) => Promise<number>;

export function postByFetch(fetch: typeof globalThis.fetch): PostToHook {
  return async (hook, body, signal) => {
    const headers = { 'content-type': 'application/json', ...hook.headers };
    const response = await fetch(hook.url, { method: 'POST', headers, body, signal });
    await response.arrayBuffer();
    return response.status;
  };
}

export function postByHttp(): PostToHook {
  const plain = new http.Agent({ keepAlive: true });
  const secure = new https.Agent({ keepAlive: true });
  return (hook, body, signal) =>
    new Promise((resolve, reject) => {
      const headers = {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        ...hook.headers,
      };
      const given = { method: 'POST', headers, signal };
      const answered = (response: http.IncomingMessage) => {
        response.resume();
        response.once('end', () => resolve(response.statusCode ?? 0));
        response.once('error', reject);
      };
      const sending = hook.url.startsWith('https:')
        ? https.request(hook.url, { ...given, agent: secure }, answered)
        : http.request(hook.url, { ...given, agent: plain }, answered);
      sending.once('error', reject);
      sending.end(body);
    });
}
