// Owns one process that runs the machine in virtual time: it sends what the machine asks for, loses answers, answers late, dies and is taken
// over. What the far side does is somebody else's.

import type { Instant } from '../../src/ids.ts';
import type { Command, CommandOutcome } from '../../src/protocols/command.ts';
import { deadline } from '../../src/protocols/handoff.ts';
import type { Story } from './story.ts';
import { type Agenda, late, type Random } from './tiny-vendor.ts';

export type FarSide = {
  /** What becomes of a command that has reached it. */
  take(command: Command): CommandOutcome;
};

export class TinyProcess {
  readonly #story: Story;
  readonly #agenda: Agenda;
  readonly #random: Random;
  readonly #farSide: FarSide;
  readonly #timeoutMs: number;
  readonly #afterwards: () => void;
  #life = 0;
  #underWay = new Set<string>();
  /** What a process that died had under way: it is nobody's until it is taken over, as the runner has it (`asked`, not `wanted`). */
  #orphaned = new Set<string>();

  constructor(
    story: Story,
    {
      agenda,
      random,
      farSide,
      timeoutMs,
      afterwards,
    }: {
      readonly agenda: Agenda;
      readonly random: Random;
      readonly farSide: FarSide;
      readonly timeoutMs: number;
      /** After every input that was taken. */
      readonly afterwards: () => void;
    },
  ) {
    this.#story = story;
    this.#agenda = agenda;
    this.#random = random;
    this.#farSide = farSide;
    this.#timeoutMs = timeoutMs;
    this.#afterwards = afterwards;
  }

  /** To the very end: an event that is still on its way could be the one that matters. */
  run(): void {
    for (let turns = 0; ; turns += 1) {
      if (turns > 20_000) throw new Error('the machine turns on the spot');
      const due: Instant = deadline(this.#story.state) ?? Number.POSITIVE_INFINITY;
      if (Math.min(due, this.#agenda.nextAt) === Number.POSITIVE_INFINITY) return;
      if (this.#agenda.nextAt <= due) this.#agenda.step();
      else {
        this.#agenda.now = Math.max(this.#agenda.now, due);
        this.submit(() => this.#story.due());
      }
    }
  }

  submit(input: () => unknown): void {
    this.#story.now = this.#agenda.now;
    input();
    this.#afterwards();
    for (const command of this.#story.commands) {
      if (this.#underWay.has(command.key) || this.#orphaned.has(command.key)) continue;
      this.#underWay.add(command.key);
      const life = this.#life;
      // The append takes its time before anything is sent.
      this.#agenda.after(this.#random() * 300, () => life === this.#life && this.#perform(command));
    }
  }

  crash(): void {
    this.#life += 1;
    this.#underWay = new Set();
    this.#orphaned = new Set(this.#story.commands.map(({ key }) => key));
    this.#agenda.after(this.#random() * 3_000, () => {
      this.#orphaned = new Set();
      this.submit(() => this.#story.take({ kind: 'taken-over' }));
    });
  }

  #perform(command: Command): void {
    const fate = this.#random();
    const timesOut = fate >= 0.25 && fate < 0.4;
    const slow = this.#random() < 0.2;
    const answersAfter = timesOut ? this.#timeoutMs : this.#random() * (slow ? this.#timeoutMs : 1_000);
    // A look that is taken early and answers late shows what is no longer so; what moves may be taken just before its time-out.
    const share = command.safety === 'lookable' ? late(this.#random()) : this.#random() ** 3;
    let outcome: CommandOutcome = { kind: 'ambiguous', code: 'connection-lost' };
    if (fate > 0.9) outcome = { kind: 'transient', code: 'rate-limited', retryAfterMs: 700 };
    else if (fate > 0.05) {
      // What was sent is taken even if nobody waits for the answer any more.
      this.#agenda.after(answersAfter * share, () => {
        const answer = this.#farSide.take(command);
        if (fate >= 0.4) outcome = answer;
      });
    }
    if (timesOut) outcome = { kind: 'ambiguous', code: 'timed-out' };
    const life = this.#life;
    this.#agenda.after(answersAfter, () => {
      if (life !== this.#life) return;
      this.#underWay.delete(command.key);
      this.submit(() => this.#story.answer(command.key, outcome));
    });
  }
}
