// Owns the vendor's transfer paths: who is named to leave, where to, and what the vendor refuses at once. 202 with an empty
// body is all that acceptance says.

import { type ApiCall, type Refusal, type Route, refuse } from './api.ts';
import { isRefusal, MEDIA_PATHS, objectBody, participantOf, withConversation } from './api-conversations.ts';
import { divisionRefusal } from './api-directory.ts';
import type { Conversation, TransferTarget } from './conversation.ts';
import type { Conversations } from './conversations.ts';
import type { TransferType } from './genesys-schema.ts';
import type { Organisation } from './organisation.ts';
import type { TransferRefusal } from './transfers.ts';

const PARTICIPANT = ':cid/participants/:pid';
const BASE = '/api/v2/conversations';

type Body = Readonly<Record<string, unknown>>;
type ReadTarget = (organisation: Organisation, body: Body) => TransferTarget | undefined;

export function transferRoutes(conversations: Conversations, organisation: Organisation): readonly Route[] {
  const onOne = withConversation(conversations);
  const transfer = (path: string, readTarget: ReadTarget): Route => ({
    method: 'POST',
    path: `${BASE}/${path}`,
    handle: onOne((call, conversation) => {
      conversation.transfersAsked += 1;
      const leaving = participantOf(call, conversation);
      if (isRefusal(leaving)) return leaving;
      const asked = readTransfer(organisation, call, conversation, readTarget);
      if (isRefusal(asked)) return asked;
      const refused = conversations.transfer(conversation, leaving, asked.target, asked.type);
      if (refused !== undefined) return wordRefusal(refused);
      conversation.transfersAccepted += 1;
      return { status: 202 };
    }),
  });
  return [
    ...Object.keys(MEDIA_PATHS).map((word) => transfer(`${word}/${PARTICIPANT}/replace`, anyTarget)),
    transfer(`${PARTICIPANT}/replace`, anyTarget),
    transfer(`${PARTICIPANT}/transfer`, addressTarget),
    transfer(`${PARTICIPANT}/replace/agent`, agentTarget),
    transfer(`${PARTICIPANT}/replace/queue`, queueTarget),
  ];
}

function readTransfer(
  organisation: Organisation,
  call: ApiCall,
  conversation: Conversation,
  readTarget: ReadTarget,
): { target: TransferTarget; type: TransferType } | Refusal {
  const body = objectBody(call.request);
  if (isRefusal(body)) return body;
  const type = body.transferType ?? 'Unattended';
  if (type !== 'Unattended' && type !== 'Attended')
    return refuse(400, 'bad.request', `Unknown transferType ${String(type)}`);
  const target = readTarget(organisation, body);
  if (target === undefined) return refuse(400, 'bad.request', 'The transfer destination was not found');
  if (target.kind === 'address' && conversation.media !== 'call') {
    return refuse(400, 'bad.request', 'Only calls can be transferred to a number or address');
  }
  const divisions = target.kind === 'queue' ? [target.queue.division] : call.client.divisions;
  return divisionRefusal(call.client, divisions, 'conversation:communication:blindTransferQueue') ?? { target, type };
}

function wordRefusal(refusal: TransferRefusal): Refusal {
  switch (refusal) {
    case 'customer-cannot-be-replaced':
      return refuse(400, 'bad.request', 'The customer participant cannot be replaced');
    case 'participant-has-ended':
      return refuse(409, 'conflict', 'The participant is no longer in the conversation');
  }
}

function queueTarget(organisation: Organisation, body: Body): TransferTarget | undefined {
  const { queueId, queueName } = body;
  const queue =
    typeof queueId === 'string'
      ? organisation.queueById(queueId)
      : typeof queueName === 'string'
        ? organisation.queueByName(queueName)
        : undefined;
  return queue === undefined ? undefined : { kind: 'queue', queue };
}

function agentTarget(organisation: Organisation, body: Body): TransferTarget | undefined {
  const { userId, userName, userDisplayName } = body;
  const name = userDisplayName ?? userName;
  const agent =
    typeof userId === 'string'
      ? organisation.agent(userId)
      : typeof name === 'string'
        ? organisation.agentByName(name)
        : undefined;
  return agent === undefined ? undefined : { kind: 'agent', agent };
}

/** A user's name, a queue's name or id, a user's id, else a number or SIP address. */
export function addressTarget(organisation: Organisation, body: Body): TransferTarget | undefined {
  const { address } = body;
  if (typeof address !== 'string' || address === '') return undefined;
  return (
    queueTarget(organisation, { queueId: address }) ??
    queueTarget(organisation, { queueName: address }) ??
    agentTarget(organisation, { userId: address }) ??
    agentTarget(organisation, { userName: address }) ??
    (/^(sips?:|tel:|\+?\d)/.test(address) ? { kind: 'address', address } : undefined)
  );
}

function anyTarget(organisation: Organisation, body: Body): TransferTarget | undefined {
  return queueTarget(organisation, body) ?? agentTarget(organisation, body) ?? addressTarget(organisation, body);
}
