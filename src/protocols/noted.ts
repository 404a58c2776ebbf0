// Owns what every event adds to the move that it belongs to: its line in the timeline, and the vendor's time.

import type { Event } from './event.ts';
import type { Move } from './move.ts';

/** The move `after` the event, with it in its timeline and the vendor's time added up: one copy of it for each event. */
export function noted<One extends Move>(before: Move, event: Event, after: One): One {
  const { step } = before.progress;
  const allTheirs = before.kind === 'escalation' && (step === 'confirming' || step === 'awaiting-flow');
  const counted = !allTheirs && 'vendorMs' in event;
  return {
    ...after,
    vendorMs: after.vendorMs + (counted ? event.vendorMs : 0) + waitedBetween(before, event.at),
    timeline: [...after.timeline, { at: event.at, event: event.type }],
  };
}

/** While neither side of a transfer has anything to show yet, its flow takes its time, or its agents talk, all of the time is theirs. */
function waitedBetween({ kind, progress: { step, task }, timeline }: Move, at: number): number {
  const theirs = step === 'reconciling' || step === 'consulting' || step === 'awaiting-flow';
  const waits = kind === 'transfer' && theirs && task.kind === 'waiting';
  return waits ? Math.max(0, at - (timeline.at(-1)?.at ?? at)) : 0;
}
