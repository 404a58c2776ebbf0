// Owns the reading of what an agent wrote on an own channel, as CXone posts it to us, and the answer it waits for. Pure; never throws. The
// answer follows from the message's id, so that a message which comes twice gets the same one twice.

import type { Instant } from '../../ids.ts';
import { wireOutbound } from './cxone-wire.ts';

/** What an agent wrote to a customer of ours. */
export type AgentMessage = {
  /** The vendor's, the same when it is sent again. */
  readonly id: string;
  /** Ours: the thread that the customer's messages were brought in under. */
  readonly threadId: string;
  readonly text: string;
  readonly channelId?: string;
  /** The case's number. */
  readonly externalId?: string;
  readonly at?: Instant;
};

export type AgentMessageReading =
  | {
      readonly kind: 'message';
      readonly message: AgentMessage;
      readonly answer: { readonly idOnExternalPlatform: string };
    }
  /** Without the content. */
  | { readonly kind: 'problem'; readonly problem: string };

/** The older form names our thread, the "DFO 3.0 Outbound API" the vendor's channel; a box may stand under any path. */
const POSTS = /\/1\.0\/posts\/([^/]+)\/messages\/?$/;
const OUTBOUND = /\/channels\/([^/]+)\/outbound\/?$/;

/** Undefined for a path that is none of the two. */
export function readAgentMessage(path: string, payload: unknown): AgentMessageReading | undefined {
  const ofThread = decoded(POSTS.exec(path)?.[1]);
  const ofChannel = decoded(OUTBOUND.exec(path)?.[1]);
  if (ofThread === undefined && ofChannel === undefined) return undefined;
  const read = wireOutbound.safeParse(payload);
  if (!read.success)
    return problem(`a message is not of the expected shape at "${read.error.issues[0]?.path.join('.')}"`);
  const { id, thread, channel, contact, messageContent, createdAtWithMilliseconds } = read.data;
  const threadId = ofThread ?? thread?.idOnExternalPlatform ?? undefined;
  if (threadId === undefined) return problem('a message names no thread');
  const text = messageContent?.payload?.text ?? messageContent?.fallbackText ?? '';
  if (text === '') return problem('a message has no text, nor one to fall back to');
  const at = Date.parse(createdAtWithMilliseconds ?? '');
  const channelId = ofChannel ?? channel?.id;
  return {
    kind: 'message',
    message: {
      id,
      threadId,
      text,
      ...(channelId !== undefined && { channelId }),
      ...(contact?.id !== undefined && { externalId: contact.id }),
      ...(!Number.isNaN(at) && { at }),
    },
    answer: { idOnExternalPlatform: `throughline-${id}` },
  };
}

function problem(text: string): AgentMessageReading {
  return { kind: 'problem', problem: text };
}

function decoded(part: string | undefined): string | undefined {
  if (part === undefined) return undefined;
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
