// Owns whether an agent or a skill of CXone could take a transfer now: advisory, and nothing is held (H3). A targeted contact waits for
// its agent however long, so only the entry script's own time-out brings a caller to somebody else.

import type { Channel, Queue } from '../../context/conversation.ts';
import type { Outcome } from '../../outcome.ts';
import type { Call, TargetCheck, TransferTarget } from '../platform.ts';
import { readAs } from '../read-as.ts';
import { readAgentState } from './agent-state.ts';
import type { CxoneLine } from './cxone-line.ts';
import { type WireAgentState, wireSkillActivity } from './cxone-wire.ts';

export type TargetCheckOptions = {
  readonly line: Pick<CxoneLine, 'acd'>;
  readonly findQueue: (name: string, call: Call) => Promise<Outcome<Queue>>;
};

const AWAY: ReadonlySet<string> = new Set(['Unavailable', 'LoggedOut']);
const BUSY: ReadonlySet<string> = new Set([
  'InboundContact',
  'OutboundContact',
  'InboundConsult',
  'OutboundConsult',
  'Dialer',
]);

export function targetCheck({ line, findQueue }: TargetCheckOptions) {
  const readState = readAgentState(line);
  return async (target: TransferTarget, channel: Channel, call: Call): Promise<Outcome<TargetCheck>> => {
    if (target.kind === 'agent') {
      const { agentId } = target;
      const state = await readState(agentId, call);
      return state.kind === 'done' ? { kind: 'done', value: { ...judge(state.value, channel), agentId } } : state;
    }
    const queue = await findQueue(target.queueName, call);
    if (queue.kind !== 'done') return queue;
    const answer = await line.acd({ method: 'GET', path: `/skills/${queue.value.id}/activity` }, call);
    const activity = readAs(wireSkillActivity, answer);
    if (activity.kind !== 'done') return activity;
    const { agentsLoggedIn, agentsAvailable } = activity.value.skillActivity?.[0] ?? {};
    if (agentsLoggedIn === 0)
      return { kind: 'done', value: { free: 'no', code: 'queue-unstaffed', queue: queue.value } };
    const free = agentsAvailable != null && agentsAvailable > 0 ? 'yes' : 'unknown';
    return { kind: 'done', value: { free, queue: queue.value } };
  };
}

/** The state is the voice one: what an agent takes on the digital side is counted in slots that no public call shows. */
function judge({ agentStateName, isACW }: WireAgentState, channel: Channel): Pick<TargetCheck, 'free' | 'code'> {
  const name = agentStateName ?? '';
  if (channel !== 'voice') return name === 'LoggedOut' ? { free: 'no', code: 'agent-away' } : { free: 'unknown' };
  // After-contact work shows as a kind of unavailability, and is over in a moment.
  if (isACW === true || BUSY.has(name)) return { free: 'no', code: 'agent-busy' };
  if (AWAY.has(name)) return { free: 'no', code: 'agent-away' };
  return { free: name === 'Available' ? 'yes' : 'unknown' };
}
