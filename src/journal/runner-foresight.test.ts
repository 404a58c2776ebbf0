// Tests that an answer for which nobody has to be asked travels in the append of its question, and that nothing else changes by that (H2, H5).

import { describe, expect, it } from 'vitest';
import {
  ContactCenter,
  contextChange,
  house,
  interactionId,
  node,
  replaced,
  settled,
} from '../../test/contract/journal-bench.ts';
import { CHAT, TERMS } from '../../test/protocols/story.ts';
import type { BotReply, BotTurnAsked } from '../context/bot-reply.ts';
import type { Foresee } from '../protocols/command.ts';
import type { Input } from '../protocols/input.ts';
import { whole } from '../protocols/interaction.ts';
import { openSqlite } from './sqlite.ts';

const ID = interactionId(1);
const opens: Input = {
  kind: 'open-interaction',
  actor: 'test',
  id: ID,
  channel: 'webchat',
  direction: 'inbound',
  customer: {},
  context: {},
  leg: CHAT,
};
const chats: Input = {
  kind: 'open-chat',
  actor: 'test',
  leg: CHAT,
  device: 'phone',
  terms: TERMS,
  move: false,
  greet: false,
};
const says = (text: string): Input => ({
  kind: 'customer-says',
  actor: 'test',
  leg: CHAT,
  id: text,
  prompt: { kind: 'text', text },
});

/** A bot that says `Yes, …` to whatever it need not ask anybody for. */
function answering(turn: (asked: BotTurnAsked) => Partial<BotReply> | null) {
  const asked: string[] = [];
  const foresee: Foresee = (command) => {
    if (command.kind !== 'RunBotTurn') return null;
    asked.push(command.turn.turnId);
    const said = turn(command.turn);
    const reply = said && { messages: [], actions: [], memory: null, ...said };
    return Promise.resolve(reply && { kind: 'done', of: 'RunBotTurn', result: reply });
  };
  return { asked, foresee };
}

async function chatting(turn: (asked: BotTurnAsked) => Partial<BotReply> | null) {
  const inner = openSqlite(':memory:');
  const appends: (readonly string[])[] = [];
  let down = false;
  let first: (() => Promise<unknown>) | undefined;
  const store = replaced(inner, {
    append: async (batch) => {
      if (down) throw new Error('the disk is full');
      const others = first;
      first = undefined;
      await others?.();
      appends.push(batch.flatMap(({ events }) => events.map(({ type }) => type)));
      return inner.append(batch);
    },
  });
  const { asked, foresee } = answering(turn);
  const performed: string[] = [];
  const one = await house({
    store,
    foresee,
    execute: async (command) => {
      performed.push(command.kind);
      return { kind: 'rejected', code: 'not-found' };
    },
  });
  await Promise.all(one.runner.submitAll(ID, [{ input: opens }, { input: chats }]));
  appends.length = 0;
  const other = await node(store, { clock: one.clock, center: new ContactCenter(), owner: 'other' });
  return {
    ...one,
    other,
    asked,
    performed,
    appends,
    break: () => {
      down = true;
    },
    /** Somebody else appends just before the next append. */
    beforeNext: (others: () => Promise<unknown>) => {
      first = others;
    },
  };
}

describe('an answer for which nobody is asked', () => {
  it('travels with its question, and is there when the question is taken', async () => {
    const { runner, appends, performed } = await chatting(({ prompt }) => ({
      messages: prompt.kind === 'text' ? [`Yes, ${prompt.text}`] : [],
      memory: { step: 1 },
    }));
    const heard: string[][] = [];
    runner.onTaken(({ events }) => heard.push(events.map(({ type }) => type)));
    const reply = await runner.submit(ID, says('hello'));
    expect(reply).toMatchObject({ kind: 'taken', events: [{ type: 'MessageSaid' }] });
    const together = ['MessageSaid', 'BotAnswered', 'MessageSaid'];
    expect([appends, heard]).toEqual([[together], [together]]);
    const { chats: [chat] = [] } = whole((await runner.read(ID))?.state);
    expect(chat).toMatchObject({ seq: 2, waiting: [], task: null, seat: { memory: { step: 1 } } });
    await settled();
    expect([performed, appends.length]).toEqual([[], 1]);
  });

  it('is found for each of several questions in turn, with what the one before has left', async () => {
    const { runner, appends, asked } = await chatting(({ memory }) => ({
      memory: { turns: Number(memory?.turns ?? 0) + 1 },
    }));
    await Promise.all(
      runner.submitAll(
        ID,
        ['one', 'two', 'three'].map((text) => ({ input: says(text) })),
      ),
    );
    expect([asked, appends.length]).toEqual([['one', 'two', 'three'], 1]);
    expect(whole((await runner.read(ID))?.state).chats).toMatchObject([{ seat: { memory: { turns: 3 } } }]);
  });

  it('that cannot be known is asked for once the question is durable, as ever (H5)', async () => {
    const { runner, appends, performed } = await chatting(() => null);
    await runner.submit(ID, says('hello'));
    expect(appends[0]).toEqual(['MessageSaid']);
    await settled();
    expect(performed[0]).toBe('RunBotTurn');
  });

  it('that asks for something else has that done after the commit', async () => {
    const { runner, appends, performed } = await chatting(({ prompt }) => ({
      actions: prompt.kind === 'text' ? [{ kind: 'redirect', resume: true }] : [],
    }));
    await runner.submit(ID, says('a person'));
    expect(appends[0]).toEqual(['MessageSaid', 'BotAnswered', 'PersonWanted', 'ChatMarked']);
    await settled();
    expect(performed).toEqual(['PrepareEscalation']);
  });

  it('is taken once where somebody else moved the interaction on first: what was foreseen has happened', async () => {
    const { runner, appends, asked, beforeNext, other } = await chatting(() => ({ messages: ['Yes'] }));
    beforeNext(() => other.runner.submit(ID, contextChange({ elsewhere: '1' })));
    expect(await runner.submit(ID, says('hello'))).toMatchObject({ kind: 'taken' });
    const together = ['MessageSaid', 'BotAnswered', 'MessageSaid'];
    expect([asked, appends]).toEqual([['hello'], [['ContextChanged'], together, together]]);
    expect((await other.journal.history(ID))?.map(({ type }) => type).slice(-4)).toEqual([
      'ContextChanged',
      ...together,
    ]);
  });

  it('is not there where its question could not be kept', async () => {
    const one = await chatting(() => ({ messages: ['Yes'] }));
    one.break();
    await expect(one.runner.submit(ID, says('hello'))).rejects.toThrow();
    expect((await one.journal.history(ID))?.map(({ type }) => type)).not.toContain('BotAnswered');
  });
});
