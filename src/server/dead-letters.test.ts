// Tests what waits for a person: that it is listed without anything personal, and goes away only when somebody says so.

import { describe, expect, it } from 'vitest';
import { ENTRY_NUMBERS } from '../../test/contract/instant-crossing.ts';
import { CXONE, GENESYS, type Served, serve } from '../../test/contract/served.ts';
import type { InteractionId } from '../ids.ts';

const LIST = '/v1/dead-letters';

async function setAside(served: Served, externalId: string): Promise<InteractionId> {
  const id = await served.open(externalId, { customer: { name: 'Ada', phone: '+14155550100' } });
  await served.runner.submit(id, { kind: 'quarantine', actor: 'throughline' });
  return id;
}

/** A handoff whose transfer was never answered, until its time was up. */
async function unknownFate(served: Served, externalId: string) {
  const id = await served.open(externalId);
  served.vendor.transfersShow = false;
  for (const kind of ['TransferToQueue', 'Look']) served.vendor.held.add(kind);
  await served.post(`/v1/interactions/${id}/handoffs`, { kind: 'escalation' });
  for (let n = 0; n < 20; n += 1) {
    await served.clock.advance(10_000);
    await served.runner.pump();
  }
  served.vendor.release();
  expect((await served.get(`/v1/interactions/${id}/handoffs/1`)).body.outcome).toBe('dead_lettered');
  return { id, handoffId: `${id}.1` };
}

const listed = async (served: Served) => (await served.get(LIST)).body;
const eventsOf = async (served: Served, id: string) =>
  (await served.get(`/v1/interactions/${id}/journal`)).body.events as { type: string; actor: string; body: object }[];

describe('GET /v1/dead-letters', () => {
  it('lists what was set aside and what ended in the unknown, with nothing personal', async () => {
    await using served = await serve();
    const dead = await unknownFate(served, 'conv-1');
    const id = await setAside(served, '+14155550101');
    await served.open('conv-well');
    const { status, text, body } = await served.get(LIST);
    expect([status, body]).toEqual([
      200,
      {
        entities: [
          {
            id,
            interactionId: id,
            kind: 'quarantine',
            reason: 'quarantined',
            at: expect.any(String),
            platform: GENESYS,
          },
          {
            id: dead.handoffId,
            interactionId: dead.id,
            handoffId: dead.handoffId,
            kind: 'handoff',
            reason: 'fate-unknown',
            at: expect.any(String),
            platform: GENESYS,
          },
        ],
      },
    ]);
    expect(text).not.toMatch(/Ada|4155550/);
  });

  it('names an interaction that was set aside once, whatever was open in it', async () => {
    await using served = await serve();
    const id = await served.open('conv-1');
    served.vendor.held.add('Inspect');
    await served.post(`/v1/interactions/${id}/handoffs`, { kind: 'escalation' });
    await served.runner.submit(id, { kind: 'quarantine', actor: 'throughline' });
    expect((await listed(served)).entities).toMatchObject([{ id, kind: 'quarantine' }]);
  });

  it('comes in pages', async () => {
    await using served = await serve();
    const ids: string[] = [];
    for (const name of ['a', 'b', 'c']) ids.unshift(await setAside(served, name));
    const first = (await served.get(`${LIST}?limit=2`)).body;
    expect(first).toMatchObject({ entities: [{ id: ids[0] }, { id: ids[1] }], nextCursor: ids[1] });
    const second = (await served.get(`${LIST}?limit=2&cursor=${first.nextCursor}`)).body;
    expect(second).toMatchObject({ entities: [{ id: ids[2] }] });
    expect(second).not.toHaveProperty('nextCursor');
  });
});

describe('POST /v1/dead-letters/{id}/retry', () => {
  it('takes an interaction out of quarantine, and the journal says who did and why', async () => {
    await using served = await serve();
    const id = await setAside(served, 'conv-1');
    const path = `/v1/interactions/${id}/handoffs`;
    expect((await served.post(path, { kind: 'escalation' })).body.code).toBe('interaction-quarantined');
    const { status, body } = await served.post(`${LIST}/${id}/retry`, { note: 'the disk was full' });
    expect([status, body]).toEqual([200, { id, done: 'retried' }]);
    expect((await listed(served)).entities).toEqual([]);
    expect((await eventsOf(served, id)).at(-1)).toMatchObject({
      type: 'DeadLetterRetried',
      actor: 'api:admin-key',
      body: { note: 'the disk was full' },
    });
    expect((await served.post(path, { kind: 'escalation' })).status).toBe(202);
  });

  it('needs no note', async () => {
    await using served = await serve();
    const id = await setAside(served, 'conv-1');
    expect((await served.post(`${LIST}/${id}/retry`)).status).toBe(200);
  });

  it('never repeats a handoff whose fate is unknown (H5)', async () => {
    await using served = await serve();
    const { handoffId } = await unknownFate(served, 'conv-1');
    const transfers = () => served.vendor.commands.filter(({ kind }) => kind === 'TransferToQueue').length;
    const before = transfers();
    const { status, body } = await served.post(`${LIST}/${handoffId}/retry`, {});
    expect([status, body.code, transfers()]).toEqual([409, 'retry-would-repeat', before]);
    expect((await listed(served)).entities).toHaveLength(1);
  });
});

describe('a transfer that a person must settle', () => {
  /** As long as CXone's are, and as telephone numbers are. */
  const CONTACT = '700000000077';

  /** The destination had the customer, has them no more, and nothing that is asked for moves them. */
  async function stranded(served: Served) {
    await served.runner.start({ recovering: false });
    const id = await served.open('conv-1', { customer: { name: 'Ada', phone: '+14155550100' } });
    await served.post(`/v1/interactions/${id}/handoffs`, {
      kind: 'transfer',
      to: { platform: CXONE, agentId: '4492' },
      transferType: 'blind',
      initiatedBy: 'agent',
    });
    await served.clock.advance(1_000);
    served.vendor.crossing.across.set(CONTACT, 'entry');
    await served.post('/v1/flows/redeem', { platform: CXONE, conversationId: CONTACT, dnis: ENTRY_NUMBERS[0] });
    for (let n = 0; n < 400; n += 1) await served.clock.advance(1_000);
    expect((await served.get(`/v1/interactions/${id}/handoffs/1`)).body.outcome).toBe('dead_lettered');
    return `${id}.1`;
  }

  it('is told with its cycle, both conversations and how they stood, and with nothing personal', async () => {
    await using served = await serve();
    const handoffId = await stranded(served);
    const letter = {
      id: handoffId,
      kind: 'handoff',
      reason: 'three-cycles-failed',
      platform: GENESYS,
      transfer: {
        transferType: 'blind',
        cycle: 3,
        source: { platform: GENESYS, externalId: 'conv-1', state: 'completed', agentId: 'agent-7' },
        destination: { platform: CXONE, externalId: CONTACT, state: 'arrived', agentId: '4492' },
      },
    };
    expect((await listed(served)).entities).toMatchObject([letter]);
    const { status, body, text } = await served.get(`${LIST}/${handoffId}`);
    expect([status, body]).toMatchObject([200, letter]);
    expect(text).not.toMatch(/Ada|\+1415/);
  });

  it('is not repeated, and goes away when somebody says what they did', async () => {
    await using served = await serve();
    const handoffId = await stranded(served);
    const retried = await served.post(`${LIST}/${handoffId}/retry`, {});
    expect([retried.status, retried.body.code]).toEqual([409, 'retry-would-repeat']);
    const { status } = await served.post(`${LIST}/${handoffId}/resolve`, { note: 'Called back.' });
    expect([status, (await served.get(`${LIST}/${handoffId}`)).status]).toEqual([200, 404]);
  });

  it('raises an alert that names the handoff', async () => {
    await using served = await serve();
    const handoffId = await stranded(served);
    expect(served.vendor.commands).toContainEqual(expect.objectContaining({ kind: 'RaiseAlert', handoffId }));
  });
});

describe('POST /v1/dead-letters/{id}/resolve', () => {
  it('takes a handoff off the list, for good, and keeps the note sealed', async () => {
    await using served = await serve();
    const { id, handoffId } = await unknownFate(served, 'conv-1');
    const note = 'The customer, +14155550100, is with Toni.';
    const { status, body } = await served.post(`${LIST}/${handoffId}/resolve`, { note });
    expect([status, body]).toEqual([200, { id: handoffId, done: 'resolved' }]);
    expect((await listed(served)).entities).toEqual([]);
    const last = (await eventsOf(served, id)).at(-1);
    expect(last).toMatchObject({ type: 'DeadLetterResolved', actor: 'api:admin-key', body: { handoffId, note } });
    const clear = (await served.get(`/v1/interactions/${id}/journal?masked=true`)).text;
    expect(clear).not.toContain('Toni');
    const again = await served.post(`${LIST}/${handoffId}/resolve`, {});
    expect([again.status, again.body.code]).toEqual([404, 'dead-letter-not-found']);
    expect((await served.get('/v1/audit/verify')).body.ok).toBe(true);
  });

  it('takes an interaction off the list with everything that was open in it', async () => {
    await using served = await serve();
    const id = await served.open('conv-1');
    served.vendor.held.add('Inspect');
    await served.post(`/v1/interactions/${id}/handoffs`, { kind: 'escalation' });
    await served.runner.submit(id, { kind: 'quarantine', actor: 'throughline' });
    expect((await served.post(`${LIST}/${id}/resolve`, {})).status).toBe(200);
    expect((await listed(served)).entities).toEqual([]);
    expect((await served.get(`/v1/interactions/${id}/handoffs/1`)).body.outcome).toBe('dead_lettered');
  });

  it.each(['nothing', '01934f00-0000-7000-8000-000000000001', '01934f00-0000-7000-8000-000000000001.1'])(
    'knows no dead letter "%s"',
    async (id) => {
      await using served = await serve();
      await served.open('conv-well');
      for (const verb of ['retry', 'resolve']) {
        const { status, body } = await served.post(`${LIST}/${id}/${verb}`, {});
        expect([status, body.code]).toEqual([404, 'dead-letter-not-found']);
      }
    },
  );

  it('sets an interaction aside again when the journal did not take it', async () => {
    await using served = await serve();
    const id = await setAside(served, 'conv-1');
    const { store } = served.journal;
    const append = store.append.bind(store);
    store.append = async () => {
      throw new Error('disk full');
    };
    expect((await served.post(`${LIST}/${id}/resolve`, {})).status).toBe(503);
    store.append = append;
    expect((await listed(served)).entities).toMatchObject([{ id, kind: 'quarantine' }]);
  });
});

describe('while the journal cannot be reached', () => {
  it.each(['awaitingPerson', 'release'] as const)('answers 503 where it is %s that fails', async (name) => {
    await using served = await serve();
    const id = await setAside(served, 'conv-1');
    served.journal.store[name] = async () => {
      throw new Error('connection lost');
    };
    const failed = name === 'release' ? await served.post(`${LIST}/${id}/retry`, {}) : await served.get(LIST);
    expect([failed.status, failed.body.code]).toEqual([503, 'journal-unavailable']);
  });
});
