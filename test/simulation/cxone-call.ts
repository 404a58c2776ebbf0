// Owns the reading of a call to NICE CXone: what it asks for, and of which contact. A script is told by a signal, whose first parameter
// says what; an agent's own acts name their session, and not always a contact.

import { isRecord, type TwinRequest } from '../../src/twins/exchange.ts';
import type { Asked, CallKind } from './wire-call.ts';

const ACD = /^\/incontactapi\/services\/v[\d.]+(\/.*)$/i;
const SIGNALS: Readonly<Record<string, CallKind>> = {
  Context: 'attributes',
  Transfer: 'depart',
  Escalate: 'transfer',
  Requeue: 'transfer',
};
const IN_SESSION = /^\/agent-sessions\/[^/]+\/(?:interactions\/(\d+)\/)?(dial-phone|transfer-calls|end|resume)$/;
const JOIN = '/agent-sessions/join';

export function cxoneCall({ method, path, body }: Pick<TwinRequest, 'method' | 'path' | 'body'>): Asked {
  const [, acd] = ACD.exec(path) ?? [];
  if (acd === undefined) return of('login');
  const fields = isRecord(body) ? body : {};
  const [, signalled] = /^\/interactions\/(\d+)\/signal$/.exec(acd) ?? [];
  if (signalled !== undefined) return asked(SIGNALS[String(fields.p1)] ?? 'other', signalled, fields.p2);
  const [, looked, beside] = /^\/contacts\/(\d+)(\/hierarchy|\/custom-data)?$/.exec(acd) ?? [];
  if (method === 'GET' && looked !== undefined) return of(beside === undefined ? 'look' : 'beside', looked);
  const target = /^\/(?:agents\/\d+\/states|skills\/\d+\/activity)$/.test(acd);
  if (method === 'GET') return of(target ? 'target' : 'queues');
  if (acd.startsWith(JOIN)) return of('session');
  return inSession(acd, fields);
}

function inSession(acd: string, fields: Readonly<Record<string, unknown>>): Asked {
  const [, contact = null, act] = IN_SESSION.exec(acd.replace('/interactions/transfer-calls', '/transfer-calls')) ?? [];
  switch (act) {
    case 'dial-phone':
      return asked('depart', String(fields.parentContactId), fields.phoneNumber);
    case 'transfer-calls':
      return of('join');
    case 'end':
      return of('let-go', contact);
    case 'resume':
      return of('resume', contact);
    default:
      return of('other', contact);
  }
}

function of(kind: CallKind, conversationId: string | null = null): Asked {
  return { kind, conversationId, participantId: null };
}

function asked(kind: CallKind, conversationId: string, address: unknown): Asked {
  return { ...of(kind, conversationId), ...(kind === 'depart' && { address: String(address) }) };
}
