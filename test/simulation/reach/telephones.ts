// Owns the customers' telephones as the simulation sees them from above: whose numbers there are and at which hours they may be called, what
// was texted to them, and who wants to be texted no more.

import type { SmsTwin } from '../../../src/twins/sms/sms-twin.ts';
import type { Chance } from '../chance.ts';

export type Telephone = {
  /** E.164. */
  readonly number: string;
  /** Where its owner may be, and must be awake: those zones of its country that lie furthest apart. */
  readonly zones: readonly string[];
  /** What it shows is read again only when there is more. */
  read: number;
  /** When we have said that we know of the STOP; undefined where nobody has, or a START may have come after it. */
  stoppedAt?: number;
};

export type Link = { readonly token: string; readonly number: string };

const AMERICA = ['America/New_York', 'America/Los_Angeles', 'Pacific/Honolulu'];

/** Few, so that people come more than once. */
const NUMBERS: readonly (readonly [number: string, zones: readonly string[]])[] = [
  ...Array.from({ length: 8 }, (_, n) => [`+1415555010${n}`, AMERICA] as const),
  ...Array.from({ length: 3 }, (_, n) => [`+44740012345${n}`, ['Europe/London']] as const),
  ...Array.from({ length: 3 }, (_, n) => [`+49151123456${n}0`, ['Europe/Berlin']] as const),
  ...Array.from({ length: 2 }, (_, n) => [`+81901234567${n}`, ['Asia/Tokyo']] as const),
  ...Array.from({ length: 2 }, (_, n) => [`+91812345678${n}`, ['Asia/Kolkata']] as const),
];
/** Takes no text, and is called as any other. */
export const LANDLINE = '+442079460123';
const LANDLINES: typeof NUMBERS = [[LANDLINE, ['Europe/London']]];

export const PHONES: readonly string[] = NUMBERS.map(([number]) => number);

const LINK = /\/c\/([\w-]+)/;

export class Telephones {
  readonly #twin: Pick<SmsTwin, 'handsets'>;
  readonly all: readonly Telephone[] = NUMBERS.map(([number, zones]) => ({ number, zones, read: 0 }));
  readonly #byNumber = new Map([
    ...this.all.map((one) => [one.number, one] as const),
    ...LANDLINES.map(([number, zones]) => [number, { number, zones, read: 0 }] as const),
  ]);
  /** Every link that ever came, the oldest first. */
  readonly links: Link[] = [];
  readonly #known = new Set<string>();

  constructor(twin: Pick<SmsTwin, 'handsets'>) {
    this.#twin = twin;
  }

  get(number: string): Telephone | undefined {
    return this.#byNumber.get(number);
  }

  /** Of whoever comes in as `person`, always the same. */
  of(person: string): string {
    const n = Number(person.split('-').at(-1)) || 0;
    return PHONES[n % PHONES.length] as string;
  }

  any(chance: Chance): string {
    return chance.of(...(PHONES as [string, ...string[]]));
  }

  /** What becomes of the next messages to a telephone. */
  settle(chance: Chance): string {
    const { number } = chance.of(...(this.all as [Telephone, ...Telephone[]]));
    const delivery = chance.of('delivered', 'delivered', 'delivered', 'undelivered', 'failed', 'silent');
    const afterMs = chance.happens(0.3) ? chance.between(0, 15_000) : 0;
    this.#twin.handsets.setFate(number, { delivery, afterMs });
    return `${number} will be ${delivery} after ${afterMs} ms more`;
  }

  /** Reads what has come. */
  look(): readonly Link[] {
    const fresh: Link[] = [];
    for (const one of this.all) {
      const inbox = this.#twin.handsets.inbox(one.number);
      if (inbox.length === one.read) continue;
      for (const { text } of inbox.slice(one.read)) {
        const token = LINK.exec(text)?.[1];
        if (token === undefined || this.#known.has(token)) continue;
        this.#known.add(token);
        fresh.push({ token, number: one.number });
      }
      one.read = inbox.length;
    }
    this.links.push(...fresh);
    return fresh;
  }
}
