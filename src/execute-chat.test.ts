// Tests that commands of our own conversations reach the bot and the people they are for, and that what is not configured is rejected.

import { describe, expect, it } from 'vitest';
import type { Bot } from './bots/bot.ts';
import { type ChatCommand, type ChatParts, foreseeing, isOfChat, performChat } from './execute-chat.ts';
import type { Desk } from './platforms/desk.ts';
import type { EscalationPolicy } from './protocols/input.ts';

const CALL = { signal: new AbortController().signal, mayStart: () => true, priority: 'live' } as const;
const POLICY = { rules: {}, platforms: {} } as unknown as EscalationPolicy;
const LOST = { kind: 'ambiguous', code: 'timed-out' } as const;
const base = { key: 'k', timeoutMs: 1, safety: 'repeatable' } as const;
const to = { platform: 'genesys_cloud' as never, far: 'chat-1.1' as never, message: { id: 'm', text: 'Hi', at: 1 } };
const commands: readonly ChatCommand[] = [
  {
    ...base,
    kind: 'RunBotTurn',
    bot: 'front-desk',
    turn: { session: 's', turnId: 't', prompt: { kind: 'text', text: 'x' }, memory: null, customer: {}, context: {} },
  },
  { ...base, kind: 'PrepareEscalation', platform: 'throughline' as never, interactionId: 'i-1' as never },
  { ...base, ...to, kind: 'OpenConversation', queueName: 'Q', attributes: {} },
  { ...base, ...to, kind: 'DeliverMessage' },
];
const bot: Bot = {
  name: 'front-desk',
  turn: async () => ({ kind: 'done', value: { messages: ['Hi'], actions: [], memory: null } }),
};
const desk: Desk = {
  deduplicates: false,
  open: async ({ queueName }) => ({ kind: 'done', value: { queue: { id: 'q' as never, name: queueName } } }),
  deliver: async () => LOST,
};

describe('a command of our own conversations', () => {
  it('is known for one, and others are not', () => {
    expect(commands.every(isOfChat)).toBe(true);
    expect(isOfChat({ ...base, kind: 'RaiseAlert', code: 'c', handoffId: 'h' as never })).toBe(false);
  });

  it('reaches whom it is for', async () => {
    const parts = {
      bots: new Map([['front-desk', bot]]),
      desks: new Map([['genesys_cloud', desk]]),
      policy: () => POLICY,
    };
    expect(await Promise.all(commands.map((command) => performChat(command, parts, CALL)))).toEqual([
      { kind: 'done', of: 'RunBotTurn', result: { messages: ['Hi'], actions: [], memory: null } },
      { kind: 'done', of: 'PrepareEscalation', result: { policy: POLICY } },
      { kind: 'done', of: 'OpenConversation', result: { queue: { id: 'q', name: 'Q' } } },
      LOST,
    ]);
  });

  it('brings a reference that was kept before anything names it, and waits where it cannot be kept', async () => {
    const [, prepare] = commands;
    if (!prepare) throw new Error('nothing prepares');
    const kept: string[] = [];
    const parts = { bots: new Map(), desks: new Map(), policy: () => POLICY };
    const keepReference = async (id: string) => {
      kept.push(id);
      return { kind: 'done', value: 'ref-1' as never } as const;
    };
    expect(await performChat(prepare, { ...parts, keepReference }, CALL)).toMatchObject({
      result: { policy: POLICY, manifestRef: 'ref-1' },
    });
    expect(kept).toEqual(['i-1']);
    const down = { kind: 'transient', code: 'unreachable' } as const;
    expect(await performChat(prepare, { ...parts, keepReference: async () => down }, CALL)).toEqual(down);
  });

  it('brings a file from the origins of its platform’s people', async () => {
    const file = { interactionId: 'i-1' as never, ref: 'r', url: 'https://files.example.com/1', name: 'n' };
    const fetch: ChatCommand = { ...base, kind: 'FetchFile', platform: 'genesys_cloud' as never, ...file };
    const asked: unknown[] = [];
    const parts = {
      bots: new Map(),
      desks: new Map([['genesys_cloud', { ...desk, fileOrigins: ['https://files.example.com'] }]]),
      policy: () => POLICY,
      bringFile: async (...[{ url }, origins]: Parameters<NonNullable<ChatParts['bringFile']>>) => {
        asked.push(url, origins);
        return { kind: 'done', value: { refused: 'file-infected' } } as const;
      },
    };
    expect(await performChat(fetch, parts, CALL)).toEqual({
      kind: 'done',
      of: 'FetchFile',
      result: { refused: 'file-infected' },
    });
    expect(asked).toEqual([file.url, ['https://files.example.com']]);
    const { bringFile: _, ...without } = parts;
    expect(await performChat(fetch, without, CALL)).toMatchObject({ kind: 'rejected' });
  });

  it('is known beforehand where its bot need ask nobody, and never where somebody is asked', async () => {
    const value = { messages: ['Hi'], actions: [], memory: null };
    const knowing: Bot = { ...bot, foresee: async () => ({ kind: 'done', value }) };
    const [turn, ...others] = commands;
    const known = (one: Bot, command: ChatCommand | undefined) =>
      command ? foreseeing({ bots: new Map([[one.name, one]]) })(command) : null;
    expect(await known(knowing, turn)).toEqual({ kind: 'done', of: 'RunBotTurn', result: value });
    expect(await known({ ...bot, foresee: async () => null }, turn)).toBeNull();
    expect(await known(bot, turn)).toBeNull();
    expect(await known({ ...knowing, name: 'another' }, turn)).toBeNull();
    for (const other of others) expect(await known(knowing, other)).toBeNull();
  });

  it('is rejected where nobody is configured', async () => {
    const parts = { bots: new Map(), desks: new Map(), policy: () => POLICY };
    const outcomes = await Promise.all(commands.map((command) => performChat(command, parts, CALL)));
    expect(outcomes.map(({ kind }) => kind)).toEqual(['rejected', 'done', 'rejected', 'rejected']);
  });
});
