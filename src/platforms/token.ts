// Owns one credential's access token: at most one refresh under way, refreshed ahead of its expiry while the old one still
// serves, and a breaker, so that neither an outage nor refused credentials turn into a storm of logins.

import type { Clock } from '../clock.ts';
import type { Failure, Outcome } from '../outcome.ts';
import { backoffMs } from './retry-timing.ts';
import { singleFlight } from './single-flight.ts';

export type Grant = { readonly accessToken: string; readonly expiresInSec: number };

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
};

type Held = {
  readonly token: string;
  readonly issuedAt: number;
  readonly refreshAt: number;
  readonly expiresAt: number;
};
/** No login before `until`. `refusal` is the login's, where it refused the credentials themselves. */
type Pause = { readonly until: number; readonly why: string; readonly refusal?: Failure };

/** Refused credentials are not tried again sooner: permission changes take about five minutes to arrive (Genesys help). */
const REFUSED_PAUSE_MS = 30_000;
const PAUSE = { baseMs: 1_000, capMs: 30_000 };
/** A token that is refused sooner than this was hardly expired: the second such token with no call served between opens the breaker. */
const YOUNG_MS = 10_000;

export function tokenKeeper({ login, clock, random, marginMs }: TokenKeeperOptions): TokenKeeper {
  let held: Held | undefined;
  let pause: Pause | undefined;
  let failures = 0;
  let refusedYoung = 0;
  let loggingIn = false;

  const refresh = singleFlight(async (): Promise<Outcome<string>> => {
    loggingIn = true;
    const grant = await login();
    loggingIn = false;
    const now = clock.monotonic();
    if (grant.kind !== 'done') {
      failures += 1;
      const until = now + pauseMs(grant, failures, random());
      pause = { until, why: `login: ${grant.code}`, ...(grant.kind === 'rejected' ? { refusal: grant } : {}) };
      return notTaken(grant);
    }
    const lifeMs = grant.value.expiresInSec * 1000;
    failures = 0;
    pause = undefined;
    held = {
      token: grant.value.accessToken,
      issuedAt: now,
      refreshAt: now + lifeMs - Math.min(marginMs, lifeMs / 2),
      expiresAt: now + lifeMs,
    };
    return { kind: 'done', value: held.token };
  });

  const paused = (): Failure | undefined => {
    const leftMs = pause === undefined ? 0 : pause.until - clock.monotonic();
    if (pause === undefined || leftMs <= 0) return undefined;
    if (pause.refusal !== undefined) return pause.refusal;
    return { kind: 'transient', code: 'circuit-open', retryAfterMs: Math.ceil(leftMs), detail: pause.why };
  };

  return {
    async current(signal) {
      const now = clock.monotonic();
      if (held !== undefined && now < held.expiresAt) {
        if (now >= held.refreshAt && paused() === undefined) void refresh.join(signal);
        return { kind: 'done', value: held.token };
      }
      return paused() ?? (await refresh.join(signal)) ?? { kind: 'transient', code: 'not-sent' };
    },
    invalidate(token) {
      if (held?.token !== token) return;
      const now = clock.monotonic();
      refusedYoung = now - held.issuedAt < YOUNG_MS ? refusedYoung + 1 : 0;
      held = undefined;
      if (refusedYoung < 2) return;
      // Tokens are revoked for reasons that pass (an administrator, a fault), so this says nothing against the credentials.
      pause = { until: now + ownPauseMs(refusedYoung, random()), why: 'fresh tokens are refused' };
    },
    served() {
      refusedYoung = 0;
    },
    trouble: paused,
    standing() {
      const now = clock.monotonic();
      const live = held !== undefined && now < held.expiresAt ? held : undefined;
      const ages = live && { ageMs: now - live.issuedAt, expiresInMs: live.expiresAt - now };
      if (loggingIn) return { state: 'refreshing', ...ages };
      if (paused() !== undefined) return { state: 'failing', ...ages };
      return { state: live === undefined ? 'none' : 'valid', ...ages };
    },
  };
}

/** Whatever became of a login, the call that wanted the token was not sent. */
function notTaken(failure: Failure): Failure {
  return failure.kind === 'ambiguous' ? { ...failure, kind: 'transient' } : failure;
}

function pauseMs(failure: Failure, failures: number, chance: number): number {
  if (failure.kind === 'rejected') return REFUSED_PAUSE_MS;
  const told = failure.kind === 'transient' ? (failure.retryAfterMs ?? 0) : 0;
  return Math.max(told, ownPauseMs(failures, chance));
}

/** Half of it is sure, so that a lucky draw cannot undo the breaker. */
function ownPauseMs(failures: number, chance: number): number {
  return backoffMs(failures, 0.5 + chance / 2, PAUSE);
}
