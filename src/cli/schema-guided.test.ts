import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { botSession } from '../context/bot-session.ts';
import { manifestOf } from '../context/build-manifest.ts';
import { botSessionOf, type Dialogue, parseQueueMap, readDialogues } from './schema-guided.ts';

type Frame = Dialogue['turns'][number]['frames'][number];

const queues = parseQueueMap('Gardens=Garden_Care,Boats=Boat_Hire');

function user(utterance: string, ...frames: readonly Frame[]) {
  return { speaker: 'USER' as const, utterance, frames: [...frames] };
}
function system(utterance: string, ...frames: readonly Frame[]) {
  return { speaker: 'SYSTEM' as const, utterance, frames: [...frames] };
}
function state(service: string, intent: string, slots: Record<string, string[]> = {}): Frame {
  return { service, state: { active_intent: intent, slot_values: slots }, actions: [] };
}
function acts(service: string, ...names: readonly string[]): Frame {
  return { service, state: null, actions: names.map((act) => ({ act })) };
}
function dialogue(...turns: Dialogue['turns']): Dialogue {
  return { dialogue_id: 'made-up', services: ['Gardens_1'], turns };
}
const manifestFrom = (recorded: Dialogue) => manifestOf(botSessionOf(recorded, queues));

describe('a recorded dialogue', () => {
  it('becomes a bot session of the documented shape, with who said what in order', () => {
    const session = botSessionOf(
      dialogue(
        user('I need a gardener.', state('Gardens_1', 'BookGardener')),
        system('When?', acts('Gardens_1', 'REQUEST')),
      ),
      queues,
    );
    expect(botSession.parse(session)).toEqual(session);
    expect(session.turns.map(({ speaker, text }) => [speaker, text])).toEqual([
      ['customer', 'I need a gardener.'],
      ['bot', 'When?'],
    ]);
  });

  it('says of an intent that it is resolved only where the system notified success', () => {
    const told = manifestFrom(
      dialogue(
        user('a', state('Gardens_1', 'Find')),
        user('b', state('Gardens_1', 'Book')),
        system('Booked.', acts('Gardens_1', 'NOTIFY_SUCCESS')),
      ),
    );
    expect(told.intents_detected).toEqual([{ intent: 'Find' }, { intent: 'Book', resolved: true }]);
  });

  it('says of an intent that it is not resolved where the system notified failure, and believes the last notice', () => {
    const turns = [user('a', state('Gardens_1', 'Book')), system('Sorry.', acts('Gardens_1', 'NOTIFY_FAILURE'))];
    expect(manifestFrom(dialogue(...turns)).intents_detected).toEqual([{ intent: 'Book', resolved: false }]);
    const then = [
      ...turns,
      user('again', state('Gardens_1', 'Book')),
      system('Done.', acts('Gardens_1', 'NOTIFY_SUCCESS')),
    ];
    expect(manifestFrom(dialogue(...then)).intents_detected).toEqual([{ intent: 'Book', resolved: true }]);
  });

  it('credits a notice to the intent of its own service, and to none where that service has none', () => {
    const told = manifestFrom(
      dialogue(
        user('a', state('Gardens_1', 'Book'), state('Boats_1', 'Rent')),
        system('b', acts('Boats_1', 'NOTIFY_SUCCESS'), acts('Cars_1', 'NOTIFY_SUCCESS')),
      ),
    );
    expect(told.intents_detected).toEqual([{ intent: 'Book' }, { intent: 'Rent', resolved: true }]);
  });

  it('knows that NONE is no intent', () => {
    expect(manifestFrom(dialogue(user('Bye.', state('Gardens_1', 'NONE')))).intents_detected).toBeUndefined();
  });

  it('keeps every spoken variant of a slot, a single one as plain text, and the later state of each', () => {
    const told = manifestFrom(
      dialogue(
        user('a', state('Gardens_1', 'Book', { day: ['Monday'], tool: ['rake'] })),
        user('b', state('Gardens_1', 'Book', { day: ['Tuesday'], time: ['11:30', 'half past 11'], none: [] })),
      ),
    );
    expect(told.slots_collected).toEqual({ day: 'Tuesday', tool: 'rake', time: ['11:30', 'half past 11'] });
  });

  it('names the service of a slot only where two services ended with different values under one name', () => {
    const told = manifestFrom(
      dialogue(
        user('a', state('Gardens_1', 'Book', { city: ['Oslo'], day: ['Monday'] })),
        user('b', state('Boats_1', 'Rent', { city: ['Bergen'], day: ['Monday'] })),
      ),
    );
    expect(told.slots_collected).toEqual({ 'Gardens_1.city': 'Oslo', 'Boats_1.city': 'Bergen', day: 'Monday' });
  });

  it('recommends the queue of the service spoken of last, and none for a service without one', () => {
    const garden = user('a', state('Gardens_1', 'Book'));
    expect(manifestFrom(dialogue(garden, user('b', state('Boats_12', 'Rent')))).recommended_queue).toBe('Boat_Hire');
    expect(manifestFrom(dialogue(garden, user('b', state('Cars_1', 'Rent')))).recommended_queue).toBeUndefined();
    expect(manifestFrom(dialogue(user('no frames'))).recommended_queue).toBe('Garden_Care');
    expect(manifestFrom({ ...dialogue(user('nothing')), services: [] }).recommended_queue).toBeUndefined();
  });

  it('invents nothing: no confidence, mood or duration, and a trigger that claims no wish of the customer', () => {
    const told = manifestFrom(dialogue(user('Hello there.', state('Gardens_1', 'Book'))));
    expect(Object.keys(told)).toEqual([
      'trigger',
      'trigger_utterance',
      'intents_detected',
      'recommended_queue',
      'agent_briefing',
    ]);
    expect(told.trigger).toBe('DialogueEnded');
  });

  it('loses no slot, whatever slots and services there are (H4)', () => {
    const slots = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.array(fc.string(), { minLength: 1, maxLength: 3 }));
    const turns = fc.array(fc.tuple(fc.constantFrom('Gardens_1', 'Boats_1'), slots), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(turns, (said) => {
        const recorded = dialogue(...said.map(([service, values]) => user('x', state(service, 'Do', values))));
        const collected = Object.values(manifestFrom(recorded).slots_collected ?? {}).map((value) => [value].flat());
        const last = new Map(
          said.flatMap(([service, values]) => Object.entries(values).map(([k, v]) => [`${service} ${k}`, v])),
        );
        for (const values of last.values()) expect(collected).toContainEqual(values);
      }),
    );
  });
});

describe('a file of dialogues', () => {
  const line = JSON.stringify(dialogue(user('Hi.')));

  it('holds one dialogue per line and may hold empty lines', () => {
    const read = readDialogues(`${line}\n\n${line}\n`);
    expect(read.ok && read.dialogues.length).toBe(2);
  });

  it.each([
    ['{', 'is not JSON'],
    ['{"dialogue_id":"x"}', 'services'],
    ['null', 'the dialogue'],
    [line.replace('USER', 'SOMEBODY'), 'turns.0.speaker'],
    [JSON.stringify({ ...dialogue(), turns: [] }), 'turns'],
  ])('says which line is not a dialogue, and why: %s', (bad, why) => {
    const read = readDialogues(`${line}\n${bad}`);
    expect(read).toMatchObject({ ok: false, line: 2, why: expect.stringContaining(why) });
  });
});

describe('a queue map', () => {
  it('is read from pairs', () => {
    expect([...parseQueueMap('A=B, C = D')]).toEqual([
      ['A', 'B'],
      ['C', 'D'],
    ]);
  });

  it.each(['', 'A', 'A=', '=B', 'A=B=C', 'A=B,'])('refuses %j and says why', (text) => {
    expect(() => parseQueueMap(text)).toThrow('is not Domain=Queue');
  });
});
