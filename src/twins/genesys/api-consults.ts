// Owns the vendor's paths of consult transfers and of the data that goes along with a call (User-to-User).

import { type ApiCall, type ApiResult, type Refusal, type Route, refuse } from './api.ts';
import { isRefusal, objectBody, participantOf, withConversation } from './api-conversations.ts';
import { addressTarget } from './api-transfers.ts';
import type { ConsultParties } from './consults.ts';
import { type Conversation, customerOf, isLive, liveParticipants, SPEAK_TO, type SpeakTo } from './conversation.ts';
import type { Conversations } from './conversations.ts';
import type { WireConsult } from './genesys-schema.ts';
import type { Organisation } from './organisation.ts';

const PARTICIPANT = '/api/v2/conversations/calls/:cid/participants/:pid';

export function consultRoutes(conversations: Conversations, organisation: Organisation): readonly Route[] {
  const onOne = withConversation(conversations);
  const route = (
    method: string,
    path: string,
    handle: (call: ApiCall, conversation: Conversation) => ApiResult,
  ): Route => ({ method, path: `${PARTICIPANT}${path}`, handle: onOne(handle) });
  return [
    route('POST', '/voice/consult', (call, conversation) => begin(conversations, organisation, call, conversation)),
    route('PATCH', '/consult', (call, conversation) => speakTo(conversations, call, conversation)),
    route('DELETE', '/consult', (_call, conversation) => {
      if (conversations.consults.destination(conversation) === undefined) return noConsult();
      conversations.consults.cancel(conversation);
      return { status: 204 };
    }),
    route('PUT', '/communications/:comm/uuidata', putUuiData),
  ];
}

function begin(
  conversations: Conversations,
  organisation: Organisation,
  call: ApiCall,
  conversation: Conversation,
): ApiResult {
  conversation.transfersAsked += 1;
  const body = objectBody(call.request);
  if (isRefusal(body)) return body;
  const asked = speakToOf(body.speakTo ?? 'DESTINATION');
  if (asked === undefined) return unknownSpeakTo();
  const parties = partiesOf(call, conversation, body.consultingUserId);
  if (isRefusal(parties)) return parties;
  const target = addressTarget(organisation, body);
  if (target === undefined || target.kind === 'queue') {
    return refuse(400, 'bad.request', 'The consult destination was not found');
  }
  if (conversations.consults.destination(conversation) !== undefined) {
    return refuse(409, 'conflict', 'A consult is under way already');
  }
  const party = conversations.consults.begin(conversation, parties, target, asked);
  conversation.transfersAccepted += 1;
  const answer: WireConsult = { destinationParticipantId: party.id };
  return { status: 202, body: answer };
}

/** The path may name the customer, who is to be transferred, or the agent, who consults: no page settles which. */
function partiesOf(call: ApiCall, conversation: Conversation, userId: unknown): ConsultParties | Refusal {
  const named = participantOf(call, conversation);
  if (isRefusal(named)) return named;
  const agents = liveParticipants(conversation).filter(
    (each) => each.purpose === 'agent' && each.phase.kind === 'connected',
  );
  const initiator =
    typeof userId === 'string'
      ? agents.find((each) => each.agent?.id === userId)
      : (agents.find((each) => each === named) ?? agents.at(-1));
  const object = customerOf(conversation);
  if (initiator === undefined || !isLive(object)) {
    return refuse(400, 'bad.request', 'The consulting user is not connected to the conversation');
  }
  return { initiator, object };
}

function speakTo(conversations: Conversations, call: ApiCall, conversation: Conversation): ApiResult {
  const body = objectBody(call.request);
  if (isRefusal(body)) return body;
  const asked = speakToOf(body.speakTo);
  if (asked === undefined) return unknownSpeakTo();
  const party = conversations.consults.destination(conversation);
  if (party === undefined) return noConsult();
  conversations.consults.speakTo(conversation, asked);
  const answer: WireConsult = { destinationParticipantId: party.id };
  return { status: 202, body: answer };
}

function speakToOf(value: unknown): SpeakTo | undefined {
  return SPEAK_TO.find((each) => each === value);
}

function unknownSpeakTo(): Refusal {
  return refuse(400, 'bad.request', `speakTo must be one of ${SPEAK_TO.join(', ')}`);
}

function putUuiData(call: ApiCall, conversation: Conversation): ApiResult {
  const party = participantOf(call, conversation);
  if (isRefusal(party)) return party;
  if (party.communicationId !== call.param('comm')) return noCommunication(call);
  const body = objectBody(call.request);
  if (isRefusal(body)) return body;
  if (typeof body.uuiData !== 'string') return refuse(400, 'bad.request', 'uuiData is required');
  party.uuiData = body.uuiData;
  return { status: 202, body: {} };
}

function noCommunication(call: ApiCall): Refusal {
  return refuse(404, 'not.found', `The requested resource was not found: communication ${call.param('comm')}`);
}

function noConsult(): Refusal {
  return refuse(404, 'not.found', 'The requested resource was not found: no consult is under way');
}
