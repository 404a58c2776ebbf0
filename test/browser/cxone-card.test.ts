// The card in the desktop of a platform that signs no people in, in a real browser: the page that CXone's script has popped opens by itself, once.

import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { type BrowserStage, barriersOn, openStage } from './stage.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });
const KNOWN = {
  intent: 'billing_dispute',
  accountNumber: 'ACC-992837',
  previousQueue: 'billing_specialists',
  holdDurationSec: 42,
  dtmfSequence: ['1', '3', '0'],
  attributes: { Product_Type: 'platinum_card' },
};
let stage: BrowserStage;
let cxone: string;

beforeAll(async () => {
  stage = await openStage();
  const twin = new URL(stage.twinUrl);
  cxone = `http://${twin.hostname}:${Number(twin.port) + 10}/twin`;
  for (let n = 0; n < 3; n += 1)
    await ask('/agents', { name: `Ana ${n}`, queues: ['BillingDisputes_Tier2'], afterMs: 100 });
});
afterAll(() => stage?.[Symbol.asyncDispose]());

async function ask(path: string, body?: object) {
  const answer = await fetch(`${cxone}${path}`, body && { method: 'POST', body: JSON.stringify(body) });
  return (await answer.json()) as { readonly popped: readonly { readonly url: string }[] };
}

const inState = (page: Page, state: string) => page.locator(`throughline-card[data-state="${state}"]`).waitFor();
const textOf = async (page: Page): Promise<string> =>
  String(await page.evaluate("document.querySelector('throughline-card').shadowRoot.textContent"));

/** The page that an agent at CXone was popped for a caller whom a bot at Genesys has transferred. */
async function popped(from: string) {
  const { conversationId } = await stage.twin('/conversations', { channel: 'voice', from, flow: 'bot' });
  const leg = { platform: 'genesys_cloud', externalId: conversationId, channel: 'voice' };
  const { id } = await stage.api('/v1/interactions', { ...leg, customer: { phone: from }, context: KNOWN });
  const to = { platform: 'nice_cxone', queue: 'BillingDisputes_Tier2' };
  await stage.api(`/v1/interactions/${id}/handoffs`, {
    kind: 'transfer',
    to,
    transferType: 'blind',
    initiatedBy: 'bot',
  });
  let contact = '';
  let url = '';
  const look = async () => {
    const { legs } = await stage.api(`/v1/interactions/${id}`);
    contact = legs.find((one: { platform: string }) => one.platform === 'nice_cxone')?.externalId ?? '';
    url = contact === '' ? '' : ((await ask(`/conversations/${contact}`)).popped[0]?.url ?? '');
    return url;
  };
  await expect.poll(look, { timeout: 20_000 }).toContain('#reference=');
  return { contact, url };
}

it('opens by itself, shows all that is known, and takes what opened it out of the address', async () => {
  const { url } = await popped('+14155550161');
  const visit = await stage.visit({ viewport: { width: 320, height: 900 } });
  const sent: string[] = [];
  visit.page.on('request', (request) => sent.push(request.url(), request.headers().referer ?? ''));
  await visit.page.goto(url);
  await inState(visit.page, 'ready');
  const text = await textOf(visit.page);
  for (const words of ['Billing dispute', 'ACC-992837', 'billing_specialists', '1 3 0', 'platinum_card', '42'])
    expect(text).toContain(words);
  const reference = new URL(url).hash.slice('#reference='.length);
  expect(visit.page.url()).toBe(url.replace(/#.*/, ''));
  expect(await visit.page.evaluate('document.documentElement.outerHTML')).not.toContain(reference);
  expect(await visit.page.evaluate('[document.cookie, { ...sessionStorage }, { ...localStorage }]')).toEqual([
    '',
    {},
    {},
  ]);
  expect(sent.filter((one) => one.includes(reference))).toEqual([]);
  expect(await visit.page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(320);
  expect(await barriersOn(visit.page)).toEqual([]);
  expect(visit.complaints).toEqual([]);
  await visit.page.locator('throughline-card[data-receipt="sent"]').waitFor();
  // The desktop shows the same page again: the session counts.
  await visit.page.goto('about:blank');
  await visit.page.goto(url);
  await inState(visit.page, 'ready');
  await visit.context.close();
});

it('says to open it anew where it was used or is missing, never asks for a sign-in, and opens with the next one in the same tab', async () => {
  const { contact, url } = await popped('+14155550162');
  const first = await stage.visit();
  await first.page.goto(url);
  await inState(first.page, 'ready');
  const visit = await stage.visit();
  const { page } = visit;
  const heading = () => page.getByRole('heading', { level: 1 }).innerText();
  for (const [address, said] of [
    [url.replace(/#.*/, ''), 'Open this card from your desktop'],
    [url, 'This link has been used or is too old'],
  ] as const) {
    await page.goto('about:blank');
    await page.goto(address);
    await inState(page, 'unopened');
    expect(await heading()).toBe(said);
    expect(await page.getByRole('button').count()).toBe(0);
    expect(await barriersOn(page)).toEqual([]);
  }
  const { cardUrl } = await stage.api('/v1/flows/card', { platform: 'nice_cxone', conversationId: contact });
  await page.goto(cardUrl);
  await inState(page, 'ready');
  expect(page.url()).toBe(url.replace(/#.*/, ''));
  expect(visit.complaints).toEqual([]);
  await first.context.close();
  await visit.context.close();
});
