// Owns the list of queues that one set of credentials can see, kept for a while, and finding one by its exact name (seed 001 §2 and
// FAQ). No vendor has an exact-match call, so names are compared here; how the list is read and what a miss means is the vendor's.

import type { Clock } from '../clock.ts';
import type { Queue } from '../context/conversation.ts';
import type { Outcome } from '../outcome.ts';
import type { Call, CallPriority } from './platform.ts';
import { singleFlight } from './single-flight.ts';

export type QueueDirectory = {
  /** Every visible queue, at most `refreshMs` old. */
  list(call: Call): Promise<Outcome<readonly Queue[]>>;
  /** The queue of exactly this name: case counts, nothing is trimmed. A hit costs no vendor call, however old the list is. */
  find(name: string, call: Call): Promise<Outcome<Queue>>;
  /** What is known without asking. */
  known(): readonly Queue[];
};

export type VisibleQueuesOptions = {
  /** Reads the whole list. */
  readonly read: (call: Call) => Promise<Outcome<readonly Queue[]>>;
  /** What is said when no queue has this name. */
  readonly explainMiss: (name: string, queues: readonly Queue[], call: Call) => string | Promise<string>;
  readonly clock: Clock;
  /** Ends a read under way when the platform closes. */
  readonly signal: AbortSignal;
  readonly refreshMs?: number;
  /** A miss does not read the list again sooner than this after the last read, nor a refresh after a read that failed. */
  readonly rereadMs?: number;
};

type Snapshot = {
  readonly queues: readonly Queue[];
  readonly byName: ReadonlyMap<string, Queue>;
  readonly readAt: number;
};

export function visibleQueues(options: VisibleQueuesOptions): QueueDirectory {
  const { clock, signal, refreshMs = 300_000, rereadMs = 5_000 } = options;
  let held: Snapshot | undefined;
  let failedAt = Number.NEGATIVE_INFINITY;
  let priority: CallPriority = 'report';

  const flight = singleFlight(async (): Promise<Outcome<Snapshot>> => {
    const queues = await options.read({ signal, mayStart: () => true, priority });
    if (queues.kind !== 'done') {
      failedAt = clock.monotonic();
      return queues;
    }
    const byName = new Map(queues.value.map((queue) => [queue.name, queue]));
    held = { queues: queues.value, byName, readAt: clock.monotonic() };
    return { kind: 'done', value: held };
  });
  const read = async (call: Pick<Call, 'signal' | 'priority'>): Promise<Outcome<Snapshot>> => {
    priority = call.priority;
    return (await flight.join(call.signal)) ?? { kind: 'transient', code: 'not-sent' };
  };
  const olderThan = (snapshot: Snapshot, ageMs: number) => clock.monotonic() - snapshot.readAt >= ageMs;
  const worthRefreshing = (snapshot: Snapshot) =>
    olderThan(snapshot, refreshMs) && clock.monotonic() - failedAt >= rereadMs;

  return {
    known: () => held?.queues ?? [],
    async list(call) {
      if (held !== undefined && !olderThan(held, refreshMs)) return { kind: 'done', value: held.queues };
      const snapshot = await read(call);
      return snapshot.kind === 'done' ? { kind: 'done', value: snapshot.value.queues } : snapshot;
    },
    async find(name, call) {
      const hit = held?.byName.get(name);
      if (held !== undefined && hit !== undefined) {
        // The customer does not wait for housekeeping; a queue that is gone is refused by the transfer itself.
        if (worthRefreshing(held)) void read({ signal, priority: 'report' });
        return { kind: 'done', value: hit };
      }
      let snapshot = held;
      if (snapshot === undefined || olderThan(snapshot, rereadMs)) {
        const fresh = await read(call);
        if (fresh.kind !== 'done') return fresh;
        snapshot = fresh.value;
      }
      const found = snapshot.byName.get(name);
      if (found !== undefined) return { kind: 'done', value: found };
      const detail = await options.explainMiss(name, snapshot.queues, call);
      return { kind: 'rejected', code: 'queue-not-found-or-not-visible', detail };
    },
  };
}
