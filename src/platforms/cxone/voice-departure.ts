// Owns how a call of the ACD leaves for a number outside: its script lets go, told by a signal, or its agent dials, consults and joins in a
// session of their own (seed 002 §2). It reports what became of each call and decides nothing (H5).

import type { Failure } from '../../outcome.ts';
import type { CommitWay, Departing, Platform } from '../platform.ts';
import type { AgentSession } from './agent-session.ts';
import type { ContactReading } from './contact-reading.ts';
import type { Signals } from './signals.ts';

/** How a script lets a call go. `TRANSFER` keeps two ports and takes the caller back when nobody answers; `BLINDXFER` frees both and hears no more. */
export type LetGoAction = 'TRANSFER' | 'BLINDXFER';

export type VoiceDepartureOptions = {
  readonly contacts: ContactReading;
  readonly signals: Signals;
  readonly session: AgentSession;
  readonly ways: readonly CommitWay[];
  readonly letGoBy: LetGoAction;
};

export function voiceDeparture(options: VoiceDepartureOptions): Pick<Platform, 'transferAway' | 'endConsult'> {
  const { contacts, signals, session, ways, letGoBy } = options;
  return {
    async transferAway({ externalId }, departing, call) {
      const { way, leaving, leavingAgent, address, token } = departing;
      const fault = wayFault(ways, departing);
      if (fault !== undefined) return fault;
      const now = await contacts.heldBy({ contactId: externalId, leaving }, call);
      if (now.kind !== 'done') return now;
      const contactId = now.value.contactId ?? externalId;
      if (way === 'agent-session' && leavingAgent !== undefined)
        return session.dial(leavingAgent, contactId, address, call);
      const how = letGoBy === 'BLINDXFER' ? [letGoBy] : [];
      return signals.send(contactId, ['Transfer', address, token, ...how], now.value, call);
    },
    async endConsult({ externalId }, { accept, leavingAgent }, call) {
      if (leavingAgent === undefined) return noAgent();
      if (!ways.includes('agent-session')) return noSession();
      if (accept) return session.transferCalls(leavingAgent, call);
      const dialled = await contacts.beside(externalId, call);
      if (dialled.kind !== 'done') return dialled;
      if (dialled.value === undefined)
        return { kind: 'rejected', code: 'conflict', detail: 'nobody is being consulted' };
      return session.letGo(leavingAgent, { dialled: dialled.value, customer: externalId }, call);
    },
  };
}

function wayFault(ways: readonly CommitWay[], { way, style, leavingAgent }: Departing): Failure | undefined {
  if (way === 'signal' && style === 'blind') return undefined;
  if (way === 'signal') return bad('a script cannot consult: only an agent in their own session can');
  if (way !== 'agent-session' || !ways.includes(way)) return noSession();
  if (style === 'blind') return bad('an agent in their session consults; a script lets go blindly, told by a signal');
  return leavingAgent === undefined ? noAgent() : undefined;
}

function bad(detail: string): Failure {
  return { kind: 'rejected', code: 'bad-request', detail };
}

function noSession(): Failure {
  return bad('the configuration lets us into no agent session');
}

function noAgent(): Failure {
  return bad('only an agent can consult, and none is named');
}
