// Owns how a request's body is read: only so much of it is taken, JSON is UTF-8, and what a refused caller still sends is read to
// its end. A caller who is answered in the middle of sending sees a broken connection where the answer should be.

import { isUtf8 } from 'node:buffer';
import type { MiddlewareHandler } from 'hono';
import { type HeaderReader, headersOf } from './node-wire.ts';
import type { ServerEnv } from './parts.ts';
import { Problem, problemResponse } from './problems.ts';

/** Of a refused body. Whoever sends more may lose the answer; the connection is closed. */
const MOST_DISCARDED_BYTES = 4 * 1024 * 1024;

/** `body-too-large` to more than this, whether or not the length was announced. */
export function bodyAtMost(limitBytes: number): MiddlewareHandler<ServerEnv> {
  return async (c, next) => {
    const tooLarge = () => new Problem('body-too-large', { limitBytes });
    const announced = announcedBytes(headersOf(c));
    if (announced !== undefined && announced > limitBytes) throw tooLarge();
    if (announced === undefined && c.req.raw.body) {
      const read = await within(limitBytes, c.req.raw.body.getReader());
      if (read === 'discarded') throw tooLarge();
      if (read === 'endless') return problemResponse(tooLarge(), { connection: 'close' });
      c.req.raw = new Request(c.req.raw, { body: read });
    }
    await next();
  };
}

/** `invalid-json` to JSON that is not UTF-8 (RFC 8259 §8.1), which a lenient reader would mend with characters nobody sent. */
export function jsonInUtf8(): MiddlewareHandler<ServerEnv> {
  return async (c, next) => {
    if (/json/i.test(c.req.header('content-type') ?? '')) {
      const bytes = new Uint8Array(await c.req.arrayBuffer().catch(brokenOff));
      if (!isUtf8(bytes)) throw new Problem('invalid-json');
    }
    await next();
  };
}

/** Before a refusal is answered, what its caller still sends is read and forgotten, within bounds. */
export function refusedBodiesDiscarded(): MiddlewareHandler<ServerEnv> {
  return async (c, next) => {
    await next();
    const { raw } = c.req;
    if (c.res.status < 400 || raw.bodyUsed) return;
    const tooMuch = (announcedBytes(headersOf(c)) ?? 0) > MOST_DISCARDED_BYTES;
    if (tooMuch || !(raw.body === null || (await discarded(raw.body.getReader())))) c.header('connection', 'close');
  };
}

type Reader = ReadableStreamDefaultReader<Uint8Array>;

/** The length that counts (RFC 9112 §6.3), when there is one. */
function announcedBytes(headers: HeaderReader): number | undefined {
  const length = headers.get('content-length');
  return length == null || headers.get('transfer-encoding') != null ? undefined : Number(length);
}

/** The whole body, or what became of one that is too large. */
async function within(limitBytes: number, reader: Reader) {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for (;;) {
    const { done, value } = await reader.read().catch(brokenOff);
    if (done) return Buffer.concat(chunks);
    bytes += value.length;
    if (bytes > limitBytes) break;
    chunks.push(value);
  }
  return (await discarded(reader)) ? 'discarded' : 'endless';
}

/** Whether the body has come to its end, or broken off, within the bounds. */
async function discarded(reader: Reader): Promise<boolean> {
  let bytes = 0;
  while (bytes <= MOST_DISCARDED_BYTES) {
    const { done, value } = await reader.read().catch(() => ({ done: true, value: undefined }));
    if (done) return true;
    bytes += value?.length ?? 0;
  }
  return false;
}

function brokenOff(cause: unknown): never {
  throw new Problem('invalid-json', { cause });
}
