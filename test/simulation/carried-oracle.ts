// Owns H4's check: whenever a handoff's context is attached, every field of context, customer and manifest is in the attributes at the
// vendor, or its loss report names it and the reference that is attached leads to it; and nothing misleads there that another left.

import { isDeepStrictEqual } from 'node:util';
import type { LossEntry } from '../../src/context/packing.ts';
import type { Event } from '../../src/protocols/event.ts';
import { evolve } from '../../src/protocols/evolve.ts';
import { type Interaction, isErased, type State, whole } from '../../src/protocols/interaction.ts';
import type { KnownHandoff } from './ledger.ts';
import { Violation } from './violation.ts';

type Fields = Readonly<Record<string, unknown>>;
type Whole = { readonly manifest?: unknown; readonly context?: Fields; readonly customer?: Fields };

export type CarriedOracleParts = {
  readonly isErased: (interactionId: string) => boolean;
  /** Every event of an interaction. */
  readonly events: (interactionId: string) => Promise<readonly Event[]>;
  /** What is behind a reference; `later` while nobody is there to say. */
  readonly whole: (ref: string) => Promise<Whole | 'later' | undefined>;
  /** The manifest that was given with the request of this key. */
  readonly manifestOf: (requestKey: string) => unknown;
  readonly report: (violation: Violation) => void;
};

const TEXT = ['intent', 'authenticationStatus', 'accountNumber', 'sentiment', 'previousQueue'];
const JSON_TEXT = ['complianceFlags', 'dtmfSequence', 'holdDurationSec'];

const MISLEADING = ['handoff_manifest', 'handoff_manifest_ref', 'handoff_context_ref', 'recommended_queue'];

export class CarriedOracle {
  readonly #parts: CarriedOracleParts;
  #postponed: KnownHandoff[] = [];

  constructor(parts: CarriedOracleParts) {
    this.#parts = parts;
  }

  async check(attached: readonly KnownHandoff[]): Promise<void> {
    for (const handoff of [...this.#postponed.splice(0), ...attached]) {
      if (this.#parts.isErased(handoff.interactionId)) continue;
      const broken = (what: string) =>
        this.#parts.report(new Violation('H4', `${handoff.id} attached its context ${what}`, [handoff.interactionId]));
      for (const missing of await this.#missing(handoff)) broken(`without ${missing}, and no loss names it`);
      for (const left of await this.#leftBehind(handoff)) broken(`and left ${left} of another beside it`);
    }
  }

  /** What says where the whole is or where to go must be this handoff's own: a vendor deletes no attribute. */
  async #leftBehind({ attributes = {}, ...handoff }: KnownHandoff): Promise<readonly string[]> {
    const asked = await this.#asked(handoff);
    const own = asked?.written ?? {};
    return MISLEADING.filter((name) => (attributes[name] ?? '') !== (own[name] ?? ''));
  }

  async #missing(handoff: KnownHandoff): Promise<readonly string[]> {
    const asked = await this.#asked(handoff);
    const attributes = handoff.attributes;
    if (!asked || !attributes) return ['anything'];
    const { state, event, loss } = asked;
    const ref = attributes.handoff_manifest_ref || attributes.handoff_context_ref;
    const whole = ref ? await this.#parts.whole(ref) : undefined;
    if (whole === 'later') {
      this.#postponed.push(handoff);
      return [];
    }
    const named = new Set(loss.map(({ field }) => field));
    const carried = (
      field: string,
      value: unknown,
      behind: unknown,
      ...attribute: readonly (readonly [string, string])[]
    ) => {
      if (attribute.some(([name, text]) => attributes[name] === text)) return [];
      return named.has(field) && isDeepStrictEqual(behind, value) ? [] : [field];
    };
    const { attributes: custom = {}, ...context } = state.context;
    const customBehind = (whole?.context?.attributes ?? {}) as Fields;
    const { request } = event.handoff;
    const manifest = request && this.#parts.manifestOf(request.key);
    return [
      ...Object.entries(context).flatMap(([name, value]) =>
        carried(`context.${name}`, value, whole?.context?.[name], contextAttribute(name, value)),
      ),
      ...Object.entries(custom).flatMap(([name, value]) =>
        carried(`context.attributes.${name}`, value, customBehind[name], [name, value]),
      ),
      ...(['segment', 'customerId'] as const).flatMap((name) => {
        const value = state.customer[name];
        return value === undefined ? [] : carried(`customer.${name}`, value, whole?.customer?.[name], [name, value]);
      }),
      ...(manifest === undefined
        ? []
        : carried('manifest', manifest, whole?.manifest, ['handoff_manifest', JSON.stringify(manifest)])),
    ];
  }

  /** What was to be carried: of an escalation what its request met, of a transfer what was known when it had settled (docs/decisions/0035). */
  async #asked(handoff: Pick<KnownHandoff, 'id' | 'interactionId'>): Promise<Asked | undefined> {
    let state: State = null;
    let asked: Asked | undefined;
    for (const event of await this.#parts.events(handoff.interactionId)) {
      if (state && isRequest(event) && event.handoff.id === handoff.id) {
        asked = { state: whole(state), event, loss: event.handoff.loss, written: writtenOf(event) };
        if (event.type === 'EscalationRequested') return asked;
      }
      state = evolve(state, event);
      if (!asked || !state || isErased(state)) continue;
      const known = state.move?.id === handoff.id ? state.move : state.settled.find(({ id }) => id === handoff.id);
      if (known?.kind !== 'transfer') continue;
      asked = { ...asked, state: whole(state), loss: known.loss, written: known.terms.carried };
      if (event.type === 'HandoffSettled' && event.handoffId === handoff.id) return asked;
    }
    return asked;
  }
}

type Asked = {
  readonly state: Interaction;
  readonly event: Request;
  readonly loss: readonly LossEntry[];
  readonly written: Readonly<Record<string, string>>;
};

type Request = Extract<Event, { type: 'EscalationRequested' | 'TransferRequested' }>;

/** Of the handoffs that carry a context. */
export function isRequest(event: Event): event is Request {
  return event.type === 'EscalationRequested' || event.type === 'TransferRequested';
}

/** Where the customer goes. */
function writtenOf(event: Request): Readonly<Record<string, string>> {
  return event.type === 'TransferRequested' ? event.handoff.terms.carried : event.attributes;
}

function contextAttribute(name: string, value: unknown): readonly [string, string] {
  if (TEXT.includes(name)) return [name, String(value)];
  return [JSON_TEXT.includes(name) ? name : `context.${name}`, JSON.stringify(value)];
}
