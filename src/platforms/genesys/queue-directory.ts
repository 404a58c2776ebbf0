// Owns how Genesys shows the queues that one set of credentials can see (seed 001 §2 and FAQ). It shows a queue of another division
// exactly as one that does not exist, so a miss says what the credentials can see.

import type { Queue } from '../../context/conversation.ts';
import type { QueueId } from '../../ids.ts';
import type { Outcome } from '../../outcome.ts';
import { closestName } from '../closest-name.ts';
import type { Credential } from '../credential.ts';
import type { Call } from '../platform.ts';
import { readAs } from '../read-as.ts';
import { type QueueDirectory, type VisibleQueuesOptions, visibleQueues } from '../visible-queues.ts';
import { type WireQueueListing, wireDivisions, wireQueueListing } from './genesys-wire.ts';

export type QueueDirectoryOptions = Omit<VisibleQueuesOptions, 'read' | 'explainMiss'> & {
  readonly credential: Pick<Credential, 'send'>;
};

const PAGE_SIZE = 100;
const NAMES_SHOWN = 20;

export function queueDirectory({ credential, ...options }: QueueDirectoryOptions): QueueDirectory {
  return visibleQueues({
    ...options,
    read: (call) => readAllPages(credential, call),
    explainMiss: async (name, queues, call) => missDetail(name, queues, await permittedDivisions(credential, call)),
  });
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
