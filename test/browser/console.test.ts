// The console in a real browser, against a real service: sign-in, what moves live, what comes back after the line was cut, and every
// page of it for everybody.

import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { cuttableLine } from './cuttable-line.ts';
import { type BrowserStage, barriersOn, openStage, type Visit } from './stage.ts';

const REPORTS_KEY = 'a-key-for-reports-only';
const config = mkdtempSync(join(tmpdir(), 'throughline-console-'));
// A browser on a machine that does other things besides.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });
let stage: BrowserStage;

beforeAll(async () => {
  const sha256 = createHash('sha256').update(REPORTS_KEY).digest('hex');
  const file = join(config, 'throughline.yaml');
  writeFileSync(
    file,
    `keys:\n  - { name: reports, sha256: ${sha256}, scopes: [reports] }\nhandoffs: { settleWithinSec: 10 }\n`,
  );
  stage = await openStage({ THROUGHLINE_CONFIG: file });
});
afterAll(async () => {
  await stage?.[Symbol.asyncDispose]();
  rmSync(config, { recursive: true });
});

async function signIn({ page }: Visit, key = stage.key, url = stage.url): Promise<void> {
  await page.goto(url);
  await page.getByLabel('API key').fill(key);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('navigation', { name: 'Pages' }).waitFor();
}

async function inConsole(path = '', options = {}): Promise<Visit> {
  const visit = await stage.visit(options);
  await signIn(visit);
  await isLive(visit.page);
  if (path !== '') await visit.page.goto(`${stage.url}/${path}`);
  return visit;
}

const isLive = (page: Page) => page.locator('[data-line="live"]').waitFor();
const rowOf = (page: Page, id: string) => page.locator(`a.row[href="#/journeys/${id}"]`);

describe('signing in', () => {
  it('refuses a wrong key, and says so', async () => {
    const visit = await stage.visit();
    await visit.page.goto(stage.url);
    await visit.page.getByLabel('API key').fill('wrong');
    await visit.page.getByRole('button', { name: 'Sign in' }).click();
    await visit.page.getByText('This key is not accepted here.').waitFor();
    expect(await barriersOn(visit.page)).toEqual([]);
    expect(visit.complaints).toEqual([]);
    await visit.context.close();
  });

  it('keeps the session where no script can read it, and a reload stays where it was', async () => {
    const { interactionId } = await stage.customer();
    const visit = await inConsole(`#/journeys/${interactionId}`);
    const kept = await visit.page.evaluate('[document.cookie, { ...sessionStorage }, { ...localStorage }]');
    expect(kept).toEqual(['', {}, {}]);
    await visit.page.reload();
    await visit.page.getByRole('heading', { name: `Journey ${interactionId.slice(-6)}` }).waitFor();
    await visit.context.close();
  });

  it('signs out', async () => {
    const visit = await inConsole();
    await visit.page.getByRole('button', { name: 'Sign out' }).click();
    await visit.page.getByLabel('API key').waitFor();
    await visit.page.reload();
    await visit.page.getByLabel('API key').waitFor();
    await visit.context.close();
  });

  it('says which scope a key lacks, and shows nobody', async () => {
    const { interactionId } = await stage.customer();
    const visit = await stage.visit();
    await signIn(visit, REPORTS_KEY);
    await visit.page.getByText('This needs the scope “interactions”').waitFor();
    await visit.page.goto(`${stage.url}/#/journeys/${interactionId}`);
    await visit.page.getByRole('article').getByText('This needs the scope “interactions”').waitFor();
    expect(await visit.page.locator('[data-line]').getAttribute('data-line')).toBe('refused');
    expect(await visit.page.locator('body').innerText()).not.toContain('genesys');
    await visit.context.close();
  });
});

describe('what happens is seen as it happens', () => {
  it('a journey comes, moves to the queue and to the agent, without a reload', async () => {
    const visit = await inConsole();
    const { page } = visit;
    const { conversationId, interactionId } = await stage.customer();
    const row = rowOf(page, interactionId);
    await row.getByText('With the bot').waitFor();
    const agentId = await stage.agent('Ada');
    await stage.escalate(interactionId);
    await row.getByText('In a queue').waitFor();
    await row.getByText('Handed over').waitFor();
    await stage.answer(conversationId, agentId);
    await row.getByText('With an agent').waitFor();
    expect(visit.complaints).toEqual([]);
    await visit.context.close();
  });

  it('after the line was cut it says so, comes back by itself and has missed nothing', async () => {
    await using line = await cuttableLine(stage.url);
    const visit = await stage.visit();
    const { page } = visit;
    await signIn(visit, stage.key, line.url);
    await isLive(page);
    const before = await stage.customer();
    await rowOf(page, before.interactionId).waitFor();
    line.cut();
    await page.locator('[data-line="lost"]').waitFor();
    const meanwhile = await stage.customer();
    await stage.escalate(before.interactionId);
    line.mend();
    await isLive(page);
    await rowOf(page, meanwhile.interactionId).waitFor();
    await rowOf(page, before.interactionId).getByText('In a queue').waitFor();
    await visit.context.close();
  });

  it('the filter shows what is asked for', async () => {
    const { interactionId } = await stage.customer();
    const visit = await inConsole();
    const { page } = visit;
    await rowOf(page, interactionId).waitFor();
    await page.getByLabel('Holder').selectOption('agent');
    await rowOf(page, interactionId).waitFor({ state: 'detached' });
    await page.getByLabel('Holder').selectOption('bot');
    await rowOf(page, interactionId).waitFor();
    await page.getByLabel('Channel').selectOption('voice');
    await page.getByText('No journeys here').waitFor();
    await visit.context.close();
  });

  it('the arrow keys go from row to row, and Enter opens one', async () => {
    await stage.customer();
    const { interactionId } = await stage.customer();
    const visit = await inConsole();
    const { page } = visit;
    await rowOf(page, interactionId).focus();
    await page.keyboard.press('ArrowDown');
    await expect.poll(() => page.evaluate('document.activeElement.dataset.index')).toBe('1');
    await page.keyboard.press('ArrowUp');
    await expect.poll(() => page.evaluate('document.activeElement.dataset.index')).toBe('0');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: `Journey ${interactionId.slice(-6)}` }).waitFor();
    await visit.context.close();
  });
});

describe('one journey', () => {
  it('is told from the first event to the last, with its legs, its handoff and its hashes', async () => {
    const { conversationId, interactionId } = await stage.customer();
    await stage.escalate(interactionId);
    const visit = await inConsole(`#/journeys/${interactionId}`);
    const journey = visit.page.getByRole('article');
    for (const words of [
      conversationId,
      'BillingDisputes_Priority',
      'The customer got in touch',
      'A person was asked for',
    ])
      await journey.getByText(words).first().waitFor();
    await journey.getByRole('region', { name: 'Journal' }).getByText('Handed over').waitFor();
    const { events } = await stage.api(`/v1/interactions/${interactionId}/journal?masked=true`);
    await expect.poll(() => journey.locator('.hash').count()).toBe(events.length);
    expect(await journey.locator('.hash').last().innerText()).toContain(events.at(-1).hash.slice(0, 7));
    await journey.getByRole('button', { name: 'Verify the whole chain' }).click();
    await journey.getByText(/^Holds: /).waitFor();
    expect(visit.complaints).toEqual([]);
    await visit.context.close();
  });

  it('that nobody knows is said to be unknown', async () => {
    const visit = await inConsole('#/journeys/01980000-0000-7000-8000-000000000000');
    await visit.page.getByRole('alert').getByText('There is no such thing here').waitFor();
    await visit.context.close();
  });
});

describe('the other pages', () => {
  it('platforms show their health, their token’s age and their quota', async () => {
    const { interactionId } = await stage.customer();
    await stage.escalate(interactionId);
    const visit = await inConsole('#/platforms');
    const platform = visit.page.getByRole('listitem').filter({ hasText: 'Genesys Cloud' });
    await platform.getByText('Well').waitFor();
    await platform.getByText('Calls in the last minute').waitFor();
    await platform.getByText(/Valid, .+ old/).waitFor();
    await visit.context.close();
  });
});

describe('the page of the reports', () => {
  it('shows what journeys came to together, has no barrier, and gives the rows as CSV', async () => {
    const { interactionId } = await stage.customer();
    await stage.escalate(interactionId);
    const visit = await inConsole('#/reports');
    const { page } = visit;
    await page.getByText('Resolved at first contact').waitFor();
    await page.getByRole('heading', { name: 'Ways through the channels' }).waitFor();
    expect(await barriersOn(page)).toEqual([]);
    await page.getByRole('button', { name: '30 days' }).click();
    await page.getByRole('button', { name: '30 days', pressed: true }).waitFor();
    await page.getByText('Resolved at first contact').waitFor();
    const href = await page.getByRole('link', { name: 'As CSV' }).getAttribute('href');
    const csv = await page.evaluate(`fetch(${JSON.stringify(href)}).then((answer) => answer.text())`);
    expect(String(csv)).toContain(interactionId);
    expect(visit.complaints).toEqual([]);
    await visit.context.close();
  });
});

describe('what waits for a person', () => {
  it('is listed until somebody says that it is settled, and is not settled by a slip', async () => {
    const visit = await inConsole('#/dead-letters');
    const { page } = visit;
    await page.getByText('No dead letters').waitFor();
    // The vendor takes the transfer, says nothing, and then does not answer at all: nobody can tell what became of it.
    const { interactionId } = await stage.customer();
    await stage.twin('/faults', { match: { method: 'POST', path: '/replace' }, fault: 'hang' });
    await stage.escalate(interactionId);
    await expect.poll(async () => (await stage.twin('/faults')).faults[0].hits, { timeout: 10_000 }).toBeGreaterThan(0);
    await stage.twin('/faults', { match: { method: 'GET', path: '/conversations/' }, fault: '500' });
    await expect
      .poll(async () => (await stage.api('/v1/dead-letters')).entities.length, { timeout: 40_000, interval: 500 })
      .toBe(1);
    await fetch(`${stage.twinUrl}/twin/faults`, { method: 'DELETE' });
    await page.reload();
    const letter = page.getByRole('listitem').filter({ hasText: interactionId.slice(-6) });
    await letter.getByRole('button', { name: 'Mark as settled' }).click();
    expect(await barriersOn(page)).toEqual([]);
    await letter.getByRole('button', { name: 'No', exact: true }).click();
    await letter.getByRole('button', { name: 'Mark as settled' }).click();
    await letter.getByRole('button', { name: 'Yes, settled' }).click();
    await page.getByText('No dead letters').waitFor();
    expect(visit.complaints).toEqual([]);
    await visit.context.close();
  });
});

describe('everybody can use it', () => {
  it.each(['light', 'dark'] as const)('axe finds no barrier on any page in the %s theme', async (colorScheme) => {
    const { interactionId } = await stage.customer();
    await stage.escalate(interactionId);
    for (const width of [320, 1440]) {
      const visit = await inConsole('', { colorScheme, viewport: { width, height: 900 } });
      const { page } = visit;
      await rowOf(page, interactionId).waitFor();
      const barriers = [...(await barriersOn(page))];
      await page.goto(`${stage.url}/#/journeys/${interactionId}`);
      await page.getByRole('region', { name: 'Journal' }).waitFor();
      barriers.push(...(await barriersOn(page)));
      await page.goto(`${stage.url}/#/platforms`);
      await page.getByRole('heading', { name: 'Platforms' }).waitFor();
      barriers.push(...(await barriersOn(page)));
      await page.goto(`${stage.url}/#/reports`);
      await page.getByRole('heading', { name: 'Ways through the channels' }).waitFor();
      barriers.push(...(await barriersOn(page)));
      expect(barriers).toEqual([]);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
      expect(visit.complaints).toEqual([]);
      await visit.context.close();
    }
  });
});
