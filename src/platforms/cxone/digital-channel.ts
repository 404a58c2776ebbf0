// Owns the way into the digital side: a customer's message put into a channel, which makes customer, thread and case where there is none,
// and a case handed to one agent (DFO 3.0, channels and contacts).

import type { AgentId, ExternalId } from '../../ids.ts';
import type { Outcome } from '../../outcome.ts';
import type { Call } from '../platform.ts';
import { readAs } from '../read-as.ts';
import { agentIdFault } from './agent-id.ts';
import type { CxoneLine } from './cxone-line.ts';
import { type WireInboxAssignment, type WireNewMessage, wireAgent, wireCreated } from './cxone-wire.ts';

export type CustomerMessage = {
  readonly channelId: string;
  /** Ours, one for each message: the vendor's answer to the same id a second time is documented nowhere. */
  readonly id: string;
  readonly text: string;
  readonly at: number;
  /** Ours: what is said under one id is one thread. */
  readonly thread: { readonly id: string; readonly name: string };
  readonly author: { readonly id: string; readonly firstName?: string; readonly lastName?: string };
  /** Where a new case goes first; the channel's own skill otherwise. */
  readonly skillId?: string;
  readonly customFields?: Readonly<Record<string, string>>;
};

export type DigitalChannel = {
  /** Puts a customer's message in; answers the case that has it. An answer that is lost leaves open whether it was taken: never repeated blindly. */
  bring(message: CustomerMessage, call: Call): Promise<Outcome<{ readonly externalId: ExternalId }>>;
  /** Puts a case into an agent's inbox; the digital side knows agents by their user's id, which is looked up. Same input, same effect: repeatable. */
  assign(externalId: ExternalId, agentId: AgentId, call: Call): Promise<Outcome<null>>;
};

export function digitalChannel(line: Pick<CxoneLine, 'acd' | 'digital'>): DigitalChannel {
  return {
    async bring(message, call) {
      const path = `/channels/${encodeURIComponent(message.channelId)}/messages`;
      const answer = await line.digital({ method: 'POST', path, body: toWire(message) }, call);
      const created = readAs(wireCreated, answer);
      if (created.kind === 'done') return { kind: 'done', value: { externalId: created.value as ExternalId } };
      // It was taken, but by which case is not told.
      return answer.kind === 'done' ? { kind: 'ambiguous', code: created.code } : answer;
    },
    async assign(externalId, agentId, call) {
      const fault = agentIdFault(agentId);
      if (fault !== undefined) return fault;
      const agent = readAs(wireAgent, await line.acd({ method: 'GET', path: `/agents/${agentId}` }, call));
      if (agent.kind !== 'done') return agent;
      const body: WireInboxAssignment = { inboxAssigneeCxoneId: agent.value };
      const path = `/contacts/${encodeURIComponent(externalId)}/inbox-assignment`;
      const assigned = await line.digital({ method: 'PUT', path, body }, call);
      return assigned.kind === 'done' ? { kind: 'done', value: null } : assigned;
    },
  };
}

function toWire({ id, text, at, thread, author, skillId, customFields }: CustomerMessage): WireNewMessage {
  const fields = Object.entries(customFields ?? {}).map(([ident, value]) => ({ ident, value }));
  return {
    idOnExternalPlatform: id,
    direction: 'inbound',
    createdAtWithMilliseconds: new Date(at).toISOString(),
    thread: { idOnExternalPlatform: thread.id, threadName: thread.name },
    messageContent: { type: 'TEXT', payload: { text } },
    authorEndUserIdentity: {
      idOnExternalPlatform: author.id,
      firstName: author.firstName ?? '',
      lastName: author.lastName ?? '',
    },
    contact: { customFields: fields, ...(skillId !== undefined && { skillId: Number(skillId) }) },
  };
}
