// Owns how a contact looks on the control surface: everything at once, in texts where a test compares with texts.

import type { Contact, JoinedLeg } from './contact.ts';
import type { Case } from './digital.ts';
import { customDataRows, iso, placeOf } from './views.ts';

export function twinView(contact: Contact, of: Case | undefined) {
  const { state } = contact;
  return {
    contactId: String(contact.id),
    masterContactId: String(contact.masterId),
    parentContactId: contact.parent === undefined ? null : String(contact.parent.id),
    contactNumber: of?.number ?? null,
    interactionId: of?.interactionId ?? null,
    channel: of?.channel.id ?? contact.media,
    media: contact.media,
    from: contact.from,
    to: contact.to,
    pointOfContact: contact.pointOfContact?.description ?? null,
    script: contact.script,
    ...placeOf(contact),
    ended: state.kind === 'ended',
    endReason: state.kind === 'ended' ? state.why : null,
    startedAt: iso(contact.startedAt),
    endedAt: state.kind === 'ended' ? iso(state.at) : null,
    updatedAt: iso(contact.updatedAt),
    lookedAt: contact.lookedAt === undefined ? null : iso(contact.lookedAt),
    token: contact.token ?? null,
    variables: contact.variables,
    customFields: Object.fromEntries(
      Object.entries(of?.customFields ?? {}).map(([ident, { value }]) => [ident, value]),
    ),
    customData: customDataRows(contact),
    tags: [...contact.tags],
    disposition: contact.disposition ?? null,
    signals: contact.signals.map(({ at, params, effect }) => ({ at: iso(at), params, effect })),
    popped: contact.popped.map(({ at, agent, url }) => ({ at: iso(at), agentId: String(agent.id), url })),
    transfers: contact.transfers.map(({ at, ...rest }) => ({ at: iso(at), ...rest })),
    legs: contact.legs.map(legView),
    calls: contact.calls.map(({ id }) => String(id)),
    held: state.kind === 'active' && state.held,
    conference: contact.conference,
    refusals: contact.refusals,
    moves: contact.moves,
    ...(of === undefined ? {} : digitalView(of)),
  };
}

function legView({ direction, number, uui, state, why, leg }: JoinedLeg) {
  return { callId: leg.id, direction, number, uui: uui ?? null, state, why: why ?? null };
}

function digitalView(of: Case) {
  return {
    status: of.status,
    thread: of.thread.idOnExternalPlatform,
    customerId: of.customer.id,
    messages: of.messages.map(({ id, idOnExternalPlatform, direction, content, status, author }) => ({
      id,
      idOnExternalPlatform: idOnExternalPlatform ?? null,
      direction,
      text: content.payload.text ?? null,
      author: author?.name ?? null,
      status,
    })),
  };
}
