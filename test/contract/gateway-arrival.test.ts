// Joins the gateway's hook with the service: a call that was reserved natively is recognised by what its platform tells, signed as Standard
// Webhooks says, however often it is told (seed 002 §2 and §4).

import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { InteractionId, PlatformName } from '../../src/ids.ts';
import { readGatewayEvent } from '../../src/platforms/gateway/gateway-event.ts';
import { gatewayHookVerifier } from '../../src/platforms/gateway/hook.ts';
import type { ServedPlatform } from '../../src/server/parts.ts';
import { GENESYS, type Served, serve } from './served.ts';

const FIVE9 = 'five9' as PlatformName;
const KEY = Buffer.alloc(32, 3);
const MINUTE_MS = 60_000;

const platform: ServedPlatform = {
  name: FIVE9,
  limits: { attributeValueBytes: 256, attributeCount: 50 },
  capabilities: { reservation: 'native', commit: ['rest'], settleMs: 0 },
  health: () => ({ ok: true }),
  queues: async () => ({ kind: 'done', value: [] }),
};

async function world() {
  const base = await serve();
  const { clock } = base;
  const { policy, ...transfers } = base.parts.transfers;
  const [site] = Object.values(policy.sites);
  if (!site) throw new Error('There is a site.');
  const sites = {
    ...policy.sites,
    [FIVE9]: { ...site, reservation: 'native' as const, entryNumbers: ['+14155550190'] },
  };
  const hook = {
    verify: (...given: Parameters<ReturnType<typeof gatewayHookVerifier>>) =>
      gatewayHookVerifier([`whsec_${KEY.toString('base64')}`], served.clock)(...given),
    read(payload: unknown) {
      const { news, problems } = readGatewayEvent(payload, FIVE9);
      return {
        events: news.flatMap((one) => (one.kind === 'event' ? [one.event] : [])),
        arrivals: news.flatMap((one) => (one.kind === 'redemption' ? [one.redemption] : [])),
        problems,
      };
    },
  };
  await base[Symbol.asyncDispose]();
  const served: Served = await serve({
    transfers: { ...transfers, policy: { ...policy, sites } },
    platforms: [...base.parts.platforms, platform],
    hooks: { [`gateway/${FIVE9}`]: [hook] },
  });
  return { served, clock };
}

async function reserved(served: Served): Promise<InteractionId> {
  const id = await served.open('conv-1');
  const { status } = await served.post(`/v1/interactions/${id}/handoffs`, {
    kind: 'transfer',
    to: { platform: FIVE9, queue: 'Claims' },
    transferType: 'blind',
    initiatedBy: 'agent',
  });
  expect(status).toBe(202);
  for (let turn = 0; turn < 20; turn += 1) await served.clock.advance(10);
  return id;
}

let messages = 0;
const news = (more: object = {}) => ({
  event: 'interaction:updated',
  id: `m-${++messages}`,
  at: '2026-11-20T00:00:01Z',
  interactionId: 'f-1',
  reservationId: 'res-1',
  state: 'queued',
  parties: [
    { id: 'p1', role: 'customer', state: 'connected' },
    { id: 'p2', role: 'queue', state: 'connected', queueId: 'skill-claims' },
  ],
  transfers: [],
  ...more,
});

function tell(served: Served, event: ReturnType<typeof news>, headers: Record<string, string> = {}) {
  const body = JSON.stringify(event);
  const timestamp = String(Math.floor(served.clock.now() / 1_000));
  const signature = createHmac('sha256', KEY).update(`${event.id}.${timestamp}.${body}`).digest('base64');
  return served.call('POST', `/hooks/gateway/${FIVE9}`, body, {
    authorization: '',
    'content-type': 'application/json',
    'webhook-id': event.id,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${signature}`,
    ...headers,
  });
}

const arrivalsOf = async (served: Served, id: InteractionId) => {
  const { events } = (await served.get(`/v1/interactions/${id}/journal?masked=true`)).body as {
    events: { type: string; body: Record<string, unknown> }[];
  };
  return events.filter(({ type }) => type === 'ReservationRedeemed').map(({ body }) => body);
};

describe('a call that a gateway had a place for', () => {
  it('is recognised when it comes, and what is told with it is taken in', async () => {
    const { served } = await world();
    await using _ = served;
    const id = await reserved(served);
    const told = await tell(served, news());
    expect([told.status, told.body]).toEqual([200, { received: 1 }]);
    expect(await arrivalsOf(served, id)).toMatchObject([{ rung: 'reservation', to: FIVE9, destinationRef: 'f-1' }]);
    const { body } = await served.get(`/v1/interactions/${id}`);
    expect(body.legs).toMatchObject([
      { platform: GENESYS, externalId: 'conv-1' },
      { platform: FIVE9, externalId: 'f-1' },
    ]);
    const { text } = await served.get(`/v1/interactions/${id}/journal`);
    expect(text).toContain('skill-claims');
  });

  it('has come once, though every event tells it again', async () => {
    const { served } = await world();
    await using _ = served;
    const id = await reserved(served);
    for (let n = 0; n < 3; n += 1) expect((await tell(served, news())).status).toBe(200);
    expect(await arrivalsOf(served, id)).toHaveLength(1);
  });

  it('is nobody’s where the reservation is unknown, and waits like every event of an unknown conversation', async () => {
    const { served } = await world();
    await using _ = served;
    const id = await reserved(served);
    expect((await tell(served, news({ reservationId: 'res-of-others' }))).status).toBe(200);
    expect(await arrivalsOf(served, id)).toEqual([]);
  });

  it('is not taken from the call that came first (H7)', async () => {
    const { served } = await world();
    await using _ = served;
    const id = await reserved(served);
    await tell(served, news());
    expect((await tell(served, news({ interactionId: 'f-2' }))).status).toBe(200);
    expect(await arrivalsOf(served, id)).toHaveLength(1);
    expect(served.log).toContainEqual({
      level: 'warn',
      code: 'arrival-refused',
      detail: `${FIVE9}: reservation-redeemed`,
    });
  });

  it('comes late all the same', async () => {
    const { served } = await world();
    await using _ = served;
    const id = await reserved(served);
    await served.clock.advance(3 * MINUTE_MS);
    await tell(served, news({ at: '2026-11-20T00:03:01Z' }));
    expect(await arrivalsOf(served, id)).toMatchObject([{ late: true }]);
  });

  it('is believed to nobody without the signature', async () => {
    const { served } = await world();
    await using _ = served;
    const id = await reserved(served);
    for (const headers of [{ 'webhook-signature': 'v1,AAAA' }, { 'webhook-timestamp': '1' }]) {
      expect((await tell(served, news(), headers)).status).toBe(401);
    }
    expect(await arrivalsOf(served, id)).toEqual([]);
  });

  it('is told again when the journal cannot be read', async () => {
    const { served } = await world();
    await using _ = served;
    const id = await reserved(served);
    const { store } = served.journal;
    const find = store.findEntries.bind(store);
    store.findEntries = async () => {
      throw new Error('connection lost');
    };
    const event = news();
    expect((await tell(served, event)).status).toBe(503);
    store.findEntries = find;
    expect((await tell(served, event)).status).toBe(200);
    expect(await arrivalsOf(served, id)).toHaveLength(1);
  });
});
