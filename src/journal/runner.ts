// Owns the loop that moves everything: load → decide → append (compare-and-set on version) → after the commit, execute what
// `next` newly asks for → its outcome comes back as an input. One interaction's inputs are serialised here; across processes
// the version decides and the loser decides again.
//
// 1. Nothing is sent before what asks for it is durable (H5).
// 2. A command runs only under a live lease of this process, checked on the monotonic clock just before the wire (fencing).
// 3. What another process had under way is treated as unknown: `taken-over` comes before anything else (H5).
// 4. A row whose claims did not finish three times is quarantined, so that one bad row cannot walk through the house.

import type { Clock } from '../clock.ts';
import type { InteractionId } from '../ids.ts';
import type { Failure } from '../outcome.ts';
import type { Command, CommandValue } from '../protocols/command.ts';
import type { Event } from '../protocols/event.ts';
import { evolve } from '../protocols/evolve.ts';
import { deadline, decide, next } from '../protocols/handoff.ts';
import type { Input } from '../protocols/input.ts';
import type { Interaction, State } from '../protocols/interaction.ts';
import type { Along, Journal } from './journal.ts';
import { type Letter, type Mailbox, Mailboxes, type Reply } from './mailbox.ts';
import type { Claimed, MessageKey, SealedBlob } from './store.ts';

export type CommandOutcome = ({ readonly kind: 'done' } & CommandValue) | Failure;

/** Performs a command. Never throws for what a vendor does; asks `mayStart` just before anything is written to the wire. */
export type Execute = (
  command: Command,
  call: { readonly signal: AbortSignal; readonly mayStart: () => boolean },
) => Promise<CommandOutcome>;

export type RunnerSettings = {
  /** Longer than any command's time-out. */
  readonly leaseMs: number;
  readonly pollMs: number;
  readonly claimBatch: number;
  /** Interactions kept in memory at most. */
  readonly capacity: number;
};

export const RUNNER_SETTINGS: RunnerSettings = { leaseMs: 20_000, pollMs: 50, claimBatch: 256, capacity: 4_096 };

const CLAIMS_BEFORE_QUARANTINE = 3;
const SWEEP_EVERY_MS = 1_000;
const SWEEP_BATCH = 500;
/** How long a stop waits for calls that are under way. */
const STOP_GRACE_MS = 2_000;

export type RunnerParts = {
  readonly journal: Journal;
  readonly execute: Execute;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  /** This process, as leases name it. */
  readonly owner: string;
  readonly settings?: Partial<RunnerSettings>;
  /** A bug or a journal that cannot be written: the process should end, recovery does the rest. */
  readonly onFault: (error: unknown) => void;
  readonly onQuarantine?: (id: InteractionId) => void;
};

export class Runner implements AsyncDisposable {
  readonly #journal: Journal;
  readonly #execute: Execute;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #owner: string;
  readonly #settings: RunnerSettings;
  readonly #onFault: (error: unknown) => void;
  readonly #onQuarantine: (id: InteractionId) => void;
  readonly #boxes: Mailboxes;
  readonly #watchers = new Map<InteractionId, Set<(state: Interaction) => void>>();
  readonly #stopping = new AbortController();
  readonly #aborting = new AbortController();
  readonly #running = new Set<Promise<void>>();
  #pump: Promise<void> | null = null;

  constructor(parts: RunnerParts) {
    this.#journal = parts.journal;
    this.#execute = parts.execute;
    this.#clock = parts.clock;
    this.#random = parts.random;
    this.#owner = parts.owner;
    this.#settings = { ...RUNNER_SETTINGS, ...parts.settings };
    this.#onFault = parts.onFault;
    this.#onQuarantine = parts.onQuarantine ?? (() => {});
    this.#boxes = new Mailboxes(this.#settings.capacity);
  }

  /** Begins to claim what is due. `recovering`: this store has no other process, so no lease in it is alive. */
  async start({ recovering }: { readonly recovering: boolean }): Promise<void> {
    if (recovering) await this.#journal.store.recover(this.#clock.now());
    this.#pump = this.#keepPumping().catch((error) => this.#onFault(error));
  }

  /** Takes an input for an interaction; resolves when what it caused is durable. */
  submit(id: InteractionId, input: Input, along: Enclosed = {}): Promise<Reply> {
    const [reply] = this.submitAll(id, [{ input, ...along }]);
    return reply as Promise<Reply>;
  }

  /** Takes several inputs that belong in one append, such as an interaction and the events that came before it. */
  submitAll(id: InteractionId, inputs: readonly ({ readonly input: Input } & Enclosed)[]): Promise<Reply>[] {
    const box = this.#boxes.get(id);
    const replies = inputs.map((one) => new Promise<Reply>((reply, fail) => box.letters.push({ ...one, reply, fail })));
    if (!box.busy) this.#track(this.#work(box));
    return replies;
  }

  /** The interaction as it stands, or null. */
  async read(id: InteractionId): Promise<{ readonly state: Interaction; readonly version: number } | null> {
    return this.#boxes.peek(id)?.head ?? (await this.#journal.peek(id));
  }

  /** Resolves with the first state that satisfies `until`, or with null after `withinMs`. */
  async watch(
    id: InteractionId,
    until: (state: Interaction) => boolean,
    withinMs: number,
  ): Promise<Interaction | null> {
    const enough = new AbortController();
    let found: Interaction | null = null;
    const watcher = (state: Interaction) => {
      if (!until(state)) return;
      found ??= state;
      enough.abort();
    };
    const watchers = this.#watchers.get(id) ?? new Set();
    this.#watchers.set(id, watchers.add(watcher));
    const now = await this.read(id);
    if (now) watcher(now.state);
    if (!found) await this.#clock.sleep(withinMs, enough.signal);
    watchers.delete(watcher);
    if (watchers.size === 0) this.#watchers.delete(id);
    return found;
  }

  async #work(box: Mailbox): Promise<void> {
    box.busy = true;
    try {
      while (box.letters.length > 0) {
        const letters = box.letters;
        box.letters = [];
        await this.#take(box, letters);
      }
    } finally {
      box.busy = false;
    }
  }

  /** Decides a batch of letters in order and appends what they caused, all in one append. */
  async #take(box: Mailbox, letters: readonly Letter[]): Promise<void> {
    try {
      let open = letters;
      while (open.length > 0) open = await this.#attempt(box, open);
    } catch (error) {
      box.head = null;
      for (const letter of letters) letter.fail(error);
    }
  }

  /** One try. Returns the letters that must be decided again (the version moved on, or a duplicate was sorted out). */
  async #attempt(box: Mailbox, letters: readonly Letter[]): Promise<readonly Letter[]> {
    const loaded = box.head ?? (await this.#journal.load(box.id));
    if (loaded === 'quarantined') return answer(letters, { kind: 'quarantined' });
    const before = loaded;
    const { state, decided } = this.#decideAll(before?.state ?? null, letters);
    if (!state) return answer(letters, { kind: 'unknown' });

    const events = decided.flatMap((one) => one.events);
    let head = before;
    if (events.length > 0) {
      const asked = newlyAsked(before?.state ?? null, state);
      const leasedAt = this.#clock.monotonic();
      const result = await this.#journal.append(before, box.id, events, state, this.#along(state, asked, decided));
      if (result.kind === 'version-conflict') {
        box.head = null;
        return letters;
      }
      if (result.kind === 'duplicate') return withoutDuplicates(letters, result.messages);
      if (result.kind === 'leg-taken')
        return answer(letters, { kind: 'leg-taken', interactionId: result.interactionId });
      head = result.head;
      box.head = head;
      this.#dispatch(box, asked, leasedAt);
      for (const watcher of this.#watchers.get(box.id) ?? []) watcher(state);
    }
    if (!head) return answer(letters, { kind: 'unknown' });
    box.head = head;
    for (const { letter, events: caused } of decided) {
      letter.reply({ kind: 'taken', state: head.state, version: head.version, events: caused });
    }
    return [];
  }

  #decideAll(before: State, letters: readonly Letter[]) {
    const now = this.#clock.now();
    let state = before;
    const decided = letters.map((letter) => {
      const events = decide(state, letter.input, now);
      for (const event of events) state = evolve(state, event);
      return { letter, events };
    });
    return { state, decided };
  }

  #along(state: Interaction, asked: readonly Command[], decided: readonly Decided[]): Along {
    const lease = asked.length > 0 ? { owner: this.#owner, until: this.#clock.now() + this.#settings.leaseMs } : null;
    return {
      dueAt: deadline(state),
      lease: lease ?? (next(state).length > 0 ? 'keep' : null),
      messages: decided.flatMap(({ letter }) => letter.message ?? []),
      // A refused or repeated request leaves nothing behind.
      blobs: decided.flatMap(({ letter, events }) =>
        events.some(isRefusal) || events.length === 0 ? [] : (letter.blob ?? []),
      ),
    };
  }

  #dispatch(box: Mailbox, commands: readonly Command[], leasedAt: number): void {
    for (const command of commands) {
      if (box.underWay.has(command.key)) continue;
      box.underWay.add(command.key);
      this.#track(this.#perform(box, command, leasedAt));
    }
  }

  async #perform(box: Mailbox, command: Command, leasedAt: number): Promise<void> {
    const startedAt = this.#clock.monotonic();
    const giveUp = new AbortController();
    // Whatever is sent has ended, one way or the other, before the lease has.
    const lastStartAt = leasedAt + this.#settings.leaseMs - command.timeoutMs;
    const mayStart = () => !this.#stopping.signal.aborted && this.#clock.monotonic() < lastStartAt;
    const finished = new AbortController();
    const timeout = this.#clock.sleep(command.timeoutMs, finished.signal).then((): CommandOutcome => {
      giveUp.abort();
      return { kind: 'ambiguous', code: 'timed-out' };
    });
    const outcome = await Promise.race([
      this.#execute(command, { signal: AbortSignal.any([giveUp.signal, this.#aborting.signal]), mayStart }),
      timeout,
    ]);
    finished.abort();
    box.underWay.delete(command.key);
    // A process that is stopping leaves the rest to whoever takes over: they look first.
    if (this.#stopping.signal.aborted && outcome.kind !== 'done') return;
    const tookMs = this.#clock.monotonic() - startedAt;
    await this.submit(box.id, {
      kind: 'command-outcome',
      actor: 'throughline',
      key: command.key,
      outcome,
      tookMs,
      chance: this.#random(),
    });
  }

  async #keepPumping(): Promise<void> {
    let sweptAt = Number.NEGATIVE_INFINITY;
    while (!this.#stopping.signal.aborted) {
      const claimed = await this.pump();
      if (this.#clock.monotonic() - sweptAt >= SWEEP_EVERY_MS) {
        sweptAt = this.#clock.monotonic();
        await this.sweep();
      }
      if (claimed < this.#settings.claimBatch) await this.#clock.sleep(this.#settings.pollMs, this.#stopping.signal);
    }
  }

  /** Claims what is due and moves it on. Returns how many rows it took. */
  async pump(): Promise<number> {
    const now = this.#clock.now();
    const lease = { owner: this.#owner, until: now + this.#settings.leaseMs };
    const leasedAt = this.#clock.monotonic();
    const claimed = await this.#journal.store.claimDue(now, lease, this.#settings.claimBatch);
    await Promise.all(claimed.map((row) => this.#resume(row, leasedAt)));
    return claimed.length;
  }

  async #resume({ id, takenFrom, claims }: Claimed, leasedAt: number): Promise<void> {
    if (claims > CLAIMS_BEFORE_QUARANTINE) {
      await this.#journal.store.quarantine(id, this.#clock.now());
      this.#onQuarantine(id);
      return;
    }
    const box = this.#boxes.get(id);
    if (takenFrom !== null && takenFrom !== this.#owner) {
      box.head = null;
      await this.submit(id, { kind: 'taken-over', actor: 'throughline' });
    }
    const reply = await this.submit(id, { kind: 'due', actor: 'throughline', chance: this.#random() });
    if (reply.kind !== 'taken') return;
    const asked = next(reply.state);
    this.#dispatch(box, asked, leasedAt);
    if (asked.length === 0 && reply.events.length === 0) {
      await this.#journal.store.finish(id, reply.version, deadline(reply.state));
    }
  }

  /** Delivers parked events whose leg has become known meanwhile, and deletes what has expired. */
  async sweep(): Promise<void> {
    const strays = await this.#journal.strays(SWEEP_BATCH);
    for (const { interactionId, message, event } of strays) {
      const input = { kind: 'conversation-event', actor: `platform:${event.platform}`, event } as const;
      const reply = await this.submit(interactionId, input, { message });
      if (reply.kind !== 'taken' || reply.events.length === 0) await this.#journal.store.discard([message]);
    }
    await this.#journal.store.expire(this.#clock.now(), SWEEP_BATCH);
  }

  #track(work: Promise<void>): void {
    const tracked = work.catch((error) => this.#onFault(error)).finally(() => this.#running.delete(tracked));
    this.#running.add(tracked);
  }

  /** Stops claiming and sending, waits for what is being written. What is left is taken up at the next start. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    await this.#pump;
    const grace = new AbortController();
    await Promise.race([this.#settle(), this.#clock.sleep(STOP_GRACE_MS, grace.signal)]);
    grace.abort();
    this.#aborting.abort();
    await this.#settle();
    await this.#journal.drain();
  }

  async #settle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }
}

type Enclosed = { readonly message?: MessageKey; readonly blob?: SealedBlob };
type Decided = { readonly letter: Letter; readonly events: readonly Event[] };

/** The commands that `after` asks for and `before` did not: what this append must start. */
function newlyAsked(before: State, after: State): readonly Command[] {
  const known = new Set(next(before).map(({ key }) => key));
  return next(after).filter(({ key }) => !known.has(key));
}

function answer(letters: readonly Letter[], reply: Reply): readonly Letter[] {
  for (const letter of letters) letter.reply(reply);
  return [];
}

function withoutDuplicates(letters: readonly Letter[], duplicates: readonly MessageKey[]): readonly Letter[] {
  const known = new Set(duplicates.map(({ sender, messageId }) => `${sender}\0${messageId}`));
  return letters.filter((letter) => {
    const repeated = letter.message && known.has(`${letter.message.sender}\0${letter.message.messageId}`);
    if (repeated) letter.reply({ kind: 'duplicate' });
    return !repeated;
  });
}

function isRefusal(event: Event): boolean {
  return event.type === 'RequestRefused';
}
