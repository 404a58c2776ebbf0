// Owns the gateway contract's wire types: the one source of what is sent, what is read and what is published (gateway-openapi.ts,
// docs/gateway.md). Made of the guides' own calls (seed 002 §2 and §4, edge case 2): their payloads pass word for word. Readers keep
// to Postel: fields that are not listed here are ignored by both sides, so that the contract can grow.

import { z } from 'zod';
import { CHANNELS } from '../../context/conversation.ts';

/** Raised only when an implementation of the old one would no longer do. */
export const CONTRACT_VERSION = '1';

const id = z.string().min(1).max(200);
const time = z.iso.datetime({ offset: true }).describe('RFC 3339.');
const mediaType = z.enum(CHANNELS);

/** Seed 002 §2, phase 1. */
export const reserveRequest = z
  .object({
    targetAgentId: id.optional().describe('Who is to take it.'),
    targetQueue: z.string().min(1).optional().describe('The exact name of the queue that is to take it.'),
    mediaType,
    holdDurationLimit: z.number().positive().max(3_600).describe('Seconds. The reservation never stands longer.'),
    contextPayload: z
      .record(z.string(), z.unknown())
      .default({})
      .describe(
        'What the agent may be shown while it is on its way; `canonicalInteractionId` is ours, and `piiMasked` says whether anything of the customer’s was masked or withheld. To be forgotten when the reservation is over.',
      ),
  })
  .refine((asked) => (asked.targetAgentId === undefined) !== (asked.targetQueue === undefined), {
    message: 'give exactly one of targetAgentId and targetQueue',
  })
  .meta({ oneOf: [{ required: ['targetAgentId'] }, { required: ['targetQueue'] }] });
export type ReserveRequest = z.input<typeof reserveRequest>;

export const reservation = z.object({
  reservationId: id,
  validUntil: time.describe('RFC 3339. In the future, and no later than `holdDurationLimit` from now.'),
  address: z
    .string()
    .optional()
    .describe('Where the call is to be sent, E.164 or a SIP URI, if not to the address that is configured.'),
});
export type Reservation = z.infer<typeof reservation>;

const transferTo = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('phoneNumber'),
    phoneNumber: z.string().regex(/^\+[1-9]\d{1,14}$/, 'must be E.164'),
    extension: z.string().optional().describe('Dialled or passed on once the number has answered.'),
  }),
  z.object({ type: z.literal('sip'), uri: z.string().regex(/^sips?:\S+$/i, 'must be a SIP URI') }),
  z.object({ type: z.literal('queue'), queueId: id.describe('A queue of this same platform.') }),
]);

const TRANSFER_TYPES = ['blind', 'warm', 'consultative'] as const;

/** Seed 002 §2, phase 2. */
export const transferRequest = z.object({
  interactionId: id,
  transferType: z
    .enum(TRANSFER_TYPES)
    .describe(
      '`blind`: the customer is sent on without a word. `warm`: who holds them introduces, and leaves as soon as the other side has answered. `consultative`: they talk first, and `complete` says how it ends.',
    ),
  transferTo,
  participantId: id.optional().describe('Who is to leave. Absent: whoever holds the customer.'),
  metadata: z
    .object({
      reservationId: id.optional(),
      canonicalInteractionId: id.optional(),
      handoffProtocol: z.string().optional(),
      token: z.string().optional().describe('To be sent along as User-to-User (RFC 7433) where the platform can.'),
    })
    .default({}),
});
export type TransferRequest = z.input<typeof transferRequest>;

export const transferAccepted = z.object({ transferId: id });
export type TransferAccepted = z.infer<typeof transferAccepted>;

export const completeRequest = z.object({
  accept: z
    .boolean()
    .describe('True: the two are joined and who transferred leaves. False: the consulted is let go, and they go on.'),
});
export type CompleteRequest = z.infer<typeof completeRequest>;

/** Seed 002, edge case 2: `interaction:context:update`. */
export const contextUpdate = z.object({
  canonicalInteractionId: z.string().max(200).optional().describe('Ours, kept with the interaction. Empty removes it.'),
  attributes: z
    .record(z.string(), z.string())
    .optional()
    .describe('Merged by name into what is there. An empty value overwrites the old one.'),
  dtmfSequence: z
    .array(z.string())
    .optional()
    .describe('Keys the caller pressed elsewhere, oldest first. Replaces the old one.'),
  referenceUrl: z.string().optional().describe('Where the agent reads the whole. Empty removes it.'),
  piiMasked: z
    .boolean()
    .optional()
    .describe(
      'True: something of the customer’s was masked or withheld before it came here. False: nothing, or no more.',
    ),
});
export type ContextUpdate = z.infer<typeof contextUpdate>;

const party = z.object({
  id,
  role: z.enum(['customer', 'bot', 'queue', 'agent', 'other']),
  state: z
    .enum(['alerting', 'connected', 'ended'])
    .describe('A queue in which the customer waits is `connected`. Parties that have left stay listed as `ended`.'),
  queueId: id.optional().describe('Of a queue, and of an agent who took it from one.'),
  agentId: id.optional(),
});
export type WireParty = z.infer<typeof party>;

const transfer = z.object({
  id,
  transferType: z.enum(TRANSFER_TYPES),
  state: z
    .enum(['pending', 'consulting', 'complete', 'failed'])
    .describe(
      '`consulting`: the other side has answered and the verdict is awaited. A declined consultation is `failed`.',
    ),
  queueId: id.optional().describe('Where it goes to a queue of this platform.'),
  issuedAt: time,
});
export type WireTransfer = z.infer<typeof transfer>;

const INTERACTION_STATES = ['bot', 'queued', 'alerting', 'active', 'completed'] as const;

const standing = {
  state: z
    .enum(INTERACTION_STATES)
    .describe(
      'Who holds the customer: a bot or menu, a queue, an agent who is rung, somebody who speaks with them, nobody any more.',
    ),
  parties: z.array(party).describe('Everybody who is or was in it.'),
  transfers: z.array(transfer).describe('Every transfer that was accepted, oldest first, from the moment of its 202.'),
};

export const interaction = z.object({
  id,
  mediaType,
  ...standing,
  context: contextUpdate.optional().describe('What `context` calls have written.'),
});
export type Interaction = z.infer<typeof interaction>;

const EVENT_NAMES = ['interaction:updated', 'interaction:completed'] as const;

/** Seed 002 §4. */
export const interactionEvent = z.object({
  event: z.enum(EVENT_NAMES).describe('`interaction:completed` once, when `state` becomes `completed`.'),
  id: id.describe('Of the message: the same when it is sent again, and the `webhook-id` header.'),
  at: time,
  interactionId: id,
  canonicalInteractionId: z.string().max(200).optional(),
  reservationId: id
    .optional()
    .describe('In every event of an interaction that came with a reservation, also with one that had expired.'),
  ...standing,
});
export type InteractionEvent = z.infer<typeof interactionEvent>;

const queue = z.object({
  id,
  name: z.string().min(1),
  division: z.object({ id, name: z.string() }).optional().describe('The part of the organisation it belongs to.'),
  staffed: z
    .boolean()
    .optional()
    .describe('False when nobody is there who could take anything from it. Absent: the platform does not say.'),
});
export const queueList = z.object({ entities: z.array(queue).describe('Those that the credentials can see.') });
export type QueueList = z.infer<typeof queueList>;

const presence = z.object({
  id: id.describe('Which one, by the platform’s id.'),
  since: time.optional().describe('When it was chosen: tells one choice of the same presence from another.'),
});

export const agent = z.object({
  id,
  availability: z
    .enum(['available', 'busy', 'away', 'unknown'])
    .describe('Whether they could take something now. Who is reserved is `busy`.'),
  presence: presence.optional().describe('What the agent has chosen to be.'),
});
export type Agent = z.infer<typeof agent>;

export const presenceChange = z.object({ presence: id });
export type PresenceChange = z.infer<typeof presenceChange>;

export const health = z.object({ status: z.enum(['ok', 'degraded']) });

/** What every gateway takes: what its platform cannot hold, it holds itself. */
export const LEAST_ATTRIBUTES = { valueBytes: 256, count: 20 } as const;

export const capabilities = z.object({
  contract: z.literal(CONTRACT_VERSION),
  reservation: z
    .enum(['native', 'entry-script', 'advisory', 'none'])
    .describe('`native`: `reserve` truly holds a place. Anything else than `native`: `reserve` answers 501.'),
  commit: z
    .array(z.enum(['rest', 'flow']))
    .describe(
      'How a conversation can be made to leave. `rest`: by `transfer`. `flow`: a flow of the platform does it by itself.',
    ),
  settleMs: z.int().min(0).max(60_000).describe('How long after its 202 a transfer may take to show its effect.'),
  attributes: z.object({
    valueBytes: z.int().min(LEAST_ATTRIBUTES.valueBytes).describe('The longest value, in UTF-8.'),
    count: z.int().min(LEAST_ATTRIBUTES.count),
  }),
  presence: z.boolean().describe('Whether agents’ presence can be read and set.'),
  sandbox: z
    .boolean()
    .describe('Whether interactions can be made up for a test. Never on a system that serves customers.'),
});
export type Capabilities = z.infer<typeof capabilities>;

export const sandboxRequest = z.object({
  mediaType,
  reservationId: id.optional().describe('As if it had been called in by the address of this reservation.'),
});
export const sandboxInteraction = z.object({ interactionId: id });

/** RFC 9457. */
export const problem = z.object({
  type: z.string().optional(),
  title: z.string(),
  status: z.int().describe('The same as the answer’s.'),
  code: z
    .string()
    .regex(/^[a-z0-9-]{1,64}$/)
    .describe('One stable word. The contract names those that are acted on.'),
  detail: z.string().optional().describe('For people. Nothing personal.'),
});

/** RFC 6749 §5.1. */
export const grant = z.object({ access_token: z.string().min(1), expires_in: z.number().positive().default(3_600) });
