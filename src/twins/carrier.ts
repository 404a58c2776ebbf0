// Owns the telephone network between the twins of one process: who answers which number, and calls whose two ends hear of
// each other's answer and hang-up. No media, and no promise that a far end lives: a call can be lost on command.

import type { Clock } from '../clock.ts';
import type { CallFault } from './faults.ts';
import { createSchedule } from './schedule.ts';

/** `uui` is the User-to-User data the caller sends along (at most 128 characters arrive); numbers are E.164 where they can be. */
export type CallOffer = { readonly from: string; readonly to: string; readonly uui?: string | undefined };

/**
 * Why a call ended: the customer hung up, the other party did, the number is unknown, nobody took it, or (told to nobody but the
 * end that was called) it got lost on the way.
 */
export type CallEnd = 'customer' | 'party' | 'unreachable' | 'rejected' | 'dropped';

/** What an end of a call hears. Never in the turn in which it acted itself. */
export type CallEvents = { readonly answered?: () => void; readonly ended: (why: CallEnd) => void };

/** One end of a call, in the hands of who holds it. Both acts may come twice or late: they then do nothing. */
export type CallLeg = {
  readonly id: string;
  /** Of the end that was called. */
  answer(): void;
  hangUp(why: 'customer' | 'party'): void;
};

/** A number rings; undefined rejects the call. */
export type OnRing = (offer: CallOffer, leg: CallLeg) => CallEvents | undefined;
type FaultFor = (call: string) => CallFault | undefined;

export type Line = {
  readonly numbers: readonly string[];
  readonly ring: OnRing;
  /** The faults that calls to these numbers meet. */
  readonly faultFor?: FaultFor;
};

export type Carrier = {
  /** Throws when a number is taken; answers how to give them back. */
  register(line: Line): () => void;
  /** `faultFor` are the faults that calls from this caller meet; they come before those of the line that is called. */
  dial(offer: CallOffer, events: CallEvents, faultFor?: FaultFor): CallLeg;
  /** Ends nothing, and rings nobody any more. */
  close(): void;
};

export type CarrierOptions = {
  readonly clock: Clock;
  /** What numbers of nobody do: a twin on its own has a world outside that answers. */
  readonly elsewhere?: 'answers' | 'unreachable';
};

const LONGEST_UUI = 128;
const DROPS_AFTER_MS = 1_000;
const DELAYS_BY_MS = 5_000;

export function createCarrier({ clock, elsewhere = 'unreachable' }: CarrierOptions): Carrier {
  const schedule = createSchedule(clock);
  const lines = new Map<string, Line>();
  let calls = 0;

  function place(call: Call, faultFor: FaultFor | undefined): void {
    const { from, to } = call.offer;
    const line = lines.get(to);
    const numbers = `${from}>${to}`;
    const fault = faultFor?.(numbers) ?? line?.faultFor?.(numbers);
    switch (fault?.kind) {
      case 'fail-call':
        call.end('network', 'unreachable');
        break;
      case 'lose-call':
        call.answer();
        break;
      case 'delay-call':
        schedule.after(fault.delayMs ?? DELAYS_BY_MS, () => connect(call, line));
        break;
      case 'lose-uui':
        connect(call, line, { from, to });
        break;
      case 'drop-call':
        connect(call, line);
        call.answer();
        schedule.after(fault.delayMs ?? DROPS_AFTER_MS, () => call.drop());
        break;
      default:
        connect(call, line);
    }
  }

  function connect(call: Call, line: Line | undefined, offer = call.offer): void {
    if (call.over) return;
    if (line === undefined) {
      if (elsewhere === 'answers') call.answer();
      else call.end('network', 'unreachable');
      return;
    }
    const callee = line.ring(offer, call.leg('callee'));
    if (callee === undefined) call.end('network', 'rejected');
    else call.connect(callee);
  }

  return {
    register(line) {
      const numbers = line.numbers.map(toNumber);
      const taken = numbers.find((each) => lines.has(each));
      if (taken !== undefined) throw new Error(`${taken} rings somebody else already`);
      for (const each of numbers) lines.set(each, line);
      return () => {
        for (const each of numbers) lines.delete(each);
      };
    },
    dial({ from, to, uui }, events, faultFor) {
      calls += 1;
      // As at the vendors: what is too long does not arrive at all.
      const fits = uui !== undefined && uui.length <= LONGEST_UUI;
      const offer = { from: toNumber(from), to: toNumber(to), ...(fits ? { uui } : {}) };
      const call = new Call(`call-${calls}`, offer, events, (act) => schedule.after(0, act));
      schedule.after(0, () => {
        if (!call.over) place(call, faultFor);
      });
      return call.leg('caller');
    },
    close: () => schedule.cancelAll(),
  };
}

/** `tel:`, `sip:…@host` and separators fall away. */
export function toNumber(address: string): string {
  const user = address.replace(/^(tel|sips?):/i, '').split('@')[0] ?? '';
  return /^\+?[\d\s().-]+$/.test(user) ? user.replace(/[\s().-]/g, '') : user;
}

type End = 'caller' | 'callee';

class Call {
  readonly offer: CallOffer;
  readonly #id: string;
  readonly #soon: (act: () => void) => void;
  readonly #events: Partial<Record<End, CallEvents>>;
  #answered = false;
  over = false;

  constructor(id: string, offer: CallOffer, caller: CallEvents, soon: (act: () => void) => void) {
    this.#id = id;
    this.offer = offer;
    this.#events = { caller };
    this.#soon = soon;
  }

  leg(end: End): CallLeg {
    return {
      id: this.#id,
      answer: () => {
        if (end === 'callee') this.answer();
      },
      hangUp: (why) => this.end(end, why),
    };
  }

  connect(callee: CallEvents): void {
    if (this.over) this.#soon(() => callee.ended('party'));
    else this.#events.callee = callee;
  }

  answer(): void {
    if (this.over || this.#answered) return;
    this.#answered = true;
    this.#soon(() => {
      if (!this.over) this.#events.caller?.answered?.();
    });
  }

  /** Whoever did not end it hears of it. */
  end(by: End | 'network', why: CallEnd): void {
    if (this.over) return;
    this.over = true;
    const { caller, callee } = this.#events;
    if (by !== 'caller') this.#soon(() => caller?.ended(why));
    if (by !== 'callee') this.#soon(() => callee?.ended(why));
  }

  /** The end that was called loses it and the caller hears nothing. */
  drop(): void {
    const { callee } = this.#events;
    delete this.#events.callee;
    if (!this.over) this.#soon(() => callee?.ended('dropped'));
  }
}
