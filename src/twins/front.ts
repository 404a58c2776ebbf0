// Owns what stands between a twin's callers and its vendor: the network's latency, the faults on command, the log of calls,
// and the wall between the vendor's paths and the control surface (loopback only).

import type { Clock } from '../clock.ts';
import type { CallLog } from './call-log.ts';
import type { Answering, TwinAnswer, TwinRequest, TwinResponse } from './exchange.ts';
import type { Faults, RequestFault } from './faults.ts';

/** Faults that the vendor words itself, in its own error format. */
export type WordedFault = Exclude<RequestFault, 'hang' | 'commit-then-drop'>;

export type Vendor = {
  answer(request: TwinRequest): TwinResponse;
  /** What this vendor says when it is told to fail; the request has no effect. */
  fail(request: TwinRequest, fault: WordedFault): TwinResponse;
  /** The conversation a path speaks of, for the log. */
  conversationOf(path: string): string | null;
};

export type FrontParts = {
  readonly clock: Clock;
  readonly vendor: Vendor;
  readonly control: (request: TwinRequest) => TwinResponse;
  readonly faults: Faults;
  readonly calls: CallLog;
  readonly latencyMs: () => number;
};

export function createFront({ clock, vendor, control, faults, calls, latencyMs }: FrontParts): Answering {
  return async (request) => {
    if (request.path.startsWith('/twin/')) return respond(guarded(request, control));
    const query = request.query.size === 0 ? '' : `?${request.query}`;
    const fault = faults.forRequest(request.method, request.path + query) ?? null;
    const conversationId = vendor.conversationOf(request.path);
    const noteEnd = calls.start(
      { method: request.method, path: request.path + query, body: request.body, fault, conversationId },
      clock.now(),
    );
    if (fault === 'hang') return { kind: 'hang' };
    const delayMs = latencyMs();
    if (delayMs > 0) await clock.sleep(delayMs);
    const commits = fault === null || fault === 'commit-then-drop';
    const response = commits ? vendor.answer(request) : vendor.fail(request, fault);
    noteEnd(response.status);
    return fault === 'commit-then-drop' ? { kind: 'drop' } : respond(response);
  };
}

function guarded(request: TwinRequest, control: FrontParts['control']): TwinResponse {
  if (request.loopback) return control(request);
  return { status: 403, body: { error: 'the control surface answers this machine only' } };
}

function respond(response: TwinResponse): TwinAnswer {
  return { kind: 'respond', response };
}
