// Tests what is done for whoever has arrived: the write first, then a look, and what came of both.

import { describe, expect, it } from 'vitest';
import { type Answers, type AskedCall, farSide, SEEN } from '../test/contract/far-side.ts';
import { attachOnArrival } from './execute-arrival.ts';
import type { ExternalId, ParticipantId, PlatformName } from './ids.ts';
import type { Failure } from './outcome.ts';

const NAME = 'nice_cxone' as PlatformName;
const customer = 'p-customer' as ParticipantId;
const call = { signal: new AbortController().signal, mayStart: () => true, priority: 'live' } as const;
const command = {
  kind: 'AttachOnArrival',
  key: 'h-1.injecting.9',
  timeoutMs: 8_000,
  safety: 'repeatable',
  platform: NAME,
  externalId: '4711' as ExternalId,
  channel: 'voice',
  customer,
  attributes: { intent: 'billing' },
  tag: 'interaction-1',
} as const;

const busy = { kind: 'transient', code: 'rate-limited', retryAfterMs: 9 } as const satisfies Failure;
const silent = { kind: 'ambiguous', code: 'timed-out' } as const satisfies Failure;
const ended = { kind: 'rejected', code: 'conflict', detail: 'the contact has ended' } as const satisfies Failure;
const unknown = { kind: 'rejected', code: 'not-found' } as const satisfies Failure;
const forbidden = { kind: 'rejected', code: 'forbidden' } as const satisfies Failure;

async function performed(failing: Answers) {
  const asked: AskedCall[] = [];
  const outcome = await attachOnArrival(command, farSide(NAME, failing, asked), call);
  return { outcome, verbs: asked.map(({ verb }) => verb) };
}

describe('what is done for whoever has arrived', () => {
  it('writes what is known, then looks at them', async () => {
    const { outcome, verbs } = await performed({});
    expect(outcome).toEqual({ kind: 'done', of: 'AttachOnArrival', result: { after: SEEN } });
    expect(verbs).toEqual(['attachContext', 'look']);
  });

  it('looks where the write was refused, too: it may be that they are gone', async () => {
    const { outcome } = await performed({ attachContext: ended });
    expect(outcome).toEqual({ kind: 'done', of: 'AttachOnArrival', result: { after: SEEN, refused: ended } });
  });

  it('takes a conversation that is not known any more for the end of it', async () => {
    const { outcome } = await performed({ attachContext: unknown, look: unknown });
    expect(outcome).toEqual({ kind: 'done', of: 'AttachOnArrival', result: { after: 'gone', refused: unknown } });
  });

  it.each([busy, silent])(
    'a write that was not answered is made again ($code), and nobody is looked at',
    async (how) => {
      const { outcome, verbs } = await performed({ attachContext: how });
      expect(outcome).toEqual(how);
      expect(verbs).toEqual(['attachContext']);
    },
  );

  it.each([busy, silent])('a look that was not answered is made again ($code)', async (how) => {
    expect((await performed({ look: how })).outcome).toEqual(how);
    expect((await performed({ attachContext: ended, look: how })).outcome).toEqual(how);
  });

  it('a look that is refused proves nobody’s absence: it is made again', async () => {
    expect((await performed({ look: forbidden })).outcome).toEqual({ kind: 'transient', code: 'forbidden' });
  });
});
