// Owns how an agent's state is read and set at the ACD. It is the nearest thing to a presence: `Available`, or `Unavailable` with the
// number of an unavailable code, as `Unavailable:103`. When a state was chosen is not said reliably, so nothing is said of it.

import type { AgentId } from '../../ids.ts';
import type { Outcome } from '../../outcome.ts';
import type { Call, Platform } from '../platform.ts';
import { readAs } from '../read-as.ts';
import { agentIdFault } from './agent-id.ts';
import type { CxoneLine } from './cxone-line.ts';
import { type WireAgentState, wireAgentStates } from './cxone-wire.ts';

/** States of an agent who works on a contact, and who was available when it came. */
const WORKING: ReadonlySet<string> = new Set([
  'InboundContact',
  'OutboundContact',
  'InboundConsult',
  'OutboundConsult',
  'Dialer',
]);
const SETTABLE = /^(Available|Unavailable)(?::(\d{1,9}))?$/;

export function readAgentState(line: Pick<CxoneLine, 'acd'>) {
  return async (agentId: AgentId, call: Call): Promise<Outcome<WireAgentState>> => {
    const fault = agentIdFault(agentId);
    if (fault !== undefined) return fault;
    const answer = await line.acd({ method: 'GET', path: `/agents/${agentId}/states` }, call);
    const read = readAs(wireAgentStates, answer);
    if (read.kind !== 'done') return read;
    const states = read.value.agentStates ?? [];
    const state = states.find((one) => one.agentId === agentId) ?? states[0];
    return state === undefined ? { kind: 'rejected', code: 'not-found' } : { kind: 'done', value: state };
  };
}

export function agentState(line: Pick<CxoneLine, 'acd'>): Pick<Platform, 'presence' | 'setPresence'> {
  const read = readAgentState(line);
  return {
    async presence(agentId, call) {
      const state = await read(agentId, call);
      return state.kind === 'done' ? { kind: 'done', value: { id: nameOf(state.value) } } : state;
    },
    async setPresence(agentId, presence, call) {
      const fault = agentIdFault(agentId);
      if (fault !== undefined) return fault;
      // Who is given back a working state was available before it.
      const wanted = SETTABLE.exec(WORKING.has(presence) ? 'Available' : presence);
      if (wanted === null)
        return { kind: 'rejected', code: 'bad-request', detail: 'an agent can be Available or Unavailable[:code]' };
      const outState = wanted[2] === undefined ? '' : `&outStateId=${wanted[2]}`;
      const path = `/agents/${agentId}/state?state=${wanted[1]}${outState}`;
      const answer = await line.acd({ method: 'POST', path }, call);
      return answer.kind === 'done' ? { kind: 'done', value: { id: wanted[0] } } : answer;
    },
  };
}

function nameOf({ agentStateName, outStateId }: WireAgentState): string {
  const name = agentStateName ?? '';
  return name === 'Unavailable' && outStateId !== undefined ? `${name}:${outStateId}` : name;
}
