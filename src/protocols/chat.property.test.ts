// Tests what a conversation of ours keeps under any order of messages, answers, failures, agents' comings and goings and lost processes
// (H2, H5, H6). Determinism and the fold through JSON are proven at every step by the story itself.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CHAT_POLICY,
  CUSTOMER_LEFT,
  DESK_LEG,
  FENCED_POLICY,
  joined,
  parted,
  QUEUE,
  Story,
} from '../../test/protocols/story.ts';
import type { BotAction } from '../context/bot-reply.ts';
import type { ExternalId } from '../ids.ts';
import type { Failure } from '../outcome.ts';
import type { Command, CommandOutcome } from './command.ts';
import { deadline } from './handoff.ts';
import type { EscalationPolicy } from './input.ts';

type Act =
  | { readonly do: 'says'; readonly id: number }
  | { readonly do: 'agent-says'; readonly id: number; readonly stretch: number }
  | { readonly do: 'done'; readonly action: BotAction | null }
  | { readonly do: 'fail'; readonly failure: Failure }
  | { readonly do: 'join' | 'part' | 'closed' | 'taken-over' | 'due' | 'escalate' | 'answer-late' };

const action = fc.constantFrom<BotAction | null>(
  null,
  null,
  { kind: 'redirect', resume: true },
  { kind: 'redirect', queue: QUEUE.name, resume: false },
  { kind: 'attributes', attributes: { a: '1' } },
);
const failure = fc.constantFrom<Failure>(
  { kind: 'transient', code: 'rate-limited' },
  { kind: 'ambiguous', code: 'timed-out' },
  { kind: 'rejected', code: 'bad-request' },
);
const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('says' as const), id: fc.nat(12) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('agent-says' as const), id: fc.nat(6), stretch: fc.nat(3) }) },
  { weight: 8, arbitrary: fc.record({ do: fc.constant('done' as const), action }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('fail' as const), failure }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constantFrom('join', 'part', 'closed', 'taken-over', 'due', 'escalate', 'answer-late'),
    }) as fc.Arbitrary<Act>,
  },
);

class Play {
  readonly story = Story.chatting();
  readonly sent: { readonly id: string; readonly far: string; readonly key: string }[] = [];
  readonly #policy: EscalationPolicy;
  readonly #seen = new Set<string>();
  readonly #old: Command[] = [];
  #conversations = 0;

  constructor(fenced: boolean) {
    this.#policy = fenced ? FENCED_POLICY : CHAT_POLICY;
  }

  get isOver(): boolean {
    return this.story.interaction.endedAt !== undefined;
  }

  act(one: Act): void {
    this.story.now += 10;
    this.#perform(one);
    this.#look();
  }

  #look(): void {
    const chats = this.story.commands.filter(({ kind }) => kind !== 'RaiseAlert' && kind !== 'CloseLeg');
    // One thing at a time, so that what is delivered is in order.
    expect(chats.length).toBeLessThanOrEqual(1);
    for (const command of chats) {
      if (this.#seen.has(command.key)) continue;
      this.#seen.add(command.key);
      this.#old.push(command);
      if (command.kind === 'DeliverMessage' || command.kind === 'OpenConversation')
        this.sent.push({ id: command.message.id, far: command.far, key: command.key });
    }
  }

  #perform(one: Act): void {
    const { story } = this;
    switch (one.do) {
      case 'says':
        return void story.says(`text ${one.id}`, `m-${one.id}`);
      case 'agent-says':
        return void story.agentSays(`agent ${one.id}`, { far: `chat-1.${one.stretch + 1}` as ExternalId });
      case 'join':
        return void story.tell(joined(`p-${story.now}`), story.now, this.#leg);
      case 'part': {
        const party = story.interaction.attendance.present.at(-1)?.participantId;
        return void (party && story.tell(parted(party), story.now, this.#leg));
      }
      case 'closed':
        return void (this.#conversations > 0 && story.tell(CUSTOMER_LEFT, story.now, this.#leg));
      case 'taken-over':
        return void story.take({ kind: 'taken-over' });
      case 'due':
        return void (deadline(story.state) !== null && story.dueNext());
      case 'escalate':
        return void story.escalate({ policy: this.#policy, resumeBot: true });
      case 'answer-late':
        return void (this.#old[0] && this.#answer(this.#old[0], this.#success(this.#old[0], null)));
      case 'done':
      case 'fail': {
        const command = story.commands.at(0);
        if (command) this.#answer(command, one.do === 'done' ? this.#success(command, one.action) : one.failure);
      }
    }
  }

  get #leg() {
    return { ...DESK_LEG, externalId: `people-${this.#conversations}` as ExternalId };
  }

  #answer(command: Command, outcome: CommandOutcome): void {
    this.story.take({ kind: 'command-outcome', key: command.key, outcome, tookMs: 1, chance: 0.5 });
  }

  #success(command: Command, wish: BotAction | null): CommandOutcome {
    switch (command.kind) {
      case 'RunBotTurn': {
        const actions = wish ? [wish] : [];
        return { kind: 'done', of: 'RunBotTurn', result: { messages: ['answer'], actions, memory: {} } };
      }
      case 'PrepareEscalation':
        return { kind: 'done', of: 'PrepareEscalation', result: { policy: this.#policy } };
      case 'OpenConversation':
        this.#conversations += 1;
        return { kind: 'done', of: 'OpenConversation', result: { queue: QUEUE, externalId: this.#leg.externalId } };
      case 'DeliverMessage':
      case 'RaiseAlert':
      case 'CloseLeg':
        return { kind: 'done', of: command.kind, result: null };
      default:
        throw new Error(`nobody asks for ${command.kind} here`);
    }
  }

  /** Everything answers from now on, and time passes. */
  settle(): void {
    for (let n = 0; n < 400 && !this.isOver; n += 1) {
      const { waiting, task } = this.story.chat;
      if (waiting.length === 0 && !task && !this.story.interaction.move) return;
      if (this.story.commands.length > 0) this.act({ do: 'done', action: null });
      else this.act({ do: 'due' });
    }
  }
}

function played(acts: readonly Act[], fenced: boolean): Play {
  const play = new Play(fenced);
  for (const one of acts) play.act(one);
  return play;
}

const runs = { numRuns: 300 };

describe('in any order', () => {
  it('lines are numbered without gaps, each message is said once, and epochs never fall (H2)', () => {
    fc.assert(
      fc.property(fc.array(act, { maxLength: 60 }), fc.boolean(), (acts, fenced) => {
        const { story } = played(acts, fenced);
        const lines = story.events.flatMap((event) =>
          event.type === 'MessageSaid' || event.type === 'ChatMarked' ? [event] : [],
        );
        expect(lines.map(({ seq }) => seq)).toEqual(lines.map((_, index) => index + 1));
        const said = story.events.flatMap((event) => (event.type === 'MessageSaid' ? [event] : []));
        const ids = said.map(({ from, id }) => `${from.kind} ${id}`);
        expect(new Set(ids).size).toBe(ids.length);
        const epochs = said.map(({ epoch }) => epoch);
        expect(epochs).toEqual(epochs.toSorted((a, b) => a - b));
      }),
      runs,
    );
  });

  it('H2: a bot speaks only while it holds the customer, and an agent only on the present stretch', () => {
    fc.assert(
      fc.property(fc.array(act, { maxLength: 60 }), fc.boolean(), (acts, fenced) => {
        const { story } = played(acts, fenced);
        let holder = 'bot';
        for (const event of story.events) {
          if (event.type === 'HolderChanged') holder = event.holder.kind;
          if (event.type === 'MessageSaid' && event.from.kind === 'bot') expect(holder).toBe('bot');
          if (event.type === 'MessageSaid' && event.from.kind === 'agent') expect(holder).toBe('agent');
        }
      }),
      runs,
    );
  });

  it('H5: what may have been taken is sent again only where the far side takes it once', () => {
    fc.assert(
      fc.property(fc.array(act, { maxLength: 60 }), (acts) => {
        const play = played(acts, false);
        const uncertain = play.story.events.flatMap((event) => (event.type === 'DeliveryUncertain' ? [event.id] : []));
        for (const id of uncertain) {
          const times = play.sent.filter((one) => one.id === id).map(({ far }) => far);
          const failed = play.story.events.filter((event) => event.type === 'ChatDelayed').length;
          if (failed === 0) expect(new Set(times).size).toBe(times.length);
        }
      }),
      runs,
    );
  });

  it('H6: no message is left without anybody: it reaches somebody, or its customer is told', () => {
    fc.assert(
      fc.property(fc.array(act, { maxLength: 60 }), fc.boolean(), (acts, fenced) => {
        const play = played(acts, fenced);
        play.settle();
        if (!play.isOver) expect(play.story.chat.waiting).toEqual([]);
      }),
      runs,
    );
  });

  it('meets every kind of trouble, so that the above is no empty promise', () => {
    const met = new Set<string>();
    fc.assert(
      fc.property(fc.array(act, { minLength: 20, maxLength: 60 }), fc.boolean(), (acts, fenced) => {
        const { story } = played(acts, fenced);
        for (const event of story.events) {
          met.add(event.type === 'ChatMarked' ? event.mark : event.type === 'RequestRefused' ? event.code : event.type);
        }
      }),
      { numRuns: 400, seed: 7 },
    );
    const troubles = ['BotRelieved', 'DeliveryUncertain', 'DeliveryFailed', 'stale-holder', 'ChatDelayed'];
    const marks = ['person-asked', 'person-joined', 'person-left', 'nobody-reached', 'over'];
    expect([...met]).toEqual(expect.arrayContaining([...troubles, ...marks]));
  });
});
