// Owns the reading of a recorded dialogue in the Schema-Guided Dialogue format (Rastogi et al., 2020: one JSON object per
// line) as a bot session. It says what the recording says and no more: the format knows no confidence, mood or times. Pure.

import { z } from 'zod';
import type { BotSession, BotTurn } from '../context/bot-session.ts';

const frame = z.looseObject({
  service: z.string(),
  state: z
    .looseObject({
      active_intent: z.string(),
      slot_values: z.record(z.string(), z.array(z.string())),
    })
    .nullish(),
  actions: z.array(z.looseObject({ act: z.string() })).default([]),
});
const dialogue = z.looseObject({
  dialogue_id: z.string(),
  services: z.array(z.string()),
  turns: z
    .array(z.looseObject({ speaker: z.enum(['USER', 'SYSTEM']), utterance: z.string(), frames: z.array(frame) }))
    .min(1),
});
export type Dialogue = z.infer<typeof dialogue>;
type Turn = Dialogue['turns'][number];
type Frame = Turn['frames'][number];

export type ReadDialogues =
  | { readonly ok: true; readonly dialogues: readonly Dialogue[] }
  | { readonly ok: false; readonly line: number; readonly why: string };

/** Reads one dialogue per line; empty lines do not count. Stops at the first line that is not a dialogue and says which. */
export function readDialogues(text: string): ReadDialogues {
  const dialogues: Dialogue[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const read = readDialogue(line);
    if (typeof read === 'string') return { ok: false, line: index + 1, why: read };
    dialogues.push(read);
  }
  return { ok: true, dialogues };
}

function readDialogue(line: string): Dialogue | string {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    return 'is not JSON';
  }
  const read = dialogue.safeParse(json);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  return `${issue?.path.join('.') || 'the dialogue'}: ${issue?.message}`;
}

/** Service domain, such as `Banks` of `Banks_2`, to the queue that serves it. */
export type QueueMap = ReadonlyMap<string, string>;

/**
 * Takes `Domain=Queue,Domain=Queue`. Throws an Error that says what is wrong with it.
 */
export function parseQueueMap(text: string): QueueMap {
  const pairs = text.split(',').map((pair): readonly [string, string] => {
    const [domain = '', queue = '', ...more] = pair.split('=').map((part) => part.trim());
    if (domain === '' || queue === '' || more.length > 0) throw new Error(`"${pair}" is not Domain=Queue`);
    return [domain, queue];
  });
  return new Map(pairs);
}

/**
 * The dialogue as a bot session. Intents are the customer's active ones (`NONE` is none); an intent is resolved when the system
 * notified success for its service, not resolved when it notified failure, and else nothing is said. A slot keeps every value
 * of its state: one is a string, several (spoken variants) an array; a later state replaces an earlier one. A slot's name
 * carries its service only where two services ended with different values under one name. The trigger is `DialogueEnded`: the
 * recording does not say that the customer asked for a person, the replay asks once the dialogue is over.
 */
export function botSessionOf(recorded: Dialogue, queues: QueueMap): BotSession {
  const ambiguous = ambiguousSlots(recorded.turns);
  const active = new Map<string, string>();
  const turns = recorded.turns.map((turn) => botTurnOf(turn, active, ambiguous));
  const queue = recommendedQueue(recorded, queues);
  return { turns, trigger: 'DialogueEnded', ...(queue !== undefined && { recommendedQueue: queue }) };
}

/** `active` remembers each service's intent from one turn to the next. */
function botTurnOf(turn: Turn, active: Map<string, string>, ambiguous: ReadonlySet<string>): BotTurn {
  for (const { service, state } of turn.frames) {
    if (state && state.active_intent !== 'NONE') active.set(service, state.active_intent);
  }
  const intents = turn.frames.flatMap((one) => intentOf(turn, one, active.get(one.service)));
  const slots = turn.frames.flatMap((one) =>
    Object.entries(one.state?.slot_values ?? {}).flatMap(([name, values]) => {
      const value = values.length > 1 ? values : values[0];
      return value === undefined ? [] : [[ambiguous.has(name) ? `${one.service}.${name}` : name, value] as const];
    }),
  );
  return {
    speaker: turn.speaker === 'USER' ? 'customer' : 'bot',
    text: turn.utterance,
    ...(intents.length > 0 && { intents }),
    ...(slots.length > 0 && { slots: Object.fromEntries(slots) }),
  };
}

function intentOf(turn: Turn, { state, actions }: Frame, intent: string | undefined): NonNullable<BotTurn['intents']> {
  if (intent === undefined) return [];
  if (turn.speaker === 'USER') return state && state.active_intent !== 'NONE' ? [{ intent }] : [];
  const notified = actions.findLast(({ act }) => act === 'NOTIFY_SUCCESS' || act === 'NOTIFY_FAILURE');
  return notified === undefined ? [] : [{ intent, resolved: notified.act === 'NOTIFY_SUCCESS' }];
}

function ambiguousSlots(turns: readonly Turn[]): ReadonlySet<string> {
  const ended = new Map<string, Map<string, string>>();
  for (const { service, state } of turns.flatMap(({ frames }) => frames)) {
    for (const [name, values] of Object.entries(state?.slot_values ?? {})) {
      const byService = ended.get(name) ?? new Map();
      ended.set(name, byService.set(service, JSON.stringify(values)));
    }
  }
  return new Set([...ended].filter(([, byService]) => new Set(byService.values()).size > 1).map(([name]) => name));
}

/** By the service that was spoken of last, as far as the map knows it. */
function recommendedQueue({ services, turns }: Dialogue, queues: QueueMap): string | undefined {
  const spoken = turns.flatMap(({ frames }) => frames.map(({ service }) => service)).at(-1) ?? services.at(-1);
  return spoken === undefined ? undefined : queues.get(spoken.replace(/_\d+$/, ''));
}
