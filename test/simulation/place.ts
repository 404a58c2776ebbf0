// Owns how the two twins' own records of a caller are read as one thing: who has them there, whether their line is up, and what stands in
// it. From the records themselves, whatever any API shows.

import type { Contact } from '../../src/twins/cxone/contact.ts';
import { type Conversation, customerOf, isLive } from '../../src/twins/genesys/conversation.ts';
import { isEntryNumber } from '../../src/twins/genesys/organisation.ts';
import { CXONE, PLATFORM } from './limits.ts';

/** `outside`: joined with a number elsewhere, so whoever is there has them; `entry`: a flow or script asks whose they are. */
export type HeldBy = 'agent' | 'queue' | 'bot' | 'entry' | 'outside' | 'none';

export type Place = {
  readonly platform: typeof PLATFORM | typeof CXONE;
  readonly id: string;
  readonly live: boolean;
  readonly heldBy: HeldBy;
  /** The number of the entry on which the call came in. */
  readonly cameInOn?: string;
  readonly startedAt: number;
  /** When the caller's own end of it was over. */
  readonly endedAt?: number;
  /** Everything that can be read in it, by name. */
  readonly values: Readonly<Record<string, string>>;
  /** Ids of all the queues and agents that it has been with. */
  readonly queues: ReadonlySet<string>;
  readonly agents: ReadonlySet<string>;
};

export function genesysPlace(conversation: Conversation): Place {
  const { id, participants, startedAt, endedAt, to } = conversation;
  const dnis = to.replace(/^tel:/, '');
  const { phase } = customerOf(conversation);
  const live = endedAt === undefined && isLive(customerOf(conversation));
  return {
    platform: PLATFORM,
    id,
    live,
    heldBy: live ? holderIn(conversation, isEntryNumber(dnis)) : 'none',
    ...(isEntryNumber(dnis) && { cameInOn: dnis }),
    startedAt,
    ...(phase.kind === 'ended' && { endedAt: phase.at }),
    values: customerOf(conversation).attributes,
    queues: new Set(participants.flatMap(({ purpose, queue }) => (purpose === 'acd' && queue ? [queue.id] : []))),
    agents: new Set(
      participants.flatMap(({ agent, phase }) =>
        agent && (phase.kind === 'connected' || (phase.kind === 'ended' && phase.connectedAt !== undefined))
          ? [agent.id]
          : [],
      ),
    ),
  };
}

function holderIn({ participants }: Conversation, cameIn: boolean): HeldBy {
  const here = participants.filter(isLive);
  const talking = new Set(here.filter(({ phase }) => phase.kind === 'connected').map(({ purpose }) => purpose));
  if (talking.has('agent')) return 'agent';
  // Somebody who is rung directly, without a queue, is waited for as in one.
  if (here.some(({ purpose, phase }) => purpose === 'acd' || (purpose === 'agent' && phase.kind === 'alerting')))
    return 'queue';
  if (here.some(({ purpose }) => purpose === 'external')) return 'outside';
  if (talking.has('ivr') || talking.has('botflow')) return cameIn ? 'entry' : 'bot';
  return 'none';
}

/** Null of an agent's own call beside their customer's, which the customer is not on. */
export function cxonePlace(contact: Contact): Place | null {
  const { id, to, script, state, startedAt, variables, initiator, pointOfContact } = contact;
  if (initiator !== undefined) return null;
  const cameIn = script === 'Throughline_Entry' && pointOfContact !== undefined;
  return {
    platform: CXONE,
    id: String(id),
    live: state.kind !== 'ended',
    heldBy: holderOf(contact),
    ...(cameIn && { cameInOn: to }),
    startedAt,
    ...(state.kind === 'ended' && { endedAt: state.at }),
    values: variables,
    queues: new Set(contact.skill ? [String(contact.skill.id)] : []),
    agents: new Set(contact.agent ? [String(contact.agent.id)] : []),
  };
}

function holderOf({ state, script, far }: Contact): HeldBy {
  switch (state.kind) {
    case 'active':
      return 'agent';
    case 'queued':
    case 'routing':
      return 'queue';
    case 'bridged':
      return 'outside';
    case 'script':
      if (far !== undefined && far.state !== 'ended') return 'outside';
      return script === 'Throughline_Entry' ? 'entry' : 'bot';
    default:
      return 'none';
  }
}
