// Owns the promises of `Platform.bookCallback` as a suite: booked once or not at all, what is uncertain told as such (H5), and what a platform
// cannot do refused before anything is asked of it.

import { describe, expect, it } from 'vitest';
import type { CallbackOrder, Platform } from '../../src/platforms/platform.ts';
import { call, partyOf, value } from './platform.ts';

export type CallbackStage = AsyncDisposable & {
  readonly platform: Platform;
  readonly visibleQueue: string;
  /** Parts of the paths by which the far side is asked; null where it cannot call anybody. */
  readonly paths: { readonly now: string; readonly later: string; readonly bridged?: string } | null;
  /** Whether it names the conversation that it makes. */
  readonly names: boolean;
  readonly bridges: boolean;
  fault(pathPart: string, fault: 'refuse' | 'break'): Promise<void>;
  settle(): Promise<void>;
  now(): number;
  /** How many calls to such a path the far side was asked. */
  asked(pathPart: string): number;
  /** Of the newest: what its agent will find of us. */
  carried(): Promise<string>;
};

const OUR_ID = '01934f00-0000-7000-8000-000000000001';

export function callbackContract(name: string, make: () => Promise<CallbackStage>): void {
  const order = async (stage: CallbackStage, change: Partial<CallbackOrder> = {}): Promise<CallbackOrder> => ({
    queue: value(await stage.platform.resolveQueue(stage.visibleQueue, call())),
    phone: '+14155550177',
    name: 'Ada Lovelace',
    data: { correlationId: OUR_ID, resolvedIntent: 'billing_dispute' },
    pattern: 'queued',
    ...change,
  });

  describe(`${name} keeps the platform contract: callbacks`, () => {
    it('books one in the queue, now and for later, with our id', async () => {
      await using stage = await make();
      const { paths } = stage;
      if (paths === null) {
        const refused = await stage.platform.bookCallback(await order(stage), call());
        expect(refused).toMatchObject({ kind: 'rejected', code: 'bad-request' });
        return;
      }
      const booked = value(await stage.platform.bookCallback(await order(stage), call()));
      expect(booked.externalId !== undefined).toBe(stage.names);
      expect(await stage.carried()).toContain(OUR_ID);
      if (booked.externalId !== undefined) {
        const conversation = { externalId: booked.externalId, channel: 'voice' } as const;
        const view = value(await stage.platform.look(conversation, call()));
        expect(view.parties.some(({ role, queueId }) => role === 'queue' && queueId !== undefined)).toBe(true);
      }
      value(await stage.platform.bookCallback(await order(stage, { at: stage.now() + 3_600_000 }), call()));
      expect(await stage.carried()).toContain(OUR_ID);
      expect([stage.asked(paths.now), stage.asked(paths.later)]).toEqual(paths.now === paths.later ? [2, 2] : [1, 1]);
    });

    it('says that a refused one was not taken', async () => {
      await using stage = await make();
      if (stage.paths === null) return expect(stage.names).toBe(false);
      await stage.fault(stage.paths.now, 'refuse');
      expect(await stage.platform.bookCallback(await order(stage), call())).toMatchObject({ kind: 'transient' });
    });

    it('says that one whose answer was lost may have been taken (H5)', async () => {
      await using stage = await make();
      if (stage.paths === null) return expect(stage.names).toBe(false);
      await stage.fault(stage.paths.now, 'break');
      expect(await stage.platform.bookCallback(await order(stage), call())).toMatchObject({ kind: 'ambiguous' });
    });

    it('asks nothing once the lease is gone', async () => {
      await using stage = await make();
      if (stage.paths === null) return expect(stage.bridges).toBe(false);
      const fenced = call({ mayStart: () => false });
      const outcome = await stage.platform.bookCallback(await order(stage), fenced);
      expect(outcome).toEqual({ kind: 'transient', code: 'not-sent' });
      expect(stage.asked(stage.paths.now)).toBe(0);
    });

    it('calls the customer at once and joins them with the queue where it can, and nowhere else', async () => {
      await using stage = await make();
      const outcome = await stage.platform.bookCallback(await order(stage, { pattern: 'bridged' }), call());
      // It would be made at an hour at which nobody has said that it may be.
      const later = await order(stage, { pattern: 'bridged', at: stage.now() + 3_600_000 });
      expect(await stage.platform.bookCallback(later, call())).toMatchObject({ kind: 'rejected', code: 'bad-request' });
      if (!stage.bridges) return expect(outcome).toMatchObject({ kind: 'rejected', code: 'bad-request' });
      const { externalId } = value(outcome);
      if (externalId === undefined) throw new Error('it names no conversation');
      await stage.settle();
      const view = value(await stage.platform.look({ externalId, channel: 'voice' }, call()));
      expect([partyOf(view, 'customer'), partyOf(view, 'queue')]).toHaveLength(2);
      expect(stage.asked(stage.paths?.bridged ?? '')).toBe(1);
    });

    it('says of a bridged one whether it may have been taken (H5), and asks nothing once the lease is gone', async () => {
      await using stage = await make();
      const path = stage.paths?.bridged;
      if (path === undefined) return expect(stage.bridges).toBe(false);
      const bridged = await order(stage, { pattern: 'bridged' });
      const fenced = await stage.platform.bookCallback(bridged, call({ mayStart: () => false }));
      expect([fenced, stage.asked(path)]).toEqual([{ kind: 'transient', code: 'not-sent' }, 0]);
      await stage.fault(path, 'break');
      expect(await stage.platform.bookCallback(bridged, call())).toMatchObject({ kind: 'ambiguous' });
      await stage.fault(path, 'refuse');
      expect(await stage.platform.bookCallback(bridged, call())).toMatchObject({ kind: 'transient' });
    });
  });
}
