// Owns the vendor's words for where contacts and agents stand. The numbers of contact states are made up (no public page lists
// them): a client reads `contact-state-descriptions`.

import { type Contact, isLive } from './contact.ts';
import type { Agent, Tenant } from './tenant.ts';

type StateName = 'PreQueue' | 'InQueue' | 'Routing' | 'Active' | 'Hold' | 'Dialing' | 'Transferred' | 'EndContact';

export const CONTACT_STATES: readonly { readonly id: number; readonly name: StateName; readonly category: string }[] = [
  { id: 2, name: 'PreQueue', category: 'PreQueue' },
  { id: 3, name: 'InQueue', category: 'InQueue' },
  { id: 4, name: 'Active', category: 'Active' },
  { id: 5, name: 'Routing', category: 'Routing' },
  { id: 6, name: 'Hold', category: 'Active' },
  { id: 7, name: 'Dialing', category: 'Active' },
  { id: 8, name: 'Transferred', category: 'Active' },
  { id: 9, name: 'EndContact', category: 'Released' },
];

export function contactStateOf({ state }: Contact): (typeof CONTACT_STATES)[number] {
  switch (state.kind) {
    case 'script':
      return named('PreQueue');
    case 'queued':
      return named('InQueue');
    case 'routing':
      return named('Routing');
    case 'active':
      return named(state.held ? 'Hold' : 'Active');
    case 'dialing':
      return named('Dialing');
    case 'bridged':
      return named('Transferred');
    case 'ended':
      return named('EndContact');
  }
}

function named(name: StateName): (typeof CONTACT_STATES)[number] {
  return CONTACT_STATES.find((each) => each.name === name) as (typeof CONTACT_STATES)[number];
}

/** In the order of the published interface description. */
const AGENT_STATES = [
  'LoggedOut',
  'Available',
  'Unavailable',
  'InboundContact',
  'OutboundContact',
  'InboundConsult',
  'OutboundConsult',
  'Dialer',
  'LoggedIn',
] as const;

export type AgentStanding = {
  readonly id: number;
  readonly name: (typeof AGENT_STATES)[number];
  readonly contact: Contact | undefined;
  readonly acw: boolean;
  readonly outStateId: number | undefined;
  readonly outState: string | undefined;
};

/** A call shows; digital contacts and work items run beside the state and show as open contacts only. */
export function standingOf(agent: Agent, tenant: Tenant, now: number): AgentStanding {
  const contact = callOf(agent);
  const name = stateName(agent, contact, now);
  const outStateId = agent.choice.kind === 'unavailable' ? agent.choice.outStateId : undefined;
  return {
    id: AGENT_STATES.indexOf(name),
    name,
    contact,
    acw: contact === undefined && agent.acwUntil > now,
    outStateId,
    outState: outStateId === undefined ? undefined : tenant.outStates.get(outStateId),
  };
}

function callOf(agent: Agent): Contact | undefined {
  const calls = [...agent.contacts].filter((each) => each.media === 'voice' && isLive(each));
  return calls.find((each) => each.initiator === agent) ?? calls[0];
}

function stateName(agent: Agent, contact: Contact | undefined, now: number): AgentStanding['name'] {
  if (contact !== undefined) {
    const consult = contact.transferIndicator === 'Consult' && contact.initiator !== undefined;
    if (contact.initiator === agent) return consult ? 'OutboundConsult' : 'OutboundContact';
    return consult ? 'InboundConsult' : 'InboundContact';
  }
  if (agent.choice.kind === 'logged-out') return 'LoggedOut';
  return agent.choice.kind === 'available' && agent.acwUntil <= now ? 'Available' : 'Unavailable';
}
