// Owns how agents, skills and contacts look in the ACD's answers, in the field names of the published interface description.

import { agentOn, type Contact, holderOf } from './contact.ts';
import { contactStateOf, standingOf } from './contact-states.ts';
import type { SkillCounts } from './skill-counts.ts';
import { type Agent, MEDIA_NAMES, MEDIA_TYPES, type Skill, type Tenant } from './tenant.ts';

const TEAM = { teamId: 2_001, teamName: 'Support' } as const;
const CAMPAIGN = { campaignId: 3_100, campaignName: 'Default' } as const;
const TRANSFER_INDICATORS = ['None', 'ReSkill', 'ReAgent', 'Consult', 'TakeOver', 'External'] as const;

export function iso(instant: number): string {
  return new Date(instant).toISOString();
}

export function agentStateRow(agent: Agent, tenant: Tenant, now: number) {
  const standing = standingOf(agent, tenant, now);
  const { contact } = standing;
  return {
    agentId: agent.id,
    agentStateId: standing.id,
    agentStateName: standing.name,
    businessUnitId: tenant.businessUnitId,
    contactId: contact?.id ?? 0,
    isACW: standing.acw,
    isOutbound: contact?.outbound ?? false,
    ...namesOf(agent),
    fromAddress: contact?.from ?? '',
    toAddress: contact?.to ?? '',
    lastUpdateTime: iso(agent.changedAt),
    openContacts: agent.contacts.size,
    outStateId: standing.outStateId ?? 0,
    outStateDescription: standing.outState ?? '',
    skillId: contact?.skill?.id ?? 0,
    skillName: contact?.skill?.name ?? '',
    startDate: iso(agent.changedAt),
    stationId: agent.id,
    stationPhoneNumber: '',
    ...TEAM,
  };
}

export function agentRow(agent: Agent) {
  return {
    agentId: agent.id,
    userID: agent.userId,
    userName: `${agent.name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '.')}@twin.example`,
    emailAddress: `${agent.name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '.')}@twin.example`,
    ...namesOf(agent),
    isActive: true,
    ...TEAM,
    userType: 'Agent',
    lastUpdated: iso(agent.changedAt),
    digitalEngagementEnabled: true,
  };
}

function namesOf({ name }: Agent) {
  const [firstName = '', ...rest] = name.split(' ');
  return { firstName, lastName: rest.join(' ') };
}

export function agentSkillRow(agent: Agent, skill: Skill, tenant: Tenant) {
  return {
    agentId: agent.id,
    ...namesOf(agent),
    agentProficiencyValue: 3,
    agentProficiencyName: 'Medium',
    businessUnitId: tenant.businessUnitId,
    ...CAMPAIGN,
    isActive: true,
    isSkillActive: skill.active,
    isOutbound: skill.outbound,
    mediaTypeId: MEDIA_TYPES[skill.media],
    mediaTypeName: MEDIA_NAMES[skill.media],
    skillId: skill.id,
    skillName: skill.name,
    lastUpdateTime: iso(agent.sessionStartedAt),
    ...TEAM,
  };
}

export function skillRow(skill: Skill) {
  return {
    skillId: skill.id,
    skillName: skill.name,
    mediaTypeId: MEDIA_TYPES[skill.media],
    mediaTypeName: MEDIA_NAMES[skill.media],
    isActive: skill.active,
    isOutbound: skill.outbound,
    ...CAMPAIGN,
    useScreenPops: true,
  };
}

export function skillActivityRow(skill: Skill, counts: SkillCounts, tenant: Tenant, now: number) {
  return {
    serverTime: iso(now),
    businessUnitId: tenant.businessUnitId,
    agentsACW: counts.acw,
    agentsAvailable: counts.available,
    agentsIdle: counts.available,
    agentsLoggedIn: counts.loggedIn,
    agentsUnavailable: counts.unavailable,
    agentsWorking: counts.working,
    ...CAMPAIGN,
    contactsActive: counts.active,
    ...(counts.earliest === undefined ? {} : { earliestQueueTime: iso(counts.earliest) }),
    isActive: skill.active,
    isOutbound: skill.outbound,
    mediaTypeId: MEDIA_TYPES[skill.media],
    mediaTypeName: MEDIA_NAMES[skill.media],
    queueCount: counts.queued + counts.queuedForOne,
    skillQueueCount: counts.queued,
    personalQueueCount: counts.queuedForOne,
    parkedCount: 0,
    skillId: skill.id,
    skillName: skill.name,
  };
}

export function contactStateRow(contact: Contact) {
  const state = contactStateOf(contact);
  const agent = agentOn(contact) ?? contact.agent;
  return {
    ...(agent === undefined ? {} : { agentId: agent.id, ...namesOf(agent), ...TEAM }),
    ...CAMPAIGN,
    contactId: contact.id,
    masterContactId: contact.masterId,
    contactStateId: state.id,
    contactStateName: state.name,
    fromAddress: contact.from,
    toAddress: contact.to,
    mediaTypeId: MEDIA_TYPES[contact.media],
    mediaTypeName: MEDIA_NAMES[contact.media],
    ...(contact.skill === undefined ? {} : { skillId: contact.skill.id, skillName: contact.skill.name }),
    startDate: iso(contact.startedAt),
    lastUpdateTime: iso(contact.updatedAt),
  };
}

export function activeContactRow(contact: Contact) {
  const { contactStateId, contactStateName, startDate, ...row } = contactStateRow(contact);
  const { transferIndicatorId, transferIndicatorName } = transferFields(contact);
  return {
    ...row,
    stateId: contactStateId,
    stateName: contactStateName,
    contactStateCategory: contactStateOf(contact).category,
    contactStartDate: startDate,
    holdCount: contact.holdCount,
    isOutbound: contact.outbound,
    isTakeover: false,
    ...(contact.pointOfContact === undefined
      ? {}
      : { pointOfContactId: contact.pointOfContact.code, pointOfContactName: contact.pointOfContact.description }),
    ...(contact.target === undefined ? {} : { targetAgentId: contact.target.id }),
    transferIndicatorId,
    transferIndicatorName,
  };
}

export function completedContactRow(contact: Contact) {
  const { stateId: _id, stateName: _name, contactStateCategory: _category, ...row } = activeContactRow(contact);
  const { state, startedAt, firstQueuedAt, firstAnsweredAt } = contact;
  const endedAt = state.kind === 'ended' ? state.at : startedAt;
  const queued = firstQueuedAt === undefined ? 0 : (firstAnsweredAt ?? endedAt) - firstQueuedAt;
  const abandoned =
    firstQueuedAt !== undefined && firstAnsweredAt === undefined && endReason(contact) === 'Contact Hung Up';
  return {
    ...row,
    abandoned,
    abandonSeconds: abandoned ? seconds(queued) : 0,
    acwSeconds: 0,
    agentSeconds: firstAnsweredAt === undefined ? 0 : seconds(endedAt - firstAnsweredAt),
    conferenceSeconds: 0,
    holdSeconds: seconds(contact.heldMs),
    preQueueSeconds: seconds((firstQueuedAt ?? endedAt) - startedAt),
    inQueueSeconds: seconds(queued),
    postQueueSeconds: 0,
    releaseSeconds: 0,
    totalDurationSeconds: seconds(endedAt - startedAt),
    endReason: endReason(contact),
    isRefused: contact.refusals > 0,
    dateContactWarehoused: iso(endedAt),
    dispositionNotes: contact.disposition?.notes ?? '',
    ...(contact.disposition?.dispositionCode === undefined
      ? {}
      : { primaryDispositionId: Number(contact.disposition.dispositionCode) || 0 }),
    tags: [...contact.tags].map((tagId) => ({ tagId })),
  };
}

function transferFields({ transferIndicator }: Contact) {
  return {
    transferIndicatorId: TRANSFER_INDICATORS.indexOf(transferIndicator),
    transferIndicatorName: transferIndicator,
  };
}

function endReason(contact: Contact): string {
  if (contact.state.kind !== 'ended') return '';
  switch (contact.state.why) {
    case 'customer':
      return 'Contact Hung Up';
    case 'agent':
      return 'Agent Hung Up';
    case 'transfer':
    case 'blind-transfer':
      return 'Transferred';
    default:
      return 'Contact Ended by Script';
  }
}

function seconds(ms: number): number {
  return Math.round(ms / 1_000);
}

/** What a script assigned and what indicators brought, as the ACD's custom data. */
export function customDataRows(contact: Contact) {
  return Object.entries({ ...contact.variables, ...contact.customData }).map(([name, value]) => ({ name, value }));
}

/** How a person at the control surface sees who is where. */
export function placeOf(contact: Contact) {
  const agent = agentOn(contact);
  return {
    state: contact.state.kind,
    stateName: contactStateOf(contact).name,
    holder: holderOf(contact),
    agent: agent === undefined ? null : { agentId: String(agent.id), userId: agent.userId, name: agent.name },
    skill: contact.skill === undefined ? null : { id: String(contact.skill.id), name: contact.skill.name },
    targetAgentId: contact.target === undefined ? null : String(contact.target.id),
  };
}
