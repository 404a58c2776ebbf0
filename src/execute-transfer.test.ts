// Tests what a transfer asks of two platforms: both sides at once, no place that is not held (H3), no failure taken for an answer (H5).

import { describe, expect, it } from 'vitest';
import { type Answers, type AskedCall, farSide, queueNamed, SEEN } from '../test/contract/far-side.ts';
import { executor } from './execute.ts';
import type { EntryNumbers } from './execute-place.ts';
import type { AgentId, ExternalId, HandoffId, InteractionId, ParticipantId, PlatformName } from './ids.ts';
import type { Failure } from './outcome.ts';
import type { AgentPlaceholders } from './platforms/platform.ts';
import type { Command } from './protocols/command.ts';

const [HERE, THERE] = ['genesys_cloud', 'nice_cxone'] as unknown as [PlatformName, PlatformName];
const HANDOFF = 'i-1.1' as HandoffId;
const voice = { platform: HERE, externalId: 'c-1' as ExternalId, channel: 'voice' } as const;
const base = { key: 'i-1.1.step.1', timeoutMs: 8_000 };
const toQueue = { kind: 'queue', queueName: 'Claims' } as const;
const toAgent = { kind: 'agent', agentId: '4492' as AgentId } as const;
const arrived = { platform: THERE, externalId: '77' as ExternalId, channel: 'voice' } as const;
const fallback = { source: 'Lobby', destination: 'Overflow' };

type Of<Kind extends Command['kind']> = Extract<Command, { kind: Kind }>;
const check: Of<'CheckTransfer'> = {
  ...base,
  ...voice,
  kind: 'CheckTransfer',
  safety: 'repeatable',
  to: THERE,
  target: toQueue,
  fallback,
};
const reserve: Of<'Reserve'> = {
  ...base,
  kind: 'Reserve',
  safety: 'fenced',
  handoffId: HANDOFF,
  interactionId: 'i-1' as InteractionId,
  to: THERE,
  target: toQueue,
  channel: 'voice',
  reservation: 'entry-script',
  once: 'i-1.1.place.3',
  token: 'the-token',
  entryNumbers: ['+14155550101'],
  reservationMs: 60_000,
  holdLimitMs: 15_000,
  context: { intent: 'billing' },
};
const release: Of<'Release'> = {
  ...base,
  kind: 'Release',
  safety: 'repeatable',
  handoffId: HANDOFF,
  to: THERE,
  reservation: { kind: 'entry-script', id: HANDOFF },
};
const reconcile: Of<'Reconcile'> = { ...base, ...voice, kind: 'Reconcile', safety: 'repeatable', arrived };
const away: Of<'TransferAway'> = {
  ...base,
  ...voice,
  kind: 'TransferAway',
  safety: 'lookable',
  way: 'rest',
  style: 'blind',
  leaving: 'p-bot' as ParticipantId,
  address: '+14155550101',
  token: 'the-token',
  interactionId: 'i-1' as InteractionId,
  reservationId: HANDOFF,
};

const transient = { kind: 'transient', code: 'rate-limited' } as const satisfies Failure;
const ambiguous = { kind: 'ambiguous', code: 'timed-out' } as const satisfies Failure;
const unknown = { kind: 'rejected', code: 'not-found' } as const satisfies Failure;
const noQueue = { kind: 'rejected', code: 'queue-not-found-or-not-visible' } as const satisfies Failure;

type Taken = Awaited<ReturnType<EntryNumbers['take']>>;
const LENT: Taken = { kind: 'done', value: { number: '+14155550101', until: 61_000 } };

type Setting = { here?: Answers; there?: Answers; taken?: Taken; placeholders?: AgentPlaceholders };

function setUp({ here = {}, there = {}, taken = LENT, placeholders }: Setting = {}) {
  const asked: AskedCall[] = [];
  const loans: unknown[] = [];
  const entries: EntryNumbers = {
    take: async (loan) => {
      loans.push(loan);
      return taken;
    },
    hold: async (held) => {
      loans.push({ held: held.reservationId });
      return taken.kind === 'done' ? { kind: 'done', value: null } : taken;
    },
    release: async (handoffId) => {
      loans.push({ released: handoffId });
      return taken.kind === 'done' ? { kind: 'done', value: null } : taken;
    },
  };
  const platforms = new Map([
    [HERE, farSide(HERE, here, asked)],
    [THERE, { ...farSide(THERE, there, asked), ...(placeholders && { placeholders }) }],
  ]);
  const clock = { at: 0 };
  const execute = executor({
    platforms,
    entries,
    now: () => clock.at,
    alert: async () => ({ kind: 'done', value: null }),
  });
  const signal = new AbortController().signal;
  const run = (command: Command, mayStart = () => true) => execute(command, { signal, mayStart });
  return { asked, loans, run, clock };
}

describe('the check of a transfer', () => {
  it('looks at the source, asks the destination, and resolves both fallback queues, all ahead of what can wait', async () => {
    const { asked, run } = setUp({
      there: { checkTarget: { kind: 'done', value: { free: 'unknown', queue: queueNamed('Claims') } } },
    });
    expect(await run(check)).toEqual({
      kind: 'done',
      of: 'CheckTransfer',
      result: {
        view: SEEN,
        free: 'unknown',
        queue: queueNamed('Claims'),
        fallback: { source: queueNamed('Lobby'), destination: queueNamed('Overflow') },
        freeAt: 0,
      },
    });
    expect(asked.map(({ at, verb, with: given }) => [at, verb, given[0]])).toEqual([
      [THERE, 'checkTarget', toQueue],
      [HERE, 'look', { externalId: 'c-1', channel: 'voice' }],
      [HERE, 'resolveQueue', 'Lobby'],
      [THERE, 'resolveQueue', 'Overflow'],
    ]);
    expect(new Set(asked.map(({ call }) => call.priority))).toEqual(new Set(['live']));
  });

  it('looks at the conversation that an earlier transfer has led to as well, where this one goes on with it', async () => {
    const { asked, run } = setUp({
      there: { checkTarget: { kind: 'done', value: { free: 'unknown', queue: queueNamed('Claims') } } },
    });
    expect(await run({ ...check, arrived })).toMatchObject({ result: { view: SEEN, destination: SEEN } });
    expect(asked).toContainEqual(expect.objectContaining({ at: THERE, verb: 'look', with: [arrived] }));
    const gone = setUp({
      there: { checkTarget: { kind: 'done', value: { free: 'unknown' } }, look: unknown },
    });
    expect(await gone.run({ ...check, arrived })).toMatchObject({ result: { destination: 'gone' } });
    const silent = setUp({
      there: {
        checkTarget: { kind: 'done', value: { free: 'unknown' } },
        look: { kind: 'ambiguous', code: 'timed-out' },
      },
    });
    expect(await silent.run({ ...check, arrived })).toEqual({ kind: 'ambiguous', code: 'timed-out' });
  });

  it('says when the destination was free, however long the source takes (H3)', async () => {
    let answer: (seen: unknown) => void = () => {};
    const slow = new Promise((resolve) => {
      answer = resolve;
    });
    const { run, clock } = setUp({ here: { look: slow as never } });
    clock.at = 50;
    const checked = run(check);
    await new Promise((resolve) => setImmediate(resolve));
    clock.at = 6_300;
    answer({ kind: 'done', value: SEEN });
    expect(await checked).toMatchObject({ kind: 'done', result: { free: 'yes', freeAt: 50 } });
  });

  it('says why a target is not free', async () => {
    const { run } = setUp({ there: { checkTarget: { kind: 'done', value: { free: 'no', code: 'agent-busy' } } } });
    expect(await run(check)).toMatchObject({ result: { free: 'no', code: 'agent-busy' } });
  });

  it('tells an agent who does not exist from a conversation that is gone', async () => {
    const { run } = setUp({ there: { checkTarget: unknown } });
    expect(await run({ ...check, target: toAgent })).toMatchObject({ result: { free: 'no', code: 'agent-not-found' } });
    expect(await run(check)).toEqual(unknown);
    expect(await setUp({ here: { look: unknown } }).run({ ...check, target: toAgent })).toEqual(unknown);
  });

  it('names the platform whose fallback queue is missing', async () => {
    const detail = expect.stringContaining(`at ${HERE}: queue-not-found-or-not-visible`);
    expect(await setUp({ here: { resolveQueue: noQueue } }).run(check)).toEqual({ ...noQueue, detail });
    const said = { ...noQueue, detail: 'divisions: Home' };
    expect(await setUp({ there: { resolveQueue: said } }).run(check)).toMatchObject({
      detail: expect.stringMatching(/nice_cxone: divisions: Home/),
    });
  });

  it('fails by what repeating cannot mend, else by the first', async () => {
    const both = setUp({ here: { look: transient }, there: { checkTarget: noQueue } });
    expect(await both.run(check)).toEqual(noQueue);
    expect(await setUp({ here: { look: ambiguous }, there: { checkTarget: transient } }).run(check)).toEqual(transient);
  });
});

describe('a place at the destination', () => {
  it('is a number of its entry, lent after a check that came first', async () => {
    const { asked, loans, run } = setUp();
    expect(await run(reserve)).toEqual({
      kind: 'done',
      of: 'Reserve',
      result: { held: true, id: HANDOFF, validUntil: 61_000, address: '+14155550101' },
    });
    expect(asked.map(({ at, verb }) => [at, verb])).toEqual([[THERE, 'checkTarget']]);
    expect(loans).toEqual([
      {
        handoffId: HANDOFF,
        interactionId: 'i-1',
        platform: THERE,
        numbers: ['+14155550101'],
        token: 'the-token',
        forMs: 60_000,
      },
    ]);
  });

  it.each<[string, Answers, string]>([
    ['is busy', { checkTarget: { kind: 'done', value: { free: 'no', code: 'agent-busy' } } }, 'agent-busy'],
    ['does not say why', { checkTarget: { kind: 'done', value: { free: 'no' } } }, 'target-not-free'],
    ['does not exist', { checkTarget: unknown }, 'agent-not-found'],
  ])('is not held, and no number lent, where the agent %s', async (_, there, code) => {
    const { loans, run } = setUp({ there });
    const result = { held: false, code };
    expect(await run({ ...reserve, target: toAgent })).toEqual({ kind: 'done', of: 'Reserve', result });
    expect(loans).toEqual([]);
  });

  it('is not held where every number is lent', async () => {
    const { run } = setUp({ taken: { kind: 'done', value: null } });
    expect(await run(reserve)).toMatchObject({ result: { held: false, code: 'no-entry-number-free' } });
  });

  it.each<[string, Answers, Taken]>([
    ['the check', { checkTarget: transient }, LENT],
    ['the journal', {}, transient],
  ])('is not held where %s failed, and may be asked for again', async (_, there, taken) => {
    expect(await setUp({ there, taken }).run(reserve)).toEqual(transient);
  });

  it('is not taken by who has lost the lease while checking (H5)', async () => {
    const { loans, run } = setUp();
    expect(await run(reserve, () => false)).toEqual({ kind: 'transient', code: 'not-sent' });
    expect(loans).toEqual([]);
  });

  it('is the platform’s own where it has such, under our key', async () => {
    const value = { id: 'res-9', validUntil: 5_000, address: 'sip:entry@there.example' };
    const { asked, loans, run } = setUp({ there: { reserve: { kind: 'done', value } } });
    expect(await run({ ...reserve, reservation: 'native' })).toMatchObject({
      result: { held: true, id: 'res-9', validUntil: 5_000, address: 'sip:entry@there.example' },
    });
    const { once: key, target, channel, holdLimitMs, context } = reserve;
    expect(asked).toMatchObject([{ verb: 'reserve', with: [{ key, target, channel, holdLimitMs, context }] }]);
    expect(loans).toEqual([{ held: 'res-9' }]);
  });

  it('is reached by a configured number where the platform names no address, and else is no place and given back', async () => {
    const native = { ...reserve, reservation: 'native' } as const;
    expect(await setUp().run(native)).toMatchObject({ result: { held: true, address: '+14155550101' } });
    const { asked, run } = setUp();
    expect(await run({ ...native, entryNumbers: [] })).toMatchObject({ result: { held: false } });
    expect(asked.map(({ verb, with: given }) => [verb, given[0]])).toContainEqual(['release', 'res-1']);
  });

  it('is not told as held before it is noted, since its call would be nobody’s', async () => {
    expect(await setUp({ taken: transient }).run({ ...reserve, reservation: 'native' })).toEqual(transient);
  });

  it('is not the platform’s own where it refuses', async () => {
    const conflict = { kind: 'rejected', code: 'conflict' } as const;
    expect(await setUp({ there: { reserve: conflict } }).run({ ...reserve, reservation: 'native' })).toEqual(conflict);
  });

  it('is given back where it was held', async () => {
    const { asked, loans, run } = setUp();
    expect(await run(release)).toEqual({ kind: 'done', of: 'Release', result: null });
    expect([asked, loans]).toEqual([[], [{ released: HANDOFF }]]);
    expect(await run({ ...release, reservation: { kind: 'native', id: 'res-9' } })).toMatchObject({ kind: 'done' });
    expect(asked).toMatchObject([{ verb: 'release', with: ['res-9'], call: { priority: 'reconcile' } }]);
    expect(loans).toHaveLength(1);
  });

  it('is not said to be given back where that failed', async () => {
    const native = { ...release, reservation: { kind: 'native', id: 'res-9' } } as const;
    expect(await setUp({ there: { release: ambiguous } }).run(native)).toEqual(ambiguous);
    expect(await setUp({ taken: transient }).run(release)).toEqual(transient);
  });
});

describe('reconciliation', () => {
  it('looks at both sides, behind who waits for a handoff', async () => {
    const { asked, run } = setUp();
    expect(await run(reconcile)).toEqual({
      kind: 'done',
      of: 'Reconcile',
      result: { source: SEEN, destination: SEEN },
    });
    expect(asked.map(({ at, with: given, call }) => [at, given[0], call.priority])).toEqual([
      [HERE, { externalId: 'c-1', channel: 'voice' }, 'reconcile'],
      [THERE, arrived, 'reconcile'],
    ]);
  });

  it('looks at one side while nothing has arrived', async () => {
    const { arrived: _, ...alone } = reconcile;
    expect(await setUp().run(alone)).toEqual({ kind: 'done', of: 'Reconcile', result: { source: SEEN } });
    expect(await setUp({ here: { look: ambiguous } }).run(alone)).toEqual(ambiguous);
  });

  it('takes a conversation that is no longer known for gone, on either side', async () => {
    expect(await setUp({ here: { look: unknown } }).run(reconcile)).toMatchObject({
      result: { source: 'gone', destination: SEEN },
    });
    expect(await setUp({ there: { look: unknown } }).run(reconcile)).toMatchObject({
      result: { source: SEEN, destination: 'gone' },
    });
  });

  it.each<[string, Answers, Answers, Failure]>([
    ['the source', { look: transient }, {}, transient],
    ['the destination', {}, { look: ambiguous }, ambiguous],
    [
      'both',
      { look: transient },
      { look: { kind: 'rejected', code: 'forbidden' } },
      { kind: 'rejected', code: 'forbidden' },
    ],
  ])('knows nothing when %s did not answer', async (_, here, there, said) => {
    expect(await setUp({ here, there }).run(reconcile)).toEqual(said);
  });
});

describe('letting go at the source', () => {
  it('is asked of the source alone, with all that the call is to carry', async () => {
    const { asked, run } = setUp();
    expect(await run(away)).toEqual({ kind: 'done', of: 'TransferAway', result: null });
    const { way, style, leaving, address, token, interactionId, reservationId } = away;
    const departing = { way, style, leaving, address, token, interactionId, reservationId };
    expect(asked).toMatchObject([
      { at: HERE, verb: 'transferAway', with: [{ externalId: 'c-1' }, departing], call: { priority: 'live' } },
    ]);
    expect(await setUp({ here: { transferAway: ambiguous } }).run(away)).toEqual(ambiguous);
  });

  it('ends a consultation as the verdict says', async () => {
    const ending: Command = {
      ...base,
      ...voice,
      kind: 'EndConsult',
      safety: 'lookable',
      accept: false,
      leaving: away.leaving,
    };
    const { asked, run } = setUp();
    expect(await run(ending)).toEqual({ kind: 'done', of: 'EndConsult', result: null });
    expect(asked).toMatchObject([{ at: HERE, verb: 'endConsult', with: [{}, { accept: false, leaving: 'p-bot' }] }]);
    expect(await setUp({ here: { endConsult: transient } }).run(ending)).toEqual(transient);
  });
});

it.each<[string, Command]>([
  ['a check from', { ...check, platform: 'nowhere' as PlatformName }],
  ['a check for', { ...check, to: 'nowhere' as PlatformName }],
  ['a place at', { ...reserve, to: 'nowhere' as PlatformName }],
  ['giving back at', { ...release, to: 'nowhere' as PlatformName, reservation: { kind: 'native', id: 'r' } }],
  ['a look at', { ...reconcile, platform: 'nowhere' as PlatformName }],
  ['a look across at', { ...reconcile, arrived: { ...arrived, platform: 'nowhere' as PlatformName } }],
])('refuses %s a platform that is not configured, and asks nobody', async (_, command) => {
  const { asked, run } = setUp();
  const detail = 'no platform nowhere is configured';
  expect(await run(command)).toEqual({ kind: 'rejected', code: 'not-found', detail });
  expect(asked).toEqual([]);
});

describe('an agent who is asked to keep free', () => {
  const placeholder = { key: HANDOFF };
  const of = { ...base, to: THERE, agentId: toAgent.agentId, placeholder };
  const ask: Of<'AskAgent'> = { ...of, kind: 'AskAgent', safety: 'lookable' };
  const look: Of<'LookForAgent'> = { ...of, kind: 'LookForAgent', safety: 'repeatable' };
  const letGo: Of<'Release'> = { ...release, reservation: { kind: 'placeholder', ...placeholder, id: '901' } };
  const answering = (state: Awaited<ReturnType<AgentPlaceholders['look']>>) => {
    const heard: unknown[] = [];
    const placeholders: AgentPlaceholders = {
      ask: async (given) => {
        heard.push(given);
        return { kind: 'done', value: { id: '901' } };
      },
      look: async (given) => {
        heard.push(given);
        return state;
      },
      release: async (given) => {
        heard.push(given);
        return state.kind === 'done' ? { kind: 'done', value: null } : state;
      },
    };
    return { heard, ...setUp({ placeholders }) };
  };

  it('is asked, looked for and let go of at the destination', async () => {
    const { heard, run, loans } = answering({ kind: 'done', value: 'asked' });
    expect(await run(ask)).toEqual({ kind: 'done', of: 'AskAgent', result: { id: '901' } });
    expect(await run(look)).toEqual({ kind: 'done', of: 'LookForAgent', result: 'asked' });
    expect(await run(letGo)).toEqual({ kind: 'done', of: 'Release', result: null });
    const named = { key: HANDOFF, agentId: toAgent.agentId };
    expect([heard, loans]).toEqual([[named, named, { key: HANDOFF, id: '901' }], []]);
  });

  it('is free for the call as long as they have it, whatever else is said of them; and for none without it (H3)', async () => {
    const having: Of<'Reserve'> = { ...reserve, target: toAgent, placeholder };
    const taken = answering({ kind: 'done', value: 'taken' });
    expect(await taken.run(having)).toMatchObject({ kind: 'done', result: { held: true } });
    expect(taken.asked).toEqual([]);
    const refused = { kind: 'done', of: 'Reserve', result: { held: false, code: 'agent-declined' } };
    expect(await answering({ kind: 'done', value: 'asked' }).run(having)).toEqual(refused);
    expect(await answering({ kind: 'done', value: 'none' }).run(having)).toEqual(refused);
    expect(await answering(transient).run(having)).toEqual(transient);
  });

  it('no failure is taken for an answer (H5)', async () => {
    const failing = answering(ambiguous);
    for (const command of [look, letGo]) expect(await failing.run(command)).toEqual(ambiguous);
  });

  it('cannot be asked at a platform that does not', async () => {
    for (const command of [ask, look, letGo])
      expect(await setUp().run(command)).toMatchObject({ kind: 'rejected', code: 'not-found' });
  });
});
