// Tests what operators ask: platforms, audit, health, metrics.

import { createPublicKey, type JsonWebKey } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { sealerOf } from '../../test/contract/sealed-journal.ts';
import { CXONE, GENESYS, serve } from '../../test/contract/served.ts';
import type { PlatformName } from '../ids.ts';
import { readSealPublicKey } from '../journal/seal-key.ts';

describe('GET /v1/platforms', () => {
  it('shows each with what it can do, what fits and how it is, to anybody with a key', async () => {
    await using served = await serve();
    const { status, body } = await served.get('/v1/platforms', { authorization: 'Bearer the-manifests-key' });
    expect(status).toBe(200);
    expect(body.entities).toEqual([
      {
        name: GENESYS,
        capabilities: { reservation: 'none', commit: ['rest', 'flow'], settleMs: 5000 },
        limits: { attributeValueBytes: 256, attributeCount: 50 },
        health: { ok: true, lastAnswerAt: '1970-01-01T00:00:00.000Z', budget: { limitPerMinute: 300, remaining: 299 } },
        transfers: {
          comesHere: 'entry-script',
          goesFromHere: ['blind', 'warm', 'consultative'],
          fallbackQueue: 'Lobby',
        },
      },
      {
        name: CXONE,
        capabilities: { reservation: 'entry-script', commit: ['signal'], settleMs: 2000 },
        limits: { attributeValueBytes: 256, attributeCount: 50 },
        health: { ok: true },
        transfers: {
          comesHere: 'entry-script',
          goesFromHere: ['blind', 'warm', 'consultative'],
          fallbackQueue: 'Overflow',
        },
      },
    ]);
  });

  it('tells how old the token is and what the governor is busy with, in whole seconds', async () => {
    await using served = await serve();
    const [platform] = served.parts.platforms;
    if (!platform) throw new Error('There is a platform.');
    const governor = { limitPerMinute: 300, usedInLastMinute: 12, waiting: 1 };
    const shown = async (token: { state: 'valid' | 'none'; ageMs?: number; expiresInMs?: number }) => {
      const health = () => ({ ok: true, token, governor });
      await using other = await serve({ platforms: [{ ...platform, health }] });
      const { entities } = (await other.get('/v1/platforms')).body as { entities: Record<string, unknown>[] };
      return entities[0];
    };
    const valid = await shown({ state: 'valid', ageMs: 61_999, expiresInMs: 86_338_001 });
    expect(valid).toMatchObject({
      token: { state: 'valid', ageSec: 61, expiresInSec: 86_338 },
      governor,
      health: { ok: true },
    });
    expect(await shown({ state: 'none' })).toMatchObject({
      token: { state: 'none', ageSec: null, expiresInSec: null },
    });
  });

  it('shows which breakers are open, and counts it for a monitor', async () => {
    await using served = await serve();
    const [platform] = served.parts.platforms;
    if (!platform) throw new Error('There is a platform.');
    const breaker = { calls: 'open', logins: 'half-open' } as const;
    const health = () => ({ ok: false, code: 'circuit-open', breaker, counts: { logins: 3, openings: 2 } });
    await using other = await serve({ platforms: [{ ...platform, health }] });
    const { entities } = (await other.get('/v1/platforms')).body as { entities: Record<string, unknown>[] };
    expect(entities[0]).toMatchObject({ breaker, health: { ok: false, code: 'circuit-open' } });
    const lines = (await other.get('/metrics')).text.split('\n');
    expect(lines).toContain(`throughline_platform_ok{platform="${GENESYS}"} 0`);
    expect(lines).toContain(`throughline_breaker_state{platform="${GENESYS}",of="calls"} 2`);
    expect(lines).toContain(`throughline_breaker_state{platform="${GENESYS}",of="logins"} 1`);
    expect(lines).toContain(`throughline_breaker_openings_total{platform="${GENESYS}"} 2`);
    expect(lines).toContain(`throughline_logins_total{platform="${GENESYS}"} 3`);
    expect(lines.filter((line) => line === '# TYPE throughline_breaker_state gauge')).toHaveLength(1);
    expect(lines.some((line) => line.startsWith('throughline_quota'))).toBe(false);
  });

  it('lists the queues of one', async () => {
    await using served = await serve();
    const { body } = await served.get(`/v1/platforms/${GENESYS}/queues`);
    expect(body.entities).toContainEqual({ id: 'queue-General_Support', name: 'General_Support' });
  });

  it('says what became of the call when the platform does not answer', async () => {
    await using served = await serve();
    const [platform] = served.parts.platforms;
    if (!platform) throw new Error('There is a platform.');
    const queues = async () => ({ kind: 'transient', code: 'rate-limited', detail: 'the vendor’s own words' }) as const;
    const silent = { ...platform, name: 'silent' as PlatformName, queues };
    await using other = await serve({ platforms: [silent] });
    const { status, body, text } = await other.get('/v1/platforms/silent/queues');
    expect([status, body.code, body.failure]).toEqual([503, 'platform-unavailable', 'rate-limited']);
    expect(text).not.toContain('own words');
    const unknown = await other.get(`/v1/platforms/${GENESYS}/queues`);
    expect([unknown.status, unknown.body.code]).toEqual([404, 'platform-not-found']);
  });
});

describe('GET /v1/audit/verify', () => {
  it('walks every chain (H8)', async () => {
    await using served = await serve();
    await served.open('conv-1');
    await served.open('conv-2');
    const { status, body } = await served.get('/v1/audit/verify');
    expect(status).toBe(200);
    expect(body).toEqual({
      ok: true,
      interactions: 2,
      events: 4,
      seals: 0,
      unsealed: 4,
      newestSeal: null,
      keyId: served.journal.sealKey.public.id,
      firstBad: null,
      faults: [],
      truncated: false,
    });
  });

  it('names the first row that does not follow (H8)', async () => {
    await using served = await serve();
    const id = await served.open('conv-1');
    const { store } = served.journal;
    const chains = store.chains.bind(store);
    store.chains = async (after, limit) =>
      (await chains(after, limit)).map((chain) => ({
        ...chain,
        events: chain.events.map((event) => (event.version === 2 ? { ...event, actor: 'somebody else' } : event)),
      }));
    const { body } = await served.get('/v1/audit/verify');
    expect(body).toMatchObject({ ok: false, firstBad: { kind: 'event-changed', interactionId: id, version: 2 } });
  });

  it('checks the seals, and holds them against one that is kept elsewhere', async () => {
    await using served = await serve();
    const { store, sealKey } = served.journal;
    const sealer = sealerOf(store, sealKey);
    await served.open('conv-1');
    await sealer.sealNext();
    await served.open('conv-2');
    const { body } = await served.get('/v1/audit/verify');
    expect(body).toMatchObject({ ok: true, seals: 1, unsealed: 2, newestSeal: { number: 1 } });
    const { number, digest } = body.newestSeal as { number: number; digest: string };
    const held = async (anchor: string) => (await served.get(`/v1/audit/verify?atLeastSeal=${anchor}`)).body;
    expect(await held(`${number}:${digest}`)).toMatchObject({ ok: true });
    expect((await held(`2:${digest}`)).faults).toEqual([
      { kind: 'seal-removed', interactionId: null, version: null, seal: 2 },
    ]);
    expect(await held('newest')).toMatchObject({ code: 'invalid-request', errors: [{ path: 'atLeastSeal' }] });
  });
});

describe('GET /v1/audit/key', () => {
  it('gives the public key away, in both usual forms, and nothing of the private one', async () => {
    await using served = await serve();
    const { status, body, text } = await served.get('/v1/audit/key');
    const { id, key } = readSealPublicKey(String(body.pem));
    expect([status, body.id, body.algorithm]).toEqual([200, id, 'Ed25519']);
    expect(id).toBe(served.journal.sealKey.public.id);
    expect(createPublicKey({ key: body.jwk as JsonWebKey, format: 'jwk' }).equals(key)).toBe(true);
    expect(text).not.toMatch(/PRIVATE|"d"/);
  });
});

describe('health', () => {
  it('is alive and ready without a key', async () => {
    await using served = await serve();
    const nobody = { authorization: '' };
    expect((await served.get('/healthz', nobody)).body).toEqual({ ok: true, version: '0.0.0-test' });
    const ready = await served.get('/readyz', nobody);
    expect([ready.status, ready.body]).toEqual([200, { ok: true, reasons: [] }]);
  });

  it('says why it is not ready', async () => {
    const reasons = ['the queue rules name "Nowhere", which no platform has'];
    await using served = await serve({ ready: async () => ({ ok: false, reasons }) });
    const { status, body } = await served.get('/readyz');
    expect([status, body]).toEqual([503, { ok: false, reasons }]);
  });
});

describe('GET /metrics', () => {
  it('tells what others keep, and leaves out what is not known', async () => {
    const readings = [
      { name: 'throughline_seals_total', type: 'counter' as const, value: () => 3 },
      { name: 'throughline_keys_on_old_master', type: 'gauge' as const, value: () => null },
    ];
    await using served = await serve({ readings });
    const { text } = await served.get('/metrics');
    expect(text).toContain('# TYPE throughline_seals_total counter\nthroughline_seals_total 3\n');
    expect(text).not.toContain('old_master');
  });

  it('counts what was committed and answered, and how long handoffs took, without anything personal', async () => {
    await using served = await serve();
    const id = await served.open('conv-secret', { customer: { phone: '+14155551234' } });
    await served.post(`/v1/interactions/${id}/handoffs`, { kind: 'escalation' }, { prefer: 'wait=10' });
    await served.get('/nowhere/+14155551234');
    const { status, headers, text } = await served.get('/metrics');
    expect([status, headers.get('content-type')]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8']);
    const lines = text.split('\n');
    expect(lines).toContain('throughline_events_total{type="InteractionOpened"} 1');
    expect(lines).toContain(
      `throughline_handoffs_settled_total{kind="escalation",platform="${GENESYS}",channel="voice",outcome="completed"} 1`,
    );
    expect(lines).toContain('throughline_handoff_duration_seconds_bucket{le="0.005"} 1');
    expect(lines).toContain('throughline_handoff_own_seconds_bucket{le="+Inf"} 1');
    expect(lines).toContain('throughline_handoff_own_seconds_count 1');
    expect(lines).toContain('throughline_http_answers_total{method="POST",route="/v1/interactions",status="201"} 1');
    expect(lines).toContain('throughline_http_answers_total{method="GET",route="unmatched",status="404"} 1');
    expect(text).not.toMatch(/conv-secret|\+1415/);
    expect(text).not.toContain(id);
  });
});
