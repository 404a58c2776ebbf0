// Owns one credential's access token: at most one refresh under way, here and on every node that shares its shelf, refreshed ahead of
// its expiry while the old one still serves, and a breaker, so that neither an outage nor refused credentials turn into a storm of logins.

import type { Clock } from '../clock.ts';
import type { Failure, Outcome } from '../outcome.ts';
import { type BreakerState, breaker, growingMs } from './breaker.ts';
import { singleFlight } from './single-flight.ts';
import type { TokenShelf } from './token-shelf.ts';
import { type FreshToken, type Grant, tokenSource } from './token-source.ts';

export type TokenKeeper = {
  /**
   * A token to send now. Failures: `circuit-open` (a login failed or fresh tokens were refused a moment ago) or the login's own;
   * rejected only where a login refused the credentials. Without a token nothing was sent, so any other is transient.
   */
  current(signal: AbortSignal): Promise<Outcome<string>>;
  /**
   * Drops this token, unless it has been replaced since: an old 401 must not throw the new token away, and calls that are
   * refused together count once.
   */
  invalidate(token: string): void;
  /** A call was served: tokens are believed, so that one refused later is the first again. */
  served(): void;
  /** Why no token can be had at the moment. */
  trouble(): Failure | undefined;
  /** How the token is, never the token: `refreshing` while a login is under way, `failing` while none may be tried. */
  standing(): TokenStanding;
  /** Whether logins are held back. */
  breaker(): BreakerState;
  /** How many logins this process has tried. */
  logins(): number;
};

export type TokenStanding = {
  readonly state: 'valid' | 'refreshing' | 'none' | 'failing';
  /** Of the token that is held; absent without one. */
  readonly ageMs?: number;
  readonly expiresInMs?: number;
};

export type TokenKeeperOptions = {
  /** Logs in once. Rejected means that the credentials were refused. Must be bounded in time and not reject its promise. */
  readonly login: () => Promise<Outcome<Grant>>;
  readonly clock: Clock;
  readonly random: () => number;
  /** How long before expiry the next token is fetched. At most half a token's life. */
  readonly marginMs: number;
  /** Where other keepers of the same credentials look, too. Without one this keeper is alone. */
  readonly shelf?: TokenShelf | undefined;
};

type Held = {
  readonly token: string;
  readonly issuedAt: number;
  readonly refreshAt: number;
  readonly expiresAt: number;
};

/** A token that is refused sooner than this was hardly expired: the second such token with no call served between opens the breaker. */
const YOUNG_MS = 10_000;
const NOBODY = new AbortController().signal;

export function tokenKeeper({ login, clock, random, marginMs, shelf }: TokenKeeperOptions): TokenKeeper {
  const logins = breaker({ clock, random, opensAt: 1 });
  const source = tokenSource({ login, clock, random, marginMs, shelf, breaker: logins });
  let held: Held | undefined;
  let refusedYoung = 0;
  let refreshing = false;

  const hold = ({ token, ageMs, leftMs }: FreshToken): Held => {
    const now = clock.monotonic();
    const refreshAt = now + leftMs - Math.min(marginMs, (ageMs + leftMs) / 2);
    return { token, issuedAt: now - ageMs, refreshAt, expiresAt: now + leftMs };
  };

  const refresh = singleFlight(async (): Promise<Outcome<string>> => {
    refreshing = true;
    const fresh = await source.next();
    refreshing = false;
    if (fresh.kind !== 'done') return fresh;
    held = hold(fresh.value);
    return { kind: 'done', value: held.token };
  });
  // Somebody has another one, and perhaps a reason: ours may have been revoked.
  source.onOther(() => held !== undefined && void refresh.join(NOBODY));

  const isPaused = () => logins.trouble() !== undefined;

  return {
    async current(signal) {
      const now = clock.monotonic();
      if (held !== undefined && now < held.expiresAt) {
        if (now >= held.refreshAt && !isPaused()) void refresh.join(signal);
        return { kind: 'done', value: held.token };
      }
      return logins.trouble() ?? (await refresh.join(signal)) ?? { kind: 'transient', code: 'not-sent' };
    },
    invalidate(token) {
      if (held?.token !== token) return;
      refusedYoung = clock.monotonic() - held.issuedAt < YOUNG_MS ? refusedYoung + 1 : 0;
      held = undefined;
      if (refusedYoung < 2) return;
      // Tokens are revoked for reasons that pass (an administrator, a fault), so this says nothing against the credentials.
      logins.open({ forMs: growingMs(refusedYoung, random()), why: 'fresh tokens are refused' });
      source.warn();
    },
    served() {
      refusedYoung = 0;
    },
    trouble: () => logins.trouble(),
    standing() {
      const now = clock.monotonic();
      const live = held !== undefined && now < held.expiresAt ? held : undefined;
      const ages = live && { ageMs: now - live.issuedAt, expiresInMs: live.expiresAt - now };
      if (refreshing) return { state: 'refreshing', ...ages };
      if (isPaused()) return { state: 'failing', ...ages };
      return { state: live === undefined ? 'none' : 'valid', ...ages };
    },
    breaker: () => logins.state(),
    logins: () => source.logins(),
  };
}
