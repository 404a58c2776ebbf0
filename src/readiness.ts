// Owns whether this node may be given work, and why not: what was found at the start, of the database, and of the platforms. Part of the
// composition root.

import type { Clock } from './clock.ts';
import { databaseCheck } from './database-check.ts';
import { eventWatch } from './event-watch.ts';
import type { Instant } from './ids.ts';
import type { Journal } from './journal/journal.ts';
import type { Road } from './open-platforms.ts';
import { platformCheck } from './platform-check.ts';
import type { Call, Platform } from './platforms/platform.ts';
import type { Watchable } from './platforms/watchable.ts';
import type { QueueRules } from './protocols/queue-rules.ts';
import { type StartCheck, startCheck } from './start-check.ts';

export type Readiness = {
  readonly ready: () => Promise<{ readonly ok: boolean; readonly reasons: readonly string[] }>;
  readonly start: StartCheck;
  /** Resolves after the first look at a database that others share. */
  readonly looked: Promise<void>;
  /** An event of the platform has come. */
  readonly heard: (platform: string) => void;
  /** By what its events come, beside a hook. */
  readonly listens: (platform: string, road: Road) => void;
};

/** `fallbackQueue`: where callers whose transfer failed are put; `callbackQueue`: whose agents call customers back. Both must be there. */
export type WatchedPlatform = {
  readonly platform: Platform & Watchable;
  readonly fallbackQueue?: string;
  readonly callbackQueue?: string;
};

export type ReadinessParts = {
  readonly rules: QueueRules;
  readonly tokenMissingSec: number;
  readonly eventsSilentSec: number;
  /** Whether no other process shares the database. */
  readonly isAlone: boolean;
  readonly hasHook: (platform: string) => boolean;
  readonly journal: Journal;
  readonly databaseNow: () => Promise<Instant>;
  readonly platforms: ReadonlyMap<string, WatchedPlatform>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly report: () => Call;
};

/** Events of the journal that are read back when a platform's seem to be missing here. */
const READ_BACK = 1_000;

export function readiness(parts: ReadinessParts): Readiness {
  const { rules, isAlone, journal, platforms, clock, signal, report } = parts;
  const running = { clock, signal };
  const start = startCheck(
    rules,
    [...platforms.values()].map(({ platform: { name, queues }, fallbackQueue, callbackQueue }) => ({
      name,
      queues: () => queues(report()),
      ...(fallbackQueue !== undefined && { fallbackQueue }),
      ...(callbackQueue !== undefined && { callbackQueue }),
    })),
    running,
  );
  const database = isAlone ? null : databaseCheck(parts.databaseNow, running);
  const eventsSilentMs = parts.eventsSilentSec * 1_000;
  const events = eventWatch({ clock, silentMs: eventsSilentMs });
  journal.onCommit((committed) => events.committed(committed));
  const roads = new Map<string, Road>();
  const awayMs = (name: string) => {
    const road = roads.get(name);
    return road && 'awayMs' in road ? road.awayMs() : null;
  };
  const failing = (name: string) => {
    const road = roads.get(name);
    return road && 'failing' in road ? road.failing() : null;
  };
  const watched = [...platforms].map(
    ([
      name,
      {
        platform: { signIn, clockOffset, askTime },
      },
    ]) => ({
      name,
      signIn: () => signIn(report().signal),
      socketAwayMs: () => (parts.hasHook(name) ? null : awayMs(name)),
      pollFailing: () => failing(name),
      clockOffset,
      askTime: () => askTime(report()),
    }),
  );
  const check = platformCheck(watched, {
    ...running,
    events,
    tokenMissingMs: parts.tokenMissingSec * 1_000,
    eventsSilentMs,
    comparesClocks: isAlone,
    // What cannot be found out is nobody's silence.
    heardByOthers: (platform, since) => wasHeard(journal, platform, since).catch(() => true),
  });
  return {
    async ready() {
      const reasons = [...(database?.reasons() ?? []), ...reasonsOf(start.verdict()), ...check.reasons()];
      return { ok: reasons.length === 0, reasons };
    },
    start,
    looked: database?.looked ?? Promise.resolve(),
    heard: events.heard,
    listens: (platform, road) => void roads.set(platform, road),
  };
}

function reasonsOf(verdict: ReturnType<StartCheck['verdict']>): readonly string[] {
  return 'faults' in verdict ? verdict.faults : ['waiting for platforms to answer', ...verdict.waitingFor];
}

/** Whether any node has journaled what the platform told since then. */
async function wasHeard(journal: Journal, platform: string, since: Instant): Promise<boolean> {
  const last = await journal.lastSeq();
  const events = await journal.feed(Math.max(0, last - READ_BACK), READ_BACK);
  return events.some(({ actor, at }) => actor === `platform:${platform}` && at >= since);
}
