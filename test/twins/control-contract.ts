// Owns the promises of the control surface that hold at every twin of a platform, whatever its vendor's paths are: whoever drives
// one twin can drive the next.

import { describe, expect, it } from 'vitest';
import type { Answering } from '../../src/twins/exchange.ts';
import type { VirtualClock } from '../../src/twins/virtual-clock.ts';
import type { Answer } from './twin-driver.ts';

/** Answers are read as loosely as a client in another language would read them. */
type Loose = ReturnType<typeof JSON.parse>;

export type ControlStage = {
  readonly clock: VirtualClock;
  /** The name of a conversation's id in the answer that makes one. */
  readonly idField: 'conversationId' | 'contactId';
  readonly answer: Answering;
  /** The same vendor's call each time, with a token; `asAnother` with a fresh one. */
  vendorCall(asAnother?: boolean): Promise<{ readonly status: number }>;
  readonly vendorPath: string;
  control(method: string, path: string, body?: unknown): Promise<Answer<Loose>>;
};

const CHANNELS = ['voice', 'message', 'webchat', 'sms', 'email', 'callback'] as const;
const QUEUE = 'General_Support';

export function controlContract(name: string, makeStage: () => Promise<ControlStage>): void {
  async function set() {
    const stage = await makeStage();
    const make = async (body: object) =>
      String((await stage.control('POST', '/conversations', body)).body[stage.idField]);
    const view = async (id: string) => (await stage.control('GET', `/conversations/${id}`)).body;
    const act = async (id: string, word: string, body?: unknown) =>
      stage.control('POST', `/conversations/${id}/${word}`, body);
    return { ...stage, make, view, act };
  }

  describe(`the control surface of ${name}`, () => {
    it.each(CHANNELS)('makes a conversation by %s, in a queue, whose customer it names', async (channel) => {
      const { control, idField, view } = await set();
      const { status, body } = await control('POST', '/conversations', { channel, from: '+14155551234', queue: QUEUE });
      expect({ status, customer: typeof body.participants.customer }).toEqual({ status: 201, customer: 'string' });
      expect(await view(body[idField])).toMatchObject({ holder: 'queue', ended: false });
    });

    it('makes one that a bot has, when asked to and when no queue is named', async () => {
      const { make, view } = await set();
      expect(await view(await make({ channel: 'voice', flow: 'bot' }))).toMatchObject({ holder: 'bot' });
      expect(await view(await make({ channel: 'message', from: 'guest' }))).toMatchObject({ holder: 'bot' });
    });

    it.each([
      [{ channel: 'fax' }],
      [{ channel: 'voice', queue: 'Nowhere' }],
      [{ channel: 'voice', mood: 'bad' }],
      [{}],
    ])('makes none of %j', async (body) => {
      const { control } = await set();
      expect(await control('POST', '/conversations', body)).toMatchObject({
        status: 400,
        body: { error: expect.any(String) },
      });
    });

    it('lets virtual agents answer by themselves, when told, never, or not at all', async () => {
      for (const [answers, before, after] of [
        ['auto', 'agent', 'agent'],
        ['manual', 'queue', 'agent'],
        ['hangs', 'queue', 'agent'],
        ['declines', 'queue', 'agent'],
      ] as const) {
        const { control, clock, make, view, act } = await set();
        const added = await control('POST', '/agents', { name: 'Ada', queues: [QUEUE], answers, afterMs: 100 });
        expect(added).toMatchObject({ status: 201, body: { agentId: expect.any(String), name: 'Ada', answers } });
        const id = await make({ channel: 'voice', queue: QUEUE });
        await clock.advance(60_000);
        expect((await view(id)).holder).toBe(before);
        if (before === 'queue') await act(id, 'answer', { agentId: added.body.agentId });
        expect((await view(id)).holder).toBe(after);
      }
    });

    it('lets customers hang up and agents close, once', async () => {
      const { make, act } = await set();
      for (const word of ['hangup', 'close']) {
        const id = await make({ channel: 'voice', queue: QUEUE });
        await act(id, 'answer');
        expect((await act(id, word)).body).toMatchObject({ ended: true, holder: 'none' });
        expect((await act(id, word)).status).toBe(409);
        expect((await act(id, 'answer')).status).toBe(409);
      }
    });

    it('lets an agent wrap up who was there, and nobody else', async () => {
      const { make, act } = await set();
      const id = await make({ channel: 'voice', queue: QUEUE });
      expect((await act(id, 'wrapup', { code: '1' })).status).toBe(409);
      await act(id, 'answer');
      expect((await act(id, 'wrapup', { code: '1', notes: 'Done' })).status).toBe(200);
      expect((await act(id, 'wrapup', {})).status).toBe(400);
    });

    it('knows nobody it was not told of, and no word it does not know', async () => {
      const { control, make, act } = await set();
      const id = await make({ channel: 'voice', queue: QUEUE });
      expect((await control('GET', '/conversations/nobody')).status).toBe(404);
      for (const word of ['hangup', 'answer', 'close', 'wrapup']) expect((await act('nobody', word)).status).toBe(404);
      expect((await act(id, 'sing')).status).toBe(404);
      expect(
        (await act(id, 'answer', { agentId: '00000000-0000-4000-8000-000000000000' })).status,
      ).toBeGreaterThanOrEqual(400);
      expect((await control('POST', '/agents', { name: 'Ada', queues: ['Nowhere'] })).status).toBe(400);
      expect((await control('GET', '/mood')).status).toBe(404);
    });

    it.each([
      ['429', 429],
      ['500', 500],
      ['expire-token', 401],
    ])('commits %s as often as told, and shows how often it did', async (fault, status) => {
      const { control, vendorCall, vendorPath } = await set();
      const match = { method: 'GET', path: vendorPath };
      expect((await control('POST', '/faults', { match, fault, times: 1 })).status).toBe(201);
      expect((await vendorCall()).status).toBe(status);
      expect((await vendorCall(fault === 'expire-token')).status).toBe(200);
      expect((await control('GET', '/faults')).body.faults).toMatchObject([{ fault, hits: 1 }]);
      await control('DELETE', '/faults');
      expect((await control('GET', '/faults')).body.faults).toEqual([]);
    });

    it('cuts connections and hangs on command', async () => {
      const { control, vendorCall, clock } = await set();
      await control('POST', '/faults', { fault: 'commit-then-drop', times: 1 });
      await expect(vendorCall()).rejects.toThrow('fetch failed');
      await control('POST', '/faults', { fault: 'hang', times: 1 });
      const hanging = vendorCall().then(() => 'answered');
      await clock.advance(600_000);
      expect(await Promise.race([hanging, Promise.resolve('silent')])).toBe('silent');
    });

    it.each([[{ fault: 'burn' }], [{ fault: '429', times: 0 }], [{ fault: '500', probability: 2 }], [{}]])(
      'takes no fault %j',
      async (rule) => {
        const { control } = await set();
        expect((await control('POST', '/faults', rule)).status).toBe(400);
      },
    );

    it('shows what the vendor was asked, and forgets it with the rest', async () => {
      const { control, vendorCall, vendorPath, make, view } = await set();
      const id = await make({ channel: 'voice', queue: QUEUE });
      await control('POST', '/reset');
      await vendorCall();
      const { body } = await control('GET', '/calls');
      expect(body.calls).toMatchObject([
        { method: 'GET', path: expect.stringContaining(vendorPath), status: 200, fault: null },
      ]);
      expect(body.counters).toEqual({ total: 1, byStatus: { 200: 1 } });
      expect(await view(id)).toMatchObject({ error: expect.any(String) });
    });

    it('changes settings that every twin has, and refuses others', async () => {
      const { control, vendorCall, clock } = await set();
      const settings = { latencyMs: 50, settleMs: 10, rateLimitPerMinute: 1, tokenTtlSec: 60 };
      expect((await control('PUT', '/settings', settings)).body).toMatchObject(settings);
      expect((await control('GET', '/settings')).body).toMatchObject(settings);
      expect((await control('PUT', '/settings', { mood: 'bad' })).status).toBe(400);
      let answered = false;
      const slow = vendorCall().then(() => {
        answered = true;
      });
      await clock.advance(49);
      expect(answered).toBe(false);
      await clock.advance(1);
      await slow;
      await control('PUT', '/settings', { latencyMs: 0 });
      expect((await vendorCall()).status).toBe(429);
    });

    it('answers this machine only', async () => {
      const { answer } = await set();
      const request = {
        method: 'GET',
        path: '/twin/calls',
        query: new URLSearchParams(),
        headers: {},
        body: undefined,
      };
      expect(await answer({ ...request, loopback: false })).toMatchObject({ response: { status: 403 } });
      expect(await answer({ ...request, loopback: true })).toMatchObject({ response: { status: 200 } });
    });
  });
}
