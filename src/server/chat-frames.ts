// Owns what travels on a conversation's socket, both ways. What comes in is checked before anything looks at it.

import { z } from '@hono/zod-openapi';
import type { ChatLine, Delivery, Presence } from './chat-lines.ts';

const LONGEST_TEXT = 4_000;
/** A frame of the longest text, whatever its letters. */
export const LARGEST_FRAME_BYTES = 32 * 1_024;
const MOST_FILES = 5;

const id = z.string().regex(/^[\w-]{8,64}$/);

const frame = z.discriminatedUnion('type', [
  /** `seen`: the newest line that the page has. */
  z.strictObject({ type: z.literal('hello'), seen: z.int().min(0) }),
  z.strictObject({
    type: z.literal('say'),
    id,
    text: z.string().max(LONGEST_TEXT),
    attachments: z.array(z.string().max(64)).max(MOST_FILES).optional(),
  }),
  z.strictObject({ type: z.literal('typing') }),
  z.strictObject({ type: z.literal('end') }),
]);
export type ClientFrame = z.infer<typeof frame>;

export type ServerFrame =
  /** The lines after `seen`, and how things stand. */
  | { readonly type: 'welcome'; readonly lines: readonly ChatLine[]; readonly presence: Presence }
  | { readonly type: 'lines'; readonly lines: readonly ChatLine[] }
  | { readonly type: 'presence'; readonly presence: Presence }
  /** It is kept: `seq` is its place for good. */
  | { readonly type: 'ack'; readonly id: string; readonly seq: number }
  | { readonly type: 'delivery'; readonly id: string; readonly delivery: Delivery }
  /** It was not taken; after `retryAfterMs`, where there is one, it may be sent again. */
  | { readonly type: 'refused'; readonly id: string; readonly code: string; readonly retryAfterMs?: number }
  | { readonly type: 'typing' };

/** What was sent, or null where it is none of these. */
export function readFrame(text: string): ClientFrame | null {
  try {
    const read = frame.safeParse(JSON.parse(text));
    if (!read.success) return null;
    const empty = read.data.type === 'say' && read.data.text.trim() === '' && !read.data.attachments?.length;
    return empty ? null : read.data;
  } catch {
    return null;
  }
}

/** Why a socket is closed: registered codes, and others in the range that is free for applications (RFC 6455 §7.4.2). */
export const CLOSE = {
  /** Try again: the journal could not be read or written. */
  later: 1013,
  /** Another tab of this device has it. */
  otherTab: 4001,
  /** It goes on on another device. */
  otherDevice: 4002,
  /** The session is over. */
  noSession: 4003,
  /** What was sent is not what is spoken here. */
  unreadable: 4004,
} as const;
