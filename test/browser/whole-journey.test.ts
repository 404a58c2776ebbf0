// Seed 000 in one run, driven from outside: a call, a text message, its link, the bot, an agent, a call back and the wrap-up are one interaction:
// one journal, one row of the report, one vCon. The customer's telephone and the agent's desk are real browsers.

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type BrowserStage, openStage } from './stage.ts';
import { playWholeJourney, type WholeJourney } from './whole-journey.ts';

vi.setConfig({ testTimeout: 90_000, hookTimeout: 120_000 });
// biome-ignore lint/suspicious/noExplicitAny: answers are read as loosely as a client in another language reads them
type Loose = any;

const FROM = '+14155550160';
let stage: BrowserStage;
let journey: WholeJourney;
let begun: string;

beforeAll(async () => {
  stage = await openStage();
  begun = new Date(Date.now() - 1_000).toISOString();
  journey = await playWholeJourney(stage, FROM);
});
afterAll(() => stage?.[Symbol.asyncDispose]());

describe('a customer who calls, is texted a link, chats with the bot and with an agent, and is called back', () => {
  it('reads one thread, knows who talks to them, and nothing in a browser complains', () => {
    expect(journey.read).toEqual([
      expect.stringContaining('You called us (billing dispute)'),
      expect.stringContaining('is it about a bill'),
      'I was charged twice on my bill',
      expect.stringContaining('I am finding somebody'),
      expect.stringContaining('this is Ana'),
      'That is good to hear',
      expect.stringContaining('I will call you'),
      'Is there anything else?',
      'No, thank you',
      'Goodbye!',
    ]);
    expect(journey.complaints).toEqual([]);
  });

  it('reaches an agent who reads what was said and known, and how it came here', () => {
    for (const words of [
      'I was charged twice on my bill',
      'Billing dispute',
      'Verified',
      'ACC-98765',
      'Customer opened the link',
    ])
      expect(journey.card).toContain(words);
  });

  it('is one interaction over four conversations, all of it over, with one wrap-up and one survey', async () => {
    const { legs, holder, handoff, ...whole } = await stage.api(`/v1/interactions/${journey.id}`);
    expect(legs.map((leg: Loose) => [leg.platform, leg.channel, leg.externalId, leg.state])).toEqual([
      ['genesys_cloud', 'voice', journey.call, 'ended'],
      ['throughline', 'webchat', journey.chat, 'ended'],
      ['genesys_cloud', 'message', journey.people, 'ended'],
      ['genesys_cloud', 'voice', journey.callback, 'ended'],
    ]);
    expect(whole.id).toBe(journey.id);
    expect(holder.kind).toBe('none');
    expect(journey.closed).toMatchObject({ last: true, askSurvey: true, askWrapup: true });
    const again = { platform: 'genesys_cloud', conversationId: journey.callback, by: 'flow' };
    expect(await stage.api('/v1/flows/close', again)).toMatchObject({ last: true, askSurvey: false, askWrapup: false });
    for (const conversation of [journey.call, journey.people, journey.callback]) {
      const { id } = await stage.api(`/v1/interactions?platform=genesys_cloud&externalId=${conversation}`);
      expect(id).toBe(journey.id);
    }
  });

  it('is one row of the report, and one contact, however often it went on elsewhere', async () => {
    const to = new Date(Date.now() + 60_000).toISOString();
    const { entities } = await stage.api(`/v1/reports/journeys?from=${begun}&to=${to}`);
    expect(entities).toHaveLength(1);
    expect(entities[0]).toMatchObject({
      id: journey.id,
      intent: 'billing_dispute',
      conversations: 4,
      contacts: 1,
      agents: 1,
      deflection: { sent: true, delivered: true, opened: true, claimed: true, resolved: false },
      // Whoever had to be called back was not helped at once.
      firstContactResolved: false,
      wrapup: 'refund-given',
      surveyScore: 5,
    });
    expect(entities[0].handoffs.map(({ kind, outcome }: Loose) => [kind, outcome])).toEqual([
      ['deflection', 'completed'],
      ['escalation', 'completed'],
      ['callback', 'completed'],
    ]);
    const totals = await stage.api(`/v1/reports/journeys/totals?from=${begun}&to=${to}`);
    expect(totals).toMatchObject({ interactions: 1, ended: 1, averageSurveyScore: 5 });
  });

  it('is one journal, whose chain holds, from the call to the wrap-up', async () => {
    const { events } = await stage.api(`/v1/interactions/${journey.id}/journal`);
    expect(events.map(({ version }: Loose) => version)).toEqual(events.map((_: unknown, index: number) => index + 1));
    for (const [index, { prevHash }] of events.entries()) if (index > 0) expect(prevHash).toBe(events[index - 1].hash);
    const types: string[] = events.map(({ type }: Loose) => type);
    const course = [
      'DeflectionRequested',
      'OfferClaimed',
      'ChatOpened',
      'EscalationRequested',
      'DeskOpened',
      'AgentNamed',
    ];
    const told = [...course, 'CallbackRequested', 'DeskClosed', 'InteractionEnded', 'WrapupRecorded', 'SurveyRecorded'];
    expect(types.filter((type, index) => told.includes(type) && types.indexOf(type) === index)).toEqual(told);
    expect(await stage.api('/v1/audit/verify')).toMatchObject({ ok: true, firstBad: null });
  });

  it('is one vCon: its dialogs in order, its handoffs as transfers', async () => {
    const vcon = await stage.api(`/v1/interactions/${journey.id}/vcon`);
    expect(vcon.uuid).toBe(journey.id);
    const talks = vcon.dialog.filter(({ type }: Loose) => type !== 'transfer');
    const starts: string[] = talks.map(({ start }: Loose) => start);
    expect(starts).toHaveLength(4);
    expect(starts).toEqual(starts.toSorted());
    for (const conversation of [journey.call, journey.chat, journey.people, journey.callback])
      expect(JSON.stringify(vcon)).toContain(conversation);
    expect(vcon.dialog.filter(({ type }: Loose) => type === 'transfer').length).toBeGreaterThan(0);
  });

  it('is seen in the console: the journey with every holder, and the report that counts it once', async () => {
    const { page, context, complaints } = await stage.visit({ viewport: { width: 1_440, height: 900 } });
    await page.goto(stage.url);
    await page.getByLabel('API key').fill(stage.key);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.locator('[data-line="live"]').waitFor();
    await page.goto(`${stage.url}/#/journeys/${journey.id}`);
    await page.getByRole('heading', { name: `Journey ${journey.id.slice(-6)}` }).waitFor();
    await page.goto(`${stage.url}/#/reports`);
    await page.getByRole('heading', { name: 'Reports' }).waitFor();
    await page.getByText('1 ended').waitFor();
    expect(complaints).toEqual([]);
    await context.close();
  });
});
