// Owns what the control surface does and shows of open messaging: an agent writes or is seen to, and what was said both ways.

import { z } from 'zod';
import { controlRefusal } from '../control-surface.ts';
import type { TwinResponse } from '../exchange.ts';
import type { Conversation, Message } from './conversation.ts';
import type { OpenMessages } from './open-messages.ts';
import type { WireOpenContent } from './open-schema.ts';

export type OpenAct = 'say' | 'typing';

const file = z.strictObject({
  url: z.url(),
  name: z.string().min(1),
  mime: z.string().default('application/octet-stream'),
});
const saySchema = z.strictObject({ text: z.string().min(1), files: z.array(file).max(10).default([]) });

export function isOpenAct(word: string): word is OpenAct {
  return word === 'say' || word === 'typing';
}

/** The agent who has the customer writes, or is seen to. Undefined where that was done. */
export function speak(
  open: OpenMessages,
  conversation: Conversation,
  word: OpenAct,
  body: unknown,
): TwinResponse | undefined {
  const asked = saySchema.safeParse(body);
  if (word === 'say' && !asked.success) return controlRefusal(400, 'takes {text, files?}', asked.error.issues);
  const [thread, speaker] = [open.threadOf(conversation), open.speakerIn(conversation)];
  if (thread === undefined || speaker === undefined)
    return controlRefusal(409, 'no agent is in an open messaging conversation here');
  if (asked.success && word === 'say') open.write(thread, speaker, asked.data.text, asked.data.files.map(contentOf));
  else open.typing(thread);
  return undefined;
}

/** As an agent's file is told to the middleware: where it is, and what it is called. */
function contentOf({ url, name, mime }: z.infer<typeof file>): WireOpenContent {
  const mediaType = mime.startsWith('image/') ? 'Image' : 'File';
  return { contentType: 'Attachment', attachment: { mediaType, url, mime, filename: name } };
}

export function openView(open: OpenMessages, conversation: Conversation) {
  return {
    messages: conversation.messages.map(messageView),
    /** How often the customer was said to be writing. */
    typings: open.threadOf(conversation)?.typings ?? 0,
  };
}

function messageView({ id, providerId, direction, text, by, status, at, content }: Message) {
  return {
    id,
    idOfCustomersSide: providerId ?? null,
    direction,
    text,
    author: by.agent?.name ?? null,
    status,
    at: new Date(at).toISOString(),
    attachments: content.map(({ attachment }) => attachment?.filename ?? attachment?.url ?? null),
  };
}
