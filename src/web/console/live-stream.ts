// Owns the console's line to `GET /v1/stream`: it comes back by itself, where it was, and says how it is. Read with fetch, since an
// EventSource tells neither why it failed nor when it tries again.

import { EventStreamReader } from './event-stream.ts';

export type Connection =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'live' }
  | { readonly kind: 'lost'; readonly retryAt: number }
  /** The service will not: there is no use in trying. */
  | { readonly kind: 'refused'; readonly status: number };

/** A CloudEvent in clear columns only. */
export type LiveEvent = {
  readonly id: string;
  readonly type: string;
  readonly subject: string;
  readonly time: string;
  readonly data: Readonly<Record<string, unknown>>;
};

type Listener = {
  readonly onConnection: (connection: Connection) => void;
  readonly onEvent: (event: LiveEvent) => void;
  readonly signal: AbortSignal;
};

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 10_000;
/** The service says something every 15 s; a line that is silent for longer is dead, whatever the browser believes. */
const SILENCE_MS = 40_000;

export async function followStream({ onConnection, onEvent, signal }: Listener): Promise<void> {
  let lastId: string | null = null;
  let waitMs = FIRST_WAIT_MS;
  while (!signal.aborted) {
    onConnection({ kind: 'connecting' });
    const line = new AbortController();
    const ended = await listen(lastId, AbortSignal.any([signal, line.signal]), {
      opened() {
        waitMs = FIRST_WAIT_MS;
        onConnection({ kind: 'live' });
      },
      heard(event, id) {
        lastId = id;
        onEvent(event);
      },
      silent: () => line.abort(),
    }).catch(() => 0);
    if (signal.aborted) return;
    if (ended === 401 || ended === 403) return onConnection({ kind: 'refused', status: ended });
    onConnection({ kind: 'lost', retryAt: Date.now() + waitMs });
    await rest(waitMs, signal);
    waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
  }
}

type Line = {
  readonly opened: () => void;
  readonly heard: (event: LiveEvent, id: string) => void;
  readonly silent: () => void;
};

/** Until the line ends; the status when it never began. */
async function listen(lastId: string | null, signal: AbortSignal, line: Line): Promise<number> {
  const headers = { accept: 'text/event-stream', ...(lastId !== null && { 'last-event-id': lastId }) };
  const answer = await fetch('/v1/stream', { headers, cache: 'no-store', credentials: 'same-origin', signal });
  if (!answer.ok || !answer.body) return answer.status;
  line.opened();
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  const events = new EventStreamReader();
  let watch = setTimeout(line.silent, SILENCE_MS);
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return 0;
      clearTimeout(watch);
      watch = setTimeout(line.silent, SILENCE_MS);
      for (const { id, data } of events.push(value)) line.heard(JSON.parse(data) as LiveEvent, id);
    }
  } finally {
    clearTimeout(watch);
  }
}

/** A little by chance, so that a room full of consoles does not come back in one instant; at once when the network is back. */
function rest(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const over = new AbortController();
    const done = () => {
      over.abort();
      clearTimeout(timer);
      resolve();
    };
    const timer = setTimeout(done, ms * (0.8 + Math.random() * 0.4));
    addEventListener('online', done, { signal: over.signal });
    signal.addEventListener('abort', done, { signal: over.signal });
  });
}
