// Owns a whole product in front of a real browser: the service with its twin as `npm start` runs them, customers and agents at the
// twin, and a page that writes down everything a browser complains of.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import axe from 'axe-core';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { startRunning } from '../e2e/running-service.ts';
import { SEED_MANIFEST } from '../seed-examples.ts';
import { openChromium } from './chromium.ts';

// biome-ignore lint/suspicious/noExplicitAny: answers are read as loosely as a page reads them
type Json = any;

export type Visit = { readonly page: Page; readonly context: BrowserContext; readonly complaints: readonly string[] };

export type BrowserStage = Awaited<ReturnType<typeof openStage>>;

/** Dispose of it with `await using`. */
export async function openStage(settings: Readonly<Record<string, string>> = {}) {
  const [running, browser] = await Promise.all([startRunning(settings), openChromium()]);
  const { url, twinUrl } = running;
  const key = readFileSync(join(running.data, 'api-key'), 'utf8').trim();

  const ask = async (address: string, body?: unknown): Promise<Json> => {
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
    const how = body === undefined ? { headers } : { method: 'POST', headers, body: JSON.stringify(body) };
    const answer = await fetch(address, how);
    if (!answer.ok) throw new Error(`${address} answered ${answer.status}: ${await answer.text()}`);
    return answer.json();
  };
  const api = (path: string, body?: unknown) => ask(`${url}${path}`, body);
  const twin = (path: string, body?: unknown) => ask(`${twinUrl}/twin${path}`, body);
  const phonesUrl = `http://127.0.0.1:${Number(new URL(url).port) + 30}`;

  return {
    url,
    twinUrl,
    key,
    browser,
    api,
    twin,
    /** Customers' telephones. */
    phones: (path: string) => ask(`${phonesUrl}/twin${path}`),
    visit: (options: BrowserContextOptions = {}) => visit(browser, options),
    /** A customer who talks to the bot, known to the service. */
    async customer(): Promise<{ readonly conversationId: string; readonly interactionId: string }> {
      const { conversationId } = await twin('/conversations', {
        channel: 'message',
        from: '+14155551234',
        flow: 'bot',
      });
      const leg = { platform: 'genesys_cloud', externalId: conversationId, channel: 'message' };
      const { id } = await api('/v1/interactions', leg);
      return { conversationId, interactionId: id };
    },
    /** The bot gives up, with the guide's own manifest. */
    escalate: (interactionId: string) =>
      api(`/v1/interactions/${interactionId}/handoffs`, { kind: 'escalation', manifest: SEED_MANIFEST }),
    async agent(name: string, queues: readonly string[] = []): Promise<string> {
      return (await twin('/agents', { name, queues, answers: 'manual' })).agentId;
    },
    answer: (conversationId: string, agentId: string) => twin(`/conversations/${conversationId}/answer`, { agentId }),
    async [Symbol.asyncDispose]() {
      await browser.close();
      await running[Symbol.asyncDispose]();
    },
  };
}

/** What a page may not say: nothing at all, but that the service answered with a status the test meant. */
export async function visit(browser: Browser, options: BrowserContextOptions): Promise<Visit> {
  const context = await browser.newContext({ locale: 'en-US', timezoneId: 'UTC', ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  const complaints: string[] = [];
  page.on('console', (message) => {
    const meant = /^Failed to load resource|^net::ERR/.test(message.text());
    if (!meant && ['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  return { page, context, complaints };
}

/** What axe finds against WCAG 2.2 AA, shadow roots included; `rule: where` each. */
export async function barriersOn(page: Page): Promise<readonly string[]> {
  // What fades in or turns is judged when it stands still.
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await page.evaluate(axe.source);
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
  const run = `axe.run(document, { runOnly: ${JSON.stringify(tags)} })`;
  const { violations } = (await page.evaluate(run)) as {
    readonly violations: readonly { readonly id: string; readonly nodes: readonly { readonly target: unknown }[] }[];
  };
  return violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${JSON.stringify(target)}`));
}
