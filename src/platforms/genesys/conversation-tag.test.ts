// Tests that the tag is best effort: it neither holds the attributes up for long nor is given up while they are under way.

import { describe, expect, it } from 'vitest';
import { manualClock } from '../../../test/contract/manual-clock.ts';
import type { ExternalId } from '../../ids.ts';
import type { Outcome } from '../../outcome.ts';
import type { CredentialRequest } from '../credential.ts';
import type { HttpAnswer } from '../http.ts';
import type { Call } from '../platform.ts';
import { conversationTag, TAG_PATIENCE_MS } from './conversation-tag.ts';

const TAKEN: Outcome<HttpAnswer> = {
  kind: 'done',
  value: { kind: 'answer', status: 202, headers: new Headers(), body: '' },
};
const freely: Call = { signal: new AbortController().signal, mayStart: () => true, priority: 'live' };

/** A far side that answers a tag after `tagMs`, and attributes that take `workMs`. */
function setUp() {
  const clock = manualClock();
  const far = { tagMs: 0, outcome: TAKEN };
  const logged: string[] = [];
  const asked: CredentialRequest[] = [];
  const send = async (request: CredentialRequest, { signal }: Call): Promise<Outcome<HttpAnswer>> => {
    asked.push(request);
    const { tagMs, outcome } = far;
    await clock.sleep(tagMs, signal);
    return signal.aborted ? { kind: 'ambiguous', code: 'timed-out' } : outcome;
  };
  const tags = conversationTag({ credential: { send }, clock, log: ({ code, detail }) => logged.push(code + detail) });
  const write = async (workMs: number, call = freely) => {
    const start = clock.monotonic();
    await tags.writeBeside(clock.sleep(workMs), 'c/1' as ExternalId, 'ours', call);
    return clock.monotonic() - start;
  };
  return { clock, far, logged, asked, tags, write };
}

describe('conversationTag', () => {
  it('is over as soon as both are, and leaves no timer behind', async () => {
    const { clock, far, asked, tags, write } = setUp();
    far.tagMs = 100;
    const writing = write(200);
    await clock.advance(1_000);
    expect(await writing).toBe(200);
    expect(asked).toEqual([{ method: 'PUT', path: '/api/v2/conversations/c%2F1/tags', body: { externalTag: 'ours' } }]);
    expect(tags.trouble()).toBeUndefined();
    expect(clock.sleepers()).toBe(0);
  });

  it('holds the attributes up for less than the shortest time-out of a command (1 s)', async () => {
    const { clock, far, logged, tags, write } = setUp();
    far.tagMs = 60_000;
    const writing = write(100);
    await clock.advance(2_000);
    expect(await writing).toBe(TAG_PATIENCE_MS);
    expect(TAG_PATIENCE_MS).toBeLessThan(1_000);
    expect(tags.trouble()).toContain('timed-out');
    expect(logged).toHaveLength(1);
    expect(clock.sleepers()).toBe(0);
  });

  it('is not given up while the attributes are still under way', async () => {
    const { clock, far, tags, write } = setUp();
    far.tagMs = 3_000;
    const writing = write(4_000);
    await clock.advance(5_000);
    expect(await writing).toBe(4_000);
    expect(tags.trouble()).toBeUndefined();
  });

  it('says each kind of trouble once, until it is over', async () => {
    const { clock, far, logged, tags, write } = setUp();
    const once = async (outcome: Outcome<HttpAnswer>) => {
      far.outcome = outcome;
      const writing = write(0);
      await clock.advance(0);
      await writing;
    };
    const refused = { kind: 'rejected', code: 'bad-request', detail: 'invalid.tag' } as const;
    await once(refused);
    await once(refused);
    expect(tags.trouble()).toContain('bad-request (invalid.tag)');
    await once({ kind: 'rejected', code: 'forbidden' });
    expect(logged).toHaveLength(2);
    await once(TAKEN);
    expect(tags.trouble()).toBeUndefined();
    await once(refused);
    expect(logged).toHaveLength(3);
  });

  it('does not take the stop of its own caller for trouble with tags', async () => {
    const { clock, far, logged, tags, write } = setUp();
    far.outcome = { kind: 'transient', code: 'not-sent' };
    const fenced = write(0, { ...freely, mayStart: () => false });
    await clock.advance(0);
    await fenced;
    expect([tags.trouble(), logged]).toEqual([undefined, []]);
    const crowded = write(0);
    await clock.advance(0);
    await crowded;
    expect(tags.trouble()).toContain('not-sent');
  });

  it('passes a fault of the work on and ends with it', async () => {
    const { clock, far, tags } = setUp();
    far.tagMs = 60_000;
    const work = Promise.reject(new Error('a bug'));
    await expect(tags.writeBeside(work, 'c' as ExternalId, 'ours', freely)).rejects.toThrow('a bug');
    await clock.advance(0);
    expect(clock.sleepers()).toBe(0);
  });
});
