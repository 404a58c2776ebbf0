import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PlatformName } from '../../ids.ts';
import { readGatewayEvent } from './gateway-event.ts';

const ACME = 'acme' as PlatformName;
const EVENT = {
  event: 'interaction:updated',
  id: 'msg-1',
  at: '2026-11-20T08:00:00Z',
  interactionId: 'five9-1',
  canonicalInteractionId: 'int-1',
  state: 'active',
  parties: [
    { id: 'p1', role: 'customer', state: 'connected' },
    { id: 'p2', role: 'agent', state: 'connected', queueId: 'q1', agentId: 'a1' },
  ],
  transfers: [
    { id: 't2', transferType: 'consultative', state: 'consulting', issuedAt: '2026-11-20T08:00:02Z' },
    { id: 't1', transferType: 'blind', state: 'failed', queueId: 'q1', issuedAt: '2026-11-20T08:00:01+00:00' },
  ],
};

describe('what a gateway tells', () => {
  it('is the whole conversation as it is now, in our words', () => {
    expect(readGatewayEvent(EVENT, ACME)).toEqual({
      news: [
        {
          kind: 'event',
          event: {
            platform: 'acme',
            externalId: 'five9-1',
            messageId: 'msg-1',
            at: Date.UTC(2026, 10, 20, 8),
            kind: 'seen',
            view: {
              ended: false,
              parties: EVENT.parties,
              transfers: [
                { state: 'failed', queueId: 'q1', issuedAt: Date.UTC(2026, 10, 20, 8, 0, 1) },
                { state: 'pending', issuedAt: Date.UTC(2026, 10, 20, 8, 0, 2) },
              ],
            },
          },
        },
      ],
      problems: [],
    });
  });

  it('is a redemption first where the call came with a reservation', () => {
    const { news } = readGatewayEvent({ ...EVENT, reservationId: 'res-1' }, ACME);
    expect(news.map(({ kind }) => kind)).toEqual(['redemption', 'event']);
    expect(news[0]).toEqual({
      kind: 'redemption',
      redemption: { platform: 'acme', externalId: 'five9-1', reservationId: 'res-1', at: Date.UTC(2026, 10, 20, 8) },
    });
  });

  it('has ended when its state is completed', () => {
    const { news } = readGatewayEvent({ ...EVENT, event: 'interaction:completed', state: 'completed' }, ACME);
    expect(news).toMatchObject([{ event: { view: { ended: true } } }]);
  });

  it.each([
    ['nothing', null],
    ['a list', [EVENT]],
    ['another event', { ...EVENT, event: 'interaction:created' }],
    ['no message id', { ...EVENT, id: '' }],
    ['no parties', { ...EVENT, parties: undefined }],
    ['a time that is none', { ...EVENT, at: 'yesterday' }],
    ['an unknown state', { ...EVENT, state: 'thinking' }],
  ])('is a problem when it is %s, and its content is not told on', (_what, payload) => {
    const { news, problems } = readGatewayEvent(payload, ACME);
    expect(news).toEqual([]);
    expect(problems).toHaveLength(1);
    expect(problems[0]).not.toMatch(/yesterday|thinking|five9/);
  });

  it('never throws, whatever comes', () => {
    fc.assert(
      fc.property(fc.anything(), (payload) => {
        const { news, problems } = readGatewayEvent(payload, ACME);
        expect(news.length + problems.length).toBeGreaterThan(0);
      }),
    );
  });
});
