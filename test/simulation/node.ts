// Owns a node: the real journal, runner, platforms' clients and server on the shared store, in one process (`Life`) after the other.

import { createHash } from 'node:crypto';
import type { SmsChannel } from '../../src/channels/sms/sms-channel.ts';
import type { Clock } from '../../src/clock.ts';
import type { ConversationEvent } from '../../src/context/conversation.ts';
import { executor, foreseer } from '../../src/execute.ts';
import type { HandoffId, PlatformName } from '../../src/ids.ts';
import { ClaimBook } from '../../src/journal/claim-book.ts';
import { EntryBook } from '../../src/journal/entries.ts';
import { takeIn } from '../../src/journal/intake.ts';
import { Journal } from '../../src/journal/journal.ts';
import { JournalUnavailable } from '../../src/journal/journal-unavailable.ts';
import { Runner } from '../../src/journal/runner.ts';
import { SuppressionBook } from '../../src/journal/suppression-book.ts';
import type { Platform } from '../../src/platforms/platform.ts';
import type { EscalationPolicy } from '../../src/protocols/input.ts';
import { buildServer } from '../../src/server/app.ts';
import { linkOf } from '../../src/server/claiming.ts';
import { keepReference } from '../../src/server/kept-manifest.ts';
import type { ServedPlatform, ServedTransfers, ServerParts } from '../../src/server/parts.ts';
import { uuidV7 } from '../../src/uuid-v7.ts';
import type { Chance } from './chance.ts';
import type { ChatLine, PageEnd } from './chat/chat-line.ts';
import type { Serving } from './chat/chats.ts';
import { Life } from './life.ts';
import { LEASE_MS, POLL_MS } from './limits.ts';
import type { Reach } from './reach/reach.ts';
import type { OpenSite, Site } from './site.ts';
import { type Doom, StoreOut, type StoreParts, storeDoor } from './store-door.ts';
import type { Trace } from './trace.ts';
import { Violation } from './violation.ts';

export const API_KEY = 'the-key-of-the-simulation';
const MASTER_KEY = Buffer.alloc(32, 7);
const SESSION_SECRET = Buffer.alloc(32, 9);
const DAY_MS = 24 * 60 * 60_000;

export type NodeParts = StoreParts & {
  readonly name: string;
  readonly chance: Chance;
  /** The contact centers that it is connected with. */
  readonly sites: readonly Site[];
  readonly policy: EscalationPolicy;
  readonly transfers: ServedTransfers;
  readonly reach: () => Reach;
  readonly trace: Trace;
  readonly report: (violation: Violation) => void;
  readonly onAlert: (handoffId: string) => void;
};

type Inside = {
  readonly life: Life;
  readonly clock: Clock;
  readonly journal: Journal;
  readonly runner: Runner;
  readonly open: ReadonlyMap<PlatformName, OpenSite>;
  readonly sms: SmsChannel;
  readonly serving: Serving;
  readonly newId: () => string;
};

export class SimNode {
  readonly name: string;
  readonly #parts: NodeParts;
  #inside: Inside | null = null;
  #app: ReturnType<typeof buildServer> | null = null;
  #lives = 0;
  #starting = false;
  doom: Doom | null = null;

  constructor(parts: NodeParts) {
    this.#parts = parts;
    this.name = parts.name;
  }

  get life(): Life | null {
    return this.#inside && !this.#inside.life.ended ? this.#inside.life : null;
  }

  get running(): boolean {
    return this.life?.running === true && !this.life.stopping;
  }

  /** A load balancer goes on sending to one that only pauses. */
  get takesRequests(): boolean {
    return this.life !== null && !this.life.stopping;
  }

  /** Nothing while it is starting already: a node is one process at a time. */
  async start(offMs: number, recovering: boolean): Promise<void> {
    if (this.#starting) return;
    this.#starting = true;
    try {
      await this.#begin(offMs, recovering);
    } catch (error) {
      if (!(error instanceof StoreOut)) throw error;
      this.#parts.trace.tell(`${this.name} cannot start: ${error.message}`);
    } finally {
      this.#starting = false;
    }
  }

  async #begin(offMs: number, recovering: boolean): Promise<void> {
    const { trace, chance, clock: truth, sites, onAlert } = this.#parts;
    this.#lives += 1;
    this.doom = null;
    const life = new Life(`${this.name}.${this.#lives}`, chance);
    trace.tell(`${life.owner} starts, its clock ${Math.round(offMs)} ms off`);
    const clock = clockOf(life, truth, offMs);
    const store = storeDoor(this.#parts, life, () => this.doom);
    const open = new Map(
      sites.map((site) => {
        const fetch = site.network.fetchFor(life, () => this.doom);
        return [site.name, site.open({ clock, fetch, random: chance.draw })] as const;
      }),
    );
    const journal = await Journal.open(store, MASTER_KEY, [], { chance: chance.bytes });
    const sms = this.#parts.reach().texting({ life, doom: () => this.doom, clock, journal });
    const newId = uuidV7(clock.now, chance.bytes);
    const chat = this.#parts.reach().chats.parts({
      life,
      doom: () => this.doom,
      clock,
      policy: this.#parts.policy,
      keepReference: (id) => keepReference({ journal, newId, clock, manifestTtlMs: DAY_MS }, id),
    });
    const entries = new EntryBook(journal, clock);
    const execute = executor({
      sms,
      suppression: new SuppressionBook(journal, clock),
      chat,
      platforms: platformsOf(open),
      entries,
      now: clock.now,
      alert: async ({ handoffId }: { handoffId: HandoffId }) => {
        onAlert(handoffId);
        return { kind: 'done', value: null };
      },
    });
    const runner = new Runner({
      journal,
      execute: (command, call) => life.performing(command.key, () => execute(command, call)),
      clock,
      random: chance.draw,
      owner: life.owner,
      foresee: foreseer({ entries, chat, now: clock.now }),
      settings: { leaseMs: LEASE_MS, pollMs: POLL_MS },
      onFault: (error) => this.#fault(life, error),
      onPoison: (id, error) => this.#fault(life, error, id),
    });
    this.#inside = {
      life,
      clock,
      journal,
      runner,
      open,
      sms,
      serving: this.#serving(life, { clock, journal, runner }),
      newId,
    };
    // From here on it has a life, which may end before it has started.
    this.#starting = false;
    await runner.start({ recovering });
    for (const { watch } of open.values())
      watch?.((events) => void this.#hear(this.#inside as Inside, events).catch((error) => this.#fault(life, error)));
  }

  /** What is told by itself and got lost in an outage of the store that nodes share is made up for by what is told later. */
  async #hear(inside: Inside, events: readonly ConversationEvent[]): Promise<void> {
    for (const told of await Promise.allSettled(events.map((event) => takeIn(event, inside))))
      if (told.status === 'rejected' && !(told.reason instanceof JournalUnavailable)) throw told.reason;
  }

  #fault(life: Life, error: unknown, id?: string): void {
    if (life.ended) return;
    const said = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.#parts.report(
      new Violation('fault', `${life.owner} met a bug of ours: ${said}`, id === undefined ? [] : [id]),
    );
    life.end();
  }

  crash(): void {
    this.life?.end();
  }

  /** Stops as a signal would stop it: what is under way is waited for, for a while. */
  async stop(): Promise<void> {
    const inside = this.#inside;
    if (!inside || inside.life.ended) return;
    inside.life.stopping = true;
    inside.serving.close();
    await inside.runner[Symbol.asyncDispose]();
    for (const { platform } of inside.open.values()) await platform.close();
    inside.life.end();
    this.#parts.trace.tell(`${inside.life.owner} has stopped`);
  }

  #serving(life: Life, parts: Pick<Inside, 'clock' | 'journal' | 'runner'>): Serving {
    const onError = (error: unknown) => this.#failed(error);
    return this.#parts
      .reach()
      .chats.serving({ ...parts, life, sessionSecret: SESSION_SECRET, behindProxy: false, onError });
  }

  #failed(error: unknown): void {
    if (error instanceof JournalUnavailable) return;
    const said = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.#parts.report(new Violation('fault', `${this.name} failed a request by a bug of ours: ${said}`));
  }

  /** A page's line to this process; undefined where nobody answers. */
  talk(cookie: string, page: PageEnd): ChatLine | 'no-session' | undefined {
    return this.running ? this.#inside?.serving.talk(cookie, page) : undefined;
  }

  /** The answer, or undefined when the process ended meanwhile. */
  serve(request: Request): Promise<Response | undefined> {
    const { life } = this;
    if (!life) return Promise.resolve(undefined);
    this.#app ??= buildServer(this.#server());
    const app = this.#app;
    return new Promise((resolve, reject) => {
      life.onEnd(() => resolve(undefined));
      life.deliver(() => {
        life.receive(life.forOthers(async () => app.fetch(request))).then(resolve, reject);
      });
    });
  }

  /** Built once: a new process of the same node differs in what is behind it only. */
  #server(): ServerParts {
    const inside = (): Inside => this.#inside as Inside;
    const { sites, policy, transfers } = this.#parts;
    const opened = ({ name }: Site) => inside().open.get(name) as OpenSite;
    const claims = new ClaimBook(
      behind(() => inside().journal),
      this.#parts.chance.bytes,
    );
    const runner = behind(() => inside().runner);
    return {
      journal: behind(() => inside().journal),
      runner,
      chat: this.#parts.reach().chats.served((token) => linkOf({ claims, runner }, token)),
      clock: behind(() => inside().clock),
      newId: () => inside().newId(),
      policy,
      transfers,
      entries: new EntryBook(
        behind(() => inside().journal),
        behind(() => inside().clock),
      ),
      claims,
      ...this.#parts.reach().served(
        behind(() => inside().clock),
        behind(() => inside().journal),
        behind(() => inside().sms),
      ),
      randomBytes: this.#parts.chance.bytes,
      manifestTtlMs: DAY_MS,
      retention: { contextMs: DAY_MS, idleMs: 3 * DAY_MS, overwrite: false },
      backupDays: 35,
      sessionSecret: SESSION_SECRET,
      behindProxy: false,
      keys: [{ name: 'sim', sha256: createHash('sha256').update(API_KEY).digest('hex'), scopes: ['admin'] }],
      platforms: sites.map((site) => served(site, () => opened(site).platform)),
      hooks: Object.fromEntries(
        sites.map((site) => [site.hook, [{ verify: site.verify, read: (payload) => opened(site).read(payload) }]]),
      ),
      ready: async () => ({ ok: true, reasons: [] }),
      log: () => {},
      onError: (error) => this.#failed(error),
      version: '0.0.0-simulation',
    };
  }
}

function platformsOf(open: ReadonlyMap<PlatformName, OpenSite>): ReadonlyMap<string, Platform> {
  return new Map([...open].map(([name, { platform }]) => [name, platform]));
}

function served({ name }: Site, platform: () => Platform): ServedPlatform {
  return {
    name,
    get limits() {
      return platform().limits;
    },
    get capabilities() {
      return platform().capabilities;
    },
    health: () => platform().health(),
    queues: () => platform().queues({ signal: new AbortController().signal, mayStart: () => true, priority: 'live' }),
  };
}

function clockOf(life: Life, truth: StoreParts['clock'], offMs: number): Clock {
  return {
    now: () => truth.now() + offMs,
    monotonic: () => truth.monotonic(),
    sleep: (ms, signal) => life.receive(truth.sleep(ms, signal)),
  };
}

/** Whatever is there now, under one name. */
function behind<Whole extends object>(now: () => Whole): Whole {
  return new Proxy({} as Whole, {
    get(_, name) {
      const whole = now();
      const value: unknown = Reflect.get(whole, name, whole);
      return typeof value === 'function' ? value.bind(whole) : value;
    },
  });
}
