// Owns what of a deflection and of a callback stands in the clear: how the message fared and by which provider, that the link was used, and
// where the callback was booked. Never the number, the text, the link, or what names a device.

import type { Event } from '../protocols/event.ts';
import type { Handoff } from '../protocols/move.ts';

type Columns = Readonly<Record<string, unknown>>;

/** Beside every event of theirs. */
export function offerColumns(handoff: Handoff): Columns {
  switch (handoff.kind) {
    case 'deflection': {
      const { sms, terms, claimed } = handoff;
      return { sms, source: terms.source, claimed: claimed !== undefined };
    }
    case 'callback':
      return { to: handoff.terms.platform, pattern: handoff.terms.pattern };
    default:
      return {};
  }
}

/** What a single event says beyond that; null when it is no offer's. */
export function offerEventColumns(event: Event): Columns | null {
  switch (event.type) {
    case 'SmsRouteChosen':
      return { route: event.route };
    case 'SmsReported':
      return { status: event.status, ...(event.reason !== undefined && { reason: event.reason }) };
    case 'SmsUncertain':
    case 'SmsFailed':
    case 'OfferDelayed':
    case 'ContextNotWritten':
      return { reason: event.code };
    case 'OfferClaimed':
      return { to: event.leg.platform, toChannel: event.leg.channel };
    default:
      return null;
  }
}
