// Tests the token keeper: one login at a time, ahead of expiry, and no storm.

import { describe, expect, it } from 'vitest';
import { manualClock } from '../../test/contract/manual-clock.ts';
import type { Outcome } from '../outcome.ts';
import { tokenKeeper } from './token.ts';
import type { Grant } from './token-source.ts';

const signal = new AbortController().signal;
const granted = (accessToken: string, expiresInSec = 3_600): Outcome<Grant> => ({
  kind: 'done',
  value: { accessToken, expiresInSec },
});

/** A keeper whose logins are answered in order; the last answer repeats. */
function keeper(answers: readonly Outcome<Grant>[], marginMs = 60_000) {
  const clock = manualClock();
  let logins = 0;
  const login = async () => {
    const answer = answers[Math.min(logins, answers.length - 1)];
    logins += 1;
    if (answer === undefined) throw new Error('no answer was prepared');
    return answer;
  };
  return { clock, tokens: tokenKeeper({ login, clock, random: () => 0, marginMs }), logins: () => logins };
}

const value = (outcome: Outcome<string>) => (outcome.kind === 'done' ? outcome.value : outcome);

describe('tokenKeeper', () => {
  it('logs in once for any number of callers', async () => {
    const { tokens, logins } = keeper([granted('a')]);
    const all = await Promise.all(Array.from({ length: 50 }, () => tokens.current(signal)));
    expect(new Set(all.map(value))).toEqual(new Set(['a']));
    expect(value(await tokens.current(signal))).toBe('a');
    expect(logins()).toBe(1);
  });

  it('refreshes ahead of expiry while the old token still serves', async () => {
    const { tokens, clock, logins } = keeper([granted('a', 600), granted('b', 600)]);
    await tokens.current(signal);
    await clock.advance(539_999);
    expect(value(await tokens.current(signal))).toBe('a');
    expect(logins()).toBe(1);
    await clock.advance(1);
    expect(value(await tokens.current(signal))).toBe('a');
    await clock.advance(0);
    expect(value(await tokens.current(signal))).toBe('b');
    expect(logins()).toBe(2);
  });

  it('tells how the token is, and never the token', async () => {
    const down: Outcome<Grant> = { kind: 'transient', code: 'unreachable' };
    const { tokens, clock } = keeper([granted('secret', 600), down]);
    expect(tokens.standing()).toEqual({ state: 'none' });
    const first = tokens.current(signal);
    expect(tokens.standing()).toEqual({ state: 'refreshing' });
    await first;
    await clock.advance(540_000);
    expect(tokens.standing()).toEqual({ state: 'valid', ageMs: 540_000, expiresInMs: 60_000 });
    await tokens.current(signal);
    await clock.advance(0);
    expect(tokens.standing()).toEqual({ state: 'failing', ageMs: 540_000, expiresInMs: 60_000 });
    await clock.advance(60_000);
    expect(JSON.stringify(tokens.standing())).not.toContain('secret');
    expect(tokens.standing()).toEqual({ state: 'none' });
  });

  it('serves the old token to its end when the early refresh fails', async () => {
    const down: Outcome<Grant> = { kind: 'transient', code: 'unreachable' };
    const { tokens, clock } = keeper([granted('a', 600), down]);
    await tokens.current(signal);
    await clock.advance(599_000);
    expect(value(await tokens.current(signal))).toBe('a');
    await clock.advance(0);
    expect(value(await tokens.current(signal))).toBe('a');
    await clock.advance(1_000);
    expect(await tokens.current(signal)).toMatchObject({ kind: 'transient' });
  });

  it('does not refresh a short-lived token on every call', async () => {
    const { tokens, clock, logins } = keeper([granted('a', 30), granted('b', 30)]);
    await tokens.current(signal);
    await clock.advance(14_000);
    await tokens.current(signal);
    expect(logins()).toBe(1);
  });

  it('drops a refused token only while it is the current one', async () => {
    const { tokens, clock, logins } = keeper([granted('a'), granted('b')]);
    await tokens.current(signal);
    await clock.advance(20_000);
    tokens.invalidate('a');
    expect(value(await tokens.current(signal))).toBe('b');
    tokens.invalidate('a');
    expect(value(await tokens.current(signal))).toBe('b');
    expect(logins()).toBe(2);
  });

  it('opens its breaker after a failed login and tries again when it closes', async () => {
    const { tokens, clock, logins } = keeper([{ kind: 'ambiguous', code: 'timed-out' }, granted('a')]);
    expect(await tokens.current(signal)).toEqual({ kind: 'transient', code: 'timed-out' });
    expect(await tokens.current(signal)).toEqual({
      kind: 'transient',
      code: 'circuit-open',
      retryAfterMs: 500,
      detail: 'login: timed-out',
    });
    expect(logins()).toBe(1);
    await clock.advance(500);
    expect(tokens.trouble()).toBeUndefined();
    expect(value(await tokens.current(signal))).toBe('a');
  });

  it('waits longer after each failure, and as long as the vendor says', async () => {
    const failed: Outcome<Grant> = { kind: 'transient', code: 'unreachable' };
    const { tokens, clock } = keeper([
      failed,
      failed,
      { kind: 'transient', code: 'rate-limited', retryAfterMs: 9_000 },
    ]);
    const pauses: unknown[] = [];
    for (let attempt = 0; attempt < 3; attempt += 1) {
      await tokens.current(signal);
      const trouble = tokens.trouble();
      const pause = trouble?.kind === 'transient' ? (trouble.retryAfterMs ?? 0) : 0;
      pauses.push(pause);
      await clock.advance(pause);
    }
    expect(pauses).toEqual([500, 1_000, 9_000]);
  });

  it('does not hammer with refused credentials: unauthorized for half a minute', async () => {
    const refused: Outcome<Grant> = { kind: 'rejected', code: 'unauthorized' };
    const { tokens, clock, logins } = keeper([refused, granted('a')]);
    expect(await tokens.current(signal)).toEqual(refused);
    await clock.advance(29_999);
    expect(await tokens.current(signal)).toEqual(refused);
    expect(logins()).toBe(1);
    await clock.advance(1);
    expect(value(await tokens.current(signal))).toBe('a');
  });

  it('stops logging in when fresh tokens are refused one after the other, for a while that grows (H5: nothing was sent)', async () => {
    const { tokens, clock, logins } = keeper([granted('a'), granted('b'), granted('c'), granted('d')]);
    const open = { kind: 'transient', code: 'circuit-open', detail: 'fresh tokens are refused' };
    await tokens.current(signal);
    tokens.invalidate('a');
    expect(value(await tokens.current(signal))).toBe('b');
    tokens.invalidate('b');
    expect(await tokens.current(signal)).toEqual({ ...open, retryAfterMs: 1_000 });
    expect(tokens.trouble()).toEqual({ ...open, retryAfterMs: 1_000 });
    await clock.advance(999);
    expect(await tokens.current(signal)).toEqual({ ...open, retryAfterMs: 1 });
    expect(logins()).toBe(2);
    await clock.advance(1);
    expect(value(await tokens.current(signal))).toBe('c');
    tokens.invalidate('c');
    expect(await tokens.current(signal)).toEqual({ ...open, retryAfterMs: 2_000 });
    expect(logins()).toBe(3);
  });

  it('forgets refused tokens once a call was served', async () => {
    const { tokens } = keeper(['a', 'b', 'c', 'd'].map((token) => granted(token)));
    for (const [token, next] of [
      ['a', 'b'],
      ['b', 'c'],
      ['c', 'd'],
    ] as const) {
      expect(value(await tokens.current(signal))).toBe(token);
      tokens.invalidate(token);
      expect(value(await tokens.current(signal))).toBe(next);
      tokens.served();
    }
    expect(tokens.trouble()).toBeUndefined();
  });

  it('counts a token once, however many calls were refused with it', async () => {
    const { tokens, logins } = keeper([granted('a'), granted('b')]);
    await tokens.current(signal);
    for (let refused = 0; refused < 6; refused += 1) tokens.invalidate('a');
    expect(tokens.trouble()).toBeUndefined();
    expect(value(await tokens.current(signal))).toBe('b');
    tokens.invalidate('a');
    expect(value(await tokens.current(signal))).toBe('b');
    expect(logins()).toBe(2);
  });

  it('lets a caller who gave up go: nothing was sent for it', async () => {
    const { tokens } = keeper([granted('a')]);
    expect(await tokens.current(AbortSignal.abort())).toEqual({ kind: 'transient', code: 'not-sent' });
  });
});
