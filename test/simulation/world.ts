// Owns one simulated world: the vendor, the network, the store and the nodes, all on one virtual clock and one seed; and who looks at
// it after every step. Keeps what is checked bounded: a world is played to its end, and the next one begins afresh.

import type { InteractionId } from '../../src/ids.ts';
import { Journal } from '../../src/journal/journal.ts';
import { openSqlite } from '../../src/journal/sqlite.ts';
import type { Store } from '../../src/journal/store.ts';
import { CLOCK_OFF_MS } from '../../src/protocols/clocks.ts';
import { createGenesysTwin, type GenesysTwin } from '../../src/twins/genesys/genesys-twin.ts';
import { createVirtualClock, type VirtualClock } from '../../src/twins/virtual-clock.ts';
import { NO_TRANSFERS } from '../contract/no-entries.ts';
import { CallLines } from './call-lines.ts';
import { CarriedOracle, isRequest } from './carried-oracle.ts';
import { Chance } from './chance.ts';
import { Crossing, isCrossing, keyOfContact } from './crossing.ts';
import { cxoneTold } from './cxone-site.ts';
import { DepartureOracle } from './departure-oracle.ts';
import { Desk } from './desk.ts';
import { ErasureOracle } from './erasure-oracle.ts';
import { genesysCall } from './genesys-call.ts';
import { genesysSite } from './genesys-site.ts';
import { GenesysTruth } from './genesys-truth.ts';
import { genesysTold, HOOK_SECRET, HookLine } from './hook-line.ts';
import { LeaseBook } from './lease-book.ts';
import { type KnownHandoff, Ledger } from './ledger.ts';
import { LONGEST_VENDOR_SETTLE_MS, POLICY } from './limits.ts';
import { LoanBook } from './loan-book.ts';
import { Network } from './network.ts';
import { SimNode } from './node.ts';
import { OutcomeOracle } from './outcome-oracle.ts';
import { Reach } from './reach/reach.ts';
import { startOf } from './reach/start.ts';
import { PHONES } from './reach/telephones.ts';
import { Stillness } from './stillness.ts';
import type { StoreParts } from './store-door.ts';
import { Trace } from './trace.ts';
import { Uptime } from './uptime.ts';
import { Violation } from './violation.ts';
import type { WireCall } from './wire-call.ts';
import { WireOracle } from './wire-oracle.ts';
import { CUSTOMER_IDS } from './wording.ts';

const OBSERVER_KEY = Buffer.alloc(32, 7);
const ALONE = 0.15;
/** Three that try to get on with it, and one that settles what is open; the next puts it away unread. */
const CLAIMS_THAT_READ = 4;

/** How this world is: drawn once, and calmed at the end. */
type Weather = {
  trouble: number;
  slowStore: number;
  clocksOff: number;
  outageUntil: number;
  storeOutUntil: number;
};

export class World {
  readonly chance: Chance;
  readonly stillness = new Stillness();
  readonly clock: VirtualClock;
  readonly trace: Trace;
  readonly twin: GenesysTwin;
  readonly nodes: readonly SimNode[];
  readonly ledger: Ledger;
  readonly hooks: HookLine;
  readonly desk: Desk;
  readonly truth: GenesysTruth;
  /** The second contact center, where this world has one. */
  readonly crossing: Crossing | null;
  readonly weather: Weather;
  readonly reach: Reach;
  /** One node that knows itself to be the only one. */
  readonly alone: boolean;
  readonly poisoned = new Set<string>();
  readonly #store: Store;
  readonly #outcomes: OutcomeOracle;
  readonly #carried: CarriedOracle;
  readonly #uptime: Uptime;
  readonly #erasures: ErasureOracle;
  /** The conversation of each handoff, from before its interaction is erased; empty where that came first. */
  readonly #legs = new Map<string, string>();
  readonly violations: Violation[] = [];
  observer!: Journal;

  private constructor(seed: number) {
    this.chance = new Chance(seed);
    const { chance, stillness } = this;
    this.clock = touching(createVirtualClock(startOf(chance), stillness.rest), stillness);
    const { clock } = this;
    this.trace = new Trace(clock.now);
    const { trace } = this;
    this.alone = chance.happens(ALONE);
    this.weather = {
      trouble: chance.of(0, 0.3, 0.6, 1),
      slowStore: chance.of(0, 0, 0.02, 0.1),
      clocksOff: chance.of(0, CLOCK_OFF_MS),
      outageUntil: 0,
      storeOutUntil: 0,
    };
    this.#store = openSqlite(':memory:');
    const report = (violation: Violation) => void this.violations.push(violation);
    const storeIsOut = () => clock.now() < this.weather.storeOutUntil;
    this.#uptime = new Uptime(clock.now, () => (storeIsOut() ? [] : this.nodes));
    const upMs = () => this.#uptime.ms();
    const keyOf = keyOfContact(() => this.observer);
    this.ledger = new Ledger({
      store: this.#store,
      now: clock.now,
      upMs,
      trace,
      report,
      keyOf,
      onRow: (row, by) => this.reach.committed(row, by),
      offered: (id) => this.reach.book.openIn(id)?.id,
    });
    const trouble = () => this.weather.trouble;
    this.hooks = new HookLine({
      clock,
      chance,
      stillness,
      trace,
      trouble,
      nodes: () => this.nodes,
      vendors: { '/hooks/genesys': genesysTold, '/hooks/cxone': cxoneTold },
      isDeaf: (conversationId) => this.poisoned.has(this.ledger.ownerOf(conversationId)?.id ?? ''),
      onAccepted: (told) => this.#outcomes.told(told),
    });
    const nodes = () => this.nodes;
    const lines = isCrossing(seed) ? new CallLines({ clock, chance, stillness, trace, trouble, nodes }) : null;
    this.twin = createGenesysTwin({
      clock,
      random: chance.draw,
      settleMs: chance.between(100, LONGEST_VENDOR_SETTLE_MS),
      tokenTtlSec: chance.of(20, 120, 86_400),
      rateLimitPerMinute: 100_000,
      hook: { url: 'http://throughline.sim/hooks/genesys', headers: { 'x-throughline-secret': HOOK_SECRET } },
      fetch: lines ? lines.fetchBeside(this.hooks.fetch) : this.hooks.fetch,
      ...lines?.ofGenesys(),
    });
    const { twin, ledger } = this;
    const leases = new LeaseBook(clock.now);
    const loans = new LoanBook({ ledger, now: clock.now, trace, report });
    this.truth = new GenesysTruth(twin);
    const { truth } = this;
    const departures = new DepartureOracle({ truth, loans, now: clock.now });
    const beyond = {
      wrote: (call: WireCall) => this.reach.wrote(call),
      landed: (call: WireCall) => this.reach.landed(call),
    };
    const wires = new WireOracle({ truth, ledger, leases, trace, departures, beyond, report });
    const onDeath: StoreParts['onDeath'] = (life, why) => {
      trace.tell(`${life.owner} dies ${why}`);
      life.end();
    };
    const net = { clock, chance, stillness, trace, trouble, onDeath };
    const network = new Network({
      ...net,
      twin,
      read: genesysCall,
      isOut: () => clock.now() < this.weather.outageUntil,
      onWrite: (call) => wires.written(call),
      onLanded: (call) => wires.landed(call),
    });
    const names = this.alone ? ['a'] : chance.of(['a', 'b'], ['a', 'b', 'c']);
    const rateLimitPerMinute = chance.happens(0.2) ? 90 : 100_000;
    const store: StoreParts = {
      store: this.#store,
      clock,
      chance,
      stillness,
      leases,
      ledger,
      loans,
      slow: () => this.weather.slowStore,
      isOut: storeIsOut,
      isPoison: (id) => this.poisoned.has(id),
      onDeath,
      onPoisoned: (id, claim = 0) => {
        if (claim <= CLAIMS_THAT_READ) return;
        report(new Violation('poison', `claim ${claim} of a row that ends whoever reads it has read it`, [id]));
      },
    };
    const onAlert = (handoffId: string) => this.#alerted(handoffId);
    this.crossing = lines && new Crossing({ world: this, lines, leases, loans, network: net, report });
    const genesys = genesysSite({ network, rateLimitPerMinute });
    const run = this.crossing
      ? { sites: [genesys, this.crossing.site], policy: this.crossing.policy, transfers: this.crossing.transfers }
      : { sites: [genesys], policy: POLICY, transfers: NO_TRANSFERS };
    const reach = () => this.reach;
    this.nodes = names.map((name) => new SimNode({ ...store, ...run, name, trace, reach, report, onAlert }));
    this.desk = new Desk(this, report);
    const events = (id: string) => this.#events(id);
    this.reach = new Reach(this, { leases, upMs, events, report, onDeath });
    const legOf = this.#legOf;
    const onTransfer = (handoff: KnownHandoff) => this.crossing?.settled(handoff);
    const viewOf = (leg: string) => this.crossing?.viewOf(leg) ?? truth.viewOf(leg);
    const onCallback = (handoff: KnownHandoff) => this.reach.callbacks.settled(handoff);
    this.#outcomes = new OutcomeOracle({ viewOf, ledger, upMs, legOf, onTransfer, onCallback, report });
    this.#erasures = new ErasureOracle({
      store: this.#store,
      ledger,
      found: ({ kind, value }) => this.observer.findSubject(kind, value, 1_000),
      report,
    });
    this.#carried = new CarriedOracle({
      events: (id) => this.#events(id),
      isErased: (id) => this.ledger.get(id)?.erased === true,
      whole: (ref) => this.#whole(ref),
      manifestOf: (key) => this.desk.manifestOf(key),
      report,
    });
  }

  static async begin(seed: number): Promise<World> {
    const world = new World(seed);
    // Not one of the nodes: it only reads.
    world.observer = await Journal.open(world.#store, OBSERVER_KEY, [], { chance: world.chance.bytes });
    const { alone, weather, chance } = world;
    world.trace.tell(`world of ${world.nodes.length} node${alone ? ' alone' : 's'}, trouble ${weather.trouble}`);
    const { slowStore } = weather;
    weather.slowStore = 0;
    await Promise.all(world.nodes.map((node) => node.start(world.clockOff(), alone)));
    weather.slowStore = slowStore;
    for (let n = chance.below(4); n > 0; n -= 1) world.desk.hireAgent();
    world.crossing?.hire();
    await world.reach.begin();
    await world.stillness.rest();
    return world;
  }

  clockOff(): number {
    return this.chance.between(-this.weather.clocksOff, this.weather.clocksOff);
  }

  /** Lets what is ready happen, then `ms` of virtual time, then looks at everything. */
  async goOn(ms: number): Promise<void> {
    await this.stillness.rest();
    if (ms > 0) await this.clock.advance(ms);
    await this.stillness.rest();
    await this.look();
  }

  async look(): Promise<void> {
    this.#uptime.ms();
    await this.ledger.compare();
    const attachedNow = this.ledger.attachedNow.splice(0);
    const attached = (await this.crossing?.readable(attachedNow, this.#legOf)) ?? attachedNow;
    const isReadable = ({ interactionId }: KnownHandoff) =>
      !this.poisoned.has(interactionId) && !this.ledger.get(interactionId)?.erased;
    await this.#carried.check(attached.filter(isReadable));
    for (const { open } of this.ledger.all()) if (open) await this.#legOf(open.id);
    this.crossing?.look();
    await this.#outcomes.check();
    await this.reach.look();
    await this.#erasures.check(this.ledger.rowsNow);
    this.ledger.rowsNow = [];
    const [first] = this.violations;
    if (first) throw first;
  }

  /** Whether a conversation is not over yet, on whichever side. */
  goesOn(conversationId: string): boolean {
    return (this.crossing?.viewOf(conversationId) ?? this.truth.viewOf(conversationId))?.isOver !== true;
  }

  async nobodyErasedIsFound(): Promise<void> {
    await this.#erasures.nobodyIsFound([
      ...CUSTOMER_IDS.map((value) => ({ kind: 'customerId', value }) as const),
      ...PHONES.map((value) => ({ kind: 'phone', value }) as const),
    ]);
    const [first] = this.violations;
    if (first) throw first;
  }

  /** Every handoff that was ever asked for. */
  *handoffs(): Iterable<{
    readonly kind: string;
    readonly settled?: { readonly outcome: string; readonly reason?: string };
  }> {
    for (const { handoffs } of this.ledger.all()) yield* handoffs;
    for (const { settled } of this.reach.book.all()) yield { kind: 'deflection', ...(settled && { settled }) };
  }

  get store(): Store {
    return this.#store;
  }

  async end(): Promise<void> {
    for (const node of this.nodes) node.crash();
    await this.twin.close();
    await this.crossing?.close();
    await this.reach.close();
    await this.#store[Symbol.asyncDispose]();
  }

  #alerted(handoffId: string): void {
    const [id = ''] = handoffId.split('.');
    this.reach.alerted(handoffId);
    const handoff = this.ledger.get(id)?.handoffs.find((one) => one.id === handoffId);
    if (handoff) handoff.alerted = true;
    this.trace.tell(`alert for ${this.trace.short(handoffId)}`, id);
  }

  readonly #legOf = async (handoffId: string): Promise<string> => {
    const [id = ''] = handoffId.split('.');
    const known = this.#legs.get(handoffId);
    if (known !== undefined) return known;
    const events = await this.#events(id);
    const opened = events
      .flatMap((event) => (isRequest(event) ? event.handoff : []))
      .find((one) => one.id === handoffId);
    const leg = opened?.leg.externalId ?? '';
    this.#legs.set(handoffId, leg);
    return leg;
  };

  async #events(id: string) {
    const history = (await this.observer.history(id as InteractionId)) ?? [];
    return history.flatMap(({ event }) => event ?? []);
  }

  async #whole(ref: string) {
    const running = this.nodes.find((node) => node.running);
    // A call to a store that is out of reach takes virtual time, and none passes here.
    if (!running || this.clock.now() < this.weather.storeOutUntil) return 'later' as const;
    const slow = this.weather.slowStore;
    this.weather.slowStore = 0;
    const answer = await this.desk.ask(running, 'GET', `/v1/manifests/${ref}?whole=true`);
    this.weather.slowStore = slow;
    if (!answer || answer.status === 503) return 'later' as const;
    return answer.status === 200 ? answer.body : undefined;
  }
}

function touching(clock: VirtualClock, stillness: Stillness): VirtualClock {
  return {
    ...clock,
    sleep: async (ms, signal) => {
      stillness.touch();
      await clock.sleep(ms, signal);
      stillness.touch();
    },
  };
}
