// Owns what must be true of the platforms for this node to be given work: a token can be had, the events come, and, where no database
// is there to agree with, their clocks and ours agree. It looks by itself, so that what has passed is found out without being asked.

import type { Clock } from './clock.ts';
import type { EventWatch } from './event-watch.ts';
import type { Instant } from './ids.ts';
import type { Failure, Outcome } from './outcome.ts';
import type { ClockOffset } from './platforms/far-clock.ts';
import { CLOCK_OFF_MS } from './protocols/clocks.ts';

export type WatchedPlatform = {
  readonly name: string;
  /** Has an access token, or tries to get one; bounded in time. */
  readonly signIn: () => Promise<Outcome<unknown>>;
  /** How long the socket has been away by which alone its events come; null where there is a hook as well, or no socket. */
  readonly socketAwayMs: () => number | null;
  /** Since when the poll has failed that asks for its events, and by what; null where there is none, or none that fails. */
  readonly pollFailing: () => { readonly ms: number; readonly code: string } | null;
  /** What its answers say of our clock. */
  readonly clockOffset: () => ClockOffset | undefined;
  /** Makes it answer once. */
  readonly askTime: () => Promise<unknown>;
};

export type PlatformCheckOptions = {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly tokenMissingMs: number;
  /** 0: silence is no reason. */
  readonly eventsSilentMs: number;
  readonly events: EventWatch;
  /** Whether an event of the platform was journaled since then, by whatever node. */
  readonly heardByOthers: (platform: string, since: Instant) => Promise<boolean>;
  /** Whether the platforms are the only clocks to compare with. */
  readonly comparesClocks: boolean;
};

const LOOK_EVERY_MS = 5_000;
/** It costs a call of the quota. */
const ASK_TIME_EVERY_MS = 15_000;

/** Looks now and every so often until `signal` aborts. `reasons` are sentences; none when all is well. */
export function platformCheck(
  platforms: readonly WatchedPlatform[],
  options: PlatformCheckOptions,
): { readonly reasons: () => readonly string[] } {
  const { clock, signal, comparesClocks } = options;
  let found: ReadonlyMap<string, readonly string[]> = new Map();
  const missing = new Map<string, number>();
  // What is done at the start brings answers, too.
  let askAt = clock.monotonic() + ASK_TIME_EVERY_MS;
  let known: readonly string[] = [];

  async function lookAt(platform: WatchedPlatform): Promise<readonly string[]> {
    const [token, events] = await Promise.all([
      tokenReason(platform, missing, options),
      eventReason(platform, options),
    ]);
    return [token, events].filter((reason) => reason !== null);
  }

  const unknown = () => (comparesClocks ? platforms.filter(({ clockOffset }) => clockOffset() === undefined) : []);
  /** What was found holds until an answer says otherwise: that none comes is none. */
  const offClock = () => {
    if (comparesClocks && unknown().length < platforms.length) known = clockReasons(platforms);
    return known;
  };

  void (async () => {
    while (!signal.aborted) {
      const looked = await Promise.all(platforms.map(async (one) => [one.name, await lookAt(one)] as const));
      found = new Map(looked);
      // Whoever has no work, or is given none, hears no answers, and would know neither that its clock is off nor that it was put right.
      const ofNone = unknown();
      const toAsk = offClock().length > 0 ? platforms : ofNone;
      if (toAsk.length > 0 && clock.monotonic() >= askAt) {
        await Promise.all(toAsk.map((one) => one.askTime()));
        // Several answers are needed, and what has few of them is soon known.
        askAt = clock.monotonic() + (ofNone.length > 0 ? 0 : ASK_TIME_EVERY_MS);
      }
      await clock.sleep(LOOK_EVERY_MS, signal);
    }
  })();
  return { reasons: () => [...offClock(), ...[...found.values()].flat()] };
}

async function tokenReason(
  { name, signIn }: WatchedPlatform,
  missing: Map<string, number>,
  { clock, tokenMissingMs }: PlatformCheckOptions,
): Promise<string | null> {
  const outcome = await signIn();
  if (outcome.kind === 'done') {
    missing.delete(name);
    return null;
  }
  const since = missing.get(name) ?? clock.monotonic();
  missing.set(name, since);
  if (clock.monotonic() - since < tokenMissingMs) return null;
  return `${name}: no access token can be had (${wordsOf(outcome)}); it is tried again by itself`;
}

async function eventReason(
  { name, socketAwayMs, pollFailing }: WatchedPlatform,
  { events, heardByOthers, eventsSilentMs }: PlatformCheckOptions,
): Promise<string | null> {
  if (eventsSilentMs === 0) return null;
  const awayMs = socketAwayMs() ?? 0;
  if (awayMs >= eventsSilentMs) {
    return `${name}: the socket that brings its events has been away for ${Math.round(awayMs / 1_000)} s; handoffs are confirmed by looks meanwhile`;
  }
  const failed = pollFailing();
  if (failed !== null && failed.ms >= eventsSilentMs) {
    return `${name}: the poll that asks for its events has failed for ${Math.round(failed.ms / 1_000)} s (${failed.code}); handoffs are confirmed by looks meanwhile`;
  }
  const unheard = events.unheard(name);
  if (unheard === undefined) return null;
  if (await heardByOthers(name, unheard.since)) {
    events.heard(name);
    return null;
  }
  return `${name}: its events do not come: the last ${unheard.handoffs} handoffs were confirmed by looks alone (check its hook, the hook’s secret, and what is subscribed)`;
}

/** A platform that does not find ours off has the last word: then it is the other one’s clock. */
function clockReasons(platforms: readonly WatchedPlatform[]): readonly string[] {
  const offsets = platforms.flatMap(({ name, clockOffset }) => {
    const offset = clockOffset();
    return offset === undefined ? [] : [{ name, offMs: offMsOf(offset) }];
  });
  const [first] = offsets;
  if (first === undefined || offsets.some(({ offMs }) => Math.sign(offMs) !== Math.sign(first.offMs))) return [];
  const least = offsets.reduce((one, other) => (Math.abs(other.offMs) < Math.abs(one.offMs) ? other : one));
  if (Math.abs(least.offMs) <= CLOCK_OFF_MS) return [];
  const seconds = (Math.abs(least.offMs) / 1_000).toFixed(1);
  const which = least.offMs > 0 ? 'behind' : 'ahead of';
  return [
    `this machine’s clock is at least ${seconds} s ${which} that of ${least.name}, by the Date header of several answers; at most 1 s is allowed (check NTP)`,
  ];
}

/** The least that it must be; above 0 when we are behind. */
function offMsOf({ fromMs, toMs }: ClockOffset): number {
  if (fromMs > 0) return fromMs;
  return toMs < 0 ? toMs : 0;
}

function wordsOf({ code, detail }: Failure): string {
  return detail === undefined ? code : `${code}: ${detail}`;
}
