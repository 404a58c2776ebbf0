// Owns what an agent who talks by themselves writes in a case: a greeting, an answer to each message of the customer, a goodbye.

import type { Schedule } from '../schedule.ts';
import { answerTo, greetingOf, type Talk, WRITING_MS } from '../virtual-talk.ts';
import type { Case } from './digital.ts';
import type { Agent } from './tenant.ts';

export type CaseTalkParts = {
  readonly schedule: Schedule;
  readonly write: (of: Case, text: string) => void;
  readonly close: (of: Case) => void;
};

export class CaseTalk {
  readonly #parts: CaseTalkParts;
  readonly #talks = new WeakMap<Case, { readonly agent: Agent; heard: number }>();

  constructor(parts: CaseTalkParts) {
    this.#parts = parts;
  }

  greet(of: Case, agent: Agent): void {
    this.#talks.set(of, { agent, heard: 0 });
    const matter = (of.customFields.intent ?? of.customFields.Topic)?.value;
    this.#speak(of, agent, { says: [greetingOf(agent.name, matter)], leaves: false });
  }

  heard(of: Case, text: string): void {
    const talk = this.#talks.get(of);
    if (talk === undefined || !hasIt(talk.agent, of)) return;
    talk.heard += 1;
    this.#speak(of, talk.agent, answerTo(text, talk.heard - 1));
  }

  #speak(of: Case, agent: Agent, { says, leaves }: Talk): void {
    const { schedule, write, close } = this.#parts;
    for (const [index, text] of says.entries()) {
      schedule.after((index + 1) * WRITING_MS, () => hasIt(agent, of) && write(of, text));
    }
    if (leaves) schedule.after((says.length + 1) * WRITING_MS, () => hasIt(agent, of) && close(of));
  }
}

function hasIt(agent: Agent, { contact: { state } }: Case): boolean {
  return state.kind === 'active' && state.agent === agent;
}
