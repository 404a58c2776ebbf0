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

/** NICE help, UPDATE CUSTOM FIELD: what a value may hold, in characters. */
const FIELD_CHARACTERS = 1_024;
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
  const write = async (externalId: ExternalId, fields: readonly WireCustomField[], call: Call) => {
    const long = fields.find(({ value }) => value.length > FIELD_CHARACTERS);
    if (long !== undefined) return bad(`the custom field ${long.ident} holds ${FIELD_CHARACTERS} characters`);
    const path = `${casePath(externalId)}/custom-fields`;
    const written = taken(await line.digital({ method: 'PUT', path, body: fields }, call));
    return written.kind === 'rejected' && written.code === 'bad-request' ? unknownField(written, fields) : written;
  };

  return {
    look: ({ externalId }, call) => look(externalId, call),
    attachContext({ externalId }, { attributes, tag }, call) {
      const fields = Object.entries(attributes).map(([ident, value]) => ({ ident, value }));
      return write(externalId, tagField === undefined ? fields : [...fields, { ident: tagField, value: tag }], call);
    },
    async overwriteContext({ externalId }, overwrite, call) {
      const names = overwrite.what === 'attributes' ? overwrite.names : tagField === undefined ? [] : [tagField];
      if (names.length === 0) {
        const found = await read(externalId, call);
        return found.kind === 'done' ? { kind: 'done', value: null } : found;
      }
      return write(
        externalId,
        names.map((ident) => ({ ident, value: '' })),
        call,
      );
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

/** Idents must exist beforehand, and the whole list is refused for one that does not. */
function unknownField(refused: Failure, fields: readonly WireCustomField[]): Failure {
  const idents = fields.map(({ ident }) => ident).join(', ');
  return {
    ...refused,
    detail: [refused.detail, `Custom fields that must exist in the tenant: ${idents}.`].join(' ').trim(),
  };
}
