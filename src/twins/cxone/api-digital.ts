// Owns the digital platform's paths beside its cases: messages in (which make customer, thread and case), and the channels,
// queues, customers and custom fields that may be looked up.

import { isRecord } from '../exchange.ts';
import { type ApiCall, type ApiResult, isRefusal, notFound, type Refusal, type Route } from './api.ts';
import type { Digital, Identity, NewMessage } from './digital.ts';
import { type DigitalRouteParts, digitalSkill, filled, invalid, readFields, writeFields } from './digital-input.ts';
import { caseView, channelView, customerView, messageView } from './digital-views.ts';
import type { Channel, Tenant } from './tenant.ts';

export function digitalRoutes(parts: DigitalRouteParts): readonly Route[] {
  const { digital, tenant, idents } = parts;
  const get = (path: string, handle: Route['handle']): Route => ({ method: 'GET', path, handle });
  const definitions = () => ({ status: 200, body: idents().map(identView) });
  return [
    get('/channels', () => ({ status: 200, body: tenant.channels.map(channelView) })),
    { method: 'POST', path: '/channels/:channelId/messages', handle: (call) => takeMessage(parts, call) },
    {
      method: 'PUT',
      path: '/channels/:channelId/messages/:messageId/status',
      handle: (call) => setMessageStatus(digital, call),
    },
    get('/routing-queues', (call) => listQueues(tenant, call)),
    get('/consumer-contact-custom-fields', definitions),
    get('/customers/custom-field-definitions', definitions),
    get('/customers/:customerId', (call) => {
      const customer = digital.customer(call.param('customerId'));
      if (customer === undefined) return notFound(`Customer ${call.param('customerId')}`);
      return { status: 200, body: customerView(customer, digital.cases()) };
    }),
    {
      method: 'PUT',
      path: '/customers/:customerId/custom-fields',
      handle(call) {
        const customer = digital.customer(call.param('customerId'));
        if (customer === undefined) return notFound(`Customer ${call.param('customerId')}`);
        return writeFields(parts, customer.customFields, call.request.body);
      },
    },
  ];
}

function takeMessage(parts: DigitalRouteParts, call: ApiCall): ApiResult {
  const channel = parts.tenant.channel(call.param('channelId'));
  if (channel === undefined) return notFound(`Channel ${call.param('channelId')}`);
  const message = readMessage(parts, channel, call.request.body);
  if (isRefusal(message)) return message;
  const { of, message: taken } = parts.digital.receive(channel, message);
  return { status: 201, body: { consumerContact: caseView(of), message: messageView(taken, of) } };
}

function readMessage(parts: DigitalRouteParts, channel: Channel, body: unknown): NewMessage | Refusal {
  if (!isRecord(body)) return invalid('body', 'The body must be an object');
  const { idOnExternalPlatform, direction, createdAtWithMilliseconds, thread, messageContent, authorEndUserIdentity } =
    body;
  if (!filled(idOnExternalPlatform)) return invalid('idOnExternalPlatform', 'This value should not be blank');
  if (direction !== 'inbound' && direction !== 'outbound')
    return invalid('direction', 'This value is not a valid choice');
  if (!filled(createdAtWithMilliseconds)) return invalid('createdAtWithMilliseconds', 'This value should not be blank');
  if (!isRecord(thread) || !filled(thread.idOnExternalPlatform)) {
    return invalid('thread.idOnExternalPlatform', 'This value should not be blank');
  }
  if (!isRecord(messageContent) || !filled(messageContent.type) || !isRecord(messageContent.payload)) {
    return invalid('messageContent', 'This value should not be blank');
  }
  const identity = readIdentity(authorEndUserIdentity);
  if (isRefusal(identity)) return identity;
  const contact = isRecord(body.contact) ? body.contact : {};
  const customFields = readFields(parts, contact.customFields ?? []);
  if (isRefusal(customFields)) return customFields;
  const skill = contact.skillId === undefined ? undefined : digitalSkill(parts.tenant, contact.skillId);
  if (contact.skillId !== undefined && skill === undefined)
    return invalid('contact.skillId', 'This skill does not exist');
  return {
    idOnExternalPlatform,
    direction,
    content: { type: messageContent.type, payload: messageContent.payload },
    thread: {
      idOnExternalPlatform: thread.idOnExternalPlatform,
      name: filled(thread.threadName) ? thread.threadName : channel.name,
    },
    identity,
    customFields,
    skill,
  };
}

function readIdentity(value: unknown): Identity | Refusal {
  if (!isRecord(value) || !filled(value.idOnExternalPlatform)) {
    return invalid('authorEndUserIdentity.idOnExternalPlatform', 'This value should not be blank');
  }
  const { idOnExternalPlatform, firstName, lastName, nickname } = value;
  const first = filled(firstName) ? firstName : filled(nickname) ? nickname : '';
  return { idOnExternalPlatform, firstName: first, lastName: filled(lastName) ? lastName : '' };
}

function setMessageStatus(digital: Digital, { request, param }: ApiCall): ApiResult {
  const message = digital.message(param('channelId'), param('messageId'));
  if (message === undefined) return notFound(`Message ${param('messageId')}`);
  const status = isRecord(request.body) ? request.body.status : undefined;
  if (status !== 'delivered' && status !== 'seen' && status !== 'failed') {
    return invalid('status', 'This value is not a valid choice');
  }
  message.status = status;
  return { status: 204 };
}

function listQueues({ skills }: Tenant, { request }: ApiCall): ApiResult {
  const wanted = (request.query.get('nameContains') ?? '').toLowerCase();
  const data = skills.flatMap(({ routingQueueId, name, active }) =>
    routingQueueId !== undefined && name.toLowerCase().includes(wanted)
      ? [{ id: routingQueueId, name, isSubqueue: false, isDeleted: !active }]
      : [],
  );
  const listed = request.query.get('withDeleted') === 'true' ? data : data.filter((each) => !each.isDeleted);
  return { status: 200, body: { hits: listed.length, data: listed } };
}

function identView(ident: string) {
  return { ident, label: ident, type: 'text', required: false, isEditable: true, visibleInPostDetail: true };
}
