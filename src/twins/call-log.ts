// Owns what a twin was asked: the newest calls in a bounded ring, and counters that stay exact when the ring has turned.

import type { RequestFault } from './faults.ts';

export type LoggedCall = {
  readonly at: string;
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly body: unknown;
  /** What the twin decided; null while it has not, and for ever when it hangs. */
  readonly status: number | null;
  readonly fault: RequestFault | null;
  readonly conversationId: string | null;
};

export type CallLog = {
  /** Notes a request and returns how to note its end. */
  start(
    call: Pick<LoggedCall, 'method' | 'path' | 'body' | 'fault' | 'conversationId'>,
    at: number,
  ): (status: number) => void;
  /** Newest last. `since` is epoch ms. */
  list(filter?: { since?: number; conversationId?: string }): readonly LoggedCall[];
  /** Exact since the start or the last reset. */
  counters(): { readonly total: number; readonly byStatus: Readonly<Record<string, number>> };
  clear(): void;
};

export function createCallLog(capacity = 10_000): CallLog {
  let ring: Entry[] = [];
  let next = 0;
  let total = 0;
  let byStatus: Record<string, number> = {};
  return {
    start(call, at) {
      const entry: Entry = { ...call, at, status: null };
      ring[next] = entry;
      next = (next + 1) % capacity;
      total += 1;
      return (status) => {
        entry.status = status;
        byStatus[status] = (byStatus[status] ?? 0) + 1;
      };
    },
    list({ since = Number.NEGATIVE_INFINITY, conversationId } = {}) {
      const oldestFirst = ring.length < capacity ? ring : [...ring.slice(next), ...ring.slice(0, next)];
      return oldestFirst
        .filter((call) => call.at >= since && (conversationId === undefined || call.conversationId === conversationId))
        .map(({ at, ...rest }) => ({ at: new Date(at).toISOString(), ...rest }));
    },
    counters: () => ({ total, byStatus: { ...byStatus } }),
    clear() {
      ring = [];
      next = 0;
      total = 0;
      byStatus = {};
    },
  };
}

type Entry = Omit<LoggedCall, 'at' | 'status'> & { readonly at: number; status: number | null };
