// Owns how a command fails in words that say what to do: what the service answers (RFC 9457 problems) and what a person got
// wrong. Anything else that is thrown is a bug and keeps its stack.

import { z } from 'zod';

/** A failure to be told in one sentence; the command ends with exit code 2. */
export class CommandFailure extends Error {}

/** Nobody answered, or the connection broke before the answer was complete. */
export class Unreachable extends CommandFailure {}

/** The service, or a twin, refused: its problem document as an error. */
export class Refused extends CommandFailure {
  readonly status: number;
  readonly code: string;
  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

const problem = z.looseObject({
  title: z.string().optional(),
  code: z.string().optional(),
  detail: z.string().optional(),
  errors: z.array(z.looseObject({ path: z.string().optional(), message: z.string() })).optional(),
  /** A twin's control surface says just this. */
  error: z.string().optional(),
});

/** The error for an answer that is not 2xx. `asked` is the request's method and path. */
export function refusalOf(status: number, body: string, asked: string): Refused {
  const read = problem.safeParse(fromJson(body));
  const { title, code = 'unknown', detail, errors = [], error } = read.success ? read.data : {};
  const said = [title ?? error ?? 'no reason was given', detail].filter((part) => part !== undefined);
  const faults = errors.map(({ path, message }) => `\n  - ${path ? `${path}: ` : ''}${message}`);
  const hint = status === 401 ? KEY_HINT : '';
  return new Refused(
    status,
    code,
    `${asked} was refused (${status} ${code}): ${said.join('. ')}${faults.join('')}${hint}`,
  );
}

const KEY_HINT =
  '\nGive the key with --key or THROUGHLINE_API_KEY; `npm start` prints it and keeps it in .throughline/api-key.';

/** JSON, or undefined. */
export function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Runs a command's action; a CommandFailure is printed and ends with exit code 2. */
export async function telling(action: () => Promise<void>): Promise<void> {
  try {
    await action();
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
    console.error(error.message);
    process.exitCode = 2;
  }
}
