// Owns those who send callers to another channel and the callers themselves: flows and desks that ask for a link, flows that wait until they
// may let go, and customers with several devices who open links at any time, one after another or all at once.

import type { Conversation } from '../../../src/twins/genesys/conversation.ts';
import { liveParticipant } from '../../../src/twins/genesys/conversation.ts';
import type { Matter } from '../desk.ts';
import { PLATFORM } from '../limits.ts';
import type { World } from '../world.ts';
import type { Verdict } from './claim-oracle.ts';
import type { Link } from './telephones.ts';
import { LANDLINE, PHONES } from './telephones.ts';

/** As docs/deflection.md tells flow builders to: ten times, three seconds apart; here in proportion. */
const POLLS = 10;
const POLL_EVERY_MS = 1_500;

export class DeflectDesk {
  readonly #world: World;
  #devices = 0;
  #calls = 0;
  #chats = 0;

  constructor(world: World) {
    this.#world = world;
  }

  callIn(): Matter {
    const { twin, desk, trace } = this.#world;
    this.#calls += 1;
    const from = `person-${2_000 + this.#calls}`;
    const conversation = twin.conversations.create({ media: 'call', from, to: 'us', flow: true });
    trace.name(conversation.id, `v${this.#calls}`);
    trace.tell('a caller comes in', conversation.id);
    const matter: Matter = { conversation, channel: 'voice' };
    desk.remember(matter);
    return matter;
  }

  /** The call's flow asks, and then waits until it may let go. */
  byFlow({ conversation }: Matter): void {
    const { chance, desk, reach, trace } = this.#world;
    const source = chance.of('', 'park', 'disconnect', 'disconnect', 'flow');
    const ani = chance.happens(0.1) ? chance.of('anonymous', LANDLINE) : reach.phones.of(conversation.from);
    const body = {
      platform: PLATFORM,
      conversationId: conversation.id,
      channel: 'voice',
      ani,
      intent: chance.of('', 'billing_dispute', 'refund'),
      accountId: chance.of('', `acc-${chance.below(1_000)}`),
      source,
    };
    desk.say('POST', '/v1/flows/deflect', [conversation.id], body, {}, ({ body: answer }) => {
      const { handoffId } = answer;
      if (typeof handoffId !== 'string') return;
      trace.name(handoffId.split('.')[0] ?? '', `i${conversation.from.slice('person-'.length)}`);
      if (source === 'flow' && answer.ok === true) void this.#wait(conversation, handoffId, POLLS);
    });
  }

  /** The flow's loop: the caller stays on the line until the message is with them, or goes to a queue. */
  async #wait(conversation: Conversation, handoffId: string, polls: number): Promise<void> {
    const { clock, desk, poisoned, reach, twin, trace } = this.#world;
    await clock.sleep(POLL_EVERY_MS);
    if (poisoned.has(handoffId.split('.')[0] ?? '')) return;
    if (polls === 0 || !reach.release.isOnTheLine(conversation.id)) return;
    const body = { platform: PLATFORM, conversationId: conversation.id, handoffId };
    const asked = desk.say('POST', '/v1/flows/status', [conversation.id], body, {}, ({ body: answer }) => {
      const offer = reach.book.get(handoffId);
      if (answer.mayRelease === true && offer) {
        reach.release.mayRelease(offer, reach.isWanted(offer));
        if (liveParticipant(conversation, 'agent') !== undefined) return;
        trace.tell('its flow lets the caller go', conversation.id);
        twin.conversations.disconnectAll(conversation);
        const { conversationId } = body;
        desk.say('POST', '/v1/flows/close', [conversation.id], { platform: PLATFORM, conversationId, by: 'flow' });
      } else if (answer.outcome === null) void this.#wait(conversation, handoffId, polls - 1);
    });
    if (!asked) void this.#wait(conversation, handoffId, polls - 1);
  }

  byRequest({ interactionId = '', conversation }: Matter): void {
    const { chance, desk, reach } = this.#world;
    const to = chance.happens(0.1) ? chance.of(LANDLINE, ...PHONES) : reach.phones.of(conversation.from);
    const body = {
      kind: 'deflection',
      channel: 'sms',
      source: chance.of('park', 'disconnect'),
      ...(chance.happens(0.8) && { to }),
      ...(chance.happens(0.2) && { ttlMinutes: 1 }),
    };
    desk.request(interactionId, body);
  }

  /** One customer, several windows: all of them ask at once, each of whichever node it gets. */
  openLink(link: Link): void {
    const { chance } = this.#world;
    const windows = chance.of(1, 1, 2, 3);
    for (let n = 0; n < windows; n += 1) this.#openOne(link);
  }

  #openOne(link: Link): void {
    const { chance, reach } = this.#world;
    const way = chance.weighted<(link: Link) => void>([
      [4, (one) => this.#byDevice(one)],
      [5, (one) => this.#byFlow(one)],
      [2, (one) => this.#read(one)],
      [9, (one) => reach.chats.openLink(one)],
    ]);
    way(link);
  }

  /** Few devices, so that the same one comes back. */
  #byDevice({ token }: Link): void {
    const { chance, desk, reach } = this.#world;
    const device = `device-${chance.happens(0.4) && this.#devices > 0 ? this.#devices : ++this.#devices}`;
    const move = chance.happens(0.2);
    const claim = reach.claims.asking({ token, by: device, move });
    const { id = '' } = reach.interactionOf(token);
    desk.say('POST', `/v1/claims/${token}`, [id], { device, move }, {}, ({ status, body }) => {
      const verdict = verdictOf(status, String(body.code ?? ''));
      if (verdict) reach.claims.answered(claim, verdict);
    });
  }

  /** Their messenger opens a conversation at the vendor, whose flow claims the link for it. */
  #byFlow({ token }: Link): void {
    const { chance, desk, ledger, reach } = this.#world;
    const mine = desk.matters.filter(({ channel, conversation }) => channel === 'webchat' && !conversation.endedAt);
    const matter = (chance.happens(0.3) && chance.pick(mine)) || this.#newChat();
    const { conversation } = matter;
    const claim = reach.claims.asking({ token, by: `conversation ${conversation.id}`, move: false });
    const body = { platform: PLATFORM, conversationId: conversation.id, channel: 'webchat', token };
    const { id = '' } = reach.interactionOf(token);
    desk.say('POST', '/v1/flows/claim', [conversation.id, id], body, {}, ({ body: answer }) => {
      const verdict = FLOW_VERDICTS[String(answer.state)];
      // What cannot be decided now is told as a new customer's, with the reason.
      if (!verdict || (verdict === 'unknown' && answer.reason !== undefined)) return;
      // The conversation itself is that of a customer who was erased, and leads nowhere any more.
      if (verdict === 'unknown' && ledger.ownerOf(conversation.id)?.erased) return;
      if (verdict === 'yours') matter.interactionId = String(answer.interactionId);
      reach.claims.answered(claim, verdict);
    });
  }

  #newChat(): Matter {
    const { twin, desk, trace } = this.#world;
    this.#chats += 1;
    const from = `person-${1_000 + this.#chats}`;
    const conversation = twin.conversations.create({ media: 'message', from, to: 'us', flow: true });
    trace.name(conversation.id, `m${this.#chats}`);
    const matter: Matter = { conversation, channel: 'webchat' };
    desk.remember(matter);
    return matter;
  }

  /** A flow that only looks. */
  #read({ token }: Link): void {
    const { desk, reach, clock } = this.#world;
    const askedAt = clock.now();
    const { id = '' } = reach.interactionOf(token);
    desk.say('GET', `/v1/claims/${token}/context`, [id], undefined, {}, ({ body }) => {
      if (body.found === true) reach.readErased(token, askedAt);
    });
  }

  /** A customer has had enough, or wants to hear of us again. */
  word(): void {
    const { chance, reach, trace } = this.#world;
    const written = reach.phones.all.filter(({ read }) => read > 0);
    const phone = chance.pick(written);
    if (!phone) return;
    const text = chance.of('STOP', 'stop', 'START', 'START', 'when will you call?');
    // From here on nobody can say whether it counts still.
    if (text === 'START') delete phone.stoppedAt;
    trace.tell(`${phone.number} writes ${text}`);
    reach.reply(phone.number, text);
  }
}

const FLOW_VERDICTS: Readonly<Record<string, Verdict>> = {
  claimed: 'yours',
  already_active: 'theirs',
  expired: 'over',
  unknown: 'unknown',
};

/** Undefined where nothing was decided: the journal is out, or somebody has asked too often. */
export function verdictOf(status: number, code: string): Verdict | undefined {
  if (status === 200 || status === 201) return 'yours';
  if (code === 'claim-already-active') return 'theirs';
  if (code === 'claim-expired' || code === 'interaction-ended' || code === 'chat-over') return 'over';
  return code === 'claim-unknown' || code === 'interaction-erased' ? 'unknown' : undefined;
}
