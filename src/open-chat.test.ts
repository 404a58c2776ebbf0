// Tests the assembly of our own conversations: the example's bot answers on a real socket, hands over to people, and files pass the scanner.

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { serve } from '../test/contract/served.ts';
import { type ChatSettings, chatSection, readChat } from './config-chat.ts';
import { performChat } from './execute-chat.ts';
import { JournalUnavailable } from './journal/journal-unavailable.ts';
import { chatParts, filesInto, openChat, scannerAt, writingTo } from './open-chat.ts';
import type { Desk } from './platforms/desk.ts';

function settingsOf(more: object = {}): ChatSettings {
  const bots = { 'front-desk': { flowFile: 'examples/bots/front-desk.yaml' } };
  const faults: string[] = [];
  const settings = readChat(
    chatSection.parse({ publicUrl: 'https://chat.example.com', bot: 'front-desk', bots, ...more }),
    {
      path: new URL('../throughline.yaml', import.meta.url).pathname,
      read: (path) => readFileSync(path, 'utf8'),
      env: { SECRET: 'a-secret-of-enough-letters' },
      platforms: new Map([
        ['genesys_cloud', 'genesys'],
        ['nice_cxone', 'cxone'],
      ]),
    },
    faults,
  );
  if (!settings) throw new Error(faults.join('; '));
  return settings;
}

const CALL = { signal: new AbortController().signal, mayStart: () => true, priority: 'live' } as const;
const answering = (status: number, body: string) => async () => new Response(body, { status });

describe('the assembly', () => {
  it('asks the configured bot and reaches the configured people', async () => {
    await using served = await serve();
    const made: string[] = [];
    const desk: Desk = {
      deduplicates: false,
      open: async () => ({ kind: 'transient', code: 'unavailable' }),
      deliver: async () => ({ kind: 'done', value: null }),
    };
    const openMessaging = { integrationId: 'i', secretEnvs: ['SECRET'] };
    const settings = settingsOf({ desk: { platform: 'genesys_cloud', openMessaging } });
    const parts = chatParts(
      settings,
      {
        fetch: answering(200, '{}'),
        clock: served.clock,
        policy: () => served.parts.policy,
        deskOf: ({ kind }, linkTo) => {
          made.push(kind, linkTo({ ref: 'r', name: 'n', mime: 'm', bytes: 1 }));
          return desk;
        },
      },
      ({ ref }) => `https://chat.example.com/${ref}`,
    );
    expect(made).toEqual(['open-messaging', 'https://chat.example.com/r']);
    const turn = {
      session: 's',
      turnId: 't',
      prompt: { kind: 'event', name: 'opened' },
      memory: null,
      customer: {},
      context: { intent: 'billing' },
    } as const;
    const base = { key: 'k', timeoutMs: 1_000, safety: 'fenced' } as const;
    const outcome = await performChat({ ...base, kind: 'RunBotTurn', bot: 'front-desk', turn }, parts, CALL);
    expect(outcome).toMatchObject({
      kind: 'done',
      result: { messages: [expect.stringContaining('billing'), expect.any(String)] },
    });
    const to = { platform: 'genesys_cloud' as never, far: 'c.1' as never, message: { id: 'm', text: 'x', at: 1 } };
    expect(await performChat({ ...base, ...to, kind: 'DeliverMessage' }, parts, CALL)).toMatchObject({ kind: 'done' });
    const none = chatParts(
      settingsOf(),
      { fetch: answering(200, ''), clock: served.clock, policy: () => served.parts.policy, deskOf: () => desk },
      () => '',
    );
    expect(none.desks.size).toBe(0);
  });

  it('serves the page’s bot, its people’s hooks and its files', async () => {
    await using served = await serve();
    const fetch = answering(200, '{"verdict":"clean"}');
    const findClaim = async () => null;
    const ownChannel = { channelId: 'c', clientId: 'box', clientSecretEnv: 'SECRET' };
    const files = { scanUrl: 'https://scan.example.com' };
    const whole = openChat(
      settingsOf({ phone: '+1 555', desk: { platform: 'nice_cxone', ownChannel }, files }),
      served.parts,
      { findClaim, fetch },
    );
    await using _ = whole.sockets;
    expect(whole.served).toMatchObject({ anchor: 'throughline', bot: 'front-desk', phone: '+1 555', fresh: true });
    expect(whole.served.desks?.ownChannels).toHaveLength(1);
    expect(whole.served.files?.limits).toEqual({
      largestBytes: 10_485_760,
      types: ['image/png', 'image/jpeg', 'application/pdf'],
      keepMs: 86_400_000,
      linkMs: 300_000,
    });
    whole.served.desks?.typing('nobody' as never);
    const openMessaging = { integrationId: 'i', secretEnvs: ['SECRET'] };
    const other = openChat(settingsOf({ desk: { platform: 'genesys_cloud', openMessaging } }), served.parts, {
      findClaim,
      fetch,
    });
    await using __ = other.sockets;
    expect(other.served.desks?.openMessaging).toHaveLength(1);
    const plain = openChat(settingsOf(), served.parts, { findClaim, fetch });
    await using ___ = plain.sockets;
    expect(plain.served).not.toHaveProperty('desks');
    expect(plain.served).not.toHaveProperty('files');
  });
});

describe('a file of an agent’s', () => {
  const PDF = '%PDF-1.7 hello';
  const asked = { interactionId: 'i-1' as never, ref: 'ref-1', url: 'https://files.example.com/1', name: 'bill.pdf' };
  const origins = ['https://files.example.com'];

  async function bringing(answer: Response, verdict = 'clean') {
    const served = await serve();
    const scanned = answering(verdict === 'down' ? 503 : 200, JSON.stringify({ verdict }));
    const opened = openChat(settingsOf({ files: { scanUrl: 'https://scan.example.com' } }), served.parts, {
      findClaim: async () => null,
      fetch: scanned,
    });
    const { files } = opened.served;
    const bring = filesInto(() => files, { fetch: async () => answer, clock: served.clock });
    return { served, opened, files, bring: (from = origins) => bring(asked, from, CALL) };
  }

  it('is fetched, looked at and kept under its own name, again and again the same', async () => {
    const { served, opened, files, bring } = await bringing(new Response(PDF));
    await using _ = served;
    await using __ = opened.sockets;
    const file = { ref: 'ref-1', name: 'bill.pdf', mime: 'application/pdf', bytes: PDF.length };
    expect(await bring()).toEqual({ kind: 'done', value: { file } });
    expect(await files?.find('i-1' as never, 'ref-1')).toEqual(file);
    expect(await bring(['https://elsewhere.example.com'])).toMatchObject({
      kind: 'rejected',
      detail: 'file-elsewhere',
    });
  });

  it.each([
    [PDF, 'infected', { kind: 'done', value: { refused: 'file-infected' } }],
    [PDF, 'down', { kind: 'transient', code: 'unavailable' }],
    ['<script>', 'clean', { kind: 'done', value: { refused: 'file-type-refused' } }],
  ])('%s found %s is %j', async (text, verdict, outcome) => {
    const { served, opened, bring } = await bringing(new Response(text), verdict);
    await using _ = served;
    await using __ = opened.sockets;
    expect(await bring()).toMatchObject(outcome);
  });

  it('waits for the journal, and is refused where no files go along', async () => {
    const { served, opened, files } = await bringing(new Response());
    await using _ = served;
    await using __ = opened.sockets;
    const source = { fetch: async () => new Response(PDF), clock: served.clock };
    if (!files) throw new Error('no files are configured');
    const { limits } = files;
    const down = { limits, take: async () => Promise.reject(new JournalUnavailable(new Error('down'))) };
    expect(await filesInto(() => down, source)(asked, origins, CALL)).toMatchObject({ kind: 'transient' });
    expect(await filesInto(() => undefined, source)(asked, origins, CALL)).toEqual({
      kind: 'done',
      value: { refused: 'files-not-configured' },
    });
  });
});

describe('a customer’s writing', () => {
  it('is shown at the people’s platform with what is left of its quota, or not at all', async () => {
    await using served = await serve();
    const shown: unknown[] = [];
    const desk: Desk = {
      deduplicates: false,
      open: async () => ({ kind: 'transient', code: 'unavailable' }),
      deliver: async () => ({ kind: 'done', value: null }),
      typing: async (writer, { priority, mayStart }) => {
        shown.push([writer, priority, mayStart()]);
        await served.clock.advance(2_000);
        shown.push(mayStart());
        return { kind: 'transient', code: 'not-sent' };
      },
    };
    const { typing: _, ...silent } = desk;
    const desks = new Map([
      ['genesys_cloud', desk],
      ['nice_cxone', silent],
    ]);
    const writing = writingTo({ desks }, served.clock);
    const at = served.clock.now();
    const far = 'c.1' as never;
    for (const platform of ['genesys_cloud', 'nice_cxone', 'nobody']) writing({ platform: platform as never, far });
    await expect.poll(() => shown).toEqual([[{ far, at }, 'report', true], false]);
  });
});

describe('the scanner', () => {
  const file = { name: 'a.png', mime: 'image/png', content: new Uint8Array([1, 2]) };

  it.each([
    [200, '{"verdict":"clean"}', 'clean'],
    [200, '{"verdict":"infected"}', 'infected'],
    [200, '{"verdict":"perhaps"}', 'unavailable'],
    [200, 'null', 'unavailable'],
    [200, 'no json', 'unavailable'],
    [503, '{"verdict":"clean"}', 'unavailable'],
  ])('%i %s is %s', async (status, body, verdict) => {
    expect(await scannerAt('https://scan.example.com', null, answering(status, body))(file)).toBe(verdict);
  });

  it('that cannot be reached lets nothing pass; its secret goes along', async () => {
    const unreachable = async () => Promise.reject(new Error('refused'));
    expect(await scannerAt('https://scan.example.com', null, unreachable)(file)).toBe('unavailable');
    const sent: RequestInit[] = [];
    const seen = async (_: string, init: RequestInit) => {
      sent.push(init);
      return new Response('{"verdict":"clean"}');
    };
    await scannerAt('https://scan.example.com', 'its-secret', seen)(file);
    expect(sent[0]?.headers).toMatchObject({ authorization: 'Bearer its-secret', 'content-type': 'image/png' });
  });
});
