// Owns whether an agent or a queue of Genesys Cloud could take a transfer now. Advisory: between this answer and the call, anything
// may change, and nothing is held (H3).

import type { Channel, Queue } from '../../context/conversation.ts';
import type { AgentId } from '../../ids.ts';
import type { Outcome } from '../../outcome.ts';
import type { Credential } from '../credential.ts';
import type { Call, TargetCheck, TransferTarget } from '../platform.ts';
import { readAs } from '../read-as.ts';
import { type WireQueueFacts, type WireUser, wireQueueFacts, wireUser } from './genesys-wire.ts';

export type TargetCheckOptions = {
  readonly line: Pick<Credential, 'send'>;
  readonly findQueue: (name: string, call: Call) => Promise<Outcome<Queue>>;
};

export function targetCheck({ line, findQueue }: TargetCheckOptions) {
  return async (target: TransferTarget, channel: Channel, call: Call): Promise<Outcome<TargetCheck>> => {
    if (target.kind === 'agent') {
      const path = `/api/v2/users/${encodeURIComponent(target.agentId)}?expand=presence&expand=routingStatus`;
      const user = readAs(wireUser, await line.send({ method: 'GET', path }, call));
      if (user.kind !== 'done') return user;
      const { state } = user.value;
      if (state === 'inactive' || state === 'deleted')
        return { kind: 'rejected', code: 'not-found', detail: `the user is ${state}` };
      return { kind: 'done', value: judgeAgent(user.value, target.agentId, channel) };
    }
    const queue = await findQueue(target.queueName, call);
    if (queue.kind !== 'done') return queue;
    const path = `/api/v2/routing/queues/${encodeURIComponent(queue.value.id)}`;
    const facts = readAs(wireQueueFacts, await line.send({ method: 'GET', path }, call));
    return facts.kind === 'done' ? { kind: 'done', value: judgeQueue(facts.value, queue.value) } : facts;
  };
}

/** Presences in which nobody answers (the systemPresence of Genesys, which every definition of an organisation's own has). */
const AWAY: ReadonlySet<string> = new Set(['away', 'break', 'meal', 'meeting', 'training', 'offline', 'out of office']);

function judgeAgent({ routingStatus, presence }: WireUser, agentId: AgentId, channel: Channel): TargetCheck {
  const system = presence?.presenceDefinition?.systemPresence?.toLowerCase().replaceAll('_', ' ') ?? '';
  const taken = (code: string): TargetCheck => ({ free: 'no', code, agentId });
  if (AWAY.has(system)) return taken('agent-away');
  switch (routingStatus?.status?.toUpperCase()) {
    case 'IDLE':
      return { free: 'yes', agentId };
    case 'NOT_RESPONDING':
      return taken('agent-away');
    case 'INTERACTING':
    case 'COMMUNICATING':
      // Somebody who talks takes no second call; how many messages they take beside it is their utilization's to say.
      return channel === 'voice' ? taken('agent-busy') : { free: 'unknown', agentId };
    default:
      return system === 'busy' ? taken('agent-busy') : { free: 'unknown', agentId };
  }
}

/** Whether somebody is free is not said by the queue: only whether there is anybody. */
function judgeQueue({ memberCount, joinedMemberCount }: WireQueueFacts, queue: Queue): TargetCheck {
  const nobody = memberCount === 0 || joinedMemberCount === 0;
  return nobody ? { free: 'no', code: 'queue-unstaffed', queue } : { free: 'unknown', queue };
}
