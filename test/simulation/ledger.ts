// Owns what the simulation knows of the journal, from the very rows that were committed: who holds, what is open, which leg is whose.
// Checks H1, H2 and H8 at every row, and that what was committed is what the store gives back. Decides nothing by our machine.

import type { Append, EventRow, MessageKey, Store } from '../../src/journal/store.ts';
import { hashOf, isEqual, isSame } from './committed-row.ts';
import { CONSULT_MS, TRANSFER_WITHIN_MS } from './crossing-limits.ts';
import { SETTLE_WITHIN_MS } from './limits.ts';
import type { Trace } from './trace.ts';
import { type Invariant, Violation } from './violation.ts';
import type { WireCall } from './wire-call.ts';

export type KnownHandoff = {
  readonly id: string;
  readonly interactionId: string;
  readonly kind: 'escalation' | 'transfer' | 'callback';
  /** What a transfer was asked with; of whom it is for, the agent where it is one. */
  readonly transferType?: string;
  readonly targetAgentId?: string;
  /** Within how long it must settle (H6). */
  readonly boundMs: number;
  readonly requestedAt: number;
  /** How long somebody had been up, in all, when it was asked for. */
  readonly upMsThen: number;
  settled?: { readonly outcome: string; readonly reason?: string; readonly queueId?: string; readonly by: string };
  /** The customer's attributes at the vendor right after ours were written. */
  attributes?: Readonly<Record<string, string>>;
  /** Whatever was written for it; of these what moves the customer, and the looks. */
  readonly calls: WireCall[];
  readonly transfers: WireCall[];
  readonly looks: WireCall[];
  alerted: boolean;
  settledAt?: number;
  /** Of a transfer: a place was reserved, a call came to it in time, and the customer was seen across. */
  reserved?: true;
  redeemed?: true;
  reached?: true;
};

export type Known = {
  readonly id: string;
  version: number;
  readonly hashes: Uint8Array[];
  epoch: number;
  holder: string;
  open: KnownHandoff | null;
  readonly handoffs: KnownHandoff[];
  ended: boolean;
  quarantined: boolean;
  /** How long somebody had been up, in all, when a person took it out of quarantine last. */
  releasedUpMs: number;
  erased: boolean;
};

type Clear = Readonly<Record<string, unknown>> & {
  readonly handoffId?: string;
  readonly outcome?: string;
  readonly reason?: string;
  readonly queueId?: string;
  readonly request?: string;
  readonly holder?: string;
  readonly epoch?: number;
  readonly transferType?: string;
  readonly targetAgentId?: string;
  readonly remains?: { readonly holder: { readonly kind: string; readonly epoch: number } };
};

const KINDS = {
  EscalationRequested: 'escalation',
  TransferRequested: 'transfer',
  CallbackRequested: 'callback',
} as const;
const GENESIS = Buffer.alloc(32);
const PAGE = 1_000;

export type LedgerParts = {
  readonly store: Store;
  readonly now: () => number;
  /** How long somebody was up, in all. */
  readonly upMs: () => number;
  readonly trace: Trace;
  readonly report: (violation: Violation) => void;
  /** How a conversation's id is kept; itself where nothing is said. */
  readonly keyOf?: (conversationId: string) => string;
  /** Told of every row as it is committed, before the ledger has taken it. */
  readonly onRow?: (row: EventRow, by: string) => void;
  /** The link that is offered in an interaction. */
  readonly offered?: (interactionId: string) => string | undefined;
};

export class Ledger {
  readonly #store: Store;
  readonly #now: () => number;
  readonly #upMs: () => number;
  readonly #report: (violation: Violation) => void;
  readonly #trace: Trace;
  readonly #keyOf: (conversationId: string) => string;
  readonly #onRow: (row: EventRow, by: string) => void;
  readonly #offered: (interactionId: string) => string | undefined;
  readonly #known = new Map<string, Known>();
  readonly #owners = new Map<string, string>();
  readonly #messages = new Set<string>();
  #unread: EventRow[] = [];
  #seq = 0;
  /** What the last step brought, for the oracles that look at whole handoffs. */
  settledNow: KnownHandoff[] = [];
  attachedNow: KnownHandoff[] = [];
  rowsNow: EventRow[] = [];

  constructor({ store, now, upMs, trace, report, keyOf = (id) => id, onRow = () => {}, ...parts }: LedgerParts) {
    this.#store = store;
    this.#now = now;
    this.#upMs = upMs;
    this.#trace = trace;
    this.#report = report;
    this.#keyOf = keyOf;
    this.#onRow = onRow;
    this.#offered = parts.offered ?? (() => undefined);
  }

  get(id: string): Known | undefined {
    return this.#known.get(id);
  }

  all(): Iterable<Known> {
    return this.#known.values();
  }

  /** Whose conversation it is. */
  ownerOf(conversationId: string): Known | undefined {
    const id = this.#owners.get(this.#keyOf(conversationId));
    return id === undefined ? undefined : this.#known.get(id);
  }

  conversationsOf(id: string): readonly string[] {
    return [...this.#owners].flatMap(([conversation, owner]) => (owner === id ? [conversation] : []));
  }

  /** The handoff that a command of this key (`{interaction}.{n}.…`) belongs to. */
  handoffOf(command: string): KnownHandoff | undefined {
    const [interaction = '', n] = command.split('.');
    return this.#known.get(interaction)?.handoffs.find(({ id }) => id === `${interaction}.${n}`);
  }

  quarantined(id: string, is: boolean): void {
    const known = this.#known.get(id);
    if (!known || known.quarantined === is) return;
    known.quarantined = is;
    if (!is) known.releasedUpMs = this.#upMs();
    this.#trace.tell(is ? 'it is set aside' : 'it is set aside no more', id);
  }

  /** Messages that changed nothing, and are taken all the same. */
  noted(messages: readonly MessageKey[]): void {
    for (const message of messages) this.#messages.add(nameOf(message));
  }

  committed(append: Append, by: string): void {
    const known = this.#known.get(append.interactionId) ?? blank(append.interactionId);
    this.#known.set(known.id, known);
    if (append.expectedVersion !== known.version) {
      this.#broken(
        'H8',
        known,
        `an append after version ${append.expectedVersion} was taken at version ${known.version}`,
      );
    }
    for (const row of append.events) {
      this.#trace.tell(`${by} wrote ${row.type} ${row.version} ${row.clear}`, row.interactionId);
      this.#take(known, row, by);
    }
    for (const message of append.messages) {
      if (this.#messages.has(nameOf(message))) this.#broken('repeats', known, `${nameOf(message)} was taken twice`);
    }
    this.noted(append.messages);
    for (const { external } of append.detach) this.#owners.delete(external);
    for (const { external } of append.attach) this.#owners.set(external, known.id);
  }

  #take(known: Known, row: EventRow, by: string): void {
    this.#unread.push(row);
    this.rowsNow.push(row);
    if (row.version !== known.version + 1) this.#broken('H8', known, `version ${row.version} after ${known.version}`);
    const follows = hashOf(known.hashes.at(-1) ?? GENESIS, row);
    if (Buffer.compare(follows, row.hash) !== 0)
      this.#broken('H8', known, `the hash of ${row.version} does not follow`);
    known.version = row.version;
    known.hashes.push(row.hash);
    this.#onRow(row, by);
    this.#apply(known, row.type, JSON.parse(row.clear) as Clear, by);
  }

  #apply(known: Known, type: string, clear: Clear, by: string): void {
    switch (type) {
      case 'InteractionOpened':
        known.epoch = 1;
        known.holder = 'bot';
        return;
      case 'EscalationRequested':
      case 'TransferRequested':
      case 'CallbackRequested':
        this.#opened(known, KINDS[type], clear);
        return;
      case 'PlaceReserved':
        if (known.open) known.open.reserved = true;
        return;
      case 'DestinationReached':
        if (known.open) known.open.reached = true;
        return;
      case 'ArrivalLost':
        if (known.open) delete known.open.reached;
        return;
      case 'ReservationRedeemed':
        if (known.open && known.open.id === clear.handoffId) known.open.redeemed = true;
        return;
      case 'ContextAttached':
        if (known.open?.kind === 'escalation') this.attachedNow.push(known.open);
        return;
      case 'HandoffSettled':
        this.#settled(known, clear, by);
        return;
      case 'RequestRefused':
        if (clear.reason === 'handoff-in-progress') this.#secondRefused(known, clear);
        return;
      case 'HolderChanged':
        this.#changed(known, clear);
        return;
      case 'InteractionErased':
        this.#erased(known, clear);
        return;
      case 'InteractionEnded':
        known.ended = true;
        if (known.open) this.#broken('H6', known, `it ended with ${known.open.id} open`);
        return;
      default:
        return;
    }
  }

  #secondRefused(known: Known, { handoffId }: Clear): void {
    const open = [known.open?.id, this.#offered(known.id)];
    if (handoffId !== undefined && open.includes(handoffId)) return;
    this.#broken('H1', known, `a second was refused with ${handoffId}, but ${open.join(' and ')} is open`);
  }

  #opened(known: Known, kind: KnownHandoff['kind'], { handoffId, transferType, targetAgentId }: Clear): void {
    const id = String(handoffId);
    if (known.open) this.#broken('H1', known, `${id} opened while ${known.open.id} is open`);
    const handoff: KnownHandoff = {
      id,
      interactionId: known.id,
      kind,
      ...(transferType && { transferType }),
      ...(targetAgentId && { targetAgentId }),
      boundMs: boundOf(kind, transferType),
      requestedAt: this.#now(),
      upMsThen: this.#upMs(),
      calls: [],
      transfers: [],
      looks: [],
      alerted: false,
    };
    known.open = handoff;
    known.handoffs.push(handoff);
  }

  #settled(known: Known, { handoffId, outcome = '', reason, queueId }: Clear, by: string): void {
    const handoff = known.open;
    if (!handoff || handoff.id !== handoffId) {
      this.#broken('H1', known, `${handoffId} settled, but ${handoff?.id ?? 'none'} is open`);
      return;
    }
    handoff.settled = { outcome, by, ...(reason && { reason }), ...(queueId && { queueId }) };
    handoff.settledAt = this.#now();
    known.open = null;
    this.settledNow.push(handoff);
  }

  #erased(known: Known, { remains }: Clear): void {
    const { kind = '', epoch = Number.NaN } = remains?.holder ?? {};
    if (known.open) this.#broken('H6', known, `it was erased with ${known.open.id} open`);
    if (kind !== 'none') this.#broken('H2', known, `it was erased, and ${kind} holds it`);
    if (epoch !== known.epoch + (known.holder === 'none' ? 0 : 1)) {
      this.#broken('H2', known, `epoch ${epoch} after ${known.epoch}, when it was erased from ${known.holder}`);
    }
    known.epoch = epoch;
    known.holder = kind;
    known.erased = true;
    known.ended = true;
    // What it was set aside for went with it.
    known.quarantined = false;
  }

  #changed(known: Known, clear: Clear): void {
    const { holder, epoch, queueId, agentId } = clear;
    const whole = `${[holder, queueId, agentId].filter((part) => part !== undefined).join(' ')}`;
    if (epoch !== known.epoch + 1) this.#broken('H2', known, `epoch ${epoch} after ${known.epoch}`);
    if (whole === known.holder)
      this.#broken('H2', known, `the epoch rose to ${epoch} without a change of holder (${whole})`);
    known.epoch = epoch ?? Number.NaN;
    known.holder = whole;
  }

  /** H8: the store gives back exactly what was committed, in that order, and nothing else. */
  async compare(): Promise<void> {
    for (;;) {
      const rows = await this.#store.feed(this.#seq, PAGE);
      for (const row of rows) {
        const committed = this.#unread.shift();
        if (!committed || !isSame(committed, row)) {
          this.#report(
            new Violation('H8', `the feed has ${row.type} ${row.version}, which nobody committed there`, [
              row.interactionId,
            ]),
          );
        }
        this.#seq = row.seq;
      }
      if (rows.length < PAGE) break;
    }
    if (this.#unread.length > 0)
      this.#report(new Violation('H8', `${this.#unread.length} committed rows are not in the feed`));
    this.#unread = [];
  }

  /** H8, at the end: every row ever committed is still there, unchanged. */
  async compareAll(): Promise<number> {
    let seen = 0;
    for (let after = ''; ; ) {
      const page = await this.#store.chains(after, PAGE);
      for (const { id, events } of page) {
        const known = this.#known.get(id);
        const same =
          known?.hashes.length === events.length && events.every((row, n) => isEqual(row.hash, known.hashes[n]));
        if (!same) this.#report(new Violation('H8', 'its rows are not the ones that were committed', [id]));
        seen += 1;
      }
      const last = page.at(-1);
      if (!last) break;
      after = last.id;
    }
    if (seen !== this.#known.size)
      this.#report(new Violation('H8', `${this.#known.size - seen} interactions are gone`));
    return seen;
  }

  #broken(invariant: Invariant, { id }: Known, message: string): void {
    this.#report(new Violation(invariant, message, [id]));
  }
}

function boundOf(kind: KnownHandoff['kind'], transferType: string | undefined): number {
  if (kind !== 'transfer') return SETTLE_WITHIN_MS;
  return transferType === 'blind' ? TRANSFER_WITHIN_MS : TRANSFER_WITHIN_MS + CONSULT_MS;
}

function nameOf({ sender, messageId }: MessageKey): string {
  return `${sender} ${messageId}`;
}

function blank(id: string): Known {
  return {
    id,
    version: 0,
    hashes: [],
    epoch: 0,
    holder: 'none',
    open: null,
    handoffs: [],
    ended: false,
    quarantined: false,
    releasedUpMs: 0,
    erased: false,
  };
}
