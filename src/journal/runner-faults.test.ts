import { describe, expect, it } from 'vitest';
import {
  agentJoined,
  ContactCenter,
  contextChange,
  escalation,
  house,
  interactionId,
  LEASE_MS,
  node,
  opening,
  replaced,
  SETTLE_MS,
  settled,
  told,
} from '../../test/contract/journal-bench.ts';
import { manualClock } from '../../test/contract/manual-clock.ts';
import type { ConversationEvent } from '../context/conversation.ts';
import { whole } from '../protocols/interaction.ts';
import type { Journal } from './journal.ts';
import { JournalUnavailable } from './journal-unavailable.ts';
import type { Reply } from './mailbox.ts';
import { openSqlite } from './sqlite.ts';

const ID = interactionId(1);
const types = async (journal: Journal) => (await journal.history(ID))?.map(({ type }) => type);

describe('the runner and its faults', () => {
  it('hands an execute that throws to onFault, and nothing else falls over', async () => {
    const { runner, center, faults } = await house();
    const bug = new Error('a bug');
    center.script = () => {
      throw bug;
    };
    await runner.submit(ID, opening(ID, 'c1'));
    await runner.submit(ID, escalation());
    await settled();
    expect(faults).toEqual([bug]);
    expect(await runner.submit(ID, contextChange({ a: '1' }))).toMatchObject({ kind: 'taken' });
  });

  it('tells the caller when the journal cannot be written, keeps nothing of it, and goes on when it can', async () => {
    const sqlite = openSqlite(':memory:');
    const full = new Error('database or disk is full');
    let broken = false;
    const store = replaced(sqlite, {
      append: (batch) => (broken ? Promise.reject(full) : sqlite.append(batch)),
    });
    const { runner, center, faults } = await house({ store });
    await runner.submit(ID, opening(ID, 'c1'));
    broken = true;
    const asked = await Promise.allSettled([runner.submit(ID, escalation()), runner.submit(ID, contextChange({}))]);
    const told = new JournalUnavailable(full);
    expect(asked).toEqual([1, 2].map(() => ({ status: 'rejected', reason: told })));
    expect(asked.map((one) => one.status === 'rejected' && one.reason.cause)).toEqual([full, full]);
    expect([center.asked, faults]).toEqual([[], []]);
    broken = false;
    expect(await runner.submit(ID, escalation())).toMatchObject({ kind: 'taken', version: 3 });
  });

  it('hands an outcome that cannot be written to onFault: the process ends and the next one looks', async () => {
    const sqlite = openSqlite(':memory:');
    const full = new Error('database or disk is full');
    let broken = false;
    const store = replaced(sqlite, {
      append: (batch) => (broken ? Promise.reject(full) : sqlite.append(batch)),
    });
    const { runner, center, faults } = await house({ store });
    center.script = (command) => {
      broken = command.kind === 'TransferToQueue';
      return undefined;
    };
    await runner.submit(ID, opening(ID, 'c1'));
    await runner.submit(ID, escalation());
    await settled();
    expect(faults).toEqual([new JournalUnavailable(full)]);
  });

  it('quarantines a row after three claims that did not finish, while the others go on', async () => {
    const store = openSqlite(':memory:');
    const [bad, good] = [interactionId(66), interactionId(67)];
    const clock = manualClock();
    const center = new ContactCenter();
    const quarantined: string[] = [];
    const restart = async () => {
      const parts = { clock, center, onQuarantine: (id: string) => quarantined.push(id) };
      const one = await node(store, parts);
      await one.runner.start({ recovering: true });
      await settled();
      return one;
    };
    const first = await restart();
    await first.runner.submit(bad, opening(bad, 'c66'));
    await first.runner.submit(good, opening(good, 'c67'));
    await Promise.all([bad, good].map((id) => first.runner.submit(id, escalation())));
    await settled();
    await first.runner[Symbol.asyncDispose]();
    // Its newest event does not open: what a failing disk, or a bug in folding, looks like.
    const [row] = await store.load([bad]);
    const damaged = { ...row!.events.at(-1)!, version: row!.version + 1, sealed: new Uint8Array(60), hash: GARBAGE };
    const [found] = await store.list({ limit: 1, phase: 'confirming' });
    await store.append([
      {
        interactionId: bad,
        expectedVersion: row!.version,
        wrappedKey: null,
        events: [damaged],
        summary: found!,
        dueAt: clock.now(),
        lease: null,
        attach: [],
        detach: [],
        subjects: [],
        messages: [],
        blobs: [],
        snapshot: null,
        erase: false,
        forget: [],
      },
    ]);
    for (const claims of [1, 2, 3]) {
      const { faults } = await restart();
      expect([claims, faults.length, quarantined]).toEqual([claims, 1, []]);
      await clock.advance(LEASE_MS);
    }
    const last = await restart();
    expect([last.faults, quarantined]).toEqual([[], [bad]]);
    await clock.advance(SETTLE_MS + 100);
    expect(whole((await last.runner.read(good))?.state).settled).toMatchObject([{ outcome: 'completed' }]);
    expect(await last.runner.submit(bad, escalation())).toEqual({ kind: 'quarantined' });
    await clock.advance(LEASE_MS * 3);
    expect([last.faults, quarantined]).toEqual([[], [bad]]);
  });

  it('puts a row away unread when even setting it aside has not finished: reading it may end every process (H6)', async () => {
    const store = openSqlite(':memory:');
    const bad = interactionId(68);
    const clock = manualClock();
    const center = new ContactCenter();
    const quarantined: string[] = [];
    const parts = { clock, center, onQuarantine: (id: string) => quarantined.push(id) };
    const first = await node(store, parts);
    await first.runner.submit(bad, opening(bad, 'c68'));
    await first.runner.submit(bad, escalation());
    await settled();
    await first.runner[Symbol.asyncDispose]();
    let reads = 0;
    const deadly = new Proxy(store, {
      get(real, name) {
        const method = Reflect.get(real, name, real).bind(real);
        if (name !== 'load') return method;
        // Whoever reads it is heard of no more.
        return () => {
          reads += 1;
          return new Promise(() => {});
        };
      },
    });
    for (let claims = 1; claims <= 6; claims += 1) {
      const one = await node(deadly, { ...parts, owner: `node-${claims}` });
      void one.runner.pump();
      await settled();
      await clock.advance(LEASE_MS * 2);
    }
    expect(quarantined).toEqual([bad]);
    expect(reads).toBe(4);
    expect((await store.load([bad]))[0]?.quarantined).toBe(true);
  });
});

const GARBAGE = new Uint8Array(32);

/** Not of the type: a bug of ours, in the only shape in which it can be made to come. */
const UNDECIDABLE = escalation({ policy: undefined as never });
const unreadable = (externalId: string) =>
  ({ ...agentJoined(externalId, 'm-bad', 5), kind: 'seen', view: null }) as never as ConversationEvent;

describe('an input that cannot be decided', () => {
  it('fails alone: those beside it are taken, before and after', async () => {
    const { runner, journal, faults } = await house();
    await runner.submit(ID, opening(ID, 'c1'));
    const inputs = [contextChange({ a: '1' }), UNDECIDABLE, contextChange({ b: '2' })].map((input) => ({ input }));
    const replies = await Promise.allSettled(runner.submitAll(ID, inputs));
    expect(replies.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(replies[1]).toMatchObject({ reason: expect.any(TypeError) });
    expect(whole((await runner.read(ID))?.state).context.attributes).toEqual({ a: '1', b: '2' });
    expect(await types(journal)).toEqual(['InteractionOpened', 'LegAttached', 'ContextChanged', 'ContextChanged']);
    expect(faults).toEqual([]);
  });

  it('is told once and as what it is, though the batch has to be decided again', async () => {
    const { runner } = await house();
    await runner.submit(ID, opening(ID, 'c1'));
    const message = told(agentJoined('c1', 'm1', 5));
    await runner.submit(ID, message.input, message);
    const replies = await Promise.allSettled(runner.submitAll(ID, [message, { input: UNDECIDABLE }]));
    expect(replies).toMatchObject([{ status: 'fulfilled' }, { reason: expect.any(TypeError) }]);
  });

  it('ends the process when it is the outcome of a command of ours', async () => {
    const { runner, center, faults } = await house();
    center.script = (command) =>
      command.kind === 'Inspect' ? { kind: 'done', of: 'Inspect', result: null as never } : undefined;
    await runner.submit(ID, opening(ID, 'c1'));
    await runner.submit(ID, escalation());
    await settled();
    expect(faults).toEqual([expect.any(TypeError)]);
    expect(await runner.submit(ID, contextChange({ a: '1' }))).toMatchObject({ kind: 'taken' });
  });

  it('ends the process when it was parked, and is not there to end the next one', async () => {
    const { runner, journal, clock, faults } = await house();
    await journal.park(unreadable('c1'), 'genesys_cloud', clock.now() + 900_000);
    await runner.submit(ID, opening(ID, 'c1'));
    await clock.advance(1_100);
    expect(faults).toEqual([expect.any(TypeError)]);
    expect(await journal.strays(10)).toEqual([]);
  });
});

describe('an interaction that is set aside', () => {
  /** A process whose every call ends it, started again and again. */
  async function walkedThrough() {
    const store = openSqlite(':memory:');
    const clock = manualClock();
    const center = new ContactCenter();
    const quarantined: string[] = [];
    center.script = () => {
      throw new Error('a bug');
    };
    const restart = async () => {
      const one = await node(store, { clock, center, onQuarantine: (id: string) => quarantined.push(id) });
      await one.runner.start({ recovering: true });
      await settled();
      return one;
    };
    const first = await restart();
    await first.runner.submit(ID, opening(ID, 'c1'));
    await first.runner.submit(ID, escalation());
    await settled();
    await first.runner[Symbol.asyncDispose]();
    for (const _ of [1, 2, 3]) {
      const one = await restart();
      expect(one.faults).toHaveLength(1);
      await one.runner[Symbol.asyncDispose]();
    }
    expect(quarantined).toEqual([]);
    const asked = center.asked.length;
    return { store, clock, center, quarantined, asked, restart };
  }

  it('has settled first, so that callers and lists see an outcome (H6), and nothing of it runs again', async () => {
    const { store, center, quarantined, asked, restart } = await walkedThrough();
    const last = await restart();
    expect([last.faults, quarantined, center.asked.length]).toEqual([[], [ID], asked]);
    expect((await last.runner.read(ID))?.state).toMatchObject({
      move: null,
      chores: [],
      settled: [{ outcome: 'dead_lettered', reason: 'quarantined' }],
    });
    expect(await store.list({ limit: 1 })).toMatchObject([{ phase: 'settled', outcome: 'dead_lettered' }]);
    expect(await last.runner.submit(ID, escalation())).toEqual({ kind: 'quarantined' });
    expect(await last.journal.verify()).toMatchObject({ ok: true });
  });

  it('takes nothing that came at the same time: no move is opened between its end and the mark', async () => {
    const { clock, center, store } = await walkedThrough();
    const one = await node(store, { clock, center });
    await store.recover(clock.now());
    const pumped = one.runner.pump();
    const asked: Promise<Reply>[] = [];
    for (let turn = 0; turn < 200; turn += 1) {
      asked.push(one.runner.submit(ID, escalation()));
      await (turn % 10 === 0 ? settled(1) : Promise.resolve());
    }
    await pumped;
    const replies = (await Promise.all(asked)).map((reply) =>
      reply.kind === 'taken' ? reply.events.map((event) => event.type) : reply.kind,
    );
    // Before its turn has come, the open move is in the way.
    expect(new Set(replies.flat())).toEqual(new Set(['RequestRefused', 'quarantined']));
    expect(whole((await one.runner.read(ID))?.state).move).toBeNull();
  });
});

describe('the runner stops', () => {
  it('waits for calls that are under way, writes what came of them, and sends nothing new', async () => {
    const { runner, clock, center, journal } = await house();
    let answer = () => {};
    center.script = (command, _call, here) => {
      if (command.kind !== 'AttachContext') return undefined;
      return new Promise((resolve) => {
        answer = () => resolve(here.perform(command));
      });
    };
    await runner.submit(ID, opening(ID, 'c1'));
    await runner.submit(ID, escalation());
    await settled();
    const stopped = runner[Symbol.asyncDispose]();
    await settled();
    await clock.advance(1_000);
    answer();
    await stopped;
    expect((await types(journal))?.at(-1)).toBe('ContextAttached');
    expect(center.kinds()).toEqual(['Inspect', 'AttachContext']);
  });

  it('lets nothing start any more, and after its grace breaks off what is under way', async () => {
    const { runner, clock, center, journal } = await house();
    const calls: { signal: AbortSignal; mayStart: () => boolean }[] = [];
    center.script = (_command, call) => {
      calls.push(call);
      return new Promise((resolve) => {
        call.signal.addEventListener('abort', () => resolve({ kind: 'ambiguous', code: 'timed-out' }));
      });
    };
    await runner.submit(ID, opening(ID, 'c1'));
    await runner.submit(ID, escalation());
    await settled();
    let done = false;
    const stopped = runner[Symbol.asyncDispose]().then(() => {
      done = true;
    });
    await settled();
    expect([calls[0]?.mayStart(), calls[0]?.signal.aborted]).toEqual([false, false]);
    await clock.advance(1_999);
    expect([done, calls[0]?.signal.aborted]).toEqual([false, false]);
    await clock.advance(1);
    await stopped;
    expect(calls[0]?.signal.aborted).toBe(true);
    // What was broken off is left as it was, for whoever takes over.
    expect((await types(journal))?.at(-1)).toBe('EscalationRequested');
  });

  it('is taken up where it stopped: a transfer that was under way is looked for, not repeated (H5)', async () => {
    const { runner, clock, center, store } = await house();
    center.script = (command, call, here) => {
      if (command.kind !== 'TransferToQueue') return undefined;
      here.perform(command);
      return new Promise((resolve) => {
        call.signal.addEventListener('abort', () => resolve({ kind: 'ambiguous', code: 'connection-lost' }));
      });
    };
    await runner.submit(ID, opening(ID, 'c1'));
    await runner.submit(ID, escalation());
    await settled();
    const stopped = runner[Symbol.asyncDispose]();
    await settled();
    await clock.advance(2_000);
    await stopped;
    // The same name again, as a container has it after a restart.
    const again = await node(store, { clock, center, owner: 'n1' });
    await again.runner.start({ recovering: true });
    await settled();
    expect(center.kinds().slice(-2)).toEqual(['TransferToQueue', 'Look']);
    expect(whole((await again.runner.read(ID))?.state).settled).toMatchObject([{ outcome: 'completed' }]);
    expect(center.transfers('c1')).toBe(1);
  });
});
