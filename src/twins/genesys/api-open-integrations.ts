// Owns the vendor's paths by which open messaging integrations are set up, and how long a customer's conversation goes on.

import type { TwinRequest } from '../exchange.ts';
import { isRecord } from '../exchange.ts';
import { type ApiCall, type ApiResult, notFound, type Refusal, type Route, refuse } from './api.ts';
import { isRefusal, objectBody, stringMap } from './api-conversations.ts';
import { page } from './api-directory.ts';
import {
  type IntegrationSettings,
  type OpenIntegration,
  type OpenIntegrations,
  SHORTEST_SECRET,
} from './open-integrations.ts';
import type { OpenMessages } from './open-messages.ts';
import type { WireThreadingWindow } from './open-schema.ts';
import { wireIntegration } from './open-views.ts';

const BASE = '/api/v2/conversations/messaging';
const LIST = `${BASE}/integrations/open`;
const LONGEST_WINDOW_MINUTES = 72 * 60;

export function openIntegrationRoutes(integrations: OpenIntegrations, open: OpenMessages): readonly Route[] {
  const one = (method: string, handle: (integration: OpenIntegration, call: ApiCall) => ApiResult): Route => ({
    method,
    path: `${LIST}/:iid`,
    handle(call) {
      const integration = integrations.get(call.param('iid'));
      return integration === undefined ? notFound(`integration ${call.param('iid')}`) : handle(integration, call);
    },
  });
  return [
    { method: 'GET', path: LIST, handle: (call) => page(call, integrations.all().map(wireIntegration)) },
    {
      method: 'POST',
      path: LIST,
      handle({ request }) {
        const asked = readSettings(request);
        if (isRefusal(asked)) return asked;
        const { name, webhookUrl, secret, headers = {} } = asked;
        if (name === undefined || webhookUrl === undefined || secret === undefined)
          return refuse(400, 'bad.request', 'name, the webhook’s URL and its secret token are required');
        return { status: 200, body: wireIntegration(integrations.add({ name, webhookUrl, secret, headers })) };
      },
    },
    one('GET', (integration) => ({ status: 200, body: wireIntegration(integration) })),
    one('PATCH', (integration, { request }) => {
      const asked = readSettings(request);
      if (isRefusal(asked)) return asked;
      integrations.change(integration, asked);
      return { status: 200, body: wireIntegration(integration) };
    }),
    one('DELETE', ({ id }) => {
      integrations.remove(id);
      return { status: 204 };
    }),
    { method: 'GET', path: `${BASE}/threadingtimeline`, handle: () => ({ status: 200, body: wireWindow(open) }) },
    { method: 'PUT', path: `${BASE}/threadingtimeline`, handle: ({ request }) => setWindow(open, request) },
  ];
}

/** What is given of an integration, checked. */
function readSettings(request: TwinRequest): Partial<IntegrationSettings> | Refusal {
  const body = objectBody(request);
  if (isRefusal(body)) return body;
  const { name, webhookHeaders } = body;
  const webhookUrl = body.outboundNotificationWebhookUrl;
  const secret = body.outboundNotificationWebhookSignatureSecretToken;
  if (webhookUrl !== undefined && (typeof webhookUrl !== 'string' || !URL.canParse(webhookUrl)))
    return refuse(400, 'bad.request', 'outboundNotificationWebhookUrl must be a URL');
  if (secret !== undefined && (typeof secret !== 'string' || secret.length < SHORTEST_SECRET))
    return refuse(400, 'bad.request', 'The signature secret token must be longer than 15 characters');
  const headers = webhookHeaders === undefined ? undefined : stringMap(webhookHeaders);
  if (webhookHeaders !== undefined && headers === undefined)
    return refuse(400, 'bad.request', 'webhookHeaders must be a map of strings');
  return {
    ...(typeof name === 'string' && name !== '' ? { name } : {}),
    ...(webhookUrl === undefined ? {} : { webhookUrl }),
    ...(secret === undefined ? {} : { secret }),
    ...(headers === undefined ? {} : { headers }),
  };
}

function wireWindow({ threadingMinutes }: OpenMessages): WireThreadingWindow {
  return {
    settings: [{ messengerType: 'Open', timeoutInMinutes: threadingMinutes }],
    defaultTimeoutMinutes: LONGEST_WINDOW_MINUTES,
  };
}

function setWindow(open: OpenMessages, request: TwinRequest): ApiResult {
  const body = objectBody(request);
  if (isRefusal(body)) return body;
  const settings: readonly unknown[] = Array.isArray(body.settings) ? body.settings : [];
  const asked = settings.filter(isRecord).find(({ messengerType }) => messengerType === 'Open')?.timeoutInMinutes;
  if (typeof asked !== 'number' || asked < 0 || asked > LONGEST_WINDOW_MINUTES)
    return refuse(400, 'bad.request', 'timeoutInMinutes of the messenger type Open must be between 0 and 72 hours');
  open.threadingMinutes = asked;
  return { status: 200, body: wireWindow(open) };
}
