// Owns the list of customers who may not be texted, as a port (types only): whoever keeps it keeps numbers as keyed hashes, and
// for good, since an erasure does not withdraw a STOP.

export interface Suppression {
  /** Rejects when the list cannot be read: then nothing is sent. */
  has(number: string): Promise<boolean>;
  /** Durable once it resolves. Adding twice is adding once. */
  add(number: string, cause: 'keyword' | 'vendor'): Promise<void>;
  /** The customer said START. */
  lift(number: string): Promise<void>;
}
