// The demonstration as `npm start` plays it, at a quicker pace: every kind of journey comes to its end, by HTTP alone.

import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { playDemo } from '../../src/cli/demo.ts';
import { type RunningService, startRunning } from './running-service.ts';

const KEY = 'a-key-to-look-around-with';
const PATIENCE_MS = 45_000;
const ENDINGS = [
  /^Ana waits in BillingDisputes_Priority: handed over by the bot/,
  /^Ben is with an agent of BillingDisputes_Tier2$/,
  /^Noor is put through to BillingDisputes_Tier2 at CXone/,
  /^Luca is put through to BillingDisputes_Tier2 at Genesys Cloud/,
  /^Mia has the text message, and only now is the call let go$/,
  /^Mia waits in General_Support for a person$/,
  /^Mia goes, and will be called back by General_Support$/,
];

let running: RunningService;
beforeAll(async () => {
  running = await startRunning({ THROUGHLINE_API_KEY: KEY });
}, 60_000);
afterAll(() => running[Symbol.asyncDispose]());

it('the demonstration shows an escalation, a transfer each way, and a call that becomes a chat and a promise of a call', {
  timeout: 60_000,
}, async () => {
  const port = Number(new URL(running.url).port);
  const at = (above: number) => `http://127.0.0.1:${port + above}`;
  const over = new AbortController();
  const lines: string[] = [];
  const missing = () => ENDINGS.filter((ending) => !lines.some((line) => ending.test(line)));
  const playing = playDemo({
    service: running.url,
    twins: { genesys: at(10), cxone: at(20), phones: at(30) },
    key: KEY,
    signal: over.signal,
    log: (line) => void lines.push(line),
    pace: { everyMs: 400, hangUpAfterMs: 1_500, answerAfterMs: 300 },
  });
  const endsAt = Date.now() + PATIENCE_MS;
  while (missing().length > 0 && Date.now() < endsAt) await sleep(100);
  over.abort();
  await playing;
  expect(missing(), lines.join('\n')).toEqual([]);
});
