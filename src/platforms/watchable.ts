// Owns what tells whether a platform can be worked with at all, apart from any conversation: a token, and the time (readiness). Every
// adapter offers the same.

import type { Outcome } from '../outcome.ts';
import type { Credential } from './credential.ts';
import type { ClockOffset } from './far-clock.ts';
import type { Call } from './platform.ts';

export type Watchable = {
  /** Has an access token, or tries to get one. Repeatable. */
  signIn(signal: AbortSignal): Promise<Outcome<null>>;
  /** What its answers say of our clock. */
  clockOffset(): ClockOffset | undefined;
  /** One cheap call, for the time that its answer tells. Repeatable. */
  askTime(call: Call): Promise<void>;
};

export function watchable(credential: Credential, ask: (call: Call) => Promise<unknown>): Watchable {
  return {
    signIn: (signal) => credential.signIn(signal),
    clockOffset: () => credential.clockOffset(),
    async askTime(call) {
      await ask(call);
    },
  };
}
