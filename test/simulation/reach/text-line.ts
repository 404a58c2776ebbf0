// Owns the line on which the providers of text messages tell us of receipts and replies: any node may get the post, sometimes late, sometimes
// not at all, and sometimes the provider never hears that it was taken and tells again. Both vendors sign what they post.

import type { VirtualClock } from '../../../src/twins/virtual-clock.ts';
import type { Chance } from '../chance.ts';
import type { SimNode } from '../node.ts';
import type { Stillness } from '../stillness.ts';
import type { Trace } from '../trace.ts';

export type ToldText = {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly says: TextWord;
  /** Some node has said 200. */
  accepted: boolean;
};

/** What a provider says, in our words. */
export type TextWord =
  | { readonly kind: 'receipt'; readonly ref: string; readonly status: string }
  | { readonly kind: 'reply'; readonly from: string; readonly text: string };

export type TextLineParts = {
  readonly clock: VirtualClock;
  readonly chance: Chance;
  readonly stillness: Stillness;
  readonly trace: Trace;
  readonly trouble: () => number;
  readonly nodes: () => readonly SimNode[];
  /** Whether what is told of this interaction reaches nobody. */
  readonly isDeaf: (interactionId: string) => boolean;
  /** A node is about to hear it. */
  readonly onTold: (word: TextWord) => void;
  readonly onAccepted: (word: TextWord) => void;
};

const REMEMBERED = 100;

export class TextLine {
  readonly #parts: TextLineParts;
  readonly #told: ToldText[] = [];

  constructor(parts: TextLineParts) {
    this.#parts = parts;
  }

  get accepted(): readonly ToldText[] {
    return this.#told.filter(({ accepted }) => accepted);
  }

  /** Where the twin posts. */
  readonly fetch: typeof fetch = async (url, init) => {
    const { clock, chance, trouble } = this.#parts;
    const told = this.#remember(String(url), init);
    const bad = trouble();
    if (chance.happens(bad * 0.2)) throw new TypeError('fetch failed', { cause: new Error('lost') });
    if (chance.happens(bad * 0.4)) await clock.sleep(chance.between(0, chance.happens(0.3) ? 12_000 : 800));
    const status = await this.deliver(told);
    if (chance.happens(bad * 0.15)) throw new TypeError('fetch failed', { cause: new Error('answer lost') });
    return new Response(null, { status });
  };

  /** To whichever node takes it. */
  async deliver(told: ToldText): Promise<number> {
    const { chance, nodes, trace, stillness, isDeaf, onTold, onAccepted } = this.#parts;
    const { url, headers, body, says } = told;
    const node = chance.pick(nodes().filter((one) => one.takesRequests));
    stillness.touch();
    const about = says.kind === 'receipt' ? (says.ref.split('.')[0] ?? '') : says.from;
    if (!node || isDeaf(about)) return 503;
    onTold(says);
    const response = await node.serve(new Request(url, { method: 'POST', headers, body }));
    const status = response?.status ?? 503;
    const words = says.kind === 'receipt' ? `text ${says.ref.split('.').slice(1).join('.')} ${says.status}` : says.text;
    trace.tell(`${node.name} told ${words} -> ${response ? status : 'broken off'}`, about);
    if (status === 200) {
      told.accepted = true;
      onAccepted(says);
    }
    return status;
  }

  #remember(url: string, init: RequestInit | undefined): ToldText {
    const body = String(init?.body);
    const headers = init?.headers as Readonly<Record<string, string>>;
    const told = { url, headers, body, says: wordIn(url, body), accepted: false };
    this.#told.push(told);
    if (this.#told.length > REMEMBERED) this.#told.shift();
    return told;
  }
}

function wordIn(url: string, body: string): TextWord {
  const { pathname, searchParams } = new URL(url);
  const vendor = pathname.split('/')[2];
  const said: Readonly<Record<string, string>> =
    vendor === 'twilio' ? Object.fromEntries(new URLSearchParams(body)) : JSON.parse(body);
  if (pathname.endsWith('/status')) {
    const ref = searchParams.get('ref') ?? said.client_ref ?? '';
    return { kind: 'receipt', ref, status: said.MessageStatus ?? said.status ?? '' };
  }
  const from = said.From ?? said.from ?? '';
  return { kind: 'reply', from: from.startsWith('+') ? from : `+${from}`, text: said.Body ?? said.text ?? '' };
}
