// Owns how CXone calls a customer (seed 000 §5): a queue callback now, a promise for later (docs/vendors/cxone.md, PatronAPI). It carries no
// data of ours but a reference: the URL that its agent is shown, or the notes of a promise. It names no contact, takes no key and shows
// nothing, so an answer that was lost leaves its fate open (H5).

import type { Outcome } from '../../outcome.ts';
import type { CallbackBooked, CallbackOrder, Platform } from '../platform.ts';
import type { CxoneLine } from './cxone-line.ts';

export type CallbacksParts = {
  readonly line: Pick<CxoneLine, 'acd'>;
  readonly screenPopUrl: string | undefined;
};

/** A promise must have both. */
const NAMELESS = ['Callback', 'Customer'] as const;

export function callbacks({ line, screenPopUrl }: CallbacksParts): Platform['bookCallback'] {
  return async (order, call) => {
    if (order.pattern !== 'queued') return NO_BRIDGE;
    const path = order.at === undefined ? now(order, screenPopUrl) : later(order, order.at);
    const taken = await line.acd({ method: 'POST', path }, call);
    return taken.kind === 'done' ? { kind: 'done', value: {} } : taken;
  };
}

const NO_BRIDGE: Outcome<CallbackBooked> = {
  kind: 'rejected',
  code: 'bad-request',
  detail: 'CXone calls by its queue only',
};

function now({ phone, queue, data }: CallbackOrder, screenPopUrl: string | undefined): string {
  const pop = screenPopUrl?.replaceAll('{interactionId}', encodeURIComponent(data.correlationId ?? ''));
  const query = new URLSearchParams({ phoneNumber: phone, skill: queue.id, ...(pop && { screenPopUrl: pop }) });
  return `/queuecallback?${query}`;
}

function later({ phone, queue, data, name }: CallbackOrder, at: number): string {
  const [promiseDate = '', time = ''] = new Date(at).toISOString().split('T');
  const { firstName, lastName } = namesIn(name);
  const query = new URLSearchParams({
    firstName,
    lastName,
    phoneNumber: phone,
    skill: queue.id,
    promiseDate,
    promiseTime: time.slice(0, 8),
    timeZone: 'UTC',
    notes: data.correlationId ?? '',
  });
  return `/promise?${query}`;
}

function namesIn(name: string | undefined): { readonly firstName: string; readonly lastName: string } {
  const words = (name ?? '')
    .trim()
    .split(/\s+/)
    .filter((word) => word !== '');
  const [first = NAMELESS[0]] = words;
  return { firstName: first, lastName: words.slice(1).join(' ') || NAMELESS[1] };
}
