// Tests an erasure through the journal: keys, chain and clear columns (H8), pages of a subject, quarantine, and processes that end
// in the middle.

import { describe, expect, it } from 'vitest';
import {
  ContactCenter,
  contextChange,
  escalation,
  house,
  interactionId,
  legOf,
  node,
  opening,
  replaced,
  settled,
} from '../../test/contract/journal-bench.ts';
import { manualClock } from '../../test/contract/manual-clock.ts';
import type { ExternalId, ManifestRef } from '../ids.ts';
import { isErased } from '../protocols/interaction.ts';
import { eraseSubject } from './erasures.ts';
import { receiptRef } from './leaving.ts';
import { openSqlite } from './sqlite.ts';

const ID = interactionId(1);
const PHONE = '+14155551234';
const ERASING = { id: 'e-1', actor: 'api:desk', subject: { kind: 'phone', value: PHONE }, patienceMs: 0 } as const;
const ERASE = { kind: 'erase', actor: 'api:desk', erasureId: 'e-1' } as const;

describe('an erased interaction', () => {
  it('has no key and no subject, is read from clear columns, and its chain verifies (H8)', async () => {
    const { runner, journal, store, clock } = await house();
    await runner.submit(ID, opening(ID, 'c1'));
    await runner.submit(ID, escalation());
    await clock.advance(5_000);
    const before = await journal.history(ID);
    await eraseSubject({ runner, journal, clock: manualClock() }, ERASING);
    await settled();

    expect(await store.load([ID])).toMatchObject([{ wrappedKey: null, snapshot: null }]);
    expect(await journal.findSubject('phone', PHONE, 10)).toEqual([]);
    expect(await journal.verify()).toMatchObject({ ok: true, interactions: 1 });
    const after = (await journal.history(ID)) ?? [];
    expect(after.slice(0, before?.length).map(({ hash, clear }) => [hash, clear])).toEqual(
      before?.map(({ hash, clear }) => [hash, clear]),
    );
    const erasedAt = after.findIndex(({ type }) => type === 'InteractionErased');
    expect(after.map(({ event }) => event !== null)).toEqual(after.map((_, index) => index >= erasedAt));
    // Another process reads what this one has in memory.
    const again = await node(store, { clock: manualClock(), center: new ContactCenter() });
    expect((await again.runner.read(ID))?.state).toEqual((await runner.read(ID))?.state);
    expect(JSON.stringify(after)).not.toContain(PHONE);
  });

  it('keeps the outcome of what was cancelled for it in the clear columns', async () => {
    const { runner, journal, center } = await house();
    center.script = ({ kind }) => (kind === 'Inspect' ? new Promise(() => {}) : undefined);
    await runner.submit(ID, opening(ID, 'c1'));
    await runner.submit(ID, escalation());
    await runner.submit(ID, ERASE);
    const clear = (await journal.history(ID))?.find(({ type }) => type === 'HandoffSettled')?.clear ?? '{}';
    expect(JSON.parse(clear)).toMatchObject({ outcome: 'cancelled', reason: 'erasure-requested', attempts: 0 });
    expect(await journal.list({ limit: 1 })).toMatchObject([
      { holder: 'none', phase: 'settled', outcome: 'cancelled' },
    ]);
  });

  it('takes its manifest and its receipt along, also a manifest that comes in the same moment', async () => {
    const { runner, journal, clock } = await house();
    const [kept, late] = ['kept', 'late'] as unknown as ManifestRef[] as [ManifestRef, ManifestRef];
    const until = Number.MAX_SAFE_INTEGER;
    await runner.submit(ID, opening(ID, 'c1'));
    await runner.submit(ID, escalation({ manifestRef: kept }), {
      blob: { ref: kept, content: '{}', expiresAt: until },
    });
    await journal.putBlob({ ref: receiptRef(kept), content: '{}', expiresAt: until });
    await clock.advance(5_000);
    const enclosed = { input: escalation({ manifestRef: late }), blob: { ref: late, content: '{}', expiresAt: until } };
    const other = interactionId(2);
    await runner.submit(other, opening(other, 'c2'));
    await Promise.all([...runner.submitAll(other, [enclosed, { input: ERASE }]), runner.submit(ID, ERASE)]);
    for (const ref of [kept, late, receiptRef(kept)]) expect(await journal.readBlob(ref, 0)).toBeNull();
  });

  it('leaves its conversation known, except where its id is the customer themself', async () => {
    const { runner, journal } = await house();
    const phone = { ...legOf('c2'), externalId: PHONE as ExternalId };
    await runner.submit(ID, opening(ID, 'c1'));
    await runner.submit(ID, { kind: 'attach-leg', actor: 'api:desk', leg: phone });
    await runner.submit(ID, ERASE);
    expect(await journal.ownerOf(legOf('c1'))).toBe(ID);
    expect(await journal.ownerOf(phone)).toBeNull();
  });

  it('is set aside no longer: what nobody got on with is gone', async () => {
    const { runner, journal } = await house();
    await runner.submit(ID, opening(ID, 'c1'));
    await runner.submit(ID, { kind: 'quarantine', actor: 'throughline' });
    expect(await runner.submit(ID, contextChange({}))).toEqual({ kind: 'quarantined' });
    await eraseSubject({ runner, journal, clock: manualClock() }, ERASING);
    expect(isErased((await runner.read(ID))?.state ?? null)).toBe(true);
    expect(await runner.submit(ID, contextChange({}))).toMatchObject({ kind: 'taken' });
    expect(await journal.verify()).toMatchObject({ ok: true });
  });

  it('expires by itself after its end, in the ordinary course of the house', async () => {
    const retention = { contextMs: 60_000, idleMs: 60_000, overwrite: false };
    const { runner, clock, journal } = await house();
    await runner.submit(ID, opening(ID, 'c1', { retention }));
    await clock.advance(60_100);
    expect((await runner.read(ID))?.state).toMatchObject({ holder: { kind: 'none' }, endedAt: expect.any(Number) });
    await clock.advance(60_100);
    expect((await runner.read(ID))?.state).toMatchObject({ reason: 'retention' });
    expect(await journal.verify()).toMatchObject({ ok: true });
    await clock.advance(60_100);
    expect(journal.unscrubbed).toBe(false);
    await runner[Symbol.asyncDispose]();
  });
});

describe('an erasure by subject', () => {
  it('reaches every interaction there ever was, page by page, an earlier customer’s too, and nobody else’s', async () => {
    const { runner, journal, store } = await house();
    const count = 230;
    const ids = Array.from({ length: count }, (_, n) => interactionId(n + 1));
    await Promise.all(ids.map((id, n) => runner.submit(id, opening(id, `c${n}`))));
    const [first = ID] = ids;
    await runner.submit(first, { kind: 'change-context', actor: 'api:desk', customer: { phone: '+14155550199' } });
    const other = interactionId(999);
    await runner.submit(other, opening(other, 'other', { customer: { phone: '+14155550100' } }));

    await eraseSubject({ runner, journal, clock: manualClock() }, ERASING);
    expect((await store.getErasure('e-1'))?.interactions).toEqual(ids);
    const left = await store.load([...ids, other]);
    expect(left.filter(({ wrappedKey }) => wrappedKey !== null).map(({ id }) => id)).toEqual([other]);
    expect(await journal.findSubject('phone', '+14155550199', 10)).toEqual([]);
  });

  it('reaches what is opened while it runs, and spares who calls again afterwards', async () => {
    const store = openSqlite(':memory:');
    const late = interactionId(2);
    let opened = false;
    const busy = replaced(store, {
      async putErasure(erasure) {
        await store.putErasure(erasure);
        if (opened || erasure.interactions.length === 0) return;
        opened = true;
        await runner.submit(late, opening(late, 'c2'));
      },
    });
    const { runner, journal } = await house({ store: busy });
    await runner.submit(ID, opening(ID, 'c1'));
    await eraseSubject({ runner, journal, clock: manualClock() }, ERASING);
    expect(isErased((await runner.read(late))?.state ?? null)).toBe(true);
    const next = interactionId(3);
    await runner.submit(next, opening(next, 'c3'));
    expect(await journal.findSubject('phone', PHONE, 10)).toEqual([next]);
  });

  it('goes on where a process ended between the cancelling and the erasing, and moves the customer once', async () => {
    const store = openSqlite(':memory:');
    const center = new ContactCenter();
    // Taken, and the process ends before the answer is there.
    center.script = (command, _, far) => {
      if (command.kind !== 'TransferToQueue') return undefined;
      far.perform(command);
      return new Promise(() => {});
    };
    const first = await node(store, { clock: manualClock(), center, owner: 'first' });
    await first.runner.submit(ID, opening(ID, 'c1'));
    await first.runner.submit(ID, escalation());
    await settled();
    await eraseSubject({ ...first, clock: manualClock() }, ERASING);
    expect((await first.runner.read(ID))?.state).toMatchObject({ erasing: { erasureId: 'e-1' } });

    center.script = () => undefined;
    const clock = manualClock(manualClock().now() + 60_000);
    const second = await node(store, { clock, center, owner: 'second' });
    await second.runner.start({ recovering: true });
    await clock.advance(5_000);
    const state = (await second.runner.read(ID))?.state;
    expect(state).toMatchObject({ reason: 'request', erasureId: 'e-1', outcome: 'completed' });
    expect(center.transfers('c1')).toBe(1);
    expect(center.kinds()).toContain('OverwriteContext');
    expect(await second.journal.verify()).toMatchObject({ ok: true });
    await second.runner[Symbol.asyncDispose]();
  });

  it('overwrites what the platform holds after a process ended in the middle of that', async () => {
    const store = openSqlite(':memory:');
    const center = new ContactCenter();
    center.script = ({ kind }) => (kind === 'OverwriteContext' ? new Promise(() => {}) : undefined);
    const first = await node(store, { clock: manualClock(), center, owner: 'first' });
    await first.runner.submit(ID, opening(ID, 'c1'));
    await first.runner.submit(ID, escalation());
    await settled();
    await first.runner.submit(ID, { kind: 'conversation-event', actor: 'x', event: arrived() });
    await first.runner.submit(ID, ERASE);
    await settled();
    center.script = () => undefined;
    const clock = manualClock(manualClock().now() + 60_000);
    const second = await node(store, { clock, center, owner: 'second' });
    await second.runner.start({ recovering: true });
    await clock.advance(30_000);
    const state = (await second.runner.read(ID))?.state ?? null;
    const progress = isErased(state) ? state.copies.map((copy) => copy.progress.state) : [];
    expect(progress).toEqual(['overwritten', 'overwritten']);
    await second.runner[Symbol.asyncDispose]();
  });
});

function arrived() {
  const { platform, externalId } = legOf('c1');
  const party = { participantId: 'p-new' as never, queueId: 'q-tier2' as never };
  return { kind: 'queue-entered', platform, externalId, messageId: 'm-1', at: 5, ...party } as const;
}
