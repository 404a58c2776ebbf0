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
  const heardAt = new Map<string, Instant>();

  const heard = (platform: string, at: Instant) => {
    found.delete(platform);
    heardAt.set(platform, at);
  };
  const add = (platform: string, since: Instant, at: Instant) => {
    const before = found.get(platform);
    if (before === undefined || at - before.last > silentMs) found.set(platform, { handoffs: 1, since, last: at });
    else found.set(platform, { ...before, handoffs: before.handoffs + 1, last: at });
  };

  return {
    committed(events) {
      for (const event of events) {
        if (event.actor.startsWith(PLATFORM)) heard(event.actor.slice(PLATFORM.length), event.at);
        const looked = completedByLook(event);
        if (looked === undefined) continue;
        add(looked.platform, event.at, event.at);
        const { to, begunAt } = looked;
        // A transfer always ends by a look at its arrival; of that, the destination's events tell before.
        if (to !== undefined && (heardAt.get(to) ?? Number.NEGATIVE_INFINITY) < begunAt) add(to, begunAt, event.at);
      }
    },
    heard: (platform) => heard(platform, clock.now()),
    unheard(platform) {
      const evidence = found.get(platform);
      const now = clock.now();
      if (evidence === undefined || evidence.handoffs < SEVERAL || now - evidence.last > silentMs) return undefined;
      return now - evidence.since < silentMs ? undefined : { handoffs: evidence.handoffs, since: evidence.since };
    },
  };
}

type Looked = { readonly platform: string; readonly to: string | undefined; readonly begunAt: Instant };

/** The platforms of a handoff that nothing but a look has told us the end of: of a transfer its destination, too. */
function completedByLook({ type, actor, at, clear }: CommittedEvent): Looked | undefined {
  if (type !== 'HandoffSettled' || actor !== 'throughline') return undefined;
  const { platform, to, durationMs, outcome, reason } = JSON.parse(clear) as Record<string, unknown>;
  if (outcome !== 'completed' || reason !== undefined || typeof platform !== 'string') return undefined;
  const begunAt = at - (typeof durationMs === 'number' ? durationMs : 0);
  return { platform, to: typeof to === 'string' ? to : undefined, begunAt };
}
