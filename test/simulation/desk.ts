// Owns everybody outside: bots and desks that call our API, customers, agents and flows at the vendor. Remembers what it was
// answered, and asks again as careful and careless callers do.

import type { Conversation } from '../../src/twins/genesys/conversation.ts';
import { isLive, liveParticipant } from '../../src/twins/genesys/conversation.ts';
import type { MediaType } from '../../src/twins/genesys/genesys-schema.ts';
import { PLATFORM } from './limits.ts';
import { API_KEY, type SimNode } from './node.ts';
import { Violation } from './violation.ts';
import { contextOf, customerIdOf, manifestOf, patchOf } from './wording.ts';
import type { World } from './world.ts';

type Json = Readonly<Record<string, unknown>>;
export type Answer = { readonly status: number; readonly body: Json };

export type Matter = {
  readonly conversation: Conversation;
  readonly channel: string;
  interactionId?: string;
  customerId?: string;
  /** A caller of a world with two contact centers, whom transfers move: the conversation stays theirs. */
  readonly calls?: true;
};

export type Asked = { readonly key: string; readonly path: string; readonly body: Json; handoffId?: string };

export const QUEUES = [
  'BillingDisputes_Priority',
  'BillingDisputes_Tier2',
  'General_Escalation',
  'General_Support',
] as const;
const MEDIA: Readonly<Record<string, MediaType>> = {
  voice: 'call',
  webchat: 'message',
  sms: 'message',
  email: 'email',
};
const MOST_REMEMBERED = 24;

export class Desk {
  readonly #world: World;
  readonly #report: (violation: Violation) => void;
  readonly #manifests = new Map<string, unknown>();
  matters: Matter[] = [];
  asked: Asked[] = [];
  #people = 0;
  #keys = 0;
  #waiting = 0;

  constructor(world: World, report: (violation: Violation) => void) {
    this.#world = world;
    this.#report = report;
  }

  /** Requests that have no answer yet. */
  get waiting(): number {
    return this.#waiting;
  }

  manifestOf(key: string): unknown {
    return this.#manifests.get(key);
  }

  /** The answer; undefined when the process that was asked ended meanwhile. */
  async ask(
    node: SimNode,
    method: string,
    path: string,
    body?: Json,
    more: Record<string, string> = {},
  ): Promise<Answer | undefined> {
    const headers = {
      authorization: `Bearer ${API_KEY}`,
      ...(body && { 'content-type': 'application/json' }),
      ...more,
    };
    this.#waiting += 1;
    try {
      const init = { method, headers, ...(body && { body: JSON.stringify(body) }) };
      const response = await node.serve(new Request(`http://throughline.sim${path}`, init));
      if (!response) return undefined;
      const text = await response.text();
      const answer = { status: response.status, body: (text === '' ? {} : JSON.parse(text)) as Json };
      if (answer.status === 400 || answer.status === 500) {
        this.#report(new Violation('fault', `${method} ${path} is answered ${answer.status} ${text}`));
      }
      return answer;
    } finally {
      this.#waiting -= 1;
    }
  }

  /** Asks and tells the trace; whatever follows is not waited for. Who was asked, if anybody is up. */
  say(
    method: string,
    path: string,
    about: readonly string[],
    body?: Json,
    more: Record<string, string> = {},
    then?: (answer: Answer) => void,
  ): SimNode | undefined {
    const { chance, nodes, trace } = this.#world;
    const node = chance.pick(nodes.filter((one) => one.takesRequests));
    if (!node) return undefined;
    const words = `${method} ${path.replaceAll(/[0-9a-f-]{36}/g, (id) => trace.short(id))}`;
    trace.tell(`${node.name} asked ${words}${body ? ` ${JSON.stringify(body).slice(0, 160)}` : ''}`, ...about);
    void this.ask(node, method, path, body, more).then((answer) => {
      const reason = answer && (answer.body.code ?? answer.body.outcome ?? answer.body.reason ?? '');
      trace.tell(
        `${node.name} answers ${words}: ${answer ? `${answer.status} ${String(reason)}` : 'broken off'}`,
        ...about,
      );
      if (answer) then?.(answer);
    });
    return node;
  }

  callIn(): void {
    const { chance, twin, trace } = this.#world;
    const channel = chance.of('voice', 'webchat', 'sms', 'email');
    const queue = chance.happens(0.1) ? twin.organisation.queueByName(chance.of(...QUEUES)) : undefined;
    const media = MEDIA[channel] as MediaType;
    this.#people += 1;
    const conversation = twin.conversations.create({
      media,
      from: `person-${this.#people}`,
      to: 'us',
      flow: !queue || chance.happens(0.3),
      queue,
    });
    trace.name(conversation.id, `c${this.#people}`);
    trace.tell(`a customer comes in by ${channel}`, conversation.id);
    this.remember({ conversation, channel });
  }

  remember(matter: Matter): void {
    this.matters.push(matter);
    if (this.matters.length > MOST_REMEMBERED) this.matters.shift();
  }

  open(matter: Matter): void {
    const { conversation, channel } = matter;
    const { chance, reach } = this.#world;
    const { context, customer: known } = contextOf(chance);
    const customer = chance.happens(0.3) ? { ...known, phone: reach.phones.of(conversation.from) } : known;
    if (typeof known.customerId === 'string') matter.customerId = known.customerId;
    const body = { platform: PLATFORM, externalId: conversation.id, channel, context, customer };
    this.say('POST', '/v1/interactions', [conversation.id], body, {}, (answer) => this.#opened(matter, answer));
  }

  #opened(matter: Matter, { status, body }: Answer): void {
    if (status !== 201 && status !== 200) return;
    matter.interactionId ??= String(body.id);
    this.#world.trace.name(String(body.id), `i${matter.conversation.from.slice('person-'.length)}`);
  }

  escalate({ interactionId }: Pick<Matter, 'interactionId'>): void {
    const { chance } = this.#world;
    if (!interactionId) return;
    const manifest = chance.happens(0.6) ? manifestOf(chance, this.#keys + 1) : undefined;
    const queue = chance.happens(0.7) ? chance.of(...QUEUES) : chance.happens(0.1) ? 'No_Such_Queue' : undefined;
    const body = {
      kind: 'escalation',
      resumeBot: chance.happens(0.5),
      ...(manifest && { manifest }),
      ...(queue && { queue }),
    };
    this.request(interactionId, body, manifest);
  }

  /** Asks for a handoff, under a key of its own. */
  request(interactionId: string, body: Json, manifest?: unknown): void {
    this.#keys += 1;
    const key = `key-${this.#keys}`;
    this.#manifests.set(key, manifest);
    const asked = { key, path: `/v1/interactions/${interactionId}/handoffs`, body };
    this.asked.push(asked);
    if (this.asked.length > MOST_REMEMBERED) this.asked.shift();
    this.#request(asked);
  }

  /** The same request under the same key must be the same handoff, whoever is asked and however often. */
  again(asked: Asked): void {
    this.#request(asked);
  }

  #request(asked: Asked): void {
    const { chance } = this.#world;
    const id = asked.path.split('/')[3] ?? '';
    const prefer: Record<string, string> = chance.happens(0.3) ? { prefer: `wait=${chance.of(1, 5, 20)}` } : {};
    this.say('POST', asked.path, [id], asked.body, { 'idempotency-key': asked.key, ...prefer }, ({ status, body }) => {
      if (status !== 200 && status !== 202) return;
      const handoffId = String(body.id);
      if (asked.handoffId !== undefined && asked.handoffId !== handoffId) {
        this.#report(new Violation('repeats', `${asked.key} was ${asked.handoffId} and is now ${handoffId}`, [id]));
      }
      asked.handoffId = handoffId;
    });
  }

  /** The vendor's flow asks by our flat call, and transfers by itself when that is what was agreed. */
  flow(matter: Matter): void {
    const { chance } = this.#world;
    const { conversation, channel } = matter;
    const commitBy = chance.of('us', 'flow', 'flow');
    const body = {
      platform: PLATFORM,
      conversationId: conversation.id,
      channel,
      commitBy,
      queue: chance.of('', ...QUEUES),
      resumeBot: chance.of('', 'true', 'false'),
      intent: chance.of('', 'billing_dispute', 'refund'),
    };
    this.say('POST', '/v1/flows/escalate', [conversation.id], body, {}, ({ body: answer }) => {
      const handoffId = typeof answer.handoffId === 'string' ? answer.handoffId : undefined;
      if (handoffId) this.#opened(matter, { status: 200, body: { id: handoffId.split('.')[0] } });
      if (commitBy === 'flow' && answer.ok === true) this.#flowTransfers(conversation, String(answer.queueId));
    });
  }

  #flowTransfers(conversation: Conversation, queueId: string): void {
    const { chance, clock, twin, trace, truth } = this.#world;
    if (chance.happens(0.15)) return;
    const chosen = chance.happens(0.15) ? twin.organisation.queueByName(chance.of(...QUEUES)) : undefined;
    const queue = chosen ?? twin.organisation.queueById(queueId);
    void clock.sleep(chance.between(0, chance.of(500, 9_000))).then(() => {
      const bot = liveParticipant(conversation, 'ivr', 'botflow');
      if (!bot || !queue || conversation.endedAt !== undefined) return;
      trace.tell(`the flow transfers to ${queue.name}`, conversation.id);
      twin.conversations.transfer(conversation, bot, { kind: 'queue', queue }, 'Unattended');
      truth.notOurs(conversation.transfers.at(-1) as object);
    });
  }

  cancel({ path, handoffId }: Asked): void {
    const id = path.split('/')[3] ?? '';
    if (handoffId) this.say('POST', `${path}/${handoffId.split('.')[1]}/cancel`, [id]);
  }

  patch({ interactionId }: Pick<Matter, 'interactionId'>): void {
    if (!interactionId) return;
    this.say('PATCH', `/v1/interactions/${interactionId}/context`, [interactionId], patchOf(this.#world.chance));
  }

  attach({ conversation, channel }: Matter, to: Matter): SimNode | undefined {
    const { interactionId } = to;
    if (!interactionId) return undefined;
    const body = { platform: PLATFORM, externalId: conversation.id, channel };
    return this.say('POST', `/v1/interactions/${interactionId}/legs`, [interactionId, conversation.id], body);
  }

  wrapUp({ interactionId }: Matter): void {
    if (interactionId) this.say('POST', `/v1/interactions/${interactionId}/wrapup`, [interactionId], { code: 'done' });
  }

  /** Mostly nobody asks twice; who does, asks under the same key, for the same or for somebody else. */
  erase(): void {
    const { chance, ledger, reach } = this.#world;
    // Most of those who ask are in the middle of something.
    const busy = this.matters.filter(
      ({ customerId: id, interactionId }) => id && ledger.get(interactionId ?? '')?.open,
    );
    const customerId = (chance.happens(0.7) && chance.pick(busy)?.customerId) || customerIdOf(chance);
    const more: Record<string, string> = chance.happens(0.3) ? { 'idempotency-key': `erase-${chance.below(4)}` } : {};
    const subject = chance.happens(0.3) ? { phone: reach.phones.any(chance) } : { customerId };
    this.say('POST', '/v1/erasures', [], subject, more);
  }

  /** A person looks through what waits for one, and gets on with the first of it. */
  settle(): void {
    const { chance, poisoned } = this.#world;
    this.say('GET', '/v1/dead-letters', [], undefined, {}, ({ status, body }) => {
      if (status !== 200) return;
      const letters = body.entities as readonly { readonly id: string; readonly interactionId: string }[];
      const letter = chance.pick(letters.filter(({ interactionId }) => !poisoned.has(interactionId)));
      if (!letter) return;
      const how = chance.of('retry', 'resolve');
      this.say('POST', `/v1/dead-letters/${letter.id}/${how}`, [letter.interactionId], { note: 'a word or two' });
    });
  }

  hangUp({ conversation }: Matter): void {
    if (this.#world.twin.conversations.hangUp(conversation) === undefined) {
      this.#world.trace.tell('the customer hangs up', conversation.id);
    }
  }

  answer({ conversation }: Matter): void {
    if (this.#world.twin.conversations.answer(conversation) === undefined) {
      this.#world.trace.tell('an agent answers', conversation.id);
    }
  }

  /** Only agents close: a flow that ends by itself is another story. */
  close({ conversation, calls }: Matter): void {
    if (!conversation.participants.some((one) => one.purpose === 'agent' && isLive(one))) return;
    const stays = !calls && this.#world.chance.happens(0.5);
    if (calls) this.#world.crossing?.desk.closed(conversation.id);
    if (this.#world.twin.conversations.close(conversation, stays) === undefined) {
      this.#world.trace.tell(`the agent closes${stays ? ', the customer stays' : ''}`, conversation.id);
    }
  }

  hireAgent(): void {
    const { chance, twin, trace } = this.#world;
    const queue = twin.organisation.queueByName(chance.of(...QUEUES));
    const answers = chance.of('auto', 'auto', 'manual', 'declines', 'hangs');
    const afterMs = chance.between(50, 3_000);
    twin.conversations.addAgent({
      name: `agent ${answers}`,
      queueIds: new Set(queue ? [queue.id] : []),
      answers,
      afterMs,
    });
    trace.tell(`an agent who ${answers} is hired for ${queue?.name}`);
  }
}
