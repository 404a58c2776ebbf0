// Owns what an agent's id is at the ACD: a whole number, not the user's UUID and no name (seed 002 writes `nice-usr-4492`). Pure.

import type { AgentId } from '../../ids.ts';
import type { Failure } from '../../outcome.ts';

/** Why this is no agent's id; undefined when it can be one. */
export function agentIdFault(agentId: AgentId): Failure | undefined {
  if (/^\d{1,18}$/.test(agentId)) return undefined;
  const detail = [
    `'${agentId.slice(0, 64)}' is no agent id of CXone: the ACD's agentId is a whole number, such as 4492.`,
    'GET /incontactapi/services/v30.0/agents?searchString=NAME lists it; a user id (UUID) is another key.',
  ].join(' ');
  return { kind: 'rejected', code: 'not-found', detail };
}
