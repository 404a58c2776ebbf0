// Owns one call to a vendor as the simulation sees it from above: who wrote it, for which handoff, and what became of it, whether
// or not its sender ever heard.

import type { TwinRequest } from '../../src/twins/exchange.ts';
import type { Life } from './life.ts';
import type { Effect } from './vendor-truth.ts';

/**
 * `target`: whether somebody could take a transfer. `transfer`: to a queue. `along`: what goes along with the call. `depart`: to a number
 * outside, blindly or by a consultation, which `join` or `let-go` ends. `beside`, `session` and `resume` are what those need in between. `close`: the
 * end of a whole call. `text` and `find-text`: of a provider of text messages. `note`: of the office that
 * a bot asks.
 */
export type CallKind =
  | 'login'
  | 'queues'
  | 'target'
  | 'look'
  | 'beside'
  | 'attributes'
  | 'tag'
  | 'transfer'
  | 'along'
  | 'depart'
  | 'session'
  | 'join'
  | 'let-go'
  | 'resume'
  | 'close'
  | 'callback'
  | 'text'
  | 'find-text'
  | 'note'
  | 'other';

export type WireCall = {
  readonly kind: CallKind;
  readonly method: string;
  readonly path: string;
  readonly conversationId: string | null;
  readonly participantId: string | null;
  /** Of a departure: where to. */
  readonly address?: string;
  readonly life: Life;
  /** The key of the command that it belongs to. */
  readonly command: string | undefined;
  readonly writtenAt: number;
  /** On its way, at the vendor, or never to arrive. */
  state: 'under-way' | 'landed' | 'lost';
  /** What the vendor answered, heard or not. */
  status?: number;
  /** The transfer it made. */
  effect?: Effect;
  /** What its sender heard. */
  heard?: number | 'never-connected' | 'broken-off';
};

/** What a request asks for, and of whom; of nobody where it is about no conversation. */
export type Asked = Pick<WireCall, 'kind' | 'conversationId' | 'participantId' | 'address'>;
export type ReadCall = (request: TwinRequest) => Asked;

export function wireCall(
  asked: Asked,
  { method, path }: Pick<TwinRequest, 'method' | 'path'>,
  life: Life,
  writtenAt: number,
): WireCall {
  return { ...asked, method, path, life, command: life.command, writtenAt, state: 'under-way' };
}

/** Whether it can no longer move the customer, whatever happens. */
export function isWithoutEffect({ state, effect }: WireCall): boolean {
  if (state === 'lost') return true;
  return state === 'landed' && (effect === undefined || effect.state === 'Failed');
}

/** Answers by which the sender knows that nothing was taken. */
const NOT_TAKEN: ReadonlySet<unknown> = new Set([401, 408, 425, 429, 'never-connected']);

export function isKnownNotTaken({ heard }: WireCall): boolean {
  return NOT_TAKEN.has(heard);
}
