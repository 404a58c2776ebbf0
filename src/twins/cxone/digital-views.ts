// Owns how cases, messages, customers and channels look in the digital platform's answers, in its published field names.

import type { Case, Customer, CustomFields, Identity, Message } from './digital.ts';
import type { Agent, Channel } from './tenant.ts';
import { iso } from './views.ts';

export function caseView(of: Case) {
  const { contact, customer } = of;
  const assignee = contact.state.kind === 'active' ? contact.state.agent : undefined;
  const queue = contact.skill ?? contact.defaultSkill;
  return {
    id: of.number,
    contactId: String(contact.id),
    customerContactId: customer.id,
    interactionId: of.interactionId,
    channelId: of.channel.id,
    direction: 'inbound',
    createdAt: iso(contact.startedAt),
    status: of.status,
    statusUpdatedAt: iso(of.statusUpdatedAt),
    customFields: fieldList(of.customFields),
    authorEndUserIdentity: identityView(customer.identity),
    endUser: { id: customer.id, ...nameView(customer.identity) },
    ...(contact.state.kind === 'script' ? {} : { routingQueueId: queue.routingQueueId }),
    ...(assignee === undefined ? {} : { inboxAssigneeUser: userView(assignee) }),
    threadId: of.thread.id,
    threadIdOnExternalPlatform: of.thread.idOnExternalPlatform,
  };
}

export function messageView(message: Message, of: Case) {
  return {
    id: message.id,
    ...(message.idOnExternalPlatform === undefined ? {} : { idOnExternalPlatform: message.idOnExternalPlatform }),
    direction: message.direction,
    createdAt: iso(message.createdAt),
    createdAtWithMilliseconds: iso(message.createdAt),
    messageContent: { fallbackText: '', postback: '', ...message.content },
    contactNumber: of.number,
    channel: { id: of.channel.id },
    threadId: of.thread.id,
    threadIdOnExternalPlatform: of.thread.idOnExternalPlatform,
    ...(message.author === undefined
      ? { authorEndUserIdentity: identityView(of.customer.identity) }
      : { authorUser: userView(message.author) }),
  };
}

export function customerView(customer: Customer, cases: Iterable<Case>) {
  const messages = [...cases].flatMap((each) => (each.customer === customer ? each.messages : []));
  const inbound = messages.filter((each) => each.direction === 'inbound').length;
  return {
    id: customer.id,
    updatedAt: iso(customer.updatedAt),
    ...nameView(customer.identity),
    customFields: fieldList(customer.customFields),
    identities: [identityView(customer.identity)],
    messageStatistics: { inbound, outbound: messages.length - inbound },
    sentimentStatistics: { positive: 0, neutral: messages.length, negative: 0 },
  };
}

export function channelView(channel: Channel) {
  return {
    id: channel.id,
    idOnExternalPlatform: channel.idOnExternalPlatform,
    realExternalPlatformId: channel.realExternalPlatformId,
    name: channel.name,
    channelIntegrationId: channel.channelIntegrationId,
    hasTreeStructure: false,
    contentFormat: 'plain',
    isPrivate: true,
    isLiveChat: channel.realExternalPlatformId === 'chat',
    hasOutboundFlow: false,
    studioScript: 'Throughline_Digital',
    defaultSkillId: channel.defaultSkill.id,
  };
}

/** Another number than the ACD's, as at the vendor. */
export function digitalUserId({ id }: Agent): number {
  return 100_000 + id;
}

function userView(agent: Agent) {
  const [firstName = '', ...rest] = agent.name.split(' ');
  return {
    id: digitalUserId(agent),
    incontactId: agent.userId,
    emailAddress: '',
    loginUsername: '',
    firstName,
    surname: rest.join(' '),
    isBotUser: false,
    isSurveyUser: false,
  };
}

function identityView({ idOnExternalPlatform, firstName, lastName }: Identity) {
  return { idOnExternalPlatform, firstName, lastName };
}

function nameView({ firstName, lastName }: Identity) {
  return { firstName, surname: lastName, fullName: `${firstName} ${lastName}`.trim() };
}

function fieldList(fields: CustomFields) {
  return Object.entries(fields).map(([ident, { value, updatedAt }]) => ({ ident, value, updatedAt: iso(updatedAt) }));
}
