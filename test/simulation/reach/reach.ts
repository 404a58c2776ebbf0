// Owns how a world's customers are reached beyond their conversation: the providers of text messages with the customers' telephones, those who
// send and open links, and who looks at all of it. The world and its nodes meet it here.

import type { SmsChannel } from '../../../src/channels/sms/sms-channel.ts';
import type { Clock } from '../../../src/clock.ts';
import type { Journal } from '../../../src/journal/journal.ts';
import type { EventRow } from '../../../src/journal/store.ts';
import { SuppressionBook } from '../../../src/journal/suppression-book.ts';
import type { Event } from '../../../src/protocols/event.ts';
import type { ServerParts } from '../../../src/server/parts.ts';
import type { SmsTwin } from '../../../src/twins/sms/sms-twin.ts';
import { reaching } from '../../contract/instant-reach.ts';
import { Chats } from '../chat/chats.ts';
import type { LeaseBook } from '../lease-book.ts';
import type { Life } from '../life.ts';
import { Network, type NetworkParts } from '../network.ts';
import type { Doom } from '../store-door.ts';
import { Violation } from '../violation.ts';
import type { WireCall } from '../wire-call.ts';
import type { World } from '../world.ts';
import { CallbackDesk } from './callback-desk.ts';
import { CallbackOracle } from './callback-oracle.ts';
import { ClaimOracle } from './claim-oracle.ts';
import { DeflectDesk } from './deflect-desk.ts';
import { connectReplies, control, type RouteName, textHooks, textProviders, textsOf } from './house-of-texts.ts';
import { type KnownOffer, OfferBook } from './offer-book.ts';
import { OfferOracle } from './offer-oracle.ts';
import { ReleaseOracle } from './release-oracle.ts';
import { Telephones } from './telephones.ts';
import { CALLBACKS, DEFLECTIONS, HOUSE, LINK_MS } from './terms.ts';
import { textCall } from './text-call.ts';
import { TextLine, type TextWord } from './text-line.ts';
import { TextOracle } from './text-oracle.ts';

export type ReachParts = {
  readonly leases: LeaseBook;
  readonly upMs: () => number;
  readonly events: (interactionId: string) => Promise<readonly Event[]>;
  readonly report: (violation: Violation) => void;
  readonly onDeath: NetworkParts['onDeath'];
};

/** What a process is given to text with. */
export type Texting = {
  readonly life: Life;
  readonly doom: () => Doom | null;
  readonly clock: Clock;
  readonly journal: Journal;
};

export class Reach {
  readonly #world: World;
  readonly #report: (violation: Violation) => void;
  readonly #leases: LeaseBook;
  readonly #routes: readonly RouteName[];
  readonly #network: Network;
  readonly #offers: OfferOracle;
  readonly #texts: TextOracle;
  readonly twin: SmsTwin;
  readonly phones: Telephones;
  readonly line: TextLine;
  readonly book: OfferBook;
  readonly release: ReleaseOracle;
  readonly claims: ClaimOracle;
  readonly desk: DeflectDesk;
  readonly callbacks: CallbackOracle;
  readonly callbackDesk: CallbackDesk;
  /** Our own conversations. */
  readonly chats: Chats;

  constructor(world: World, parts: ReachParts) {
    this.#world = world;
    const { clock, chance, stillness, trace, ledger, weather } = world;
    const { leases, upMs, events, report, onDeath } = parts;
    this.#report = report;
    this.#leases = leases;
    const now = clock.now;
    const trouble = () => weather.trouble;
    const isDeaf = (id: string) => world.poisoned.has(id);
    this.#routes = chance.of<readonly RouteName[]>(['twilio'], ['vonage'], ['twilio', 'vonage'], ['vonage', 'twilio']);
    this.book = new OfferBook({ ledger, now, upMs, events, report });
    this.line = new TextLine({
      clock,
      chance,
      stillness,
      trace,
      trouble,
      isDeaf,
      nodes: () => world.nodes,
      onTold: (word) => this.#told(word),
      onAccepted: (word) => this.#accepted(word),
    });
    this.twin = textProviders({ clock, chance, fetch: this.line.fetch });
    const { twin, book } = this;
    this.phones = new Telephones(twin);
    const { phones } = this;
    this.#texts = new TextOracle({ twin, phones, book, leases, trace, now, report });
    this.#network = new Network({
      twin,
      read: textCall,
      clock,
      chance,
      stillness,
      trace,
      trouble,
      isOut: () => false,
      onWrite: this.#texts.written,
      onLanded: this.#texts.landed,
      onDeath,
    });
    this.release = new ReleaseOracle({ twin: world.twin, report });
    this.claims = new ClaimOracle({ book, now, report });
    const isReadable = (id: string) => !world.poisoned.has(id) && ledger.get(id)?.erased !== true;
    const { store } = world;
    this.#offers = new OfferOracle({ book, phones, ledger, store, upMs, isReadable, events, report });
    this.desk = new DeflectDesk(world);
    this.callbacks = new CallbackOracle({ twin: world.twin, phones, ledger, leases, trace, report });
    this.callbackDesk = new CallbackDesk(world);
    this.chats = new Chats(world, { leases, report, onDeath });
  }

  begin(): Promise<void> {
    return connectReplies(this.twin);
  }

  /** As one process texts. */
  texting({ life, doom, clock, journal }: Texting): SmsChannel {
    const fetch = this.#network.fetchFor(life, doom);
    return textsOf(this.#routes, { clock, fetch, journal, random: this.#world.chance.draw });
  }

  /** What a node serves of it; `clock`, `journal` and `sms` are those of whichever process it is by then. */
  served(
    clock: Clock,
    journal: Journal,
    sms: Pick<SmsChannel, 'noteReport' | 'noteReply'>,
  ): Pick<ServerParts, 'deflections' | 'callbacks' | 'smsHooks'> {
    const plain = reaching(new SuppressionBook(journal, clock));
    const routes = this.#routes;
    return {
      deflections: {
        ...plain.deflections,
        policy: DEFLECTIONS,
        ttlMs: LINK_MS,
        linkTo: (token) => `${HOUSE}/c/${token}`,
        async check(number) {
          const checked = await plain.deflections.check(number);
          return checked.ok ? { ...checked, routes } : checked;
        },
      },
      callbacks: { ...plain.callbacks, policy: CALLBACKS },
      smsHooks: textHooks(sms, clock),
    };
  }

  committed(row: EventRow, by: string): void {
    this.book.committed(row, by);
  }

  /** True where the call belongs to a link or a callback: it is judged here, and nowhere else. */
  wrote(call: WireCall): boolean {
    if (call.kind === 'callback') {
      this.callbacks.written(call);
      return true;
    }
    const offer = this.#offerOf(call);
    // A login and a list of queues are nobody's.
    if (!offer || call.conversationId === null) return false;
    const { ledger } = this.#world;
    const owner = ledger.ownerOf(call.conversationId ?? '');
    const objection = this.#leases.objection(offer.interactionId, call.life.owner);
    const concerns = [offer.interactionId, call.conversationId ?? ''];
    const broken = (message: string) => this.#report(new Violation('fence', message, concerns));
    if (objection) broken(`${call.life.owner}, ${objection}, writes ${call.kind} for ${offer.id}`);
    if (owner && owner.id !== offer.interactionId && call.kind !== 'look')
      broken(`${offer.id} writes ${call.kind} to a conversation of ${owner.id}`);
    if (call.kind === 'close') this.release.closing(call, offer);
    return true;
  }

  landed(call: WireCall): void {
    if (call.kind === 'callback') this.callbacks.landed(call);
  }

  #offerOf({ command = '' }: WireCall): KnownOffer | undefined {
    return this.book.get(command.split('.').slice(0, 2).join('.'));
  }

  alerted(handoffId: string): void {
    const offer = this.book.get(handoffId);
    if (offer) offer.alerted = true;
  }

  async look(): Promise<void> {
    await this.book.look();
    for (const { token, number } of this.phones.look()) {
      const offer = this.book.ofToken(token);
      this.#world.trace.tell(`${number} has a link`, offer?.interactionId ?? '');
      if (offer?.terms && offer.terms.to !== number)
        this.#report(new Violation('H3', `the link of ${offer.id} came to ${number}`, [offer.interactionId]));
    }
    await this.#offers.check();
  }

  /** Somebody has asked for the link of this offer. */
  isWanted(offer: KnownOffer): boolean {
    return this.phones.links.some(({ token }) => this.book.ofToken(token) === offer && this.claims.isWanted(token));
  }

  interactionOf(token: string): { readonly id?: string } {
    const offer = this.book.ofToken(token);
    return offer ? { id: offer.interactionId } : {};
  }

  /** A reader was shown what a link carries. */
  readErased(token: string, askedAt: number): void {
    const offer = this.book.ofToken(token);
    const erasedAt = offer && this.book.erasedAt(offer);
    if (offer && erasedAt !== undefined && erasedAt < askedAt)
      this.#report(new Violation('erasure', `${offer.id} is erased, and its link is read`, [offer.interactionId]));
  }

  reply(number: string, text: string): void {
    void control(this.twin, 'POST', `/twin/phones/${encodeURIComponent(number)}/replies`, { text });
  }

  /** Everything heals. */
  async calm(): Promise<void> {
    await control(this.twin, 'DELETE', '/twin/faults', undefined);
    for (const { number } of this.phones.all) this.twin.handsets.setFate(number, { delivery: 'delivered' });
  }

  /** When all has healed and time has passed: no link stands any more, and a person was told of every message that did not arrive. */
  endedWell(): void {
    for (const offer of this.book.all()) {
      const known = this.#world.ledger.get(offer.interactionId);
      const broken = (message: string) =>
        this.#report(new Violation('H6', `${offer.id} ${message}`, [offer.interactionId]));
      if (!offer.settled && !known?.quarantined) broken('stands though all has healed');
      if (offer.settled?.outcome === 'compensated' && !offer.alerted && !known?.quarantined)
        broken('came to nothing, and nobody was told of it');
    }
  }

  close(): Promise<void> {
    return this.twin.close();
  }

  #told(word: TextWord): void {
    if (word.kind === 'reply') {
      const lifted = /^start$/i.test(word.text) && this.phones.get(word.from);
      if (lifted) delete lifted.stoppedAt;
      return;
    }
    if (word.status !== 'delivered') return;
    const offer = this.book.get(word.ref.split('.').slice(0, 2).join('.'));
    if (offer) offer.delivered = true;
  }

  #accepted(word: TextWord): void {
    const phone = word.kind === 'reply' && /^stop$/i.test(word.text) ? this.phones.get(word.from) : undefined;
    if (phone) phone.stoppedAt ??= this.#world.clock.now();
  }
}
