// Tests how a Genesys conversation looks to us.

import { describe, expect, it } from 'vitest';
import type { Queue } from '../../context/conversation.ts';
import type { QueueId } from '../../ids.ts';
import { conversationView } from './conversation-view.ts';
import type { WireConversation, WireParticipant, WireTransfer } from './genesys-wire.ts';

const queues: readonly Queue[] = [{ id: 'q-1' as QueueId, name: 'Billing' }];
const view = (participants: readonly WireParticipant[], extra: Partial<WireConversation> = {}) =>
  conversationView(
    { id: 'c', startTime: '2026-11-20T10:00:00.000Z', participants: [...participants], ...extra },
    queues,
  );
const states = (participants: readonly WireParticipant[]) =>
  view(participants).parties.map(({ role, state }) => `${role} ${state}`);

describe('conversationView: what an earlier handoff has left', () => {
  const attributes = { interactionId: 'i-1', handoff_manifest_ref: 'ref-1', intent: 'refund' };

  it('is read off the customer alone', () => {
    const left = view([
      { id: 'c', purpose: 'customer', attributes },
      { id: 'a', purpose: 'agent', attributes: { ...attributes, recommended_queue: 'Tier2' } },
    ]);
    expect(left.leftBehind).toEqual(['handoff_manifest_ref']);
  });

  it.each([
    { participants: [] },
    { participants: [{ id: 'c', purpose: 'customer', attributes: { intent: 'refund' } }] },
  ])('is absent where there is nothing to be seen', ({ participants }) => {
    expect(view(participants)).not.toHaveProperty('leftBehind');
  });
});

describe('conversationView: parties', () => {
  it.each([
    ['customer', 'customer'],
    ['external', 'customer'],
    ['acd', 'queue'],
    ['agent', 'agent'],
    ['user', 'agent'],
    ['ivr', 'bot'],
    ['botflow', 'bot'],
    ['workflow', 'bot'],
    ['voicemail', 'other'],
    ['constructor', 'other'],
    [undefined, 'other'],
  ])('maps the purpose %s to %s', (purpose, role) => {
    expect(view([{ id: 'p', purpose }]).parties[0]?.role).toBe(role);
  });

  it('takes an external party beside a customer for somebody who was called in', () => {
    expect(
      states([
        { id: 'e', purpose: 'external' },
        { id: 'c', purpose: 'customer' },
      ]),
    ).toEqual(['other connected', 'customer connected']);
  });

  it('takes only the first of two external parties for the customer', () => {
    expect(
      states([
        { id: 'a', purpose: 'external' },
        { id: 'b', purpose: 'external' },
      ]),
    ).toEqual(['customer connected', 'other connected']);
  });

  it('reads the state from the media, as the party itself carries none', () => {
    expect(
      states([
        { id: '1', purpose: 'agent', calls: [{ state: 'alerting' }] },
        { id: '2', purpose: 'agent', calls: [{ state: 'contacting' }] },
        { id: '3', purpose: 'agent', messages: [{ state: 'connected' }] },
        { id: '4', purpose: 'agent', emails: [{ state: 'parked' }] },
        { id: '5', purpose: 'agent', callbacks: [{ state: 'scheduled' }] },
        { id: '6', purpose: 'agent', messages: [{ state: 'disconnected' }] },
        { id: '7', purpose: 'agent', calls: [{ state: 'TERMINATED' }] },
        { id: '8', purpose: 'agent', calls: [{ state: 'disconnected' }, { state: 'alerting' }] },
        { id: '9', purpose: 'agent', callbacks: [{ state: 'connected' }], calls: [{ state: 'dialing' }] },
        { id: '10', purpose: 'agent', videos: [{ state: null }] },
      ]),
    ).toEqual(
      [
        'alerting',
        'alerting',
        'connected',
        'connected',
        'connected',
        'ended',
        'ended',
        'alerting',
        'connected',
        'connected',
      ].map((state) => `agent ${state}`),
    );
  });

  it('counts a queue that looks for an agent as connected: the customer waits there', () => {
    expect(states([{ id: 'q', purpose: 'acd', calls: [{ state: 'alerting' }] }])).toEqual(['queue connected']);
    expect(states([{ id: 'q', purpose: 'acd' }])).toEqual(['queue connected']);
  });

  it('takes an end time as the end, whatever the media say', () => {
    const ended = { endTime: '2026-11-20T10:05:00.000Z', messages: [{ state: 'connected' }] };
    expect(states([{ id: 'c', purpose: 'customer', ...ended }])).toEqual(['customer ended']);
  });

  it('carries queue and agent ids, and leaves out parties without an id', () => {
    expect(view([{ id: 'p', purpose: 'agent', userId: 'u', queueId: 'q' }, { purpose: 'agent' }]).parties).toEqual([
      { id: 'p', role: 'agent', state: 'connected', queueId: 'q', agentId: 'u' },
    ]);
  });
});

describe('conversationView: the conversation', () => {
  it('is ended by its end time only', () => {
    expect(view([]).ended).toBe(false);
    expect(view([], { endTime: '2026-11-20T10:05:00.000Z' }).ended).toBe(true);
  });
});

describe('conversationView: transfers', () => {
  const transfers = (...recentTransfers: WireTransfer[]) => view([], { recentTransfers }).transfers;

  it('come oldest first', () => {
    const at = (dateIssued: string) => transfers({ dateIssued, state: 'Complete' })[0]?.issuedAt;
    const [first, second] = ['2026-11-20T10:01:00.000Z', '2026-11-20T10:02:00.000Z'];
    expect(transfers({ dateIssued: second }, { dateIssued: first }).map((one) => one.issuedAt)).toEqual([
      at(first),
      at(second),
    ]);
  });

  it.each([
    ['Pending', 'pending'],
    ['Active', 'pending'],
    ['Unknown', 'pending'],
    [undefined, 'pending'],
    ['Complete', 'complete'],
    ['COMPLETE', 'complete'],
    ['Failed', 'failed'],
    ['Canceled', 'failed'],
    ['Timeout', 'failed'],
  ])('map the state %s to %s', (state, ours) => {
    expect(transfers({ state })[0]?.state).toBe(ours);
  });

  it('know the queue by its id, by its name, or by an id they have not seen yet', () => {
    const unseen = '6f0a7a8e-2a53-4b0c-8a51-0d9a1ffb0f11';
    const queueOf = (destination: WireTransfer['destination']) => transfers({ destination })[0]?.queueId;
    expect(queueOf({ address: 'q-1' })).toBe('q-1');
    expect(queueOf({ address: 'Billing' })).toBe('q-1');
    expect(queueOf({ address: unseen })).toBe(unseen);
    expect(queueOf({ address: '+14155551234' })).toBeUndefined();
    expect(queueOf({ userId: 'u', address: unseen })).toBeUndefined();
    expect(queueOf(null)).toBeUndefined();
  });

  it('without a readable date are as old as the conversation', () => {
    expect(transfers({ dateIssued: 'yesterday' })[0]?.issuedAt).toBe(Date.UTC(2026, 10, 20, 10));
    expect(view([], { startTime: null, recentTransfers: [{}] }).transfers[0]?.issuedAt).toBe(0);
  });
});
