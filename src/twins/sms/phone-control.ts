// Owns the telephones' part of the control surface: what a customer has received, what they reply, and what becomes of the next
// message to them. Everything else goes on to the surface behind it.

import { z } from 'zod';
import { controlRefusal } from '../control-surface.ts';
import type { TwinRequest, TwinResponse } from '../exchange.ts';
import { DELIVERIES, type Fate, type Handsets, type Text } from './handsets.ts';

export type Control = (request: TwinRequest) => TwinResponse;

export type PhoneActs = {
  readonly handsets: Handsets;
  /** The customer answers the newest message, or writes to `to`; undefined where no vendor has that number. */
  reply?(from: string, text: string, to: string | undefined): { readonly messageId: string } | undefined;
};

const fateSchema = z.strictObject({
  delivery: z.enum(DELIVERIES).default('delivered'),
  errorCode: z.string().min(1).optional(),
  afterMs: z.number().min(0).optional(),
});
const replySchema = z.strictObject({ text: z.string().max(1_600), to: z.string().optional() });

/** A control surface that knows telephones, in front of one that does not. */
export function withPhones(control: Control, acts: PhoneActs): Control {
  return (request) => {
    const [, , noun, phone = '', what] = request.path.split('/');
    const number = noun === 'phones' ? numberIn(phone) : undefined;
    if (number === undefined) return control(request);
    switch (`${request.method} ${what ?? ''}`) {
      case 'GET messages':
        return { status: 200, body: { messages: acts.handsets.inbox(number).map(shown) } };
      case 'POST replies':
        return reply(acts, number, request.body);
      case 'PUT ':
        return setFate(acts.handsets, number, request.body);
      default:
        return controlRefusal(404, `no ${request.method} ${request.path} on the control surface`);
    }
  };
}

function numberIn(part: string): string | undefined {
  try {
    const number = decodeURIComponent(part);
    return number === '' ? undefined : number;
  } catch {
    return undefined;
  }
}

function reply(acts: PhoneActs, number: string, body: unknown): TwinResponse {
  const asked = replySchema.safeParse(body);
  if (!asked.success) return controlRefusal(400, 'takes {text, to?}', asked.error.issues);
  const sent = acts.reply?.(number, asked.data.text, asked.data.to);
  if (sent === undefined)
    return controlRefusal(409, 'nobody to reply to: nothing has arrived, or no vendor has that number');
  return { status: 201, body: sent };
}

function setFate(handsets: Handsets, number: string, body: unknown): TwinResponse {
  const asked = fateSchema.safeParse(body ?? {});
  if (!asked.success) return controlRefusal(400, 'takes {delivery, errorCode?, afterMs?}', asked.error.issues);
  const fate: Fate = asked.data;
  handsets.setFate(number, fate);
  return { status: 200, body: { number, ...fate } };
}

function shown({ at, ...text }: Text) {
  return { ...text, at: new Date(at).toISOString() };
}
