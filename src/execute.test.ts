// Tests that every command reaches the call that performs it, and that what came of it comes back as it was.

import { describe, expect, it } from 'vitest';
import { type Answers, type AskedCall, farSide, queueNamed, SEEN as view } from '../test/contract/far-side.ts';
import { NO_ENTRIES } from '../test/contract/no-entries.ts';
import { executor } from './execute.ts';
import type { AgentId, ExternalId, HandoffId, ParticipantId, PlatformName } from './ids.ts';
import type { Failure, Outcome } from './outcome.ts';
import type { AgentPresence } from './platforms/platform.ts';
import type { Command } from './protocols/command.ts';

const NAME = 'genesys_cloud' as PlatformName;
const queue = queueNamed('Billing');
const [customer, bot] = ['p-customer' as ParticipantId, 'p-bot' as ParticipantId];
const chat = { externalId: 'c-1' as ExternalId, channel: 'webchat' } as const;
const base = { key: 'h-1.step.1', timeoutMs: 8_000, platform: NAME, ...chat };

const inspect: Command = { ...base, kind: 'Inspect', safety: 'repeatable', queueName: 'Billing' };
const look: Command = { ...base, kind: 'Look', safety: 'repeatable' };
const transfer: Command = { ...base, kind: 'TransferToQueue', safety: 'lookable', leaving: bot, queue };
const attach: Command = {
  ...base,
  kind: 'AttachContext',
  safety: 'repeatable',
  customer,
  attributes: { intent: 'billing' },
  tag: 'interaction-1',
};
const raise: Command = {
  kind: 'RaiseAlert',
  key: 'h-1.alert.1',
  timeoutMs: 1_000,
  safety: 'repeatable',
  code: 'customer-lost',
  handoffId: 'h-1' as HandoffId,
};

const transient = { kind: 'transient', code: 'rate-limited', retryAfterMs: 9 } as const satisfies Failure;
const ambiguous = { kind: 'ambiguous', code: 'timed-out' } as const satisfies Failure;
const noQueue = { kind: 'rejected', code: 'queue-not-found-or-not-visible' } as const satisfies Failure;
const noConversation = { kind: 'rejected', code: 'not-found' } as const satisfies Failure;

type Failing = Answers;

/** A far side that takes everything but what it is told to fail, and remembers every call. */
function setUp(failing: Failing = {}, chosen?: AgentPresence, alerted: Outcome<null> = { kind: 'done', value: null }) {
  const asked: AskedCall[] = [];
  const alerts: unknown[] = [];
  const execute = executor({
    platforms: new Map([[NAME, farSide(NAME, failing, asked, chosen)]]),
    entries: NO_ENTRIES,
    now: () => 0,
    alert: (alert) => {
      alerts.push(alert);
      return Promise.resolve(alerted);
    },
  });
  const call = { signal: new AbortController().signal, mayStart: () => true };
  return { asked, alerts, call, run: (command: Command) => execute(command, call) };
}

describe('an agent who is held', () => {
  const agent = { platform: NAME, agentId: 'a-1' as AgentId, key: 'k', timeoutMs: 1_000 } as const;
  const releasing: Command = {
    ...agent,
    kind: 'ReleaseAgent',
    safety: 'repeatable',
    set: { id: 'busy', since: 'then' },
    previous: 'on-queue',
  };

  it('is read and set behind customers who wait', async () => {
    const { asked, run } = setUp();
    const read = await run({ ...agent, kind: 'ReadPresence', safety: 'repeatable' });
    expect(read).toEqual({ kind: 'done', of: 'ReadPresence', result: { id: 'busy', since: 'then' } });
    const set = await run({ ...agent, kind: 'HoldAgent', safety: 'lookable', presence: 'busy' });
    expect(set).toEqual({ kind: 'done', of: 'HoldAgent', result: { id: 'busy', since: 'then' } });
    expect(asked.map(({ verb, call }) => [verb, call.priority])).toEqual([
      ['presence', 'reconcile'],
      ['setPresence', 'reconcile'],
    ]);
  });

  it('is given back what they were, where they still are what was set', async () => {
    const { asked, run } = setUp();
    expect(await run(releasing)).toEqual({ kind: 'done', of: 'ReleaseAgent', result: { restored: true } });
    expect(asked.map(({ verb, with: given }) => [verb, ...given])).toEqual([
      ['presence', 'a-1'],
      ['setPresence', 'a-1', 'on-queue'],
    ]);
  });

  it.each([
    ['chose something else', { id: 'meeting', since: 'later' }],
    ['chose the very same themselves', { id: 'busy', since: 'later' }],
  ])('keeps what they chose meanwhile: %s', async (_what, chosen) => {
    const { asked, run } = setUp({}, chosen);
    expect(await run(releasing)).toEqual({ kind: 'done', of: 'ReleaseAgent', result: { restored: false } });
    expect(asked.map(({ verb }) => verb)).toEqual(['presence']);
  });

  it('is released where nobody knows when it was set', async () => {
    const { run } = setUp();
    expect(await run({ ...releasing, set: { id: 'busy' } })).toMatchObject({ result: { restored: true } });
  });

  it.each(['presence', 'setPresence'] as const)('is not said to be released when %s failed', async (verb) => {
    const { run } = setUp({ [verb]: ambiguous });
    expect(await run(releasing)).toEqual(ambiguous);
  });
});

describe('executor', () => {
  it('overwrites behind everything that a customer waits for', async () => {
    const { asked, run } = setUp();
    const overwrite = { what: 'attributes', customer: 'p-customer' as ParticipantId, names: ['intent'] } as const;
    const command: Command = { ...base, kind: 'OverwriteContext', key: 'k', overwrite, safety: 'repeatable' };
    expect(await run(command)).toEqual({ kind: 'done', of: 'OverwriteContext', result: null });
    expect(asked).toMatchObject([
      { verb: 'overwriteContext', with: [command, overwrite], call: { priority: 'report' } },
    ]);
  });

  it('attaches attributes and tag to the customer of the conversation', async () => {
    const { asked, run } = setUp();
    expect(await run(attach)).toEqual({ kind: 'done', of: 'AttachContext', result: null });
    const context = { customer, attributes: { intent: 'billing' }, tag: 'interaction-1' };
    expect(asked).toMatchObject([{ verb: 'attachContext', with: [chat, context] }]);
  });

  it('moves the conversation to the queue in place of who leaves', async () => {
    const { asked, run } = setUp();
    expect(await run(transfer)).toEqual({ kind: 'done', of: 'TransferToQueue', result: null });
    expect(asked).toMatchObject([{ verb: 'transferToQueue', with: [chat, { leaving: bot, queue }] }]);
  });

  it('looks at the conversation', async () => {
    const { asked, run } = setUp();
    expect(await run(look)).toEqual({ kind: 'done', of: 'Look', result: view });
    expect(asked).toMatchObject([{ verb: 'look', with: [chat] }]);
  });

  it('inspects the queue by its name and the conversation', async () => {
    const { asked, run } = setUp();
    expect(await run(inspect)).toEqual({ kind: 'done', of: 'Inspect', result: { queue, view } });
    expect(asked).toMatchObject([
      { verb: 'resolveQueue', with: ['Billing'] },
      { verb: 'look', with: [chat] },
    ]);
  });

  it.each<[string, Failing, Failure]>([
    ['a queue that does not exist', { resolveQueue: noQueue }, noQueue],
    ['a conversation that is gone', { look: noConversation }, noConversation],
    ['a queue that does not exist before a busy look', { resolveQueue: noQueue, look: transient }, noQueue],
    [
      'a queue that does not exist before a conversation that is gone',
      { resolveQueue: noQueue, look: noConversation },
      noQueue,
    ],
    [
      'a conversation that is gone before a busy list',
      { resolveQueue: transient, look: noConversation },
      noConversation,
    ],
    ['the list before the look where both may be asked again', { resolveQueue: transient, look: ambiguous }, transient],
    ['a look that failed alone', { look: transient }, transient],
  ])('says of an inspection: %s', async (_, failing, said) => {
    expect(await setUp(failing).run(inspect)).toEqual(said);
  });

  it.each<[Command, Failing]>([
    [attach, { attachContext: noConversation }],
    [transfer, { transferToQueue: ambiguous }],
    [look, { look: transient }],
  ])('passes a failure of $kind on as it is (H5)', async (command, failing) => {
    expect(await setUp(failing).run(command)).toEqual(Object.values(failing)[0]);
  });

  it('sends every command of a handoff with the same right of way, and with its fence and signal', async () => {
    const { asked, call, run } = setUp();
    for (const command of [inspect, attach, transfer, look]) await run(command);
    expect(asked.map((one) => one.call.priority)).toEqual(['live', 'live', 'live', 'live', 'live']);
    expect(asked.every((one) => one.call.signal === call.signal && one.call.mayStart === call.mayStart)).toBe(true);
  });

  it('rejects a command for a platform it does not know, and calls nobody', async () => {
    const { asked, run } = setUp();
    expect(await run({ ...look, platform: 'elsewhere' as PlatformName })).toMatchObject({
      kind: 'rejected',
      code: 'not-found',
      detail: expect.stringContaining('elsewhere'),
    });
    expect(asked).toEqual([]);
  });

  it('raises an alert with its code and handoff, and calls no platform', async () => {
    const { asked, alerts, run } = setUp();
    expect(await run(raise)).toEqual({ kind: 'done', of: 'RaiseAlert', result: null });
    expect(alerts).toEqual([{ key: 'h-1.alert.1', code: 'customer-lost', handoffId: 'h-1' }]);
    expect(asked).toEqual([]);
  });

  it('says that nobody has heard of an alert, so that it is raised again', async () => {
    expect(await setUp({}, undefined, ambiguous).run(raise)).toEqual(ambiguous);
  });
});
