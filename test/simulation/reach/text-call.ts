// Owns the reading of a call to a provider of text messages: whether it sends or only looks, and for which attempt of which handoff.

import { isRecord, type TwinRequest } from '../../../src/twins/exchange.ts';
import type { Asked, WireCall } from '../wire-call.ts';

/** A sending, as a network carries it. `ref` is `{handoffId}.{route}`: one attempt. */
export type TextCall = WireCall & {
  readonly ref: string;
  readonly to: string;
  /** How many messages of this attempt the provider has made. */
  made?: number;
};

export type TextAsked = Asked & Pick<TextCall, 'ref' | 'to'>;

/** The conversation that a trace names is the interaction: no call to a provider names another. */
export function textCall({ method, path, body, query }: TwinRequest): TextAsked {
  const sends = method === 'POST';
  const { ref, to } = sends ? sendingIn(body) : { ref: '', to: query.get('To') ?? '' };
  return {
    kind: sends ? 'text' : 'find-text',
    conversationId: ref.split('.')[0] || `provider ${path.split('/')[1]}`,
    participantId: null,
    ref,
    to,
  };
}

/** As both vendors are told it. */
function sendingIn(body: unknown): { readonly ref: string; readonly to: string } {
  const fields = isRecord(body) ? body : {};
  const told = URL.parse(String(fields.StatusCallback ?? ''))?.searchParams.get('ref');
  const ref = told ?? String(fields.client_ref ?? '');
  const to = String(fields.To ?? fields.to ?? '');
  return { ref, to: to.startsWith('+') ? to : `+${to}` };
}

export function handoffOf({ ref }: Pick<TextCall, 'ref'>): string {
  return ref.split('.').slice(0, 2).join('.');
}

export function routeOf({ ref }: Pick<TextCall, 'ref'>): number {
  return Number(ref.split('.')[2]);
}
