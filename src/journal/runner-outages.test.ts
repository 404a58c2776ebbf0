import { describe, expect, it } from 'vitest';
import {
  ContactCenter,
  contextChange,
  escalation,
  interactionId,
  LEASE_MS,
  node,
  opening,
  replaced,
  settled,
} from '../../test/contract/journal-bench.ts';
import { manualClock } from '../../test/contract/manual-clock.ts';
import { whole } from '../protocols/interaction.ts';
import { JournalUnavailable, StoreBroken } from './journal-unavailable.ts';
import { openSqlite } from './sqlite.ts';
import type { OthersAppended, Store } from './store.ts';

const ID = interactionId(1);
const gone = new Error('connection refused');

/** A node on a store that others share, which can be taken away and which can tell of others. */
async function shared() {
  const sqlite = openSqlite(':memory:');
  let away: Error | null = null;
  const listeners = new Set<(others: OthersAppended) => void>();
  const unlessAway = <Arguments extends unknown[], Result>(method: (...given: Arguments) => Promise<Result>) => {
    return (...given: Arguments) => (away ? Promise.reject(away) : method.apply(sqlite, given));
  };
  let full = false;
  let idle = false;
  let scrubs = 0;
  const store: Store = replaced(sqlite, {
    append: (batch) => (full ? Promise.reject(new Error('disk full')) : unlessAway(sqlite.append)(batch)),
    load: unlessAway(sqlite.load),
    // The first one takes for ever, the others fail.
    scrub: () => {
      scrubs += 1;
      return scrubs === 1 ? new Promise(() => {}) : Promise.reject(gone);
    },
    claimDue: (...asked) => (idle ? Promise.resolve([]) : unlessAway(sqlite.claimDue)(...asked)),
    putBack: unlessAway(sqlite.putBack),
    claimable: unlessAway(sqlite.claimable),
    expire: unlessAway(sqlite.expire),
    onOthersAppended: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  });
  const clock = manualClock();
  const center = new ContactCenter();
  const outages: JournalUnavailable[] = [];
  const onOutage = (error: JournalUnavailable) => void outages.push(error);
  const one = await node(store, { clock, center, onOutage });
  await one.runner.start({ recovering: false });
  return {
    ...one,
    sqlite,
    clock,
    center,
    outages,
    scrubs: () => scrubs,
    listeners,
    claimNoMore: () => {
      idle = true;
    },
    fillDisk: (isFull: boolean) => (full = isFull),
    goAway: (error: Error | null) => (away = error),
    tell: (others: OthersAppended) => {
      for (const listener of listeners) listener(others);
    },
  };
}

describe('keys whose bytes a shared journal takes its time over', () => {
  it('keep no claim waiting, are tried again later, and end nobody when that fails', async () => {
    const { runner, center, clock, faults, scrubs } = await shared();
    await runner.submit(ID, opening(ID, 'c1'));
    await clock.advance(1_000);
    expect(scrubs()).toBe(1);
    await runner.submit(ID, escalation());
    await settled();
    await clock.advance(5_000);
    expect(center.transfers('c1')).toBe(1);
    await runner.submit(ID, { kind: 'erase', actor: 'api:desk', erasureId: 'e-1' });
    expect(scrubs()).toBe(1);
    for (let minute = 0; minute < 31; minute += 1) await clock.advance(60_000);
    expect([scrubs(), faults]).toEqual([3, []]);
    await runner[Symbol.asyncDispose]();
  });
});

describe('an outage of a journal that others share', () => {
  it('is waited for: the pump goes on when it is over, and the process does not end', async () => {
    const { runner, center, clock, faults, outages, goAway } = await shared();
    await runner.submit(ID, opening(ID, 'c1'));
    goAway(gone);
    await clock.advance(10_000);
    expect(outages.length).toBeGreaterThan(2);
    goAway(null);
    await runner.submit(ID, escalation());
    await settled();
    await clock.advance(5_000);
    expect(center.transfers('c1')).toBe(1);
    expect(whole((await runner.read(ID))?.state).settled).toMatchObject([{ outcome: 'completed' }]);
    expect(faults).toEqual([]);
  });

  it('keeps a command’s outcome until it is written: nothing is sent twice (H5)', async () => {
    const { runner, center, clock, faults, goAway } = await shared();
    await runner.submit(ID, opening(ID, 'c1'));
    center.script = (command) => {
      if (command.kind === 'TransferToQueue') goAway(gone);
      return undefined;
    };
    await runner.submit(ID, escalation());
    await settled();
    expect(center.transfers('c1')).toBe(1);
    await clock.advance(LEASE_MS + 5_000);
    goAway(null);
    await clock.advance(LEASE_MS);
    await settled();
    expect(whole((await runner.read(ID))?.state).settled).toMatchObject([{ outcome: 'completed' }]);
    expect([center.transfers('c1'), faults]).toEqual([1, []]);
  });

  it('has a command that could not read what it needs tried again: nothing was sent, and nobody is at fault', async () => {
    const { runner, center, clock, faults } = await shared();
    await runner.submit(ID, opening(ID, 'c1'));
    let tries = 0;
    center.script = (command) => {
      if (command.kind !== 'Inspect') return undefined;
      tries += 1;
      return tries === 1 ? Promise.reject(new JournalUnavailable(gone)) : undefined;
    };
    await runner.submit(ID, escalation());
    await settled();
    await clock.advance(5_000);
    await settled();
    expect(whole((await runner.read(ID))?.state).settled).toMatchObject([{ outcome: 'completed' }]);
    expect([tries, faults]).toEqual([2, []]);
  });

  it('is told to whoever asks meanwhile, as something that may be tried again', async () => {
    const { runner, goAway } = await shared();
    goAway(gone);
    await expect(runner.submit(ID, opening(ID, 'c1'))).rejects.toBeInstanceOf(JournalUnavailable);
    await expect(runner.read(ID)).rejects.toBeInstanceOf(JournalUnavailable);
  });

  it('does not count claims that it cut short: nothing is quarantined for it', async () => {
    const { runner, center, clock, outages, fillDisk } = await shared();
    center.script = (command) => (command.kind === 'Look' ? { kind: 'transient', code: 'unavailable' } : undefined);
    await runner.submit(ID, opening(ID, 'c1'));
    await runner.submit(ID, escalation());
    await settled();
    // Claims succeed and what follows them does not.
    fillDisk(true);
    await clock.advance(5 * LEASE_MS);
    expect(outages.length).toBeGreaterThan(4);
    fillDisk(false);
    await clock.advance(5 * LEASE_MS);
    const found = await runner.read(ID);
    expect(whole(found?.state).settled).not.toMatchObject([{ reason: 'quarantined' }]);
    expect(await runner.submit(ID, contextChange({ a: '1' }))).toMatchObject({ kind: 'taken' });
  });

  it('counts the claims that came before the one it cut short: whatever ended those may end the next', async () => {
    const { runner, center, clock, sqlite, fillDisk, goAway, claimNoMore } = await shared();
    center.script = (command) => (command.kind === 'Look' ? { kind: 'transient', code: 'unavailable' } : undefined);
    await runner.submit(ID, opening(ID, 'c1'));
    await runner.submit(ID, escalation());
    await settled();
    fillDisk(true);
    const later = clock.now() + LEASE_MS;
    for (const n of [1, 2]) {
      const lease = { owner: `dead-${n}`, until: later + n };
      expect(await sqlite.claimDue(later + n - 1, lease, 10)).toMatchObject([{ claims: n }]);
    }
    await clock.advance(LEASE_MS + 200);
    // The third is cut short, and as long as nobody can be reached it cannot be put back either.
    goAway(gone);
    await clock.advance(LEASE_MS);
    claimNoMore();
    goAway(null);
    await clock.advance(LEASE_MS);
    const last = { owner: 'n9', until: clock.now() + 1 };
    expect(await sqlite.claimDue(clock.now(), last, 10)).toEqual([{ id: ID, takenFrom: null, claims: 3 }]);
  });

  it('ends with the process: a stop does not wait for it', async () => {
    const { runner, center, clock, goAway, faults } = await shared();
    await runner.submit(ID, opening(ID, 'c1'));
    center.script = () => {
      goAway(gone);
      return undefined;
    };
    await runner.submit(ID, escalation());
    await settled();
    const stopped = runner[Symbol.asyncDispose]();
    await clock.advance(5_000);
    await stopped;
    expect(faults).toEqual([]);
  });

  it('is not what a statement is that the database refuses: that is a bug, and a fault', async () => {
    const { clock, faults, goAway } = await shared();
    const bug = new StoreBroken('no such column');
    goAway(bug);
    await clock.advance(200);
    expect(faults).toEqual([bug]);
  });
});

describe('what others appended', () => {
  it('makes a node forget what it has in memory, and whoever watches looks at once', async () => {
    const { runner, sqlite, clock, tell } = await shared();
    const other = await node(sqlite, { clock, center: new ContactCenter(), owner: 'n2' });
    await runner.submit(ID, opening(ID, 'c1'));
    const seen = runner.watch(ID, (state) => state.context.attributes?.b === '1', 10_000);
    await settled();
    await other.runner.submit(ID, contextChange({ b: '1' }));
    tell([{ id: ID, version: 3 }]);
    expect((await seen)?.context.attributes).toEqual({ b: '1' });
    await other.runner.submit(ID, contextChange({ b: '2' }));
    const again = runner.watch(ID, (state) => state.context.attributes?.b === '2', 10_000);
    await settled();
    tell('missed');
    expect((await again)?.context.attributes).toEqual({ b: '2' });
  });

  it('is no longer listened to once the runner has stopped', async () => {
    const { runner, listeners } = await shared();
    expect(listeners.size).toBe(1);
    await runner[Symbol.asyncDispose]();
    expect(listeners.size).toBe(0);
  });
});
