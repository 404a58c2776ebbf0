// The agent's card in a real browser, against a real service and the twin's own login page: who may read what, every state, and
// what the service is told of what was shown (seed 004 §3 and edge case 2).

import type { Frame, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type BrowserStage, barriersOn, openStage, type Visit } from './stage.ts';

const QUEUE = 'BillingDisputes_Priority';
// A browser on a machine that does other things besides.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });
let stage: BrowserStage;
let samId: string;

beforeAll(async () => {
  stage = await openStage();
  samId = await stage.agent('Sam', [QUEUE]);
  await stage.agent('Toni', [QUEUE]);
});
afterAll(() => stage?.[Symbol.asyncDispose]());

const cardUrl = (conversationId: string, more = '') =>
  `${stage.url}/card?platform=genesys_cloud&conversationId=${conversationId}${more}`;
const inState = (page: Page | Frame, state: string) =>
  page.locator(`throughline-card[data-state="${state}"]`).waitFor();

/** All that the card says, its shadow root included. */
const textOf = async (page: Page): Promise<string> =>
  String(await page.evaluate("document.querySelector('throughline-card').shadowRoot.textContent"));

/** A customer whom the bot has handed over and Sam has answered. */
async function handedOver() {
  const customer = await stage.customer();
  await stage.escalate(customer.interactionId);
  await expect
    .poll(async () => (await stage.twin(`/conversations/${customer.conversationId}`)).holder, { timeout: 8_000 })
    .toBe('queue');
  await stage.answer(customer.conversationId, samId);
  return customer;
}

async function signInAs(name: string, { page }: Visit): Promise<void> {
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('button', { name }).click();
}

async function signedIn(conversationId: string, visit: Visit): Promise<void> {
  await visit.page.goto(cardUrl(conversationId));
  await signInAs('Sam', visit);
  await inState(visit.page, 'ready');
}

describe('an agent who takes part', () => {
  it('signs in at the platform and reads the guide’s card (seed 004 §3)', async () => {
    const { conversationId } = await handedOver();
    const visit = await stage.visit({ viewport: { width: 320, height: 900 } });
    await signedIn(conversationId, visit);
    const { page } = visit;
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toContain('Customer requested');
    const text = await textOf(page);
    for (const words of ['Negative (escalating)', '3m 7s', 'ACC-987654', '$47.99', 'May 10, 2026', 'Billing inquiry'])
      expect(text).toContain(words);
    expect(text).toContain('Recommend empathy-first approach.');
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(320);
    expect(visit.complaints).toEqual([]);
    await visit.context.close();
  });

  it('leaves no token, code or verifier in the address, in storage or where a script could read it', async () => {
    const { conversationId } = await handedOver();
    const visit = await stage.visit();
    await signedIn(conversationId, visit);
    expect(visit.page.url()).toBe(cardUrl(conversationId));
    const kept = await visit.page.evaluate('[document.cookie, { ...sessionStorage }, { ...localStorage }]');
    expect(kept).toEqual(['', {}, {}]);
    const cookies = await visit.context.cookies(stage.url);
    expect(cookies.map(({ httpOnly }) => httpOnly)).toEqual([true]);
    await visit.context.close();
  });

  it('reads on after a reload without signing in again', async () => {
    const { conversationId } = await handedOver();
    const visit = await stage.visit();
    await signedIn(conversationId, visit);
    await visit.page.reload();
    await inState(visit.page, 'ready');
    await visit.context.close();
  });

  it('gives a receipt of every field that was shown, and the journey knows how complete its context was', async () => {
    const { conversationId, interactionId } = await handedOver();
    const visit = await stage.visit();
    await signedIn(conversationId, visit);
    await visit.page.locator('throughline-card[data-receipt="sent"]').waitFor();
    const { handoff } = await stage.api(`/v1/interactions/${interactionId}`);
    const { renderedFields } = await stage.api(`/v1/manifests/${handoff.manifestRef}/receipt`);
    expect(renderedFields).toEqual(
      expect.arrayContaining([
        'trigger',
        'trigger_utterance',
        'sentiment_trend',
        'session_duration_seconds',
        'slots_collected.account_number',
        'slots_collected.disputed_amount',
        'slots_collected.dispute_date',
        'agent_briefing',
        'intents_detected',
      ]),
    );
    expect(handoff.contextCompleteness).toBe(1);
    await visit.context.close();
  });

  it('signs in through a window of its own where the desktop frames the card', async () => {
    const { conversationId } = await handedOver();
    const visit = await stage.visit();
    const { page } = visit;
    const frame = `<iframe title="card" src="${cardUrl(conversationId).replaceAll('&', '&amp;')}"></iframe>`;
    await page.route(`${stage.url}/desktop`, (route) => route.fulfill({ contentType: 'text/html', body: frame }));
    await page.goto(`${stage.url}/desktop`);
    const card = page.frameLocator('iframe');
    const opened = page.waitForEvent('popup');
    await card.getByRole('button', { name: 'Sign in' }).click();
    const login = await opened;
    await Promise.all([login.waitForEvent('close'), login.getByRole('button', { name: 'Sam' }).click()]);
    await card.locator('throughline-card[data-state="ready"]').waitFor();
    expect(visit.complaints).toEqual([]);
    await visit.context.close();
  });

  it('is told to allow the window where the browser keeps it shut, and signs in once it is', async () => {
    const { conversationId } = await handedOver();
    const visit = await stage.visit();
    const { page } = visit;
    await page.addInitScript('window.really = window.open; if (window.top !== window) window.open = () => null;');
    const frame = `<iframe title="card" src="${cardUrl(conversationId).replaceAll('&', '&amp;')}"></iframe>`;
    await page.route(`${stage.url}/desktop`, (route) => route.fulfill({ contentType: 'text/html', body: frame }));
    await page.goto(`${stage.url}/desktop`);
    const card = page.frameLocator('iframe');
    await card.getByRole('button', { name: 'Sign in' }).click();
    await card.getByText('The browser kept the sign-in window shut.').waitFor();
    expect(await card.locator('throughline-card').getAttribute('data-state')).toBe('signed-out');
    await page.frames()[1]?.evaluate('window.open = window.really');
    const opened = page.waitForEvent('popup');
    await card.getByRole('button', { name: 'Sign in' }).click();
    const login = await opened;
    await Promise.all([login.waitForEvent('close'), login.getByRole('button', { name: 'Sam' }).click()]);
    await card.locator('throughline-card[data-state="ready"]').waitFor();
    await visit.context.close();
  });

  it('copies a value as the bot noted it, and is told so', async () => {
    const { conversationId } = await handedOver();
    const visit = await stage.visit({ permissions: ['clipboard-read', 'clipboard-write'] });
    await signedIn(conversationId, visit);
    await visit.page.getByRole('button', { name: 'Copy Dispute date' }).click();
    expect(await visit.page.evaluate('navigator.clipboard.readText()')).toBe('2026-05-10');
    expect(await visit.page.getByRole('status').innerText()).toBe('Copied');
    await visit.context.close();
  });

  it('reads it in German where the browser speaks German', async () => {
    const { conversationId } = await handedOver();
    const visit = await stage.visit({ locale: 'de-DE' });
    await visit.page.goto(cardUrl(conversationId));
    await visit.page.getByRole('button', { name: 'Anmelden' }).click();
    await visit.page.getByRole('button', { name: 'Sam' }).click();
    await inState(visit.page, 'ready');
    const text = await textOf(visit.page);
    for (const words of ['Kunde verlangt einen Menschen', 'Negativ (zunehmend)', '10. Mai 2026'])
      expect(text).toContain(words);
    await visit.context.close();
  });
});

describe('who may not read', () => {
  it('is an agent who takes no part: the id in the address proves nothing', async () => {
    const { conversationId } = await handedOver();
    await stage.agent('Robin');
    const visit = await stage.visit();
    await visit.page.goto(cardUrl(conversationId));
    await signInAs('Robin', visit);
    await inState(visit.page, 'not-yours');
    expect(await textOf(visit.page)).not.toContain('ACC-987654');
    expect(await barriersOn(visit.page)).toEqual([]);
    await visit.context.close();
  });

  it('is who turns back at the login, and they may try again', async () => {
    const { conversationId } = await handedOver();
    const visit = await stage.visit();
    const { page } = visit;
    await page.goto(cardUrl(conversationId));
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('button', { name: 'Sam' }).waitFor();
    const state = new URL(page.url()).searchParams.get('state');
    await page.goto(`${stage.url}/card/signed-in?error=access_denied&state=${state}`);
    await inState(page, 'signed-out');
    expect(await page.getByRole('heading').innerText()).toBe('The platform did not sign you in');
    await page.getByRole('button', { name: 'Sign in again' }).click();
    await page.getByRole('button', { name: 'Sam' }).click();
    await inState(page, 'ready');
    await visit.context.close();
  });

  it('is who brings a code that this card did not ask for (RFC 6749 §10.12)', async () => {
    const visit = await stage.visit();
    await visit.page.goto(`${stage.url}/card/signed-in?code=stolen&state=foreign`);
    await inState(visit.page, 'unaddressed');
    expect(visit.page.url()).not.toContain('stolen');
    await visit.context.close();
  });
});

describe('before there is a briefing', () => {
  it('says that it loads, at once (seed 004, edge case 2)', async () => {
    const { conversationId } = await handedOver();
    const visit = await stage.visit();
    await visit.page.route('**/card/briefing*', () => {});
    await visit.page.goto(cardUrl(conversationId), { waitUntil: 'commit' });
    await visit.page.getByRole('heading', { name: 'Loading bot context…' }).waitFor();
    await inState(visit.page, 'loading');
    expect(await barriersOn(visit.page)).toEqual([]);
    await visit.context.close();
  });

  it('waits for the bot to hand over, and shows the briefing by itself', async () => {
    const { conversationId } = await stage.twin('/conversations', {
      channel: 'message',
      from: '+14155551234',
      queue: QUEUE,
    });
    await stage.answer(conversationId, samId);
    const visit = await stage.visit();
    await visit.page.goto(cardUrl(conversationId));
    await signInAs('Sam', visit);
    await inState(visit.page, 'waiting');
    const leg = { platform: 'genesys_cloud', externalId: conversationId, channel: 'message' };
    const { id } = await stage.api('/v1/interactions', leg);
    // The bot is late: the customer is with a person, so the handoff is refused. What the bot knew is read all the same.
    await expect(stage.escalate(id)).rejects.toThrow('already-with-agent');
    await inState(visit.page, 'ready');
    await visit.context.close();
  });

  it('says when the service cannot be reached, keeps the agent’s place, and comes back by itself', async () => {
    const { conversationId } = await handedOver();
    const visit = await stage.visit();
    await signedIn(conversationId, visit);
    const { page } = visit;
    await page.route('**/card/briefing*', (route) => route.abort());
    await page.reload();
    await inState(page, 'failed');
    expect(await barriersOn(page)).toEqual([]);
    await page.getByRole('button', { name: 'Try again' }).click();
    const focused = "document.querySelector('throughline-card').shadowRoot.activeElement?.tagName";
    await expect.poll(() => page.evaluate(focused)).toBe('H1');
    await inState(page, 'failed');
    await page.unroute('**/card/briefing*');
    await inState(page, 'ready');
    await visit.context.close();
  });

  it('is told of the briefing instead of asking for it again and again', async () => {
    const { conversationId, interactionId } = await handedOver();
    const visit = await stage.visit();
    await visit.page.goto(cardUrl(conversationId, '&ref=of-none'));
    const asked: string[] = [];
    visit.page.on('request', (request) => {
      const { prefer = 'at once' } = request.headers();
      if (request.url().includes('/card/briefing')) asked.push(prefer);
    });
    await signInAs('Sam', visit);
    await inState(visit.page, 'waiting');
    await visit.page.waitForTimeout(3_000);
    expect(asked.slice(-2)).toEqual(['at once', 'wait=20']);
    expect(interactionId).not.toBe('');
    await visit.context.close();
  });

  it('says where its platform has no card, and does not ask for ever', async () => {
    const visit = await stage.visit();
    const { page } = visit;
    let asked = 0;
    page.on('request', (request) => {
      if (request.url().includes('/card/briefing')) asked += 1;
    });
    await page.clock.install();
    await page.goto(`${stage.url}/card?platform=elsewhere&conversationId=c-1`);
    await inState(page, 'not-configured');
    expect(await page.getByRole('heading').innerText()).toBe('No card for this platform');
    await page.clock.fastForward('10:00');
    await inState(page, 'not-configured');
    expect(asked).toBe(1);
    expect(await barriersOn(page)).toEqual([]);
    await visit.context.close();
  });

  it('takes the briefing away when it has expired', async () => {
    const { conversationId } = await handedOver();
    const visit = await stage.visit();
    await visit.page.clock.install();
    await signedIn(conversationId, visit);
    await visit.page.clock.fastForward('25:00:00');
    await inState(visit.page, 'expired');
    expect(await textOf(visit.page)).not.toContain('ACC-987654');
    await visit.context.close();
  });
});

describe('everybody can use it', () => {
  it.each(['light', 'dark'] as const)('axe finds no barrier in the %s theme', async (colorScheme) => {
    const { conversationId } = await handedOver();
    const visit = await stage.visit({ colorScheme, viewport: { width: 320, height: 900 } });
    await visit.page.goto(cardUrl(conversationId));
    await inState(visit.page, 'signed-out');
    expect(await barriersOn(visit.page)).toEqual([]);
    await signInAs('Sam', visit);
    await inState(visit.page, 'ready');
    expect(await barriersOn(visit.page)).toEqual([]);
    await visit.context.close();
  });

  it('the keyboard alone reaches every button', async () => {
    const { conversationId } = await handedOver();
    const visit = await stage.visit();
    await signedIn(conversationId, visit);
    const buttons = await visit.page.getByRole('button').count();
    expect(buttons).toBeGreaterThan(3);
    const reached = new Set<unknown>();
    for (let press = 0; press < buttons; press += 1) {
      await visit.page.keyboard.press('Tab');
      const at = "document.querySelector('throughline-card').shadowRoot.activeElement";
      reached.add(await visit.page.evaluate(`${at}?.getAttribute('aria-label') ?? ${at}?.textContent`));
    }
    expect(reached.size).toBe(buttons);
    await visit.context.close();
  });
});
