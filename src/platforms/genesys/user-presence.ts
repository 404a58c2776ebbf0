// Owns how a person's presence is read and set: the source `purecloud` is the desktop's own (Genesys Platform API v2, Presence).

import type { Outcome } from '../../outcome.ts';
import type { Credential } from '../credential.ts';
import type { HttpAnswer } from '../http.ts';
import type { AgentPresence, Platform } from '../platform.ts';
import { readAs } from '../read-as.ts';
import { type WirePresenceChange, wirePresence } from './genesys-wire.ts';

export function userPresence(line: Pick<Credential, 'send'>): Pick<Platform, 'presence' | 'setPresence'> {
  return {
    presence: async (agentId, call) => read(await line.send({ method: 'GET', path: pathOf(agentId) }, call)),
    async setPresence(agentId, presence, call) {
      const body: WirePresenceChange = { presenceDefinition: { id: presence } };
      const answer = await line.send({ method: 'PATCH', path: pathOf(agentId), body }, call);
      if (answer.kind !== 'done') return answer;
      const set = read(answer);
      // It was taken, whatever the answer looks like.
      return set.kind === 'done' && set.value.id === presence ? set : { kind: 'done', value: { id: presence } };
    },
  };
}

function pathOf(userId: string): string {
  return `/api/v2/users/${encodeURIComponent(userId)}/presences/purecloud`;
}

/** One without a definition is none that could be put back. */
function read(answer: Outcome<HttpAnswer>): Outcome<AgentPresence> {
  const found = readAs(wirePresence, answer);
  if (found.kind !== 'done') return found;
  const { presenceDefinition, modifiedDate } = found.value;
  if (presenceDefinition?.id == null) {
    return { kind: 'transient', code: 'unexpected-answer', detail: 'the presence has no definition' };
  }
  return { kind: 'done', value: { id: presenceDefinition.id, ...(modifiedDate != null && { since: modifiedDate }) } };
}
