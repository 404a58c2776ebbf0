// Owns what a skill's activity counts: its agents by where they stand, and its contacts by who holds them. One walk over agents
// and contacts, whatever number of skills is asked for.

import type { Contact } from './contact.ts';
import { standingOf } from './contact-states.ts';
import type { Contacts } from './contacts.ts';
import type { Agent, Skill, Tenant } from './tenant.ts';

export type SkillCounts = {
  available: number;
  unavailable: number;
  working: number;
  acw: number;
  loggedIn: number;
  active: number;
  queued: number;
  queuedForOne: number;
  /** Since when the longest waits (epoch ms). */
  earliest: number | undefined;
};

export const NOTHING: Readonly<SkillCounts> = {
  available: 0,
  unavailable: 0,
  working: 0,
  acw: 0,
  loggedIn: 0,
  active: 0,
  queued: 0,
  queuedForOne: 0,
  earliest: undefined,
};

export function countSkills(
  contacts: Contacts,
  tenant: Tenant,
  skills: readonly Skill[],
  now: number,
): ReadonlyMap<Skill, SkillCounts> {
  const counts = new Map(skills.map((each) => [each, { ...NOTHING }]));
  for (const agent of tenant.agents()) {
    const standing = whereabouts(agent, tenant, now);
    if (standing === undefined) continue;
    for (const [skill, count] of counts) {
      if (!agent.skillIds.has(skill.id)) continue;
      count.loggedIn += 1;
      count[standing] += 1;
    }
  }
  for (const contact of contacts.all()) {
    const count = contact.skill === undefined ? undefined : counts.get(contact.skill);
    if (count !== undefined) countContact(count, contact);
  }
  return counts;
}

function whereabouts(agent: Agent, tenant: Tenant, now: number) {
  const { name, acw } = standingOf(agent, tenant, now);
  if (name === 'LoggedOut') return undefined;
  if (acw) return 'acw';
  if (name === 'Available') return 'available';
  return name === 'Unavailable' ? 'unavailable' : 'working';
}

function countContact(count: SkillCounts, { state }: Contact): void {
  if (state.kind === 'active') count.active += 1;
  if (state.kind !== 'queued' && state.kind !== 'routing') return;
  if (state.target === undefined) count.queued += 1;
  else count.queuedForOne += 1;
  count.earliest = Math.min(count.earliest ?? state.since, state.since);
}
