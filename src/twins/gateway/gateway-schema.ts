// Owns the wire shapes of the gateway contract that the twin speaks, written for it alone: nothing is shared with the client, and a
// test in test/contract holds them against the published document and the client's types.

import { z } from 'zod';

export const MEDIA_TYPES = ['voice', 'webchat', 'sms', 'message', 'email'] as const;
export type MediaType = (typeof MEDIA_TYPES)[number];
export type TransferType = 'blind' | 'warm' | 'consultative';
export type TransferState = 'pending' | 'consulting' | 'complete' | 'failed';
export type InteractionState = 'bot' | 'queued' | 'alerting' | 'active' | 'completed';
export type PartyRole = 'customer' | 'bot' | 'queue' | 'agent' | 'other';
export type PartyState = 'alerting' | 'connected' | 'ended';

const word = z.string().min(1).max(200);

export const reserveBody = z
  .object({
    targetAgentId: word.optional(),
    targetQueue: word.optional(),
    mediaType: z.enum(MEDIA_TYPES),
    holdDurationLimit: z.number().positive().max(3_600),
    contextPayload: z.record(z.string(), z.unknown()).optional(),
  })
  .refine(({ targetAgentId, targetQueue }) => (targetAgentId === undefined) !== (targetQueue === undefined));
export type ReserveBody = z.infer<typeof reserveBody>;

export const transferBody = z.object({
  interactionId: word,
  transferType: z.enum(['blind', 'warm', 'consultative']),
  transferTo: z.discriminatedUnion('type', [
    z.object({
      type: z.literal('phoneNumber'),
      phoneNumber: z.string().regex(/^\+[1-9]\d{1,14}$/),
      extension: z.string().optional(),
    }),
    z.object({ type: z.literal('sip'), uri: z.string().regex(/^sips?:\S+$/i) }),
    z.object({ type: z.literal('queue'), queueId: word }),
  ]),
  participantId: word.optional(),
  metadata: z.looseObject({ token: z.string().optional() }).optional(),
});
export type TransferBody = z.infer<typeof transferBody>;

export const completeBody = z.object({ accept: z.boolean() });

export const contextBody = z.object({
  canonicalInteractionId: z.string().max(200).optional(),
  attributes: z.record(z.string(), z.string()).optional(),
  dtmfSequence: z.array(z.string()).optional(),
  referenceUrl: z.string().optional(),
});
export type WireContext = z.infer<typeof contextBody>;

export const presenceBody = z.object({ presence: word });
export const sandboxBody = z.object({ mediaType: z.enum(MEDIA_TYPES), reservationId: word.optional() });

export type WireReservation = { readonly reservationId: string; readonly validUntil: string; readonly address: string };
export type WireTransferAccepted = { readonly transferId: string };
export type WireParty = {
  readonly id: string;
  readonly role: PartyRole;
  readonly state: PartyState;
  readonly queueId?: string;
  readonly agentId?: string;
};
export type WireTransfer = {
  readonly id: string;
  readonly transferType: TransferType;
  readonly state: TransferState;
  readonly queueId?: string;
  readonly issuedAt: string;
};
export type WireStanding = {
  readonly state: InteractionState;
  readonly parties: readonly WireParty[];
  readonly transfers: readonly WireTransfer[];
};
export type WireInteraction = WireStanding & {
  readonly id: string;
  readonly mediaType: MediaType;
  readonly context: WireContext;
};
export type WireEvent = WireStanding & {
  readonly event: 'interaction:updated' | 'interaction:completed';
  readonly id: string;
  readonly at: string;
  readonly interactionId: string;
  readonly canonicalInteractionId?: string;
  readonly reservationId?: string;
};
export type WireQueue = {
  readonly id: string;
  readonly name: string;
  readonly division: { readonly id: string; readonly name: string };
  readonly staffed: boolean;
};
export type WireQueueList = { readonly entities: readonly WireQueue[] };
export type WireAgent = {
  readonly id: string;
  readonly availability: 'available' | 'busy' | 'away';
  readonly presence: { readonly id: string; readonly since: string };
};
export type WireCapabilities = {
  readonly contract: '1';
  readonly reservation: 'native';
  readonly commit: readonly 'rest'[];
  readonly settleMs: number;
  readonly attributes: { readonly valueBytes: number; readonly count: number };
  readonly presence: true;
  readonly sandbox: true;
};
export type WireSandboxInteraction = { readonly interactionId: string };
/** RFC 9457. */
export type WireProblem = {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail?: string;
};
