// Owns the calls that the command line makes to a twin's control surface: conversations come in, virtual people act, faults
// and settings change, and what the vendor was asked is read.

import { z } from 'zod';
import { type Endpoint, type Fetch, type JsonRequest, requestJson, type Shape } from './json-request.ts';

/** CXone calls it a contact. */
const created = z
  .looseObject({ conversationId: z.string().optional(), contactId: z.string().optional() })
  .transform(({ conversationId, contactId }) => conversationId ?? contactId ?? '');
const hired = z.looseObject({ agentId: z.string() });
const conversations = z.looseObject({ conversations: z.array(z.looseObject({})) });

const conversation = z.looseObject({
  ended: z.boolean(),
  attributes: z.record(z.string(), z.string()),
  /** Where the customer waits, or waited last. */
  queue: z.looseObject({ id: z.string(), name: z.string() }).nullable(),
  holder: z.enum(['agent', 'queue', 'bot', 'none']),
  transfers: z.array(z.looseObject({ state: z.string() })),
  /** Transfers the vendor has accepted (202). */
  replaces: z.number(),
});
export type TwinConversation = z.infer<typeof conversation>;

const calls = z.looseObject({
  calls: z.array(
    z.looseObject({
      fault: z.string().nullable(),
      conversationId: z.string().nullable(),
      status: z.number().nullable(),
    }),
  ),
  counters: z.looseObject({ total: z.number(), byStatus: z.record(z.string(), z.number()) }),
  replaces: z.record(z.string(), z.number()),
});
export type TwinCalls = z.infer<typeof calls>;

const inbox = z.looseObject({ messages: z.array(z.looseObject({ text: z.string() })) });

const faults = z.looseObject({ faults: z.array(z.looseObject({ fault: z.string(), hits: z.number() })) });

export type TwinFault = {
  readonly fault: string;
  readonly match?: { readonly method?: string; readonly path?: string };
  readonly probability?: number;
  readonly times?: number;
  readonly seed?: number;
  readonly delayMs?: number;
};

export type TwinSettings = {
  readonly latencyMs?: number;
  readonly settleMs?: number;
  readonly rateLimitPerMinute?: number;
  readonly hook?: Told | null;
  /** Whom the entry asks whose a call is, and how long it waits for the agent that it is told. */
  readonly entry?: Told | null;
  readonly entryTimeoutMs?: number;
};
type Told = { readonly url: string; readonly headers: Readonly<Record<string, string>> };

export type TwinClient = ReturnType<typeof twinClient>;

/** Every call throws CommandFailure, Refused or Unreachable. */
export function twinClient(options: {
  readonly baseUrl: string;
  readonly fetch?: Fetch;
  readonly signal?: AbortSignal;
}) {
  const { signal, fetch = globalThis.fetch } = options;
  const baseUrl = options.baseUrl.replace(/\/+$/, '');
  const at: Endpoint = {
    baseUrl,
    fetch,
    absent: `The twin at ${baseUrl} does not answer. \`npm start\` starts one beside the service; name it with --twin`,
  };
  const ask = <Value>(asked: JsonRequest, shape: Shape<Value>): Promise<Value> =>
    requestJson(at, { ...asked, ...(signal && { signal }) }, shape);
  const path = (id: string) => `/twin/conversations/${encodeURIComponent(id)}`;

  return {
    /** A customer who writes to (or calls) the bot, or waits in a queue. Answers the conversation's id. */
    comeIn(asked: {
      readonly channel: 'message' | 'voice';
      readonly from: string;
      readonly queue?: string;
    }): Promise<string> {
      const body = asked.queue === undefined ? { ...asked, flow: 'bot' } : asked;
      return ask({ method: 'POST', path: '/twin/conversations', body }, created);
    },
    /** The named agent takes it, rung or not. */
    answer: (id: string, agentId: string) =>
      ask({ method: 'POST', path: `${path(id)}/answer`, body: { agentId } }, z.unknown()),
    /** As the twin shows it, whatever its vendor. */
    view: (id: string) => ask({ method: 'GET', path: path(id) }, z.unknown()),
    /** All that there ever was of one caller, as the twin shows it. */
    conversationsFrom: async (caller: string) =>
      (await ask({ method: 'GET', path: `/twin/conversations?from=${encodeURIComponent(caller)}` }, conversations))
        .conversations,
    conversation: (id: string) => ask({ method: 'GET', path: path(id) }, conversation),
    /** What a customer's telephone has received, oldest first. Of the twin of text messages. */
    texts: async (number: string) => {
      const at = `/twin/phones/${encodeURIComponent(number)}/messages`;
      return (await ask({ method: 'GET', path: at }, inbox)).messages.map(({ text }) => text);
    },
    hangUp: (id: string) => ask({ method: 'POST', path: `${path(id)}/hangup` }, z.unknown()),
    /** An agent who answers by itself after `afterMs`, unless told otherwise. Answers their id. */
    addAgent: async (agent: {
      readonly name: string;
      readonly queues: readonly string[];
      readonly answers?: string;
      readonly afterMs: number;
      readonly talks?: boolean;
    }) => (await ask({ method: 'POST', path: '/twin/agents', body: { answers: 'auto', ...agent } }, hired)).agentId,
    changeSettings: (settings: TwinSettings) =>
      ask({ method: 'PUT', path: '/twin/settings', body: settings }, z.unknown()),
    addFault: (fault: TwinFault) => ask({ method: 'POST', path: '/twin/faults', body: fault }, z.unknown()),
    /** The faults that are armed, with how often each was met. */
    faults: async () => (await ask({ method: 'GET', path: '/twin/faults' }, faults)).faults,
    clearFaults: () => ask({ method: 'DELETE', path: '/twin/faults' }, z.unknown()),
    calls: () => ask({ method: 'GET', path: '/twin/calls' }, calls),
    /** What was asked about one conversation, as long as the twin remembers it. */
    callsAbout: async (id: string) =>
      (await ask({ method: 'GET', path: `/twin/calls?conversationId=${encodeURIComponent(id)}` }, calls)).calls,
    /** Exact counters without the list: nothing was asked at the end of time. */
    counters: () => ask({ method: 'GET', path: '/twin/calls?since=9999999999999' }, calls),
    /** Answers once it answers at all. */
    settings: () => ask({ method: 'GET', path: '/twin/settings' }, z.unknown()),
  };
}
