// Owns how a request is refused: an event like any other, so that the history keeps it.

import type { HandoffId } from '../ids.ts';
import type { EventBody, RefusalCode } from './event.ts';

type Refused = Extract<EventBody, { type: 'RequestRefused' }>;

/** `handoff` is the one that is in the way or that was meant. */
export function refusal(request: string, code: RefusalCode, handoff?: { readonly id: HandoffId }): Refused {
  return { type: 'RequestRefused', request, code, ...(handoff && { handoffId: handoff.id }) };
}
