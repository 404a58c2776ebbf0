// Owns the lines on which vendors tell us of events: any node may get the post, sometimes late, sometimes not at all, and
// sometimes the vendor never hears that it was taken and tells again.

import type { VirtualClock } from '../../src/twins/virtual-clock.ts';
import type { Chance } from './chance.ts';
import type { SimNode } from './node.ts';
import type { Stillness } from './stillness.ts';
import type { Trace } from './trace.ts';

/** What a vendor's message is about; whether it says that the customer hung up, and was not dropped by others. */
export type ReadTold = (body: string) => Pick<Told, 'conversationId' | 'kind' | 'hungUp'>;

export type Told = {
  /** Of the hook that it is for. */
  readonly path: string;
  readonly body: string;
  readonly conversationId: string;
  readonly kind: string;
  readonly hungUp: boolean;
  /** Some node has said 200. */
  accepted: boolean;
};

export type HookLineParts = {
  readonly clock: VirtualClock;
  readonly chance: Chance;
  readonly stillness: Stillness;
  readonly trace: Trace;
  readonly trouble: () => number;
  readonly nodes: () => readonly SimNode[];
  /** By the paths of their hooks. */
  readonly vendors: Readonly<Record<string, ReadTold>>;
  /** Whether the events of this conversation reach nobody. */
  readonly isDeaf: (conversationId: string) => boolean;
  readonly onAccepted: (told: Told) => void;
};

export const HOOK_SECRET = 'a-secret-that-is-long-enough';
const REMEMBERED = 200;
const EVENT = /"topicName":"v2\.detail\.events\.conversation\.([^."]+)\.([a-z.]+)"/;
const HUNG_UP = /"disconnectType":"(?:ENDPOINT|CLIENT)"/;

export const genesysTold: ReadTold = (body) => {
  const [, conversationId = '', kind = ''] = EVENT.exec(body) ?? [];
  return { conversationId, kind, hungUp: kind === 'customer.end' && HUNG_UP.test(body) };
};

export class HookLine {
  readonly #parts: HookLineParts;
  /** What was told lately, to be told again out of time. */
  readonly #told: Told[] = [];

  constructor(parts: HookLineParts) {
    this.#parts = parts;
  }

  get accepted(): readonly Told[] {
    return this.#told.filter(({ accepted }) => accepted);
  }

  /** Where the twins post. */
  readonly fetch: typeof fetch = async (url, init) => {
    const { clock, chance, trouble } = this.#parts;
    const told = this.#remember(new URL(String(url)).pathname, String(init?.body));
    const bad = trouble();
    if (chance.happens(bad * 0.15)) throw new TypeError('fetch failed', { cause: new Error('lost') });
    if (chance.happens(bad * 0.4)) await clock.sleep(chance.between(0, chance.happens(0.2) ? 8_000 : 800));
    const status = await this.deliver(told);
    if (chance.happens(bad * 0.15)) throw new TypeError('fetch failed', { cause: new Error('answer lost') });
    return new Response(null, { status });
  };

  /** To whichever node takes it. */
  async deliver(told: Told): Promise<number> {
    const { chance, nodes, trace, stillness, isDeaf, onAccepted } = this.#parts;
    const node = chance.pick(nodes().filter((one) => one.takesRequests));
    stillness.touch();
    if (!node || isDeaf(told.conversationId)) return 503;
    const headers = { 'content-type': 'application/json', 'x-throughline-secret': HOOK_SECRET };
    const request = new Request(`http://throughline.sim${told.path}`, { method: 'POST', headers, body: told.body });
    const response = await node.serve(request);
    const status = response?.status ?? 503;
    trace.tell(`${node.name} told ${told.kind} -> ${response ? status : 'broken off'}`, told.conversationId);
    if (status === 200) {
      told.accepted = true;
      onAccepted(told);
    }
    return status;
  }

  #remember(path: string, body: string): Told {
    const known = this.#told.find((one) => one.body === body);
    if (known) return known;
    const read = this.#parts.vendors[path] ?? (() => ({ conversationId: '', kind: '', hungUp: false }));
    const told = { path, body, ...read(body), accepted: false };
    this.#told.push(told);
    if (this.#told.length > REMEMBERED) this.#told.shift();
    return told;
  }
}
