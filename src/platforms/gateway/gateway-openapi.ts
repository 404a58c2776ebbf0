// Owns the published form of the gateway contract: OpenAPI 3.1, from the very schemas that read and write (gateway-contract.ts). Pure;
// `scripts/gateway-openapi.ts` writes it to docs, and a test holds the two together.

import { z } from 'zod';
import * as contract from './gateway-contract.ts';

type Json = Readonly<Record<string, unknown>>;

/** By the names under which they are published. */
export const GATEWAY_SCHEMAS = {
  ReserveRequest: contract.reserveRequest,
  Reservation: contract.reservation,
  TransferRequest: contract.transferRequest,
  TransferAccepted: contract.transferAccepted,
  CompleteRequest: contract.completeRequest,
  ContextUpdate: contract.contextUpdate,
  Interaction: contract.interaction,
  InteractionEvent: contract.interactionEvent,
  QueueList: contract.queueList,
  Agent: contract.agent,
  PresenceChange: contract.presenceChange,
  Health: contract.health,
  Capabilities: contract.capabilities,
  SandboxRequest: contract.sandboxRequest,
  SandboxInteraction: contract.sandboxInteraction,
  Problem: contract.problem,
} as const;
type SchemaName = keyof typeof GATEWAY_SCHEMAS;

const ref = (name: SchemaName) => ({ $ref: `#/components/schemas/${name}` });
const json = (name: SchemaName) => ({ 'application/json': { schema: ref(name) } });
const answers = (description: string, name?: SchemaName) => ({ description, ...(name && { content: json(name) }) });
const takes = (name: SchemaName) => ({ required: true, content: json(name) });
const inPath = (name: string) => ({ name, in: 'path', required: true, schema: { type: 'string' } });

const REFUSALS = {
  400: 'The request has not the contract’s shape: `invalid-request`.',
  401: 'No token that is accepted came with it: `unauthorized`.',
  404: 'There is no such thing, or these credentials cannot see it: `not-found`.',
  409: 'It is not possible as things stand. Of a reservation: `agent-busy`, `agent-away`, `queue-unstaffed`. Of a transfer: `participant-has-left`, `transfer-under-way`, `interaction-has-ended`. Of a verdict: `not-answered`, `consultation-is-over`.',
  422: 'The key came before with another body: `idempotency-key-reused`.',
  429: 'Too many; `Retry-After` says when: `rate-limited`.',
  501: '`capabilities` does not promise it: `not-supported`.',
} as const;

function refuses(...statuses: readonly (keyof typeof REFUSALS)[]) {
  const content = { 'application/problem+json': { schema: ref('Problem') } };
  return Object.fromEntries(
    [...statuses, 401 as const, 429 as const].map((status) => [status, { description: REFUSALS[status], content }]),
  );
}

const IDEMPOTENCY_KEY = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description:
    'Throughline always sends one. The same key and body again, within a day: the same answer, and nothing more is done. With another body: 422. A refusal is not remembered.',
  schema: { type: 'string', minLength: 1, maxLength: 255 },
};

const PATHS: Json = {
  '/v1/interactions/reserve': {
    post: {
      operationId: 'reserve',
      summary: 'Hold a place for a conversation that is to come (prepare)',
      parameters: [IDEMPOTENCY_KEY],
      requestBody: takes('ReserveRequest'),
      responses: { 200: answers('The place is held.', 'Reservation'), ...refuses(400, 404, 409, 422, 501) },
    },
  },
  '/v1/interactions/reserve/{reservationId}': {
    delete: {
      operationId: 'release',
      summary: 'Give a place back',
      description: 'Whose call has come already, or that is over, is left as it is.',
      parameters: [inPath('reservationId')],
      responses: { 204: answers('Nothing is held any more.'), ...refuses(404) },
    },
  },
  '/api/v2/interactions/transfer': {
    post: {
      operationId: 'transfer',
      summary: 'Let a conversation go: to an address, or to a queue of this platform (commit)',
      description:
        'Accepted is not done: it takes effect within `settleMs`, and `GET /v1/interactions/{id}` lists it at once.',
      requestBody: takes('TransferRequest'),
      responses: { 202: answers('It is under way.', 'TransferAccepted'), ...refuses(400, 404, 409, 501) },
    },
  },
  '/api/v2/interactions/transfer/{transferId}/complete': {
    post: {
      operationId: 'completeTransfer',
      summary: 'End a consultation',
      parameters: [inPath('transferId')],
      requestBody: takes('CompleteRequest'),
      responses: { 202: answers('It is under way.'), ...refuses(400, 404, 409) },
    },
  },
  '/v1/interactions/{interactionId}': {
    get: {
      operationId: 'readInteraction',
      summary: 'Where a conversation stands',
      parameters: [inPath('interactionId')],
      responses: { 200: answers('As it is now.', 'Interaction'), ...refuses(404) },
    },
  },
  '/v1/interactions/{interactionId}/context': {
    post: {
      operationId: 'updateContext',
      summary: 'Write what agents are to see (interaction:context:update)',
      description:
        'The same again changes nothing. Also of a conversation that has ended, as long as the platform has it.',
      parameters: [inPath('interactionId')],
      requestBody: takes('ContextUpdate'),
      responses: { 204: answers('It is written.'), ...refuses(400, 404) },
    },
  },
  '/v1/interactions/{interactionId}/end': {
    post: {
      operationId: 'endInteraction',
      summary: 'End a conversation on this platform',
      parameters: [inPath('interactionId')],
      responses: { 204: answers('It has ended, now or before.'), ...refuses(404) },
    },
  },
  '/v1/queues': {
    get: {
      operationId: 'listQueues',
      summary: 'The queues that these credentials see',
      parameters: [
        {
          name: 'name',
          in: 'query',
          required: false,
          description: 'Only the queue of exactly this name, if there is one.',
          schema: { type: 'string' },
        },
      ],
      responses: { 200: answers('All of them, in one list.', 'QueueList'), ...refuses() },
    },
  },
  '/v1/agents/{agentId}': {
    get: {
      operationId: 'readAgent',
      summary: 'Whether an agent could take something now',
      parameters: [inPath('agentId')],
      responses: { 200: answers('As they are now.', 'Agent'), ...refuses(404) },
    },
  },
  '/v1/agents/{agentId}/presence': {
    put: {
      operationId: 'setPresence',
      summary: 'Set an agent’s presence, where `capabilities` promises it',
      parameters: [inPath('agentId')],
      requestBody: takes('PresenceChange'),
      responses: { 200: answers('As they are now.', 'Agent'), ...refuses(400, 404, 501) },
    },
  },
  '/v1/capabilities': {
    get: {
      operationId: 'readCapabilities',
      summary: 'What this platform truly does, and its limits',
      responses: { 200: answers('No more than it does.', 'Capabilities'), ...refuses() },
    },
  },
  '/v1/health': {
    get: {
      operationId: 'readHealth',
      summary: 'Whether the gateway and the platform behind it answer',
      responses: { 200: answers('It answers.', 'Health'), ...refuses() },
    },
  },
  '/v1/sandbox/interactions': {
    post: {
      operationId: 'makeUpInteraction',
      summary: 'Make up a conversation for a test, where `capabilities` promises it',
      description: 'A bot or menu holds it, or whoever was reserved is rung.',
      requestBody: takes('SandboxRequest'),
      responses: { 201: answers('It is there.', 'SandboxInteraction'), ...refuses(400, 501) },
    },
  },
};

const header = (name: string, description: string) => ({
  name,
  in: 'header',
  required: true,
  description,
  schema: { type: 'string' },
});

const WEBHOOKS: Json = {
  interaction: {
    post: {
      operationId: 'interactionEvent',
      summary: 'What the gateway tells: to `/hooks/gateway/{name}`, for every change',
      description:
        'Signed as Standard Webhooks 1.0.0 says. At least once, in any order; again with the same `id` until a 2xx came, for two minutes at least.',
      security: [],
      parameters: [
        header('webhook-id', 'The message’s `id`.'),
        header('webhook-timestamp', 'Seconds since 1970, of this delivery.'),
        header(
          'webhook-signature',
          '`v1,` and the base64 of HMAC-SHA256 over `{webhook-id}.{webhook-timestamp}.{raw body}`; several, separated by spaces, while a secret is changed.',
        ),
      ],
      requestBody: takes('InteractionEvent'),
      responses: { '2XX': { description: 'Kept. Do not send it again.' } },
    },
  },
};

/** The whole document. */
export function gatewayOpenApi(): Json {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Throughline gateway contract',
      version: contract.CONTRACT_VERSION,
      description:
        'What a contact center implements, itself or by a gateway in front of it, to be handed conversations and to hand them over. In plain words: docs/gateway.md.',
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    security: [{ bearer: [] }],
    paths: PATHS,
    webhooks: WEBHOOKS,
    components: {
      schemas: schemas(),
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } },
    },
  };
}

function schemas(): Json {
  return Object.fromEntries(
    Object.entries(GATEWAY_SCHEMAS).map(([name, schema]) => {
      const { $schema: _, ...rest } = z.toJSONSchema(schema, { target: 'draft-2020-12', io: 'input' });
      return [name, rest];
    }),
  );
}
