// Owns where the next token comes from: a login of our own, or the shelf that keepers of the same credentials share, where one logs in
// for all. Whatever becomes of a login the breaker hears of, and through the shelf every other node's.

import type { Clock } from '../clock.ts';
import type { Failure, Outcome } from '../outcome.ts';
import type { Breaker } from './breaker.ts';
import type { PauseReason, ShelfAnswer, TokenShelf } from './token-shelf.ts';

export type Grant = { readonly accessToken: string; readonly expiresInSec: number };

export type FreshToken = { readonly token: string; readonly ageMs: number; readonly leftMs: number };

export type TokenSource = {
  /** Ends in bounded time. Without a token nothing was sent, so no failure is ambiguous. */
  next(): Promise<Outcome<FreshToken>>;
  /** Tells the others that nobody should log in for a while. */
  warn(): void;
  /** Calls back when another keeper has put a token that was not here yet. */
  onOther(listener: () => void): void;
  logins(): number;
};

export type TokenSourceOptions = {
  /** Logs in once. Rejected means that the credentials were refused. Must be bounded in time and not reject its promise. */
  readonly login: () => Promise<Outcome<Grant>>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly marginMs: number;
  readonly breaker: Breaker;
  readonly shelf?: TokenShelf | undefined;
};

/** Refused credentials are not tried again sooner: permission changes take about five minutes to arrive (Genesys help). */
const REFUSED_PAUSE_MS = 30_000;
/** Longer than any login may take; who dies in one holds the others up for so long. */
const LEASE_MS = 7_000;
/** How long somebody else's login is waited for in all. */
const OTHERS_MS = 3 * LEASE_MS;
const LOOK_AGAIN_MS = 100;
const REFUSED: Failure = {
  kind: 'rejected',
  code: 'unauthorized',
  detail: 'the OAuth client id or secret was refused at another node’s login',
};
const TRY_AGAIN = { kind: 'transient', code: 'circuit-open', retryAfterMs: LOOK_AGAIN_MS } as const;

export function tokenSource(options: TokenSourceOptions): TokenSource {
  const { clock, random, marginMs, breaker, shelf } = options;
  const logIn = ownLogin(options);
  let logins = 0;
  /** The number of the newest token of the shelf that was here. */
  let seen = 0;

  const own = () => {
    logins += 1;
    return logIn();
  };

  /** The login is ours for all: what becomes of it goes to the shelf, as far as that can be reached. */
  const forAll = async (place: TokenShelf): Promise<Outcome<FreshToken>> => {
    const fresh = await own();
    if (fresh.kind === 'done') {
      const { token: accessToken, leftMs: lifeMs } = fresh.value;
      seen = (await place.put({ accessToken, lifeMs }).catch(outOfReach)) ?? seen;
    } else await place.fail({ ...told(breaker), failures: breaker.failures() }).catch(outOfReach);
    return fresh;
  };

  const take = (found: Exclude<ShelfAnswer, { kind: 'yours' | 'theirs' }>): Outcome<FreshToken> => {
    if (found.kind === 'token') {
      seen = found.number;
      breaker.served();
      return { kind: 'done', value: found };
    }
    breaker.open({ forMs: found.leftMs, why: found.why, refusal: found.refused ? REFUSED : undefined });
    return breaker.trouble() ?? TRY_AGAIN;
  };

  const shared = async (place: TokenShelf): Promise<Outcome<FreshToken>> => {
    const endsAt = clock.monotonic() + OTHERS_MS;
    for (;;) {
      const found = await place.ask({ newerThan: seen, marginMs, leaseMs: LEASE_MS }).catch(outOfReach);
      // Whoever cannot reach the shelf keeps for itself: one login more, under the same breaker.
      if (found === undefined) return own();
      if (found.kind === 'yours') {
        breaker.resume(found.failures);
        return forAll(place);
      }
      if (found.kind !== 'theirs') return take(found);
      if (clock.monotonic() >= endsAt) return { ...TRY_AGAIN, detail: 'another node’s login takes too long' };
      await clock.sleep(Math.min(LOOK_AGAIN_MS * (0.5 + random()), Math.max(1, found.leftMs)));
    }
  };

  return {
    next: () => (shelf === undefined ? own() : shared(shelf)),
    warn: () => void shelf?.pause(seen, told(breaker)).catch(outOfReach),
    onOther: (listener) => shelf?.onPut((number) => number > seen && listener()),
    logins: () => logins,
  };
}

function ownLogin({ login, breaker }: TokenSourceOptions): () => Promise<Outcome<FreshToken>> {
  return async () => {
    const grant = await login();
    if (grant.kind === 'done') {
      breaker.served();
      const { accessToken, expiresInSec } = grant.value;
      return { kind: 'done', value: { token: accessToken, ageMs: 0, leftMs: expiresInSec * 1000 } };
    }
    const why = `login: ${grant.code}${grant.detail === undefined ? '' : ` (${grant.detail})`}`;
    if (grant.kind === 'rejected') breaker.open({ forMs: REFUSED_PAUSE_MS, why, refusal: grant });
    else breaker.failed(why, grant.kind === 'transient' ? grant.retryAfterMs : 0);
    // Whatever became of the login, the call that wanted the token was not sent.
    return grant.kind === 'ambiguous' ? { ...grant, kind: 'transient' } : grant;
  };
}

function told(breaker: Breaker): PauseReason & { readonly forMs: number } {
  const { why = '', forMs = 0, refusal } = breaker.pause() ?? {};
  return { why, forMs, refused: refusal !== undefined };
}

/** The shelf makes things cheaper, not possible. */
function outOfReach(): undefined {
  return undefined;
}
