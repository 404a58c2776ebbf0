// Owns how what we ask of a platform is put into the gateway contract's words. Pure.

import { ATTRIBUTE, nameThere, PII_MASKED } from '../../context/fields.ts';
import type { Mapping } from '../../context/mapping.ts';
import type { Departing, Platform } from '../platform.ts';
import type { ContextUpdate, ReserveRequest, TransferRequest } from './gateway-contract.ts';

/** A link to the whole behind a reference, for agents; where there is a page that shows it. */
export type ReferenceUrl = (reference: string) => string;

/** `mapping`: what a transfer's fields are called there. */
export type ContextWriting = { readonly referenceUrl?: ReferenceUrl; readonly mapping?: Mapping };

type Reserving = Parameters<Platform['reserve']>[0];

export function reserveBody({ target, channel, holdLimitMs, context }: Reserving): ReserveRequest {
  return {
    ...(target.kind === 'agent' ? { targetAgentId: target.agentId } : { targetQueue: target.queueName }),
    mediaType: channel,
    holdDurationLimit: holdLimitMs / 1_000,
    contextPayload: { ...context },
  };
}

/** A consultation is ended by us alone, so that `warm`, which ends by itself, is never asked for. */
export function departureBody(interactionId: string, departing: Departing): TransferRequest {
  const { style, leaving, address, token, reservationId } = departing;
  return {
    interactionId,
    transferType: style === 'blind' ? 'blind' : 'consultative',
    transferTo: /^sips?:/i.test(address)
      ? { type: 'sip', uri: address }
      : { type: 'phoneNumber', phoneNumber: address },
    participantId: leaving,
    metadata: {
      reservationId,
      canonicalInteractionId: departing.interactionId,
      handoffProtocol: 'two_phase_commit',
      token,
    },
  };
}

/**
 * Attributes as they are, and those that an agent's desktop shows as what they are: the keys pressed as a list (seed 002, edge case
 * 2), the reference as a link, that something is masked. They are known by our names and by those that `mapping` gives them. Overwriting an
 * attribute (its value is empty) overwrites these too.
 */
export function contextBody(
  attributes: Readonly<Record<string, string>>,
  tag: string | undefined,
  { referenceUrl, mapping }: ContextWriting,
): ContextUpdate {
  const named = (name: string): string | undefined =>
    attributes[nameThere({ name }, mapping) ?? name] ?? attributes[name];
  const keys = named('dtmfSequence');
  const masked = named(PII_MASKED);
  const reference = named(ATTRIBUTE.contextRef) ?? named(ATTRIBUTE.manifestRef);
  const link = reference === undefined ? undefined : reference === '' ? '' : referenceUrl?.(reference);
  return {
    ...(tag !== undefined && { canonicalInteractionId: tag }),
    attributes: { ...attributes },
    ...(keys !== undefined && { dtmfSequence: keysIn(keys) }),
    ...(link !== undefined && { referenceUrl: link }),
    ...(masked !== undefined && { piiMasked: masked === 'true' }),
  };
}

/** A JSON list, as packing writes it; anything else is one entry, and an empty value none. */
function keysIn(text: string): string[] {
  if (text === '') return [];
  try {
    const list: unknown = JSON.parse(text);
    if (Array.isArray(list)) return list.map(String);
  } catch {
    // Not ours: it is shown as it is.
  }
  return [text];
}
