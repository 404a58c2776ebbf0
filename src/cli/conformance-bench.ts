// Owns what a check of the conformance suite works with: requests that are sent once and held against what the contract promises, each
// step kept as what was sent, what was expected and what came. A broken promise and a check that cannot be tried are thrown.

import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EventEar } from './conformance-ear.ts';
import { type Answer, type Asking, SHOWN, sendOnce, sentence } from './conformance-line.ts';
import { type Capabilities, misfit, type Shaped, type ShapeName, type Shapes } from './conformance-shapes.ts';

export type Step = { readonly sent: string; readonly expected: string; readonly came: string; readonly kept: boolean };

/** A promise that was not kept; the steps say how. */
export class Broken extends Error {}
/** Something is missing without which the check says nothing. The message says what to give. */
export class NotTried extends Error {}
/** The gateway does not say that it does this, so that there is nothing to keep. */
export class NotPromised extends Error {}

export type Target = {
  readonly url: string;
  readonly token: string;
  readonly shapes: Shapes;
  readonly agent?: string;
  readonly queue?: string;
  /** A number that answers, and one that nobody answers (E.164). */
  readonly address?: string;
  readonly deadAddress?: string;
  /** A SIP URI that answers. */
  readonly sipAddress?: string;
  /** Live ones that may be moved and ended, where the gateway makes up none. */
  readonly interactions: readonly string[];
  readonly ear?: EventEar;
  /** How long to wait beyond what the gateway says that it needs. */
  readonly patienceMs?: number;
};

/** A status of 400 and above must come as a problem document; `codes` narrows which. */
export type Expected<Name extends ShapeName> = {
  readonly status: number | readonly number[];
  readonly shape?: Name;
  readonly codes?: readonly string[];
  readonly and?: Claim<Shaped<Name>>;
};
/** `says` completes "expected: …". */
export type Claim<Value> = { readonly says: string; readonly holds: (value: Value) => boolean };

const POLL_MS = 100;
const LONGEST_POLL_MS = 1_000;
export const PATIENCE_MS = 3_000;
/** In patiences: work after a call takes longer than an answer. */
const WRAP_UP = 10;
/** Longer, and more often for one request, we do not wait for a gateway that says 429. */
const LONGEST_PAUSE_MS = 120_000;
const MOST_PAUSES = 20;
const LEAST_PAUSE_MS = 100;

export class Bench {
  readonly target: Target;
  /** As the gateway told it; checks that need it are not tried before. */
  capabilities: Capabilities | undefined;
  readonly patienceMs: number;
  #steps: Step[] = [];
  #after: (() => Promise<void>)[] = [];
  #given: string[];
  #pausedMs = 0;
  #pausedInCheck = false;

  constructor(target: Target) {
    this.target = target;
    this.patienceMs = target.patienceMs ?? PATIENCE_MS;
    this.#given = [...target.interactions];
  }

  /** The steps since the last call. */
  takeSteps(): readonly Step[] {
    const steps = this.#steps;
    this.#steps = [];
    return steps;
  }

  /** Whether the gateway has said since the last call that it is too much, and was waited for. */
  takePaused(): boolean {
    const paused = this.#pausedInCheck;
    this.#pausedInCheck = false;
    return paused;
  }

  /** Sends it once. Throws Broken when what comes is not what is expected. */
  async ask<Name extends ShapeName>(asking: Asking, expected: Expected<Name>): Promise<Shaped<Name>> {
    const answer = await this.#send(asking);
    const fault = faultOf(this.target.shapes, expected, answer);
    this.#note(
      sentence(asking),
      wanted(expected),
      fault === undefined ? answer.told : `${answer.told} — ${fault}`,
      !fault,
    );
    return answer.json as Shaped<Name>;
  }

  /** Asks again and again until the claim holds. Throws Broken when it does not in time. */
  async until<Name extends ShapeName>(
    asking: Asking,
    shape: Name,
    claim: Claim<Shaped<Name>>,
    withinMs: number,
  ): Promise<Shaped<Name>> {
    const started = performance.now();
    const pausedBefore = this.#pausedMs;
    for (let pollMs = POLL_MS; ; pollMs = Math.min(pollMs * 1.5, LONGEST_POLL_MS)) {
      const late = performance.now() - started - (this.#pausedMs - pausedBefore) > withinMs;
      const answer = await this.#send(asking);
      const fault = faultOf(this.target.shapes, { status: 200, shape, and: claim }, answer);
      if (fault === undefined || late) {
        const expected = `${claim.says}, within ${withinMs} ms`;
        this.#note(sentence(asking), expected, answer.told, fault === undefined);
        return answer.json as Shaped<Name>;
      }
      await sleep(pollMs);
    }
  }

  /** Holds a claim about what is known already. */
  claim(sent: string, expected: string, came: string, kept: boolean): void {
    this.#note(sent, expected, came.slice(0, SHOWN), kept);
  }

  /** Done when the check is over, whatever became of it. */
  after(act: () => Promise<void>): void {
    this.#after.push(act);
  }

  async tidy(): Promise<void> {
    const acts = this.#after.reverse();
    this.#after = [];
    for (const act of acts) await act();
  }

  /** Sent without looking at what comes: for tidying up. */
  async quietly(asking: Asking): Promise<void> {
    await this.#send(asking).catch(() => {});
  }

  agent(): string {
    if (this.target.agent === undefined) throw new NotTried('give --agent: the id of an agent who is free');
    return this.target.agent;
  }

  queue(): string {
    if (this.target.queue === undefined) throw new NotTried('give --queue: the name of a queue that somebody serves');
    return this.target.queue;
  }

  ear(): EventEar {
    if (this.target.ear === undefined) throw new NotTried('give --events-port and --events-secret');
    return this.target.ear;
  }

  told(): Capabilities {
    if (this.capabilities === undefined) throw new NotTried('the gateway did not say what it can do');
    return this.capabilities;
  }

  native(): void {
    if (this.told().reservation !== 'native') throw new NotPromised('the gateway does not say that it reserves');
  }

  letsGo(): void {
    if (!this.told().commit.includes('rest'))
      throw new NotPromised('the gateway does not say that calls make it let go');
  }

  /** How long an accepted transfer may take to show, and how long somebody may take to answer. */
  settleMs(): number {
    return this.told().settleMs + this.patienceMs;
  }

  /** How long an agent may take to be free again, work after the call included. */
  freeMs(): number {
    return WRAP_UP * this.patienceMs;
  }

  /** A live interaction that is neither moved nor ended by this check. */
  async untouched(): Promise<string> {
    const [next] = this.#given;
    if (this.told().sandbox) return this.interaction();
    if (next === undefined) throw new NotTried('give --interaction: the id of a live one');
    return next;
  }

  /** A live interaction for this check alone: made up where the gateway does that, else the next of those given. */
  async interaction(with_: { readonly reservationId?: string } = {}): Promise<string> {
    if (!this.told().sandbox) {
      const next = with_.reservationId === undefined ? this.#given.shift() : undefined;
      if (next !== undefined) return next;
      throw new NotTried(
        with_.reservationId === undefined
          ? 'give --interaction once more: the id of a live one, which is moved or ended'
          : 'only a gateway with a sandbox can be made to get a call',
      );
    }
    const body = { mediaType: 'voice', ...with_ };
    const asking = { method: 'POST', path: '/v1/sandbox/interactions', body } as const;
    const { interactionId } = await this.ask(asking, { status: 201, shape: 'SandboxInteraction' });
    this.after(() => this.quietly({ method: 'POST', path: `${interactionPath(interactionId)}/end` }));
    return interactionId;
  }

  /** Where a call may be sent to. */
  address(): string {
    const given = this.target.address ?? (this.told().sandbox ? SEED_NUMBER : undefined);
    if (given === undefined) throw new NotTried('give --address: a number that answers');
    return given;
  }

  deadAddress(): string {
    if (this.target.deadAddress !== undefined) return this.target.deadAddress;
    throw new NotTried('give --dead-address: a number that nobody answers');
  }

  sipAddress(): string {
    if (this.target.sipAddress !== undefined) return this.target.sipAddress;
    throw new NotTried('give --sip-address: a SIP URI that answers, where the platform reaches any');
  }

  #note(sent: string, expected: string, said: string, kept: boolean): void {
    // What a stranger's server says may reach a terminal.
    const came = said.replaceAll(/\p{Cc}+/gu, ' ');
    this.#steps.push({ sent, expected, came, kept });
    if (!kept) throw new Broken(`${sent}: expected ${expected}; came ${came}`);
  }

  /** Who says 429 has begun nothing, and is asked again when they say, as Throughline does it. */
  async #send(asking: Asking): Promise<Answer> {
    for (let pauses = 0; ; pauses += 1) {
      const answer = await sendOnce(this.target, asking);
      if (answer.status !== 429) return answer;
      const { retryAfterMs: told } = answer;
      const fault =
        problemFault(this.target.shapes, ['rate-limited'], answer) ??
        (told === undefined ? 'there is no Retry-After in seconds or as an HTTP date' : undefined);
      const expected = 'with a 429, a Problem of the code rate-limited and Retry-After';
      if (fault !== undefined) this.#note(sentence(asking), expected, `${answer.told} — ${fault}`, false);
      const pauseMs = Math.max(LEAST_PAUSE_MS, told ?? 0);
      if (pauses === MOST_PAUSES || pauseMs > LONGEST_PAUSE_MS)
        throw new NotTried(`the gateway says 429 and to come back in ${pauseMs / 1_000} s: let it take more calls`);
      await sleep(pauseMs);
      this.#pausedMs += pauseMs;
      this.#pausedInCheck = true;
    }
  }
}

/** Seed 002 §2's own. */
const SEED_NUMBER = '+18885551900';

export function newKey(): string {
  return `conformance-${randomUUID()}`;
}

export function interactionPath(id: string): string {
  return `/v1/interactions/${encodeURIComponent(id)}`;
}

/** What is wrong with the answer, or undefined. */
function faultOf<Name extends ShapeName>(
  shapes: Shapes,
  { status, shape, codes, and }: Expected<Name>,
  answer: Answer,
): string | undefined {
  if (![status].flat().includes(answer.status)) return `the status is ${answer.status}`;
  if (answer.status >= 400) return problemFault(shapes, codes, answer);
  const wrong = shape === undefined ? undefined : misfit(shapes, shape, answer.json);
  if (wrong !== undefined) return `not a ${shape}: ${wrong}`;
  if (and !== undefined && !and.holds(answer.json as Shaped<Name>)) return `it does not hold that ${and.says}`;
  return undefined;
}

/** RFC 9457, and the contract's `code`. */
function problemFault(shapes: Shapes, codes: readonly string[] | undefined, answer: Answer): string | undefined {
  if (!answer.type.startsWith('application/problem+json')) return `its type is "${answer.type}"`;
  const read = shapes.Problem.safeParse(answer.json);
  if (!read.success) return `not a Problem: ${misfit(shapes, 'Problem', answer.json)}`;
  if (read.data.status !== answer.status) return 'the status inside is another';
  if (codes !== undefined && !codes.includes(read.data.code)) return `the code is ${read.data.code}`;
  return undefined;
}

function wanted<Name extends ShapeName>({ status, shape, codes, and }: Expected<Name>): string {
  const statuses = [status].flat();
  return [
    statuses.join(' or '),
    ...(shape === undefined ? [] : [`a ${shape}`]),
    ...(statuses.some((each) => each >= 400) ? ['a refusal as a Problem (application/problem+json)'] : []),
    ...(codes === undefined ? [] : [`code ${codes.join(' or ')}`]),
    ...(and === undefined ? [] : [and.says]),
  ].join(', ');
}
