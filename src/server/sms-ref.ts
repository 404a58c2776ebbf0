// Owns how a provider's word of a message finds its handoff: by the reference that went out with it, `{handoffId}.{route}`.

import type { HandoffId, InteractionId } from '../ids.ts';

export type SmsRef = { readonly interactionId: InteractionId; readonly handoffId: HandoffId; readonly route: number };

/** A handoff's id is `{interactionId}.{n}`. */
const REF = /^(?<handoffId>(?<interactionId>[0-9a-f-]{36})\.\d{1,9})\.(?<route>\d{1,3})$/;

/** Null where it is none of ours. */
export function smsRefIn(text: string | undefined): SmsRef | null {
  const found = REF.exec(text ?? '')?.groups;
  if (!found) return null;
  const { interactionId, handoffId, route } = found;
  return { interactionId: interactionId as InteractionId, handoffId: handoffId as HandoffId, route: Number(route) };
}
