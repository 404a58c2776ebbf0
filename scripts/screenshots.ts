// Owns the README's pictures: taken from the running product while journeys play in it, so that they show what there is.
// `npm run screenshots [FOLDER]` writes them to docs/images, or with every size and theme besides into a folder of your own.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { openStage } from '../test/browser/stage.ts';
import { playWholeJourney } from '../test/browser/whole-journey.ts';

/** Until journeys are at every station. */
const PLAYS_MS = 24_000;
/** Before anybody in a journey goes on. */
const READS_MS = 4_000;

const folder = process.argv[2];
const pictures = folder ?? fileURLToPath(new URL('../docs/images/', import.meta.url));
mkdirSync(pictures, { recursive: true });

await using stage = await openStage({ THROUGHLINE_DEMO: 'on' });

async function take(name: string, page: Page, whole = false): Promise<void> {
  const file = join(pictures, `${name}.png`);
  writeFileSync(file, await page.screenshot({ fullPage: whole }));
  console.log(file);
}

/** A customer with an agent, so that there is somebody to read for. */
async function conversation(): Promise<{ readonly conversationId: string; readonly interactionId: string }> {
  const agentId = await stage.agent('Kim');
  const customer = await stage.customer();
  await stage.escalate(customer.interactionId);
  for (let tried = 0; tried < 50; tried += 1) {
    const { holder } = await stage.twin(`/conversations/${customer.conversationId}`);
    if (holder === 'queue') break;
    await sleep(100);
  }
  await stage.answer(customer.conversationId, agentId);
  return customer;
}

type Look = { readonly width: number; readonly height: number; readonly colorScheme: 'light' | 'dark' };

async function consoleIn(look: Look, journey: string | null, name: string): Promise<void> {
  const { page, context } = await stage.visit({ viewport: look, colorScheme: look.colorScheme });
  await page.goto(stage.url);
  await page.getByLabel('API key').fill(stage.key);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.locator('[data-line="live"]').waitFor();
  if (journey !== null) await page.goto(`${stage.url}/#/journeys/${journey}`);
  // Two handoffs pass, so that the picture is of something that moves.
  await sleep(7_000);
  await take(name, page);
  await context.close();
}

async function cardIn(look: Look, conversationId: string, name: string): Promise<void> {
  const { page, context } = await stage.visit({
    viewport: look,
    colorScheme: look.colorScheme,
    deviceScaleFactor: 1.5,
  });
  await page.goto(`${stage.url}/card?platform=genesys_cloud&conversationId=${conversationId}`);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('button', { name: 'Kim' }).click();
  await page.locator('throughline-card[data-receipt="sent"]').waitFor();
  await take(name, page, true);
  await context.close();
}

/** Seed 000 in pictures: the link on a telephone, the talk with an agent, the agent's card; and the report that counts it once. */
async function journeyIn(colorScheme: Look['colorScheme'], phone: string, suffix = ''): Promise<void> {
  const look = async (name: string, page: Page) => {
    await sleep(READS_MS);
    await take(`journey-${name}${suffix}`, page);
  };
  await playWholeJourney(stage, phone, { colorScheme, look });
}

async function reportsIn(look: Look, name: string): Promise<void> {
  const { page, context } = await stage.visit({ viewport: look, colorScheme: look.colorScheme });
  await page.goto(stage.url);
  await page.getByLabel('API key').fill(stage.key);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.locator('[data-line="live"]').waitFor();
  await page.goto(`${stage.url}/#/reports`);
  await page.locator('.report-figures').waitFor();
  await take(name, page);
  await context.close();
}

await sleep(PLAYS_MS);
await journeyIn('light', '+14155550198');
const { conversationId, interactionId } = await conversation();
await cardIn({ width: 320, height: 400, colorScheme: 'light' }, conversationId, 'card');
await consoleIn({ width: 1440, height: 900, colorScheme: 'dark' }, interactionId, 'console');
await reportsIn({ width: 1440, height: 900, colorScheme: 'light' }, 'reports');

if (folder !== undefined) {
  await journeyIn('dark', '+14155550199', '-dark');
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [320, 768, 1440]) {
      const look = { width, height: 900, colorScheme };
      await cardIn(look, conversationId, `card-${width}-${colorScheme}`);
      await consoleIn(look, null, `journeys-${width}-${colorScheme}`);
      await consoleIn(look, interactionId, `journey-${width}-${colorScheme}`);
      await reportsIn(look, `reports-${width}-${colorScheme}`);
    }
  }
}
