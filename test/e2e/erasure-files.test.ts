// Proves by searching raw files that nothing personal ever reaches one, nor a log, and that after an erasure the bytes of the
// destroyed keys are in no file either, while the process is still running (DESIGN of the journal; H8). And that an erasure in the
// middle of a handoff leaves the customer with somebody.

import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { filesBelow, formsOf, foundIn } from './files.ts';
import { type RunningService, startRunning } from './running-service.ts';

const PHONE = '+14155550142';
const OTHER_PHONE = '+14155550187';
const DIGITS = ['7', '3', '9', '1', '8', '2', '5', '6', '4', '0', '7'];
/** Distinctive, so that finding one anywhere means that it got there by us. */
const MARKERS = [
  PHONE,
  PHONE.slice(1),
  'zebulon.quark@example.com',
  'Zebulon Quarkington',
  'CUST-ZQ-4477-PRIVATE',
  'ACCT-ZQ-9931-PRIVATE',
  'my cat Schnurrbert swallowed the card',
  'Briefing: Zebulon is furious about Schnurrbert',
  'order-ZQ-slot-value',
  'attribute-ZQ-value',
  'wrapup-ZQ-notes',
  'survey-ZQ-comment',
  DIGITS.join('","'),
  DIGITS.join(''),
];

type Json = Record<string, unknown>;
let running: RunningService;
let key: string;

beforeAll(async () => {
  running = await startRunning();
  key = readFileSync(join(running.data, 'api-key'), 'utf8').trim();
}, 60_000);
afterAll(async () => {
  await running[Symbol.asyncDispose]();
});

async function api(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(`${running.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: (text === '' ? {} : JSON.parse(text)) as Json };
}

async function twin(method: string, path: string, body?: unknown): Promise<Json> {
  const init = { method, ...(body !== undefined && { body: JSON.stringify(body) }) };
  return (await (await fetch(`${running.twinUrl}/twin${path}`, init)).json()) as Json;
}

const customer = {
  phone: PHONE,
  email: 'zebulon.quark@example.com',
  customerId: 'CUST-ZQ-4477-PRIVATE',
  name: 'Zebulon Quarkington',
};
const manifest = {
  trigger: 'CustomerRequested',
  agent_briefing: 'Briefing: Zebulon is furious about Schnurrbert',
  slots_collected: { order: 'order-ZQ-slot-value' },
  transcript: [{ who: 'customer', text: 'my cat Schnurrbert swallowed the card' }],
};

async function converse(from = PHONE): Promise<string> {
  return String((await twin('POST', '/conversations', { channel: 'voice', from, flow: 'bot' })).conversationId);
}

async function open(externalId: string, who: object = customer): Promise<string> {
  const context = {
    intent: 'billing_dispute',
    accountNumber: 'ACCT-ZQ-9931-PRIVATE',
    dtmfSequence: DIGITS,
    attributes: { Note: 'attribute-ZQ-value' },
  };
  const asked = { platform: 'genesys_cloud', externalId, channel: 'voice', customer: who, context };
  return String((await api('POST', '/v1/interactions', asked)).body.id);
}

/** Everything that the house does with a customer, with mistakes that name them too. */
async function journey(): Promise<{ readonly id: string; readonly conversation: string }> {
  const conversation = await converse();
  const id = await open(conversation);
  const asked = { kind: 'escalation', queue: 'BillingDisputes_Tier2', manifest };
  const made = await api('POST', `/v1/interactions/${id}/handoffs`, asked, {
    prefer: 'wait=10',
    'idempotency-key': PHONE,
  });
  expect(made.body).toMatchObject({ outcome: 'completed' });
  const receipt = { renderedFields: ['agent_briefing'], renderedAt: new Date().toISOString() };
  await api('POST', `/v1/manifests/${made.body.manifestRef}/receipt`, receipt);
  await api('POST', `/v1/interactions/${id}/wrapup`, { code: 'done', notes: 'wrapup-ZQ-notes' });
  await api('POST', `/v1/interactions/${id}/survey`, { score: 3, comment: 'survey-ZQ-comment' });
  await api('POST', '/v1/interactions/search', { phone: PHONE });
  await open(PHONE);
  // Mistakes, whose content must not be told on.
  await api('POST', '/v1/interactions', `{"customer": "${MARKERS.join(' ')}"`);
  await api('POST', '/v1/interactions', { platform: 'nobody', externalId: PHONE, channel: 'voice', customer });
  await api('POST', `/v1/interactions/${id}/handoffs`, { ...asked, unknown: MARKERS });
  await api('POST', '/hooks/genesys', JSON.stringify({ eventBody: MARKERS }), { 'x-throughline-secret': 'wrong' });
  const hook = readFileSync(join(running.data, 'hook-secret'), 'utf8').trim();
  const topicName = 'v2.detail.events.conversation.{id}.customer.start';
  const eventBody = {
    eventTime: 5,
    conversationId: 'nobody-knows',
    participantId: 'p',
    ani: PHONE,
    addressFrom: PHONE,
  };
  await api('POST', '/hooks/genesys', { topicName, eventBody }, { 'x-throughline-secret': hook });
  await api('POST', '/hooks/genesys', { eventBody: MARKERS }, { 'x-throughline-secret': hook });
  return { id, conversation };
}

/** Nothing personal anywhere; `where` names the moment. */
function expectNothingPersonal(where: string): void {
  for (const { name, content } of filesBelow(running.data)) {
    expect(foundIn(content, MARKERS), `${where}: ${name}`).toEqual([]);
  }
  expect(foundIn(Buffer.from(running.output()), MARKERS), `${where}: what was logged`).toEqual([]);
}

/** The wrapped keys as they stand in a copy of the journal: of interactions by id, and of blobs. */
function wrappedKeys(copy: string): {
  readonly ofInteraction: Map<string, Buffer>;
  readonly ofBlobs: readonly Buffer[];
} {
  mkdirSync(join(running.folder, copy));
  for (const name of ['journal.db', 'journal.db-wal']) {
    const from = join(running.data, name);
    if (existsSync(from)) copyFileSync(from, join(running.folder, copy, name));
  }
  const database = new DatabaseSync(join(running.folder, copy, 'journal.db'));
  const keys = database.prepare('select id, wrapped from interaction join interaction_key using (row)').all();
  const blobs = database.prepare('select wrapped from blob_key').all();
  database.close();
  const bytes = (value: unknown) => Buffer.from(value as Uint8Array);
  return {
    ofInteraction: new Map(keys.map(({ id, wrapped }) => [String(id), bytes(wrapped)])),
    ofBlobs: blobs.map(({ wrapped }) => bytes(wrapped)),
  };
}

function filesWith(bytes: Buffer): readonly string[] {
  return filesBelow(running.data).flatMap(({ name, content }) => (content.includes(bytes) ? [name] : []));
}

async function certificateOf(id: unknown, state: string): Promise<Json> {
  for (let turn = 0; turn < 200; turn += 1) {
    const { body } = await api('GET', `/v1/erasures/${id}`);
    if (body.state === state) return body;
    await sleep(100);
  }
  throw new Error(`the erasure did not come to be ${state}`);
}

it('the search finds a text in every form it looks for, so that finding nothing means something', () => {
  for (const marker of MARKERS) {
    for (const form of formsOf(marker))
      expect(foundIn(Buffer.concat([Buffer.from('\0x'), form]), [marker])).toEqual([marker]);
    for (const before of ['', 'a', 'ab', 'abc']) {
      const coded = Buffer.from(`${before}${marker}zz`).toString('base64');
      expect(foundIn(Buffer.from(coded), [marker]), coded).toEqual([marker]);
    }
  }
});

describe('the files of a running service', () => {
  it('hold nothing personal in any form, and after an erasure no byte of the destroyed keys', async () => {
    const { id, conversation } = await journey();
    const bystander = await open(await converse(OTHER_PHONE), { phone: OTHER_PHONE });
    expectNothingPersonal('while it runs');

    const before = wrappedKeys('before');
    const doomed = [...before.ofInteraction].flatMap(([one, wrapped]) => (one === bystander ? [] : [wrapped]));
    expect(doomed).toHaveLength(2);
    expect(before.ofBlobs).toHaveLength(2);
    for (const wrapped of [...doomed, ...before.ofBlobs]) expect(filesWith(wrapped)).not.toEqual([]);

    const asked = await api('POST', '/v1/erasures', { phone: PHONE });
    expect(asked.body).toMatchObject({ interactions: 2, certificate: { erasedAt: expect.any(String) } });
    // At once, while it runs: the certificate has said so.
    for (const wrapped of [...doomed, ...before.ofBlobs]) expect(filesWith(wrapped)).toEqual([]);
    const kept = before.ofInteraction.get(bystander) ?? Buffer.alloc(0);
    expect(filesWith(kept)).not.toEqual([]);
    expect((await api('GET', `/v1/interactions/${bystander}`)).body).toMatchObject({
      customer: { phone: OTHER_PHONE },
    });

    await certificateOf(asked.body.id, 'done');
    const atVendor = await twin('GET', `/conversations/${conversation}`);
    expect(JSON.stringify(atVendor.attributes)).not.toMatch(/ZQ|Zebulon|Schnurrbert/);
    expect(atVendor.externalTag ?? '').toBe('');
    expect((await api('GET', '/v1/audit/verify')).body).toMatchObject({ ok: true });
    expect((await api('GET', `/v1/interactions/${id}`)).body).toMatchObject({ erased: true });
    expectNothingPersonal('after the erasure');
  }, 60_000);

  it('an erasure before anything has moved leaves the customer with the bot', async () => {
    await twin('PUT', '/settings', { latencyMs: 400 });
    const conversation = await converse();
    const id = await open(conversation);
    const handoff = { kind: 'escalation', queue: 'BillingDisputes_Tier2', manifest };
    expect((await api('POST', `/v1/interactions/${id}/handoffs`, handoff)).body).toMatchObject({ phase: 'preparing' });
    const { body } = await api('POST', '/v1/erasures', { phone: PHONE });
    expect(body).toMatchObject({ interactions: 1, certificate: { interactions: [{ id, state: 'erased' }] } });
    await twin('PUT', '/settings', { latencyMs: 0 });
    await sleep(1_000);
    expect(await twin('GET', `/conversations/${conversation}`)).toMatchObject({ holder: 'bot', replaces: 0 });
  }, 60_000);

  it('an erasure while the transfer is under way leaves the customer in the queue, and is done when that has settled', async () => {
    await twin('PUT', '/settings', { settleMs: 2_000 });
    const conversation = await converse();
    const id = await open(conversation);
    const handoff = { kind: 'escalation', queue: 'BillingDisputes_Tier2', manifest };
    await api('POST', `/v1/interactions/${id}/handoffs`, handoff);
    for (;;) {
      const { body } = await api('GET', `/v1/interactions/${id}/handoffs/1`);
      if (body.phase === 'confirming') break;
      await sleep(20);
    }
    const { body } = await api('POST', '/v1/erasures', { customerId: customer.customerId });
    const certificate = await certificateOf(body.id, 'done');
    expect(certificate).toMatchObject({ interactions: [{ id, state: 'erased', manifests: 1 }] });
    expect(await twin('GET', `/conversations/${conversation}`)).toMatchObject({ holder: 'queue', replaces: 1 });
    expect((await api('GET', `/v1/interactions/${id}`)).body).toMatchObject({ outcome: 'completed' });
  }, 60_000);

  it('hold nothing personal after it has stopped either', async () => {
    await running.stop();
    expectNothingPersonal('after the stop');
    expect(filesBelow(running.data).map(({ name }) => name)).toContain(join(running.data, 'journal.db'));
  });
});
