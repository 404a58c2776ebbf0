// Owns the conversations of our own in one world: customers' devices, who looks at what they are shown, and how a node serves them.

import type { IncomingMessage } from 'node:http';
import { flowBot } from '../../../src/bots/flow/flow-bot.ts';
import type { Clock } from '../../../src/clock.ts';
import type { ChatParts } from '../../../src/execute-chat.ts';
import type { InteractionId, ManifestRef, PlatformName } from '../../../src/ids.ts';
import type { Journal } from '../../../src/journal/journal.ts';
import type { Runner } from '../../../src/journal/runner.ts';
import { exchange } from '../../../src/platforms/http.ts';
import type { EscalationPolicy } from '../../../src/protocols/input.ts';
import { ChatHub } from '../../../src/server/chat-hub.ts';
import type { FindClaim, ServedChat } from '../../../src/server/chat-parts.ts';
import { ChatSessions } from '../../../src/server/chat-sessions.ts';
import { ChatSocket } from '../../../src/server/chat-socket.ts';
import type { ServerParts } from '../../../src/server/parts.ts';
import type { LeaseBook } from '../lease-book.ts';
import type { Life } from '../life.ts';
import { Network, type NetworkParts } from '../network.ts';
import type { Link } from '../reach/telephones.ts';
import type { Doom } from '../store-door.ts';
import { Violation } from '../violation.ts';
import type { WireCall } from '../wire-call.ts';
import type { World } from '../world.ts';
import { ChatLine, type PageEnd } from './chat-line.ts';
import { ChatOracle, newTalk, type Talk } from './chat-oracle.ts';
import { Device, type Entry } from './device.ts';
import { BOT, BOTS, CALLS, FAREWELL, FLOWS, Office, UTTERANCES } from './front-desk.ts';
import { Turns } from './turns.ts';

const ANCHOR = 'throughline' as PlatformName;
/** Talks that go on at once, at the most. */
const MOST_TALKS = 12;

export type ChatsParts = {
  readonly leases: LeaseBook;
  readonly report: (violation: Violation) => void;
  readonly onDeath: NetworkParts['onDeath'];
};

/** What a process performs turns with. */
export type PerformingParts = {
  readonly life: Life;
  readonly doom: () => Doom | null;
  readonly clock: Clock;
  readonly policy: EscalationPolicy;
  readonly keepReference: (interactionId: InteractionId) => Promise<ManifestRef>;
};

/** What a process serves conversations with. */
export type ServingParts = Pick<ServerParts, 'sessionSecret' | 'behindProxy' | 'onError'> & {
  readonly life: Life;
  readonly clock: Clock;
  readonly journal: Journal;
  readonly runner: Runner;
};

export type Serving = {
  /** A page's line, where its cookie is a session's. */
  talk(cookie: string, page: PageEnd): ChatLine | 'no-session';
  close(): void;
};

export class Chats {
  readonly #world: World;
  readonly #network: Network;
  readonly #oracle: ChatOracle;
  readonly #leases: LeaseBook;
  readonly #report: (violation: Violation) => void;
  readonly #talks = new Map<string, Talk>();
  readonly turns: Turns;
  devices: Device[] = [];
  #names = 0;

  constructor(world: World, { leases, report, onDeath }: ChatsParts) {
    this.#world = world;
    this.#leases = leases;
    this.#report = report;
    this.turns = new Turns(world, report);
    const { clock, chance, stillness, trace, weather } = world;
    this.#oracle = new ChatOracle({
      erasedAt: (talk) => this.#erasedAt(talk),
      interactionOf: ({ name }) => world.reach.interactionOf(name).id,
      report,
    });
    this.#network = new Network({
      twin: new Office(),
      read: () => ({ kind: 'note', conversationId: 'the office', participantId: null }),
      clock,
      chance,
      stillness,
      trace,
      trouble: () => weather.trouble,
      isOut: () => false,
      onWrite: (call) => this.#asked(call),
      onLanded: () => {},
      onDeath,
    });
  }

  /** What a process performs turns with. */
  parts({ life, doom, clock, policy, keepReference }: PerformingParts): ChatParts {
    const fetch = this.#network.fetchFor(life, doom);
    const bots = FLOWS.map((flow) =>
      flowBot(flow, (request, call) => exchange(request, call, { ...CALLS, fetch, clock })),
    );
    return {
      bots: new Map(bots.map((bot) => [bot.name, bot])),
      desks: new Map(),
      policy: () => policy,
      keepReference: async (id) => ({ kind: 'done', value: await keepReference(id) }),
    };
  }

  served(findClaim: FindClaim): ServedChat {
    return { anchor: ANCHOR, bots: BOTS, bot: BOT, findClaim, fresh: true };
  }

  /** As one process serves pages: what `ChatServer` does once a handshake is over. */
  serving({ life, ...parts }: ServingParts): Serving {
    const { clock, chance, stillness, weather } = this.#world;
    const sessions = new ChatSessions(parts);
    const hub = new ChatHub({ ...parts, anchor: ANCHOR }, parts.onError);
    const open = new Set<ChatLine>();
    return {
      talk(cookie, page) {
        const session = sessions.in({ headers: { cookie } } as IncomingMessage);
        if (!session) return 'no-session';
        const line = new ChatLine({ clock, chance, stillness, life, trouble: () => weather.trouble }, page);
        open.add(line);
        line.socket.on('close', () => open.delete(line));
        new ChatSocket(line.socket, session, {
          ...parts,
          hub,
          leg: { platform: ANCHOR },
          fileOf: async () => null,
        });
        return line;
      },
      close() {
        hub[Symbol.dispose]();
        for (const line of open) line.socket.close(1001);
      },
    };
  }

  /** A customer opens the link on a device: one that was there before, or another. */
  openLink({ token }: Link): void {
    const { chance } = this.#world;
    const before = this.devices.filter(({ entry }) => 'token' in entry && entry.token === token);
    const known = chance.happens(0.5) ? chance.pick(before) : undefined;
    const device = known ?? this.#newDevice(this.#talkOf(token), { token });
    void device.enter(before.length > 0 && chance.happens(0.5));
  }

  /** Without a link. */
  begin(): void {
    if (this.devices.filter(({ isRetired }) => !isRetired).length >= MOST_TALKS) return;
    const name = `fresh-${this.#names + 1}`;
    void this.#newDevice(this.#talkOf(name), { fresh: true }).enter(false);
  }

  say(): void {
    const { chance } = this.#world;
    const device = chance.pick(this.#mine().filter(({ talk }) => !talk.isOver));
    device?.say(chance.happens(0.06) ? FAREWELL : chance.of(...UTTERANCES));
    // A quick hand.
    if (chance.happens(0.2)) device?.say('and a word or two more');
  }

  drop(): void {
    const { chance } = this.#world;
    const device = chance.pick(this.#mine().filter(({ isConnected }) => isConnected));
    if (chance.happens(0.3)) device?.forget();
    else device?.drop();
  }

  end(): void {
    this.#world.chance.pick(this.#mine())?.end();
  }

  /** Every page reads everything once more; then nothing may be missing. */
  async finish(): Promise<void> {
    for (const device of this.devices) device.forget();
    await this.#world.goOn(20_000);
    for (const talk of this.#talks.values()) {
      const id = this.#world.reach.interactionOf(talk.name).id ?? '';
      const known = this.#world.ledger.get(id);
      if (known?.erased || known?.quarantined) continue;
      const isShown = this.devices.some((one) => one.talk === talk && one.isConnected);
      if (isShown) this.#oracle.complete(talk);
    }
  }

  #mine(): readonly Device[] {
    const { reach, poisoned } = this.#world;
    return this.devices.filter(
      ({ hasSession, isRetired, entry }) =>
        hasSession && !isRetired && !('token' in entry && poisoned.has(reach.interactionOf(entry.token).id ?? '')),
    );
  }

  #newDevice(talk: Talk, entry: Entry): Device {
    this.#names += 1;
    const device = new Device(this.#world, this.#oracle, { name: `device-of-page-${this.#names}`, talk, entry });
    this.devices.push(device);
    return device;
  }

  #talkOf(name: string): Talk {
    const talk = this.#talks.get(name) ?? newTalk(name);
    this.#talks.set(name, talk);
    return talk;
  }

  #erasedAt({ name }: Talk): number | undefined {
    const { reach } = this.#world;
    const offer = reach.book.ofToken(name);
    return offer && reach.book.erasedAt(offer);
  }

  /** A bot's flow asks the office. */
  #asked(call: WireCall): void {
    const [id = ''] = (call.command ?? '').split(/-(?:digital|voice)\./);
    const objection = this.#leases.objection(id, call.life.owner);
    if (objection) this.#report(new Violation('fence', `${call.life.owner}, ${objection}, asks for a bot`, [id]));
  }
}
