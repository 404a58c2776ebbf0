// Owns what is read of a gateway ahead of need: its queues, found by their exact names (seed 001 §2 and FAQ), and what it says that
// it can do. Both are read together, so that a change at the gateway is known when its queues are.

import type { Clock } from '../../clock.ts';
import type { Queue } from '../../context/conversation.ts';
import type { QueueId } from '../../ids.ts';
import type { Outcome } from '../../outcome.ts';
import type { Credential } from '../credential.ts';
import type { Call, CallPriority, PlatformCapabilities, PlatformLimits } from '../platform.ts';
import { singleFlight } from '../single-flight.ts';
import { type Capabilities, capabilities, LEAST_ATTRIBUTES, type QueueList, queueList } from './gateway-contract.ts';
import { readAnswer } from './read-answer.ts';

export type GatewayDirectory = {
  /** Every visible queue, at most `refreshMs` old. */
  list(call: Call): Promise<Outcome<readonly Queue[]>>;
  /** The queue of exactly this name. */
  find(name: string, call: Call): Promise<Outcome<Queue>>;
  /** The same, asked anew, with what the gateway says of who serves it. */
  check(name: string, call: Call): Promise<Outcome<{ readonly queue: Queue; readonly staffed?: boolean }>>;
  /** Reads what the gateway can do. */
  describe(call: Call): Promise<Outcome<Capabilities>>;
  /** Whether it reserves; asked only where it has not said so yet, as after a start in the middle of a handoff. */
  reserves(call: Call): Promise<Outcome<boolean>>;
  /** As it was told last, and always the newest; nothing is promised before (H3). */
  readonly capabilities: PlatformCapabilities;
  readonly limits: PlatformLimits;
};

export type GatewayDirectoryOptions = {
  readonly line: Pick<Credential, 'send'>;
  readonly clock: Clock;
  /** Ends a read under way when the platform closes. */
  readonly signal: AbortSignal;
  readonly refreshMs?: number;
  /** A miss does not read the list again sooner than this after the last read. */
  readonly rereadMs?: number;
};

type Snapshot = { readonly queues: readonly Queue[]; readonly readAt: number };

/** Until the gateway has said otherwise. */
const UNTOLD = {
  reservation: 'none',
  commit: [],
  settleMs: 10_000,
  attributes: LEAST_ATTRIBUTES,
} as const satisfies Partial<Capabilities>;
const NAMES_SHOWN = 20;

export function gatewayDirectory(options: GatewayDirectoryOptions): GatewayDirectory {
  const { line, clock, signal, refreshMs = 60_000, rereadMs = 5_000 } = options;
  let held: Snapshot | undefined;
  let told: Pick<Capabilities, keyof typeof UNTOLD> = UNTOLD;
  let priority: CallPriority = 'report';

  const describe = async (call: Call): Promise<Outcome<Capabilities>> => {
    const answer = await line.send({ method: 'GET', path: '/v1/capabilities' }, call);
    const read = readAnswer(capabilities, 'GET', answer);
    if (read.kind === 'done') told = read.value;
    return read;
  };
  const flight = singleFlight(async (): Promise<Outcome<Snapshot>> => {
    const call = { signal, mayStart: () => true, priority };
    const [queues] = await Promise.all([readQueues(line, '', call), describe(call)]);
    if (queues.kind !== 'done') return queues;
    held = { queues: queues.value.map(({ queue }) => queue), readAt: clock.monotonic() };
    return { kind: 'done', value: held };
  });
  const atMost = async (ageMs: number, call: Call): Promise<Outcome<Snapshot>> => {
    if (held !== undefined && clock.monotonic() - held.readAt < ageMs) return { kind: 'done', value: held };
    priority = call.priority;
    return (await flight.join(call.signal)) ?? { kind: 'transient', code: 'not-sent' };
  };

  return {
    describe,
    async reserves(call) {
      const read = told === UNTOLD ? await describe(call) : { kind: 'done' as const };
      return read.kind === 'done' ? { kind: 'done', value: told.reservation === 'native' } : read;
    },
    capabilities: {
      get reservation() {
        return told.reservation;
      },
      get commit() {
        return told.commit;
      },
      get settleMs() {
        return told.settleMs;
      },
    },
    limits: {
      get attributeValueBytes() {
        return told.attributes.valueBytes;
      },
      get attributeCount() {
        return told.attributes.count;
      },
    },
    async list(call) {
      const read = await atMost(refreshMs, call);
      return read.kind === 'done' ? { kind: 'done', value: read.value.queues } : read;
    },
    async find(name, call) {
      for (const ageMs of [refreshMs, rereadMs]) {
        const read = await atMost(ageMs, call);
        if (read.kind !== 'done') return read;
        const found = read.value.queues.find((queue) => queue.name === name);
        if (found !== undefined) return { kind: 'done', value: found };
      }
      return notVisible(name, held?.queues ?? []);
    },
    async check(name, call) {
      const read = await readQueues(line, `?name=${encodeURIComponent(name)}`, call);
      if (read.kind !== 'done') return read;
      const found = read.value.find(({ queue }) => queue.name === name);
      if (found !== undefined) return { kind: 'done', value: found };
      const all = await atMost(refreshMs, call);
      return notVisible(name, all.kind === 'done' ? all.value.queues : []);
    },
  };
}

async function readQueues(line: Pick<Credential, 'send'>, query: string, call: Call) {
  const answer = await line.send({ method: 'GET', path: `/v1/queues${query}` }, call);
  const read = readAnswer(queueList, 'GET', answer);
  return read.kind === 'done' ? { kind: 'done' as const, value: read.value.entities.map(toQueue) } : read;
}

function toQueue({ id, name, division, staffed }: QueueList['entities'][number]) {
  const queue: Queue = { id: id as QueueId, name, ...(division !== undefined && { division }) };
  return { queue, ...(staffed !== undefined && { staffed }) };
}

function notVisible(name: string, seen: readonly Queue[]): Outcome<never> {
  const divisions = [...new Set(seen.flatMap(({ division }) => division?.name ?? []))];
  const shown = divisions.slice(0, NAMES_SHOWN).join(', ');
  const more = divisions.length > NAMES_SHOWN ? ` and ${divisions.length - NAMES_SHOWN} more` : '';
  const where = divisions.length === 0 ? '' : ` They see divisions: ${shown}${more}.`;
  return {
    kind: 'rejected',
    code: 'queue-not-found-or-not-visible',
    detail: `No queue named '${name}' is among the ${seen.length} that these credentials see (letter case and spaces count).${where}`,
  };
}
