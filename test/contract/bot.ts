// Owns what every bot promises (src/bots/bot.ts): one turn, an Outcome whatever happens, and the same turn again with the same effect.

import { describe, expect, it } from 'vitest';
import type { Bot } from '../../src/bots/bot.ts';
import type { BotTurnAsked } from '../../src/context/bot-reply.ts';

export type BotStage = {
  readonly bot: Bot;
  /** What its far side was asked with effect: a repeated turn must not add to it. */
  readonly effects: () => number;
};

export function botContract(name: string, open: () => Promise<BotStage>): void {
  const asked = (change: Partial<BotTurnAsked> = {}): BotTurnAsked => ({
    session: 'interaction-1-digital',
    turnId: 'turn-1',
    prompt: { kind: 'text', text: 'hello' },
    memory: null,
    customer: { name: 'Jo' },
    context: { intent: 'billing_dispute' },
    ...change,
  });
  const free = { signal: new AbortController().signal, mayStart: () => true };

  describe(`${name} keeps the bot contract`, () => {
    it('answers a turn, and its memory survives JSON', async () => {
      const { bot } = await open();
      const first = await bot.turn(asked(), free);
      if (first.kind !== 'done') throw new Error(first.code);
      const memory = JSON.parse(JSON.stringify(first.value.memory));
      expect(memory).toEqual(first.value.memory);
      expect((await bot.turn(asked({ turnId: 'turn-2', memory }), free)).kind).toBe('done');
    });

    it('what it foresees is what it says then, and nobody was asked for it', async () => {
      const { bot, effects } = await open();
      const before = effects();
      const foreseen = await bot.foresee?.(asked());
      expect(effects()).toBe(before);
      if (foreseen) expect(await bot.turn(asked(), free)).toEqual(foreseen);
    });

    it('the same turn again says the same and has its effect once', async () => {
      const { bot, effects } = await open();
      const first = await bot.turn(asked(), free);
      const before = effects();
      expect(await bot.turn(asked(), free)).toEqual(first);
      expect(effects()).toBe(before);
    });

    it('takes events it does not know without a word and without harm', async () => {
      const { bot } = await open();
      const first = await bot.turn(asked(), free);
      const memory = first.kind === 'done' ? first.value.memory : null;
      const prompt = { kind: 'event', name: 'something-of-tomorrow' } as const;
      expect(await bot.turn(asked({ turnId: 'turn-2', memory, prompt }), free)).toMatchObject({
        kind: 'done',
        value: { messages: [], actions: [] },
      });
    });

    it('begins nothing on a wire once it may not', async () => {
      const { bot, effects } = await open();
      const outcome = await bot.turn(asked(), { ...free, mayStart: () => false });
      expect(effects()).toBe(0);
      expect(['done', 'transient']).toContain(outcome.kind);
    });
  });
}
