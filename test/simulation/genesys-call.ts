// Owns the reading of a call to Genesys Cloud: what it asks for, of which conversation and which of its parties.

import type { TwinRequest } from '../../src/twins/exchange.ts';
import type { Asked, CallKind } from './wire-call.ts';

const CONVERSATION = /^\/api\/v2\/conversations\/([^/]+)(.*)$/;
const PARTICIPANT = /^\/participants\/([^/]+)/;

export function genesysCall({ method, path }: Pick<TwinRequest, 'method' | 'path'>): Asked {
  const [, named = null, rest = ''] = CONVERSATION.exec(path) ?? [];
  const id = named === 'callbacks' ? null : named;
  const conversationId = id && decodeURIComponent(id);
  const participantId = PARTICIPANT.exec(rest)?.[1] ?? null;
  return { kind: kindOf(method, path, rest, id), conversationId, participantId };
}

function kindOf(method: string, path: string, rest: string, conversationId: string | null): CallKind {
  if (path === '/oauth/token') return 'login';
  if (conversationId === null && path.endsWith('/conversations/callbacks')) return 'callback';
  if (conversationId === null) return method === 'GET' ? 'queues' : 'other';
  if (method === 'GET' && rest === '') return 'look';
  if (method === 'PATCH' && rest.endsWith('/attributes')) return 'attributes';
  if (method === 'PUT' && rest === '/tags') return 'tag';
  if (method === 'POST' && rest === '/disconnect') return 'close';
  return method === 'POST' && rest.endsWith('/replace/queue') ? 'transfer' : 'other';
}
