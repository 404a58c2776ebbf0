// Owns the control surface's paths, which are the same for every twin: faults, calls, settings, agents and what the
// customer or a virtual agent does. The vendor's twin gives the acts.

import type { CallLog } from './call-log.ts';
import type { TwinRequest, TwinResponse } from './exchange.ts';
import { type Faults, faultRuleSchema } from './faults.ts';

export const CONVERSATION_ACTS = ['hangup', 'answer', 'close', 'wrapup'] as const;
export type ConversationAct = (typeof CONVERSATION_ACTS)[number];

export type ControlActs = {
  createConversation(body: unknown): TwinResponse;
  viewConversation(id: string): TwinResponse;
  act(id: string, act: ConversationAct, body: unknown): TwinResponse;
  /** What only this vendor's customers and agents do; undefined for a word it does not know. */
  further?(id: string, word: string, body: unknown): TwinResponse | undefined;
  addAgent(body: unknown): TwinResponse;
  readSettings(): TwinResponse;
  changeSettings(body: unknown): TwinResponse;
  /** Exact counts, by conversation, of the calls that may not be repeated. */
  replaces(conversationId: string | undefined): Readonly<Record<string, number>>;
  reset(): void;
};

/** A refusal in the control surface's own words (the vendor's paths have the vendor's error format). */
export function controlRefusal(status: number, error: string, issues?: unknown): TwinResponse {
  return { status, body: issues === undefined ? { error } : { error, issues } };
}

export function createControlSurface(acts: ControlActs, faults: Faults, calls: CallLog) {
  return (request: TwinRequest): TwinResponse => {
    const [, , noun = '', id, verb] = request.path.split('/');
    switch (`${request.method} ${noun}${id === undefined ? '' : '/:id'}${verb === undefined ? '' : '/:act'}`) {
      case 'POST conversations':
        return acts.createConversation(request.body);
      case 'GET conversations/:id':
        return acts.viewConversation(id ?? '');
      case 'POST conversations/:id/:act': {
        const act = CONVERSATION_ACTS.find((each) => each === verb);
        if (act !== undefined) return acts.act(id ?? '', act, request.body);
        return acts.further?.(id ?? '', verb ?? '', request.body) ?? unknownPath(request);
      }
      case 'POST agents':
        return acts.addAgent(request.body);
      case 'GET settings':
        return acts.readSettings();
      case 'PUT settings':
        return acts.changeSettings(request.body);
      case 'POST faults':
        return addFault(faults, request.body);
      case 'GET faults':
        return { status: 200, body: { faults: faults.list() } };
      case 'DELETE faults':
        faults.clear();
        return { status: 204 };
      case 'GET calls':
        return listCalls(acts, calls, request.query);
      case 'POST reset':
        faults.clear();
        calls.clear();
        acts.reset();
        return { status: 204 };
      default:
        return unknownPath(request);
    }
  };
}

function unknownPath(request: TwinRequest): TwinResponse {
  return controlRefusal(404, `no ${request.method} ${request.path} on the control surface`);
}

function addFault(faults: Faults, body: unknown): TwinResponse {
  const rule = faultRuleSchema.safeParse(body);
  if (!rule.success) return controlRefusal(400, 'not a fault rule', rule.error.issues);
  return { status: 201, body: faults.add(rule.data) };
}

function listCalls(acts: ControlActs, calls: CallLog, query: URLSearchParams): TwinResponse {
  const conversationId = query.get('conversationId') ?? undefined;
  const given = query.get('since');
  const since = given === null ? undefined : /^\d+$/.test(given) ? Number(given) : Date.parse(given);
  if (Number.isNaN(since)) return controlRefusal(400, 'since is neither RFC 3339 nor epoch milliseconds');
  const listed = calls.list({
    ...(since === undefined ? {} : { since }),
    ...(conversationId === undefined ? {} : { conversationId }),
  });
  return {
    status: 200,
    body: { calls: listed, counters: calls.counters(), replaces: acts.replaces(conversationId) },
  };
}
