// Owns the judgement whether a platform's events come. Silence says nothing: an idle contact center has none to tell. That handoffs
// were completed by looks alone, which events should have told of first, does.

import type { Clock } from './clock.ts';
import type { Instant } from './ids.ts';
import type { CommittedEvent } from './journal/journal.ts';

/** What was completed by looks since an event was heard. */
export type Unheard = { readonly handoffs: number; readonly since: Instant };

export type EventWatch = {
  /** What this node has committed. */
  committed(events: readonly CommittedEvent[]): void;
  /** An event of the platform has come, here or to another node. */
  heard(platform: string): void;
  /** The evidence that events are missing; undefined where there is none, or none of late. */
  unheard(platform: string): Unheard | undefined;
};

/** Before a platform's name, where it is what told us of something. */
const PLATFORM = 'platform:';
/** A look may be the faster one now and then. */
const SEVERAL = 3;

type Evidence = Unheard & { readonly last: Instant };

/** Silent is what has not been heard for `silentMs`; evidence that is older than that has lapsed. */
export function eventWatch({ clock, silentMs }: { readonly clock: Clock; readonly silentMs: number }): EventWatch {
  const found = new Map<string, Evidence>();

  const add = (platform: string, at: Instant) => {
    const before = found.get(platform);
    if (before === undefined || at - before.last > silentMs) found.set(platform, { handoffs: 1, since: at, last: at });
    else found.set(platform, { ...before, handoffs: before.handoffs + 1, last: at });
  };

  return {
    committed(events) {
      for (const event of events) {
        if (event.actor.startsWith(PLATFORM)) found.delete(event.actor.slice(PLATFORM.length));
        const platform = completedByLook(event);
        if (platform !== undefined) add(platform, event.at);
      }
    },
    heard: (platform) => void found.delete(platform),
    unheard(platform) {
      const evidence = found.get(platform);
      const now = clock.now();
      if (evidence === undefined || evidence.handoffs < SEVERAL || now - evidence.last > silentMs) return undefined;
      return now - evidence.since < silentMs ? undefined : { handoffs: evidence.handoffs, since: evidence.since };
    },
  };
}

/** The platform of a handoff that nothing but a look has told us the end of. */
function completedByLook({ type, actor, clear }: CommittedEvent): string | undefined {
  if (type !== 'HandoffSettled' || actor !== 'throughline') return undefined;
  const { platform, outcome, reason } = JSON.parse(clear) as Record<string, unknown>;
  return outcome === 'completed' && reason === undefined && typeof platform === 'string' ? platform : undefined;
}
