// Owns the promises of `src/platforms/platform.ts` about transfers between platforms, as a suite that every adapter passes against its
// far side: what a target's check says, how a call leaves for a number, how a consultation ends, and that nothing is held for show.

import { describe, expect, it } from 'vitest';
import type { ConversationView, Party } from '../../src/context/conversation.ts';
import type { AgentId } from '../../src/ids.ts';
import type { CommitWay, ConversationRef, Departing } from '../../src/platforms/platform.ts';
import { call, type PlatformStage, partyOf, value } from './platform.ts';

/** A way of letting go, and the part of the path by which `fault` finds it. */
type Way = { readonly way: CommitWay; readonly path: string };

export type CrossingStage = PlatformStage & {
  /** A call that a bot serves. */
  ring(): Promise<ConversationRef>;
  /** A call that an agent has, who is the only one of the visible queue. */
  talk(): Promise<{ readonly conversation: ConversationRef; readonly agentId: AgentId }>;
  /** A number outside, where somebody answers. */
  readonly outside: string;
  readonly blind: Way;
  readonly consult: Way;
};

type Make = () => Promise<CrossingStage>;

/** Runs every promise about crossing. `make` starts a fresh stage. */
export function crossingContract(name: string, make: Make): void {
  describe(`${name} keeps the crossing contract: targets`, () => checks(make));
  describe(`${name} keeps the crossing contract: leaving`, () => departures(make));
  describe(`${name} keeps the crossing contract: consulting`, () => consultations(make));
  describe(`${name} keeps the crossing contract: closing`, () => closings(make));
}

function checks(make: Make): void {
  it('does not call an agent taken who waits for work, and calls one taken who talks', async () => {
    await using stage = await make();
    const { agentId } = await stage.employ();
    const waiting = value(await stage.platform.checkTarget({ kind: 'agent', agentId }, 'voice', call()));
    expect(waiting).toMatchObject({ agentId });
    expect(waiting.free).not.toBe('no');
    const talk = await stage.talk();
    const busy = await stage.platform.checkTarget({ kind: 'agent', agentId: talk.agentId }, 'voice', call());
    expect(value(busy)).toEqual({ free: 'no', code: 'agent-busy', agentId: talk.agentId });
  });

  it('says of an agent who has chosen not to work that they are away', async () => {
    await using stage = await make();
    const { agentId, other } = await stage.employ();
    value(await stage.platform.setPresence(agentId, other, call()));
    const away = value(await stage.platform.checkTarget({ kind: 'agent', agentId }, 'voice', call()));
    expect(away).toMatchObject({ free: 'no', code: expect.stringMatching(/^agent-(away|busy)$/) });
  });

  it('does not know an agent whom the platform does not have', async () => {
    await using stage = await make();
    for (const agentId of ['nice-usr-4492', '00000000-0000-4000-8000-000000000000', '999999999'] as AgentId[]) {
      const checked = await stage.platform.checkTarget({ kind: 'agent', agentId }, 'voice', call());
      expect(checked, agentId).toMatchObject({ kind: 'rejected', code: 'not-found' });
    }
  });

  it('resolves a queue by exactly its name, and says when nobody staffs it', async () => {
    await using stage = await make();
    const ask = (queueName: string) => stage.platform.checkTarget({ kind: 'queue', queueName }, 'voice', call());
    expect(value(await ask(stage.visibleQueue))).toMatchObject({
      free: 'no',
      code: 'queue-unstaffed',
      queue: { name: stage.visibleQueue },
    });
    await stage.employ(stage.visibleQueue);
    expect(value(await ask(stage.visibleQueue)).free).not.toBe('no');
    expect(await ask(stage.hiddenQueue)).toMatchObject({ kind: 'rejected', code: 'queue-not-found-or-not-visible' });
  });

  it('holds nothing for show: without a reservation of its own it refuses to reserve (H3)', async () => {
    await using stage = await make();
    const { platform } = stage;
    if (platform.capabilities.reservation === 'native') return;
    const target = { kind: 'queue', queueName: stage.visibleQueue } as const;
    const asked = { key: 'k', target, channel: 'voice', holdLimitMs: 15_000, context: {} } as const;
    expect(await platform.reserve(asked, call())).toMatchObject({ kind: 'rejected', code: 'bad-request' });
    expect(await platform.release('r', call())).toMatchObject({ kind: 'rejected', code: 'bad-request' });
    expect(stage.callsMade()).toBe(0);
  });
}

/** A call with what its leaving needs. */
async function setOut(stage: CrossingStage): Promise<{ conversation: ConversationRef; departing: Departing }> {
  const conversation = await stage.ring();
  const leaving = partyOf(value(await stage.platform.look(conversation, call())), 'bot');
  const { way } = stage.blind;
  return { conversation, departing: { way, style: 'blind', leaving, ...destination(stage) } };
}

function destination(stage: CrossingStage) {
  return { address: stage.outside, token: 'a-token-of-128-random-bits', interactionId: 'i', reservationId: 'r' };
}

async function viewOf(stage: CrossingStage, conversation: ConversationRef): Promise<ConversationView> {
  await stage.settle();
  return value(await stage.platform.look(conversation, call()));
}

/** The customer is outside: who had them is gone, and a transfer to no queue is told as complete. */
function hasLeft(view: ConversationView, leaving: string): boolean {
  const isGone = view.parties.find((party) => party.id === leaving)?.state === 'ended';
  return isGone && view.transfers.some((one) => one.state === 'complete' && one.queueId === undefined);
}

function departures(make: Make): void {
  it('lets a call go to a number, where a look shows it: nobody of the platform has the customer', async () => {
    await using stage = await make();
    const { conversation, departing } = await setOut(stage);
    value(await stage.platform.transferAway(conversation, departing, call()));
    const view = await viewOf(stage, conversation);
    expect(hasLeft(view, departing.leaving)).toBe(true);
    const live = view.parties.filter((party) => party.state !== 'ended').map((party) => party.role);
    expect(new Set(live)).toEqual(new Set(['customer', 'other']));
  });

  it('never repeats a departure whose answer was lost: it is ambiguous, and a look finds it (H5)', async () => {
    await using stage = await make();
    const { conversation, departing } = await setOut(stage);
    await stage.fault(stage.blind.path, 'break');
    const lost = await stage.platform.transferAway(conversation, departing, call());
    expect(lost).toMatchObject({ kind: 'ambiguous' });
    expect(hasLeft(await viewOf(stage, conversation), departing.leaving)).toBe(true);
    expect((await stage.recorded(conversation)).transfersTaken).toBe(1);
  });

  it('gives up in the end on an answer that does not come, and calls it ambiguous (H5, H6)', async () => {
    await using stage = await make();
    const { conversation, departing } = await setOut(stage);
    await stage.fault(stage.blind.path, 'hang');
    const hanging = await stage.outlast(stage.platform.transferAway(conversation, departing, call()));
    expect(hanging).toEqual({ kind: 'ambiguous', code: 'timed-out' });
  });

  it('says that a refused departure was not taken', async () => {
    await using stage = await make();
    const { conversation, departing } = await setOut(stage);
    await stage.fault(stage.blind.path, 'refuse');
    const refused = await stage.platform.transferAway(conversation, departing, call());
    expect(refused).toMatchObject({ kind: 'transient', code: 'rate-limited' });
    await stage.settle();
    expect((await stage.recorded(conversation)).transfersTaken).toBe(0);
  });

  it('is rejected when the party that should leave has left', async () => {
    await using stage = await make();
    const { conversation, departing } = await setOut(stage);
    value(await stage.platform.transferAway(conversation, departing, call()));
    await stage.settle();
    expect(await stage.platform.transferAway(conversation, departing, call())).toMatchObject({ kind: 'rejected' });
    expect((await stage.recorded(conversation)).transfersTaken).toBe(1);
  });

  it('goes on with fresh credentials when the old ones have expired, leaving once', async () => {
    await using stage = await make();
    const { conversation, departing } = await setOut(stage);
    await stage.fault(stage.blind.path, 'expire-credentials');
    value(await stage.platform.transferAway(conversation, departing, call()));
    await stage.settle();
    expect((await stage.recorded(conversation)).transfersTaken).toBe(1);
  });

  it('sends nothing once the lease is gone', async () => {
    await using stage = await make();
    const { conversation, departing } = await setOut(stage);
    const before = stage.callsMade();
    for (const fenced of [call({ mayStart: () => false }), call({ signal: AbortSignal.abort() })]) {
      expect(await stage.platform.transferAway(conversation, departing, fenced)).toEqual({
        kind: 'transient',
        code: 'not-sent',
      });
    }
    expect(stage.callsMade()).toBe(before);
  });

  it('lets no message go to a number, and nothing by a way that it does not have', async () => {
    await using stage = await make();
    const { conversation, departing } = await setOut(stage);
    const way = (['rest', 'signal', 'flow', 'agent-session'] as const).find(
      (one) => one === 'flow' || !stage.platform.capabilities.commit.includes(one),
    );
    const message = await stage.platform.transferAway({ ...conversation, channel: 'webchat' }, departing, call());
    expect(message).toMatchObject({ kind: 'rejected' });
    const other = await stage.platform.transferAway(conversation, { ...departing, way: way ?? 'flow' }, call());
    expect(other).toMatchObject({ kind: 'rejected', code: 'bad-request' });
    expect((await stage.recorded(conversation)).transfersTaken).toBe(0);
  });
}

function consultations(make: Make): void {
  const begin = async (stage: CrossingStage) => {
    const { conversation, agentId } = await stage.talk();
    const leaving = partyOf(value(await stage.platform.look(conversation, call())), 'agent');
    const { way } = stage.consult;
    const departing: Departing = {
      way,
      style: 'consult',
      leaving,
      leavingAgent: agentId,
      ...destination(stage),
    };
    return { conversation, departing, ending: { leaving, leavingAgent: agentId } };
  };
  const stateOf = (view: ConversationView, role: Party['role']) =>
    view.parties.filter((party) => party.role === role && party.state !== 'ended').length;

  it('keeps the customer and its agent while they consult', async () => {
    await using stage = await make();
    const { conversation, departing } = await begin(stage);
    value(await stage.platform.transferAway(conversation, departing, call()));
    const view = await viewOf(stage, conversation);
    expect(view.ended).toBe(false);
    expect([stateOf(view, 'customer'), stateOf(view, 'agent')]).toEqual([1, 1]);
  });

  it('joins the two when the consultation is accepted, and its agent leaves', async () => {
    await using stage = await make();
    const { conversation, departing, ending } = await begin(stage);
    value(await stage.platform.transferAway(conversation, departing, call()));
    await stage.settle();
    value(await stage.platform.endConsult(conversation, { accept: true, ...ending }, call()));
    const view = await viewOf(stage, conversation);
    expect(view.ended).toBe(false);
    expect([stateOf(view, 'customer'), stateOf(view, 'agent'), stateOf(view, 'other')]).toEqual([1, 0, 1]);
  });

  it('lets the consulted go when it is declined, and its agent goes on', async () => {
    await using stage = await make();
    const { conversation, departing, ending } = await begin(stage);
    value(await stage.platform.transferAway(conversation, departing, call()));
    await stage.settle();
    value(await stage.platform.endConsult(conversation, { accept: false, ...ending }, call()));
    const view = await viewOf(stage, conversation);
    expect([stateOf(view, 'customer'), stateOf(view, 'agent'), stateOf(view, 'other')]).toEqual([1, 1, 0]);
  });

  it('says that a consultation whose answer was lost may have begun (H5)', async () => {
    await using stage = await make();
    const { conversation, departing } = await begin(stage);
    await stage.fault(stage.consult.path, 'break');
    expect(await stage.platform.transferAway(conversation, departing, call())).toMatchObject({ kind: 'ambiguous' });
  });

  it('needs an agent who consults', async () => {
    await using stage = await make();
    const { conversation, departing } = await begin(stage);
    const { leavingAgent: _, ...ofNobody } = departing;
    const outcome = await stage.platform.transferAway(conversation, ofNobody, call());
    expect(outcome).toMatchObject({ kind: 'rejected', code: 'bad-request' });
  });
}

function closings(make: Make): void {
  it('ends a conversation; one that has ended is done', async () => {
    await using stage = await make();
    for (const conversation of [await stage.ring(), await stage.converse()]) {
      value(await stage.platform.closeLeg(conversation, call()));
      expect((await viewOf(stage, conversation)).ended).toBe(true);
      value(await stage.platform.closeLeg(conversation, call()));
    }
  });

  it('says that it has no such conversation', async () => {
    await using stage = await make();
    const unknown = { externalId: '00000000-0000-4000-8000-000000000000', channel: 'voice' } as ConversationRef;
    expect(await stage.platform.closeLeg(unknown, call())).toMatchObject({ kind: 'rejected', code: 'not-found' });
  });
}
