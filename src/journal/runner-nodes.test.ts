import { describe, expect, it } from 'vitest';
import {
  agentJoined,
  ContactCenter,
  cancelling,
  contextChange,
  escalation,
  interactionId,
  LEASE_MS,
  legOf,
  type Node,
  node,
  opening,
  replaced,
  SETTLE_MS,
  settled,
  TIMEOUT_MS,
  told,
} from '../../test/contract/journal-bench.ts';
import { manualClock } from '../../test/contract/manual-clock.ts';
import { CLOCKS_APART_MS } from '../protocols/clocks.ts';
import { whole } from '../protocols/interaction.ts';
import { takeIn } from './intake.ts';
import type { Journal } from './journal.ts';
import { openSqlite } from './sqlite.ts';
import type { Store } from './store.ts';

const ID = interactionId(1);
const types = async (journal: Journal) => (await journal.history(ID))?.map(({ type }) => type);
const forever = () => new Promise<never>(() => {});

describe('two nodes on one store', () => {
  async function twoNodes() {
    const store = openSqlite(':memory:');
    const center = new ContactCenter();
    const [clockA, clockB] = [manualClock(), manualClock()];
    const refusedOfA: string[] = [];
    const append: Store['append'] = async (batch) => {
      const results = await store.append(batch);
      refusedOfA.push(...results.map(({ kind }) => kind).filter((kind) => kind !== 'appended'));
      return results;
    };
    const a = await node(replaced(store, { append }), { clock: clockA, center, owner: 'a' });
    const b = await node(store, { clock: clockB, center, owner: 'b' });
    return { store, center, a, b, clockA, clockB, refusedOfA };
  }

  it('the loser of a version decides again, and nothing is lost', async () => {
    const { a, b } = await twoNodes();
    await a.runner.submit(ID, opening(ID, 'c1'));
    await b.runner.submit(ID, contextChange({ b0: '1' }));
    const changes = Array.from({ length: 10 }, (_, n) =>
      [a, b].map((one, m) => one.runner.submit(ID, contextChange({ [`k${n}.${m}`]: '1' }))),
    );
    expect((await Promise.all(changes.flat())).map(({ kind }) => kind)).toEqual(changes.flat().map(() => 'taken'));
    const attributes = whole((await b.runner.read(ID))?.state).context.attributes ?? {};
    expect(Object.keys(attributes)).toHaveLength(21);
    expect(await a.journal.verify()).toMatchObject({ ok: true });
  });

  it('at most one move is open, whichever node was asked (H1)', async () => {
    const { a, b, center } = await twoNodes();
    await a.runner.submit(ID, opening(ID, 'c1'));
    await b.runner.submit(ID, contextChange({}));
    const replies = await Promise.all([a, b].map(({ runner }) => runner.submit(ID, escalation())));
    await settled();
    const events = replies.map((reply) => reply.kind === 'taken' && reply.events[0]?.type);
    expect(events.toSorted()).toEqual(['EscalationRequested', 'RequestRefused']);
    expect(center.transfers('c1')).toBe(1);
  });

  it('believes that an input changes nothing only of the newest state', async () => {
    const { a, b } = await twoNodes();
    await a.runner.submit(ID, opening(ID, 'c1'));
    await b.runner.submit(ID, { kind: 'attach-leg', actor: 'api:desk', leg: legOf('c2') });
    const { input, message } = told(agentJoined('c2', 'm1', 5));
    expect(await a.runner.submit(ID, input, { message })).toMatchObject({ events: [{ type: 'HolderChanged' }] });
  });

  it('what is told of a conversation that has moved on meanwhile is not taken, whatever else comes with it', async () => {
    const { a, b } = await twoNodes();
    const other = interactionId(2);
    await a.runner.submit(ID, opening(ID, 'c1'));
    await a.runner.submit(other, opening(other, 'c2'));
    await b.runner.submit(ID, { kind: 'detach-leg', actor: 'api:desk', leg: legOf('c1') });
    await b.runner.submit(other, { kind: 'attach-leg', actor: 'api:desk', leg: legOf('c1') });
    const { input, message } = told(agentJoined('c1', 'm1', 5));
    const [change, late] = a.runner.submitAll(ID, [{ input: contextChange({ k: '1' }) }, { input, message }]);
    expect([(await change)?.kind, (await late)?.kind]).toEqual(['taken', 'not-held']);
    expect((await a.runner.submit(ID, input, { message })).kind).toBe('not-held');
    expect(await b.runner.submit(other, input, { message })).toMatchObject({ events: [{ type: 'HolderChanged' }] });
  });

  it('finds who has a conversation by the time that its event is decided', async () => {
    const { a, b, clockA: clock } = await twoNodes();
    const other = interactionId(2);
    await a.runner.submit(ID, opening(ID, 'c1'));
    await a.runner.submit(other, opening(other, 'c2'));
    const { journal, runner } = a;
    const moving: Pick<Journal, 'ownerOf' | 'park'> = {
      park: (...args) => journal.park(...args),
      ownerOf: async (leg) => {
        const owner = await journal.ownerOf(leg);
        await b.runner.submit(ID, { kind: 'detach-leg', actor: 'api:desk', leg: legOf('c1') });
        await b.runner.submit(other, { kind: 'attach-leg', actor: 'api:desk', leg: legOf('c1') });
        return owner;
      },
    };
    const event = agentJoined('c1', 'm1', 5);
    expect(await takeIn(event, { journal: moving, runner, clock })).toMatchObject({
      events: [{ type: 'HolderChanged' }],
    });
    expect(whole((await a.runner.read(other))?.state).holder.kind).toBe('agent');
  });

  it('a message that changed nothing changes nothing of who has its conversation by the time it is told again', async () => {
    const { a } = await twoNodes();
    const other = interactionId(2);
    await a.runner.submit(ID, opening(ID, 'c1'));
    await a.runner.submit(other, opening(other, 'c2'));
    const first = told(agentJoined('c1', 'm1', 5));
    const again = told({ ...agentJoined('c1', 'm1', 5), messageId: 'm2' });
    await a.runner.submit(ID, first.input, first);
    expect(await a.runner.submit(ID, again.input, again)).toMatchObject({ kind: 'taken', events: [] });
    await a.runner.submit(ID, { kind: 'detach-leg', actor: 'api:desk', leg: legOf('c1') });
    await a.runner.submit(other, { kind: 'attach-leg', actor: 'api:desk', leg: legOf('c1') });
    expect((await a.runner.submit(other, again.input, again)).kind).toBe('duplicate');
  });

  it('reads and watches what the other node has written', async () => {
    const { a, b, clockA } = await twoNodes();
    await a.runner.submit(ID, opening(ID, 'c1'));
    const seen = a.runner.watch(ID, (state) => state.context.attributes?.b === '1', 10_000);
    await settled();
    await b.runner.submit(ID, contextChange({ b: '1' }));
    expect(whole((await a.runner.read(ID))?.state).context.attributes).toEqual({ b: '1' });
    await clockA.advance(500);
    expect((await seen)?.context.attributes).toEqual({ b: '1' });
  });

  it.each([
    { fate: 'was taken', took: true, steps: ['Look'], outcome: 'completed' },
    { fate: 'was not taken', took: false, steps: ['Look', 'TransferToQueue', 'Look'], outcome: 'completed' },
  ])('a node that takes over a transfer looks first, and repeats only what did not happen (H5): $fate', async (one) => {
    const { a, b, clockA, clockB, center, refusedOfA } = await twoNodes();
    center.script = (command, _call, here) => {
      if (command.kind !== 'TransferToQueue') return undefined;
      center.script = () => undefined;
      if (one.took) here.perform(command);
      return forever();
    };
    await a.runner.submit(ID, opening(ID, 'c1'));
    await a.runner.submit(ID, escalation());
    await settled();
    expect(center.kinds()).toEqual(['Inspect', 'AttachContext', 'TransferToQueue']);

    // Were b's clock as far ahead of a's as it may be, a's lease would have run out only now.
    await clockB.advance(LEASE_MS + CLOCKS_APART_MS - 1);
    expect(await b.runner.pump()).toBe(0);
    await clockB.advance(1);
    expect(await b.runner.pump()).toBe(1);
    await settled();
    for (let looks = 0; looks < 20; looks += 1) {
      await clockB.advance(SETTLE_MS / 4);
      await b.runner.pump();
      await settled();
    }
    const since = center.kinds().slice(3);
    expect(since.filter((kind, index) => kind !== since[index - 1])).toEqual(one.steps);
    expect(center.transfers('c1')).toBe(1);
    expect(whole((await b.runner.read(ID))?.state).settled).toMatchObject([{ outcome: one.outcome }]);

    // Node a wakes up and hears of its call at last: its append is refused by version, and changes nothing.
    const before = await types(b.journal);
    expect(refusedOfA).toEqual([]);
    await clockA.advance(TIMEOUT_MS + 1);
    await settled();
    expect(refusedOfA).toEqual(['version-conflict']);
    expect(await types(b.journal)).toEqual(before);
    expect(center.transfers('c1')).toBe(1);
    expect(a.faults).toEqual([]);
  });

  it('goes by the newest state when it claims what it knew from long ago', async () => {
    const { a, b, clockA, center } = await twoNodes();
    await a.runner.submit(ID, opening(ID, 'c1'));
    await b.runner.submit(ID, escalation());
    await settled();
    // Node b is gone while the effect is awaited: nobody holds a lease.
    await clockA.advance(SETTLE_MS + 1);
    expect(await a.runner.pump()).toBe(1);
    await settled();
    expect(center.kinds().at(-1)).toBe('Look');
    expect(whole((await a.runner.read(ID))?.state).settled).toMatchObject([{ outcome: 'completed' }]);
    expect(await a.runner.pump()).toBe(0);
  });

  it('leaves a running command to the node that has it, whatever else comes in', async () => {
    const { a, b, center, clockB } = await twoNodes();
    center.script = (command) => (command.kind === 'Inspect' ? forever() : undefined);
    await a.runner.submit(ID, opening(ID, 'c1'));
    await a.runner.submit(ID, escalation());
    await b.runner.submit(ID, contextChange({ b: '1' }));
    await clockB.advance(LEASE_MS + CLOCKS_APART_MS - 1);
    expect(await b.runner.pump()).toBe(0);
    await settled();
    expect(center.kinds()).toEqual(['Inspect']);
    expect(await b.runner.submit(ID, cancelling(ID))).toMatchObject({ events: [{ type: 'HandoffSettled' }] });
  });

  it('holds back what another node has settled as soon as it hears of that (H3)', async () => {
    const { a, b, center } = await twoNodes();
    let mayStart = () => false;
    center.script = (command, call) => {
      if (command.kind !== 'TransferToQueue') return undefined;
      mayStart = call.mayStart;
      return forever();
    };
    await a.runner.submit(ID, opening(ID, 'c1'));
    await a.runner.submit(ID, escalation());
    await settled();
    await b.runner.submit(ID, told(agentJoined('c1', 'm1', 5)).input);
    expect(whole((await b.runner.read(ID))?.state).move).toBeNull();
    expect(mayStart()).toBe(true);
    // Whatever comes to it next brings the newest state along.
    await a.runner.submit(ID, told(agentJoined('c1', 'm1', 5)).input);
    expect(mayStart()).toBe(false);
  });

  it('one row that nobody can read is quarantined in the end, and every node lives', async () => {
    const kept = openSqlite(':memory:');
    const bad = interactionId(66);
    let damaged = false;
    // What a damaged key looks like to whoever loads the row.
    const load: Store['load'] = async (ids) =>
      (await kept.load(ids)).map((row) =>
        damaged && row.id === bad ? { ...row, wrappedKey: new Uint8Array(60) } : row,
      );
    const store = replaced(kept, { load });
    const [center, clock] = [new ContactCenter(), manualClock()];
    const [poisoned, quarantined]: [string[], string[]] = [[], []];
    const parts = {
      center,
      clock,
      onPoison: (id: string) => poisoned.push(id),
      onQuarantine: (id: string) => quarantined.push(id),
    };
    const nodes = await Promise.all(['a', 'b', 'c'].map((owner) => node(store, { ...parts, owner })));
    const [first, ...others] = nodes as [Node, Node, Node];
    center.script = (command) => ('externalId' in command && command.externalId === 'c66' ? forever() : undefined);
    for (const [id, leg] of [
      [bad, 'c66'],
      [ID, 'c1'],
    ] as const) {
      await first.runner.submit(id, opening(id, leg));
      await first.runner.submit(id, escalation());
    }
    damaged = true;
    for (const { runner } of others) await runner.start({ recovering: false });
    for (let leases = 0; leases < 6; leases += 1) await clock.advance(LEASE_MS + CLOCKS_APART_MS);
    expect([new Set(poisoned), quarantined]).toEqual([new Set([bad]), [bad]]);
    expect(nodes.flatMap(({ faults }) => faults)).toEqual([]);
    expect(whole((await others[0].runner.read(ID))?.state).settled).toMatchObject([{ outcome: 'completed' }]);
    expect(await others[0].runner.submit(bad, contextChange({}))).toEqual({ kind: 'quarantined' });
  });
});
