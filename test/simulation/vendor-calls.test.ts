import { describe, expect, it } from 'vitest';
import { cxoneCall } from './cxone-call.ts';
import { genesysCall } from './genesys-call.ts';

const CONVERSATION = '/api/v2/conversations/c1';
const PARTY = '/api/v2/conversations/calls/c1/participants/p1';
const ACD = '/incontactapi/services/v30.0';

describe('what a call to Genesys Cloud asks for', () => {
  it.each([
    ['POST', '/oauth/token', {}, { kind: 'login', conversationId: null }],
    ['GET', '/api/v2/routing/queues', {}, { kind: 'queues', conversationId: null }],
    ['GET', '/api/v2/users/u1', {}, { kind: 'target', conversationId: null }],
    ['GET', CONVERSATION, {}, { kind: 'look', conversationId: 'c1', participantId: null }],
    ['PUT', `${CONVERSATION}/tags`, {}, { kind: 'tag', conversationId: 'c1' }],
    ['PATCH', `${CONVERSATION}/participants/p1/attributes`, {}, { kind: 'attributes', participantId: 'p1' }],
    ['POST', `${CONVERSATION}/participants/p1/replace/queue`, {}, { kind: 'transfer', participantId: 'p1' }],
    ['POST', `${CONVERSATION}/participants/p1/transfer`, { address: '+1' }, { kind: 'depart', address: '+1' }],
    ['POST', `${PARTY}/voice/consult`, { address: '+1' }, { kind: 'depart', conversationId: 'c1', address: '+1' }],
    ['PUT', `${PARTY}/communications/x/uuidata`, {}, { kind: 'along', conversationId: 'c1' }],
    ['PATCH', PARTY, {}, { kind: 'join', conversationId: 'c1', participantId: 'p1' }],
    ['DELETE', `${PARTY}/consult`, {}, { kind: 'let-go', conversationId: 'c1' }],
    ['POST', `${CONVERSATION}/disconnect`, {}, { kind: 'close', conversationId: 'c1' }],
    ['POST', `${CONVERSATION}/dance`, {}, { kind: 'other', conversationId: 'c1' }],
  ])('%s %s', (method, path, body, asked) => {
    expect(genesysCall({ method, path, body })).toMatchObject(asked);
  });
});

describe('what a call to CXone asks for', () => {
  it.each([
    ['GET', '/.well-known/openid-configuration', {}, { kind: 'login', conversationId: null }],
    ['GET', `${ACD}/skills`, {}, { kind: 'queues', conversationId: null }],
    ['GET', `${ACD}/agents/4492/states`, {}, { kind: 'target' }],
    ['GET', `${ACD}/skills/1001/activity`, {}, { kind: 'target' }],
    ['GET', `${ACD}/contacts/states`, {}, { kind: 'queues', conversationId: null }],
    ['GET', `${ACD}/contacts/700`, {}, { kind: 'look', conversationId: '700' }],
    ['GET', `${ACD}/contacts/700/hierarchy`, {}, { kind: 'beside', conversationId: '700' }],
    ['POST', `${ACD}/interactions/700/signal`, { p1: 'Context' }, { kind: 'attributes', conversationId: '700' }],
    ['POST', `${ACD}/interactions/700/signal`, { p1: 'Transfer', p2: '+1' }, { kind: 'depart', address: '+1' }],
    ['POST', `${ACD}/interactions/700/signal`, { p1: 'Requeue' }, { kind: 'transfer', conversationId: '700' }],
    ['POST', `${ACD}/interactions/700/signal`, { p1: 'Dance' }, { kind: 'other', conversationId: '700' }],
    ['POST', `${ACD}/agent-sessions/join`, {}, { kind: 'session', conversationId: null }],
    [
      'POST',
      `${ACD}/agent-sessions/s1/dial-phone`,
      { parentContactId: 700, phoneNumber: '+1' },
      { kind: 'depart', conversationId: '700', address: '+1' },
    ],
    ['POST', `${ACD}/agent-sessions/s1/interactions/transfer-calls`, {}, { kind: 'join', conversationId: null }],
    ['POST', `${ACD}/agent-sessions/s1/interactions/701/end`, {}, { kind: 'let-go', conversationId: '701' }],
    ['POST', `${ACD}/agent-sessions/s1/interactions/700/resume`, {}, { kind: 'resume', conversationId: '700' }],
    ['POST', `${ACD}/agent-sessions/s1/dance`, {}, { kind: 'other', conversationId: null }],
  ])('%s %s', (method, path, body, asked) => {
    expect(cxoneCall({ method, path, body })).toMatchObject(asked);
  });
});
