// Owns the measures of what people see, in a real browser before a real service with its twin, each in a process of its own: how soon a
// briefing can be read, and whether the console stays smooth with ten thousand journeys alive.

import { loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { atOnce } from '../src/cli/at-once.ts';
import { type BrowserStage, openStage } from '../test/browser/stage.ts';
import { type Figure, printFigures, quantile } from './figures.ts';

const RUNS = 40;
/** Of the twin, per call. */
const LATENCY_MS = 50;
const JOURNEYS = 10_000;
const PATCHES_PER_SECOND = 50;
/** Every tenth change is a customer handed over: five a second, seven events or so each. */
const HANDOVER_EVERY = 10;
const SCROLL_MS = 10_000;
const FRAME_BAR_MS = 50;
/** Far above what is asked of it: the quota is not what is measured. */
const QUOTA = { THROUGHLINE_RATE_PER_MINUTE: '1000000' };

/** Before anything of the page runs: says when its briefing has been painted, by the page's clock and by the machine's. */
const WATCH_CARD = `
  window.readable = new Promise((resolve) => {
    const look = () => {
      if (!document.querySelector('throughline-card[data-state="ready"]')) return requestAnimationFrame(look);
      requestAnimationFrame(() => setTimeout(() => resolve({ sinceStart: performance.now(), at: Date.now() })));
    };
    look();
  });
`;
type Readable = { readonly sinceStart: number; readonly at: number };

const readable = async (page: Page) => (await page.evaluate('window.readable')) as Readable;

export async function pages(): Promise<readonly Figure[]> {
  console.log(`load of the machine before: ${loadavg()[0]?.toFixed(1)}`);
  const figures: Figure[] = [];
  {
    await using stage = await openStage(QUOTA);
    const reading = await cards(stage);
    figures.push(times('escalation request → briefing readable, card open', reading.told, 1_000));
    figures.push(times('card readable after load', reading.loaded, 200));
    printFigures(figures);
  }
  await using stage = await openStage(QUOTA);
  figures.push(...(await tenThousand(stage)));
  console.log(`load of the machine after: ${loadavg()[0]?.toFixed(1)}\n`);
  return figures;
}

function times(measure: string, all: readonly number[], barMs: number): Figure {
  const [p50, p95] = [quantile(all, 0.5), quantile(all, 0.95)];
  const value = `p50 ${p50.toFixed(0)}, p95 ${p95.toFixed(0)}, worst ${Math.max(...all).toFixed(0)} ms`;
  return { measure: `${measure} (${all.length} runs)`, value, bar: `p95 < ${barMs}`, holds: p95 < barMs };
}

/** An agent who was offered the customer before and did not take them has the card open; then the bot's request comes. */
async function cards(stage: BrowserStage) {
  const { agentId } = await stage.twin('/agents', { name: 'Sam', queues: ['General_Escalation'], answers: 'declines' });
  await slow(stage);
  const told: number[] = [];
  const loaded: number[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    const conversationId = await offered(stage, agentId);
    const leg = { platform: 'genesys_cloud', externalId: conversationId, channel: 'message' };
    const { id } = await stage.api('/v1/interactions', leg);
    const visit = await stage.visit({ viewport: { width: 320, height: 900 } });
    await visit.context.addInitScript(WATCH_CARD);
    const { page } = visit;
    await page.goto(`${stage.url}/card?platform=genesys_cloud&conversationId=${conversationId}`);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('button', { name: 'Sam' }).click();
    await page.locator('throughline-card[data-state="waiting"]').waitFor();
    // Long enough that the card has settled down to wait, and not in step with anything.
    await sleep(300 + Math.random() * 2_000);
    const seen = readable(page);
    const asked = Date.now();
    await stage.escalate(id);
    told.push((await seen).at - asked);
    await page.reload({ waitUntil: 'commit' });
    loaded.push((await readable(page)).sinceStart);
    await visit.context.close();
  }
  return { told, loaded };
}

async function slow(stage: BrowserStage): Promise<void> {
  const answer = await fetch(`${stage.twinUrl}/twin/settings`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ latencyMs: LATENCY_MS }),
  });
  if (!answer.ok) throw new Error(`the twin does not take its latency: ${answer.status}`);
}

/** A conversation that has rung the agent. */
async function offered(stage: BrowserStage, agentId: string): Promise<string> {
  const asked = { channel: 'message', from: '+14155551234', queue: 'General_Escalation' };
  const { conversationId } = await stage.twin('/conversations', asked);
  for (;;) {
    const { participants } = await stage.twin(`/conversations/${conversationId}`);
    if (participants.some(({ userId }: { readonly userId?: string }) => userId === agentId)) return conversationId;
    await sleep(20);
  }
}

/** Runs in the page: scrolls the list up and down and notes how long each frame took, and each task of more than 50 ms. */
const SCROLL = (forMs: number) => `new Promise((resolve) => {
  const list = document.querySelector('.list');
  const frames = [];
  const tasks = [];
  const watch = new PerformanceObserver((seen) => tasks.push(...seen.getEntries().map(({ duration }) => duration)));
  watch.observe({ type: 'longtask' });
  const began = performance.now();
  let before = began;
  let step = 60;
  const frame = (now) => {
    frames.push(now - before);
    before = now;
    list.scrollTop += step;
    if (list.scrollTop <= 0 || list.scrollTop + list.clientHeight >= list.scrollHeight - 1) step = -step;
    // A jump now and then, as by the scroll bar.
    if (frames.length % 120 === 0) list.scrollTop = Math.random() * list.scrollHeight;
    if (now - began < ${forMs}) return requestAnimationFrame(frame);
    watch.disconnect();
    resolve({ frames: frames.slice(1), tasks });
  };
  requestAnimationFrame(frame);
})`;
/** What the machine makes of the least that scrolls: forty lines, and nothing of ours. */
const BARE_LIST = `<div class="list" style="height: 600px; overflow-y: auto">
  <div style="height: 440000px">${'<p>A line of a list</p>'.repeat(40)}</div></div>`;
type Scrolled = { readonly frames: readonly number[]; readonly tasks: readonly number[] };

/** The longest task of the page's main thread in its processor's time: what else runs on the machine is not in it. */
async function longestTask(page: Page, act: () => Promise<unknown>): Promise<number> {
  const line = await page.context().newCDPSession(page);
  type Traced = {
    readonly name: string;
    readonly ph: string;
    readonly pid: number;
    readonly tid: number;
    readonly tdur?: number;
    readonly args: { readonly name?: string };
  };
  const traced: Traced[] = [];
  line.on('Tracing.dataCollected', ({ value }) => traced.push(...(value as unknown as readonly Traced[])));
  await line.send('Tracing.start', { transferMode: 'ReportEvents', categories: 'toplevel,__metadata' });
  await act();
  const complete = new Promise((resolve) => line.once('Tracing.tracingComplete', resolve));
  await line.send('Tracing.end');
  await complete;
  const mains = traced.filter(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain');
  const tasks = traced.filter(
    (one) => one.tdur !== undefined && mains.some(({ pid, tid }) => one.pid === pid && one.tid === tid),
  );
  return Math.max(...tasks.map(({ tdur = 0 }) => tdur / 1_000));
}

async function tenThousand(stage: BrowserStage): Promise<readonly Figure[]> {
  const ids = await openMany(stage);
  const { page, context } = await stage.visit({ viewport: { width: 1440, height: 900 } });
  await page.goto(stage.url);
  await page.getByLabel('API key').fill(stage.key);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.locator('[data-line="live"]').waitFor();
  await page
    .getByText(`${JOURNEYS.toLocaleString('en')}`)
    .first()
    .waitFor();
  // Down to the oldest, so that every journey is a row of the list.
  for (;;) {
    const words = await page.locator('.filters output').innerText();
    if (!words.includes('+')) break;
    await page.evaluate("document.querySelector('.list').scrollTop = 1e9");
    await sleep(20);
  }
  const still = (await page.evaluate(SCROLL(SCROLL_MS / 2))) as Scrolled;
  const changing = new AbortController();
  const changed = change(stage, ids, changing.signal);
  await sleep(1_000);
  const seen = (await page.evaluate(SCROLL(SCROLL_MS))) as Scrolled;
  // Apart, since tracing has a price of its own.
  const longestMs = await longestTask(page, () => page.evaluate(SCROLL(SCROLL_MS / 2)));
  await context.close();
  const other = await stage.visit({ viewport: { width: 1440, height: 900 } });
  await other.page.setContent(BARE_LIST);
  const bare = (await other.page.evaluate(SCROLL(SCROLL_MS))) as Scrolled;
  changing.abort();
  const perSecond = await changed;
  await other.context.close();
  const measure = `console, ${JOURNEYS} journeys, scrolling`;
  const longest = `${longestMs.toFixed(0)} ms`;
  return [
    smooth(measure, still),
    smooth(`${measure}, ${perSecond.toFixed(0)} changes a second`, seen),
    {
      measure: 'its longest task, in processor time',
      value: longest,
      bar: `< ${FRAME_BAR_MS}`,
      holds: longestMs < FRAME_BAR_MS,
    },
    { ...smooth('for comparison: a bare list, meanwhile', bare), bar: '', holds: null },
  ];
}

function smooth(measure: string, { frames, tasks }: Scrolled): Figure {
  const slowest = Math.max(...frames);
  const late = frames.filter((ms) => ms > FRAME_BAR_MS).length;
  const value = `p99 ${quantile(frames, 0.99).toFixed(0)}, worst ${slowest.toFixed(0)} ms; ${late} of ${frames.length} late, ${tasks.length} long tasks`;
  return { measure, value, bar: `none > ${FRAME_BAR_MS}`, holds: late === 0 };
}

function openMany(stage: BrowserStage): Promise<readonly string[]> {
  const numbers = Array.from({ length: JOURNEYS }, (_none, number) => number);
  return atOnce(numbers, 32, async (number) => {
    const leg = { platform: 'genesys_cloud', externalId: `waits-${number}`, channel: 'message' };
    return (await stage.api('/v1/interactions', leg)).id;
  });
}

/** Until the signal: contexts change, and five customers a second come in and are handed over. How many events came a second. */
async function change(stage: BrowserStage, ids: readonly string[], ending: AbortSignal): Promise<number> {
  const under = new Set<Promise<unknown>>();
  // A line that breaks is one change fewer: those that came are counted where they arrive.
  const note = (act: Promise<unknown>) => {
    const over = act.catch(() => {}).finally(() => under.delete(over));
    under.add(over);
  };
  const counted = countEvents(stage, ending);
  const began = performance.now();
  for (let made = 0; !ending.aborted; await sleep(10)) {
    for (const due = ((performance.now() - began) / 1_000) * PATCHES_PER_SECOND; made < due; made += 1) {
      note(patch(stage, ids[Math.floor(Math.random() * ids.length)] ?? '', made));
      if (made % HANDOVER_EVERY === 0)
        note(stage.customer().then(({ interactionId }) => stage.escalate(interactionId)));
    }
  }
  const perSecond = (await counted) / ((performance.now() - began) / 1_000);
  await Promise.all(under);
  return perSecond;
}

async function patch({ url, key }: BrowserStage, id: string, turn: number): Promise<void> {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/merge-patch+json' };
  const body = JSON.stringify({ intent: `intent_${turn}` });
  const answer = await fetch(`${url}/v1/interactions/${id}/context`, { method: 'PATCH', headers, body });
  if (!answer.ok) throw new Error(`a context was not changed: ${answer.status} ${await answer.text()}`);
}

/** Of the very stream that the console follows. */
async function countEvents({ url, key }: BrowserStage, ending: AbortSignal): Promise<number> {
  let events = 0;
  try {
    const answer = await fetch(`${url}/v1/stream`, { headers: { authorization: `Bearer ${key}` }, signal: ending });
    for await (const piece of answer.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      events += piece.split('\ndata:').length - 1;
    }
  } catch (error) {
    if (!ending.aborted) throw error;
  }
  return events;
}
