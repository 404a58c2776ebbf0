// Owns the card's calls to the service, and what each answer means for the card.

import type { Briefing, CardAddress, CardState } from './briefing.ts';
import type { SignInPlace } from './sign-in.ts';

const TIMEOUT_MS = 10_000;
/** Below the time-outs that proxies have. */
const WAIT_SEC = 20;

export async function signInPlace(platform: string): Promise<SignInPlace> {
  const answer = await fetch(`/card/sign-in?${new URLSearchParams({ platform })}`, limits());
  if (!answer.ok) throw new Error('The service does not say where to sign in.');
  return (await answer.json()) as SignInPlace;
}

/** What opens a card: the agent's own token of the platform, or what the address was opened with. */
export type Opener = { readonly userToken: string } | { readonly reference: string };

/** Exchanges it for a session; null when that is open. */
export async function openSession(address: CardAddress, opener: Opener): Promise<CardState | null> {
  const answer = await fetch('/card/session', {
    ...limits(),
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...named(address), ...opener }),
  });
  if (answer.ok) return null;
  return refusal(answer, 'refused');
}

export type Asking = {
  readonly signal: AbortSignal;
  /** Lets the service hold its answer until there is a briefing. */
  readonly waits: boolean;
};

export async function readBriefing(address: CardAddress, { signal, waits }: Asking): Promise<CardState> {
  const how = limits(waits ? WAIT_SEC * 1_000 : 0, signal);
  if (waits) how.headers = { prefer: `wait=${WAIT_SEC}` };
  const answer = await fetch(`/card/briefing?${new URLSearchParams(named(address))}`, how);
  if (answer.ok) return { kind: 'ready', briefing: (await answer.json()) as Briefing };
  return refusal(answer, 'no-session');
}

/** Says what was shown. False when it should be said again later. */
export async function sendReceipt(
  ref: string,
  renderedFields: readonly string[],
  renderedAt: string,
): Promise<boolean> {
  const answer = await fetch('/card/receipt', {
    ...limits(),
    method: 'POST',
    keepalive: true,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ref, renderedFields, renderedAt }),
  }).catch(() => null);
  // What was refused once is refused again; what the server could not do may go better.
  return answer !== null && answer.status < 500;
}

async function refusal(answer: Response, because: 'no-session' | 'refused'): Promise<CardState> {
  const { code } = (await answer.json().catch(() => ({}))) as { readonly code?: unknown };
  if (code === 'card-reference-needed') return { kind: 'unopened', because: 'no-reference' };
  if (code === 'card-reference-spent' || code === 'card-reference-refused')
    return { kind: 'unopened', because: 'spent' };
  if (answer.status === 401) return { kind: 'signed-out', because };
  if (answer.status === 403) return { kind: 'not-yours' };
  if (answer.status === 410) return { kind: 'expired' };
  if (code === 'no-briefing-yet') return { kind: 'waiting' };
  if (code === 'card-not-configured') return { kind: 'not-configured' };
  return { kind: 'failed' };
}

function named({ platform, conversationId, ref }: CardAddress): Record<string, string> {
  const given = Object.entries({ platform, conversationId, ref });
  return Object.fromEntries(given.filter(([, value]) => value !== ''));
}

function limits(longerMs = 0, ending?: AbortSignal): RequestInit {
  const patience = AbortSignal.timeout(TIMEOUT_MS + longerMs);
  const signal = ending ? AbortSignal.any([ending, patience]) : patience;
  return { credentials: 'same-origin', cache: 'no-store', signal };
}
