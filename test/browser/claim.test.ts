// The customer's page in a real browser: a link becomes a conversation, which survives lost lines, refreshes, other tabs and other devices
// (seed 000 §3, edge case 1), and everybody can use it.

import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ExternalId } from '../../src/ids.ts';
import { ChatFiles } from '../../src/server/chat-files.ts';
import { type ChatStage, openChatStage } from '../contract/chat-stage.ts';
import { openChromium } from './chromium.ts';
import { cuttableLine } from './cuttable-line.ts';
import { barriersOn, type Visit, visit } from './stage.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });
let browser: Browser;
let stage: ChatStage;
const writing: unknown[] = [];

beforeAll(async () => {
  browser = await openChromium();
  stage = await openChatStage(
    { writing: (writer) => writing.push(writer) },
    ({ journal, clock, parts }) =>
      new ChatFiles({
        journal,
        clock,
        newId: parts.newId,
        limits: { largestBytes: 4_096, types: ['image/png', 'application/pdf'], keepMs: 86_400_000, linkMs: 300_000 },
        scan: async ({ name }) => (name.includes('virus') ? 'infected' : 'clean'),
        secret: new Uint8Array(32),
      }),
  );
  const { policy } = stage.parts;
  stage.vendor.desk = { ...policy, desk: { platform: 'genesys_cloud' as never, deduplicates: false } };
  stage.vendor.bot = ({ prompt, context }) => {
    if (prompt.kind === 'event')
      return { messages: [`Hello. Your ${context.intent ?? 'matter'} (${prompt.name}).`], actions: [], memory: null };
    const redirect = prompt.text.includes('person');
    return {
      messages: [`You said: ${prompt.text}`],
      actions: redirect ? [{ kind: 'redirect', queue: 'General_Support', resume: true }] : [],
      memory: null,
    };
  };
});
afterAll(async () => {
  await browser?.close();
  await stage?.[Symbol.asyncDispose]();
});

const opened = async (url: string, options: BrowserContextOptions = {}): Promise<Visit> => {
  const made = await visit(browser, options);
  await made.page.goto(url);
  return made;
};
const inHolder = (page: Page, holder: string) => page.locator(`.chat[data-holder="${holder}"]`).waitFor();
const texts = (page: Page) => page.locator('.message:not(.unsent) .text').allInnerTexts();
const say = async (page: Page, text: string) => {
  await page.getByLabel('Your message').fill(text);
  await page.getByRole('button', { name: 'Send' }).click();
};
const heard = (page: Page, text: string) => page.getByText(text, { exact: true }).waitFor();
const helpOn = (page: Page, code: string) => page.locator(`.help[data-help="${code}"]`).waitFor();

/** What the people's platform knows our customer as. */
async function farOf(interactionId: Awaited<ReturnType<ChatStage['deflected']>>['interactionId']): Promise<ExternalId> {
  const state = await stage.runner.watch(interactionId, ({ chats }) => chats?.[0]?.desk != null, 5_000);
  return state?.chats?.[0]?.desk?.far ?? ('' as ExternalId);
}

describe('a link', () => {
  it('becomes a conversation, its token leaves the address bar, and a preview robot uses nothing up', async () => {
    const { token, interactionId } = await stage.deflected();
    const preview = await fetch(`${stage.url}/c/${token}`);
    expect(await preview.text()).not.toContain(token);
    expect(preview.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    expect(preview.headers.get('referrer-policy')).toBe('no-referrer');
    expect((await stage.runner.read(interactionId))?.state).toMatchObject({ offers: [{}] });
    const { page, context, complaints } = await opened(`${stage.url}/c/${token}`);
    await heard(page, 'Hello. Your billing_dispute (opened).');
    expect(page.url()).toBe(`${stage.url}/c/chat`);
    await say(page, 'I was charged twice');
    await heard(page, 'You said: I was charged twice');
    expect(await page.getByRole('status').innerText()).toBe('You are talking to our assistant');
    await page.reload();
    await heard(page, 'You said: I was charged twice');
    expect(await texts(page)).toEqual([
      'Hello. Your billing_dispute (opened).',
      'I was charged twice',
      'You said: I was charged twice',
    ]);
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('opened on a second device is offered to go on there, and is closed here then', async () => {
    const { token } = await stage.deflected();
    const phone = await opened(`${stage.url}/c/${token}`);
    await inHolder(phone.page, 'bot');
    await say(phone.page, 'Hello');
    await heard(phone.page, 'You said: Hello');
    const laptop = await opened(`${stage.url}/c/${token}`);
    await helpOn(laptop.page, 'claim-already-active');
    expect(await barriersOn(laptop.page)).toEqual([]);
    await laptop.page.getByRole('button', { name: 'Continue here' }).click();
    await heard(laptop.page, 'You said: Hello');
    await helpOn(phone.page, 'other-device');
    expect(await barriersOn(phone.page)).toEqual([]);
    await phone.context.close();
    await laptop.context.close();
  });

  it('opened in a second tab is moved there, and back on a click', async () => {
    const { token } = await stage.deflected();
    const { page, context } = await opened(`${stage.url}/c/${token}`);
    await inHolder(page, 'bot');
    const second = await context.newPage();
    await second.goto(`${stage.url}/c/chat`);
    await inHolder(second, 'bot');
    await helpOn(page, 'other-tab');
    await page.getByRole('button', { name: 'Use it here' }).click();
    await inHolder(page, 'bot');
    await helpOn(second, 'other-tab');
    await context.close();
  });

  it('that does not work says so in plain words, with what can be done', async () => {
    const { page, context } = await opened(`${stage.url}/c/no-such-token-at-all`);
    await helpOn(page, 'claim-unknown');
    expect(await page.getByRole('heading').innerText()).toBe('This link does not work');
    expect(await page.getByRole('link', { name: 'Call us: +1 505 555 1000' }).getAttribute('href')).toBe(
      'tel:+15055551000',
    );
    expect(await barriersOn(page)).toEqual([]);
    await page.getByRole('button', { name: 'Start a new chat' }).click();
    await heard(page, 'Hello. Your matter (opened).');
    await context.close();
  });
});

describe('without a link', () => {
  const contacts = async () => {
    const { body } = await stage.callHere('GET', '/v1/interactions?limit=100');
    return (body.entities as readonly unknown[]).length;
  };

  it('who was never here can write at once, without a tap', async () => {
    const { page, context, complaints } = await opened(`${stage.url}/c/chat`);
    await heard(page, 'Hello. Your matter (opened).');
    expect(await page.evaluate('document.activeElement?.tagName')).toBe('TEXTAREA');
    expect(await barriersOn(page)).toEqual([]);
    await page.keyboard.type('Hi');
    await page.keyboard.press('Enter');
    await heard(page, 'You said: Hi');
    // A refresh comes back to it, and begins nothing.
    const before = await contacts();
    await page.reload();
    await heard(page, 'You said: Hi');
    expect(await contacts()).toBe(before);
    expect(complaints.filter((text) => !text.includes('401'))).toEqual([]);
    await context.close();
  });

  it('whoever only looks begins nothing: a robot, a preview, a page without scripts', async () => {
    const before = await contacts();
    for (let n = 0; n < 3; n += 1) expect((await fetch(`${stage.url}/c/chat`)).status).toBe(200);
    const { page, context } = await opened(`${stage.url}/c/chat`, { javaScriptEnabled: false });
    expect(await page.locator('#page').innerText()).toBe('One moment…');
    await context.close();
    expect(await contacts()).toBe(before);
  });

  it('who was here, and has no chat open any more, is told so and asked', async () => {
    const { page, context } = await opened(`${stage.url}/c/chat`);
    await inHolder(page, 'bot');
    await context.clearCookies();
    const before = await contacts();
    await page.goto(`${stage.url}/c/chat`);
    await helpOn(page, 'no-session');
    expect(await page.evaluate('document.activeElement?.tagName')).toBe('H1');
    expect(await barriersOn(page)).toEqual([]);
    expect(await contacts()).toBe(before);
    await page.getByRole('button', { name: 'Start a new chat' }).click();
    await heard(page, 'Hello. Your matter (opened).');
    await context.close();
  });
});

describe('nothing is lost and nothing doubled', () => {
  it('over a line that breaks: what is written meanwhile is sent once it is back', async () => {
    const { token } = await stage.deflected();
    await using line = await cuttableLine(stage.url);
    const { page, context } = await opened(`${line.url}/c/${token}`);
    await inHolder(page, 'bot');
    await say(page, 'before');
    await heard(page, 'You said: before');
    line.cut();
    await page.locator('.chat[data-connected="false"]').waitFor();
    await say(page, 'in the tunnel');
    await page.getByText('Will be sent once you are connected').waitFor();
    expect(await page.getByRole('alert').innerText()).toContain('No connection');
    line.mend();
    await heard(page, 'You said: in the tunnel');
    expect((await texts(page)).filter((text) => text === 'in the tunnel')).toHaveLength(1);
    expect(await page.locator('.unsent').count()).toBe(0);
    await context.close();
  });

  it('over a refresh in the middle of it', async () => {
    const { token } = await stage.deflected();
    await using line = await cuttableLine(stage.url);
    const { page, context } = await opened(`${line.url}/c/${token}`);
    await inHolder(page, 'bot');
    line.cut();
    await page.locator('.chat[data-connected="false"]').waitFor();
    await say(page, 'written offline');
    line.mend();
    await page.reload();
    await heard(page, 'You said: written offline');
    expect((await texts(page)).filter((text) => text === 'written offline')).toHaveLength(1);
    await context.close();
  });
});

describe('people', () => {
  it('are shown as they come, by name, while they write, and when they have gone', async () => {
    const { token, interactionId } = await stage.deflected();
    const { page, context } = await opened(`${stage.url}/c/${token}`);
    await inHolder(page, 'bot');
    await say(page, 'a person please');
    await inHolder(page, 'queue');
    expect(await page.getByRole('status').innerText()).toContain('We are finding somebody');
    const far = await farOf(interactionId);
    const said = { kind: 'agent-says', actor: 'test', platform: 'genesys_cloud' as never, far, id: 'a-1' } as const;
    await stage.runner.submit(interactionId, { ...said, text: 'I am here now', name: 'Ana' });
    await heard(page, 'I am here now');
    expect(await page.getByRole('status').innerText()).toBe('You are talking to Ana');
    await page.getByText('Ana has joined').waitFor();
    stage.chats.hub.typing(interactionId);
    await page.getByText('Ana is writing…').waitFor();
    expect(writing).toEqual([]);
    await page.getByLabel('Your message').pressSequentially('lost on');
    await expect.poll(() => writing).toEqual([{ platform: 'genesys_cloud', far }]);
    expect(await barriersOn(page)).toEqual([]);
    stage.vendor.refuses.add('DeliverMessage');
    await say(page, 'lost on the way');
    await page.getByText('Not delivered').waitFor();
    stage.vendor.refuses.delete('DeliverMessage');
    await page.getByRole('button', { name: 'Send again' }).click();
    await expect.poll(async () => (await texts(page)).filter((text) => text === 'lost on the way').length).toBe(2);
    await stage.runner.submit(interactionId, {
      kind: 'conversation-event',
      actor: 'test',
      event: {
        kind: 'customer-left',
        platform: 'genesys_cloud' as never,
        externalId: `people-${far}` as ExternalId,
        messageId: `left-${far}`,
        at: stage.clock.now(),
        participantId: 'p' as never,
      },
    });
    await page.getByText('They have left. Our assistant goes on.').waitFor();
    await inHolder(page, 'bot');
    await context.close();
  });

  it('the customer ends it, after being asked once more, and may begin anew', async () => {
    const { token } = await stage.deflected();
    const { page, context } = await opened(`${stage.url}/c/${token}`);
    await inHolder(page, 'bot');
    await page.getByRole('button', { name: 'End chat' }).click();
    await page.getByRole('button', { name: 'Go on' }).click();
    await page.getByRole('button', { name: 'End chat' }).click();
    await page.getByRole('button', { name: 'End it' }).click();
    await inHolder(page, 'over');
    expect(await barriersOn(page)).toEqual([]);
    await page.getByRole('button', { name: 'Start a new chat' }).click();
    await heard(page, 'Hello. Your matter (opened).');
    await context.close();
  });
});

describe('files', () => {
  const PNG = Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==',
    'base64',
  );
  const attach = (page: Page, name: string, buffer: Buffer, mimeType = 'image/png') =>
    page.locator('#file').setInputFiles({ name, mimeType, buffer });

  it('go along once they were found clean, and are nobody else’s', async () => {
    const { token } = await stage.deflected();
    const { page, context } = await opened(`${stage.url}/c/${token}`);
    await inHolder(page, 'bot');
    await attach(page, 'my bill.png', PNG);
    const link = page.getByRole('link', { name: 'my bill.png' });
    await link.waitFor();
    const href = `${stage.url}${await link.getAttribute('href')}`;
    const mine = await context.request.get(href);
    expect([mine.status(), mine.headers()['content-type']]).toEqual([200, 'image/png']);
    expect(mine.headers()['content-disposition']).toContain('attachment');
    expect(Buffer.compare(await mine.body(), PNG)).toBe(0);
    const other = await stage.session({ fresh: true, device: 'another-device-entirely' });
    expect((await fetch(href, { headers: { cookie: other.cookie } })).status).toBe(404);
    expect((await fetch(href)).status).toBe(401);
    await attach(page, 'virus.png', PNG);
    await page.getByText('This file could not be sent').waitFor();
    await attach(page, 'letter.png', Buffer.from('<script>alert(1)</script>'));
    await page.getByText('Files of this kind cannot be sent').waitFor();
    await attach(page, 'large.png', Buffer.alloc(5_000));
    await page.getByText('This file is too large').waitFor();
    await context.close();
  });
});

describe('everybody can use it', () => {
  it.each(['light', 'dark'] as const)(
    'axe finds no barrier in the %s theme, and nothing is cut off at 360 px',
    async (colorScheme) => {
      const { token } = await stage.deflected();
      const { page, context } = await opened(`${stage.url}/c/${token}`, {
        colorScheme,
        viewport: { width: 360, height: 640 },
      });
      await inHolder(page, 'bot');
      await say(page, 'A-very-long-word-without-any-place-to-break-it-'.repeat(4));
      await expect.poll(async () => (await texts(page)).length).toBe(3);
      expect(await barriersOn(page)).toEqual([]);
      const wide = await page.evaluate('document.documentElement.scrollWidth');
      expect(wide).toBeLessThanOrEqual(360);
      await context.close();
    },
  );

  it('the keyboard alone writes, sends and ends', async () => {
    const { token } = await stage.deflected();
    const { page, context } = await opened(`${stage.url}/c/${token}`);
    await inHolder(page, 'bot');
    const focused = 'document.activeElement?.tagName';
    expect(await page.evaluate(focused)).toBe('TEXTAREA');
    await page.keyboard.type('first');
    await page.keyboard.press('Shift+Enter');
    await page.keyboard.type('second');
    await page.keyboard.press('Enter');
    await expect.poll(() => texts(page)).toContain('first\nsecond');
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Shift+Tab');
    expect(await page.evaluate('document.activeElement?.textContent')).toBe('End chat');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await inHolder(page, 'bot');
    await context.close();
  });

  it('speaks German where that is asked for', async () => {
    const { token } = await stage.deflected();
    const { page, context } = await opened(`${stage.url}/c/${token}`, { locale: 'de-DE' });
    await inHolder(page, 'bot');
    expect(await page.getByRole('status').innerText()).toBe('Sie sprechen mit unserem Assistenten');
    expect(await page.evaluate('document.documentElement.lang')).toBe('de');
    await page.getByLabel('Ihre Nachricht').waitFor();
    await context.close();
  });
});
