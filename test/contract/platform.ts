// Owns the promises of `src/platforms/platform.ts` as a suite that every adapter passes against its far side: a twin or, with
// credentials, the vendor itself. What a platform cannot do it says in its capabilities; what it does, it does like this.

import { describe, expect, it } from 'vitest';
import type { ConversationView, Party } from '../../src/context/conversation.ts';
import type { AgentId, ExternalId, ParticipantId } from '../../src/ids.ts';
import type { Outcome } from '../../src/outcome.ts';
import type { Call, ConversationRef, Platform } from '../../src/platforms/platform.ts';

/** An adapter in front of its far side, fresh for each test. */
export type PlatformStage = AsyncDisposable & {
  readonly platform: Platform;
  /** The name of a queue that the credentials can see, and of one that exists but that they cannot. */
  readonly visibleQueue: string;
  readonly hiddenQueue: string;
  /** What a miss must name: a division they can see, or what stands for it. */
  readonly visibleDivision: string;
  /** Whether the platform lists transfers to queues; elsewhere only the queue's party shows them. */
  readonly listsTransfers: boolean;
  /** Whether what was attached can be overwritten when the customer has left. */
  readonly overwritesEnded: boolean;
  /** A conversation in which a bot serves the customer. */
  converse(): Promise<ConversationRef>;
  hangUp(conversation: ConversationRef): Promise<void>;
  /** Lets what was accepted take effect. */
  settle(): Promise<void>;
  /** The next call to the path that ends so meets this; `refuse` is said before it is taken, `break` comes after, `hang` never ends. */
  fault(pathPart: string, fault: 'refuse' | 'break' | 'expire-credentials' | 'hang'): Promise<void>;
  /** Lets time pass until `work` is over. */
  outlast<Value>(work: Promise<Value>): Promise<Value>;
  /** The parts of paths by which `fault` finds the writes. */
  readonly paths: { readonly transfer: string; readonly attach: string; readonly presence: string };
  /** What the far side holds of the conversation. */
  recorded(conversation: ConversationRef): Promise<{
    readonly attributes: Readonly<Record<string, string>>;
    readonly tag: string | undefined;
    readonly transfersTaken: number;
  }>;
  /** An agent, of a queue where one is named, and the ids of a presence that they have and of another that they may be given. */
  employ(queueName?: string): Promise<{ readonly agentId: AgentId; readonly has: string; readonly other: string }>;
  /** How many calls the far side was asked, logins not counted. */
  callsMade(): number;
};

export const call = (change: Partial<Call> = {}): Call => ({
  signal: new AbortController().signal,
  mayStart: () => true,
  priority: 'live',
  ...change,
});

export function value<Value>(outcome: Outcome<Value>): Value {
  if (outcome.kind !== 'done') throw new Error(`${outcome.kind} ${outcome.code} ${outcome.detail ?? ''}`);
  return outcome.value;
}

export const partyOf = (view: ConversationView, role: Party['role']): ParticipantId => {
  const party = view.parties.find((one) => one.role === role && one.state === 'connected');
  if (party === undefined) throw new Error(`no ${role} is connected`);
  return party.id;
};

/** Runs every promise of the contract. `make` starts a fresh stage. */
export function platformContract(name: string, make: () => Promise<PlatformStage>): void {
  describe(`${name} keeps the platform contract: queues`, () => {
    it('lists the queues that the credentials can see, and no other', async () => {
      await using stage = await make();
      const names = value(await stage.platform.queues(call())).map((queue) => queue.name);
      expect(names).toContain(stage.visibleQueue);
      expect(names).not.toContain(stage.hiddenQueue);
    });

    it('finds a queue by exactly its name', async () => {
      await using stage = await make();
      const queue = value(await stage.platform.resolveQueue(stage.visibleQueue, call()));
      expect(queue.name).toBe(stage.visibleQueue);
      for (const near of [
        stage.visibleQueue.toLowerCase(),
        `${stage.visibleQueue} `,
        stage.visibleQueue.slice(0, -1),
      ]) {
        expect(await stage.platform.resolveQueue(near, call()), near).toMatchObject({
          kind: 'rejected',
          code: 'queue-not-found-or-not-visible',
        });
      }
    });

    it('names the divisions it can see when a queue is not found or not visible (seed 001, FAQ)', async () => {
      await using stage = await make();
      const outcome = await stage.platform.resolveQueue(stage.hiddenQueue, call());
      expect(outcome).toMatchObject({ kind: 'rejected', code: 'queue-not-found-or-not-visible' });
      expect(outcome.kind === 'rejected' && outcome.detail).toContain(stage.visibleDivision);
    });
  });

  describe(`${name} keeps the platform contract: looking`, () => {
    it('shows a customer whom a bot serves', async () => {
      await using stage = await make();
      const view = value(await stage.platform.look(await stage.converse(), call()));
      expect(view.ended).toBe(false);
      expect(partyOf(view, 'customer')).not.toBe(partyOf(view, 'bot'));
      expect(view.transfers).toEqual([]);
    });

    it('shows that the customer has left', async () => {
      await using stage = await make();
      const conversation = await stage.converse();
      await stage.hangUp(conversation);
      await stage.settle();
      const view = value(await stage.platform.look(conversation, call()));
      expect(view.parties.find((one) => one.role === 'customer')?.state).toBe('ended');
    });

    it('rejects a look at a conversation that the platform does not know', async () => {
      await using stage = await make();
      const unknown = { externalId: '00000000-0000-4000-8000-000000000000' as ExternalId, channel: 'voice' } as const;
      expect(await stage.platform.look(unknown, call())).toMatchObject({ kind: 'rejected', code: 'not-found' });
    });
  });

  describe(`${name} keeps the platform contract: context`, () => {
    it('attaches attributes to the customer and our id as the tag, the same when asked again', async () => {
      await using stage = await make();
      const conversation = await stage.converse();
      const customer = partyOf(value(await stage.platform.look(conversation, call())), 'customer');
      const context = { customer, attributes: { intent: 'billing', note: 'näher: "✓"' }, tag: 'our-id' };
      value(await stage.platform.attachContext(conversation, context, call()));
      value(await stage.platform.attachContext(conversation, context, call()));
      await stage.settle();
      const recorded = await stage.recorded(conversation);
      expect(recorded.attributes).toMatchObject(context.attributes);
      expect(recorded.tag).toBe('our-id');
    });

    it('overwrites what was attached, by name and with the tag, after the customer has left where it can, and nothing else', async () => {
      await using stage = await make();
      const conversation = await stage.converse();
      const customer = partyOf(value(await stage.platform.look(conversation, call())), 'customer');
      const attach = (attributes: Record<string, string>) =>
        stage.platform.attachContext(conversation, { customer, attributes, tag: 'our-id' }, call());
      value(await attach({ intent: 'billing', theirs: 'kept' }));
      if (stage.overwritesEnded) await stage.hangUp(conversation);
      for (const overwrite of [
        { what: 'attributes', customer, names: ['intent', 'never'] },
        { what: 'tag' },
        { what: 'tag' },
      ] as const) {
        value(await stage.platform.overwriteContext(conversation, overwrite, call({ priority: 'report' })));
      }
      await stage.settle();
      const recorded = await stage.recorded(conversation);
      expect(recorded.attributes).toMatchObject({ intent: '', theirs: 'kept' });
      expect(recorded.tag ?? '').toBe('');
    });

    it('says that a conversation which it does not have cannot be overwritten', async () => {
      await using stage = await make();
      const unknown = { externalId: '00000000-0000-4000-8000-000000000000' as ExternalId, channel: 'voice' } as const;
      const outcome = await stage.platform.overwriteContext(unknown, { what: 'tag' }, call());
      expect(outcome).toMatchObject({ kind: 'rejected', code: 'not-found' });
    });

    it('keeps attributes that were there before', async () => {
      await using stage = await make();
      const conversation = await stage.converse();
      const customer = partyOf(value(await stage.platform.look(conversation, call())), 'customer');
      value(
        await stage.platform.attachContext(conversation, { customer, attributes: { first: '1' }, tag: 't' }, call()),
      );
      value(
        await stage.platform.attachContext(conversation, { customer, attributes: { second: '2' }, tag: 't' }, call()),
      );
      await stage.settle();
      expect((await stage.recorded(conversation)).attributes).toMatchObject({ first: '1', second: '2' });
    });

    it('says that a refused write was not taken', async () => {
      await using stage = await make();
      const conversation = await stage.converse();
      const customer = partyOf(value(await stage.platform.look(conversation, call())), 'customer');
      await stage.fault(stage.paths.attach, 'refuse');
      const attached = await stage.platform.attachContext(
        conversation,
        { customer, attributes: { a: 'b' }, tag: 't' },
        call(),
      );
      expect(attached).toMatchObject({ kind: 'transient', code: 'rate-limited' });
      expect((await stage.recorded(conversation)).attributes).not.toHaveProperty('a');
    });
  });

  /** A conversation with what a transfer of it needs. */
  const ready = async (stage: PlatformStage) => {
    const conversation = await stage.converse();
    const leaving = partyOf(value(await stage.platform.look(conversation, call())), 'bot');
    const queue = value(await stage.platform.resolveQueue(stage.visibleQueue, call()));
    return { conversation, transfer: { leaving, queue } };
  };
  const isThere = async (stage: PlatformStage, conversation: ConversationRef, queueId: string) => {
    await stage.settle();
    const view = value(await stage.platform.look(conversation, call()));
    const waits = view.parties.some(
      (one) => one.role === 'queue' && one.queueId === queueId && one.state === 'connected',
    );
    const reported = view.transfers.some((one) => one.queueId === queueId && one.state === 'complete');
    return waits && (reported || !stage.listsTransfers);
  };

  describe(`${name} keeps the platform contract: transfers`, () => {
    it('moves the customer to the queue, where a look finds them', async () => {
      await using stage = await make();
      const { conversation, transfer } = await ready(stage);
      value(await stage.platform.transferToQueue(conversation, transfer, call()));
      expect(await isThere(stage, conversation, transfer.queue.id)).toBe(true);
      const view = value(await stage.platform.look(conversation, call()));
      expect(view.parties.find((one) => one.id === transfer.leaving)?.state).toBe('ended');
      expect(view.parties.find((one) => one.role === 'customer')?.state).toBe('connected');
    });

    it('never repeats a transfer whose answer was lost: it is ambiguous, and a look finds it (H5)', async () => {
      await using stage = await make();
      const { conversation, transfer } = await ready(stage);
      await stage.fault(stage.paths.transfer, 'break');
      expect(await stage.platform.transferToQueue(conversation, transfer, call())).toMatchObject({ kind: 'ambiguous' });
      expect(await isThere(stage, conversation, transfer.queue.id)).toBe(true);
      expect((await stage.recorded(conversation)).transfersTaken).toBe(1);
    });

    it('gives up in the end on an answer that does not come, and calls it ambiguous (H5, H6)', async () => {
      await using stage = await make();
      const { conversation, transfer } = await ready(stage);
      await stage.fault(stage.paths.transfer, 'hang');
      const hanging = await stage.outlast(stage.platform.transferToQueue(conversation, transfer, call()));
      expect(hanging).toEqual({ kind: 'ambiguous', code: 'timed-out' });
    });

    it('says that a refused transfer was not taken', async () => {
      await using stage = await make();
      const { conversation, transfer } = await ready(stage);
      await stage.fault(stage.paths.transfer, 'refuse');
      expect(await stage.platform.transferToQueue(conversation, transfer, call())).toMatchObject({ kind: 'transient' });
      await stage.settle();
      expect((await stage.recorded(conversation)).transfersTaken).toBe(0);
    });

    it('is rejected when the party that should leave has left', async () => {
      await using stage = await make();
      const { conversation, transfer } = await ready(stage);
      value(await stage.platform.transferToQueue(conversation, transfer, call()));
      await stage.settle();
      expect(await stage.platform.transferToQueue(conversation, transfer, call())).toMatchObject({ kind: 'rejected' });
      expect((await stage.recorded(conversation)).transfersTaken).toBe(1);
    });

    it('goes on with fresh credentials when the old ones have expired, taking the transfer once', async () => {
      await using stage = await make();
      const { conversation, transfer } = await ready(stage);
      await stage.fault(stage.paths.transfer, 'expire-credentials');
      value(await stage.platform.transferToQueue(conversation, transfer, call()));
      await stage.settle();
      expect((await stage.recorded(conversation)).transfersTaken).toBe(1);
    });
  });

  describe(`${name} keeps the platform contract: presence`, () => {
    it('reads what an agent has chosen, and sets it, the same when asked again', async () => {
      await using stage = await make();
      const { agentId, has, other } = await stage.employ();
      expect(value(await stage.platform.presence(agentId, call())).id).toBe(has);
      expect(value(await stage.platform.setPresence(agentId, other, call())).id).toBe(other);
      const set = value(await stage.platform.setPresence(agentId, other, call()));
      expect(value(await stage.platform.presence(agentId, call()))).toEqual(set);
    });

    it('tells one choice of the same presence from another, or never says when', async () => {
      await using stage = await make();
      const { agentId, other } = await stage.employ();
      const first = value(await stage.platform.setPresence(agentId, other, call()));
      await stage.settle();
      const second = value(await stage.platform.setPresence(agentId, other, call()));
      expect(first.since === undefined || first.since !== second.since).toBe(true);
    });

    it('says that it has no such agent', async () => {
      await using stage = await make();
      const nobody = '00000000-0000-4000-8000-000000000000' as AgentId;
      expect(await stage.platform.presence(nobody, call())).toMatchObject({ kind: 'rejected', code: 'not-found' });
    });

    it('says that a setting whose answer was lost may have been taken (H5)', async () => {
      await using stage = await make();
      const { agentId, other } = await stage.employ();
      await stage.fault(stage.paths.presence, 'break');
      expect(await stage.platform.setPresence(agentId, other, call())).toMatchObject({ kind: 'ambiguous' });
      expect(value(await stage.platform.presence(agentId, call())).id).toBe(other);
    });
  });

  describe(`${name} keeps the platform contract: fencing`, () => {
    it('sends nothing once the lease is gone', async () => {
      await using stage = await make();
      const { conversation, transfer } = await ready(stage);
      const before = stage.callsMade();
      const fenced = call({ mayStart: () => false });
      expect(await stage.platform.transferToQueue(conversation, transfer, fenced)).toEqual({
        kind: 'transient',
        code: 'not-sent',
      });
      expect(stage.callsMade()).toBe(before);
    });

    it('sends nothing for a caller who has given up', async () => {
      await using stage = await make();
      const { conversation, transfer } = await ready(stage);
      const before = stage.callsMade();
      const gone = call({ signal: AbortSignal.abort() });
      expect(await stage.platform.transferToQueue(conversation, transfer, gone)).toEqual({
        kind: 'transient',
        code: 'not-sent',
      });
      expect(await stage.platform.look(conversation, gone)).toEqual({ kind: 'transient', code: 'not-sent' });
      expect(stage.callsMade()).toBe(before);
    });

    it('promises no more than its kind can keep, and is well', async () => {
      await using stage = await make();
      value(await stage.platform.queues(call()));
      expect(stage.platform.limits.attributeValueBytes).toBeGreaterThan(0);
      expect(stage.platform.limits.attributeCount).toBeGreaterThan(0);
      expect(stage.platform.capabilities.settleMs).toBeGreaterThanOrEqual(0);
      expect(stage.platform.health()).toMatchObject({ ok: true });
    });
  });
}
