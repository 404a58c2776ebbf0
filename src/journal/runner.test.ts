import { describe, expect, it } from 'vitest';
import {
  agentJoined,
  contextChange,
  escalation,
  house,
  interactionId,
  legOf,
  opening,
  replaced,
  SETTLE_MS,
  settled,
  TIMEOUT_MS,
  told,
} from '../../test/contract/journal-bench.ts';
import { whole } from '../protocols/interaction.ts';
import type { Journal } from './journal.ts';
import { openSqlite } from './sqlite.ts';

const ID = interactionId(1);
const types = async (journal: Journal) => (await journal.history(ID))?.map(({ type }) => type);
const forever = () => new Promise<never>(() => {});

describe('the runner takes inputs', () => {
  it('moves an escalation through its steps and settles it', async () => {
    const { runner, clock, center, journal } = await house();
    await runner.submit(ID, opening(ID, 'c1'));
    await runner.submit(ID, escalation());
    await settled();
    expect(center.kinds()).toEqual(['Inspect', 'AttachContext', 'TransferToQueue']);
    await clock.advance(SETTLE_MS + 100);
    expect(center.kinds().at(-1)).toBe('Look');
    expect(whole((await runner.read(ID))?.state).settled).toMatchObject([{ outcome: 'completed' }]);
    expect(await journal.verify()).toMatchObject({ ok: true });
    const kept = await journal.peek(ID);
    expect([kept?.version, kept?.state]).toEqual([9, (await runner.read(ID))?.state]);
  });

  it('sends nothing before what asks for it is durable (H5)', async () => {
    const log: string[] = [];
    const sqlite = openSqlite(':memory:');
    const store = replaced(sqlite, {
      append: async (batch) => {
        const results = await sqlite.append(batch);
        await settled(3);
        log.push(...batch.flatMap(({ events }) => events.map(({ type }) => `durable ${type}`)));
        return results;
      },
    });
    const { runner, center } = await house({ store });
    center.script = (command) => void log.push(`sent ${command.kind}`);
    await runner.submit(ID, opening(ID, 'c1'));
    await runner.submit(ID, escalation());
    await settled(60);
    expect(log).toEqual([
      'durable InteractionOpened',
      'durable LegAttached',
      'durable EscalationRequested',
      'sent Inspect',
      'durable ConversationInspected',
      'sent AttachContext',
      'durable ContextAttached',
      'sent TransferToQueue',
      'durable TransferAccepted',
    ]);
  });

  it('takes the inputs of one interaction one after the other, and those that came together in one append', async () => {
    const sqlite = openSqlite(':memory:');
    let appends = 0;
    const counting = replaced(sqlite, {
      append: (batch) => {
        appends += batch.length;
        return sqlite.append(batch);
      },
    });
    const { runner } = await house({ store: counting });
    await runner.submit(ID, opening(ID, 'c1'));
    await settled(1);
    appends = 0;
    const many = Array.from({ length: 20 }, (_, n) => runner.submit(ID, contextChange({ [`k${n}`]: String(n) })));
    const replies = await Promise.all(many);
    expect(replies.map((reply) => reply.kind === 'taken' && reply.events.length)).toEqual(replies.map(() => 1));
    expect(appends).toBe(2);
    expect(Object.keys(whole((await runner.read(ID))?.state).context.attributes ?? {})).toHaveLength(20);
  });

  it('writes an interaction and the events that came before it in one append', async () => {
    const { runner, journal } = await house();
    await journal.park(agentJoined('c1', 'm1', 5), 'genesys_cloud', 1e15);
    const waiting = await journal.parkedFor(legOf('c1'));
    const inputs = [{ input: opening(ID, 'c1') }, ...waiting.map(({ event }) => told(event))];
    await Promise.all(runner.submitAll(ID, inputs));
    expect((await runner.read(ID))?.state.holder).toMatchObject({ kind: 'agent', epoch: 2 });
    expect(await journal.parkedFor(legOf('c1'))).toEqual([]);
    expect(await types(journal)).toEqual(['InteractionOpened', 'LegAttached', 'HolderChanged']);
  });

  it('takes a message once, also when its sender repeats it faster than it can be written', async () => {
    const { runner, journal } = await house();
    await runner.submit(ID, opening(ID, 'c1'));
    const message = told(agentJoined('c1', 'm1', 5));
    const replies = await Promise.all([1, 2, 3].map(() => runner.submit(ID, message.input, message)));
    const effects = replies.map((reply) => (reply.kind === 'taken' ? reply.events.length : reply.kind));
    expect(effects).toEqual([1, 0, 0]);
    expect((await types(journal))?.filter((type) => type === 'HolderChanged')).toHaveLength(1);
  });

  it('tells only those who wanted a taken leg, and takes the others of the batch', async () => {
    const { runner } = await house();
    const other = interactionId(2);
    await runner.submit(ID, opening(ID, 'c1'));
    await runner.submit(other, opening(other, 'c2'));
    const inputs = [contextChange({ a: '1' }), { kind: 'attach-leg', actor: 'api:desk', leg: legOf('c2') } as const];
    const replies = await Promise.all(runner.submitAll(ID, [...inputs, contextChange({ b: '2' })].map(inputOf)));
    expect(replies.map(({ kind }) => kind)).toEqual(['taken', 'leg-taken', 'taken']);
    expect(replies[1]).toMatchObject({ interactionId: other });
    expect(whole((await runner.read(ID))?.state).context.attributes).toEqual({ a: '1', b: '2' });
  });

  it('knows nothing of an interaction that was never opened', async () => {
    const { runner } = await house();
    expect(await runner.submit(ID, escalation())).toEqual({ kind: 'unknown' });
    expect(await runner.read(ID)).toBeNull();
  });

  it('keeps more interactions moving than it keeps in memory', async () => {
    const { runner, clock } = await house({ settings: { capacity: 2 } });
    const all = Array.from({ length: 12 }, (_, n) => interactionId(n));
    await Promise.all(all.map((id, n) => runner.submit(id, opening(id, `c${n}`))));
    await Promise.all(all.map((id) => runner.submit(id, escalation())));
    await settled(60);
    await clock.advance(SETTLE_MS + 500);
    const states = await Promise.all(all.map((id) => runner.read(id)));
    expect(states.map((one) => whole(one?.state).settled[0]?.outcome)).toEqual(all.map(() => 'completed'));
  });
});

const inputOf = (input: ReturnType<typeof contextChange>) => ({ input });

describe('the runner and time', () => {
  it('gives a command that never answers its hard time-out, and then looks (H5)', async () => {
    const { runner, clock, center } = await house();
    let aborted = false;
    center.script = (command, { signal }) => {
      if (command.kind !== 'TransferToQueue') return undefined;
      signal.addEventListener('abort', () => {
        aborted = true;
      });
      return forever();
    };
    await runner.submit(ID, opening(ID, 'c1'));
    await runner.submit(ID, escalation());
    await settled();
    await clock.advance(TIMEOUT_MS - 1);
    expect([aborted, center.kinds().at(-1)]).toEqual([false, 'TransferToQueue']);
    await clock.advance(1);
    await settled();
    expect([aborted, center.kinds().at(-1)]).toEqual([true, 'Look']);
  });

  it('fences: nothing may start when the lease is nearly over', async () => {
    const { runner, clock, center } = await house({ settings: { leaseMs: TIMEOUT_MS + 1_000 } });
    let mayStart = () => false;
    center.script = (_command, call) => {
      mayStart = call.mayStart;
      return forever();
    };
    await runner.submit(ID, opening(ID, 'c1'));
    await runner.submit(ID, escalation());
    await clock.advance(999);
    expect(mayStart()).toBe(true);
    await clock.advance(1);
    expect(mayStart()).toBe(false);
  });

  it('a command that could take longer than a lease is given half of it, and does begin', async () => {
    const { runner, clock, center } = await house({ settings: { leaseMs: TIMEOUT_MS / 2 } });
    let mayStart = () => false;
    let aborted = false;
    center.script = (_command, call) => {
      mayStart = call.mayStart;
      call.signal.addEventListener('abort', () => {
        aborted = true;
      });
      return forever();
    };
    await runner.submit(ID, opening(ID, 'c1'));
    await runner.submit(ID, escalation());
    expect(mayStart()).toBe(true);
    await clock.advance(TIMEOUT_MS / 4);
    expect({ aborted, mayStart: mayStart() }).toEqual({ aborted: true, mayStart: false });
  });

  it('fences: nothing may start after its command was given up, however much of the lease is left', async () => {
    const { runner, clock, center } = await house({ settings: { leaseMs: 10 * TIMEOUT_MS } });
    const calls: (() => boolean)[] = [];
    center.script = (_command, call) => {
      calls.push(call.mayStart);
      return forever();
    };
    await runner.submit(ID, opening(ID, 'c1'));
    await runner.submit(ID, escalation());
    await clock.advance(TIMEOUT_MS - 1);
    expect(calls.map((mayStart) => mayStart())).toEqual([true]);
    await clock.advance(1);
    expect(calls[0]?.()).toBe(false);
  });

  it.each([
    { what: 'its move has settled', input: told(agentJoined('c1', 'm1', 5)).input, still: false },
    {
      what: 'its interaction is set aside',
      input: { kind: 'quarantine', actor: 'throughline' } as const,
      still: false,
    },
    { what: 'something else has changed', input: contextChange({ a: '1' }), still: true },
  ])('fences: what a command may still start when $what (H3)', async ({ input, still }) => {
    const { runner, center } = await house();
    let mayStart = () => false;
    center.script = (command, call) => {
      if (command.kind !== 'TransferToQueue') return undefined;
      mayStart = call.mayStart;
      return forever();
    };
    await runner.submit(ID, opening(ID, 'c1'));
    await runner.submit(ID, escalation());
    await settled();
    expect(mayStart()).toBe(true);
    await runner.submit(ID, input);
    expect(mayStart()).toBe(still);
  });

  it('waits for a state: at once, when it comes, not for ever, and not past the stop', async () => {
    const { runner, clock } = await house();
    await runner.submit(ID, opening(ID, 'c1'));
    expect((await runner.watch(ID, () => true, 0))?.id).toBe(ID);
    expect(await runner.watch(interactionId(9), () => true, 0)).toBeNull();

    const seen = runner.watch(ID, (state) => state.context.attributes?.a === '1', 1_000);
    await runner.submit(ID, contextChange({ a: '1' }));
    expect((await seen)?.context.attributes).toEqual({ a: '1' });

    const late = runner.watch(ID, (state) => state.endedAt !== undefined, 1_000);
    await clock.advance(1_000);
    expect(await late).toBeNull();

    const stopped = runner.watch(ID, (state) => state.endedAt !== undefined, 1e9);
    await settled();
    await runner[Symbol.asyncDispose]();
    expect(await stopped).toBeNull();
    expect(clock.sleepers()).toBe(0);
  });

  it('keeps one timer for all its commands, which rings once they have ended and no more', async () => {
    const { runner, clock, center } = await house({ start: false });
    await runner.submit(ID, opening(ID, 'c1'));
    await runner.submit(ID, escalation());
    await settled();
    expect(center.kinds()).toHaveLength(3);
    expect(clock.sleepers()).toBe(1);
    await clock.advance(TIMEOUT_MS);
    expect(clock.sleepers()).toBe(0);
    await runner[Symbol.asyncDispose]();
  });

  it('lets go of that timer at the stop', async () => {
    const { runner, clock } = await house({ start: false });
    await runner.submit(ID, opening(ID, 'c1'));
    await runner.submit(ID, escalation());
    await settled();
    await runner[Symbol.asyncDispose]();
    expect(clock.sleepers()).toBe(0);
  });

  it('delivers events that were parked while their leg was being attached, in the order they came', async () => {
    const { runner, journal, clock } = await house();
    await journal.park(agentJoined('c1', 'z', 10), 'genesys_cloud', clock.now() + 900_000);
    await clock.advance(1);
    await journal.park(agentJoined('c1', 'a', 20), 'genesys_cloud', clock.now() + 900_000);
    await runner.submit(ID, opening(ID, 'c1'));
    await clock.advance(1_100);
    expect((await runner.read(ID))?.state.holder).toMatchObject({ kind: 'agent', agentId: 'a-agent', epoch: 3 });
    expect(await journal.parkedFor(legOf('c1'))).toEqual([]);
  });

  it('drops a parked event that changes nothing, and does not try it for ever', async () => {
    const { runner, journal, clock } = await house();
    await runner.submit(ID, opening(ID, 'c1'));
    await journal.park(agentJoined('c2', 'm', 10), 'genesys_cloud', clock.now() + 900_000);
    await runner.submit(ID, { kind: 'attach-leg', actor: 'api:desk', leg: legOf('c2') });
    // The same news came under another message id first.
    await runner.submit(ID, told(agentJoined('c2', 'm', 10)).input);
    await clock.advance(1_100);
    expect(await journal.strays(10)).toEqual([]);
  });
});
