// Tests erasures as they are served: what is asked, what the certificate says, and what an erased interaction still answers.

import { describe, expect, it } from 'vitest';
import { replaced } from '../../test/contract/journal-bench.ts';
import { GENESYS, type Served, serve } from '../../test/contract/served.ts';
import { openSqlite } from '../journal/sqlite.ts';
import type { Scrub } from '../journal/store.ts';

const PHONE = '+14155551234';
type Certificate = {
  readonly state: string;
  readonly erasedAt: string | null;
  readonly interactions: readonly {
    readonly id: string;
    readonly state: string;
    readonly vendorCopies: readonly { readonly what: string; readonly state: string; readonly code?: string }[];
    readonly manifests: number;
  }[];
  readonly keyBytes: { readonly scrubbedAt: string | null };
  readonly backups: { readonly horizonDays: number; readonly goneBy: string | null };
};

const customer = { phone: PHONE, email: 'Jo@example.com', customerId: 'ACC-992837', name: 'Jo Smith' };
const events = (served: Served, id: string) => served.get(`/v1/interactions/${id}/journal?masked=true`);

async function escalated(served: Served): Promise<string> {
  const id = await served.open('conv-1', { customer });
  const manifest = { trigger: 'CustomerRequested', agent_briefing: 'Jo Smith is cross.' };
  await served.post(`/v1/interactions/${id}/handoffs`, { kind: 'escalation', manifest }, { prefer: 'wait=5' });
  return id;
}

async function erased(served: Served, by: object = { phone: PHONE }): Promise<Certificate & { readonly id: string }> {
  const { status, body } = await served.post('/v1/erasures', by);
  expect(status).toBe(200);
  return body.certificate as never;
}

/** The certificate once the copies at platforms have been seen to. */
async function certified(served: Served, id: string): Promise<Certificate> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  return (await served.get(`/v1/erasures/${id}`)).body as never;
}

describe('POST /v1/erasures', () => {
  it('erases the interaction and certifies it', async () => {
    await using served = await serve();
    const id = await escalated(served);
    const first = await erased(served);
    const certificate = await certified(served, first.id);
    expect(certificate).toMatchObject({
      state: 'done',
      subject: 'phone',
      interactions: [
        {
          id,
          state: 'erased',
          manifests: 1,
          vendorCopies: [
            { platform: GENESYS, conversationId: 'conv-1', what: 'attributes', state: 'overwritten' },
            { platform: GENESYS, conversationId: 'conv-1', what: 'tag', state: 'overwritten' },
          ],
        },
      ],
      backups: { horizonDays: 35 },
    });
    const scrubbedAt = Date.parse(certificate.keyBytes.scrubbedAt ?? '');
    expect(Date.parse(certificate.backups.goneBy ?? '') - scrubbedAt).toBe(35 * 86_400_000);
    expect(JSON.stringify(certificate)).not.toMatch(/4155551234|Smith|ACC-992837/);
    expect((await served.get('/v1/audit/verify')).body.ok).toBe(true);
  });

  it('names a callback that the platform keeps, which only a person can have erased there', async () => {
    await using served = await serve();
    const id = await served.open('conv-1', { customer });
    await served.post(`/v1/interactions/${id}/handoffs`, { kind: 'callback' }, { prefer: 'wait=5' });
    const { id: erasureId } = await erased(served);
    const certificate = await certified(served, erasureId);
    expect(certificate).toMatchObject({ state: 'needs-a-person', interactions: [{ id, state: 'erased' }] });
    expect(certificate.interactions[0]?.vendorCopies).toMatchObject([
      {
        platform: GENESYS,
        conversationId: expect.stringContaining('callback-'),
        what: 'callback',
        code: 'callback-kept',
      },
    ]);
    expect(JSON.stringify(certificate)).not.toMatch(/4155551234|Smith|ACC-992837/);
  });

  it('says why the bytes of its keys may still be in a file, and looks again when it is asked for', async () => {
    const scrubs: Scrub[] = [{ kind: 'pending', code: 'log-kept' }, { kind: 'scrubbed' }];
    const store = replaced(openSqlite(':memory:'), { scrub: async () => scrubs.shift() ?? { kind: 'scrubbed' } });
    await using served = await serve({}, store);
    await served.open('conv-1', { customer });
    const { certificate } = (await served.post('/v1/erasures', { phone: PHONE })).body as {
      certificate: Certificate & { id: string };
    };
    expect(certificate).toMatchObject({
      keyBytes: { scrubbedAt: null, pending: 'log-kept' },
      backups: { goneBy: null },
    });
    const { body } = await served.get(`/v1/erasures/${certificate.id}`);
    expect(body).toMatchObject({ keyBytes: { scrubbedAt: expect.any(String), pending: null } });
  });

  it.each([{ phone: PHONE }, { email: 'jo@EXAMPLE.com' }, { customerId: 'acc-992837' }])('finds by %j', async (by) => {
    await using served = await serve();
    const id = await served.open('conv-1', { customer });
    expect((await erased(served, by)).interactions.map((one) => one.id)).toEqual([id]);
    const { body } = await served.post('/v1/interactions/search', { phone: PHONE });
    expect(body.entities).toEqual([]);
  });

  it.each([
    {},
    { phone: PHONE, email: 'jo@example.com' },
    { phone: '415-555-1234' },
    { customerId: '' },
    { name: 'Jo' },
  ])('answers 400 to %j', async (by) => {
    await using served = await serve();
    const { status, body } = await served.post('/v1/erasures', by);
    expect([status, body.code]).toEqual([400, 'invalid-request']);
  });

  it('says so when nothing is found, and 404 to an id that nobody has', async () => {
    await using served = await serve();
    const { body } = await served.post('/v1/erasures', { phone: PHONE });
    expect(body).toMatchObject({ interactions: 0, certificate: { state: 'nothing-found', erasedAt: null } });
    expect((await served.get(`/v1/erasures/${body.id}`)).body).toEqual(body.certificate);
    expect((await served.get('/v1/erasures/unknown')).body.code).toBe('erasure-not-found');
  });

  it('answers the same key with the same certificate, grown by what has come since', async () => {
    await using served = await serve();
    const key = { 'idempotency-key': PHONE };
    const ids = [await served.open('conv-1', { customer })];
    const first = await served.post('/v1/erasures', { phone: PHONE }, key);
    ids.push(await served.open('conv-2', { customer }));
    const again = await served.post('/v1/erasures', { phone: PHONE }, key);
    expect(again.body).toMatchObject({ id: first.body.id, interactions: 2 });
    const { interactions } = again.body.certificate as Certificate;
    expect(interactions.map(({ id, state }) => [id, state])).toEqual(ids.map((id) => [id, 'erased']));
    expect(first.text).not.toContain('4155551234');
  });

  it('waits for a transfer that is under way no longer than it may, and certifies it as in progress', async () => {
    await using served = await serve();
    served.vendor.held.add('TransferToQueue');
    const id = await served.open('conv-1', { customer });
    await served.post(`/v1/interactions/${id}/handoffs`, { kind: 'escalation' });
    await served.runner.watch(id, ({ move }) => move?.progress.step === 'transferring', 1_000);
    const asked = served.post('/v1/erasures', { phone: PHONE });
    await served.clock.whenSleeping(2);
    const meanwhile = await served.post(`/v1/interactions/${id}/handoffs`, { kind: 'escalation' });
    expect([meanwhile.status, meanwhile.body.code]).toEqual([409, 'interaction-being-erased']);
    await served.clock.advance(2_500);
    const { certificate } = (await asked).body as { certificate: Certificate & { id: string } };
    expect(certificate).toMatchObject({
      state: 'in-progress',
      erasedAt: null,
      interactions: [{ state: 'in-progress' }],
    });
    expect(certificate.keyBytes.scrubbedAt).toBeNull();

    served.vendor.release();
    await served.runner.watchErasure(id, 1_000);
    expect(await certified(served, certificate.id)).toMatchObject({
      state: 'done',
      interactions: [{ state: 'erased' }],
      keyBytes: { scrubbedAt: expect.any(String) },
    });
  });

  it('leaves to a person what the platform will not have overwritten', async () => {
    await using served = await serve();
    await escalated(served);
    served.vendor.refuses.add('OverwriteContext');
    const { id } = await erased(served);
    const certificate = await certified(served, id);
    expect(certificate.state).toBe('needs-a-person');
    expect(certificate.interactions[0]?.vendorCopies).toMatchObject([
      { state: 'needs-a-person', code: 'forbidden' },
      { state: 'needs-a-person', code: 'forbidden' },
    ]);
    expect(served.vendor.commands.filter(({ kind }) => kind === 'RaiseAlert')).toHaveLength(2);
  });
});

describe('an erased interaction', () => {
  it('is read as what is left of it, also by its conversation', async () => {
    await using served = await serve();
    const id = await escalated(served);
    await erased(served);
    const { status, body, text } = await served.get(`/v1/interactions/${id}`);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      id,
      erased: true,
      reason: 'request',
      holder: { kind: 'none' },
      handoffs: 1,
      outcome: 'completed',
    });
    expect(text).not.toMatch(/4155551234|Smith|ACC-992837/);
    const byLeg = await served.get(`/v1/interactions?platform=${GENESYS}&externalId=conv-1`);
    expect(byLeg.body).toMatchObject({ id, erased: true });
    const list = await served.get('/v1/interactions');
    expect(list.body.entities).toMatchObject([{ id, holder: 'none', phase: 'settled', outcome: 'completed' }]);
  });

  it('keeps its trail readable: clear columns, and null where the key is gone', async () => {
    await using served = await serve();
    const id = await escalated(served);
    await erased(served);
    const masked = (await events(served, id)).body.events as { type: string; body: Record<string, unknown> }[];
    expect(masked.find(({ type }) => type === 'HandoffSettled')?.body).toMatchObject({ outcome: 'completed' });
    expect(masked.map(({ type }) => type)).toEqual(expect.arrayContaining(['ErasureRequested', 'InteractionErased']));
    const whole = await served.get(`/v1/interactions/${id}/journal`);
    const bodies = whole.body.events as { type: string; body: object | null }[];
    expect(bodies.find(({ type }) => type === 'InteractionOpened')?.body).toBeNull();
    expect(bodies.find(({ type }) => type === 'InteractionErased')?.body).not.toBeNull();
    expect(whole.text).not.toMatch(/4155551234|Smith|ACC-992837/);
  });

  it('answers 410 to everything that would need what is gone, and to what would begin anew', async () => {
    await using served = await serve();
    const id = await escalated(served);
    const ref = String(
      ((await served.get(`/v1/interactions/${id}`)).body.handoff as { manifestRef: string }).manifestRef,
    );
    await erased(served);
    const other = await served.open('conv-2');
    const answers = [
      await served.get(`/v1/interactions/${id}/vcon`),
      await served.get(`/v1/interactions/${id}/handoffs/1`),
      await served.post(`/v1/interactions/${id}/handoffs`, { kind: 'escalation' }),
      await served.post(`/v1/interactions/${id}/handoffs/1/cancel`),
      await served.call('PATCH', `/v1/interactions/${id}/context`, { intent: 'x' }),
      await served.post(`/v1/interactions/${id}/wrapup`, { code: 'done' }),
      await served.post('/v1/interactions', { platform: GENESYS, externalId: 'conv-1', channel: 'voice' }),
      await served.post(`/v1/interactions/${other}/legs`, {
        platform: GENESYS,
        externalId: 'conv-1',
        channel: 'voice',
      }),
    ];
    expect(answers.map(({ status, body }) => [status, body.code])).toEqual(
      answers.map(() => [410, 'interaction-erased']),
    );
    expect((await served.get(`/v1/manifests/${ref}`)).body.code).toBe('manifest-not-found');
    const flow = await served.post('/v1/flows/escalate', { platform: GENESYS, conversationId: 'conv-1' });
    expect([flow.status, flow.body]).toEqual([200, { ok: false, reason: 'interaction-erased' }]);
  });

  it('acknowledges what its platform still tells of it, and keeps nothing of that', async () => {
    await using served = await serve();
    const id = await escalated(served);
    await erased(served);
    await certified(served, 'none');
    const before = (await events(served, id)).body;
    const eventBody = { eventTime: 5, conversationId: 'conv-1', participantId: 'p-9', queueId: 'q', ani: PHONE };
    const told = await served.hook({ topicName: 'v2.detail.events.conversation.{id}.acd.start', eventBody });
    expect([told.status, told.body]).toEqual([200, { received: 1 }]);
    expect((await events(served, id)).body).toEqual(before);
  });

  it('does not keep the same customer from coming again', async () => {
    await using served = await serve();
    await served.open('conv-1', { customer });
    await erased(served);
    const id = await served.open('conv-2', { customer });
    const { body } = await served.post('/v1/interactions/search', { phone: PHONE });
    expect(body.entities).toMatchObject([{ id }]);
    expect((await served.get(`/v1/interactions/${id}`)).body).toMatchObject({ customer });
  });
});
