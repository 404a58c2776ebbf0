// Owns a far side that answers as CXone does, one answer at a time, for the tests of its adapter.

import type { ExternalId, ParticipantId, PlatformName, QueueId } from '../../src/ids.ts';
import { type CxonePlatformOptions, cxonePlatform } from '../../src/platforms/cxone/cxone-platform.ts';
import type { Call } from '../../src/platforms/platform.ts';
import { manualClock } from './manual-clock.ts';
import { type Answer, type Asked, type Script, scriptedServer } from './scripted-server.ts';

export const call: Call = { signal: new AbortController().signal, mayStart: () => true, priority: 'live' };
export const phone = { externalId: '700' as ExternalId, channel: 'voice' } as const;
export const chat = { externalId: '5000001' as ExternalId, channel: 'webchat' } as const;
export const queue = { id: '1001' as QueueId, name: 'Billing' };
export const script = '700.script' as ParticipantId;
const ACD = '/incontactapi/services/v30.0';

export const inScript = { contactId: 700, masterContactId: 700, stateName: 'PreQueue', lastUpdateTime: 't0' };
export const withAgent = { ...inScript, stateName: 'Active', skillId: 1001, agentId: 4492 };
export const over = { ...inScript, endReason: 'Transferred', totalDurationSeconds: 9 };

export type Scripted = (asked: Asked, api: string) => ReturnType<Script> | undefined;

/** Answers a login, the skills and a contact in its script as CXone does; the rest is `special`'s, 204 by default. */
export async function scriptedCxone(special: Scripted = () => undefined, options: Partial<CxonePlatformOptions> = {}) {
  let url = '';
  const server = await scriptedServer((asked) => {
    const path = asked.path.startsWith(ACD) ? asked.path.slice(ACD.length) : asked.path;
    const answer = special({ ...asked, path }, path);
    if (answer !== undefined) return answer;
    if (path.includes('openid-configuration')) return { status: 200, json: { token_endpoint: `${url}/auth/token` } };
    if (path === '/auth/token') return { status: 200, json: { access_token: 'TOKEN', expires_in: 3_600 } };
    if (path.startsWith('/skills?')) {
      const skills = [
        { skillId: 1001, skillName: 'Billing', isActive: true },
        { skillId: 1002, skillName: 'Closed', isActive: false },
      ];
      return { status: 200, json: { totalRecords: 2, skills } };
    }
    if (asked.method === 'GET' && path === '/contacts/700') return { status: 200, json: { contactId: inScript } };
    return { status: 204 } satisfies Answer;
  });
  url = server.url;
  const clock = manualClock();
  const logged: string[] = [];
  const platform = cxonePlatform({
    name: 'nice_cxone' as PlatformName,
    issuerUrl: url,
    login: { kind: 'central', clientId: 'app', clientSecret: 'hush' },
    accessKeyId: 'KEY',
    accessKeySecret: 'hush-hush',
    apiUrl: url,
    digitalUrl: url,
    apiVersion: 'v30.0',
    clock,
    rateLimitPerMinute: 600,
    attributeValueBytes: 256,
    settleMs: 5_000,
    letGoBy: 'TRANSFER',
    random: () => 0,
    log: ({ level, code, detail }) => logged.push(`${level} ${code} ${detail}`),
    ...options,
  });
  const api = () =>
    server.asked
      .filter(({ path }) => path.startsWith(ACD) || path.startsWith('/dfo/'))
      .map(({ method, path }) => `${method} ${path.replace(ACD, '')}`);
  const signalled = () =>
    server.asked.filter(({ path }) => path.endsWith('/signal')).map(({ body }) => JSON.parse(body) as unknown);
  const dispose = async () => {
    await platform.close();
    await server[Symbol.asyncDispose]();
  };
  return { server, platform, clock, logged, api, signalled, [Symbol.asyncDispose]: dispose };
}

export const contact =
  (json: object): Scripted =>
  ({ method }, path) =>
    method === 'GET' && path === '/contacts/700' ? { status: 200, json } : undefined;
