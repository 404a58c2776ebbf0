// Tests what the machine keeps under any sequence of inputs (H1, H2, H5, H6). Determinism and the fold through JSON are proven at
// every step by the story itself.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  agentParty,
  botParty,
  CUSTOMER_LEFT,
  customerParty,
  entered,
  GONE,
  IN_QUEUE,
  joined,
  LEG,
  left,
  OTHER_LEG,
  OTHER_QUEUE,
  parted,
  QUEUE,
  queueParty,
  Story,
  seen,
  throughJson,
  view,
  WITH_AGENT,
  WITH_BOT,
} from '../../test/protocols/story.ts';
import type { ConversationChange, ConversationView } from '../context/conversation.ts';
import type { InteractionId } from '../ids.ts';
import type { Failure } from '../outcome.ts';
import type { Command, CommandOutcome } from './command.ts';
import type { ErasedInteraction } from './erased-interaction.ts';
import type { Event } from './event.ts';
import { deadline, next } from './handoff.ts';
import { type Interaction, isErased, type State, whole } from './interaction.ts';
import type { VendorCopy } from './vendor-copy.ts';

type Act =
  | { readonly do: 'escalate'; readonly flow: boolean; readonly resumeBot: boolean; readonly key: string | null }
  | { readonly do: 'succeed'; readonly which: number; readonly view: ConversationView; readonly tookMs: number }
  | { readonly do: 'fail'; readonly which: number; readonly failure: Failure }
  | { readonly do: 'answer-again'; readonly which: number; readonly view: ConversationView }
  | { readonly do: 'tell'; readonly change: ConversationChange; readonly off: number; readonly other: boolean }
  | { readonly do: 'tell-again'; readonly which: number }
  | { readonly do: 'clock'; readonly by: number }
  | {
      readonly do:
        | 'due'
        | 'due-next'
        | 'taken-over'
        | 'quarantine'
        | 'cancel'
        | 'attach'
        | 'detach'
        | 'patch'
        | 'erase';
    }
  | { readonly do: 'open-again' | 'wrap-up' | 'survey' }
  /** What was done before is done again, whatever it was. */
  | { readonly do: 'again'; readonly which: number };

const records = fc.array(
  fc.record({
    state: fc.constantFrom('pending' as const, 'complete' as const, 'failed' as const),
    queueId: fc.constantFrom(QUEUE.id, OTHER_QUEUE.id),
    issuedAt: fc.nat(20),
  }),
  { maxLength: 3 },
);
const partyState = fc.constantFrom('alerting' as const, 'connected' as const, 'ended' as const);
const mixedView = fc
  .tuple(
    fc.subarray([botParty(), queueParty('q1'), queueParty('q2', { queueId: OTHER_QUEUE.id }), agentParty('a1')]),
    fc.infiniteStream(partyState),
    records,
  )
  .map(([parties, states, transfers]) =>
    view([customerParty(), ...parties.map((one) => ({ ...one, state: states.next().value }))], transfers),
  );
/** Mostly nothing has moved: that is where a machine could go wrong by moving the customer twice. */
const anyView: fc.Arbitrary<ConversationView> = fc.oneof(
  { weight: 24, arbitrary: fc.constant(WITH_BOT) },
  { weight: 6, arbitrary: records.map((transfers) => ({ ...WITH_BOT, transfers })) },
  { weight: 6, arbitrary: mixedView },
  { weight: 3, arbitrary: fc.constantFrom(IN_QUEUE, WITH_AGENT) },
  { weight: 1, arbitrary: fc.constant(GONE) },
);
const anyChange: fc.Arbitrary<ConversationChange> = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(entered('q2', OTHER_QUEUE), entered('p-bot'), left('q2', OTHER_QUEUE)) },
  { weight: 3, arbitrary: fc.constantFrom(entered('q1'), left('q1')) },
  { weight: 3, arbitrary: fc.constantFrom(joined('a1', 'ann'), joined('a2', 'ben'), joined('a2', 'ben', null)) },
  {
    weight: 8,
    arbitrary: fc
      .tuple(fc.constantFrom('a1', 'a2', 'a3'), fc.boolean(), fc.boolean())
      .map(([id, talked, transferred]) => parted(id, { talked, transferred })),
  },
  { weight: 6, arbitrary: anyView.map(seen) },
  { weight: 1, arbitrary: fc.constant(CUSTOMER_LEFT) },
);
const anyFailure: fc.Arbitrary<Failure> = fc.oneof(
  fc.record(
    {
      kind: fc.constant('transient' as const),
      code: fc.constant('rate-limited' as const),
      retryAfterMs: fc.nat(90_000),
    },
    { requiredKeys: ['kind', 'code'] },
  ),
  fc.constant<Failure>({ kind: 'ambiguous', code: 'connection-lost' }),
  fc.constant<Failure>({ kind: 'rejected', code: 'conflict' }),
  fc.constant<Failure>({ kind: 'rejected', code: 'not-found' }),
);
const which = fc.nat(9);
const anyAct: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('escalate' as const),
      flow: fc.boolean(),
      resumeBot: fc.boolean(),
      key: fc.constantFrom(null, 'k1', 'k2'),
    }),
  },
  {
    weight: 9,
    arbitrary: fc.record({ do: fc.constant('succeed' as const), which, view: anyView, tookMs: fc.nat(9_000) }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('fail' as const), which, failure: anyFailure }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('answer-again' as const), which, view: anyView }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('tell' as const),
      change: anyChange,
      off: fc.integer({ min: -5_000, max: 5_000 }),
      other: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('tell-again' as const), which }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('clock' as const), by: fc.integer({ min: -9_000, max: 9_000 }) }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('again' as const), which: fc.nat(59) }) },
  {
    weight: 8,
    arbitrary: fc.constantFrom<Act>(
      { do: 'due' },
      { do: 'due-next' },
      { do: 'due-next' },
      { do: 'taken-over' },
      { do: 'taken-over' },
      { do: 'quarantine' },
      { do: 'open-again' },
      { do: 'wrap-up' },
      { do: 'survey' },
      { do: 'cancel' },
      { do: 'attach' },
      { do: 'detach' },
      { do: 'patch' },
    ),
  },
);
/** Rare, since nothing much happens after it. */
const anyActOrErasure: fc.Arbitrary<Act> = fc.oneof(
  { weight: 150, arbitrary: anyAct },
  { weight: 1, arbitrary: fc.constant<Act>({ do: 'erase' }) },
);

function succeeded(command: Command, what: ConversationView): CommandOutcome {
  switch (command.kind) {
    case 'Inspect':
      return { kind: 'done', of: 'Inspect', result: { queue: QUEUE, view: what } };
    case 'Look':
      return { kind: 'done', of: 'Look', result: what };
    case 'ReadPresence':
      return { kind: 'done', of: 'ReadPresence', result: { id: 'on-queue' } };
    case 'HoldAgent':
      return { kind: 'done', of: 'HoldAgent', result: { id: command.presence } };
    case 'ReleaseAgent':
      return { kind: 'done', of: 'ReleaseAgent', result: { restored: true } };
    case 'CheckTransfer':
    case 'AskAgent':
    case 'AttachOnArrival':
    case 'LookForAgent':
    case 'Reserve':
    case 'Reconcile':
    case 'WriteContext':
    case 'BookCallback':
    case 'SendSms':
    case 'FindSms':
    case 'AskReceipt':
    case 'FetchFile':
    case 'RunBotTurn':
    case 'PrepareEscalation':
    case 'OpenConversation':
      throw new Error(`no transfer is asked for here: ${command.kind}`);
    default:
      return { kind: 'done', of: command.kind, result: null };
  }
}

/** Plays acts against a story and checks after each what must always hold. */
class Play {
  readonly story = Story.opened();
  readonly #asked = new Map<string, Command>();
  readonly #acts: Act[] = [];
  readonly #told: { readonly change: ConversationChange; readonly at: number; readonly other: boolean }[] = [];
  /** What is known of the newest transfer of the open move: only `open` forbids another one (H5). */
  #fate: 'open' | 'not-taken' | 'looked' = 'not-taken';
  #sentAt = 0;
  #lookBeganAt = new Map<string, number>();

  act(act: Act): void {
    const before = this.story.state;
    const earlier = act.do === 'again' ? this.#acts[act.which % Math.max(1, this.#acts.length)] : act;
    if (!earlier) return;
    this.#acts.push(earlier);
    const events = this.#perform(earlier);
    const after = this.story.state;
    if (isErased(after)) this.#checkErased(before, after, events);
    else this.#check(whole(before), events);
  }

  /** Nothing comes back once it is gone, nothing new is moved, and its own work goes on under keys that mean one thing. */
  #checkErased(before: State, after: ErasedInteraction, events: readonly Event[]): void {
    const { story } = this;
    if (!isErased(before)) {
      expect(events.at(-1)?.type).toBe('InteractionErased');
      expect(before?.move && !events.some(({ type }) => type === 'HandoffSettled')).toBeFalsy();
    } else {
      expect({ ...after, copies: [], chores: [], lastAt: 0 }).toEqual({ ...before, copies: [], chores: [], lastAt: 0 });
    }
    const kinds = story.commands.map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind !== 'OverwriteContext' && kind !== 'RaiseAlert')).toEqual([]);
    for (const command of story.commands) {
      expect(command).toEqual(this.#asked.get(command.key) ?? command);
      this.#asked.set(command.key, command);
    }
    const pending = after.copies.some(({ progress }) => progress.state === 'pending');
    expect(deadline(after) === null).toBe(!pending && after.chores.length === 0);
    const told = JSON.stringify(after);
    for (const personal of ['ACC-1', 'enterprise', 'billing_dispute']) expect(told).not.toContain(personal);
  }

  #perform(act: Act): readonly Event[] {
    const { story } = this;
    const pick = <One>(all: readonly One[], n: number) => all[n % Math.max(1, all.length)];
    switch (act.do) {
      case 'escalate':
        return story.escalate({
          commitBy: act.flow ? 'flow' : 'us',
          resumeBot: act.resumeBot,
          ...(act.key && { request: { key: act.key, digest: String(act.flow) } }),
        });
      case 'succeed': {
        const command = pick(story.commands, act.which);
        if (!command) return [];
        story.wait(act.tookMs);
        return this.#answer(command, succeeded(command, act.view));
      }
      case 'fail': {
        const command = pick(story.commands, act.which);
        return command ? this.#answer(command, act.failure) : [];
      }
      case 'answer-again': {
        const command = pick([...this.#asked.values()], act.which);
        return command ? this.#answer(command, succeeded(command, act.view)) : [];
      }
      case 'tell': {
        const told = { change: act.change, at: story.now + act.off, other: act.other };
        this.#told.push(told);
        return story.tell(told.change, told.at, told.other ? OTHER_LEG : LEG);
      }
      case 'tell-again': {
        const told = pick(this.#told, act.which);
        return told ? story.tell(told.change, told.at, told.other ? OTHER_LEG : LEG) : [];
      }
      case 'clock':
        story.wait(act.by);
        return [];
      case 'due':
        return story.due();
      case 'due-next':
        return deadline(story.state) === null ? story.due() : story.dueNext();
      case 'taken-over':
        return story.take({ kind: 'taken-over' });
      case 'erase':
        return story.take({ kind: 'erase', erasureId: 'e-1' });
      case 'quarantine':
        return story.take({ kind: 'quarantine' });
      case 'open-again':
        return story.take({
          kind: 'open-interaction',
          id: 'interaction-1' as InteractionId,
          channel: 'message',
          direction: 'inbound',
          customer: {},
          context: {},
          leg: LEG,
        });
      case 'wrap-up':
        return story.take({ kind: 'record-wrapup', code: 'done' });
      case 'survey':
        return story.take({ kind: 'record-survey', score: 5 });
      case 'again':
        return [];
      case 'cancel': {
        const known = isErased(story.state) ? null : story.interaction;
        const handoffId = known?.move?.id ?? known?.settled.at(-1)?.id;
        return handoffId ? story.take({ kind: 'cancel-handoff', handoffId }) : [];
      }
      case 'attach':
        return story.take({ kind: 'attach-leg', leg: OTHER_LEG });
      case 'detach':
        return story.take({ kind: 'detach-leg', leg: OTHER_LEG });
      case 'patch':
        return story.take({ kind: 'change-context', context: { intent: 'other' } });
    }
  }

  #answer(command: Command, outcome: CommandOutcome): readonly Event[] {
    const move = isErased(this.story.state) ? null : this.story.interaction.move;
    const current = this.story.commands.some(({ key }) => key === command.key);
    if (current && command.kind === 'TransferToQueue') this.#fate = outcome.kind === 'transient' ? 'not-taken' : 'open';
    if (current && command.kind === 'Look' && outcome.kind === 'done' && outcome.of === 'Look' && move) {
      const failedOne = outcome.result.transfers.some(
        ({ state, queueId }) => state === 'failed' && queueId === QUEUE.id,
      );
      const beganAt = this.#lookBeganAt.get(command.key) ?? 0;
      const { commandTimeoutMs, settleMs } = move.limits;
      // Nothing else than a failure, or a look that began when it could no longer take effect, allows another one.
      if (failedOne || beganAt >= this.#sentAt + Math.min(commandTimeoutMs + settleMs, move.limits.confirmWithinMs)) {
        this.#fate = 'looked';
      }
    }
    return this.story.answer(command.key, outcome);
  }

  #check(before: Interaction, events: readonly Event[]): void {
    const { interaction: after, commands } = this.story;
    // H1: what opened while a move was open would have replaced it.
    const opened = events.filter(({ type }) => type === 'EscalationRequested');
    expect(opened.length).toBeLessThanOrEqual(before.move ? 0 : 1);

    // H2
    let { holder } = before;
    for (const event of events) {
      if (event.type !== 'HolderChanged') continue;
      expect(event.holder.epoch).toBe(holder.epoch + 1);
      expect({ ...event.holder, epoch: 0 }).not.toEqual({ ...holder, epoch: 0 });
      holder = event.holder;
    }
    expect(after.holder).toEqual(holder);

    expect(after.settled.slice(0, before.settled.length)).toEqual(before.settled);
    expect(after.lastAt).toBeGreaterThanOrEqual(before.lastAt);
    for (const event of events) expect(event.at).toBeGreaterThanOrEqual(before.lastAt);

    // The same state asks for the same under the same keys, and no key means two things.
    expect(next(throughJson(after))).toEqual(commands);
    expect(new Set(commands.map(({ key }) => key)).size).toBe(commands.length);
    for (const command of commands) {
      const known = this.#asked.get(command.key);
      if (known) expect(command).toEqual(known);
      else this.#newlyAsked(command);
    }
    if (after.move) expect(deadline(after)).toBeLessThanOrEqual(after.move.limits.settleBy);
    if (after.endedAt !== undefined) expect(after).toMatchObject({ move: null, holder: { kind: 'none' } });
  }

  #newlyAsked(command: Command): void {
    this.#asked.set(command.key, command);
    if (command.kind === 'Look') this.#lookBeganAt.set(command.key, this.story.interaction.lastAt);
    if (command.kind !== 'TransferToQueue') return;
    const first = ![...this.#asked.values()].some(
      (one) => one.kind === 'TransferToQueue' && one.key !== command.key && handoffOf(one) === handoffOf(command),
    );
    if (!first) expect(this.#fate).not.toBe('open');
    this.#fate = 'open';
    this.#sentAt = this.story.interaction.lastAt;
  }

  /** However the platform fails, in a day at most every copy is overwritten, gone, or a person's. */
  #overwriteInTime(failure: Failure | null): void {
    const { story } = this;
    const startedAt = Math.max(story.now, story.erased.lastAt);
    for (let turns = 0; story.erased.copies.some(isPending); turns += 1) {
      expect(turns).toBeLessThan(1_000);
      for (const { kind, key } of story.commands) {
        if (kind === 'RaiseAlert') story.answer(key, { kind: 'done', of: kind, result: null });
      }
      const before = story.state;
      const command = failure && story.commands.find(({ kind }) => kind === 'OverwriteContext');
      this.#checkErased(before, story.erased, command ? this.#answer(command, failure) : story.dueNext());
    }
    expect(story.now - startedAt).toBeLessThan(24 * 3_600_000);
  }

  /** From here on nothing comes back any more, or everything fails: only timers drive. */
  abandon(failure: Failure | null): void {
    const { story } = this;
    if (isErased(story.state)) {
      this.#overwriteInTime(failure);
      return;
    }
    const { move } = story.interaction;
    const startedAt = Math.max(story.now, story.interaction.lastAt);
    for (let turns = 0; !isErased(story.state) && story.interaction.move; turns += 1) {
      expect(turns).toBeLessThan(1_000);
      const before = story.interaction;
      const command = failure && story.commands.find(({ kind }) => kind !== 'RaiseAlert');
      const events = command ? this.#answer(command, failure) : story.dueNext();
      if (!isErased(story.state)) this.#check(before, events);
    }
    // What was waiting for the move is erased with its end.
    if (isErased(story.state)) this.#overwriteInTime(failure);
    else if (move) expect(story.settled.settledAt).toBeLessThanOrEqual(Math.max(move.limits.settleBy, startedAt));
  }
}

function isPending({ progress }: VendorCopy): boolean {
  return progress.state === 'pending';
}

function handoffOf(command: Command): string {
  return command.key.split('.').slice(0, 2).join('.');
}

describe('any sequence of inputs', () => {
  const acts = fc.array(anyActOrErasure, { maxLength: 60, size: 'max' });

  it('keeps H1, H2 and H5, never changes what has settled, and asks under keys that mean one thing', () => {
    fc.assert(
      fc.property(acts, (all) => {
        const play = new Play();
        for (const act of all) play.act(act);
      }),
      { numRuns: 600 },
    );
  });

  it('H6: settles in time from wherever it stands, whether every command fails or none ever comes back', () => {
    fc.assert(
      fc.property(acts, fc.option(anyFailure, { nil: null }), (all, failure) => {
        const play = new Play();
        for (const act of all) play.act(act);
        play.abandon(failure);
      }),
      { numRuns: 150 },
    );
  });

  it('reaches every end there is, so that the above is no empty promise', () => {
    const outcomes = new Set<string>();
    let erasures = 0;
    for (const all of fc.sample(acts, { numRuns: 400, seed: 1 })) {
      const play = new Play();
      for (const act of all) play.act(act);
      if (isErased(play.story.state)) erasures += 1;
      else for (const { outcome } of play.story.interaction.settled) outcomes.add(outcome);
    }
    expect([...outcomes].toSorted()).toEqual([
      'cancelled',
      'compensated',
      'completed',
      'dead_lettered',
      'expired',
      'refused',
    ]);
    expect(erasures).toBeGreaterThan(20);
  });
});
