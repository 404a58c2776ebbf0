import { describe, expect, it } from 'vitest';
import type { Clock } from './clock.ts';
import type { Queue } from './context/conversation.ts';
import type { QueueId } from './ids.ts';
import type { Outcome } from './outcome.ts';
import { DEFAULT_QUEUE_RULES } from './protocols/queue-rules.ts';
import { startCheck } from './start-check.ts';

const NAMES = ['BillingDisputes_Priority', 'BillingDisputes_Tier2', 'General_Escalation', 'General_Support'];
const queuesNamed = (names: readonly string[]): Outcome<readonly Queue[]> => ({
  kind: 'done',
  value: names.map((name) => ({ id: name as QueueId, name })),
});
const instantly: Clock = { now: () => 0, monotonic: () => 0, sleep: async () => {} };
const running = () => ({ clock: instantly, signal: new AbortController().signal });

describe('startCheck', () => {
  it('finds nothing wrong when every queue that a rule names exists', async () => {
    const check = startCheck(DEFAULT_QUEUE_RULES, [{ name: 'a', queues: async () => queuesNamed(NAMES) }], running());
    expect(await check.atStart).toEqual([]);
    expect(check.verdict()).toEqual({ faults: [] });
  });

  it('names each rule whose queue no platform has', async () => {
    const platforms = [
      { name: 'a', queues: async () => queuesNamed(['General_Support']) },
      { name: 'b', queues: async () => queuesNamed(['General_Escalation', 'BillingDisputes_Tier2']) },
    ];
    const faults = await startCheck(DEFAULT_QUEUE_RULES, platforms, running()).atStart;
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatch(/rule "angry-dispute" sends to the queue "BillingDisputes_Priority"/);
  });

  it('names each platform whose fallback queue is none of its own', async () => {
    const platforms = [
      { name: 'a', queues: async () => queuesNamed(NAMES), fallbackQueue: 'General_Support' },
      { name: 'b', queues: async () => queuesNamed(['Lobby']), fallbackQueue: 'General_Support' },
      { name: 'c', queues: async () => queuesNamed(['Lobby']) },
    ];
    const faults = await startCheck(DEFAULT_QUEUE_RULES, platforms, running()).atStart;
    expect(faults).toEqual([
      expect.stringMatching(/^platforms\.b\.transfers\.fallbackQueue is "General_Support".*Visible: Lobby/),
    ]);
  });

  it('waits for a platform that cannot be reached, and says for which', async () => {
    const answers: Outcome<readonly Queue[]>[] = [
      { kind: 'transient', code: 'unreachable', detail: 'refused' },
      queuesNamed(NAMES),
    ];
    const check = startCheck(
      DEFAULT_QUEUE_RULES,
      [{ name: 'a', queues: async () => answers.shift() ?? queuesNamed([]) }],
      running(),
    );
    expect(await check.atStart).toEqual([]);
    expect(check.verdict()).toEqual({ waitingFor: ['a: unreachable (refused)'] });
    expect(await check.done).toEqual([]);
    expect(check.verdict()).toEqual({ faults: [] });
  });

  it('does not end a running service over a queue that turns out to be unknown later', async () => {
    const answers: Outcome<readonly Queue[]>[] = [{ kind: 'transient', code: 'unreachable' }];
    const queues = async () => answers.shift() ?? queuesNamed(['General_Support']);
    const check = startCheck(DEFAULT_QUEUE_RULES, [{ name: 'a', queues }], running());
    expect(await check.atStart).toEqual([]);
    expect(await check.done).toHaveLength(3);
    expect(check.verdict()).toMatchObject({
      faults: [expect.stringMatching('angry-dispute'), expect.anything(), expect.anything()],
    });
  });
});
