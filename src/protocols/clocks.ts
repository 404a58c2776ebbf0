// Owns how far the clocks of two nodes may be apart, and with it what is allowed for wherever one node judges an instant that
// another one wrote: when a lease has run out, and when a call has been given up (H5). A node that is further off is not ready.

/** How far a node's clock may be from the database's. */
export const CLOCK_OFF_MS = 1_000;

/** One ahead and one behind. */
export const CLOCKS_APART_MS = 2 * CLOCK_OFF_MS;
