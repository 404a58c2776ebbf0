import { beforeEach, describe, expect, it } from 'vitest';
import { createSchedule } from '../schedule.ts';
import { seededRandom } from '../seeded-random.ts';
import { createVirtualClock, type VirtualClock } from '../virtual-clock.ts';
import { type Conversation, customerOf, isLive, type Participant } from './conversation.ts';
import { recentTransfers } from './conversation-view.ts';
import { Conversations, type NewConversation } from './conversations.ts';
import type { DetailEvent } from './detail-event.ts';
import { type Agent, createOrganisation, type Organisation, type Queue } from './organisation.ts';

const SETTLE_MS = 100;
let clock: VirtualClock;
let core: Conversations;
let organisation: Organisation;
let events: DetailEvent[];
let changes: number;
let support: Queue;
let tier2: Queue;

beforeEach(() => {
  clock = createVirtualClock();
  const random = seededRandom(1);
  organisation = createOrganisation({ random });
  support = organisation.queueByName('General_Support')!;
  tier2 = organisation.queueByName('BillingDisputes_Tier2')!;
  events = [];
  changes = 0;
  core = new Conversations({
    clock,
    random,
    organisation,
    schedule: createSchedule(clock),
    settleMs: () => SETTLE_MS,
    onEvent: (event) => events.push(event),
    onChange: () => {
      changes += 1;
    },
  });
});

const call = (more: Partial<NewConversation> = {}) =>
  core.create({ media: 'call', from: 'tel:+14155551234', to: 'tel:+18005550100', ...more });
const message = (more: Partial<NewConversation> = {}) =>
  core.create({ media: 'message', from: 'guest', to: 'us', ...more });
const agent = (more: Partial<Agent> = {}) =>
  core.addAgent({ name: 'Ada', queueIds: new Set([support.id]), answers: 'auto', afterMs: 300, ...more });
const shape = (conversation: Conversation) =>
  conversation.participants.map((each) => `${each.purpose} ${each.phase.kind}`);
const live = (conversation: Conversation, purpose: string): Participant =>
  conversation.participants.find((each) => each.purpose === purpose && isLive(each))!;
const told = () => events.map(({ type }) => type);
const states = (conversation: Conversation) => conversation.transfers.map(({ state }) => state);
const toQueue = (queue: Queue) => ({ kind: 'queue', queue }) as const;

describe('a conversation comes in', () => {
  it.each([
    ['call', 'ivr'],
    ['callback', 'ivr'],
    ['message', 'botflow'],
    ['email', 'botflow'],
  ] as const)('as %s, it is with its flow (%s) when no queue is named', (media, purpose) => {
    const conversation = core.create({ media, from: 'a', to: 'b' });
    expect(shape(conversation)).toEqual(['customer connected', `${purpose} connected`]);
    expect(told()).toEqual(['customer.start']);
  });

  it('waits in its queue as long as nobody is there', async () => {
    const conversation = call({ queue: support });
    await clock.advance(3_600_000);
    expect(shape(conversation)).toEqual(['customer connected', 'acd connected']);
    expect(told()).toEqual(['customer.start', 'acd.start']);
  });

  it('starts with a flow that knows its queue, when both are named', () => {
    const conversation = call({ queue: support, flow: true });
    expect(shape(conversation)).toEqual(['customer connected', 'ivr connected']);
    core.close(conversation);
    expect(shape(conversation)).toEqual(['customer connected', 'ivr ended', 'acd connected']);
  });

  it('as a callback for later, looks for an agent only then', async () => {
    agent();
    const conversation = core.create({
      media: 'callback',
      from: '+1',
      to: '',
      queue: support,
      scheduledAt: clock.now() + 60_000,
    });
    expect(shape(conversation)).toEqual(['customer connected', 'acd scheduled']);
    await clock.advance(59_999);
    expect(shape(conversation)).toEqual(['customer connected', 'acd scheduled']);
    await clock.advance(1);
    expect(shape(conversation)).toEqual(['customer connected', 'acd connected', 'agent alerting']);
  });

  it('cancelled before its time, is offered to nobody', async () => {
    agent();
    const conversation = core.create({
      media: 'callback',
      from: '+1',
      to: '',
      queue: support,
      scheduledAt: clock.now() + 60_000,
    });
    core.disconnectAll(conversation);
    await clock.advance(120_000);
    expect(shape(conversation)).toEqual(['customer ended', 'acd ended']);
  });
});

describe('virtual agents', () => {
  it('alert first, then connect, and the queue lets go with ANSWERED', async () => {
    const ada = agent();
    const conversation = call({ queue: support });
    expect(shape(conversation)).toEqual(['customer connected', 'acd connected', 'agent alerting']);
    await clock.advance(299);
    expect(live(conversation, 'agent').phase.kind).toBe('alerting');
    await clock.advance(1);
    expect(shape(conversation)).toEqual(['customer connected', 'acd ended', 'agent connected']);
    expect(told()).toEqual(['customer.start', 'acd.start', 'user.start', 'acd.end']);
    expect(events.at(-1)?.body).toMatchObject({ acdOutcome: 'ANSWERED', answeredUserId: ada.id, queueId: support.id });
  });

  it('that come later find what waits', async () => {
    const conversation = call({ queue: support });
    agent();
    await clock.advance(300);
    expect(live(conversation, 'agent').phase.kind).toBe('connected');
  });

  it('of another queue are not rung', async () => {
    agent({ queueIds: new Set([tier2.id]) });
    expect(shape(call({ queue: support }))).toEqual(['customer connected', 'acd connected']);
  });

  it('that decline ring, go, and the next one is rung', async () => {
    agent({ name: 'Decliner', answers: 'declines' });
    const conversation = call({ queue: support });
    const bob = agent({ name: 'Bob' });
    await clock.advance(300);
    expect(shape(conversation)).toEqual(['customer connected', 'acd connected', 'agent ended', 'agent alerting']);
    const end = events.find(({ type }) => type === 'user.end');
    expect(end?.body).toMatchObject({ disconnectType: 'NO_ANSWER_TRANSFER', interactingDurationMs: 0 });
    await clock.advance(300);
    expect(live(conversation, 'agent').agent).toBe(bob);
  });

  it('that decline alone leave the conversation waiting in its queue', async () => {
    agent({ answers: 'declines' });
    const conversation = call({ queue: support });
    await clock.advance(60_000);
    expect(shape(conversation)).toEqual(['customer connected', 'acd connected', 'agent ended']);
  });

  it.each(['manual', 'hangs'] as const)('that answer "%s" alert until somebody acts', async (answers) => {
    agent({ answers });
    const conversation = call({ queue: support });
    await clock.advance(3_600_000);
    expect(live(conversation, 'agent').phase.kind).toBe('alerting');
    expect(core.answer(conversation)).toBeUndefined();
    expect(shape(conversation)).toEqual(['customer connected', 'acd ended', 'agent connected']);
  });

  it('share the work: the least busy is rung', async () => {
    const ada = agent();
    const bob = agent({ name: 'Bob' });
    const agents = [call({ queue: support }), call({ queue: support })].map((each) => live(each, 'agent').agent);
    expect(new Set(agents)).toEqual(new Set([ada, bob]));
    expect([ada.live, bob.live]).toEqual([1, 1]);
  });
});

describe('answering by hand', () => {
  it('brings a walk-in agent when the queue has none, who is offered nothing else', async () => {
    const conversation = message({ queue: support });
    expect(core.answer(conversation)).toBeUndefined();
    expect(live(conversation, 'agent').agent?.name).toBe('Walk-in agent');
    expect(shape(message({ queue: support }))).toEqual(['customer connected', 'acd connected']);
  });

  it('takes the agent it names, and whoever rang stops', () => {
    agent({ answers: 'hangs' });
    const bob = agent({ name: 'Bob', answers: 'manual', queueIds: new Set() });
    const conversation = call({ queue: support });
    expect(core.answer(conversation, bob.id)).toBeUndefined();
    expect(live(conversation, 'agent').agent).toBe(bob);
    expect(shape(conversation)).toEqual(['customer connected', 'acd ended', 'agent ended', 'agent connected']);
  });

  it('is refused when nothing waits, nobody is so named, or it is over', () => {
    const conversation = call();
    expect(core.answer(conversation)).toBe('not-waiting');
    expect(core.answer(conversation, 'nobody')).toBe('no-such-agent');
    core.hangUp(conversation);
    expect(core.answer(conversation)).toBe('ended');
  });
});

describe('transfers', () => {
  it('are accepted at once and carried out later: unlisted, Pending, Active, Complete', async () => {
    const conversation = call();
    const ivr = live(conversation, 'ivr');
    expect(core.transfer(conversation, ivr, toQueue(tier2), 'Unattended')).toBeUndefined();
    expect(recentTransfers(conversation)).toEqual([]);
    await clock.advance(39);
    expect(recentTransfers(conversation)).toEqual([]);
    await clock.advance(1);
    expect(recentTransfers(conversation)).toMatchObject([{ state: 'Pending', destination: { address: tier2.id } }]);
    await clock.advance(30);
    expect(states(conversation)).toEqual(['Active']);
    expect(shape(conversation)).toEqual(['customer connected', 'ivr connected']);
    await clock.advance(30);
    expect(states(conversation)).toEqual(['Complete']);
    expect(shape(conversation)).toEqual(['customer connected', 'ivr ended', 'acd connected']);
    expect(live(conversation, 'acd').queue).toBe(tier2);
  });

  it('fail later when the participant has left by another transfer meanwhile', async () => {
    const conversation = call();
    const ivr = live(conversation, 'ivr');
    core.transfer(conversation, ivr, toQueue(tier2), 'Unattended');
    core.transfer(conversation, ivr, toQueue(support), 'Unattended');
    await clock.advance(SETTLE_MS);
    expect(states(conversation)).toEqual(['Complete', 'Failed']);
    expect(conversation.participants.filter((each) => each.purpose === 'acd')).toHaveLength(1);
  });

  it('fail later when the customer has gone', async () => {
    const conversation = call();
    core.transfer(conversation, live(conversation, 'ivr'), toQueue(tier2), 'Unattended');
    core.hangUp(conversation);
    await clock.advance(SETTLE_MS);
    expect(states(conversation)).toEqual(['Failed']);
    expect(conversation.participants.some((each) => each.purpose === 'acd')).toBe(false);
  });

  it('are refused for the customer, and for who has ended', async () => {
    const conversation = call();
    const ivr = live(conversation, 'ivr');
    expect(core.transfer(conversation, customerOf(conversation), toQueue(tier2), 'Unattended')).toBe(
      'customer-cannot-be-replaced',
    );
    core.transfer(conversation, ivr, toQueue(tier2), 'Unattended');
    await clock.advance(SETTLE_MS);
    expect(core.transfer(conversation, ivr, toQueue(tier2), 'Unattended')).toBe('participant-has-ended');
  });

  it('out of a queue leave it with FLOW_OUT, and its agent stops ringing', async () => {
    agent({ answers: 'hangs' });
    const conversation = call({ queue: support });
    core.transfer(conversation, live(conversation, 'acd'), toQueue(tier2), 'Unattended');
    await clock.advance(SETTLE_MS);
    expect(shape(conversation)).toEqual(['customer connected', 'acd ended', 'agent ended', 'acd connected']);
    expect(events.find(({ type }) => type === 'acd.end')?.body).toMatchObject({ acdOutcome: 'FLOW_OUT' });
  });

  it('of an agent end with TRANSFER and say how long the agent talked', async () => {
    const conversation = call({ queue: support });
    core.answer(conversation);
    await clock.advance(5_000);
    core.transfer(conversation, live(conversation, 'agent'), toQueue(tier2), 'Unattended');
    await clock.advance(SETTLE_MS);
    expect(events.find(({ type }) => type === 'user.end')?.body).toMatchObject({
      disconnectType: 'TRANSFER',
      interactingDurationMs: 5_000 + SETTLE_MS,
    });
  });

  it('to an agent ring that agent', async () => {
    const ada = agent({ queueIds: new Set() });
    const conversation = call();
    core.transfer(conversation, live(conversation, 'ivr'), { kind: 'agent', agent: ada }, 'Unattended');
    await clock.advance(SETTLE_MS);
    expect(shape(conversation)).toEqual(['customer connected', 'ivr ended', 'agent alerting']);
    await clock.advance(300);
    expect(live(conversation, 'agent').phase.kind).toBe('connected');
    expect(recentTransfers(conversation)).toMatchObject([{ state: 'Complete', destination: { userId: ada.id } }]);
  });

  it('to an agent who declines go on ringing', async () => {
    const ada = agent({ queueIds: new Set(), answers: 'declines' });
    const conversation = call();
    core.transfer(conversation, live(conversation, 'ivr'), { kind: 'agent', agent: ada }, 'Unattended');
    await clock.advance(60_000);
    expect(live(conversation, 'agent').phase.kind).toBe('alerting');
  });

  it('to a number bring an external party', async () => {
    const conversation = call();
    core.transfer(conversation, live(conversation, 'ivr'), { kind: 'address', address: '+15055551234' }, 'Unattended');
    await clock.advance(SETTLE_MS);
    expect(shape(conversation)).toEqual(['customer connected', 'ivr ended', 'external connected']);
    expect(recentTransfers(conversation)).toMatchObject([{ destination: { address: '+15055551234' } }]);
  });

  it('attended, keep who transfers until the target answers', async () => {
    const conversation = call({ queue: support });
    core.answer(conversation);
    const first = live(conversation, 'agent');
    core.transfer(conversation, first, toQueue(tier2), 'Attended');
    await clock.advance(SETTLE_MS);
    expect(isLive(first)).toBe(true);
    expect(states(conversation)).toEqual(['Active']);
    core.answer(conversation);
    expect(isLive(first)).toBe(false);
    expect(states(conversation)).toEqual(['Complete']);
    expect(conversation.participants.filter((each) => each.purpose === 'agent' && isLive(each))).toHaveLength(1);
  });

  it('attended to a number complete at once', async () => {
    const conversation = call();
    core.transfer(conversation, live(conversation, 'ivr'), { kind: 'address', address: '+15055551234' }, 'Attended');
    await clock.advance(SETTLE_MS);
    expect(states(conversation)).toEqual(['Complete']);
  });

  it('are listed twenty at most, the newest', async () => {
    const conversation = call();
    for (let count = 0; count < 22; count += 1) {
      const leaving = conversation.participants.findLast((each) => each.purpose !== 'customer' && isLive(each))!;
      core.transfer(conversation, leaving, toQueue(count % 2 === 0 ? tier2 : support), 'Unattended');
      await clock.advance(SETTLE_MS);
    }
    expect(recentTransfers(conversation)).toHaveLength(20);
    expect(recentTransfers(conversation).at(-1)?.destination.address).toBe(support.id);
  });
});

describe('the end', () => {
  it('comes when the caller hangs up: the queue is ABANDONed, everybody goes', () => {
    agent({ answers: 'hangs' });
    const conversation = call({ queue: support });
    expect(core.hangUp(conversation)).toBeUndefined();
    expect(shape(conversation)).toEqual(['customer ended', 'acd ended', 'agent ended']);
    expect(told().slice(-3)).toEqual(['acd.end', 'user.end', 'customer.end']);
    expect(events.find(({ type }) => type === 'acd.end')?.body).toMatchObject({ acdOutcome: 'ABANDON' });
    expect(events.at(-1)?.body).toMatchObject({ disconnectType: 'ENDPOINT' });
    expect(conversation.endedAt).toBe(clock.now());
    expect(core.hangUp(conversation)).toBe('ended');
  });

  it('does not come for a message when the agent closes: the customer stays in the thread', async () => {
    const conversation = message({ queue: support });
    core.answer(conversation);
    await clock.advance(1_000);
    expect(core.close(conversation)).toBeUndefined();
    expect(shape(conversation)).toEqual(['customer connected', 'acd ended', 'agent ended']);
    expect(events.at(-1)).toMatchObject({
      type: 'user.end',
      body: { disconnectType: 'CLIENT', interactingDurationMs: 1_000 },
    });
    expect(conversation.endedAt).toBeUndefined();
  });

  it('comes for a call when the agent closes', () => {
    const conversation = call({ queue: support });
    core.answer(conversation);
    core.close(conversation);
    expect(told().slice(-2)).toEqual(['user.end', 'customer.end']);
    expect(events.at(-1)?.body).toMatchObject({ disconnectType: 'PEER' });
    expect(conversation.endedAt).toBeDefined();
  });

  it('can be decided by hand, for a message and for a call', () => {
    const chat = message();
    core.close(chat, false);
    expect(chat.endedAt).toBeDefined();
    const kept = call();
    core.close(kept, true);
    expect(shape(kept)).toEqual(['customer connected', 'ivr ended']);
    expect(kept.endedAt).toBeUndefined();
    expect(core.close(kept)).toBe('nobody-to-close');
    core.hangUp(kept);
    expect(core.close(kept)).toBe('ended');
  });

  it('comes when the API disconnects the customer, or the last other party of a call', () => {
    const one = call();
    core.disconnect(one, customerOf(one));
    expect(one.endedAt).toBeDefined();
    const other = call();
    core.disconnect(other, live(other, 'ivr'));
    expect(other.endedAt).toBeDefined();
  });

  it('lets agents go: they are free again', () => {
    const ada = agent({ answers: 'manual' });
    const conversation = call({ queue: support });
    expect(ada.live).toBe(1);
    core.hangUp(conversation);
    expect(ada.live).toBe(0);
  });
});

describe('what is written on a conversation', () => {
  it('attributes merge by key, and the event carries the whole map', () => {
    const conversation = call({ attributes: { a: '1' } });
    core.setAttributes(conversation, customerOf(conversation), { b: '2' });
    core.setAttributes(conversation, customerOf(conversation), { a: '3' });
    expect(customerOf(conversation).attributes).toEqual({ a: '3', b: '2' });
    expect(events.at(-1)).toMatchObject({ type: 'attributes', body: { attributes: { a: '3', b: '2' } } });
  });

  it('wrap-up tells of the code, and of the end of after-call work once the agent has left', () => {
    const conversation = message({ queue: support });
    core.answer(conversation);
    const who = live(conversation, 'agent');
    core.wrapUp(conversation, who, { code: 'early' });
    expect(told().at(-1)).toBe('wrapup');
    core.close(conversation);
    core.wrapUp(conversation, who, { code: 'resolved', notes: 'ok', durationSeconds: 4 });
    expect(told().slice(-2)).toEqual(['wrapup', 'acw']);
    expect(events.at(-1)?.body).toMatchObject({ wrapupCode: 'resolved', wrapupNotes: 'ok', wrapupDurationMs: 4_000 });
  });
});

it('says that it changed at every transition', () => {
  const conversation = message({ queue: support });
  const marks = [changes];
  for (const act of [
    () => core.tag(conversation, 't'),
    () => core.answer(conversation),
    () => core.close(conversation),
  ]) {
    act();
    marks.push(changes);
  }
  expect(new Set(marks).size).toBe(marks.length);
});

it('forgets conversations and agents when reset', () => {
  agent();
  const { id } = call();
  core.reset();
  expect(core.get(id)).toBeUndefined();
  expect(shape(call({ queue: support }))).toEqual(['customer connected', 'acd connected']);
});
