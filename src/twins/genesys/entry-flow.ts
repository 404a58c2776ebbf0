// Owns the Architect flow "Throughline entry" that answers the twin's entry numbers: a Data Action asks whose call it is, its
// flat reply becomes participant data, and the caller is transferred to a queue or to one user, for whom the flow waits only
// so long. Whatever goes wrong, the caller ends up in the default queue.

import type { CallRest, RestReply, RestTarget } from '../rest-action.ts';
import { type Conversation, customerOf, liveParticipant } from './conversation.ts';
import type { Organisation, Queue } from './organisation.ts';
import type { Routing } from './routing.ts';
import type { Switchboard } from './switchboard.ts';

/** The base URL, `/v1/flows/redeem` follows; a Data Action may take 1 to 60 s. */
export type EntrySettings = RestTarget & { readonly timeoutMs?: number | undefined };

export type EntryFlowParts = {
  readonly board: Switchboard;
  readonly routing: Routing;
  readonly organisation: Organisation;
  readonly callRest: CallRest;
  readonly settings: () => { readonly entry: EntrySettings | undefined; readonly entryTimeoutMs: number };
  readonly setAttributes: (conversation: Conversation, attributes: Readonly<Record<string, string>>) => void;
};

const TIMEOUT_MS = 10_000;
/** Where a flow sends a caller that it does not know what to do with. */
export const DEFAULT_QUEUE = 'General_Support';
const NOT_ATTRIBUTES: ReadonlySet<string> = new Set(['found', 'ok']);

/** Runs the flow for a conversation that its flow has. */
export async function runEntryFlow(parts: EntryFlowParts, conversation: Conversation): Promise<void> {
  const { callRest, settings, board } = parts;
  const { entry } = settings();
  const token = customerOf(conversation).uuiData;
  const reply: RestReply | undefined =
    entry === undefined
      ? undefined
      : await callRest({
          url: `${entry.url}/v1/flows/redeem`,
          headers: entry.headers,
          timeoutMs: entry.timeoutMs ?? TIMEOUT_MS,
          body: {
            platform: 'genesys_cloud',
            conversationId: conversation.id,
            dnis: conversation.to.replace(/^tel:/, ''),
            ani: conversation.from.replace(/^tel:/, ''),
            ...(token === undefined ? {} : { token }),
          },
        });
  const flow = liveParticipant(conversation, 'ivr');
  // The caller may have left, or been moved by somebody else, while the flow waited for its answer.
  if (flow === undefined) return;
  const fields = reply?.kind === 'reply' && reply.fields.found?.toLowerCase() === 'true' ? reply.fields : {};
  const attributes = Object.entries(fields).filter(([name]) => !NOT_ATTRIBUTES.has(name));
  if (attributes.length > 0) parts.setAttributes(conversation, Object.fromEntries(attributes));
  board.leave(conversation, flow, 'transfer');
  route(parts, conversation, fields);
  board.onChange(conversation);
}

type Fields = Readonly<Record<string, string>>;

function route(parts: EntryFlowParts, conversation: Conversation, fields: Fields): void {
  const { organisation, routing, board, settings } = parts;
  const asked = organisation.queueById(fields.queueId ?? '') ?? organisation.queueByName(fields.queueName ?? '');
  const spare = organisation.queueById(fields.fallbackQueueId ?? '');
  const agent = organisation.agent(fields.targetAgentId ?? '');
  if (agent === undefined) {
    routing.enter(conversation, asked ?? spare ?? defaultQueue(organisation));
    return;
  }
  const fallback = spare ?? asked ?? defaultQueue(organisation);
  const ringing = routing.ring(conversation, agent);
  board.schedule.after(settings().entryTimeoutMs, () => {
    if (ringing.phase.kind !== 'alerting') return;
    board.leave(conversation, ringing, 'transfer.noanswer');
    routing.enter(conversation, fallback);
    board.onChange(conversation);
  });
}

function defaultQueue(organisation: Organisation): Queue {
  return organisation.queueByName(DEFAULT_QUEUE) ?? (organisation.queues[0] as Queue);
}
