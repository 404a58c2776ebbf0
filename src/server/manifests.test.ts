// Tests the manifests that travel by reference, and their receipts.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MANIFEST_TTL_MS, serve } from '../../test/contract/served.ts';

const manifest = {
  trigger: 'CustomerRequested',
  zeta: 1,
  alpha: { nested: [1, null, 'ü'] },
  agent_briefing: 'Be kind.',
};

describe('POST and GET /v1/manifests', () => {
  it.each([
    ['bare', manifest],
    ['wrapped', { handoff_manifest: manifest }],
  ])('gives back a %s manifest in the shape and order it came', async (_, given) => {
    await using served = await serve();
    const kept = await served.post('/v1/manifests', given);
    expect(kept.status).toBe(201);
    expect(kept.body).toEqual({
      ref: expect.any(String),
      bytes: new TextEncoder().encode(JSON.stringify(manifest)).length,
      expiresAt: '2026-11-21T00:00:00.000Z',
      loss: [],
    });
    const read = await served.get(`/v1/manifests/${kept.body.ref}`);
    expect([read.status, read.text]).toEqual([200, JSON.stringify(given)]);
  });

  it('gives back any JSON object that is a manifest, verbatim', async () => {
    await using served = await serve();
    const field = fc.string({ minLength: 1 }).map((name) => `x-${name}`);
    await fc.assert(
      fc.asyncProperty(fc.dictionary(field, fc.jsonValue({ maxDepth: 4 })), async (given) => {
        const text = JSON.stringify(given);
        const { body } = await served.post('/v1/manifests', text);
        expect((await served.get(`/v1/manifests/${body.ref}`)).text).toBe(text);
      }),
      { numRuns: 50 },
    );
  });

  it.each([
    ['bare', (given: object) => given],
    ['wrapped', (given: object) => ({ handoff_manifest: given })],
  ])('masks a %s manifest that names flags itself, and says what (PCI DSS 3.3, H4)', async (_, shaped) => {
    await using served = await serve();
    const given = {
      complianceFlags: ['pci_dss', 7],
      slots_collected: { card: '4111 1111 1111 1111' },
      note: 'as it is',
    };
    const { body } = await served.post('/v1/manifests', shaped(given));
    expect(body.loss).toEqual([{ field: 'manifest.slots_collected.card', limit: 'pci_dss', carriedBy: 'masked' }]);
    const read = await served.get(`/v1/manifests/${body.ref}`);
    expect(read.text).not.toContain('4111 1111');
    expect(read.body).toMatchObject(shaped({ complianceFlags: ['pci_dss', 7], note: 'as it is' }));
  });

  it.each([{}, { complianceFlags: [] }, { complianceFlags: 'pci_dss' }, { complianceFlags: ['gdpr'] }])(
    'keeps it verbatim with %j (seed 004 §1)',
    async (flags) => {
      await using served = await serve();
      const given = { ...flags, slots_collected: { card: '4111111111111111' } };
      const { body } = await served.post('/v1/manifests', given);
      expect((await served.get(`/v1/manifests/${body.ref}`)).text).toBe(JSON.stringify(given));
    },
  );

  it.each([
    [{ trigger: 1 }, 'trigger'],
    [{ handoff_manifest: { trigger: 1 } }, 'handoff_manifest.trigger'],
    [[], ''],
    ['null', ''],
  ])('refuses %j', async (given, path) => {
    await using served = await serve();
    const { status, body } = await served.post('/v1/manifests', given);
    expect([status, body.code]).toEqual([400, 'invalid-manifest']);
    expect(body.errors).toEqual([{ path, message: expect.any(String) }]);
  });

  it('refuses nesting that would exhaust whoever reads it', async () => {
    await using served = await serve();
    const { status, body } = await served.post('/v1/manifests', `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`);
    expect([status, body.code]).toEqual([400, 'invalid-manifest']);
  });

  it('is gone after its time', async () => {
    await using served = await serve();
    const { body } = await served.post('/v1/manifests', manifest);
    await served.clock.advance(MANIFEST_TTL_MS - 1);
    expect((await served.get(`/v1/manifests/${body.ref}`)).status).toBe(200);
    await served.clock.advance(1);
    const gone = await served.get(`/v1/manifests/${body.ref}`);
    expect([gone.status, gone.body.code]).toEqual([404, 'manifest-not-found']);
  });

  it('answers 404 for what was never kept', async () => {
    await using served = await serve();
    for (const path of ['nothing', 'nothing/receipt', 'nothing?whole=true']) {
      const { status, body } = await served.get(`/v1/manifests/${path}`);
      expect([status, body.code]).toEqual([404, 'manifest-not-found']);
    }
  });
});

describe('the receipt', () => {
  const receipt = { renderedFields: ['trigger', 'agent_briefing'], renderedAt: '2026-11-20T00:00:01.000Z' };

  it('is recorded once and read again', async () => {
    await using served = await serve();
    const { body } = await served.post('/v1/manifests', manifest);
    const path = `/v1/manifests/${body.ref}/receipt`;
    const missing = await served.get(path);
    expect([missing.status, missing.body.code]).toEqual([404, 'receipt-not-found']);
    const first = await served.post(path, receipt);
    const recorded = {
      ...receipt,
      ref: body.ref,
      receivedAt: '2026-11-20T00:00:00.000Z',
      contextCompleteness: 0.5,
    };
    expect([first.status, first.body]).toEqual([201, recorded]);
    const again = await served.post(path, { ...receipt, renderedFields: [] });
    expect([again.status, again.body]).toEqual([200, recorded]);
    expect((await served.get(path)).body).toEqual(recorded);
  });

  it('is refused in another shape, and for a manifest that is not there', async () => {
    await using served = await serve();
    const { body } = await served.post('/v1/manifests', manifest);
    const wrong = await served.post(`/v1/manifests/${body.ref}/receipt`, { ...receipt, renderedAt: 'now' });
    expect([wrong.status, wrong.body.code]).toEqual([400, 'invalid-request']);
    const nowhere = await served.post('/v1/manifests/nothing/receipt', receipt);
    expect([nowhere.status, nowhere.body.code]).toEqual([404, 'manifest-not-found']);
  });
});
