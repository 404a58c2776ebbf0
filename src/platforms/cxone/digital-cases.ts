// Owns what is done with a case of the digital side (DFO 3.0). Unlike a call it is moved, marked and closed by plain REST. Where it is
// the case says only in part: its contact in the ACD has the queue and the agent under the ids that scripts and polls use.

import type { ConversationView, Party } from '../../context/conversation.ts';
import type { AgentId, ExternalId, QueueId } from '../../ids.ts';
import type { Failure, Outcome } from '../../outcome.ts';
import type { HttpAnswer } from '../http.ts';
import type { Call } from '../platform.ts';
import { readAs } from '../read-as.ts';
import type { ContactReading } from './contact-reading.ts';
import { contactView, PARTY } from './contact-view.ts';
import { FIELD_CHARACTERS, readCustomFields } from './custom-fields.ts';
import type { CxoneLine } from './cxone-line.ts';
import {
  type WireCase,
  type WireCaseStatus,
  type WireCustomField,
  type WireRoutingQueue,
  wireCase,
} from './cxone-wire.ts';
import type { SkillDirectory } from './skill-directory.ts';
import type { ContactActs } from './voice-contacts.ts';

type Written = Outcome<{ readonly unwritten: readonly string[] } | null>;
const NOTHING_LEFT = { kind: 'done', value: null } as const;
const OVER: ReadonlySet<string> = new Set(['closed', 'trashed', 'resolved']);

export type DigitalCasesOptions = {
  readonly line: Pick<CxoneLine, 'digital'>;
  readonly contacts: Pick<ContactReading, 'current'>;
  readonly skills: Pick<SkillDirectory, 'byRoutingQueue'>;
  /** The custom field that carries our id, where the tenant has one. */
  readonly tagField: string | undefined;
};

export function digitalCases({ line, contacts, skills, tagField }: DigitalCasesOptions): ContactActs {
  const read = async (externalId: ExternalId, call: Call): Promise<Outcome<WireCase>> => {
    if (!/^[\w-]{1,64}$/.test(externalId)) return { kind: 'rejected', code: 'not-found' };
    return readAs(wireCase, await line.digital({ method: 'GET', path: casePath(externalId) }, call));
  };
  const look = async (externalId: ExternalId, call: Call): Promise<Outcome<ConversationView>> => {
    const found = await read(externalId, call);
    if (found.kind !== 'done') return found;
    const { contactId } = found.value;
    const contact = contactId === undefined ? undefined : await contacts.current(contactId, call);
    if (contact !== undefined && contact.kind !== 'done' && contact.kind !== 'rejected') return contact;
    const alone = caseView(found.value, externalId, skills.byRoutingQueue);
    if (contact?.kind !== 'done') return { kind: 'done', value: alone };
    const view = contactView(contact.value, externalId);
    return { kind: 'done', value: alone.ended ? ended(view) : withBot(view, found.value) };
  };
  const write = fieldWriting(line);

  return {
    look: ({ externalId }, call) => look(externalId, call),
    attachContext({ externalId }, { attributes, tag }, call) {
      const all = { ...attributes, ...(tagField !== undefined && { [tagField]: tag }) };
      return write(
        externalId,
        Object.entries(all).map(([ident, value]) => ({ ident, value })),
        call,
      );
    },
    /** A field that is not there (any more) holds nothing. */
    async overwriteContext({ externalId }, overwrite, call) {
      const names = overwrite.what === 'attributes' ? overwrite.names : tagField === undefined ? [] : [tagField];
      if (names.length === 0) {
        const found = await read(externalId, call);
        return found.kind === 'done' ? { kind: 'done', value: null } : found;
      }
      const emptied = await write(
        externalId,
        names.map((ident) => ({ ident, value: '' })),
        call,
      );
      return emptied.kind === 'done' ? { kind: 'done', value: null } : emptied;
    },
    async transferToQueue({ externalId }, { leaving, queue }, call) {
      const now = await look(externalId, call);
      if (now.kind !== 'done') return now;
      const isHere = now.value.parties.some((party) => party.id === leaving && party.state !== 'ended');
      if (!isHere) return { kind: 'rejected', code: 'conflict', detail: 'who should leave is not there' };
      const body: WireRoutingQueue = { skillId: Number(queue.id) };
      return taken(await line.digital({ method: 'PUT', path: `${casePath(externalId)}/routing-queue`, body }, call));
    },
    transferAway: async () => bad('a digital case cannot leave for a number'),
    endConsult: async () => bad('a digital case is consulted about by nobody'),
    async closeLeg({ externalId }, call) {
      const body: WireCaseStatus = { status: 'closed' };
      return taken(await line.digital({ method: 'PUT', path: `${casePath(externalId)}/status`, body }, call));
    },
  };
}

/** Writes what the tenant has fields for: one that is not there must not keep the rest, and the customer, where they are. */
function fieldWriting(line: Pick<CxoneLine, 'digital'>) {
  const put = async (externalId: ExternalId, fields: readonly WireCustomField[], call: Call): Promise<Outcome<null>> =>
    taken(await line.digital({ method: 'PUT', path: `${casePath(externalId)}/custom-fields`, body: fields }, call));
  return async (externalId: ExternalId, fields: readonly WireCustomField[], call: Call): Promise<Written> => {
    const long = fields.find(({ value }) => value.length > FIELD_CHARACTERS);
    if (long !== undefined) return bad(`the custom field ${long.ident} holds ${FIELD_CHARACTERS} characters`);
    const written = await put(externalId, fields, call);
    if (written.kind !== 'rejected' || written.code !== 'bad-request') return written;
    // One that the tenant has not made, most likely: that costs the customer nothing but what would have stood in it.
    const made = await readCustomFields(line, call);
    if (made.kind !== 'done') return isNoList(made) ? unknownField(written, fields) : made;
    const known = fields.filter(({ ident }) => made.value.has(ident));
    if (known.length === fields.length) return unknownField(written, fields);
    const unwritten = fields.flatMap(({ ident }) => (made.value.has(ident) ? [] : [ident]));
    const again = known.length === 0 ? NOTHING_LEFT : await put(externalId, known, call);
    return again.kind === 'done' ? { kind: 'done', value: { unwritten } } : again;
  };
}

function casePath(externalId: ExternalId): string {
  return `/contacts/${encodeURIComponent(externalId)}`;
}

/** What the case alone tells. Its assignee's `incontactId` is another key than the ACD's, so it names nobody who could be found there. */
function caseView(
  wire: WireCase,
  externalId: ExternalId,
  skillOf: (routingQueueId: string) => QueueId | undefined,
): ConversationView {
  const id = wire.contactId ?? externalId;
  const over = OVER.has(wire.status ?? '');
  const assignee = wire.inboxAssigneeUser ?? undefined;
  const isBot = assignee?.isBotUser === true;
  const queueId = wire.routingQueueId === undefined ? undefined : skillOf(wire.routingQueueId);
  const here = (is: boolean): Party['state'] => (is && !over ? 'connected' : 'ended');
  const person = isBot ? undefined : assignee?.id;
  const parties: Party[] = [
    { id: PARTY.customer(externalId), role: 'customer', state: here(true) },
    { id: PARTY.script(id), role: 'bot', state: here(isBot || (!assignee && queueId === undefined)) },
    ...(queueId === undefined
      ? []
      : [{ id: PARTY.queue(id, queueId), role: 'queue', state: here(assignee === undefined), queueId } as const]),
    ...(person === undefined
      ? []
      : [{ id: PARTY.agent(id, person), role: 'agent', state: here(true), agentId: person as AgentId } as const]),
  ];
  return { ended: over, parties, transfers: [] };
}

/** A bot user that is assigned is a bot, whatever the ACD calls it. */
function withBot(view: ConversationView, { inboxAssigneeUser }: WireCase): ConversationView {
  if (inboxAssigneeUser?.isBotUser !== true) return view;
  const parties = view.parties.map((party) => (party.role === 'agent' ? { ...party, role: 'bot' as const } : party));
  return { ...view, parties };
}

function ended(view: ConversationView): ConversationView {
  return { ...view, ended: true, parties: view.parties.map((party) => ({ ...party, state: 'ended' })) };
}

function taken(outcome: Outcome<HttpAnswer>): Outcome<null> {
  return outcome.kind === 'done' ? { kind: 'done', value: null } : outcome;
}

function bad(detail: string): Failure {
  return { kind: 'rejected', code: 'bad-request', detail };
}

/** The key's user may not read which there are, or nobody can. */
function isNoList({ kind, code }: Failure): boolean {
  return kind === 'rejected' || code === 'unexpected-answer';
}

/** Idents must exist beforehand, and the whole list is refused for one that does not. */
function unknownField(refused: Failure, fields: readonly WireCustomField[]): Failure {
  const idents = fields.map(({ ident }) => ident).join(', ');
  return {
    ...refused,
    detail: [refused.detail, `Custom fields that must exist in the tenant: ${idents}.`].join(' ').trim(),
  };
}
