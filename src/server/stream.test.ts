// Tests the live stream: Server-Sent Events with CloudEvents 1.0 in them.

import { describe, expect, it } from 'vitest';
import { type Served, serve } from '../../test/contract/served.ts';

type Message = { readonly id: string; readonly data: Record<string, unknown> };

/** Listens until it is aborted; `next` gives one block of the stream after the other. */
async function listen(served: Served, headers: Record<string, string> = {}) {
  const leaving = new AbortController();
  const response = await served.app.request('/v1/stream', {
    headers: { authorization: 'Bearer the-interactions-key', ...headers },
    signal: leaving.signal,
  });
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  const decoder = new TextDecoder();
  let text = '';
  const block = async (): Promise<string> => {
    for (;;) {
      const end = text.indexOf('\n\n');
      if (end !== -1) {
        const found = text.slice(0, end);
        text = text.slice(end + 2);
        return found;
      }
      const { done, value } = await reader.read();
      if (done) throw new Error('The stream has ended.');
      text += decoder.decode(value);
    }
  };
  expect(await block()).toBe(': open');
  return {
    response,
    block,
    async message(): Promise<Message> {
      const lines = (await block()).split('\n');
      const field = (name: string) => lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2) ?? '';
      return { id: field('id'), data: JSON.parse(field('data')) };
    },
    leave: () => reader.cancel(),
  };
}

describe('GET /v1/stream', () => {
  it('tells what is committed from now on, as CloudEvents 1.0 without anything personal', async () => {
    await using served = await serve();
    await served.open('before');
    const stream = await listen(served);
    expect(stream.response.headers.get('content-type')).toContain('text/event-stream');
    const id = await served.open('conv-1', { customer: { phone: '+14155551234', name: 'Ada' } });
    const first = await stream.message();
    expect(first.data).toEqual({
      specversion: '1.0',
      id: `${id}.1`,
      source: '/throughline',
      type: 'throughline.InteractionOpened',
      subject: id,
      time: '2026-11-20T00:00:00.000Z',
      datacontenttype: 'application/json',
      data: { channel: 'voice', direction: 'inbound', piiMasked: false },
    });
    expect((await stream.message()).data.type).toBe('throughline.LegAttached');
    await stream.leave();
  });

  it('resumes after the last event that was seen, missing nothing and repeating nothing', async () => {
    await using served = await serve();
    await served.open('conv-1');
    const stream = await listen(served, { 'last-event-id': '0' });
    const seen = [await stream.message(), await stream.message()];
    await stream.leave();
    const second = await served.open('conv-2');
    const resumed = await listen(served, { 'last-event-id': seen[1]?.id ?? '' });
    expect((await resumed.message()).data.id).toBe(`${second}.1`);
    expect((await resumed.message()).data.id).toBe(`${second}.2`);
    await resumed.leave();
  });

  it('catches up with more than one read’s worth, in order', async () => {
    await using served = await serve();
    const ids = [];
    for (let n = 0; n < 120; n += 1) ids.push(await served.open(`conv-${n}`));
    const stream = await listen(served, { 'last-event-id': '0' });
    const subjects = [];
    for (let n = 0; n < 240; n += 1) subjects.push((await stream.message()).data.id);
    expect(subjects).toEqual(ids.flatMap((id) => [`${id}.1`, `${id}.2`]));
    await stream.leave();
  });

  it('sends a sign of life every 15 seconds', async () => {
    await using served = await serve();
    const stream = await listen(served);
    await served.clock.whenSleeping(1);
    await served.clock.advance(15_000);
    expect(await stream.block()).toBe(': heartbeat');
    await stream.leave();
  });

  it('forgets a listener who leaves', async () => {
    await using served = await serve();
    const { journal } = served;
    const onCommit = journal.onCommit.bind(journal);
    let listeners = 0;
    journal.onCommit = (listener) => {
      listeners += 1;
      const stop = onCommit(listener);
      return () => {
        listeners -= 1;
        return stop();
      };
    };
    const stream = await listen(served);
    await served.clock.whenSleeping(1);
    expect(listeners).toBe(1);
    await stream.leave();
    await served.clock.advance(0);
    expect([listeners, served.clock.sleepers()]).toEqual([0, 0]);
  });

  it('refuses an id that is not of this stream, and a key without the scope', async () => {
    await using served = await serve();
    const wrong = await served.get('/v1/stream', { 'last-event-id': 'yesterday' });
    expect([wrong.status, wrong.body.code]).toEqual([400, 'invalid-request']);
    const other = await served.get('/v1/stream', { authorization: 'Bearer the-manifests-key' });
    expect([other.status, other.body.scope]).toEqual([403, 'interactions']);
  });
});
