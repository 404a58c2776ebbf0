// Owns one customer's whole journey (seed 000) as it is driven from outside, for the test that holds it to one interaction and for the pictures:
// a call, a text message, its link on the customer's telephone, the bot, an agent with their card, a call back, and the wrap-up. HTTP stands
// for the vendors' flows and desktops; the customer and the agent each have a browser of their own.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import type { BrowserStage, Visit } from './stage.ts';

const PATIENCE_MS = 20_000;
const PLATFORM = 'genesys_cloud';
const QUEUE = 'BillingDisputes_Tier2';
/** A telephone, held upright. */
const PHONE = { viewport: { width: 360, height: 720 }, isMobile: true, hasTouch: true } as const;
const DESK = { viewport: { width: 360, height: 760 } } as const;

/** Called where somebody outside would look at a page. */
export type Look = (name: 'link' | 'chat' | 'card' | 'agent', page: Page) => Promise<void>;

export type WholeJourney = {
  /** Ours, told by the very first call and the same ever after. */
  readonly id: string;
  readonly call: string;
  readonly chat: string;
  readonly people: string;
  readonly callback: string;
  /** All that the agent's card said. */
  readonly card: string;
  /** What the customer read in their chat, in order. */
  readonly read: readonly string[];
  /** What the last conversation's flow was told to ask. */
  readonly closed: { readonly last: boolean; readonly askSurvey: boolean; readonly askWrapup: boolean };
  readonly complaints: readonly string[];
};

export async function playWholeJourney(
  stage: BrowserStage,
  from: string,
  { look = async () => {}, colorScheme = 'light' as 'light' | 'dark' } = {} as {
    readonly look?: Look;
    readonly colorScheme?: 'light' | 'dark';
  },
): Promise<WholeJourney> {
  const agentId = await stage.agent('Ana Ruiz', [QUEUE]);
  const { id, call, link } = await textedLink(stage, from);
  const phone = await stage.visit({ ...PHONE, colorScheme, deviceScaleFactor: 1.5 });
  const desk = await stage.visit({ ...DESK, colorScheme, deviceScaleFactor: 1.5 });
  try {
    const { page } = phone;
    await page.goto(link);
    await heard(page, /You called us/);
    await look('link', page);
    await say(page, 'I was charged twice on my bill');
    await holds(page, 'queue');
    const people = await legOf(stage, id, ({ platform, channel }) => platform === PLATFORM && channel === 'message');
    await until(async () => (await stage.twin(`/conversations/${people}`)).holder === 'queue');
    await stage.answer(people, agentId);
    const card = await withAgent(stage, phone, desk, { people, agentId, look });

    const callback = await promisedCall(stage, id);
    await stage.twin(`/conversations/${people}/say`, {
      text: 'It is taken back. I will call you in a moment about the rest.',
    });
    await heard(page, /I will call you/);
    await stage.twin(`/conversations/${people}/close`, {});
    await heard(page, /Is there anything else/);
    await say(page, 'No, thank you');
    await holds(page, 'over');
    const read = await page.locator('.message .text').allInnerTexts();

    await until(async () => (await stage.twin(`/conversations/${callback}`)).holder === 'queue');
    await stage.answer(callback, agentId);
    await until(async () => (await stage.api(`/v1/interactions/${id}`)).holder.kind === 'agent');
    await stage.twin(`/conversations/${callback}/hangup`, {});
    const asked = { platform: PLATFORM, conversationId: callback, by: 'flow' };
    const closed = await stage.api('/v1/flows/close', asked);
    await stage.api(`/v1/interactions/${id}/wrapup`, { code: 'refund-given', notes: 'Charged twice in May.' });
    await stage.api(`/v1/interactions/${id}/survey`, { score: 5 });
    const chat = await legOf(stage, id, ({ platform }) => platform === 'throughline');
    const complaints = [...phone.complaints, ...desk.complaints];
    return { id, call, chat, people, callback, card, read, closed, complaints };
  } finally {
    await phone.context.close();
    await desk.context.close();
  }
}

/** A caller whom a bot has, whose flow has a link texted; the call ends by its receipt. */
async function textedLink(stage: BrowserStage, from: string) {
  const { conversationId } = await stage.twin('/conversations', { channel: 'voice', from, flow: 'bot' });
  const call = { platform: PLATFORM, conversationId: String(conversationId) };
  const matter = { intent: 'billing_dispute', authenticationStatus: 'verified', accountId: 'ACC-98765' };
  const offer = await stage.api('/v1/flows/deflect', { ...call, ani: from, ...matter, source: 'disconnect' });
  const link = await until(async () => {
    const { messages } = await stage.phones(`/phones/${encodeURIComponent(from)}/messages`);
    return /https?:\S+\/c\/[\w-]+/.exec(messages.at(-1)?.text ?? '')?.[0];
  });
  await until(async () => (await stage.twin(`/conversations/${conversationId}`)).ended === true);
  return { id: String(offer.correlationId), call: call.conversationId, link };
}

/** The agent reads their card and talks; the customer sees who it is. */
async function withAgent(
  stage: BrowserStage,
  { page }: Visit,
  desk: Visit,
  { people, agentId, look }: { readonly people: string; readonly agentId: string; readonly look: Look },
): Promise<string> {
  await desk.page.goto(`${stage.url}/card?platform=${PLATFORM}&conversationId=${people}`);
  await desk.page.getByRole('button', { name: 'Sign in' }).click();
  await desk.page.locator(`button[value="${agentId}"]`).click();
  await desk.page.locator('throughline-card[data-receipt="sent"]').waitFor();
  await look('card', desk.page);
  await stage.twin(`/conversations/${people}/say`, {
    text: 'Hello, this is Ana. I see that you were charged twice, and that you have been verified. I am on it.',
  });
  await heard(page, /I am on it/);
  await page.getByText('You are talking to Ana').waitFor();
  await say(page, 'That is good to hear');
  await until(async () =>
    (await stage.twin(`/conversations/${people}`)).messages.some((one: { text: string }) =>
      /good to hear/.test(one.text),
    ),
  );
  await look('chat', page);
  return String(await desk.page.evaluate("document.querySelector('throughline-card').shadowRoot.textContent"));
}

/** At an hour at which anybody may be called: it is noon or so where this customer says that they are. */
async function promisedCall(stage: BrowserStage, id: string): Promise<string> {
  const ahead = 12 - new Date().getUTCHours();
  const timeZone = `Etc/GMT${ahead > 0 ? '-' : '+'}${Math.abs(ahead)}`;
  const asked = { kind: 'callback', queue: QUEUE, timeZone, priority: 10 };
  const { id: handoff } = await stage.api(`/v1/interactions/${id}/handoffs`, asked);
  const number = String(handoff).split('.').at(-1);
  await until(async () => (await stage.api(`/v1/interactions/${id}/handoffs/${number}`)).outcome === 'completed');
  return legOf(
    stage,
    id,
    ({ platform, channel, state }) => platform === PLATFORM && channel === 'voice' && state === 'live',
  );
}

type Leg = { readonly platform: string; readonly externalId: string; readonly channel: string; readonly state: string };

function legOf(stage: BrowserStage, id: string, isIt: (leg: Leg) => boolean): Promise<string> {
  return until(async () => {
    const { legs } = (await stage.api(`/v1/interactions/${id}`)) as { readonly legs: readonly Leg[] };
    return legs.findLast(isIt)?.externalId;
  });
}

async function say(page: Page, text: string): Promise<void> {
  await page.getByLabel('Your message').fill(text);
  await page.getByRole('button', { name: 'Send' }).click();
}

const heard = (page: Page, words: RegExp) => page.locator('.message .text').filter({ hasText: words }).last().waitFor();
const holds = (page: Page, holder: string) => page.locator(`.chat[data-holder="${holder}"]`).waitFor();

async function until<Value>(look: () => Promise<Value | undefined | null | false>): Promise<Value> {
  const endsAt = Date.now() + PATIENCE_MS;
  for (;;) {
    const value = await look();
    if (value) return value;
    if (Date.now() > endsAt) throw new Error(`it did not come: ${look}`);
    await sleep(50);
  }
}
