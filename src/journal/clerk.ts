// Owns the clerk: whoever seals, chains and commits batches on a thread beside. What is small goes through the owner's own hands
// while the clerk has nothing to do: two changes of thread would cost more than they save. The thread is started by the first
// large batch, and large batches wait for nobody until it is there.

import { Worker } from 'node:worker_threads';
import type { InteractionId } from '../ids.ts';
import type { ClerkAnswer, ClerkErrand, ClerkOrders } from './clerk-thread.ts';
import type { Draft, DraftWriter, Written } from './draft.ts';
import { packDrafts, unpackWritten } from './draft-parcel.ts';
import type { Turns } from './turns.ts';

/** Fewer than so many at a time are not worth a change of thread. */
const WORTH_IT = 8;

type Waiting = { readonly resolve: (written: readonly Written[]) => void; readonly reject: (error: unknown) => void };

export class Clerk implements DraftWriter, AsyncDisposable {
  /** One is written while the other is decided. */
  readonly atOnce = 2;
  readonly largestBatch = 256;
  readonly #orders: ClerkOrders;
  readonly #own: DraftWriter;
  readonly #turns: Turns;
  readonly #worthIt: number;
  #thread: Worker | null = null;
  #ready: Promise<void> | null = null;
  #isReady = false;
  #fault: unknown = null;
  #gone: Promise<void> = Promise.resolve();
  #waiting: Waiting[] = [];
  #ending = false;

  /** `own` writes on this thread what is fewer than `worthIt` at a time. */
  constructor(orders: ClerkOrders, own: DraftWriter, turns: Turns, worthIt = WORTH_IT) {
    this.#orders = orders;
    this.#own = own;
    this.#turns = turns;
    this.#worthIt = worthIt;
  }

  write(batch: readonly Draft[]): Promise<readonly Written[]> {
    // Whoever erases it lets go of its key; so does who wrote to it before.
    const erased = batch.filter(({ erase }) => erase).map(({ interactionId }) => interactionId);
    if (erased.length > 0) this.letGo(erased);
    if (this.#turns.idle && batch.length < this.#worthIt) return this.#own.write(batch);
    if (this.#isReady) return this.#turns.batch(() => this.#send(batch));
    // What keeps it from starting is told to whoever comes next.
    this.hire().catch(() => {});
    return this.#own.write(batch);
  }

  letGo(ids: readonly InteractionId[]): void {
    this.#own.letGo(ids);
    this.#thread?.postMessage({ letGo: ids } satisfies ClerkErrand);
  }

  /** Starts the thread, once. Resolves when it takes batches. */
  hire(): Promise<void> {
    this.#ready ??= this.#start();
    return this.#ready;
  }

  #send(batch: readonly Draft[]): Promise<readonly Written[]> {
    const thread = this.#thread;
    if (!thread || this.#fault) return Promise.reject(this.#fault);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      thread.ref();
      const parcel: ClerkErrand = packDrafts(batch);
      thread.postMessage(parcel, [parcel.bytes.buffer]);
    });
  }

  #start(): Promise<void> {
    const thread = new Worker(new URL('./clerk-thread.ts', import.meta.url), { workerData: this.#orders });
    this.#thread = thread;
    this.#gone = new Promise((resolve) => thread.once('exit', () => resolve()));
    thread.on('message', (answer: ClerkAnswer) => this.#answered(answer));
    thread.on('error', (error) => this.#fail(error));
    thread.once('exit', () => this.#fail(new Error('The thread that writes the journal has ended.')));
    return new Promise((resolve, reject) => this.#waiting.push({ resolve: () => resolve(), reject }));
  }

  #answered(answer: ClerkAnswer): void {
    const asked = this.#waiting.shift();
    // With nothing to do it keeps no process from ending; its own end is waited for.
    if (this.#waiting.length === 0 && !this.#ending) this.#thread?.unref();
    if (answer === 'ready') {
      this.#isReady = true;
      asked?.resolve([]);
    } else if ('failed' in answer) asked?.reject(answer.failed);
    else asked?.resolve(unpackWritten(answer.written));
  }

  /** From now on nothing is taken: whether what was under way stands is for the next start to see. */
  #fail(error: unknown): void {
    this.#fault ??= error;
    this.#isReady = true;
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }

  /** After everything that was asked for. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending = true;
    this.#thread?.ref();
    this.#thread?.postMessage('end' satisfies ClerkErrand);
    await this.#gone;
  }
}
