// Owns how CXone calls a customer (seed 000 §5): a queue callback now, a promise for later (docs/vendors/cxone.md, PatronAPI), or a script of the
// tenant's that calls at once and joins an agent. They carry no data of ours but a reference. None takes a key, and what was taken shows nowhere
// for certain (a script's contact bears nothing of ours until the script has written it), so an answer that was lost leaves its fate open (H5).

import type { ExternalId } from '../../ids.ts';
import type { Outcome } from '../../outcome.ts';
import { type HttpAnswer, readJson, unanswered } from '../http.ts';
import type { CallbackBooked, CallbackOrder, Platform } from '../platform.ts';
import type { CxoneLine } from './cxone-line.ts';
import { wireStarted } from './cxone-wire.ts';

/** The outbound script that calls a customer and joins an agent, and the outbound skill under which it runs. */
export type CallbackScript = {
  readonly script: { readonly path: string } | { readonly id: string };
  readonly skillId: string;
};

export type CallbacksParts = {
  readonly line: Pick<CxoneLine, 'acd'>;
  readonly screenPopUrl: string | undefined;
  readonly script: CallbackScript | undefined;
};

/** A promise must have both. */
const NAMELESS = ['Callback', 'Customer'] as const;

export function callbacks({ line, screenPopUrl, script }: CallbacksParts): Platform['bookCallback'] {
  return async (order, call) => {
    if (order.pattern === 'bridged') {
      if (script === undefined) return NO_SCRIPT;
      if (order.at !== undefined) return AT_ONCE;
      const path = atOnce(order, script, popOf(order, screenPopUrl));
      return startedIn(await line.acd({ method: 'POST', path }, call));
    }
    const path = order.at === undefined ? now(order, popOf(order, screenPopUrl)) : later(order, order.at);
    const taken = await line.acd({ method: 'POST', path }, call);
    return taken.kind === 'done' ? { kind: 'done', value: {} } : taken;
  };
}

const NO_SCRIPT: Outcome<CallbackBooked> = refused(
  'CXone calls by its queue only, unless callbackScript names a script that calls',
);
const AT_ONCE: Outcome<CallbackBooked> = refused('a call that joins customer and queue is made at once');

function refused(detail: string): Outcome<CallbackBooked> {
  return { kind: 'rejected', code: 'bad-request', detail };
}

/** p1 the customer's number, p2 the queue's skill, p3 our id, p4 what its agent is shown (docs/vendors/cxone/outbound-script.md). */
function atOnce(
  { phone, queue, data }: CallbackOrder,
  { script, skillId }: CallbackScript,
  pop: string | undefined,
): string {
  const parameters = [phone, queue.id, data.correlationId ?? '', pop ?? ''];
  const query = new URLSearchParams({
    skillId,
    ...('path' in script ? { scriptPath: script.path } : { scriptId: script.id }),
    // They are parted by | and become p1, p2 …
    Parameters: parameters.map((one) => one.replaceAll('|', '%7C')).join('|'),
  });
  return `/scripts/start?${query}`;
}

/** A 2xx that does not say which contact it made has made one all the same. */
function startedIn(answer: Outcome<HttpAnswer>): Outcome<CallbackBooked> {
  if (answer.kind !== 'done') return answer;
  if (answer.value.body === undefined) return unanswered({ method: 'POST' }, 'connection-lost', 'the answer broke off');
  const read = wireStarted.safeParse(readJson(answer.value.body));
  const contactId = read.success ? read.data.contactId : undefined;
  return contactId === undefined
    ? unanswered({ method: 'POST' }, 'unexpected-answer', 'not of the documented shape')
    : { kind: 'done', value: { externalId: contactId as ExternalId } };
}

function popOf({ data }: CallbackOrder, url: string | undefined): string | undefined {
  return url?.replaceAll('{interactionId}', encodeURIComponent(data.correlationId ?? ''));
}

function now({ phone, queue }: CallbackOrder, pop: string | undefined): string {
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
