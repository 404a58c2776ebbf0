// Owns the live stream of what is committed, in clear columns only: Server-Sent Events that carry CloudEvents 1.0. Each listener
// has a cursor in the journal's order of arrival and reads on when it can, so a slow one costs no memory and misses nothing.

import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { type SSEStreamingApi, streamSSE } from 'hono/streaming';
import type { Instant } from '../ids.ts';
import type { ArrivedEventRow } from '../journal/store.ts';
import { needs } from './auth.ts';
import { problems } from './describing.ts';
import type { ServerEnv, ServerParts } from './parts.ts';
import { Problem } from './problems.ts';
import { rfc3339 } from './rfc3339.ts';

const HEARTBEAT_MS = 15_000;
const BATCH = 100;

const streamRoute = createRoute({
  method: 'get',
  path: '/v1/stream',
  summary: 'What happens, as it happens',
  description:
    'Server-Sent Events; each datum is a CloudEvent without personal data. `Last-Event-ID` resumes after that event; without it the stream begins now.',
  tags: ['Operations'],
  middleware: [needs('interactions')],
  request: { headers: z.object({ 'last-event-id': z.string().optional() }) },
  responses: {
    200: { description: 'The stream', content: { 'text/event-stream': { schema: z.string() } } },
    ...problems,
  },
});

export function streamRoutes(parts: ServerParts): OpenAPIHono<ServerEnv> {
  const app = new OpenAPIHono<ServerEnv>();
  app.openapi(streamRoute, async (c) => {
    const lastSeen = c.req.valid('header')['last-event-id'];
    const after = lastSeen === undefined ? await parts.journal.lastSeq() : seqIn(lastSeen);
    const { until = Number.POSITIVE_INFINITY } = c.get('caller');
    return streamSSE(c, (stream) => follow(parts, stream, { after, until })) as Response;
  });
  return app;
}

function seqIn(lastEventId: string): number {
  if (/^\d{1,15}$/.test(lastEventId)) return Number(lastEventId);
  throw new Problem('invalid-request', { errors: [{ path: 'Last-Event-ID', message: 'is not an id of this stream' }] });
}

/** `until`: a session's end is its stream's end, to a heartbeat. */
async function follow(
  { journal, clock, onError }: ServerParts,
  stream: SSEStreamingApi,
  from: { readonly after: number; readonly until: Instant },
): Promise<void> {
  let { after } = from;
  let news = new AbortController();
  const unsubscribe = journal.onArrival(() => news.abort());
  stream.onAbort(() => news.abort());
  try {
    await stream.write(': open\n\n');
    while (!stream.aborted && clock.now() < from.until) {
      // Renewed before the read, so that a commit during the read is not slept through.
      news = new AbortController();
      const events = await journal.feed(after, BATCH);
      for (const event of events) {
        await stream.writeSSE({ id: String(event.seq), data: JSON.stringify(cloudEvent(event)) });
        after = event.seq;
      }
      if (events.length > 0 || stream.aborted) continue;
      await clock.sleep(HEARTBEAT_MS, news.signal);
      if (!news.signal.aborted) await stream.write(': heartbeat\n\n');
    }
  } catch (error) {
    // The listener comes back with the last id it has seen.
    onError(error);
  } finally {
    unsubscribe();
  }
}

/** CloudEvents 1.0, JSON format. */
function cloudEvent({ interactionId, version, type, at, clear }: ArrivedEventRow) {
  return {
    specversion: '1.0',
    id: `${interactionId}.${version}`,
    source: '/throughline',
    type: `throughline.${type}`,
    subject: interactionId,
    time: rfc3339(at),
    datacontenttype: 'application/json',
    data: JSON.parse(clear),
  };
}
