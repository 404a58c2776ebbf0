// Owns the bot that answers on our own page in the simulation: the real bot for block flows, whose flow asks an office over the network, so that
// a turn can be slow, be lost and be asked again; and the one that takes over when it fails.

import { type FlowFile, readFlow } from '../../../src/bots/flow/flow-file.ts';
import type { ChatTerms } from '../../../src/protocols/chat.ts';
import type { Answering } from '../../../src/twins/exchange.ts';
import { COMMAND_TIMEOUT_MS } from '../limits.ts';

export const BOT = 'front-desk';
const FALLBACK = 'night-desk';
const CALL_TIMEOUT_MS = 1_200;
const IDLE_MS = 90_000;

export const CALLS = { timeoutMs: CALL_TIMEOUT_MS, maxBytes: 64 * 1024 } as const;

export const BOTS: Readonly<Record<string, ChatTerms>> = {
  [BOT]: { bot: BOT, fallbackBot: FALLBACK, turnTimeoutMs: COMMAND_TIMEOUT_MS, botIdleMs: IDLE_MS },
  [FALLBACK]: { bot: FALLBACK, turnTimeoutMs: COMMAND_TIMEOUT_MS, botIdleMs: IDLE_MS },
};

const FRONT_DESK = `
bot: front-desk
flows:
  main:
    - say: Hello, is it about {{context.intent|something}}?
    - go: ask
  ask:
    - ask: { say: What can I do?, save: topic, choices: { person: [person], bye: [bye], note: [bill, parcel] }, tries: 2, failed: person }
    - branch: { when: [{ value: topic, is: person, go: person }, { value: topic, is: bye, go: bye }], else: note }
  note:
    - call: { url: 'https://office.sim/notes', body: { topic: '{{topic}}' }, save: noted }
    - say: That is noted as {{noted.id}}.
    - go: ask
  person:
    - attributes: { Topic: '{{topic|unknown}}' }
    - redirect: { resume: true, failed: nobody }
    - go: ask
  nobody:
    - say: Nobody is free.
    - go: ask
  bye:
    - say: Goodbye!
    - end: true
`;

const NIGHT_DESK = `
bot: night-desk
flows:
  main:
    - say: The front desk is away, I take notes.
    - go: ask
  ask:
    - ask: { say: What shall I note?, save: topic }
    - say: I keep that.
    - go: ask
`;

export const FLOWS: readonly FlowFile[] = [FRONT_DESK, NIGHT_DESK].map((text) => {
  const read = readFlow(text);
  if (read.kind === 'faults') throw new Error(read.faults.join('\n'));
  return read.flow;
});

/** What a customer may write to them. */
export const UTTERANCES = ['a bill', 'my parcel', 'a parcel', 'a person', 'a word or two', 'a bill'] as const;
export const FAREWELL = 'bye';

/** The office that the front desk asks: it notes a thing once, however often it is told under one key. */
export class Office {
  readonly #notes = new Map<string, number>();

  readonly answer: Answering = async ({ headers }) => {
    const key = headers['idempotency-key'] ?? '';
    const id = this.#notes.get(key) ?? this.#notes.size + 1;
    this.#notes.set(key, id);
    return { kind: 'respond', response: { status: 200, body: { id: `n${id}` } } };
  };
}
