// Tests how the console's picture of the journeys is kept: from pages of the list and events of the stream, in any order.

import { describe, expect, it } from 'vitest';
import { EventStreamReader } from './event-stream.ts';
import type { Journey } from './journey.ts';
import { EVERYTHING, filterQuery, JourneyBook } from './journey-book.ts';
import type { LiveEvent } from './live-stream.ts';
import { routeOf } from './route.ts';

const AT = '2026-05-10T12:00:00.000Z';
const event = (subject: string, version: number, type: string, data: Record<string, unknown> = {}): LiveEvent => ({
  id: `${subject}.${version}`,
  type: `throughline.${type}`,
  subject,
  time: AT,
  data,
});
const listed = (id: string, more: Partial<Journey> = {}): Journey => ({
  id,
  version: 2,
  channel: 'message',
  platform: 'genesys_cloud',
  phase: null,
  holder: 'bot',
  outcome: null,
  createdAt: AT,
  endedAt: null,
  ...more,
});

describe('a journey', () => {
  it('is known from its first event on, through its whole way', () => {
    const book = new JourneyBook();
    book.take([
      event('a', 1, 'InteractionOpened', { channel: 'voice' }),
      event('a', 2, 'LegAttached', { platform: 'genesys_cloud', channel: 'voice' }),
      event('a', 3, 'EscalationRequested', { phase: 'preparing', platform: 'genesys_cloud' }),
    ]);
    expect(book.get('a')).toMatchObject({
      channel: 'voice',
      platform: 'genesys_cloud',
      phase: 'preparing',
      holder: 'bot',
    });
    const change = book.take([
      event('a', 4, 'HandoffSettled', { phase: 'settled', outcome: 'completed', durationMs: 12.5 }),
      event('a', 5, 'HolderChanged', { holder: 'queue', epoch: 2 }),
      event('a', 6, 'InteractionEnded'),
    ]);
    expect(change).toEqual({
      moves: [{ from: 'bot', to: 'queue' }],
      settled: [{ at: Date.parse(AT), outcome: 'completed', durationMs: 12.5 }],
    });
    expect(book.get('a')).toMatchObject({ version: 6, holder: 'queue', outcome: 'completed', endedAt: AT });
    expect([book.count('bot'), book.count('queue')]).toEqual([0, 1]);
  });

  it('is not set back by a page that is older than the stream, nor by an event that comes twice', () => {
    const book = new JourneyBook();
    book.add([listed('a')]);
    const moved = event('a', 3, 'HolderChanged', { holder: 'queue' });
    expect(book.take([moved]).moves).toHaveLength(1);
    expect(book.take([moved]).moves).toEqual([]);
    book.add([listed('a')]);
    expect(book.get('a')?.holder).toBe('queue');
    expect([book.count('bot'), book.count('queue')]).toEqual([0, 1]);
  });

  it('takes along what the stream said before its page came', () => {
    const book = new JourneyBook();
    book.take([event('old', 3, 'HolderChanged', { holder: 'agent' })]);
    expect(book.size).toBe(0);
    book.add([listed('old')]);
    expect(book.get('old')?.holder).toBe('agent');
  });
});

describe('what is shown', () => {
  const book = new JourneyBook();
  book.add([listed('b'), listed('d', { holder: 'agent', channel: 'voice', phase: 'settled' })]);
  book.add([listed('a'), listed('c', { holder: 'agent' })]);
  book.take([event('e', 1, 'InteractionOpened', { channel: 'sms' })]);

  it('is newest first, whatever came when', () => {
    expect(book.shown(EVERYTHING, '')).toEqual(['e', 'd', 'c', 'b', 'a']);
  });

  it('is what the filter asks for', () => {
    expect(book.shown({ ...EVERYTHING, holder: 'agent' }, '')).toEqual(['d', 'c']);
    expect(book.shown({ holder: 'agent', channel: 'voice', phase: 'settled' }, '')).toEqual(['d']);
    expect(filterQuery({ holder: 'agent', channel: '', phase: '' })).toBe('holder=agent');
  });

  it('ends where the pages end, since below there may be gaps', () => {
    expect(book.shown(EVERYTHING, 'c')).toEqual(['e', 'd', 'c']);
  });
});

describe('Server-Sent Events', () => {
  const text = ': open\n\nid: 7\ndata: {"a":1}\n\n: heartbeat\n\nid: 8\r\ndata: one\r\ndata:two\r\n\r\n';

  it('are read whole, wherever the text is cut', () => {
    const whole = new EventStreamReader().push(text);
    expect(whole).toEqual([
      { id: '7', data: '{"a":1}' },
      { id: '8', data: 'one\ntwo' },
    ]);
    for (let cut = 1; cut < text.length; cut += 1) {
      const reader = new EventStreamReader();
      expect([...reader.push(text.slice(0, cut)), ...reader.push(text.slice(cut))]).toEqual(whole);
    }
  });
});

describe('the address', () => {
  it.each([
    ['', { page: 'journeys', journey: null }],
    ['#/journeys/0198-a', { page: 'journeys', journey: '0198-a' }],
    ['#/platforms', { page: 'platforms' }],
    ['#/dead-letters', { page: 'dead-letters' }],
    ['#/journeys/<script>', { page: 'journeys', journey: null }],
  ])('%s names a page', (hash, route) => {
    expect(routeOf(hash)).toEqual(route);
  });
});
