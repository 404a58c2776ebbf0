// Joins an own channel's both ways with the CXone twin: what a customer says goes in as a message, and what the agent answers comes back to
// us, under a token that the twin got from us first.

import { describe, expect, it } from 'vitest';
import type { AgentId, PlatformName } from '../../src/ids.ts';
import { cxonePlatform } from '../../src/platforms/cxone/cxone-platform.ts';
import { type AgentMessage, readAgentMessage } from '../../src/platforms/cxone/own-channel-message.ts';
import { ownChannelTokens } from '../../src/platforms/cxone/own-channel-token.ts';
import type { Call } from '../../src/platforms/platform.ts';
import { createCxoneTwin } from '../../src/twins/cxone/cxone-twin.ts';
import { DEMO_ACCESS_KEY, DEMO_CXONE_CLIENT } from '../../src/twins/cxone/tenant.ts';
import { manualClock } from './manual-clock.ts';

const call: Call = { signal: new AbortController().signal, mayStart: () => true, priority: 'live' };
const CLIENT = { clientId: 'cxone', clientSecret: 'a-secret-of-ours' };
const CHANNEL = 'byoc_throughline';

/** The box as the service would serve it: token first, then the message, kept once. */
function world(form: 'posts' | 'outbound') {
  const clock = manualClock();
  const tokens = ownChannelTokens({ clients: [CLIENT], key: new Uint8Array(32).fill(7), clock });
  const kept = new Map<string, AgentMessage>();
  const statuses: number[] = [];
  const answered = (status: number, body: unknown) => {
    statuses.push(status);
    return Response.json(body, { status });
  };
  const box = async (input: unknown, init?: RequestInit): Promise<Response> => {
    const { pathname } = new URL(String(input));
    const authorization = new Headers(init?.headers).get('authorization');
    if (pathname === '/token') {
      const granted = tokens.grant({ authorization, form: new URLSearchParams(String(init?.body)) });
      return answered(granted.status, granted.body);
    }
    if (!tokens.accepts(authorization)) return answered(401, {});
    const read = readAgentMessage(pathname, JSON.parse(String(init?.body)));
    if (read?.kind !== 'message') return answered(400, {});
    kept.set(read.message.id, read.message);
    return answered(200, read.answer);
  };
  const url = 'https://box.example';
  const byoc = { box: url, authorizationUrl: `${url}/token`, ...CLIENT, form };
  const twin = createCxoneTwin({ clock, fetch: box, byoc, settleMs: 250, customFields: ['intent'] });
  const platform = cxonePlatform({
    ...DEMO_ACCESS_KEY,
    name: 'nice_cxone' as PlatformName,
    issuerUrl: 'http://cxone.twin',
    login: { kind: 'central', ...DEMO_CXONE_CLIENT },
    digitalUrl: 'http://cxone.twin',
    apiVersion: 'v30.0',
    clock,
    rateLimitPerMinute: 600,
    attributeValueBytes: 256,
    settleMs: 250,
    letGoBy: 'TRANSFER',
    random: () => 0,
    fetch: (url, init) => twin.fetch(url, init),
  });
  const say = (id: string, text: string, skillId?: string) =>
    platform.channel.bring(
      {
        channelId: CHANNEL,
        id,
        text,
        at: clock.now(),
        thread: { id: 'interaction-1', name: 'Web chat' },
        author: { id: 'customer-1', firstName: 'Ada' },
        customFields: { intent: 'billing' },
        ...(skillId !== undefined && { skillId }),
      },
      call,
    );
  const close = async () => {
    await platform.close();
    await twin.close();
  };
  return { clock, twin, platform, kept, statuses, tokens, say, [Symbol.asyncDispose]: close };
}

describe('an own channel', () => {
  it.each(['posts', 'outbound'] as const)('carries a conversation both ways in the form of %s', async (form) => {
    await using it = world(form);
    const queue = await it.platform.resolveQueue('BillingDisputes_Tier2_Digital', call);
    if (queue.kind !== 'done') throw new Error(queue.code);
    const first = await it.say('c-1', 'My bill is wrong', queue.value.id);
    if (first.kind !== 'done') throw new Error(first.code);
    expect(await it.say('c-2', 'Hello?')).toEqual(first);
    const conversation = { externalId: first.value.externalId, channel: 'webchat' } as const;
    const view = await it.platform.look(conversation, call);
    const waits = { role: 'queue', state: 'connected', queueId: queue.value.id };
    expect(view.kind === 'done' && view.value.parties).toContainEqual(expect.objectContaining(waits));
    const agent = it.twin.contacts.addAgent({ name: 'Sam', skillIds: new Set(), answers: 'manual', afterMs: 0 });
    const assigned = await it.platform.channel.assign(first.value.externalId, String(agent.id) as AgentId, call);
    expect(assigned).toEqual({ kind: 'done', value: null });
    await it.clock.advance(1_000);
    const messages = [...it.kept.values()];
    expect(messages).toHaveLength(1);
    expect(messages[0]).toMatchObject({
      threadId: 'interaction-1',
      text: 'Sam is here.',
      externalId: first.value.externalId,
    });
    const taken = it.twin.digital.case(first.value.externalId)?.messages.at(-1);
    expect(taken?.idOnExternalPlatform).toBe(`throughline-${messages[0]?.id}`);
    expect(it.statuses).toEqual([200, 200]);
  });

  it('refuses a token that has expired, and takes the message under a fresh one, once', async () => {
    await using it = world('outbound');
    const first = await it.say('c-1', 'Hello');
    if (first.kind !== 'done') throw new Error(first.code);
    const agent = it.twin.contacts.addAgent({ name: 'Sam', skillIds: new Set(), answers: 'manual', afterMs: 0 });
    await it.platform.channel.assign(first.value.externalId, String(agent.id) as AgentId, call);
    await it.clock.advance(1_000);
    await it.clock.advance(900_000);
    const of = it.twin.digital.case(first.value.externalId);
    if (of !== undefined) it.twin.digital.write(of, 'Still there?');
    await it.clock.advance(1_000);
    expect([...it.kept.values()].map(({ text }) => text)).toEqual(['Sam is here.', 'Still there?']);
    expect(it.statuses).toEqual([200, 200, 401, 200, 200]);
  });

  it('does not say that a message was not taken whose answer was lost or tells no case', async () => {
    await using it = world('outbound');
    const fault = (name: string) =>
      it.twin.fetch('http://cxone.twin/twin/faults', {
        method: 'POST',
        body: JSON.stringify({ match: { path: '/messages' }, fault: name, times: 1 }),
      });
    await fault('commit-then-drop');
    expect(await it.say('c-1', 'Hello')).toMatchObject({ kind: 'ambiguous' });
    await fault('429');
    expect(await it.say('c-2', 'Hello')).toMatchObject({ kind: 'transient', code: 'rate-limited' });
    const nobody = it.platform.channel.assign('5000001' as never, 'nice-usr-4492' as AgentId, call);
    expect(await nobody).toMatchObject({ kind: 'rejected', code: 'not-found' });
  });
});
