// Owns one process of a node from its start to its end. After a crash nothing reaches it any more and it reaches nobody: its
// store, wire and clock are cut and their promises never settle. While it is paused what comes to it is held, and then all fires late.

import { AsyncLocalStorage } from 'node:async_hooks';
import type { Chance } from './chance.ts';

export class Life {
  /** As leases name it. */
  readonly owner: string;
  readonly #chance: Chance;
  readonly #atEnd: (() => void)[] = [];
  #held: (() => void)[] = [];
  #ended = false;
  #paused = false;
  /** Rows it has claimed, and the how manieth claim of each that was since the row last got on. */
  readonly claimed = new Map<string, number>();
  /** What is done for whoever asks or tells, as opposed to what the process does by itself. */
  readonly #command = new AsyncLocalStorage<string>();
  readonly #asked = new AsyncLocalStorage<true>();
  /** Takes no new requests: it is being stopped. */
  stopping = false;

  constructor(owner: string, chance: Chance) {
    this.owner = owner;
    this.#chance = chance;
  }

  /** Whatever is written to the wire meanwhile is this command's. */
  performing<Result>(key: string, act: () => Result): Result {
    return this.#command.run(key, act);
  }

  get command(): string | undefined {
    return this.#command.getStore();
  }

  forOthers<Result>(act: () => Result): Result {
    return this.#asked.run(true, act);
  }

  get isForOthers(): boolean {
    return this.#asked.getStore() === true;
  }

  get ended(): boolean {
    return this.#ended;
  }

  get paused(): boolean {
    return this.#paused;
  }

  get running(): boolean {
    return !this.#ended && !this.#paused;
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#held = [];
    for (const act of this.#atEnd.splice(0)) act();
  }

  onEnd(act: () => void): void {
    this.#atEnd.push(act);
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    for (const act of this.#chance.shuffled(this.#held.splice(0))) this.deliver(act);
  }

  /** Runs `act` as the process gets to it: later while it is paused, never once it has ended. */
  deliver(act: () => void): void {
    if (this.#ended) return;
    if (this.#paused) this.#held.push(() => this.deliver(act));
    else act();
  }

  receive<Value>(work: Promise<Value>): Promise<Value> {
    return new Promise((resolve, reject) => {
      work.then(
        (value) => this.deliver(() => resolve(value)),
        (error) => this.deliver(() => reject(error)),
      );
    });
  }
}

export function never<Value>(): Promise<Value> {
  return new Promise(() => {});
}
