// Owns the world around several nodes: one Genesys twin with a door for each node, so that every call is known by who made it, and
// the balancer that sends callers and the vendor's events to whichever nodes are in service.

import { machineClock } from '../../src/machine-clock.ts';
import { createGenesysTwin, type GenesysTwin } from '../../src/twins/genesys/genesys-twin.ts';
import { type HttpListener, listen } from '../../src/twins/http-listener.ts';

export const HOOK_SECRET = 'a-secret-of-the-hook-to-us';
export const RATE_PER_MINUTE = 100_000_000;

/** A call as the twin saw it. */
export type Seen = { readonly by: string; readonly method: string; readonly path: string; readonly at: number };

export type ContactCenter = AsyncDisposable & {
  readonly twin: GenesysTwin;
  readonly seen: readonly Seen[];
  /** Opens a door for a node; its URL. */
  door(node: string): Promise<string>;
  /** A call for somebody who is with the bot; its conversation. */
  comeIn(from: string): Promise<string>;
  /** How long after its acceptance a transfer shows, from now on. */
  settleWithin(milliseconds: number): Promise<void>;
};

/** `nodes` are those in service: what they do not take is sent to the next. */
export function contactCenter(nodes: Balancer, times: { latencyMs: number; settleMs: number }): ContactCenter {
  const seen: Seen[] = [];
  const doors: HttpListener[] = [];
  const twin = createGenesysTwin({
    clock: machineClock,
    rateLimitPerMinute: RATE_PER_MINUTE,
    ...times,
    hook: { url: 'http://nodes/hooks/genesys', headers: { 'x-throughline-secret': HOOK_SECRET } },
    fetch: (_url, init) => nodes.send('/hooks/genesys', init),
  });
  return {
    twin,
    seen,
    async door(by) {
      const door = await listen({
        host: '127.0.0.1',
        port: 0,
        answer(request) {
          seen.push({ by, method: request.method, path: request.path, at: Date.now() });
          return twin.answer(request);
        },
      });
      doors.push(door);
      return door.url;
    },
    async comeIn(from) {
      const answer = await twin.fetch('http://twin/twin/conversations', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ channel: 'voice', from, flow: 'bot' }),
      });
      return ((await answer.json()) as { conversationId: string }).conversationId;
    },
    async settleWithin(milliseconds) {
      const answer = await twin.fetch('http://twin/twin/settings', {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ settleMs: Math.round(milliseconds) }),
      });
      if (!answer.ok) throw new Error(`the twin does not take its settings: ${answer.status}`);
    },
    async [Symbol.asyncDispose]() {
      await twin.close();
      await Promise.all(doors.map((door) => door.close()));
    },
  };
}

const PATIENCE_MS = 10_000;

/** Sends requests to the nodes in service, one after the other, and to the next where one does not answer. */
export class Balancer {
  inService: readonly string[] = [];
  #turn = 0;

  async send(path: string, init: RequestInit = {}): Promise<Response> {
    for (const until = performance.now() + 60_000; ; ) {
      this.#turn += 1;
      const url = this.inService[this.#turn % this.inService.length];
      try {
        return await fetch(`${url}${path}`, { ...init, signal: AbortSignal.timeout(PATIENCE_MS) });
      } catch (error) {
        if (performance.now() > until) throw error;
      }
    }
  }
}
