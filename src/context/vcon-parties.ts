// Owns who appears in a vCon (draft-ietf-vcon-vcon-core §4.2): the customer, we who attach what was carried, and everybody who is
// known to have held the conversation. Nobody is invented: what is not known of a party is left out.

import type { Customer } from './interaction-context.ts';
import { hasMoved, type VconFacts, type VconHandoff, type VconHolder } from './vcon-facts.ts';

/** Who makes the vCon. */
export const MAKER = 'Throughline';
/** The first two parties: the one whose conversation it is, and we, who attach what was carried. */
export const CUSTOMER = 0;
export const US = 1;

/** §4.2; `role` is CC §3.1.1. */
export type VconParty = {
  readonly type?: 'person' | 'bot' | 'organization';
  readonly role?: 'customer' | 'virtual-agent' | 'queue' | 'agent';
  readonly name?: string;
  readonly org?: string;
  readonly tel?: string;
  readonly mailto?: string;
  readonly uuid?: string;
};

/** A party and the key by which it is recognised: bots are one, queues and agents are told apart by their ids. */
export type Role = { readonly key: string; readonly party: VconParty };

/** Everybody who is known to have had a part, each once, in order of appearance. */
export function castOf({ customer, holders, handoffs }: VconFacts): readonly Role[] {
  const queues = handoffs.map(({ queue }) => queue);
  const others = [...holders.flatMap((holder) => roleOf(holder, queues)), ...handoffs.filter(hasMoved).map(targetOf)];
  const byKey = new Map(others.map((role) => [role.key, role]));
  return [
    { key: 'customer', party: customerOf(customer) },
    { key: 'us', party: { type: 'organization', org: MAKER } },
    ...byKey.values(),
  ];
}

/** How the customer was identified is not known, so that `validation` is not said. */
function customerOf({ phone, email, name }: Customer): VconParty {
  return {
    type: 'person',
    role: 'customer',
    ...(phone !== undefined && { tel: phone }),
    ...(email !== undefined && { mailto: email }),
    ...(name !== undefined && { name }),
  };
}

/** Nobody for the holder `none`. A queue's name is known where a handoff was for it. */
function roleOf(holder: VconHolder, queues: readonly VconHandoff['queue'][]): readonly Role[] {
  const { kind, queueId, agentId } = holder;
  switch (kind) {
    case 'bot':
      return [{ key: holderKey(holder), party: { type: 'bot', role: 'virtual-agent' } }];
    case 'agent':
      return [
        {
          key: holderKey(holder),
          party: { type: 'person', role: 'agent', ...(agentId !== undefined && { uuid: agentId }) },
        },
      ];
    case 'queue': {
      const name = queues.find(({ id }) => id !== undefined && id === queueId)?.name;
      return [{ key: holderKey(holder), party: queueParty({ id: queueId, name }) }];
    }
    case 'none':
      return [];
  }
}

/** The queue or agent that a handoff has led to, whether or not anybody has seen them hold the conversation. */
function targetOf(handoff: VconHandoff): Role {
  const { agentId: uuid, queue } = handoff;
  const party: VconParty = uuid === undefined ? queueParty(queue) : { type: 'person', role: 'agent', uuid };
  return { key: targetKey(handoff), party };
}

function queueParty({ id, name }: { readonly id?: string | undefined; readonly name?: string | undefined }): VconParty {
  return { role: 'queue', ...(name !== undefined && { name }), ...(id !== undefined && { uuid: id }) };
}

/** The key of the holder's party. */
export function holderKey({ kind, queueId, agentId }: VconHolder): string {
  if (kind === 'queue') return queueKey({ id: queueId, name: '' });
  return kind === 'agent' ? `agent.${agentId ?? ''}` : kind;
}

/** The key of the queue or agent that the handoff is for. */
export function targetKey({ queue, agentId }: VconHandoff): string {
  return agentId === undefined ? queueKey(queue) : holderKey({ kind: 'agent', agentId });
}

function queueKey({ id, name }: { readonly id?: string | undefined; readonly name: string }): string {
  return id === undefined ? `queue-named.${name}` : `queue.${id}`;
}

/** The index of the party, or -1. */
export function indexIn(cast: readonly Role[], key: string): number {
  return cast.findIndex((role) => role.key === key);
}
