// Owns one call to the vendor as the simulation sees it from above: who wrote it, for which handoff, and what became of it, whether
// or not its sender ever heard.

import type { Transfer } from '../../src/twins/genesys/conversation.ts';
import type { Life } from './life.ts';

export type CallKind = 'login' | 'queues' | 'look' | 'attributes' | 'tag' | 'transfer' | 'other';

export type WireCall = {
  readonly kind: CallKind;
  readonly method: string;
  readonly path: string;
  readonly conversationId: string | null;
  readonly participantId: string | null;
  readonly life: Life;
  /** The key of the command that it belongs to. */
  readonly command: string | undefined;
  readonly writtenAt: number;
  /** On its way, at the vendor, or never to arrive. */
  state: 'under-way' | 'landed' | 'lost';
  /** What the vendor answered, heard or not. */
  status?: number;
  /** The transfer it made. */
  effect?: Transfer;
  /** What its sender heard. */
  heard?: number | 'never-connected' | 'broken-off';
};

const CONVERSATION = /^\/api\/v2\/conversations\/([^/]+)(.*)$/;
const PARTICIPANT = /^\/participants\/([^/]+)/;

export function wireCall(method: string, path: string, life: Life, writtenAt: number): WireCall {
  const [, id = null, rest = ''] = CONVERSATION.exec(path) ?? [];
  const conversationId = id && decodeURIComponent(id);
  const participantId = PARTICIPANT.exec(rest)?.[1] ?? null;
  return {
    kind: kindOf(method, path, rest, id),
    method,
    path,
    conversationId,
    participantId,
    life,
    command: life.command,
    writtenAt,
    state: 'under-way',
  };
}

function kindOf(method: string, path: string, rest: string, conversationId: string | null): CallKind {
  if (path === '/oauth/token') return 'login';
  if (conversationId === null) return method === 'GET' ? 'queues' : 'other';
  if (method === 'GET' && rest === '') return 'look';
  if (method === 'PATCH' && rest.endsWith('/attributes')) return 'attributes';
  if (method === 'PUT' && rest === '/tags') return 'tag';
  return method === 'POST' && rest.endsWith('/replace/queue') ? 'transfer' : 'other';
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
