// Owns the reading of a call to Genesys Cloud: what it asks for, of which conversation and which of its parties.

import { isRecord, type TwinRequest } from '../../src/twins/exchange.ts';
import type { Asked, CallKind } from './wire-call.ts';

const CONVERSATION = /^\/api\/v2\/conversations\/(?:calls\/)?([^/]+)(.*)$/;
const PARTICIPANT = /^\/participants\/([^/]+)(.*)$/;

export function genesysCall({ method, path, body }: Pick<TwinRequest, 'method' | 'path' | 'body'>): Asked {
  const [, named = null, rest = ''] = CONVERSATION.exec(path) ?? [];
  const id = named === 'callbacks' ? null : named;
  const [, participantId = null, act = rest] = PARTICIPANT.exec(rest) ?? [];
  const kind = id === null ? ofNobody(method, path) : kindOf(method, act);
  const address = kind === 'depart' && isRecord(body) ? { address: String(body.address) } : {};
  return { kind, conversationId: id && decodeURIComponent(id), participantId, ...address };
}

function ofNobody(method: string, path: string): CallKind {
  if (path === '/oauth/token') return 'login';
  if (method === 'POST' && path.endsWith('/conversations/callbacks')) return 'callback';
  if (method !== 'GET') return 'other';
  return /^\/api\/v2\/(?:users|routing\/queues)\/[^/]+$/.test(path) ? 'target' : 'queues';
}

/** By what is done to the conversation, or to one of its parties. */
function kindOf(method: string, act: string): CallKind {
  if (act.endsWith('/uuidata')) return 'along';
  switch (`${method} ${act}`) {
    case 'GET ':
      return 'look';
    case 'PATCH /attributes':
      return 'attributes';
    case 'PUT /tags':
      return 'tag';
    case 'POST /disconnect':
      return 'close';
    case 'POST /replace/queue':
      return 'transfer';
    case 'POST /transfer':
    case 'POST /voice/consult':
      return 'depart';
    case 'PATCH ':
      return 'join';
    case 'DELETE /consult':
      return 'let-go';
    default:
      return 'other';
  }
}
