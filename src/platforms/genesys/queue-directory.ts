// Owns the queues that one set of credentials can see, and finding one by its exact name (seed 001 §2 and FAQ). Genesys has no
// exact-match call and shows a queue of another division exactly as one that does not exist, so names are compared here and a
// miss says what the credentials can see.

import type { Clock } from '../../clock.ts';
import type { Queue } from '../../context/conversation.ts';
import type { QueueId } from '../../ids.ts';
import type { Outcome } from '../../outcome.ts';
import type { Credential } from '../credential.ts';
import type { Call, CallPriority } from '../platform.ts';
import { singleFlight } from '../single-flight.ts';
import { closestName } from './closest-name.ts';
import { type WireQueueListing, wireDivisions, wireQueueListing } from './genesys-wire.ts';
import { readAs } from './read-as.ts';

export type QueueDirectory = {
  /** Every visible queue, at most `refreshMs` old. */
  list(call: Call): Promise<Outcome<readonly Queue[]>>;
  /** The queue of exactly this name: case counts, nothing is trimmed. A hit costs no vendor call, however old the list is. */
  find(name: string, call: Call): Promise<Outcome<Queue>>;
  /** What is known without asking. */
  known(): readonly Queue[];
};

export type QueueDirectoryOptions = {
  readonly credential: Pick<Credential, 'send'>;
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

const PAGE_SIZE = 100;
const NAMES_SHOWN = 20;

export function queueDirectory(options: QueueDirectoryOptions): QueueDirectory {
  const { credential, clock, signal, refreshMs = 300_000, rereadMs = 5_000 } = options;
  let held: Snapshot | undefined;
  let failedAt = Number.NEGATIVE_INFINITY;
  let priority: CallPriority = 'report';

  const flight = singleFlight(async (): Promise<Outcome<Snapshot>> => {
    const queues = await readAllPages(credential, { signal, mayStart: () => true, priority });
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
      const permitted = await permittedDivisions(credential, call);
      return {
        kind: 'rejected',
        code: 'queue-not-found-or-not-visible',
        detail: missDetail(name, snapshot.queues, permitted),
      };
    },
  };
}

async function readAllPages(credential: Pick<Credential, 'send'>, call: Call): Promise<Outcome<readonly Queue[]>> {
  const queues = new Map<string, Queue>();
  for (let page = 1, pages = 1; page <= pages; page += 1) {
    const path = `/api/v2/routing/queues?pageSize=${PAGE_SIZE}&pageNumber=${page}`;
    const listing = readAs(wireQueueListing, await credential.send({ method: 'GET', path }, call));
    if (listing.kind !== 'done') return listing;
    const entities = listing.value.entities ?? [];
    // A list that changes while it is paged may show a queue twice.
    for (const queue of entities.flatMap(toQueue)) queues.set(queue.id, queue);
    pages = entities.length === 0 ? page : (listing.value.pageCount ?? (entities.length < PAGE_SIZE ? page : page + 1));
  }
  return { kind: 'done', value: [...queues.values()] };
}

function toQueue(wire: NonNullable<WireQueueListing['entities']>[number]): Queue[] {
  if (wire.id == null || wire.name == null) return [];
  const division = wire.division;
  if (division?.id == null) return [{ id: wire.id as QueueId, name: wire.name }];
  return [
    { id: wire.id as QueueId, name: wire.name, division: { id: division.id, name: division.name ?? division.id } },
  ];
}

/** Where the token may view queues at all; undefined when the credentials may not even ask. */
async function permittedDivisions(credential: Pick<Credential, 'send'>, call: Call): Promise<string[] | undefined> {
  const path = '/api/v2/authorization/divisionspermitted/me?permission=routing:queue:view';
  const divisions = readAs(wireDivisions, await credential.send({ method: 'GET', path }, call));
  return divisions.kind === 'done' ? divisions.value.flatMap((one) => one.name ?? []) : undefined;
}

function missDetail(name: string, queues: readonly Queue[], permitted: readonly string[] | undefined): string {
  const seen = [...new Set(queues.flatMap((queue) => queue.division?.name ?? []))];
  const close = closestName(name, [...new Set(queues.map((queue) => queue.name))]);
  const where =
    permitted === undefined
      ? `They see queues in divisions: ${listed(seen)}.`
      : `They may view queues in divisions: ${listed(permitted)}, and see ${queues.length} there.`;
  return [
    `No queue named '${name}' is visible to these credentials.`,
    where,
    'A queue of another division looks exactly like a missing one:',
    "give the OAuth client's role that division, or correct the name",
    close === undefined
      ? '(letter case and spaces count).'
      : `(letter case and spaces count; close match: '${close}').`,
  ].join(' ');
}

function listed(names: readonly string[]): string {
  if (names.length === 0) return 'none';
  const more = names.length > NAMES_SHOWN ? ` and ${names.length - NAMES_SHOWN} more` : '';
  return `${names.slice(0, NAMES_SHOWN).join(', ')}${more}`;
}
