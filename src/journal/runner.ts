// Owns the way that every input takes: load → decide → append (compare-and-set on version) → after the commit, execute what
// `next` newly asks for → its outcome comes back as an input. One interaction's inputs are serialised here; across processes
// the version decides and the loser decides again.
//
// 1. Nothing is sent before what asks for it is durable (H5).
// 2. A command runs only under a live lease of this process, checked on the monotonic clock just before the wire, and only as long as
//    the newest state that is known here wants it (fencing).
// 3. What another process had under way is treated as unknown: `taken-over` comes before anything else (H5).
// 4. An input that cannot be decided fails alone: its caller is told, and one of our own ends the process.
// 5. What a command answers without anybody being asked (`foresee`) travels in the append of what asks for it: one commit less to wait for.
// 6. Where others share the journal, its outage is waited for: outcomes of commands are submitted again until they are written.

import type { Clock } from '../clock.ts';
import type { InteractionId } from '../ids.ts';
import type { Command, Execute, Foresee } from '../protocols/command.ts';
import type { ErasedInteraction } from '../protocols/erased-interaction.ts';
import type { Event } from '../protocols/event.ts';
import { evolve } from '../protocols/evolve.ts';
import { deadline, decide } from '../protocols/handoff.ts';
import type { Input } from '../protocols/input.ts';
import { type Interaction, isErased, type Known, type State } from '../protocols/interaction.ts';
import { isSameLeg } from '../protocols/move.ts';
import { Calls } from './calls.ts';
import { Claims, leaseFrom } from './claims.ts';
import { Dispatcher } from './dispatcher.ts';
import { foreseenFrom } from './foresight.ts';
import type { Along, Appended, Head, Journal } from './journal.ts';
import { JournalUnavailable, unavailable } from './journal-unavailable.ts';
import { answer, apart, withoutDuplicates } from './letters.ts';
import { type Enclosed, type Letter, type Mailbox, Mailboxes, type Reply } from './mailbox.ts';
import { Outages } from './outages.ts';
import type { MessageKey, OthersAppended } from './store.ts';
import { Watchers } from './watchers.ts';

export type RunnerSettings = {
  /** Longer than any command's time-out. */
  readonly leaseMs: number;
  readonly pollMs: number;
  readonly claimBatch: number;
  /** Interactions kept in memory at most. */
  readonly capacity: number;
};

const RUNNER_SETTINGS: RunnerSettings = { leaseMs: 20_000, pollMs: 50, claimBatch: 256, capacity: 4_096 };

/** How often a watcher looks by itself where another process may have moved the interaction on. */
const WATCH_EVERY_MS = 250;
/** How long a stop waits for calls that are under way. */
const STOP_GRACE_MS = 2_000;

export type RunnerParts = {
  readonly journal: Journal;
  readonly execute: Execute;
  readonly foresee?: Foresee;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  /** This process, as leases name it. */
  readonly owner: string;
  readonly settings?: Partial<RunnerSettings>;
  /** A bug, or a journal of our own that cannot be written: the process should end, recovery does the rest. */
  readonly onFault: (error: unknown) => void;
  /** A journal that others share could not be reached; it is tried again. */
  readonly onOutage?: (error: JournalUnavailable) => void;
  readonly onQuarantine?: (id: InteractionId) => void;
  /** Where others share the journal: an interaction that could not be read or decided. It stays as it is, and its claims count. */
  readonly onPoison?: (id: InteractionId, error: unknown) => void;
};

/** What was taken, and how things stand after it. */
export type News = { readonly id: InteractionId; readonly events: readonly Event[]; readonly state: Known };

export class Runner implements AsyncDisposable {
  readonly #journal: Journal;
  readonly #calls: Calls;
  readonly #clock: Clock;
  readonly #foresee: Foresee | undefined;
  readonly #owner: string;
  readonly #settings: RunnerSettings;
  readonly #onFault: (error: unknown) => void;
  readonly #dispatcher: Dispatcher;
  readonly #claims: Claims;
  readonly #boxes: Mailboxes;
  readonly #stopping = new AbortController();
  readonly #watchers: Watchers;
  readonly #listeners = new Set<(news: News) => void>();
  /** Batches of letters and commands that are under way. */
  #running = 0;
  #atRest: (() => void) | null = null;
  readonly #outages: Outages;
  #unlisten: () => void = () => {};
  #pump: Promise<void> | null = null;
  /** Nobody else writes to this store, so what is kept in memory is how things stand. */
  #alone = false;

  constructor(parts: RunnerParts) {
    this.#journal = parts.journal;
    this.#clock = parts.clock;
    this.#foresee = parts.foresee;
    this.#owner = parts.owner;
    this.#settings = { ...RUNNER_SETTINGS, ...parts.settings };
    this.#onFault = parts.onFault;
    this.#boxes = new Mailboxes(this.#settings.capacity);
    this.#calls = new Calls(parts.execute, this.#clock, this.#settings.leaseMs);
    this.#watchers = new Watchers(this.#clock);
    const { clock, random, onOutage = () => {}, onPoison = () => {} } = parts;
    const stopping = this.#stopping.signal;
    this.#outages = new Outages({ clock, random, onOutage, stopping });
    this.#dispatcher = new Dispatcher({
      clock,
      random,
      stopping,
      onPoison,
      calls: this.#calls,
      outages: this.#outages,
      submit: (id, input) => this.submit(id, input),
      track: (work) => this.#track(work),
    });
    this.#claims = new Claims({
      ...parts,
      outages: this.#outages,
      settings: this.#settings,
      submitAll: (id, inputs) => this.submitAll(id, inputs),
      isUnderWay: (id) => (this.#boxes.peek(id)?.underWay.size ?? 0) > 0,
      onQuarantine: parts.onQuarantine ?? (() => {}),
      onPoison,
    });
  }

  /** Begins to claim what is due. `recovering`: this store has no other process, so no lease in it is alive. */
  async start({ recovering }: { readonly recovering: boolean }): Promise<void> {
    this.#alone = recovering;
    this.#outages.riding = !recovering;
    if (!recovering) this.#unlisten = this.#journal.store.onOthersAppended((others) => this.#heed(others));
    if (recovering) await this.#journal.store.recover(this.#clock.now());
    this.#pump = this.#claims.keepPumping(this.#stopping.signal).catch((error) => this.#onFault(error));
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
  async read(id: InteractionId): Promise<{ readonly state: Known; readonly version: number } | null> {
    const head = this.#alone ? this.#boxes.peek(id)?.head : null;
    return head ?? (await this.#journal.peek(id));
  }

  /** Resolves with the first state that satisfies `until`, or with null after `withinMs`, when it is erased or when the runner stops. */
  async watch(
    id: InteractionId,
    until: (state: Interaction) => boolean,
    withinMs: number,
  ): Promise<Interaction | null> {
    const found = await this.#wait(id, (state) => isErased(state) || until(state), withinMs);
    return isErased(found) ? null : found;
  }

  /** Resolves with what is left of the interaction once it is erased, or with null after `withinMs` or when the runner stops. */
  async watchErasure(id: InteractionId, withinMs: number): Promise<ErasedInteraction | null> {
    const found = await this.#wait(id, isErased, withinMs);
    return isErased(found) ? found : null;
  }

  #wait(id: InteractionId, until: (state: Known) => boolean, withinMs: number): Promise<Known | null> {
    const lookEveryMs = this.#alone ? withinMs : WATCH_EVERY_MS;
    // What this process wrote last is looked at first: mostly it is the newest there is.
    let known = this.#boxes.peek(id)?.head ?? null;
    const look = async () => {
      const found = known ?? (await this.read(id).catch((error) => this.#noNews(error)));
      known = null;
      return found?.state ?? null;
    };
    return this.#watchers.wait(id, { until, withinMs, lookEveryMs, look });
  }

  /** Whoever waits has nothing to lose by waiting through an outage. */
  #noNews(error: unknown): null {
    if (this.#outages.riding && error instanceof JournalUnavailable) return null;
    throw error;
  }

  /** What is kept in memory and has been overtaken is forgotten, and who waits looks at once. Only a hint: the version decides. */
  #heed(others: OthersAppended): void {
    if (others === 'missed') {
      this.#boxes.forgetHeads();
      this.#watchers.wakeAll();
      return;
    }
    for (const { id, version } of others) {
      const box = this.#boxes.peek(id);
      if (box?.head && box.head.version < version) box.head = null;
      this.#watchers.wake(id);
    }
  }

  /**
   * Takes the letters in batches, in order, until none is left. One promise carries a batch from here to its commit: with many
   * interactions at once, what waits for a commit is what the garbage collector copies.
   */
  async #work(box: Mailbox): Promise<void> {
    box.busy = true;
    while (box.letters.length > 0) {
      const letters = box.letters;
      box.letters = [];
      try {
        const last = letters.find(isQuarantine);
        if (last) await this.#setAside(box, last);
        let { first, repeats } = apart(last ? letters.filter((letter) => letter !== last) : letters);
        while (first.length > 0) {
          const again = await this.#attempt(box, first);
          if (again.length + repeats.length === 0) break;
          ({ first, repeats } = apart([...again, ...repeats]));
        }
      } catch (error) {
        box.head = null;
        for (const letter of letters) letter.fail(error);
      }
    }
    box.busy = false;
  }

  /**
   * Settles what is open as far as that can be done, then puts the interaction out of everybody's reach, with nothing in between:
   * what else waits for it finds it quarantined.
   */
  async #setAside(box: Mailbox, letter: Letter): Promise<void> {
    box.head = null;
    // That it cannot even be loaded or decided may be what brought it here.
    const silent = { ...letter, reply: () => {}, fail: () => {} };
    await this.#settleAlone(box, silent).catch(() => {});
    await this.#journal.store.quarantine(box.id, this.#clock.now()).catch(unavailable);
    box.head = null;
    letter.reply({ kind: 'quarantined' });
  }

  async #settleAlone(box: Mailbox, letter: Letter): Promise<void> {
    let open: readonly Letter[] = [letter];
    while (open.length > 0) open = await this.#attempt(box, open);
  }

  /** One try. Returns the letters that must be decided again (the version moved on, or a duplicate was sorted out). */
  async #attempt(box: Mailbox, all: readonly Letter[]): Promise<readonly Letter[]> {
    const cached = box.head;
    const loaded = cached ?? (await this.#journal.load(box.id));
    if (loaded === 'quarantined') {
      this.#dispatcher.keepOnly(box, []);
      answer(all.filter(isHeldBack), { kind: 'quarantined' });
    }
    // What is set aside for a person is erased all the same, and with that there is nothing left to be set aside.
    const open = loaded === 'quarantined' ? all.filter((letter) => !isHeldBack(letter)) : all;
    if (open.length === 0) return [];
    const before = loaded === 'quarantined' ? await this.#journal.peek(box.id) : loaded;
    const old = before?.state ?? null;
    const { state: asDecided, decided } = this.#decideAll(old, open);
    const letters = decided.map(({ letter }) => letter);
    if (!asDecided) return answer(letters, { kind: 'unknown' });
    const foreseen = await foreseenFrom(old, asDecided, { foresee: this.#foresee, now: () => this.#clock.now() });
    const { state, wanted } = foreseen;

    const claimedAt = letters.find((letter) => letter.leasedAt !== undefined)?.leasedAt;
    const asked = claimedAt === undefined ? foreseen.asked : wanted;
    const events = [...decided.flatMap((one) => one.events), ...foreseen.events];
    if (before && events.length === 0) {
      if (cached && !this.#alone) {
        // Another process may have moved on: that an input changes nothing is believed of the newest state only.
        box.head = null;
        return letters;
      }
      box.head = before;
      this.#dispatcher.keepOnly(box, wanted);
      await this.#note(decided, before);
      if (claimedAt !== undefined) this.#dispatcher.start(box, asked, claimedAt);
      return taken(decided, before);
    }

    const leasedAt = this.#clock.monotonic();
    const along = { dueAt: deadline(state), lease: this.#leaseFor(wanted, asked), ...enclosedIn(decided) };
    const result = await this.#journal.append(before, box.id, events, state, along);
    if (result.kind === 'version-conflict') {
      box.head = null;
      return [...letters, ...foreseen.inputs.map((input) => this.#own(input))];
    }
    if (result.kind === 'duplicate') return withoutDuplicates(letters, result.messages);
    if (result.kind === 'leg-taken') return this.#withoutTakers(decided, result);
    box.head = result.head;
    this.#dispatcher.keepOnly(box, wanted);
    this.#dispatcher.start(box, asked, leasedAt);
    this.#watchers.tell(box.id, state);
    for (const listener of this.#listeners) listener({ id: box.id, events, state });
    return taken(decided, result.head);
  }

  /** Calls back with what this process has taken, after its commit and in order per interaction. Returns how to stop. */
  onTaken(listener: (news: News) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** A message that changes nothing is taken all the same: told again it must change nothing of who has its leg by then either. */
  async #note(decided: readonly Decided[], { state }: Head): Promise<void> {
    const messages = isErased(state) ? [] : messagesIn(decided);
    if (messages.length > 0) await this.#journal.note(messages, this.#clock.now());
  }

  /** One that nobody waits for: what was foreseen has happened, and whoever moved the interaction on must know of it. */
  #own(input: Input): Letter {
    return { input, reply: () => {}, fail: this.#onFault };
  }

  /** A letter that cannot be decided fails by itself; the others go on as if it had never come. */
  #decideAll(before: State, letters: readonly Letter[]) {
    const now = this.#clock.now();
    let state = before;
    const decided: Decided[] = [];
    let lost: unknown;
    for (const letter of letters) {
      try {
        // What was under way is not known to be unknown, so nothing is started again as if it were (H5).
        if (lost !== undefined && letter.leasedAt !== undefined) throw lost;
        const events = decide(state, letter.input, now);
        decided.push({ letter, events, held: holdsLegOf(state, letter.input) });
        state = events.reduce<State>(evolve, state);
      } catch (error) {
        if (letter.input.kind === 'taken-over') lost = error;
        letter.fail(error);
      }
    }
    return { state, decided };
  }

  /** Those who wanted the taken leg are told whose it is; everybody else in the batch is decided again without them. */
  #withoutTakers(decided: readonly Decided[], { leg, interactionId }: Taken): readonly Letter[] {
    const wanted = ({ events }: Decided) =>
      events.some((event) => {
        if (event.type !== 'LegAttached') return false;
        const { platform, external } = this.#journal.legKey(event.leg);
        return platform === leg.platform && external === leg.external;
      });
    answer(
      decided.filter(wanted).map(({ letter }) => letter),
      { kind: 'leg-taken', interactionId },
    );
    return decided.filter((one) => !wanted(one)).map(({ letter }) => letter);
  }

  #leaseFor(wanted: readonly Command[], asked: readonly Command[]): Along['lease'] {
    if (asked.length > 0) return leaseFrom(this.#clock.now(), this.#owner, this.#settings.leaseMs);
    return wanted.length > 0 ? 'keep' : null;
  }

  /** Claims what is due and moves it on. Returns how many rows it took. */
  pump(): Promise<number> {
    return this.#claims.pump();
  }

  /** Delivers parked events whose leg has become known, and deletes what has expired. Answers whether there is more to do. */
  sweep(): Promise<boolean> {
    return this.#claims.sweep();
  }

  #track(work: Promise<void>): void {
    this.#running += 1;
    void work.then(this.#ended, (error) => {
      this.#ended();
      this.#onFault(error);
    });
  }

  readonly #ended = (): void => {
    this.#running -= 1;
    if (this.#running === 0) this.#atRest?.();
  };

  /** Stops claiming and sending, waits for what is being written. What is left is taken up at the next start. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    this.#calls.stop();
    this.#watchers.stop();
    this.#unlisten();
    await this.#pump;
    const grace = new AbortController();
    await Promise.race([this.#settle(), this.#clock.sleep(STOP_GRACE_MS, grace.signal)]);
    grace.abort();
    this.#calls.abort();
    await this.#settle();
    this.#calls.close();
    await this.#journal.drain();
  }

  /** Resolves when nothing is being written or sent. Asked for by the stop alone. */
  async #settle(): Promise<void> {
    while (this.#running > 0) {
      await new Promise<void>((resolve) => {
        this.#atRest = resolve;
      });
    }
  }
}

type Taken = Extract<Appended, { kind: 'leg-taken' }>;
type Decided = {
  readonly letter: Letter;
  readonly events: readonly Event[];
  /** Whether what is told is about a conversation of this interaction. */
  readonly held: boolean;
};

function enclosedIn(decided: readonly Decided[]): Pick<Along, 'messages' | 'blobs'> {
  return {
    messages: messagesIn(decided),
    // A refused or repeated request leaves nothing behind.
    blobs: decided.flatMap(({ letter, events }) =>
      events.some(isRefusal) || events.length === 0 ? [] : (letter.blob ?? []),
    ),
  };
}

/** What is not of this interaction stays for whoever has the leg now. */
function messagesIn(decided: readonly Decided[]): readonly MessageKey[] {
  return decided.flatMap(({ letter, held }) => (held && letter.message) || []);
}

function taken(decided: readonly Decided[], { state, version }: Head): readonly Letter[] {
  for (const { letter, events, held } of decided)
    letter.reply(held ? { kind: 'taken', state, version, events } : { kind: 'not-held' });
  return [];
}

function isQuarantine({ input }: Letter): boolean {
  return input.kind === 'quarantine';
}

/** What is told of an erased interaction is dropped, and so it is nobody else's. */
function holdsLegOf(state: State, input: Input): boolean {
  if (input.kind !== 'conversation-event' || !state || isErased(state)) return true;
  return state.legs.some((leg) => isSameLeg(leg, input.event));
}

function isHeldBack({ input }: Letter): boolean {
  return !(input.kind === 'erase' && input.atOnce);
}

function isRefusal(event: Event): boolean {
  return event.type === 'RequestRefused';
}
