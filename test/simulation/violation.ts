// Owns what the oracles say when a promise is broken: which invariant, what was seen, and whom it concerns.

export type Invariant =
  | 'H1'
  | 'H2'
  | 'H3'
  | 'H4'
  | 'H5'
  | 'H6'
  | 'H7'
  | 'H8'
  | 'fence'
  | 'repeats'
  | 'poison'
  | 'erasure'
  | 'acknowledged'
  | 'purge'
  | 'hours'
  | 'suppressed'
  | 'fault';

export class Violation extends Error {
  readonly invariant: Invariant;
  /** Ids of interactions and conversations, by which the trace is shortened. */
  readonly concerns: readonly string[];

  constructor(invariant: Invariant, message: string, concerns: readonly string[] = []) {
    super(message);
    this.invariant = invariant;
    this.concerns = concerns;
  }
}
