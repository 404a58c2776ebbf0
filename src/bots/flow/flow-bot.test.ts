// Tests the bot that plays block flows: every block, what it remembers, and that the same turn has its effect once.

import { describe, expect, it } from 'vitest';
import { type BotStage, botContract } from '../../../test/contract/bot.ts';
import type { BotPrompt, BotReply, BotTurnAsked } from '../../context/bot-reply.ts';
import type { Failure } from '../../outcome.ts';
import type { BotAnswer, BotRequest } from '../bot.ts';
import { flowBot } from './flow-bot.ts';
import { readFlow } from './flow-file.ts';

const FREE = { signal: new AbortController().signal, mayStart: () => true };

function flowOf(text: string) {
  const read = readFlow(text);
  if (read.kind === 'faults') throw new Error(read.faults.join('; '));
  return read.flow;
}

/** A talk with the bot; what it calls is answered by `answer`. */
function talkTo(text: string, answer: BotAnswer | Failure = { kind: 'answer', status: 200, body: '{}' }) {
  const requests: BotRequest[] = [];
  const bot = flowBot(flowOf(text), async (request) => {
    requests.push(request);
    return answer;
  });
  let memory: BotTurnAsked['memory'] = null;
  let turns = 0;
  const turn = async (prompt: BotPrompt, change: Partial<BotTurnAsked> = {}) => {
    turns += 1;
    const outcome = await bot.turn(
      {
        session: 's-digital',
        turnId: `t-${turns}`,
        prompt,
        memory,
        customer: { name: 'Jo' },
        context: { intent: 'billing_dispute', attributes: { Product_Type: 'card' } },
        ...change,
      },
      FREE,
    );
    if (outcome.kind === 'done') memory = JSON.parse(JSON.stringify(outcome.value.memory));
    return outcome;
  };
  const done = async (prompt: BotPrompt, change: Partial<BotTurnAsked> = {}): Promise<BotReply> => {
    const outcome = await turn(prompt, change);
    if (outcome.kind !== 'done') throw new Error(`${outcome.kind}: ${outcome.code}`);
    return outcome.value;
  };
  return {
    requests,
    turn,
    says: (words: string, change?: Partial<BotTurnAsked>) => done({ kind: 'text', text: words }, change),
    hears: (name: string, reason?: string) => done({ kind: 'event', name, ...(reason !== undefined && { reason }) }),
  };
}

describe('a flow', () => {
  it('greets by what is known, asks, and goes by the answer', async () => {
    const talk = talkTo(`
bot: front-desk
flows:
  main:
    - say: Hello {{customer.name|there}}, this is about your {{context.attributes.Product_Type:words|card}}.
    - ask:
        say: Bill or delivery?
        save: topic
        choices: { billing: [bill, charged twice], delivery: [delivery, parcel] }
        again: Please say bill or delivery.
        failed: person
    - branch: { when: [{ value: topic, is: billing, go: bill }], else: parcel }
  bill: [{ say: 'A bill, {{utterance}}.' }, { end: true }]
  parcel: [{ say: A parcel. }]
  person: [{ redirect: { queue: General_Support, resume: true, failed: nobody } }, { say: Welcome back. }]
  nobody: [{ say: 'Nobody is free ({{redirectFailure}}).' }]
`);
    expect(await talk.hears('opened')).toMatchObject({
      messages: ['Hello Jo, this is about your card.', 'Bill or delivery?'],
      actions: [],
    });
    expect((await talk.says('Hm?')).messages).toEqual(['Please say bill or delivery.']);
    expect(await talk.says('I was CHARGED   twice!')).toMatchObject({
      messages: ['A bill, I was CHARGED   twice!.'],
      actions: [{ kind: 'end' }],
    });
  });

  it('takes a first message for an answer only where it plainly is one', async () => {
    const flow = `
bot: b
flows:
  main:
    - ask: { say: Which?, save: topic, choices: { billing: [bill] } }
    - ask: { say: Your name?, save: name }
    - say: '{{topic}} {{name}}'
`;
    expect((await talkTo(flow).says('hello')).messages).toEqual(['Which?']);
    const talk = talkTo(flow);
    expect((await talk.says('my bill')).messages).toEqual(['Your name?']);
    expect(await talk.says('  Jo ')).toMatchObject({ messages: ['billing Jo'], actions: [{ kind: 'end' }] });
  });

  it('gives up a question after its tries, with and without another way', async () => {
    const flow = (more: string) => `
bot: b
flows:
  main:
    - ask: { say: Which?, save: topic, choices: { a: [a], b: [b] }, tries: 2 ${more} }
    - say: Going on.
  elsewhere: [{ say: Elsewhere. }]
`;
    for (const [more, said] of [
      ['', 'Going on.'],
      [', failed: elsewhere', 'Elsewhere.'],
    ] as const) {
      const talk = talkTo(flow(more));
      await talk.hears('opened');
      expect((await talk.says('a or b')).messages).toEqual(['Which?']);
      expect((await talk.says('?')).messages).toEqual([said]);
    }
  });

  it('hands over to a person, resumes after them, and says so when there is none', async () => {
    const flow = `
bot: b
flows:
  main:
    - attributes: { Reason: '{{context.intent}}' }
    - redirect: { queue: 'Billing_{{tier}}', resume: true, failed: nobody }
    - say: Welcome back.
    - ask: { say: Anything else?, save: more }
  nobody: [{ say: 'Nobody ({{redirectFailure}}).' }, { ask: { say: A callback?, save: callback } }]
`;
    const talk = talkTo(flow);
    expect(
      (await talk.says('person', { prior: { session: 's-voice', memory: { vars: { tier: 'gold' } } } })).actions,
    ).toEqual([
      { kind: 'attributes', attributes: { Reason: 'billing_dispute' } },
      { kind: 'redirect', queue: 'Billing_gold', resume: true, manifest: { slots_collected: { tier: 'gold' } } },
    ]);
    expect((await talk.hears('resumed')).messages).toEqual(['Welcome back.', 'Anything else?']);
    const unlucky = talkTo(flow);
    await unlucky.says('person');
    expect((await unlucky.hears('redirect-failed', 'queue-unstaffed')).messages).toEqual([
      'Nobody (queue-unstaffed).',
      'A callback?',
    ]);
  });

  it('foresees what it need ask nobody for, and nothing where it must, or goes round in circles', async () => {
    const asked = (prompt: BotPrompt): BotTurnAsked => ({
      session: 's-digital',
      turnId: 't-1',
      prompt,
      memory: null,
      customer: {},
      context: {},
    });
    const opened = asked({ kind: 'event', name: 'opened' });
    const never = async () => {
      throw new Error('somebody was asked');
    };
    const plain = flowBot(
      flowOf('bot: b\nflows: { main: [{ say: Hello. }, { ask: { say: How?, save: how } }] }'),
      never,
    );
    expect(await plain.foresee?.(opened)).toEqual(await plain.turn(opened, FREE));
    const call = '{ call: { url: https://x.example.com/, save: found, failed: nobody } }';
    const asking = `bot: b\nflows: { main: [{ say: Hello. }, ${call}], nobody: [{ say: Nobody. }] }`;
    expect(await flowBot(flowOf(asking), never).foresee?.(opened)).toBeNull();
    const round = flowBot(flowOf('bot: b\nflows: { main: [{ go: main }] }'), never);
    expect(await round.foresee?.(opened)).toBeNull();
  });

  it('goes on behind a redirect that failed without another way, and on the customer’s own word', async () => {
    const flow = 'bot: b\nflows: { main: [{ redirect: {} }, { say: Going on. }] }';
    const told = talkTo(flow);
    expect((await told.says('person')).actions).toEqual([{ kind: 'redirect', resume: false }]);
    expect((await told.hears('redirect-failed')).messages).toEqual(['Going on.']);
    const asked = talkTo(flow);
    await asked.says('person');
    expect((await asked.says('hello?')).messages).toEqual(['Going on.']);
  });

  it('goes where an event of its own leads, and leaves others alone', async () => {
    const talk = talkTo(`
bot: b
flows:
  main: [{ ask: { say: Which?, save: topic } }]
  on-no-input: [{ say: Are you there? }, { go: main }]
`);
    await talk.hears('opened');
    expect((await talk.hears('no-input')).messages).toEqual(['Are you there?', 'Which?']);
    expect(await talk.hears('weather')).toMatchObject({ messages: [], actions: [] });
  });

  it('branches by lists and by what is known at all', async () => {
    const flow = `
bot: b
flows:
  main:
    - set: { tier: '{{context.intent}}' }
    - branch: { when: [{ value: context.accountNumber, known: true, go: known }] }
    - branch: { when: [{ value: tier, oneOf: [a, billing_dispute], go: listed }], else: known }
  known: [{ say: known }]
  listed: [{ say: 'listed{{nothing.at.all}}' }, { say: '{{nothing}}' }]
`;
    expect((await talkTo(flow).says('x')).messages).toEqual(['listed']);
    const known = await talkTo(flow).says('x', { context: { accountNumber: 'ACC-1' } });
    expect(known.messages).toEqual(['known']);
    expect((await talkTo(flow).says('x', { context: {} })).messages).toEqual(['known']);
  });

  it('that goes round in circles is broken, and says so', async () => {
    const talk = talkTo('bot: b\nflows: { main: [{ go: main }] }');
    expect(await talk.turn({ kind: 'text', text: 'x' })).toMatchObject({ kind: 'rejected', code: 'unexpected-answer' });
  });
});

describe('a call', () => {
  const flow = (more = '') => `
bot: b
flows:
  main:
    - call:
        url: https://crm.example.com/customers/{{utterance}}
        headers: { x-key: 'k' }
        body: { topic: '{{context.intent}}' }
        save: found ${more}
    - say: 'Balance {{found.balance|unknown}}'
  failed: [{ say: Not now. }]
`;

  it('carries the turn as its key, values where they fit, and keeps the answer', async () => {
    const talk = talkTo(flow(), { kind: 'answer', status: 200, body: '{"balance": 12}' });
    expect((await talk.says('../admin?x=1')).messages).toEqual(['Balance 12']);
    expect(talk.requests).toEqual([
      {
        method: 'POST',
        url: 'https://crm.example.com/customers/..%2Fadmin%3Fx%3D1',
        headers: { 'content-type': 'application/json', 'idempotency-key': 's-digital.t-1.main.0', 'x-key': 'k' },
        body: '{"topic":"billing_dispute"}',
      },
    ]);
  });

  it('may read, and an empty answer is one', async () => {
    const talk = talkTo(flow('\n        method: GET'), { kind: 'answer', status: 204, body: '' });
    expect((await talk.says('x')).messages).toEqual(['Balance unknown']);
    expect(talk.requests[0]).not.toHaveProperty('body');
    const plain = 'bot: b\nflows: { main: [{ call: { url: "https://a.example/x" } }, { say: Done. }] }';
    expect((await talkTo(plain).says('x')).messages).toEqual(['Done.']);
  });

  it.each<[string, BotAnswer | Failure]>([
    ['a refusal', { kind: 'answer', status: 404, body: '{}' }],
    ['what is no JSON', { kind: 'answer', status: 200, body: '<html>' }],
    ['no end of an answer', { kind: 'answer', status: 200, body: undefined }],
    ['an answer beyond all bounds', { kind: 'answer', status: 200, body: ' '.repeat(20_000) }],
  ])('%s is the bot’s failure, or the flow’s other way', async (_, answer) => {
    const broken = await talkTo(flow(), answer).turn({ kind: 'text', text: 'x' });
    expect(broken).toMatchObject({ kind: 'rejected', code: 'unexpected-answer' });
    expect((await talkTo(flow('\n        failed: failed'), answer).says('x')).messages).toEqual(['Not now.']);
  });

  it('that may be made again is made again with the turn; one that may not takes the other way', async () => {
    const lost: Failure = { kind: 'ambiguous', code: 'timed-out' };
    expect(await talkTo(flow('\n        failed: failed'), lost).turn({ kind: 'text', text: 'x' })).toEqual(lost);
    const refused: Failure = { kind: 'rejected', code: 'forbidden' };
    expect(await talkTo(flow(), refused).turn({ kind: 'text', text: 'x' })).toEqual(refused);
    expect((await talkTo(flow('\n        failed: failed'), refused).says('x')).messages).toEqual(['Not now.']);
  });
});

describe('what is wrong with a flow is named at once', () => {
  it.each([
    ['bot: b\nflows: { other: [] }', ['flows: has no flow main']],
    ['bot: b\nflows: { main: [{ go: nowhere }] }', ['flows.main.0: there is no flow nowhere']],
    [
      'bot: b\nflows: { main: [{ branch: { when: [{ value: a, is: b, go: x }], else: y } }, { redirect: { failed: z } }] }',
      ['flows.main.0: there is no flow x', 'flows.main.0: there is no flow y', 'flows.main.1: there is no flow z'],
    ],
    [
      'bot: b\nflows: { main: [{ call: { url: "http://elsewhere.example/" } }, { call: { url: "https://{{host}}/" } }] }',
      [0, 1].map((n) => `flows.main.${n}: a call goes to an https address whose host is written out`),
    ],
  ])('%s', (text, faults) => {
    expect(readFlow(text)).toEqual({ kind: 'faults', faults });
  });

  it('also when it is no YAML, or no block', () => {
    expect(readFlow('a: [')).toMatchObject({ kind: 'faults' });
    expect(readFlow('bot: b\nflows: { main: [{ dance: true }] }')).toMatchObject({ kind: 'faults' });
    expect(readFlow('bot: b\nflows: { main: [{ branch: { when: [{ value: a, go: main }] } }] }')).toMatchObject({
      kind: 'faults',
    });
  });

  it('a call to this machine is for trying out', () => {
    expect(readFlow('bot: b\nflows: { main: [{ call: { url: "http://127.0.0.1:9/x" } }] }').kind).toBe('flow');
  });
});

botContract('the flow bot', async (): Promise<BotStage> => {
  const taken = new Set<string>();
  const bot = flowBot(
    flowOf(
      'bot: b\nflows: { main: [{ call: { url: "https://a.example/x" } }, { ask: { say: Which?, save: a } }, { go: main }] }',
    ),
    async ({ headers }, { mayStart }) => {
      if (!mayStart()) return { kind: 'transient', code: 'not-sent' };
      taken.add(headers['idempotency-key'] ?? '');
      return { kind: 'answer', status: 200, body: '{}' };
    },
  );
  return { bot, effects: () => taken.size };
});
