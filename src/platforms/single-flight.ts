// Owns "one at a time for everybody": callers who want the same thing share one run of it, and a caller who gives up leaves
// the run to the others. The run itself ends by its own limits, never by a caller's signal.

export type SingleFlight<Value> = {
  /** Joins the run under way or starts one. Undefined when the caller's signal aborts first. Never rejects for an abort. */
  join(signal: AbortSignal): Promise<Value | undefined>;
};

/** `run` must not reject: what can go wrong is part of its value. */
export function singleFlight<Value>(run: () => Promise<Value>): SingleFlight<Value> {
  let underWay: Promise<Value> | undefined;
  return {
    join(signal) {
      underWay ??= run().finally(() => {
        underWay = undefined;
      });
      return unlessAborted(underWay, signal);
    },
  };
}

function unlessAborted<Value>(flight: Promise<Value>, signal: AbortSignal): Promise<Value | undefined> {
  if (signal.aborted) return Promise.resolve(undefined);
  return new Promise((resolve, reject) => {
    const giveUp = () => resolve(undefined);
    signal.addEventListener('abort', giveUp, { once: true });
    flight.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp));
  });
}
