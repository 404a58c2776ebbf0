// Owns the console's calls to the service, and what it is told when one is refused. The session is a cookie that no script can
// read; what changes something says so in a header that no other site can send.

export class Refused extends Error {
  readonly status: number;
  readonly code: string;
  /** Set when a scope is missing. */
  readonly scope: string | null;

  constructor(status: number, { code, title, detail, scope }: Readonly<Record<string, unknown>>) {
    super([title, detail].filter((words) => typeof words === 'string').join('. ') || 'The service did not answer.');
    this.status = status;
    this.code = typeof code === 'string' ? code : 'no-answer';
    this.scope = typeof scope === 'string' ? scope : null;
  }
}

const TIMEOUT_MS = 15_000;
let ended: () => void = () => {};

/** Called when the service says that there is no session any more. */
export function onSessionEnded(tell: () => void): void {
  ended = tell;
}

export async function read<Answer>(path: string, signal?: AbortSignal): Promise<Answer> {
  return (await ask(path, signal ? { signal } : {})) as Answer;
}

export async function send<Answer>(method: 'POST' | 'DELETE', path: string, body?: unknown): Promise<Answer> {
  const headers: Record<string, string> = { 'throughline-console': '1' };
  if (body !== undefined) headers['content-type'] = 'application/json';
  return (await ask(path, { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) })) as Answer;
}

async function ask(path: string, how: RequestInit): Promise<unknown> {
  const patience = AbortSignal.timeout(TIMEOUT_MS);
  const signal = how.signal ? AbortSignal.any([how.signal, patience]) : patience;
  const answer = await fetch(path, { credentials: 'same-origin', cache: 'no-store', ...how, signal }).catch(
    (error: unknown) => {
      if (how.signal?.aborted) throw error;
      throw new Refused(0, { title: 'The service cannot be reached' });
    },
  );
  if (answer.status === 204) return null;
  const body: unknown = await answer.json().catch(() => ({}));
  if (answer.ok) return body;
  if (answer.status === 401 && path !== SESSION) ended();
  throw new Refused(answer.status, body as Record<string, unknown>);
}

export const SESSION = '/console/session';
