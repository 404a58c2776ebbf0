import { expect, it } from 'vitest';
import { createCallLog } from './call-log.ts';

const call = (path: string, conversationId: string | null = null) =>
  ({ method: 'GET', path, body: undefined, fault: null, conversationId }) as const;

it('keeps the newest calls, oldest first, and exact counters when the ring has turned', () => {
  const log = createCallLog(3);
  for (const each of [1, 2, 3, 4, 5]) log.start(call(`/${each}`), each)(each === 5 ? 500 : 200);
  expect(log.list().map(({ path }) => path)).toEqual(['/3', '/4', '/5']);
  expect(log.counters()).toEqual({ total: 5, byStatus: { 200: 4, 500: 1 } });
});

it('filters by instant and by conversation', () => {
  const log = createCallLog();
  log.start(call('/a', 'c1'), Date.UTC(2026, 0, 1))(200);
  log.start(call('/b', 'c2'), Date.UTC(2026, 0, 2))(200);
  expect(log.list({ since: Date.UTC(2026, 0, 2) })).toMatchObject([{ path: '/b', at: '2026-01-02T00:00:00.000Z' }]);
  expect(log.list({ conversationId: 'c1' }).map(({ path }) => path)).toEqual(['/a']);
});

it('shows a call that never ended without a status', () => {
  const log = createCallLog();
  log.start(call('/hung'), 0);
  expect(log.list()).toMatchObject([{ path: '/hung', status: null }]);
  expect(log.counters()).toEqual({ total: 1, byStatus: {} });
});

it('is empty after it was cleared', () => {
  const log = createCallLog();
  log.start(call('/a'), 0)(200);
  log.clear();
  expect(log.list()).toEqual([]);
  expect(log.counters()).toEqual({ total: 0, byStatus: {} });
});
