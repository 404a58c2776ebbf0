// Tests who holds the conversation after what a platform tells or shows (H2; seed 001), in any order and any number of times.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  agentParty,
  botParty,
  customerParty,
  entered,
  joined,
  left,
  OTHER_QUEUE,
  parted,
  QUEUE,
  queueParty,
  Story,
  seen,
  types,
  view,
} from '../../test/protocols/story.ts';
import type { ConversationChange, ConversationView } from '../context/conversation.ts';

type Told = readonly [at: number, change: ConversationChange];

function tellAll(told: readonly Told[], resumeBot = true): Story {
  const story = Story.opened();
  story.state = { ...story.interaction, resumeBot };
  for (const [at, change] of told) story.tell(change, at);
  return story;
}

const holderAfter = (told: readonly Told[], resumeBot = true) => {
  const { epoch: _, ...holder } = tellAll(told, resumeBot).interaction.holder;
  return holder;
};

const BOT = { kind: 'bot' };
const IN = (queue: typeof QUEUE | null) => ({ kind: 'queue', ...(queue && { queueId: queue.id }) });
const WITH = (agentId: string, queue: typeof QUEUE | null = QUEUE) => ({
  kind: 'agent',
  agentId,
  ...(queue && { queueId: queue.id }),
});

const TALK: readonly Told[] = [
  [10, entered('q')],
  [20, joined('a', 'ann')],
  [21, left('q')],
];

/** What happens in contact centers, in order, and who holds the conversation in the end. */
const lives: readonly (readonly [string, readonly Told[], object])[] = [
  ['a customer enters a queue', [[10, entered('q')]], IN(QUEUE)],
  ['an agent answers', TALK, WITH('ann')],
  ['an agent is put in without a queue', [[10, joined('a', 'ann', null)]], WITH('ann', null)],
  ['an agent closes: the bot resumes (seed 001)', [...TALK, [50, parted('a')]], BOT],
  [
    'an agent is rung, does not answer, and the queue is told to have been left',
    [
      [10, entered('q')],
      [20, joined('a', 'ann')],
      [30, left('q')],
      [31, parted('a', { talked: false })],
    ],
    IN(QUEUE),
  ],
  [
    'an agent is rung, does not answer, and the customer waits on',
    [
      [10, entered('q')],
      [20, joined('a', 'ann')],
      [30, parted('a', { talked: false })],
    ],
    IN(QUEUE),
  ],
  [
    'the next agent is rung after one who did not answer',
    [
      [10, entered('q')],
      [20, joined('a', 'ann')],
      [30, parted('a', { talked: false })],
      [31, joined('b', 'ben')],
    ],
    WITH('ben'),
  ],
  [
    'an agent transfers to another queue, which is entered first',
    [...TALK, [40, entered('q2', OTHER_QUEUE)], [41, parted('a', { transferred: true })]],
    IN(OTHER_QUEUE),
  ],
  [
    'an agent transfers to another queue, which is entered afterwards',
    [...TALK, [40, parted('a', { transferred: true })], [41, entered('q2', OTHER_QUEUE)]],
    IN(OTHER_QUEUE),
  ],
  ['an agent transfers to where nothing is told of', [...TALK, [40, parted('a', { transferred: true })]], IN(null)],
  [
    'an agent transfers to another agent',
    [...TALK, [40, joined('b', 'ben')], [41, parted('a', { transferred: true })]],
    WITH('ben'),
  ],
  [
    'and that one closes',
    [...TALK, [40, joined('b', 'ben')], [41, parted('a', { transferred: true })], [60, parted('b')]],
    BOT,
  ],
  ['a consulted colleague leaves again', [...TALK, [40, joined('b', 'ben')], [50, parted('b')]], WITH('ann')],
  [
    'a consulted colleague leaves, then the agent closes',
    [...TALK, [40, joined('b', 'ben')], [50, parted('b')], [60, parted('a')]],
    BOT,
  ],
  [
    'a consulted queue does not take the customer from the agent',
    [...TALK, [40, entered('q2', OTHER_QUEUE)]],
    WITH('ann'),
  ],
  [
    'a consulted queue is let go of, and the agent closes',
    [...TALK, [40, entered('q2', OTHER_QUEUE)], [45, left('q2', OTHER_QUEUE)], [60, parted('a')]],
    BOT,
  ],
  [
    'the bot sends the customer to a second agent after the first',
    [...TALK, [50, parted('a')], [60, entered('q3')], [70, joined('c', 'cat')], [71, left('q3')]],
    WITH('cat'),
  ],
  [
    'a queue flows over into another',
    [
      [10, entered('q')],
      [30, left('q')],
      [31, entered('q2', OTHER_QUEUE)],
    ],
    IN(OTHER_QUEUE),
  ],
];

describe('what a platform tells, in order', () => {
  it.each(lives)('%s', (_, told, holder) => {
    expect(holderAfter(told)).toEqual(holder);
  });

  it('without the wish that the bot resumes, nobody holds a talk that is over', () => {
    expect(holderAfter([...TALK, [50, parted('a')]], false)).toEqual({ kind: 'none' });
  });

  it('a queue whose end was never told is over with the talk', () => {
    const story: readonly Told[] = [
      [10, entered('q')],
      [20, joined('a', 'ann')],
      [50, parted('a')],
    ];
    expect(holderAfter(story)).toEqual(BOT);
    expect(holderAfter([...story, [60, entered('q9')]])).toEqual(IN(QUEUE));
  });

  it('a platform that names no queue leaves the customer in the one that is known', () => {
    const rung: readonly Told[] = [
      [10, entered('q')],
      [20, joined('a', 'ann')],
      [25, left('q')],
    ];
    expect(holderAfter([...rung, [30, parted('a', { talked: false, queue: null })]])).toEqual(IN(QUEUE));
    expect(
      holderAfter([
        [20, joined('a', 'ann', null)],
        [30, parted('a', { talked: false, queue: null })],
      ]),
    ).toEqual(IN(null));
  });
});

describe('the epoch (H2)', () => {
  it('rises by one with each change of holder, and with nothing else', () => {
    const story = Story.opened();
    const epochs = (
      [
        [10, entered('q')],
        [10, entered('q')],
        [20, joined('a', 'ann')],
        [21, left('q')],
        [40, joined('b', 'ben')],
        [41, parted('a', { transferred: true })],
        [60, parted('b')],
      ] as const
    ).map(([at, change]) => {
      story.tell(change, at);
      return story.interaction.holder.epoch;
    });
    expect(epochs).toEqual([2, 2, 3, 3, 4, 4, 5]);
  });

  it('says of each event no more than it changed', () => {
    const story = Story.opened();
    expect(types(story.tell(joined('a', 'ann'), 20))).toEqual(['HolderChanged']);
    expect(types(story.tell(joined('a', 'ann'), 20))).toEqual([]);
    expect(types(story.tell(left('q'), 21))).toEqual(['AttendanceChanged']);
    expect(types(story.tell(left('q'), 21))).toEqual([]);
    expect(types(story.tell(parted('a'), 30))).toEqual(['HolderChanged']);
    expect(types(story.tell(parted('a'), 30))).toEqual([]);
    expect(types(story.tell(joined('a', 'ann'), 20))).toEqual([]);
  });
});

describe('what a platform tells, in any order and repeatedly', () => {
  it.each(lives)('%s: ends with the same holder', (_, told, holder) => {
    fc.assert(
      fc.property(
        fc.shuffledSubarray([...told, ...told, ...told], { minLength: told.length, maxLength: told.length * 3 }),
        (shuffled) => {
          const missing = told.filter((one) => !shuffled.includes(one));
          expect(holderAfter([...shuffled, ...missing])).toEqual(holder);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('any events with different times come to the same holder and attendance in any order', () => {
    const id = fc.integer({ min: 0, max: 3 });
    const change: fc.Arbitrary<ConversationChange> = fc.oneof(
      id.map((n) => entered(`q${n}`, n % 2 ? QUEUE : OTHER_QUEUE)),
      id.map((n) => left(`q${n}`, n % 2 ? QUEUE : OTHER_QUEUE)),
      id.map((n) => joined(`a${n}`, `agent-${n}`)),
      fc
        .tuple(id, fc.boolean(), fc.boolean())
        .map(([n, talked, transferred]) => parted(`a${n}`, { talked, transferred })),
    );
    // A party comes once and leaves once, after it came.
    const told = fc
      .uniqueArray(change, {
        selector: ({ kind, ...rest }) => `${kind} ${'participantId' in rest && rest.participantId}`,
      })
      .map((changes) => changes.map((one, index): Told => [1 + index, one]))
      .filter((all) => all.every(([at, one]) => !isBackwards(all, at, one)));
    fc.assert(
      fc.property(
        told.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))),
        fc.boolean(),
        ([inOrder, shuffled], resumeBot) => {
          const [a, b] = [tellAll(inOrder, resumeBot).interaction, tellAll(shuffled, resumeBot).interaction];
          const bare = ({ holder: { epoch: _, ...holder } }: typeof a) => holder;
          expect(bare(b)).toEqual(bare(a));
          expect(b.attendance.left).toEqual(a.attendance.left);
          expect(new Set(b.attendance.gone)).toEqual(new Set(a.attendance.gone));
        },
      ),
      { numRuns: 500 },
    );
  });
});

function isBackwards(all: readonly Told[], at: number, change: ConversationChange): boolean {
  if (!('participantId' in change)) return false;
  const comes = change.kind === 'agent-joined' || change.kind === 'queue-entered';
  return all.some(
    ([other, one]) =>
      'participantId' in one &&
      one.participantId === change.participantId &&
      one.kind !== change.kind &&
      (comes ? other < at : other > at),
  );
}

describe('what a platform shows', () => {
  const shows = (story: Story, parties: ConversationView['parties'], transfers: ConversationView['transfers'] = []) =>
    story.tell(seen(view([customerParty(), ...parties], transfers)));

  it('whoever is in the conversation holds it: the newest agent, else the queue', () => {
    const story = Story.opened();
    shows(story, [botParty(), queueParty()]);
    expect(story.interaction.holder).toMatchObject({ kind: 'queue', queueId: QUEUE.id, epoch: 2 });
    shows(story, [queueParty(), agentParty('p-agent', { state: 'alerting' })]);
    expect(story.interaction.holder).toMatchObject({ kind: 'agent', agentId: 'a-1', epoch: 3 });
    expect(shows(story, [queueParty(), agentParty()])).toEqual([]);
  });

  it('a party without ids is a party', () => {
    const story = Story.opened();
    shows(story, [{ id: 'p-x' as never, role: 'agent', state: 'connected' }]);
    expect(story.interaction.holder).toEqual({ kind: 'agent', epoch: 2 });
    const queue = Story.opened();
    shows(queue, [{ id: 'p-x' as never, role: 'queue', state: 'connected' }]);
    expect(queue.interaction.holder).toEqual({ kind: 'queue', epoch: 2 });
  });

  it('never brings back the departed, though it be older than what was told', () => {
    const story = tellAll([...TALK, [50, parted('a')]]);
    shows(story, [queueParty('q'), agentParty('a', { agentId: 'ann' as never })]);
    expect(story.interaction.holder.kind).toBe('bot');
  });

  it('an agent whom it shows as gone has left: the bot resumes though no event said so', () => {
    const story = tellAll(TALK);
    shows(story, [botParty(), agentParty('a', { state: 'ended' })]);
    expect(story.interaction.holder).toMatchObject({ kind: 'bot' });
    expect(story.interaction.attendance.gone).toContain('a');
  });

  it('an agent who was never known to be there leaves nothing behind', () => {
    const story = Story.opened();
    expect(shows(story, [botParty(), agentParty('old', { state: 'ended' })])).toEqual([]);
  });

  it('the queue it shows beside the agent who left, or a transfer under way, has the customer next', () => {
    const rung = tellAll([[20, joined('a', 'ann')]]);
    shows(rung, [queueParty(), agentParty('a', { state: 'ended' })]);
    expect(rung.interaction.holder).toMatchObject(IN(QUEUE));
    const sent = tellAll(TALK);
    shows(sent, [agentParty('a', { state: 'ended' })], [{ state: 'pending', issuedAt: 1 }]);
    expect(sent.interaction.holder).toMatchObject({ kind: 'queue' });
  });

  it('a queue that it shows as left leaves the customer on the way', () => {
    const story = tellAll([[10, entered('q')]]);
    expect(types(shows(story, [queueParty('q', { state: 'ended' })]))).toEqual(['AttendanceChanged']);
    expect(story.interaction.holder).toMatchObject(IN(QUEUE));
  });

  it('what is told corrects it: a transfer that no view explained', () => {
    const story = tellAll(TALK);
    shows(story, [agentParty('a', { state: 'ended' })]);
    expect(story.interaction.holder.kind).toBe('bot');
    story.tell(parted('a', { transferred: true }), 40);
    expect(story.interaction.holder.kind).toBe('queue');
    story.tell(entered('q2', OTHER_QUEUE), 41);
    expect(story.interaction.holder).toMatchObject(IN(OTHER_QUEUE));
  });

  it('what is told gives the platform’s own time to what was only shown', () => {
    const story = tellAll([[30, joined('b', 'ben')]]);
    shows(story, [agentParty('b'), agentParty('a', { agentId: 'ann' as never })]);
    expect(story.interaction.holder).toMatchObject({ agentId: 'ann' });
    expect(types(story.tell(joined('a', 'ann'), 20))).toEqual(['HolderChanged']);
    expect(story.interaction.holder).toMatchObject({ agentId: 'ben' });
    expect(story.tell(joined('a', 'ann'), 20)).toEqual([]);
  });

  it('a queue that it shows as left long ago does not undo the end of the talk', () => {
    const story = tellAll([
      [10, entered('q')],
      [20, joined('a', 'ann')],
      [50, parted('a')],
    ]);
    const gone = [queueParty('q', { state: 'ended' }), agentParty('a', { state: 'ended' })];
    shows(story, [botParty(), ...gone]);
    expect(story.interaction.holder).toMatchObject(BOT);
    story.tell(left('q'), 21);
    expect(story.interaction.holder).toMatchObject(BOT);
  });

  it('of departures that it shows, a queue’s does not come after an agent’s who came later', () => {
    const story = tellAll([
      [10, entered('q')],
      [20, joined('a', 'ann')],
    ]);
    shows(story, [agentParty('a', { state: 'ended' })]);
    shows(story, [queueParty('q', { state: 'ended' }), agentParty('a', { state: 'ended' })]);
    expect(story.interaction.holder).toMatchObject(BOT);
  });
});

describe('a platform whose clock is off by any amount: what it shows is put in order with what it tells', () => {
  const DAY_MS = 86_400_000;
  /** A story that is told at the vendor's times, `skewMs` beside ours, and in which we look in between. */
  const skewed = (skewMs: number) => {
    const story = Story.opened();
    story.state = { ...story.interaction, resumeBot: true };
    return {
      story,
      tell: (change: ConversationChange) => story.tell(change, story.wait(1_000).now + skewMs),
      look: (...parties: ConversationView['parties']) => {
        story.wait(1_000).escalate({ resumeBot: true });
        story.done('Inspect', { queue: OTHER_QUEUE, view: view([customerParty(), botParty(), ...parties]) });
        const { move } = story.interaction;
        if (move) story.take({ kind: 'cancel-handoff', handoffId: move.id });
      },
    };
  };
  const ann = (state: 'connected' | 'ended' = 'connected') => agentParty('a', { agentId: 'ann' as never, state });

  describe.each([-DAY_MS, -1, 0, 1, DAY_MS])('by %i ms', (skewMs) => {
    it('an agent who was shown and of whose end was told has ended the talk', () => {
      const { story, tell, look } = skewed(skewMs);
      look(ann());
      tell(parted('a'));
      expect(story.interaction.holder).toMatchObject(BOT);
    });

    it('an agent who comes after one who was shown is the newest', () => {
      const { story, tell, look } = skewed(skewMs);
      look(ann());
      tell(joined('b', 'ben'));
      expect(story.interaction.holder).toMatchObject({ agentId: 'ben' });
    });

    it('an agent who is shown after one who was told of is the newest', () => {
      const { story, tell, look } = skewed(skewMs);
      tell(joined('b', 'ben'));
      look(agentParty('b'), ann());
      expect(story.interaction.holder).toMatchObject({ agentId: 'ann' });
    });

    it('a queue that is shown after the talk is over has the customer', () => {
      const { story, tell, look } = skewed(skewMs);
      tell(joined('b', 'ben'));
      tell(parted('b'));
      look(queueParty('q'));
      expect(story.interaction.holder).toMatchObject(IN(QUEUE));
    });

    it('a queue that was shown before the talk began is over with it', () => {
      const { story, tell, look } = skewed(skewMs);
      look(queueParty('q'));
      tell(joined('b', 'ben'));
      tell(parted('b'));
      expect(story.interaction.holder).toMatchObject(BOT);
    });

    it('a departure that was shown gives way to what is told of it, and later departures to later ones', () => {
      const { story, tell, look } = skewed(skewMs);
      look(ann());
      look(ann('ended'));
      expect(story.interaction.holder).toMatchObject(BOT);
      tell(parted('a', { transferred: true }));
      expect(story.interaction.holder).toMatchObject({ kind: 'queue' });
      tell(joined('b', 'ben'));
      tell(parted('b'));
      expect(story.interaction.holder).toMatchObject(BOT);
    });
  });
});

/** What the platform would show after all of `changes`. */
function truth(changes: readonly ConversationChange[]): ConversationView['parties'] {
  const parties = new Map<string, ConversationView['parties'][number]>();
  for (const change of changes) {
    if (!('participantId' in change)) continue;
    const { participantId: id, kind } = change;
    const state = kind === 'queue-left' || kind === 'agent-left' ? 'ended' : 'connected';
    const { agentId, queueId } = { agentId: undefined, queueId: undefined, ...parties.get(id), ...change };
    const role = kind.startsWith('queue') ? 'queue' : 'agent';
    parties.set(id, { id, role, state, ...(agentId && { agentId }), ...(queueId && { queueId }) });
  }
  return [...parties.values()];
}

describe('looks between what is told, with clocks a day apart', () => {
  it.each(lives)('%s: ends with the same holder', (_, told, holder) => {
    const changes = told.map(([, change]) => change);
    const days = fc.constantFrom(-86_400_000, 86_400_000);
    // A look shows the truth of its moment, of which the last events may be told only later.
    const looks = fc.array(fc.tuple(fc.nat(told.length), fc.nat(2)), { maxLength: 5 });
    fc.assert(
      fc.property(days, looks, (skewMs, all) => {
        const story = Story.opened();
        story.state = { ...story.interaction, resumeBot: true };
        const look = (soFar: number) => {
          story.wait(1).escalate({ resumeBot: true });
          const parties = [customerParty(), botParty(), ...truth(changes.slice(0, soFar))];
          story.done('Inspect', { queue: QUEUE, view: view(parties) });
          const { move } = story.interaction;
          if (move) story.take({ kind: 'cancel-handoff', handoffId: move.id });
          if (story.interaction.move) story.done('AttachContext', null);
        };
        let happened = 0;
        for (const [index, change] of changes.entries()) {
          for (const [, ahead] of all.filter(([place]) => place === index)) {
            happened = Math.max(happened, index + ahead);
            look(happened);
          }
          story.tell(change, story.now + skewMs + index);
        }
        const { epoch: _, ...now } = story.interaction.holder;
        expect(now).toEqual(holder);
      }),
      { numRuns: 100 },
    );
  });
});

describe('how long the departed are remembered', () => {
  it('only so many: a conversation of hundreds of parties is a loop', () => {
    const story = Story.opened();
    for (let n = 0; n < 100; n += 1) story.tell(left(`q${n}`), n + 1);
    expect(story.interaction.attendance.gone).toHaveLength(64);
    expect(story.interaction.attendance.gone.at(-1)).toBe('q99');
  });
});
