// Owns the telephone network between the two contact centers of a world, and the line on which their entries ask whose a call is: calls
// are lost, dropped, delayed or never connected, and the asking is lost, late, or its answer is.

import { type CallOffer, type Carrier, createCarrier } from '../../src/twins/carrier.ts';
import type { CallFault } from '../../src/twins/faults.ts';
import type { VirtualClock } from '../../src/twins/virtual-clock.ts';
import type { Chance } from './chance.ts';
import { ENTRY_TIMEOUT_MS } from './crossing-limits.ts';
import { API_KEY, type SimNode } from './node.ts';
import type { Stillness } from './stillness.ts';
import type { Trace } from './trace.ts';

export type CallLinesParts = {
  readonly clock: VirtualClock;
  readonly chance: Chance;
  readonly stillness: Stillness;
  readonly trace: Trace;
  readonly trouble: () => number;
  readonly nodes: () => readonly SimNode[];
};

/** A call that somebody made; `fault` is what the network does to it. */
export type Rang = {
  readonly from: string;
  readonly to: string;
  readonly at: number;
  readonly fault: CallFault | undefined;
};

const ASK = '/v1/flows/redeem';

export class CallLines {
  readonly #parts: CallLinesParts;
  readonly carrier: Carrier;
  /** By the caller's number. */
  readonly #rang = new Map<string, Rang[]>();
  /** Whom a twin's entry asks. */
  readonly entry = { url: 'http://throughline.sim', headers: { authorization: `Bearer ${API_KEY}` } };

  constructor(parts: CallLinesParts) {
    this.#parts = parts;
    const carrier = createCarrier({ clock: parts.clock });
    this.carrier = {
      ...carrier,
      dial: (offer, events) => {
        const fault = this.#faultOf(offer);
        return carrier.dial(offer, events, () => fault);
      },
    };
  }

  /** What the Genesys twin has of it. Some trunks pass the platform out of the path of calls that it has handed on. */
  ofGenesys() {
    const { chance } = this.#parts;
    return {
      carrier: this.carrier,
      entry: this.entry,
      entryTimeoutMs: chance.between(500, ENTRY_TIMEOUT_MS),
      releaseLink: chance.happens(0.2),
    };
  }

  callsOf(phone: string): readonly Rang[] {
    return this.#rang.get(phone) ?? [];
  }

  #faultOf({ from, to }: CallOffer): CallFault | undefined {
    const { chance, clock, trace, trouble } = this.#parts;
    const bad = chance.happens(trouble() * 0.3);
    const kind = chance.weighted<CallFault['kind']>([
      [3, 'drop-call'],
      [2, 'lose-call'],
      [2, 'fail-call'],
      [3, 'delay-call'],
      [3, 'lose-uui'],
    ]);
    const fault = bad ? { kind, delayMs: chance.between(0, chance.of(2_000, 6_000, 20_000)) } : undefined;
    const phone = from.replace(/^tel:/, '');
    this.#rang.set(phone, [...this.callsOf(phone), { from: phone, to, at: clock.now(), fault }]);
    trace.tell(`${phone} rings ${to}${fault ? ` (${fault.kind} ${fault.delayMs})` : ''}`, phone);
    return fault;
  }

  /** Where the twins call out: to their entries' question, else to the hooks. */
  fetchBeside(hooks: typeof fetch): typeof fetch {
    return (url, init) => (new URL(String(url)).pathname === ASK ? this.#ask(init ?? {}) : hooks(url, init));
  }

  #ask(init: RequestInit): Promise<Response> {
    const { signal } = init;
    return new Promise((resolve, reject) => {
      signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
      this.#carried(init).then(resolve, reject);
    });
  }

  async #carried({ headers, body }: RequestInit): Promise<Response> {
    const { clock, chance, nodes, stillness, trace, trouble } = this.#parts;
    const bad = trouble();
    const lost = () => new TypeError('fetch failed', { cause: new Error('lost') });
    stillness.touch();
    if (chance.happens(bad * 0.08)) throw lost();
    if (chance.happens(bad * 0.3)) await clock.sleep(chance.between(0, chance.of(300, 2_000, 12_000)));
    const node = chance.pick(nodes().filter((one) => one.takesRequests));
    stillness.touch();
    if (!node) throw lost();
    const request = { method: 'POST', ...(headers && { headers }), body: String(body) };
    const response = await node.serve(new Request(`${this.entry.url}${ASK}`, request));
    stillness.touch();
    const text = response && (await response.text());
    const { ani = '', platform } = JSON.parse(String(body)) as Readonly<Record<string, string>>;
    trace.tell(`${node.name} is asked by ${platform} whose it is: ${text?.slice(0, 200) ?? 'broken off'}`, ani);
    if (!response || chance.happens(bad * 0.08)) throw lost();
    return new Response(text, { status: response.status, headers: response.headers });
  }
}
