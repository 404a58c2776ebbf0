// Owns the wire types of exactly what we use of the Genesys Cloud Platform API v2, and nothing else of it: what is not listed
// here is dropped as it is read, most of it personal. `genesys-wire.test.ts` fails to compile when the official SDK disagrees.

import { z } from 'zod';
import { LEFT_BY_HANDOFFS } from '../../context/packing.ts';

const text = z.string().nullish();

/** One entry of a participant's media arrays: a call, a message, an e-mail… The state of the party is here, not on the party. */
const communication = z.object({ id: text, state: text });
const communications = z.array(communication).nullish();

/** Of a participant's attributes only whether a handoff's own are there: their values are personal. */
function marks(attributes: Readonly<Record<string, unknown>> | null) {
  const there = LEFT_BY_HANDOFFS.filter((name) => (attributes?.[name] ?? '') !== '');
  return there.length === 0 ? undefined : Object.fromEntries<unknown>(there.map((name) => [name, true]));
}

const participant = z.object({
  id: text,
  purpose: text,
  userId: text,
  queueId: text,
  endTime: text,
  attributes: z.record(z.string(), z.unknown()).nullable().transform(marks).optional(),
  calls: communications,
  callbacks: communications,
  chats: communications,
  emails: communications,
  messages: communications,
  socialExpressions: communications,
  videos: communications,
});
export type WireParticipant = z.output<typeof participant>;

const transferResponse = z.object({
  state: text,
  dateIssued: text,
  destination: z.object({ userId: text, address: text }).nullish(),
});
export type WireTransfer = z.output<typeof transferResponse>;

/** `GET /api/v2/conversations/{conversationId}`, and the body of the queues' and users' conversation topics. */
export const wireConversation = z.object({
  id: text,
  startTime: text,
  endTime: text,
  participants: z.array(participant),
  recentTransfers: z.array(transferResponse).nullish(),
});
export type WireConversation = z.output<typeof wireConversation>;

/** `PATCH /api/v2/conversations/{conversationId}/participants/{participantId}/attributes` */
export type WireParticipantAttributes = { readonly attributes: Readonly<Record<string, string>> };

/** `PUT /api/v2/conversations/{conversationId}/tags` */
export type WireTagsUpdate = { readonly externalTag: string };

/** `POST /api/v2/conversations/{conversationId}/participants/{participantId}/replace/queue` */
export type WireTransferToQueue = { readonly transferType: 'Attended' | 'Unattended'; readonly queueId: string };

/** `POST /api/v2/conversations/{conversationId}/participants/{participantId}/transfer` */
export type WireTransferToAddress = { readonly transferType: 'Attended' | 'Unattended'; readonly address: string };

/** `POST /api/v2/conversations/calls/{conversationId}/participants/{participantId}/voice/consult` */
export type WireConsult = {
  readonly speakTo: 'DESTINATION' | 'OBJECT' | 'BOTH' | 'CONFERENCE';
  readonly consultingUserId: string;
  readonly address: string;
};

/** `PATCH /api/v2/conversations/calls/{conversationId}/participants/{participantId}` */
export type WireLeave = { readonly state: 'disconnected' };

/** `PUT /api/v2/conversations/calls/{conversationId}/participants/{participantId}/communications/{communicationId}/uuidata` */
export type WireUuiData = { readonly uuiData: string };

/** `GET /api/v2/users/{userId}?expand=presence&expand=routingStatus` */
export const wireUser = z.object({
  id: text,
  state: text,
  routingStatus: z.object({ status: text }).nullish(),
  presence: z.object({ presenceDefinition: z.object({ systemPresence: text }).nullish() }).nullish(),
});
export type WireUser = z.output<typeof wireUser>;

/** `GET /api/v2/routing/queues/{queueId}`: how many agents it has, and how many of them have joined it. */
export const wireQueueFacts = z.object({ memberCount: z.number().nullish(), joinedMemberCount: z.number().nullish() });
export type WireQueueFacts = z.output<typeof wireQueueFacts>;

/** `GET /api/v2/routing/queues` */
export const wireQueueListing = z.object({
  entities: z
    .array(z.object({ id: text, name: text, division: z.object({ id: text, name: text }).nullish() }))
    .nullish(),
  pageCount: z.number().nullish(),
});
export type WireQueueListing = z.output<typeof wireQueueListing>;

/** `GET /api/v2/authorization/divisionspermitted/me` */
export const wireDivisions = z.array(z.object({ name: text }));
export type WireDivisions = z.output<typeof wireDivisions>;

/** What every refusal carries. */
export const wireErrorBody = z.object({ code: text, message: text, messageWithParams: text });
export type WireErrorBody = z.output<typeof wireErrorBody>;

/** `POST /oauth/token`, grant type client_credentials. */
export const wireGrant = z.object({ access_token: z.string().min(1), expires_in: z.number().positive() });

/** `GET /api/v2/tokens/me`: which client the token was minted for. */
export const wireTokenInfo = z.object({ OAuthClient: z.object({ id: text }).nullish() });
export type WireTokenInfo = z.output<typeof wireTokenInfo>;

/** `GET /api/v2/users/me` */
export const wireUserMe = z.object({ id: text, name: text });
export type WireUserMe = z.output<typeof wireUserMe>;

/** `GET` and `PATCH /api/v2/users/{userId}/presences/purecloud` */
export const wirePresence = z.object({ presenceDefinition: z.object({ id: text }).nullish(), modifiedDate: text });
export type WirePresence = z.output<typeof wirePresence>;
export type WirePresenceChange = { readonly presenceDefinition: { readonly id: string } };

/** `POST /api/v2/notifications/channels` */
export const wireChannel = z.object({ id: text, connectUri: text });
export type WireChannel = z.output<typeof wireChannel>;

/** `PUT /api/v2/notifications/channels/{channelId}/subscriptions` takes a list of these. */
export type WireTopic = { readonly id: string };

/** The bodies of `v2.detail.events.conversation.{id}.*`: the fields of all of them that we read. */
export const wireDetailEvent = z.object({
  eventTime: z.number().nullish(),
  conversationId: text,
  participantId: text,
  queueId: text,
  userId: text,
  acdOutcome: text,
  answeredUserId: text,
  disconnectType: text,
  interactingDurationMs: z.number().nullish(),
});
export type WireDetailEvent = z.output<typeof wireDetailEvent>;
