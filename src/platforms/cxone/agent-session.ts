// Owns what only a live agent session can do with a call: dial a number beside it, join the two, or let the second one go (NICE's Agent
// API). Our access key must be allowed to act for agents (`asAgentId`); no page says how that right is given, so it is configured.

import type { AgentId } from '../../ids.ts';
import type { Outcome } from '../../outcome.ts';
import type { CredentialRequest } from '../credential.ts';
import type { Call } from '../platform.ts';
import { readAs } from '../read-as.ts';
import { agentIdFault } from './agent-id.ts';
import type { CxoneLine } from './cxone-line.ts';
import { type WireDialPhone, wireSession } from './cxone-wire.ts';

export type AgentSession = {
  /** Puts the customer on hold and calls the number. Lookable. */
  dial(agentId: AgentId, contactId: string, number: string, call: Call): Promise<Outcome<null>>;
  /** Joins the held and the dialled call; the agent leaves both. Lookable. */
  transferCalls(agentId: AgentId, call: Call): Promise<Outcome<null>>;
  /** Ends the second call and takes the customer off hold. Lookable. */
  letGo(
    agentId: AgentId,
    contacts: { readonly dialled: string; readonly customer: string },
    call: Call,
  ): Promise<Outcome<null>>;
};

export type AgentSessionOptions = {
  readonly line: Pick<CxoneLine, 'acd'>;
  /** The skill under which calls go out, where the tenant wants one. */
  readonly dialSkillId?: string;
};

export function agentSession({ line, dialSkillId }: AgentSessionOptions): AgentSession {
  /** Joining starts nothing, so a join whose answer is lost has taken nothing. */
  const join = async (agentId: AgentId, call: Call): Promise<Outcome<string>> => {
    const fault = agentIdFault(agentId);
    if (fault !== undefined) return fault;
    const path = `/agent-sessions/join?asAgentId=${agentId}`;
    const answer = await line.acd({ method: 'POST', path, body: { asAgentId: agentId } }, call);
    const joined = readAs(wireSession, answer);
    if (joined.kind === 'ambiguous') return { ...joined, kind: 'transient' };
    return joined.kind === 'done' ? { kind: 'done', value: joined.value.sessionId } : joined;
  };
  const act = async (agentId: AgentId, request: (session: string) => CredentialRequest, call: Call) => {
    const session = await join(agentId, call);
    if (session.kind !== 'done') return session;
    const answer = await line.acd(request(`/agent-sessions/${encodeURIComponent(session.value)}`), call);
    return answer.kind === 'done' ? ({ kind: 'done', value: session.value } as const) : answer;
  };
  const taken = (outcome: Outcome<unknown>): Outcome<null> =>
    outcome.kind === 'done' ? { kind: 'done', value: null } : outcome;

  return {
    async dial(agentId, contactId, number, call) {
      const body: WireDialPhone = {
        phoneNumber: number,
        parentContactId: Number(contactId),
        ...(dialSkillId === undefined ? {} : { skillId: Number(dialSkillId) }),
      };
      return taken(await act(agentId, (session) => ({ method: 'POST', path: `${session}/dial-phone`, body }), call));
    },
    async transferCalls(agentId, call) {
      const path = '/interactions/transfer-calls';
      return taken(await act(agentId, (session) => ({ method: 'POST', path: `${session}${path}` }), call));
    },
    async letGo(agentId, { dialled, customer }, call) {
      const end = (session: string) => ({ method: 'POST', path: `${session}/interactions/${dialled}/end` }) as const;
      const ended = await act(agentId, end, call);
      if (ended.kind !== 'done') return ended;
      const path = `/agent-sessions/${encodeURIComponent(ended.value)}/interactions/${customer}/resume`;
      const resumed = await line.acd({ method: 'POST', path }, call);
      // Off hold already is where the customer should be. Whatever else: the second call has been let go.
      if (resumed.kind === 'done' || resumed.kind === 'rejected') return { kind: 'done', value: null };
      return { kind: 'ambiguous', code: resumed.code };
    },
  };
}
