// Owns what a failure of PostgreSQL or of the way to it means: whether the statement provably left nothing behind, whether that
// is unknown, or whether repeating cannot help. Policy reads the code, never the text.

/**
 * `not-taken`: nothing of it stands, and the same may be tried again. `in-doubt`: the answer was lost, so it may stand. `refused`: nothing
 * stands, and trying at once would not help. `bug`: the database does not understand us, or holds what it cannot.
 */
export type PostgresFault = 'not-taken' | 'in-doubt' | 'refused' | 'bug';

/** A connection was not made, so nothing was sent. */
export class NotConnected extends Error {
  constructor(options: { readonly cause: unknown }) {
    super('No connection to PostgreSQL was made.', options);
  }
}

/** PostgreSQL's own codes (appendix A of its manual). */
const NOT_TAKEN: ReadonlySet<string> = new Set([
  '40001', // serialization failure
  '40P01', // deadlock
  '55P03', // lock not available
  '53100', // disk full
  '53200', // out of memory
  '53300', // too many connections
  '57P03', // starting up or shutting down
  '25006', // a standby, or a primary that has become one
]);
/** The session was ended: if the commit was under way, it may have been made. */
const ENDED: ReadonlySet<string> = new Set(['57P01', '57P02', '57P05', '25P03', '25P04']);
/** Bad data, statements that do not fit the schema, what is not supported, damage. */
const BUG_CLASSES: ReadonlySet<string> = new Set(['0A', '21', '22', '23', '42', 'XX']);

export function faultOf(error: unknown): PostgresFault {
  if (error instanceof NotConnected) return isHopeless(codeOf(error.cause)) ? 'refused' : 'not-taken';
  const code = codeOf(error);
  if (NOT_TAKEN.has(code)) return 'not-taken';
  if (!/^[0-9A-Z]{5}$/.test(code) || ENDED.has(code)) return 'in-doubt';
  return BUG_CLASSES.has(code.slice(0, 2)) ? 'bug' : 'refused';
}

/** The login or the database is wrong, and stays so until somebody changes it. */
function isHopeless(code: string): boolean {
  return code.startsWith('28') || code === '3D000' || code === '42501';
}

function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
}

/** Without the address: a URL or a message may hold what a log must not. */
export function faultCode(error: unknown): string {
  const cause = error instanceof NotConnected ? error.cause : error;
  return codeOf(cause) || (cause instanceof Error ? cause.message.slice(0, 80) : 'unknown');
}
