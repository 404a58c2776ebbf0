// Owns how Genesys Cloud calls a customer (seed 000 §5): by a callback that waits in its queue, or by a call that joins customer and queue at
// once. Neither takes a key of ours or can be found afterwards, so an answer that was lost leaves its fate open (H5).

import type { ExternalId } from '../../ids.ts';
import type { Outcome } from '../../outcome.ts';
import type { Credential } from '../credential.ts';
import { type HttpAnswer, readJson, unanswered } from '../http.ts';
import type { CallbackBooked, CallbackOrder, Platform } from '../platform.ts';
import {
  type WireCallbackRequest,
  type WireCallRequest,
  wireCallbackCreated,
  wireCallCreated,
} from './genesys-wire.ts';

export function callbacks(line: Pick<Credential, 'send'>): Platform['bookCallback'] {
  return async (order, call) => {
    if (order.pattern === 'bridged') {
      if (order.at !== undefined) return AT_ONCE;
      const answer = await line.send(
        { method: 'POST', path: '/api/v2/conversations/calls', body: callOf(order) },
        call,
      );
      return bookedIn(answer, (body) => wireCallCreated.safeParse(body).data?.id);
    }
    const body = callbackOf(order);
    const answer = await line.send({ method: 'POST', path: '/api/v2/conversations/callbacks', body }, call);
    return bookedIn(answer, (read) => wireCallbackCreated.safeParse(read).data?.conversation.id);
  };
}

const AT_ONCE: Outcome<CallbackBooked> = {
  kind: 'rejected',
  code: 'bad-request',
  detail: 'a call that joins customer and queue is made at once',
};

function callbackOf({ queue, phone, at, priority, name, data }: CallbackOrder): WireCallbackRequest {
  return {
    routingData: { queueId: queue.id, ...(priority !== undefined && { priority }) },
    callbackNumbers: [phone],
    ...(name !== undefined && { callbackUserName: name }),
    ...(at !== undefined && { callbackScheduledTime: new Date(at).toISOString() }),
    data,
  };
}

/** Seed 000 §5 B: a conference of the customer and the queue. */
function callOf({ queue, phone, priority, data }: CallbackOrder): WireCallRequest {
  return {
    callFromQueueId: queue.id,
    participants: [{ address: phone }, { queueId: queue.id }],
    ...(priority !== undefined && { priority }),
    attributes: data,
  };
}

/** A 2xx that does not say which conversation it made has made one all the same. */
function bookedIn(answer: Outcome<HttpAnswer>, idIn: (body: unknown) => string | undefined): Outcome<CallbackBooked> {
  if (answer.kind !== 'done') return answer;
  if (answer.value.body === undefined) return unanswered({ method: 'POST' }, 'connection-lost', 'the answer broke off');
  const id = idIn(readJson(answer.value.body));
  return id === undefined
    ? unanswered({ method: 'POST' }, 'unexpected-answer', 'not of the documented shape')
    : { kind: 'done', value: { externalId: id as ExternalId } };
}
