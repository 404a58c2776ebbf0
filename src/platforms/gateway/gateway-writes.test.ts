import { describe, expect, it } from 'vitest';
import type { AgentId, ParticipantId } from '../../ids.ts';
import type { Departing } from '../platform.ts';
import { reserveRequest, transferRequest } from './gateway-contract.ts';
import { contextBody, departureBody, reserveBody } from './gateway-writes.ts';

const DEPARTING: Departing = {
  way: 'rest',
  style: 'blind',
  leaving: 'p2' as ParticipantId,
  address: '+18885551900',
  token: 'dG9rZW4',
  interactionId: 'int-1',
  reservationId: 'res-1',
};

describe('what we ask, in the contract’s words', () => {
  it('a reservation for an agent or a queue, the hold limit in seconds', () => {
    const common = {
      key: 'k',
      channel: 'voice',
      holdLimitMs: 15_000,
      context: { canonicalInteractionId: 'int-1' },
    } as const;
    const ofAgent = reserveBody({ ...common, target: { kind: 'agent', agentId: 'a1' as AgentId } });
    expect(ofAgent).toEqual({
      targetAgentId: 'a1',
      mediaType: 'voice',
      holdDurationLimit: 15,
      contextPayload: { canonicalInteractionId: 'int-1' },
    });
    const ofQueue = reserveBody({ ...common, target: { kind: 'queue', queueName: 'Support' } });
    expect(ofQueue).toMatchObject({ targetQueue: 'Support' });
    for (const body of [ofAgent, ofQueue]) expect(reserveRequest.safeParse(body).success).toBe(true);
  });

  it('a consultation is never warm: its end is ours to say', () => {
    expect(departureBody('five9-1', { ...DEPARTING, style: 'consult' }).transferType).toBe('consultative');
    expect(departureBody('five9-1', DEPARTING).transferType).toBe('blind');
  });

  it.each([
    ['+18885551900', { type: 'phoneNumber', phoneNumber: '+18885551900' }],
    ['sip:desk@other.example', { type: 'sip', uri: 'sip:desk@other.example' }],
    ['SIPS:desk@other.example', { type: 'sip', uri: 'SIPS:desk@other.example' }],
  ])('an address is what it looks like: %s', (address, transferTo) => {
    const body = departureBody('five9-1', { ...DEPARTING, address });
    expect(body.transferTo).toEqual(transferTo);
    expect(transferRequest.safeParse(body).success).toBe(true);
  });

  it('keys pressed are a list, also when they are not ours or cannot be read', () => {
    const keys = (dtmfSequence: string) => contextBody({ dtmfSequence }, 'int-1', {}).dtmfSequence;
    expect(keys('["1","3"]')).toEqual(['1', '3']);
    expect(keys('[1,3]')).toEqual(['1', '3']);
    expect(keys('130')).toEqual(['130']);
    expect(keys('1,3,0')).toEqual(['1,3,0']);
    expect(keys('')).toEqual([]);
  });

  it('a link is given only where there is a page, and the context’s reference before the manifest’s', () => {
    const url = { referenceUrl: (ref: string) => `https://t.example/${ref}` };
    expect(contextBody({ intent: 'a' }, undefined, url)).toEqual({ attributes: { intent: 'a' } });
    expect(contextBody({ handoff_manifest_ref: 'm' }, undefined, {})).not.toHaveProperty('referenceUrl');
    expect(contextBody({ handoff_manifest_ref: 'm' }, undefined, url).referenceUrl).toBe('https://t.example/m');
    expect(contextBody({ handoff_manifest_ref: 'm', handoff_context_ref: 'c' }, undefined, url).referenceUrl).toBe(
      'https://t.example/c',
    );
    expect(contextBody({ handoff_context_ref: '' }, undefined, url).referenceUrl).toBe('');
  });

  it('says whether anything is masked, and takes it back when that is overwritten (seed 002 §1)', () => {
    expect(contextBody({ piiMasked: 'true' }, 'int-1', {})).toMatchObject({ piiMasked: true });
    expect(contextBody({ piiMasked: '' }, undefined, {})).toMatchObject({ piiMasked: false });
    expect(contextBody({ intent: 'a' }, 'int-1', {})).not.toHaveProperty('piiMasked');
  });

  it('knows keys and reference by the names that a mapping gives them, too', () => {
    const mapping = { dtmfSequence: 'Digits', handoff_context_ref: 'tl_ref', piiMasked: 'Masked' };
    const attributes = { Digits: '["1","3"]', tl_ref: 'c', Masked: 'true' };
    const referenceUrl = (ref: string) => `https://t.example/${ref}`;
    expect(contextBody(attributes, undefined, { mapping, referenceUrl })).toEqual({
      attributes,
      dtmfSequence: ['1', '3'],
      referenceUrl: 'https://t.example/c',
      piiMasked: true,
    });
    // An escalation's are not mapped.
    expect(contextBody({ dtmfSequence: '["1"]' }, undefined, { mapping }).dtmfSequence).toEqual(['1']);
  });
});
