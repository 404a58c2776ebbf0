// Tests our own conversations as a part of a service: the people of the configured platform, and links to files that are absolute.

import { describe, expect, it } from 'vitest';
import { scriptedServer } from '../test/contract/scripted-server.ts';
import { serve } from '../test/contract/served.ts';
import { mountChat } from './chat-mount.ts';
import type { ChatSettings, DeskSettings } from './config-chat.ts';
import { performChat } from './execute-chat.ts';
import type { OpenPlatform } from './open-platforms.ts';
import type { Desk, DeskFile } from './platforms/desk.ts';

const DESK: DeskSettings = {
  kind: 'open-messaging',
  platform: 'genesys_cloud',
  integrationId: 'i-1',
  secrets: ['a-secret-of-enough-letters'],
  deduplicates: false,
  fileOrigins: [],
};
const SETTINGS: ChatSettings = {
  publicUrl: 'https://chat.example.com',
  bot: 'plain',
  fresh: true,
  terms: { plain: { bot: 'plain', turnTimeoutMs: 4_000 } },
  flows: [],
  desks: [DESK],
  files: {
    largestMb: 1,
    types: ['image/png'],
    keepHours: 1,
    linkMinutes: 5,
    scanUrl: 'http://127.0.0.1:1/scan',
    scanSecret: null,
  },
};
const PDF = '%PDF-1.7 hello';
const FILE: DeskFile = { ref: 'r-1', name: 'n', mime: 'image/png', bytes: 1 };

describe('our own conversations in a service', () => {
  it('reach the people of the configured platform, who fetch files by links that are absolute and stand for a while', async () => {
    await using served = await serve();
    const links: ((file: DeskFile) => string)[] = [];
    const people: Desk = {
      deduplicates: false,
      open: async () => ({ kind: 'transient', code: 'unavailable' }),
      deliver: async () => ({ kind: 'done', value: null }),
    };
    const platform = {
      desk: (settings: DeskSettings, linkTo: (file: DeskFile) => string) => {
        expect(settings).toBe(DESK);
        links.push(linkTo);
        return people;
      },
    } as unknown as OpenPlatform;
    const mounted = mountChat(SETTINGS, new Map([['genesys_cloud', platform]]), () => served.parts.policy);
    expect(mounted.parts.desks.get('genesys_cloud')).toBe(people);
    const opened = mounted.open(served.parts);
    await using _ = opened.sockets;
    expect(links[0]?.(FILE)).toMatch(/^https:\/\/chat\.example\.com\/c\/files\/r-1\?until=\d+&sign=/);
    expect(await opened.served.findClaim('A'.repeat(22))).toBeNull();
  });

  it('bring files that agents send from their platform, looked at, once they are served', async () => {
    await using served = await serve();
    await using far = await scriptedServer(({ path, body }) =>
      path === '/scan'
        ? { status: 200, json: { verdict: body === PDF ? 'clean' : 'infected' } }
        : { status: 200, text: PDF },
    );
    const people: Desk = {
      deduplicates: false,
      fileOrigins: [far.url],
      open: async () => ({ kind: 'transient', code: 'unavailable' }),
      deliver: async () => ({ kind: 'done', value: null }),
    };
    const platform = { desk: () => people } as unknown as OpenPlatform;
    const files = {
      ...SETTINGS.files,
      scanUrl: `${far.url}/scan`,
      types: ['application/pdf'],
    } as ChatSettings['files'];
    const settings = { ...SETTINGS, files };
    const mounted = mountChat(settings, new Map([['genesys_cloud', platform]]), () => served.parts.policy);
    const bring = (ref: string, url: string) =>
      performChat(
        {
          kind: 'FetchFile',
          key: ref,
          timeoutMs: 5_000,
          safety: 'repeatable',
          platform: 'genesys_cloud' as never,
          interactionId: 'i-1' as never,
          ref,
          url,
          name: 'bill.pdf',
        },
        mounted.parts,
        { signal: new AbortController().signal, mayStart: () => true, priority: 'live' },
      );
    const opened = mounted.open(served.parts);
    await using _ = opened.sockets;
    const file = { ref: 'r-1', name: 'bill.pdf', mime: 'application/pdf', bytes: PDF.length };
    expect(await bring('r-1', `${far.url}/1`)).toEqual({ kind: 'done', of: 'FetchFile', result: { file } });
    expect(await opened.served.files?.find('i-1' as never, 'r-1')).toEqual(file);
    expect(await bring('r-2', 'http://169.254.169.254/latest')).toMatchObject({ detail: 'file-elsewhere' });
    expect(far.asked.map(({ path }) => path)).toEqual(['/1', '/scan']);
  });

  it('do not begin where that platform has no door for them', () => {
    const mount = (platform: object | undefined) =>
      mountChat(SETTINGS, new Map(platform ? [['genesys_cloud', platform as OpenPlatform]] : []), () => {
        throw new Error('not asked');
      });
    for (const platform of [undefined, {}, { desk: () => null }])
      expect(() => mount(platform)).toThrow('genesys_cloud cannot be reached');
  });
});
