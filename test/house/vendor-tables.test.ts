// Owns the proof that docs/vendors cannot rot: every call that an adapter's source makes has a row, every row a call, every claim of the guides about
// a vendor an answer, and Studio's actions are called what NICE calls them.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { callsIn, type SourceRequest } from './requests-in-source.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (name: string): string => readFileSync(join(root, name), 'utf8');

type Vendor = { readonly page: string; readonly sources: readonly string[]; readonly claims: readonly string[] };

/** What the guides name, in their spelling. */
const vendors: Readonly<Record<string, Vendor>> = {
  'Genesys Cloud': {
    page: 'docs/vendors/genesys.md',
    sources: ['src/platforms/genesys', 'src/channels/sms/genesys-agentless.ts'],
    claims: [
      ...[
        'POST /api/v2/interactions/transfer',
        'transferTo',
        'metadata.reservationId',
        'CXONE_HANDBACK',
        'interactionId',
      ],
      ...['routingData', 'interaction:updated', 'interaction:completed', 'RFC 2833', 'Replaces', '3,600 s', '`exp`'],
      ...['Telephony > Transfer > Edit', 'API > Application > Create', 'Interaction > Write', 'interaction:write'],
      ...['telephony:call:transfer', 'user:read', 'analytics:callmetrics:read', 'preserved media', 'G.722'],
      ...['conversations:write', 'conversations:read', 'messaging:read', 'Conversations > Communication > Create'],
      ...['Architect > Flow > Add/Edit', 'Routing > Queue > Edit', 'Integrations > Integration > View/Edit'],
      ...['Send Agentless SMS', 'Database.set', 'Wrapup injection', 'Set Participant Data', 'Get Participant Data'],
      ...[
        'POST /api/v2/conversations/callbacks',
        'agentContextSummary',
        'delivery receipt',
        'one CSAT',
        'wrap_up_prompt',
      ],
      ...[
        'Webchat',
        'SetExternalSessionAttributes',
        'Division',
        'inactivity',
        'bot resumes',
        'Guest Chat',
        'participant.state',
      ],
      ...[
        '256 characters',
        'Not Ready',
        'Conversations > Message > Create, Edit',
        'Routing > Queue > View',
        'userId: null',
      ],
      ...[
        'initiateChat',
        'channelStatus',
        'ChatSession',
        'Conversation Workflows',
        'Send Push Notification',
        'Connect Mobile',
      ],
      ...['Conversation > Outbound Initiate', 'Conversation > Email > Edit', 'API > Read/Write', 'conversation.write'],
      ...['conversation.read', '`auth`', 'https://api.mypurecloud.com'],
    ],
  },
  'NICE CXone': {
    page: 'docs/vendors/cxone.md',
    sources: ['src/platforms/cxone'],
    claims: [
      ...[
        'POST /v1/interactions/reserve',
        'dryRun',
        'reservationId',
        'validUntil',
        'holdDurationLimit',
        'contextPayload',
      ],
      ...[
        'nice-usr-4492',
        'platform.nice-incontact.com',
        'inbound.nice-incontact.com',
        'CXONE_HANDBACK',
        'interactionId',
      ],
      ...[
        'sessionData',
        'interaction:context:update',
        'interaction:updated',
        'interaction:completed',
        'RFC 2833',
        'in-band',
      ],
      ...['interactions:write', 'agents:read', 'telephony:manage', 'analytics:read', 'client credentials', '3,600 s'],
      ...[
        'Interaction > Transfer > Manage',
        'API Developer > Application Access',
        'Telephony > Session Control',
        'Replaces',
      ],
      ...['VOICEBOT BEGIN', 'VOICEBOT END', 'DIGITALBOT BEGIN', 'DIGITALBOT END', 'SET ~CustomerContext'],
      ...['REQAGENT ~CustomerContext', 'Custom Data', 'Virtual Agent Hub', 'G.722', 're-queue'],
    ],
  },
};

/** Of one source file, or of every file of a folder that is no test. */
function sourcesOf(name: string): readonly string[] {
  if (name.endsWith('.ts')) return [read(name)];
  return readdirSync(join(root, name))
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .map((file) => read(`${name}/${file}`));
}

/** `{id}` is whatever stands there; queries are left away. */
const shapeOf = (path: string): string =>
  path
    .replace(/\?.*$/, '')
    .replace(/\{[^}]*\}/g, '{}')
    .replace(/^\//, '');

/** The rows of the section "Every call": one call each. */
function documentedIn(page: string): readonly SourceRequest[] {
  const section = /^## Every call\n(.*?)^## /ms.exec(page)?.[1] ?? '';
  return [...section.matchAll(/^\| `([A-Z]+) ([^`]+)` \|/gm)].map(([, method = '', path = '']) => ({
    method,
    path: shapeOf(path),
  }));
}

/** What comes first may be known at run time only: a host, or an agent's session. */
function isSamePath(source: string, documented: string): boolean {
  const shape = shapeOf(source);
  return shape === documented || (shape.startsWith('{}/') && documented.endsWith(shape.slice(2)));
}

const isSame = (source: SourceRequest, row: SourceRequest): boolean =>
  source.method === row.method && isSamePath(source.path, row.path);

const named = ({ method, path }: SourceRequest): string => `${method} ${path}`;

describe.each(Object.entries(vendors))('the page of %s', (_vendor, { page, sources, claims }) => {
  const text = read(page);
  const rows = documentedIn(text);
  const calls = sources.flatMap(sourcesOf).map(callsIn);
  const requests = calls.flatMap((one) => one.requests);
  const paths = calls.flatMap((one) => one.paths);

  it('has a row for every request that the adapter builds, by method and path', () => {
    expect(requests.length).toBeGreaterThan(10);
    expect(requests.filter((one) => !rows.some((row) => isSame(one, row))).map(named)).toEqual([]);
  });

  it('names every path that stands in the adapter, however it is put together', () => {
    const known = [...text.matchAll(/`([^`]+)`/g)].map(([, span = '']) => shapeOf(span));
    const isKnown = (path: string) => known.some((one) => one.includes(shapeOf(path).replace(/^\{\}\/|\/\{\}$/g, '')));
    expect(paths.filter((path) => !isKnown(path))).toEqual([]);
  });

  it('has no row for a call that nothing makes, and none twice', () => {
    const isMade = (row: SourceRequest) =>
      !row.path.includes('/') ||
      requests.some((one) => isSame(one, row)) ||
      paths.some((path) => isSamePath(path, row.path) || row.path === `{}/${shapeOf(path)}`);
    expect(rows.filter((row) => !isMade(row)).map(named)).toEqual([]);
    expect(new Set(rows.map(named)).size).toBe(rows.length);
  });

  it('answers every claim of the guides in a row', () => {
    const answers = text.split('\n').filter((line) => line.startsWith('|'));
    expect(claims.filter((claim) => !answers.some((line) => line.includes(claim)))).toEqual([]);
  });
});

describe('the reading of a source', () => {
  it('sees a call however its path is put together, and names what is known at run time only', () => {
    const source = `
      const BASE = '/api/v2/things';
      export function calls(line: Line, id: string, deep: boolean) {
        const path = deep ? \`\${pathOf(id, 'deep')}?x=\${id}\` : '/flat';
        line.digital({ method: 'GET', path }, call);
        return (session: string) => ({ method: 'POST', path: \`\${session}/end\` });
      }
      function pathOf(id: string, what: 'deep') {
        return \`\${BASE}/\${encodeURIComponent(id)}/\${what}\`;
      }
      const read = (path: string) => send({ method: 'GET', url: host + path });
      read('/elsewhere');`;
    const { requests, paths } = callsIn(source);
    expect(requests.map(named)).toEqual(['GET /dfo/3.0/api/v2/things/{}/deep', 'GET /dfo/3.0/flat', 'POST {}/end']);
    expect(paths).toEqual(expect.arrayContaining(['/elsewhere', '/api/v2/things', '/flat']));
  });
});

/** NICE help, Studio actions; those of the facts, and what our scripts use beside them. */
const ACTIONS: ReadonlySet<string> = new Set([
  ...['BEGIN', 'END', 'HANGUP', 'ASSIGN', 'SNIPPET', 'IF', 'CASE', 'LOOP', 'WAIT', 'MUSIC', 'PLAY', 'REST API'],
  ...['REQAGENT', 'UPDATECONTACT', 'AGENTSTATE', 'ONANSWER', 'ONASSIGNMENT', 'ONRELEASE', 'ONSIGNAL', 'ONDATA'],
  ...['PLACECALL', 'LINK', 'TRANSFER', 'BLINDXFER', 'SIPGETHEADER', 'SIPPUTHEADER', 'SIPXFERPUTHD', 'SIGNAL', 'SPAWN'],
  ...['POPURL', 'RUNAPP', 'INDICATE', 'PAGE', 'CUSTOMEVENT', 'CALLBACK', 'QUEUECALLBACK', 'GET CUSTOM FIELDS'],
  ...['UPDATE CUSTOM FIELD', 'GET CUSTOMER DIGITAL', 'VOICEBOT EXCHANGE', 'TEXTBOT EXCHANGE'],
]);

it.each([
  'docs/deflection.md',
  ...readdirSync(join(root, 'docs/vendors/cxone')).map((file) => `docs/vendors/cxone/${file}`),
])("%s calls Studio's actions what NICE calls them", (name) => {
  const text = read(name);
  const bold = [...text.matchAll(/\*\*([A-Z][A-Z ]+)\*\*/g)].map(([, action = '']) => action);
  expect(bold.length).toBeGreaterThan(0);
  expect(bold.filter((action) => !ACTIONS.has(action))).toEqual([]);
});
