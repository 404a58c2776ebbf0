// Owns the network between the nodes and one vendor: it carries, loses, delays, breaks off, and delivers a request after its caller
// has given it up, though never later than the platform promises.

import type { Fetch } from '../../src/platforms/http.ts';
import { type Answering, parseBody, type TwinAnswer, type TwinRequest } from '../../src/twins/exchange.ts';
import type { VirtualClock } from '../../src/twins/virtual-clock.ts';
import type { Chance } from './chance.ts';
import { type Life, never } from './life.ts';
import { COMMAND_TIMEOUT_MS, LATEST_LANDING_MS } from './limits.ts';
import type { Stillness } from './stillness.ts';
import { type Doom, doomed } from './store-door.ts';
import type { Trace } from './trace.ts';
import { type CallKind, type ReadCall, type WireCall, wireCall } from './wire-call.ts';

type Fate = 'carried' | 'never-connected' | 'lost' | 'answer-lost' | 'late' | 'slow-answer' | 'silence';

export type NetworkParts = {
  readonly twin: { readonly answer: Answering };
  /** What a request asks for, in the vendor's words. */
  readonly read: ReadCall;
  readonly clock: VirtualClock;
  readonly chance: Chance;
  readonly stillness: Stillness;
  readonly trace: Trace;
  /** In [0, 1]: how much goes wrong. */
  readonly trouble: () => number;
  readonly isOut: () => boolean;
  readonly onWrite: (call: WireCall) => void;
  readonly onLanded: (call: WireCall) => void;
  readonly onDeath: (life: Life, why: string) => void;
};

/** What must not happen twice meets the most of it. */
const UNREPEATABLE: ReadonlySet<CallKind> = new Set(['transfer', 'callback', 'text']);
const LATEST_MS = COMMAND_TIMEOUT_MS + LATEST_LANDING_MS;

export class Network {
  readonly #parts: NetworkParts;

  constructor(parts: NetworkParts) {
    this.#parts = parts;
  }

  /** The network as this process reaches it. */
  fetchFor(life: Life, doom: () => Doom | null): Fetch {
    return (url, init) => (life.ended ? never() : life.receive(this.#send(life, doom, url, init)));
  }

  #send(life: Life, doom: () => Doom | null, url: string, init: RequestInit): Promise<Response> {
    const { clock, read, stillness, onWrite, onDeath } = this.#parts;
    stillness.touch();
    const asked = new URL(url);
    const request = toTwinRequest(asked, init);
    const call = wireCall(read(request), request, life, clock.now());
    const counts = call.conversationId !== null || call.kind === 'callback';
    if (counts && doomed(doom(), 'wire', 'before')) {
      onDeath(life, `before ${call.kind}`);
      return never();
    }
    onWrite(call);
    const answered = this.#carry(call, request, init.signal ?? null);
    if (counts && doomed(doom(), 'wire', 'after')) onDeath(life, `after ${call.kind}`);
    return answered;
  }

  #fateOf({ kind }: WireCall): Fate {
    const { chance, trouble, isOut } = this.#parts;
    if (isOut()) return chance.of('never-connected', 'never-connected', 'lost', 'silence');
    const bad = trouble();
    const moves = UNREPEATABLE.has(kind);
    if (!chance.happens(bad * (moves ? 0.5 : 0.2))) return 'carried';
    return chance.weighted<Fate>([
      [2, 'never-connected'],
      [2, 'lost'],
      [3, 'answer-lost'],
      [moves ? 6 : 2, 'late'],
      [2, 'slow-answer'],
      [1, 'silence'],
    ]);
  }

  #carry(call: WireCall, request: TwinRequest, signal: AbortSignal | null): Promise<Response> {
    const { chance, clock, trace } = this.#parts;
    const fate = this.#fateOf(call);
    const wayMs = chance.happens(0.7) ? 0 : chance.between(0, 60);
    if (fate !== 'carried') trace.tell(`${call.life.owner} ${call.kind} ${fate}`, call.conversationId ?? 'all');
    return new Promise((resolve, reject) => {
      const breakOff = (code: string, heard: 'never-connected' | 'broken-off') => {
        call.heard ??= heard;
        this.#parts.stillness.touch();
        reject(new TypeError('fetch failed', { cause: Object.assign(new Error(code), { code }) }));
      };
      onAbort(signal, call.life, () => reject(signal?.reason));
      switch (fate) {
        case 'never-connected':
          call.state = 'lost';
          return void clock.sleep(wayMs).then(() => breakOff('ECONNREFUSED', 'never-connected'));
        case 'lost':
          call.state = 'lost';
          return void clock.sleep(wayMs).then(() => breakOff('ECONNRESET', 'broken-off'));
        case 'silence':
          call.state = 'lost';
          return;
        case 'answer-lost':
          // Its sender may hear of the broken connection long before the request arrives.
          this.#land(call, request, signal, chance.between(0, chance.happens(0.5) ? 50 : LATEST_MS), () => {});
          return void clock.sleep(chance.between(0, 100)).then(() => breakOff('ECONNRESET', 'broken-off'));
        case 'late':
          return this.#land(call, request, signal, chance.between(COMMAND_TIMEOUT_MS / 2, LATEST_MS), (answer) =>
            this.#answer(call, answer, signal, resolve, breakOff),
          );
        default: {
          const backMs = fate === 'slow-answer' ? chance.between(500, 2 * COMMAND_TIMEOUT_MS) : wayMs;
          return this.#land(call, request, signal, wayMs, (answer) => {
            if (backMs === 0) this.#answer(call, answer, signal, resolve, breakOff);
            else void clock.sleep(backMs).then(() => this.#answer(call, answer, signal, resolve, breakOff));
          });
        }
      }
    });
  }

  /** The request arrives after `ms`, or is dropped or hurried up when its caller gives it up or dies. */
  #land(
    call: WireCall,
    request: TwinRequest,
    signal: AbortSignal | null,
    ms: number,
    then: (answer: TwinAnswer) => void,
  ): void {
    const { clock, chance, twin, stillness, onLanded } = this.#parts;
    const arrive = () => {
      if (call.state !== 'under-way') return;
      stillness.touch();
      call.state = 'landed';
      const answering = twin.answer(request);
      onLanded(call);
      void answering.then((answer) => {
        if (answer.kind === 'respond') call.status = answer.response.status;
        then(answer);
      });
    };
    const givenUp = () => {
      if (call.state !== 'under-way') return;
      if (chance.happens(0.4)) call.state = 'lost';
      else void clock.sleep(chance.between(0, LATEST_LANDING_MS)).then(arrive);
    };
    if (ms === 0) {
      arrive();
      return;
    }
    void clock.sleep(ms).then(arrive);
    onAbort(signal, call.life, givenUp);
    call.life.onEnd(givenUp);
  }

  #answer(
    call: WireCall,
    answer: TwinAnswer,
    signal: AbortSignal | null,
    resolve: (response: Response) => void,
    breakOff: (code: string, heard: 'never-connected' | 'broken-off') => void,
  ): void {
    this.#parts.stillness.touch();
    if (answer.kind === 'hang') return;
    if (answer.kind === 'drop') {
      breakOff('ECONNRESET', 'broken-off');
      return;
    }
    const { status, headers = {}, body } = answer.response;
    if (!signal?.aborted && !call.life.ended) call.heard ??= status;
    const bodiless = body === undefined || status === 204;
    resolve(
      new Response(bodiless ? null : JSON.stringify(body), {
        status,
        headers: { 'content-type': 'application/json', ...headers },
      }),
    );
  }
}

/** A signal that is listened to is kept for good by the machine, and with it the world whose process has ended. */
function onAbort(signal: AbortSignal | null, life: Life, act: () => void): void {
  if (!signal) return;
  signal.addEventListener('abort', act, { once: true });
  life.onEnd(() => signal.removeEventListener('abort', act));
}

function toTwinRequest(url: URL, init: RequestInit): TwinRequest {
  const headers = init.headers as Readonly<Record<string, string>>;
  const body = typeof init.body === 'string' ? parseBody(headers['content-type'], init.body) : undefined;
  return { method: init.method ?? 'GET', path: url.pathname, query: url.searchParams, headers, body, loopback: false };
}
