// Owns how a conversation of Genesys Cloud leaves for a number outside: blind, or after a consultation of its agent (seed 002 §2). It
// reports what became of each call and decides nothing (H5).

import type { ParticipantId } from '../../ids.ts';
import type { Outcome } from '../../outcome.ts';
import type { Credential } from '../credential.ts';
import type { HttpAnswer } from '../http.ts';
import type { Call, ConversationRef, Departing, Platform } from '../platform.ts';
import type { PlatformLog } from '../platform-log.ts';
import { readAs } from '../read-as.ts';
import { conversationView } from './conversation-view.ts';
import {
  type WireConsult,
  type WireConversation,
  type WireLeave,
  type WireTransferToAddress,
  type WireUuiData,
  wireConversation,
} from './genesys-wire.ts';

export type DepartureOptions = {
  readonly line: Pick<Credential, 'send'>;
  /** Whether the trunk passes User-to-User on (BYOC; Genesys Cloud Voice does not). */
  readonly userToUser: boolean;
  readonly log: PlatformLog;
};

export function departure(options: DepartureOptions): Pick<Platform, 'transferAway' | 'endConsult' | 'closeLeg'> {
  const { line, userToUser } = options;
  const read = async (externalId: string, call: Call): Promise<Outcome<WireConversation>> =>
    readAs(wireConversation, await line.send({ method: 'GET', path: conversationPath(externalId) }, call));

  const blind = async (externalId: string, departing: Departing, call: Call): Promise<Outcome<null>> => {
    if (userToUser) {
      const wire = await read(externalId, call);
      if (wire.kind !== 'done') return wire;
      await sendAlong(options, wire.value, externalId, departing, call);
    }
    const body: WireTransferToAddress = { transferType: 'Unattended', address: departing.address };
    const path = `${conversationPath(externalId)}/participants/${encodeURIComponent(departing.leaving)}/transfer`;
    return accepted(await line.send({ method: 'POST', path, body }, call));
  };

  /** A consultation is about the party that would be transferred: the path names the customer, the body who consults. */
  const consult = async (externalId: string, departing: Departing, call: Call): Promise<Outcome<null>> => {
    if (departing.leavingAgent === undefined) return noAgent();
    const wire = await read(externalId, call);
    if (wire.kind !== 'done') return wire;
    const customer = customerIn(wire.value);
    if (customer === undefined) return { kind: 'rejected', code: 'conflict', detail: 'the customer is not there' };
    if (userToUser) await sendAlong(options, wire.value, externalId, departing, call);
    const body: WireConsult = {
      speakTo: 'DESTINATION',
      consultingUserId: departing.leavingAgent,
      address: departing.address,
    };
    const path = `${callPath(externalId, customer)}/voice/consult`;
    return accepted(await line.send({ method: 'POST', path, body }, call));
  };

  return {
    async transferAway({ externalId, channel }, departing, call) {
      if (channel !== 'voice') return onlyCalls();
      if (departing.way !== 'rest')
        return { kind: 'rejected', code: 'bad-request', detail: `Genesys Cloud lets go by rest, not ${departing.way}` };
      return departing.style === 'blind' ? blind(externalId, departing, call) : consult(externalId, departing, call);
    },
    async endConsult({ externalId, channel }, { accept, leaving }, call) {
      if (channel !== 'voice') return onlyCalls();
      if (accept) {
        const body: WireLeave = { state: 'disconnected' };
        return accepted(await line.send({ method: 'PATCH', path: callPath(externalId, leaving), body }, call));
      }
      const wire = await read(externalId, call);
      if (wire.kind !== 'done') return wire;
      const customer = customerIn(wire.value);
      if (customer === undefined) return { kind: 'rejected', code: 'conflict', detail: 'the customer is not there' };
      const path = `${callPath(externalId, customer)}/consult`;
      return accepted(await line.send({ method: 'DELETE', path }, call));
    },
    async closeLeg({ externalId }, call) {
      const path = `${conversationPath(externalId)}/disconnect`;
      const closed = accepted(await line.send({ method: 'POST', path }, call));
      if (closed.kind !== 'rejected' || closed.code === 'not-found') return closed;
      const wire = await read(externalId, call);
      return wire.kind === 'done' && wire.value.endTime != null ? { kind: 'done', value: null } : closed;
    },
  };
}

/** Best effort: the destination also knows the number that is lent to this transfer. */
async function sendAlong(
  { line, log }: DepartureOptions,
  wire: WireConversation,
  externalId: string,
  { leaving, token }: Departing,
  call: Call,
): Promise<void> {
  const calls = wire.participants.find((one) => one.id === leaving)?.calls ?? [];
  const communication = calls.find((one) => one.state !== 'disconnected' && one.state !== 'terminated')?.id;
  if (communication == null) return;
  const body: WireUuiData = { uuiData: token };
  const path = `${callPath(externalId, leaving)}/communications/${encodeURIComponent(communication)}/uuidata`;
  const written = await line.send({ method: 'PUT', path, body }, call);
  if (written.kind !== 'done') log({ level: 'warn', code: 'user-to-user-not-set', detail: written.code });
}

function customerIn(wire: WireConversation): ParticipantId | undefined {
  const { parties } = conversationView(wire, []);
  return parties.find((party) => party.role === 'customer' && party.state !== 'ended')?.id;
}

function conversationPath(externalId: ConversationRef['externalId'] | string): string {
  return `/api/v2/conversations/${encodeURIComponent(externalId)}`;
}

function callPath(externalId: string, participantId: string): string {
  return `/api/v2/conversations/calls/${encodeURIComponent(externalId)}/participants/${encodeURIComponent(participantId)}`;
}

function accepted(outcome: Outcome<HttpAnswer>): Outcome<null> {
  return outcome.kind === 'done' ? { kind: 'done', value: null } : outcome;
}

function noAgent(): Outcome<null> {
  return { kind: 'rejected', code: 'bad-request', detail: 'only an agent can consult, and none is named' };
}

function onlyCalls(): Outcome<null> {
  return { kind: 'rejected', code: 'bad-request', detail: 'only calls can leave for a number' };
}
