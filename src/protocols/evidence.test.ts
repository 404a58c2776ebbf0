// Tests what a look proves of a transfer, and what it does not.

import { describe, expect, it } from 'vitest';
import {
  agentParty,
  botParty,
  customerParty,
  GONE,
  IN_QUEUE,
  OTHER_QUEUE,
  participant,
  QUEUE,
  queueParty,
  view,
  WITH_AGENT,
  WITH_BOT,
} from '../../test/protocols/story.ts';
import { newestTransferAt, readEvidence, replaceableIn } from './evidence.ts';
import type { Target } from './move.ts';

const target: Target = {
  queue: QUEUE,
  customer: participant('p-customer'),
  leaving: participant('p-bot'),
  known: [participant('p-customer'), participant('p-bot'), participant('p-known')],
  transfersAfter: 10,
};
const record = (state: 'pending' | 'complete' | 'failed', issuedAt: number, queue = QUEUE) =>
  ({ state, issuedAt, queueId: queue.id }) as const;
const read = (what: typeof WITH_BOT) => readEvidence(what, target);
const withRecords = (...records: ReturnType<typeof record>[]) => view([customerParty(), botParty()], records);

describe('the evidence of a look', () => {
  it.each([
    ['the conversation is over', { ...IN_QUEUE, ended: true }],
    ['the customer’s party has ended', GONE],
    ['no customer is there', view([queueParty()])],
  ])('the customer is gone: %s', (_, what) => {
    expect(read(what)).toBe('customer-gone');
  });

  it.each([
    ['the queue holds them', IN_QUEUE],
    ['a queue party of it that is only alerting', view([customerParty(), queueParty('p', { state: 'alerting' })])],
    ['an agent has them', WITH_AGENT],
    [
      'an agent of whatever queue is rung',
      view([customerParty(), agentParty('p', { state: 'alerting', queueId: OTHER_QUEUE.id })]),
    ],
    ['they came and went', view([customerParty(), botParty(), queueParty('p-new', { state: 'ended' })])],
  ])('arrived: %s', (_, what) => {
    expect(read(what)).toBe('arrived');
  });

  it.each([
    ['nothing has happened', WITH_BOT],
    ['another queue holds them', view([customerParty(), queueParty('p', { queueId: OTHER_QUEUE.id })])],
    ['the queue held them before', view([customerParty(), queueParty('p-known', { state: 'ended' })])],
    ['an agent was there and left', view([customerParty(), agentParty('p', { state: 'ended' })])],
    ['the transfer is an older one', withRecords(record('complete', 10))],
    ['the transfer goes elsewhere', withRecords(record('complete', 11, OTHER_QUEUE))],
    ['the transfer names no queue', view([customerParty(), botParty()], [{ state: 'complete', issuedAt: 11 }])],
  ])('not moved: %s', (_, what) => {
    expect(read(what)).toBe('not-moved');
  });

  it.each(['pending', 'complete'] as const)('on the way: the transfer is %s and no party shows it yet', (state) => {
    expect(read(withRecords(record(state, 11)))).toBe('on-the-way');
  });

  it('failed: by the newest record, and before a party that only came and went', () => {
    expect(read(withRecords(record('failed', 11)))).toBe('failed');
    expect(read(withRecords(record('failed', 11), record('pending', 12)))).toBe('on-the-way');
    expect(read(withRecords(record('complete', 11), record('failed', 12)))).toBe('failed');
    const bounced = view([customerParty(), botParty(), queueParty('p', { state: 'ended' })], [record('failed', 11)]);
    expect(read(bounced)).toBe('failed');
  });

  it('an arrival counts more than any record', () => {
    expect(read({ ...IN_QUEUE, transfers: [record('failed', 11)] })).toBe('arrived');
  });
});

describe('who is replaced', () => {
  it('the newest live queue, else the newest live bot, never the customer, an agent or anybody who has ended', () => {
    const waiting = queueParty('p-2', { queueId: OTHER_QUEUE.id });
    expect(replaceableIn(view([customerParty(), queueParty('p-1'), waiting, botParty()]))?.id).toBe('p-2');
    expect(replaceableIn(view([customerParty(), queueParty('p-1', { state: 'ended' }), botParty()]))?.id).toBe('p-bot');
    expect(replaceableIn(view([customerParty(), agentParty(), botParty({ state: 'ended' })]))).toBeUndefined();
  });
});

describe('the newest transfer', () => {
  it('is found in any order; none is as old as can be', () => {
    expect(newestTransferAt(withRecords(record('failed', 12), record('pending', 11)))).toBe(12);
    expect(newestTransferAt(WITH_BOT)).toBe(0);
  });
});
