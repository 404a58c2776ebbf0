// Tests a bot's turn as whoever carries the talk asks for it: the answer, the same one again, and that only the bot that holds the talk speaks.

import { describe, expect, it } from 'vitest';
import { openChatStage } from '../../test/contract/chat-stage.ts';
import type { BotReply } from '../context/bot-reply.ts';

const reply = (messages: readonly string[], actions: BotReply['actions'] = []): BotReply => ({
  messages,
  actions,
  memory: {},
});

describe('POST /v1/bots/{bot}/turns', () => {
  const PATH = '/v1/bots/front-desk/turns';

  it('answers what the bot says, once per turn', async () => {
    await using stage = await openChatStage();
    let asked = 0;
    stage.vendor.bot = ({ prompt, session }) => {
      asked += 1;
      return reply([`${session.split('-').at(-1)}: ${prompt.kind === 'text' ? prompt.text : prompt.name}`]);
    };
    const interactionId = await stage.open('call-1');
    const turn = (body: object) => stage.callHere('POST', PATH, { interactionId, epoch: 1, ...body });
    const first = await turn({ id: 't-1', utterance: 'billing' });
    expect([first.status, first.body]).toEqual([
      200,
      { messages: ['voice: billing'], epoch: 1, holder: { kind: 'bot', epoch: 1 } },
    ]);
    expect((await turn({ id: 't-1', utterance: 'billing' })).body).toEqual(first.body);
    expect(asked).toBe(1);
    expect((await turn({ event: 'no-input' })).body.messages).toEqual(['voice: no-input']);
  });

  it('H2: is refused with an older epoch and while somebody else has the talk', async () => {
    await using stage = await openChatStage();
    const interactionId = await stage.open('call-1');
    await stage.runner.submit(interactionId, {
      kind: 'conversation-event',
      actor: 'test',
      event: {
        kind: 'agent-joined',
        platform: 'genesys_cloud' as never,
        externalId: 'call-1' as never,
        messageId: 'm',
        at: 1,
        participantId: 'p' as never,
        agentId: 'a' as never,
      },
    });
    const answer = await stage.callHere('POST', PATH, { interactionId, epoch: 1, utterance: 'x' });
    expect([answer.status, answer.body.code]).toEqual([409, 'stale-holder']);
  });

  it('names the handoff that the bot has asked for', async () => {
    await using stage = await openChatStage();
    stage.vendor.desk = stage.parts.policy;
    stage.vendor.held.add('Inspect');
    stage.vendor.bot = () => reply(['One moment'], [{ kind: 'redirect', queue: 'General_Support', resume: false }]);
    const interactionId = await stage.open('call-1');
    const { body } = await stage.callHere('POST', PATH, { interactionId, epoch: 1, utterance: 'x' });
    expect(body).toMatchObject({ messages: ['One moment'] });
    const again = await stage.runner.watch(interactionId, ({ move }) => move !== null, 5_000);
    expect(again?.move?.kind).toBe('escalation');
  });

  it('says when the bot is slow, and has its answer for who asks again', async () => {
    await using stage = await openChatStage();
    stage.vendor.bot = () => reply(['At last']);
    stage.vendor.held.add('RunBotTurn');
    const interactionId = await stage.open('call-1');
    const body = { interactionId, epoch: 1, id: 't-1', utterance: 'x' };
    const waiting = stage.callHere('POST', PATH, body);
    await expect.poll(() => stage.vendor.commands.some(({ kind }) => kind === 'RunBotTurn')).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 50));
    await stage.clock.advance(2_500);
    expect((await waiting).body.code).toBe('bot-timeout');
    stage.vendor.release();
    const again = await stage.callHere('POST', PATH, body);
    expect(again.body).toMatchObject({ messages: ['At last'] });
  });

  it('is asked of bots, conversations and words that there are', async () => {
    await using stage = await openChatStage();
    const interactionId = await stage.open('call-1');
    const ask = (path: string, body: object) => stage.callHere('POST', path, { interactionId, epoch: 1, ...body });
    expect(await ask('/v1/bots/nobody/turns', { utterance: 'x' })).toMatchObject({
      status: 404,
      body: { code: 'bot-not-found', bots: ['front-desk'] },
    });
    expect((await ask(PATH, {})).status).toBe(400);
    expect((await ask(PATH, { utterance: 'x', event: 'y' })).status).toBe(400);
    const none = { interactionId: '01934f00-0000-7000-8000-999999999999', utterance: 'x' };
    expect((await ask(PATH, none)).status).toBe(404);
    await stage.runner.submit(interactionId, {
      kind: 'conversation-event',
      actor: 'test',
      event: {
        kind: 'customer-left',
        platform: 'genesys_cloud' as never,
        externalId: 'call-1' as never,
        messageId: 'm',
        at: 1,
        participantId: 'p' as never,
      },
    });
    expect((await ask(PATH, { utterance: 'x' })).body.code).toBe('chat-over');
  });
});
