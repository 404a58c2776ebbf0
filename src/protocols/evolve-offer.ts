// Owns how an event changes the offers that stand. Pure and total: null when the event is about none of them, or does not fit its step.

import { withUnwritten } from '../context/packing.ts';
import type { Instant, ParticipantId } from '../ids.ts';
import { CLOCKS_APART_MS } from './clocks.ts';
import type { Event } from './event.ts';
import type { Interaction } from './interaction.ts';
import type { SettledHandoff } from './move.ts';
import type { Asking, Deflecting, DeflectionTerms, Offer } from './offer.ts';
import { nextAsking, receiptBy } from './receipt-asking.ts';
import { running, waiting } from './task.ts';

/** The interaction after an event of an offer's. */
export function evolveOffers(state: Interaction, event: Event): Interaction | null {
  if (event.type === 'DeflectionRequested') return { ...state, offers: [...state.offers, begun(event)] };
  if (!('handoffId' in event)) return null;
  const offer = state.offers.find(({ id }) => id === event.handoffId);
  if (event.type === 'OfferClaimed' && !offer) return { ...state, settled: reclaimed(state.settled, event) };
  if (!offer) return null;
  if (event.type === 'OfferSettled') {
    const { outcome, reason } = event;
    const { progress: _, ...record } = noted(offer, event);
    // The summary tells what is to be kept nowhere once the link was used.
    const summary = offer.terms.purge.length > 0 ? '' : offer.summary;
    const settled = { ...record, summary, outcome, settledAt: event.at, ...(reason !== undefined && { reason }) };
    return { ...state, offers: state.offers.filter((one) => one !== offer), settled: [...state.settled, settled] };
  }
  const after = advanceOffer(offer, event);
  if (!after) return null;
  const offers = state.offers.map((one) => (one === offer ? noted(after, event) : one));
  return { ...state, offers, ...written(state, offer, event) };
}

function begun({ handoff, at, type }: Extract<Event, { type: 'DeflectionRequested' }>): Offer {
  const progress: Deflecting = { step: 'deflecting', task: running(at, 1), uncertain: false };
  return { ...handoff, attempts: 0, vendorMs: 0, timeline: [{ at, event: type }], sms: 'pending', progress };
}

function advanceOffer(offer: Offer, event: Event): Offer | null {
  const { progress, limits, terms } = offer;
  const seq = progress.task.seq + 1;
  const fresh = running(event.at, seq);
  switch (event.type) {
    case 'ContextWritten':
    case 'ContextNotWritten': {
      const unwritten = event.type === 'ContextWritten' ? event.unwritten : undefined;
      const told = unwritten ? { ...offer, loss: withUnwritten(offer.loss, unwritten) } : offer;
      return progress.step === 'deflecting' || progress.step === 'restoring' ? told : null;
    }
    case 'SmsRouteChosen': {
      const { route } = event;
      return {
        ...offer,
        attempts: offer.attempts + 1,
        progress: { step: 'sending', task: fresh, route, askedAt: event.at },
      };
    }
    case 'SmsUncertain': {
      if (progress.step !== 'sending') return null;
      const { route, askedAt, failed } = progress;
      const landsBy = Math.max(askedAt + limits.commandTimeoutMs, event.at) + CLOCKS_APART_MS + limits.settleMs;
      return {
        ...offer,
        progress: { step: 'finding', task: fresh, route, askedAt, landsBy, ...(failed && { failed }) },
      };
    }
    case 'SmsTaken': {
      if (progress.step !== 'sending' && progress.step !== 'finding') return null;
      const sms = offer.sms === 'delivered' ? 'delivered' : 'sent';
      return { ...offer, sms, progress: awaitingReceipt(terms, progress.route, seq, event) };
    }
    case 'SmsFailed':
      return { ...offer, sms: 'failed' };
    case 'SmsReported':
    case 'SmsUnconfirmed':
      return known(offer, event, seq);
    case 'OfferClaimed': {
      const claimed = { leg: event.leg, device: event.device, at: event.at };
      if (progress.step === 'restoring') return { ...offer, claimed };
      return { ...offer, claimed, progress: { step: 'restoring', task: fresh, uncertain: false } };
    }
    default:
      return pausedOffer(offer, event);
  }
}

/** What became of the message is known, or that nobody tells. */
function known(offer: Offer, event: Extract<Event, { type: 'SmsReported' | 'SmsUnconfirmed' }>, seq: number): Offer {
  const { progress } = offer;
  if (event.type === 'SmsUnconfirmed') {
    const asks = 'asks' in progress ? progress.asks : undefined;
    return standing({ ...offer, sms: 'unconfirmed' }, seq, asks && { asks, now: event.at });
  }
  if (event.status === 'failed') {
    const failed: Offer = { ...offer, sms: 'failed' };
    return progress.step === 'standing' ? standing(failed, seq) : { ...failed, progress: knownAsFailed(progress) };
  }
  const delivered: Offer = { ...offer, sms: 'delivered' };
  return progress.step === 'restoring' ? delivered : standing(delivered, seq);
}

/** The answer to a sending that is under way has the last word on it. */
function knownAsFailed(progress: Deflecting): Deflecting {
  return progress.step === 'sending' || progress.step === 'finding' ? { ...progress, failed: true } : progress;
}

/** A step waits, or begins again. */
function pausedOffer(offer: Offer, event: Event): Offer | null {
  const { progress } = offer;
  switch (event.type) {
    case 'OfferDelayed': {
      const { until, code, uncertain } = event;
      const task = waiting(progress.task.seq, until, code, progress.task.tries);
      const known = 'uncertain' in progress ? { uncertain: progress.uncertain || uncertain === true } : {};
      return { ...offer, progress: { ...progress, ...known, task } as Deflecting };
    }
    case 'OfferRetried': {
      const task = { ...running(event.at, progress.task.seq + 1), tries: progress.task.tries + 1 };
      const asked = progress.step === 'sending' ? { askedAt: event.at } : {};
      return { ...offer, progress: { ...progress, ...asked, task } as Deflecting };
    }
    default:
      return null;
  }
}

/** `late`: its provider is asked on for a while, since what is unconfirmed may be confirmed yet. */
function standing(offer: Offer, seq: number, late?: { readonly asks: Asking; readonly now: Instant }): Offer {
  const { terms } = offer;
  const next = late && nextAsking(late.asks, terms, late.now);
  if (!late || !next)
    return { ...offer, progress: { step: 'standing', task: waiting(seq, terms.expiresAt, 'standing') } };
  return { ...offer, progress: { step: 'standing', task: waiting(seq, next, 'receipt'), asks: late.asks } };
}

/** Told by a hook, or asked after where its provider calls none. */
function awaitingReceipt(
  terms: DeflectionTerms,
  route: number,
  seq: number,
  { messageId, at: since }: Extract<Event, { type: 'SmsTaken' }>,
): Deflecting {
  const by = receiptBy({ since }, terms);
  const isAsked = terms.asked?.includes(terms.routes[route] ?? '') === true;
  if (!isAsked || messageId === undefined)
    return { step: 'awaiting-receipt', task: waiting(seq, by, 'receipt'), route };
  const asks = { messageId, route, since };
  const until = Math.min(by, nextAsking(asks, terms, since) ?? by);
  return { step: 'awaiting-receipt', task: waiting(seq, until, 'receipt'), route, asks };
}

function noted(offer: Offer, event: Event): Offer {
  const vendorMs = offer.vendorMs + ('vendorMs' in event ? event.vendorMs : 0);
  return { ...offer, vendorMs, timeline: [...offer.timeline, { at: event.at, event: event.type }] };
}

/** A conversation of ours that moves to another device after its offer has settled. */
function reclaimed(
  settled: readonly SettledHandoff[],
  { handoffId, device, leg, at }: Extract<Event, { type: 'OfferClaimed' }>,
): readonly SettledHandoff[] {
  return settled.map((one) =>
    one.kind === 'deflection' && one.id === handoffId ? { ...one, claimed: { leg, device, at } } : one,
  );
}

/** What was written to a conversation, or may have been, is to be overwritten once the interaction is erased. */
function written(
  { written: before = [] }: Interaction,
  offer: Offer,
  event: Event,
): Pick<Interaction, 'written'> | null {
  if (event.type !== 'ContextWritten' && event.type !== 'ContextNotWritten') return null;
  if (event.type === 'ContextNotWritten' && !event.uncertain) return null;
  const { leg, names, at } = event;
  // Without the customer's party nothing can be overwritten by itself: it will be a person's.
  const customer = event.type === 'ContextWritten' ? event.customer : NOBODY;
  return { written: [...before, { leg, customer, names, handoffId: offer.id, landsBy: at + offer.limits.settleMs }] };
}

const NOBODY = '' as ParticipantId;
