// Owns the fetching of a file that an agent sends, from where their platform says it is. What it says is not trusted: the address must be of an
// origin that belongs to the platform or was configured, no redirect is followed, nothing of ours goes along, and no more is read than a
// file may have (SSRF: OWASP, A10:2021).

import type { Clock } from '../clock.ts';
import type { Failure, Outcome } from '../outcome.ts';
import type { Fetch } from './http.ts';
import type { Call } from './platform.ts';

export type DeskFileSource = {
  /** Origins such as `https://api.example.com`; nothing is fetched from elsewhere. */
  readonly origins: readonly string[];
  readonly largestBytes: number;
  readonly timeoutMs: number;
  readonly fetch: Fetch;
  readonly clock: Pick<Clock, 'sleep'>;
};

/** Its bytes. Rejected, with the reason as its detail, where it may not be had; a failure of the network took nothing. */
export async function fetchDeskFile(
  url: string,
  { origins, largestBytes, timeoutMs, fetch, clock }: DeskFileSource,
  call: Pick<Call, 'signal' | 'mayStart'>,
): Promise<Outcome<Uint8Array>> {
  const address = URL.canParse(url) ? new URL(url) : null;
  // An origin of an unusual scheme is `null`, which is none of ours.
  const isPlain = address?.username === '' && address.password === '';
  if (!isPlain || !origins.includes(address.origin)) return refused('file-elsewhere');
  if (call.signal.aborted || !call.mayStart()) return { kind: 'transient', code: 'not-sent' };
  const limit = new AbortController();
  const done = new AbortController();
  void clock.sleep(timeoutMs, done.signal).then(() => limit.abort());
  const signal = AbortSignal.any([call.signal, limit.signal]);
  try {
    const response = await fetch(address.href, { method: 'GET', redirect: 'manual', credentials: 'omit', signal });
    const failure = failureOf(response.status);
    if (failure) {
      await response.body?.cancel();
      return failure;
    }
    const content = await bytesOf(response, largestBytes);
    return content ? { kind: 'done', value: content } : refused('file-too-large');
  } catch {
    return { kind: 'transient', code: signal.aborted ? 'timed-out' : 'connection-lost' };
  } finally {
    done.abort();
  }
}

function refused(detail: string): Failure {
  return { kind: 'rejected', code: 'bad-request', detail };
}

function failureOf(status: number): Failure | null {
  if (status === 200) return null;
  // Where it leads is not where we were told that it is.
  if (status >= 300 && status < 400) return refused('file-elsewhere');
  if (status === 429) return { kind: 'transient', code: 'rate-limited' };
  if (status >= 500) return { kind: 'transient', code: 'unavailable' };
  return { kind: 'rejected', code: 'not-found', detail: 'file-not-there' };
}

/** Null where it is larger; no more than that is read. */
async function bytesOf(response: Response, largestBytes: number): Promise<Uint8Array | null> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    // Leaving the loop cancels the rest.
    if (bytes > largestBytes) return null;
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}
