// Owns the callers of a world with two contact centers: where they come in, that they are known here by their number, that transfers are
// asked for, what agents say of consultations, and that people answer, close and hang up on either side.

import type { CxoneTwin } from '../../src/twins/cxone/cxone-twin.ts';
import { BOT_NUMBER, QUEUE_NUMBER, type Skill } from '../../src/twins/cxone/tenant.ts';
import type { Conversation } from '../../src/twins/genesys/conversation.ts';
import { MAIN_NUMBER } from '../../src/twins/genesys/organisation.ts';
import { QUEUES } from './desk.ts';
import { CXONE, PLATFORM } from './limits.ts';
import type { Place } from './place.ts';
import { isHeldBySomebody, type Whereabouts } from './whereabouts.ts';
import { contextOf, manifestOf } from './wording.ts';
import type { World } from './world.ts';

export type Side = Place['platform'];

export type Caller = {
  readonly phone: string;
  /** Where they came in. */
  readonly platform: Side;
  readonly id: string;
  /** Of a caller who came in at Genesys Cloud. */
  readonly conversation?: Conversation;
  readonly heldBy?: undefined;
  interactionId?: string;
  hungUpAt?: number;
  /** When somebody who talked to them put the receiver down. */
  closedAt?: number;
};

export type CrossingDeskParts = {
  readonly world: World;
  readonly cxone: CxoneTwin;
  readonly whereabouts: Whereabouts;
};

type Staff = { readonly id: string; readonly side: Side };

export class CrossingDesk {
  readonly #parts: CrossingDeskParts;
  readonly callers: Caller[] = [];
  /** Who may be asked for by their id. */
  readonly #staff: Staff[] = [];

  constructor(parts: CrossingDeskParts) {
    this.#parts = parts;
  }

  /** Those whose line is up, as far as they know themselves. */
  onTheLine(): readonly Caller[] {
    return this.callers.filter(({ hungUpAt }) => hungUpAt === undefined);
  }

  placeOf({ phone }: Caller): Place | undefined {
    const places = this.#parts.whereabouts.of(phone);
    return places.findLast(isHeldBySomebody) ?? places.findLast(({ live }) => live);
  }

  comeIn(): void {
    const { chance, trace, twin } = this.#parts.world;
    const phone = `+1415555${String(1_000 + this.callers.length)}`;
    const queueName = chance.happens(0.75) ? chance.of(...QUEUES) : undefined;
    if (chance.happens(0.5)) {
      const queue = queueName === undefined ? undefined : twin.organisation.queueByName(queueName);
      const asked = { media: 'call', from: `tel:${phone}`, to: `tel:${MAIN_NUMBER}`, queue } as const;
      const conversation = twin.conversations.create(asked);
      this.#noted({ phone, platform: PLATFORM, id: conversation.id, conversation });
    } else this.#noted({ phone, platform: CXONE, id: this.#comeInAtCxone(phone, queueName) });
    const { id, platform } = this.callers.at(-1) as Caller;
    trace.name(id, `k${this.callers.length}`);
    trace.tell(`${phone} calls in at ${platform}, for ${queueName ?? 'the bot'}`, phone, id);
  }

  #comeInAtCxone(phone: string, queueName: string | undefined): string {
    const { contacts, tenant } = this.#parts.cxone;
    const point = tenant.pointOfContact(queueName === undefined ? BOT_NUMBER : QUEUE_NUMBER);
    if (!point) throw new Error('CXone has no such number');
    const skill = queueName === undefined ? undefined : this.#skill(queueName);
    const { address: to, script, defaultSkill, media } = point;
    const start = { skill };
    return String(contacts.create({ media, from: phone, to, script, defaultSkill, pointOfContact: point, start }).id);
  }

  #noted(caller: Caller): void {
    this.callers.push(caller);
  }

  #skill(name: string): Skill | undefined {
    return this.#parts.cxone.tenant.skillsCalled(name).find(({ media }) => media === 'voice');
  }

  open(caller: Caller): void {
    const { world } = this.#parts;
    const { context, customer } = contextOf(world.chance);
    const { platform, id: externalId, phone } = caller;
    const body = { platform, externalId, channel: 'voice', context, customer: { ...customer, phone } };
    world.desk.say('POST', '/v1/interactions', [phone, externalId], body, {}, ({ status, body: answer }) => {
      if ((status !== 201 && status !== 200) || caller.interactionId !== undefined) return;
      const interactionId = String(answer.id);
      caller.interactionId = interactionId;
      world.trace.name(interactionId, `i${phone.slice(-4)}`);
      const { conversation } = caller;
      const { customerId } = customer;
      const known = { channel: 'voice', interactionId, calls: true } as const;
      if (conversation)
        world.desk.matters.push({ ...known, conversation, ...(customerId !== undefined && { customerId }) });
    });
  }

  transfer(caller: Caller): void {
    const { world } = this.#parts;
    const { chance, desk } = world;
    const { interactionId } = caller;
    if (interactionId === undefined) return;
    const { platform: from, heldBy } = this.placeOf(caller) ?? caller;
    const other = from === PLATFORM ? CXONE : PLATFORM;
    const to = chance.happens(0.96) ? other : from;
    const transferType = chance.weighted<string>([
      [heldBy === 'agent' ? 4 : 16, 'blind'],
      [2, 'warm'],
      [2, 'consultative'],
    ]);
    const target = this.#target(to);
    const manifest = chance.happens(0.5) ? manifestOf(chance, this.callers.length) : undefined;
    const body = {
      kind: 'transfer',
      to: { platform: to, ...target },
      transferType,
      initiatedBy: 'agent',
      ...(manifest && { manifest }),
    };
    desk.request(interactionId, body, manifest);
  }

  #target(to: Side): { readonly queue: string } | { readonly agentId: string } {
    const { chance } = this.#parts.world;
    const staff = chance.pick(this.#staff.filter(({ side }) => side === to));
    if (staff && chance.happens(0.3)) return { agentId: chance.happens(0.95) ? staff.id : '99999999' };
    return { queue: chance.happens(0.95) ? chance.of(...QUEUES) : 'No_Such_Queue' };
  }

  /** Whoever asked for a consultation says what comes of it, mostly the newest. */
  verdict(): void {
    const { chance, desk } = this.#parts.world;
    const consultations = desk.asked.filter(({ body }) => body.transferType === 'consultative').slice(-4);
    const asked = chance.pick(consultations);
    if (!asked?.handoffId || this.#parts.world.poisoned.has(asked.path.split('/')[3] ?? '')) return;
    const accept = chance.happens(0.65);
    const path = `${asked.path}/${asked.handoffId.split('.')[1]}/complete`;
    desk.say('POST', path, [asked.path.split('/')[3] ?? ''], { accept });
  }

  /** They put the receiver down where they came in, or wherever their call has got to. */
  hangUp(caller: Caller): void {
    const { world, cxone, whereabouts } = this.#parts;
    const { twin, trace, clock } = world;
    const { contacts } = cxone;
    caller.hungUpAt = clock.now();
    trace.tell(`${caller.phone} hangs up`, caller.phone, caller.id);
    const contact = contacts.get(Number(caller.id));
    const { conversation } = caller;
    const refused = conversation ? twin.conversations.hangUp(conversation) : contact && contacts.hangUp(contact);
    if (refused === undefined) return;
    const { conversations, contacts: others } = whereabouts.recordsOf(caller.phone);
    for (const each of conversations) twin.conversations.hangUp(each);
    for (const each of others) contacts.hangUp(each);
  }

  answer(caller: Caller): void {
    this.#act(caller, {
      genesys: (conversation) => this.#parts.world.twin.conversations.answer(conversation),
      cxone: (id) => this.#onContact(id, (contact) => this.#parts.cxone.contacts.answer(contact)),
      words: 'somebody answers',
    });
  }

  /** The agent who talks to whoever came in there puts the receiver down. */
  closed(conversationId: string): void {
    const caller = this.callers.find(({ id }) => id === conversationId);
    if (caller) caller.closedAt = this.#parts.world.clock.now();
  }

  /** The agent who talks to them is done. */
  close(caller: Caller): void {
    if (this.placeOf(caller)?.heldBy !== 'agent') return;
    this.closed(caller.id);
    this.#act(caller, {
      genesys: (conversation) => this.#parts.world.twin.conversations.close(conversation),
      cxone: (id) => this.#onContact(id, (contact) => this.#parts.cxone.contacts.close(contact)),
      words: 'the agent closes',
    });
  }

  #onContact(id: string, act: (contact: NonNullable<ReturnType<CxoneTwin['contacts']['get']>>) => unknown): unknown {
    const contact = this.#parts.cxone.contacts.get(Number(id));
    return contact ? act(contact) : 'gone';
  }

  #act(
    caller: Caller,
    how: {
      readonly genesys: (conversation: Conversation) => unknown;
      readonly cxone: (id: string) => unknown;
      readonly words: string;
    },
  ): void {
    const { twin, trace } = this.#parts.world;
    const place = this.placeOf(caller);
    if (!place) return;
    const conversation = place.platform === PLATFORM ? twin.conversations.get(place.id) : undefined;
    const refused = conversation ? how.genesys(conversation) : how.cxone(place.id);
    if (refused === undefined) trace.tell(`${how.words} at ${place.platform}`, caller.phone, place.id);
  }

  /** With a queue, or by name only. */
  hire(side: Side, queueName: string | undefined, answers: 'auto' | 'manual' | 'declines' | 'hangs'): void {
    const { chance, twin, trace } = this.#parts.world;
    const { cxone } = this.#parts;
    const afterMs = chance.between(50, 2_000);
    const name = `agent ${answers}`;
    const queue = queueName === undefined ? undefined : twin.organisation.queueByName(queueName);
    const skill = queueName === undefined ? undefined : this.#skill(queueName);
    const { id } =
      side === PLATFORM
        ? twin.conversations.addAgent({ name, queueIds: new Set(queue ? [queue.id] : []), answers, afterMs })
        : cxone.contacts.addAgent({ name, skillIds: new Set(skill ? [skill.id] : []), answers, afterMs });
    if (queueName === undefined || chance.happens(0.3)) this.#staff.push({ id: String(id), side });
    trace.tell(`an agent who ${answers} is hired at ${side} for ${queueName ?? 'nothing but their name'}`);
  }
}
