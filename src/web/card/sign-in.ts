// Owns the agent's sign-in at the platform: Authorization Code with PKCE (RFC 7636, S256; RFC 6749 §10.12 for `state`). The
// platform's token stays in memory; the verifier outlives this page only when the sign-in has to happen in this very window.

import type { CardAddress } from './briefing.ts';

/** Where the platform signs people in, as the service says. */
export type SignInPlace = {
  readonly authorizeUrl: string;
  readonly clientId: string;
  readonly redirectUri: string;
  readonly tokenUrl: string;
  readonly scope?: string;
};

export type Attempt = {
  readonly place: SignInPlace;
  readonly verifier: string;
  readonly state: string;
  /** Where the browser goes. */
  readonly url: string;
};

/** What the platform's redirect brings back. */
export type Returned = { readonly code: string | null; readonly state: string | null };

type Resumed = { readonly attempt: Attempt; readonly address: CardAddress; readonly theme: string | null };

const STORED = 'throughline-sign-in';

export async function beginSignIn(place: SignInPlace): Promise<Attempt> {
  const verifier = base64Url(crypto.getRandomValues(new Uint8Array(48)));
  const state = base64Url(crypto.getRandomValues(new Uint8Array(16)));
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier));
  const url = new URL(place.authorizeUrl);
  const query = {
    response_type: 'code',
    client_id: place.clientId,
    redirect_uri: place.redirectUri,
    code_challenge: base64Url(new Uint8Array(digest)),
    code_challenge_method: 'S256',
    state,
    ...(place.scope ? { scope: place.scope } : {}),
  };
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  return { place, verifier, state, url: url.href };
}

/** The platform's access token for the code, or null when it gives none. A network that fails throws. */
export async function redeemCode({ place, verifier }: Attempt, code: string): Promise<string | null> {
  const body = new URLSearchParams({
    grant_type: 'authorization_code',
    code,
    redirect_uri: place.redirectUri,
    client_id: place.clientId,
    code_verifier: verifier,
  });
  const answer = await fetch(place.tokenUrl, { method: 'POST', body, credentials: 'omit' });
  if (!answer.ok) return null;
  const { access_token: token } = (await answer.json()) as { readonly access_token?: unknown };
  return typeof token === 'string' ? token : null;
}

/** Keeps what the redirect back needs, in this tab only and until it is taken. */
export function keepForRedirect(resumed: Resumed): void {
  sessionStorage.setItem(STORED, JSON.stringify(resumed));
}

/** What was kept for this redirect; null when there is none, or when the state is not ours. Taken once. */
export function takeAfterRedirect(state: string | null): Resumed | null {
  const stored = sessionStorage.getItem(STORED);
  sessionStorage.removeItem(STORED);
  if (stored === null) return null;
  const resumed = JSON.parse(stored) as Resumed;
  return resumed.attempt.state === state ? resumed : null;
}

/** Resolves with what the pop-up was redirected with, or null when it was closed without. */
export function returnedBy(popup: Window, state: string, signal: AbortSignal): Promise<Returned | null> {
  return new Promise((resolve) => {
    const over = new AbortController();
    const settle = (returned: Returned | null) => {
      over.abort();
      clearInterval(watch);
      resolve(returned);
    };
    const watch = setInterval(() => popup.closed && settle(null), 400);
    signal.addEventListener('abort', () => settle(null), { signal: over.signal });
    const heard = ({ origin, data }: MessageEvent) => {
      if (origin === location.origin && isReturned(data) && data.state === state) settle(data);
    };
    addEventListener('message', heard, { signal: over.signal });
  });
}

function isReturned(data: unknown): data is Returned {
  return typeof data === 'object' && data !== null && 'code' in data && 'state' in data;
}

function base64Url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}
