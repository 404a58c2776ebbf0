// Owns how CXone shows its queues: skills, of which one serves one medium. The ones that are not active take nobody and are none.

import type { Queue } from '../../context/conversation.ts';
import type { QueueId } from '../../ids.ts';
import type { Outcome } from '../../outcome.ts';
import { closestName } from '../closest-name.ts';
import type { Call } from '../platform.ts';
import { readAs } from '../read-as.ts';
import { type QueueDirectory, type VisibleQueuesOptions, visibleQueues } from '../visible-queues.ts';
import type { CxoneLine } from './cxone-line.ts';
import { type WireSkills, wireSkills } from './cxone-wire.ts';

export type SkillDirectory = QueueDirectory & {
  /** The skill that the digital side calls so, as far as it is known without asking. */
  byRoutingQueue(routingQueueId: string): QueueId | undefined;
};

export type SkillDirectoryOptions = Omit<VisibleQueuesOptions, 'read' | 'explainMiss'> & {
  readonly line: Pick<CxoneLine, 'acd'>;
};

const PAGE_SIZE = 500;
/** A tenant that has more skills than this is not read to its end. */
const MAX_PAGES = 100;

type Skill = NonNullable<WireSkills['skills']>[number];

export function skillDirectory({ line, ...options }: SkillDirectoryOptions): SkillDirectory {
  let routingQueues: ReadonlyMap<string, QueueId> = new Map();
  const directory = visibleQueues({
    ...options,
    async read(call) {
      const skills = await readAllPages(line, call);
      if (skills.kind !== 'done') return skills;
      const active = skills.value.filter((skill) => skill.isActive !== false);
      routingQueues = new Map(active.flatMap(digitalName));
      return { kind: 'done', value: active.flatMap(toQueue) };
    },
    explainMiss: missDetail,
  });
  return { ...directory, byRoutingQueue: (id) => routingQueues.get(id) };
}

async function readAllPages(line: Pick<CxoneLine, 'acd'>, call: Call): Promise<Outcome<readonly Skill[]>> {
  const skills = new Map<string, Skill>();
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const path = `/skills?skip=${page * PAGE_SIZE}&top=${PAGE_SIZE}`;
    const listing = readAs(wireSkills, await line.acd({ method: 'GET', path }, call));
    if (listing.kind !== 'done') return listing;
    const before = skills.size;
    const rows = listing.value.skills ?? [];
    for (const skill of rows) if (skill.skillId !== undefined) skills.set(skill.skillId, skill);
    // Nothing new: a server that does not page answers the whole list again and again.
    if (rows.length < PAGE_SIZE || skills.size === before) break;
  }
  return { kind: 'done', value: [...skills.values()] };
}

function toQueue({ skillId, skillName }: Skill): Queue[] {
  return skillId === undefined || skillName == null ? [] : [{ id: skillId as QueueId, name: skillName }];
}

function digitalName({ skillId, routingQueueId }: Skill): [string, QueueId][] {
  return skillId === undefined || routingQueueId === undefined ? [] : [[routingQueueId, skillId as QueueId]];
}

function missDetail(name: string, queues: readonly Queue[]): string {
  const close = closestName(
    name,
    queues.map((queue) => queue.name),
  );
  return [
    `No active skill named '${name}' is visible to this access key's user, who sees ${queues.length} in their business unit.`,
    'A skill that is not active, or that the user has no right to, looks exactly like a missing one:',
    'activate it, give the role the right to it, or correct the name',
    close === undefined
      ? '(letter case and spaces count).'
      : `(letter case and spaces count; close match: '${close}').`,
  ].join(' ');
}
