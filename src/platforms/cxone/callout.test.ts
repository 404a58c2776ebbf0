// Tests what scripts tell, in our words.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PlatformName } from '../../ids.ts';
import { readCallouts } from './callout.ts';

const context = { platform: 'nice_cxone' as PlatformName, receivedAt: 7 };
const told = {
  messageId: 'm-1',
  contactId: '700',
  masterContactId: '700',
  mediaType: 'voice',
  at: '2026-11-20T10:00:00.000Z',
};
const read = (...callouts: unknown[]) => readCallouts(callouts.length === 1 ? callouts[0] : callouts, context);
const kinds = (callout: object) =>
  read({ ...told, ...callout }).events.map(({ kind, externalId }) => `${kind} ${externalId}`);

describe('readCallouts', () => {
  it('reads that a contact waits in a queue', () => {
    expect(read({ ...told, event: 'queued', skillId: '1001' })).toEqual({
      events: [
        {
          platform: 'nice_cxone',
          externalId: '700',
          messageId: 'm-1.queue-entered',
          at: Date.UTC(2026, 10, 20, 10),
          kind: 'queue-entered',
          participantId: '700.queue.1001',
          queueId: '1001',
        },
      ],
      problems: [],
    });
  });

  it('reads that an agent has it, who has taken it out of the queue', () => {
    expect(read({ ...told, event: 'answered', agentId: '4492', skillId: '1001' }).events).toMatchObject([
      { kind: 'agent-joined', participantId: '700.agent.4492', agentId: '4492', queueId: '1001' },
      { kind: 'queue-left', participantId: '700.queue.1001', answeredBy: '4492' },
    ]);
    expect(kinds({ event: 'answered', agentId: '4492' })).toEqual(['agent-joined 700']);
  });

  it('gives each of several events of one call-out an id of its own, the same when it is sent again', () => {
    const ids = () =>
      read({ ...told, event: 'answered', agentId: '4492', skillId: '1001' }).events.map((one) => one.messageId);
    expect(new Set(ids()).size).toBe(2);
    expect(ids()).toEqual(ids());
  });

  it('reads that an agent did not take it, which is no talk', () => {
    expect(read({ ...told, event: 'refused', agentId: '4492', skillId: '1001' }).events).toMatchObject([
      { kind: 'agent-left', talked: false, transferred: false },
    ]);
  });

  it('reads that it is over, and who had it', () => {
    for (const reason of ['customer', 'agent', 'script', 'forced', '']) {
      expect(kinds({ event: 'released', agentId: '4492', reason }), reason).toEqual([
        'agent-left 700',
        'customer-left 700',
      ]);
    }
    expect(kinds({ event: 'released' })).toEqual(['customer-left 700']);
  });

  it.each(['transfer', 'blind-transfer'])('does not take the customer for gone when it ended by a %s', (reason) => {
    expect(read({ ...told, event: 'released', agentId: '4492', reason }).events).toMatchObject([
      { kind: 'agent-left', talked: true, transferred: true },
    ]);
  });

  it('tells of a call that an agent made or passed on also under the contact that it began as', () => {
    const part = { contactId: '701', masterContactId: '700', agentId: '4493', skillId: '1002' };
    expect(kinds({ ...part, event: 'answered' })).toEqual([
      'agent-joined 701',
      'queue-left 701',
      'agent-joined 700',
      'queue-left 700',
    ]);
    const ids = read({ ...told, ...part, event: 'answered' }).events.map((one) => one.messageId);
    expect(new Set(ids).size).toBe(4);
  });

  it('does not take the customer for gone when an agent has let such a call go, but when the customer has', () => {
    const part = { contactId: '701', masterContactId: '700', event: 'released' };
    expect(kinds({ ...part, reason: 'agent' })).toEqual(['customer-left 701']);
    expect(kinds({ ...part, reason: 'unreachable' })).toEqual(['customer-left 701']);
    for (const reason of ['customer', 'lost', 'far-end'])
      expect(kinds({ ...part, reason }), reason).toEqual(['customer-left 701', 'customer-left 700']);
  });

  it('knows a digital contact by its number on the digital side', () => {
    expect(kinds({ event: 'queued', skillId: '2001', contactNumber: '5000001', mediaType: 'digital' })).toEqual([
      'queue-entered 5000001',
    ]);
  });

  it('reads that the script has the caller back from an agent, and nothing else of what it has back', () => {
    expect(read({ ...told, event: 'returned', reason: 'agent-released', agentId: '4492' }).events).toMatchObject([
      { kind: 'agent-left', talked: true, transferred: false },
    ]);
    for (const reason of ['transfer-failed', 'target-timeout']) {
      expect(read({ ...told, event: 'returned', reason, agentId: '4492', skillId: '1' })).toEqual({
        events: [],
        problems: [],
      });
    }
  });

  it('gives nothing for what says nothing of who is where, nor for what is not filled in', () => {
    for (const callout of [
      { event: 'signalled', reason: 'context' },
      { event: 'something-new' },
      { event: 'queued', skillId: '' },
      { event: 'answered', agentId: '' },
      { event: 'refused' },
      { event: 'returned', reason: 'agent-released' },
    ]) {
      expect(read({ ...told, ...callout }), JSON.stringify(callout)).toEqual({ events: [], problems: [] });
    }
  });

  it('takes the time of arrival where no time can be read', () => {
    for (const at of ['', 'yesterday', undefined])
      expect(read({ ...told, at, event: 'queued', skillId: '1001' }).events[0]?.at).toBe(7);
  });

  it('reads a list, and names what it could not read without repeating it', () => {
    const { events, problems } = read(
      { ...told, event: 'queued', skillId: '1001' },
      { ...told, event: 'queued', contactId: 'a secret\nvalue' },
      'secret',
      null,
      { messageId: '', event: 'queued', contactId: '1' },
    );
    expect(events).toHaveLength(1);
    expect(problems).toHaveLength(4);
    expect(problems.join()).not.toContain('secret');
    expect(problems[0]).toContain('contactId');
  });

  it('never throws, and gives nothing that a stranger could not have meant', () => {
    const nearly = fc.record(
      {
        messageId: fc.anything(),
        event: fc.oneof(fc.constantFrom('queued', 'answered', 'released', 'refused', 'returned'), fc.anything()),
        contactId: fc.oneof(fc.constant('700'), fc.anything()),
        masterContactId: fc.anything(),
        agentId: fc.oneof(fc.constant('4492'), fc.anything()),
        skillId: fc.oneof(fc.constant('1001'), fc.anything()),
        reason: fc.anything(),
        at: fc.anything(),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.oneof(fc.anything(), nearly, fc.array(nearly)), (payload) => {
        for (const event of readCallouts(payload, context).events) {
          expect(event.messageId).not.toBe('');
          expect(Number.isFinite(event.at)).toBe(true);
          expect(event.externalId).toMatch(/^[\w-]{1,64}$/);
        }
      }),
    );
  });
});
