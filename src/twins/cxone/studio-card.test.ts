// Tests what the twin's scripts do at ONANSWER: the card is asked for and popped, and a caller never waits for it.

import { describe, expect, it } from 'vitest';
import { type CxoneDriver, driveCxone } from '../../../test/twins/cxone-driver.ts';
import type { CxoneTwinOptions } from './cxone-twin.ts';

const TIER2 = '1002';

type Asked = { readonly url: string; readonly authorization: string | null; readonly body: Record<string, string> };

/** A twin whose scripts ask a service that answers `reply`; a function answers or hangs as it likes. */
async function withService(reply: unknown | (() => Promise<Response>), options: Partial<CxoneTwinOptions> = {}) {
  const asked: Asked[] = [];
  const driver = await driveCxone(options, async (input, init) => {
    const request = new Request(input, init);
    asked.push({
      url: request.url,
      authorization: request.headers.get('authorization'),
      body: (await request.json()) as Record<string, string>,
    });
    return typeof reply === 'function' ? reply() : Response.json(reply);
  });
  return { ...driver, asked };
}

async function agent({ control }: CxoneDriver, queues: string[], more: object = {}): Promise<string> {
  return (await control('POST', '/agents', { name: 'Ada Byron', queues, afterMs: 100, ...more })).body.agentId;
}

describe('ONANSWER', () => {
  it('asks for the card of whoever answers and pops it, for each agent anew', async () => {
    const answers = ['https://c/1#reference=a', 'https://c/1#reference=b'];
    const service = { url: 'http://service.test', headers: { authorization: 'Bearer k' } };
    const reply = async () => Response.json({ found: 'true', skillId: TIER2, cardUrl: answers.shift() ?? '' });
    const world = await withService(reply, { card: service });
    const first = await agent(world, ['General_Support']);
    const id = await world.create({ channel: 'voice', queue: 'General_Support' });
    await world.clock.advance(200);
    const second = await agent(world, ['BillingDisputes_Tier2']);
    await world.acd('POST', `/interactions/${id}/signal`, { p1: 'Requeue', p2: TIER2 });
    await world.clock.advance(1_000);
    expect(world.asked.map(({ url, authorization, body }) => [url, authorization, body])).toEqual(
      [first, second].map((agentId) => [
        'http://service.test/v1/flows/card',
        'Bearer k',
        { platform: 'nice_cxone', conversationId: id, masterId: id, agentId },
      ]),
    );
    expect((await world.view(id)).popped).toMatchObject([
      { agentId: first, url: 'https://c/1#reference=a' },
      { agentId: second, url: 'https://c/1#reference=b' },
    ]);
  });

  it.each([
    ['that knows none', { found: 'false', reason: 'no-briefing-yet' }],
    ['that fails', async () => new Response('{}', { status: 500 })],
  ])('pops nothing with a service %s, and the agent has the caller', async (_what, reply) => {
    const world = await withService(reply, { card: { url: 'http://service.test' } });
    await agent(world, ['General_Support']);
    const id = await world.create({ channel: 'voice', queue: 'General_Support' });
    await world.clock.advance(200);
    expect(await world.view(id)).toMatchObject({ state: 'active', popped: [] });
  });
});
