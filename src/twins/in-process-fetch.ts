// Owns a `fetch` that reaches a twin without a socket, so that a simulation runs client and vendor on one virtual clock. A
// cut connection and silence look as they do on a network: a TypeError, and waiting for the caller's signal.

import { type Answering, parseBody, type TwinRequest, wireBody } from './exchange.ts';

/** A `fetch` for any URL whose path the twin serves; the host is ignored. */
export function fetchThrough(answer: Answering): typeof fetch {
  return async (input, init) => {
    const request = new Request(input, init);
    const result = await unlessAborted(answer(await toTwinRequest(request)), request.signal);
    switch (result.kind) {
      case 'respond': {
        const { status, headers = {} } = result.response;
        const { text, type } = wireBody(result.response);
        const bodiless = text === '' || status === 204;
        return new Response(bodiless ? null : text, {
          status,
          headers: bodiless ? headers : { 'content-type': type, ...headers },
        });
      }
      case 'drop':
        throw new TypeError('fetch failed', { cause: new Error('other side closed') });
      case 'hang':
        return unlessAborted(new Promise<never>(() => {}), request.signal);
    }
  };
}

async function toTwinRequest(request: Request): Promise<TwinRequest> {
  const url = new URL(request.url);
  const headers = Object.fromEntries(request.headers);
  return {
    method: request.method,
    path: url.pathname,
    query: url.searchParams,
    headers,
    body: parseBody(headers['content-type'], await request.text()),
    loopback: true,
  };
}

function unlessAborted<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
