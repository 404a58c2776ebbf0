// Owns a proof of transfers from its beginning to its evidence: both twins and a service, many transfers under way at once, storms and
// crashes between, and everything read back at the end.

import { setTimeout as sleep } from 'node:timers/promises';
import { atOnce } from './at-once.ts';
import { CommandFailure, Unreachable } from './command-failure.ts';
import type { Progress } from './progress.ts';
import { type House, openHouse } from './proof-house.ts';
import { patiently } from './proof-patience.ts';
import { placesOf, type Ran, runTransfer, type Stage } from './proof-transfer-course.ts';
import { armTransferFaults, storm } from './proof-transfer-faults.ts';
import { hire, transferHouse } from './proof-transfer-house.ts';
import { planOf } from './proof-transfer-plan.ts';
import type { TransferEvidence } from './proof-transfer-verdict.ts';

export type TransferRun = {
  readonly transfers: number;
  readonly kill: boolean;
  readonly seed: number;
};

/** High enough to be out of the way: the run is about faults, not about the vendors' quotas. */
const RATE_PER_MINUTE = 10_000_000;
/** Transfers under way at once, their callers' lingering included. */
const WIDTH = 160;
const READ_WIDTH = 32;
const READ_WITHIN_MS = 60_000;
const LOOK_MS = 20;
/** Shares of the requests after which the vendors refuse almost everything for a while, and after which the service is killed. */
const STORMS = [0.2, 0.6];
const KILLS = [1 / 3, 2 / 3];

export async function runTransfers(run: TransferRun, line: Progress): Promise<TransferEvidence> {
  const { transfers, seed } = run;
  line.show('starting two twins and a service');
  const startedAt = performance.now();
  const width = Math.min(WIDTH, transfers);
  await using house = await openHouse(transferHouse(RATE_PER_MINUTE, width * 2));
  line.show('bringing in the people');
  const staff = {
    genesys_cloud: await hire(house, 'genesys_cloud', width),
    nice_cxone: await hire(house, 'nice_cxone', width),
  };
  await armTransferFaults(house, seed);

  const { ran, kills } = await underLoad(house, staff, { ...run, width, line });
  line.show('comparing with what the vendors show');
  const faults = [...(await house.twin.faults()), ...(await house.cxone.faults())];
  await Promise.all([house.twin.clearFaults(), house.cxone.clearFaults()]);
  const patience = { signal: new AbortController().signal, giveUpAfterMs: READ_WITHIN_MS };
  const read = ({ plan }: Ran) => patiently(() => placesOf(house, plan.caller), patience);
  const left = await atOnce(ran, READ_WIDTH, read);
  return {
    ran: ran.map((one, index) => ({ ...one, left: left[index] ?? [] })),
    faults,
    vendorCalls: (await house.twin.counters()).counters.total + (await house.cxone.counters()).counters.total,
    deadLetters: await house.service.deadLetters(),
    audit: await house.service.verifyAudit(),
    kills,
    width,
    ratePerMinute: RATE_PER_MINUTE,
    tookMs: performance.now() - startedAt,
  };
}

type Loaded = TransferRun & { readonly width: number; readonly line: Progress };

/** The load, and what goes wrong beside it. When either fails, the other ends too. */
async function underLoad(house: House, staff: Stage['staff'], { transfers, kill, seed, width, line }: Loaded) {
  const over = new AbortController();
  const { signal } = over;
  const kills: number[] = [];
  let requested = 0;
  const stage: Stage = {
    house,
    staff,
    signal,
    onRequested: () => {
      requested += 1;
    },
  };
  const load = async () => {
    const free = Array.from({ length: width }, (_none, slot) => slot);
    let done = 0;
    const ran = await atOnce(Array.from({ length: transfers }), width, async (_one, index): Promise<Ran> => {
      const slot = free.pop() ?? 0;
      const one = await runTransfer(stage, planOf(seed, index), slot);
      free.push(slot);
      done += 1;
      line.show(`${done} of ${transfers} transfers are over`);
      return one;
    });
    over.abort();
    return ran;
  };
  const moments = (shares: readonly number[], act: () => Promise<void>) =>
    atMoments({ shares, signal, act, share: () => requested / transfers });
  try {
    const [ran] = await Promise.all([
      load(),
      moments(STORMS, () => storm(house, transfers)),
      moments(kill ? KILLS : [], async () => {
        kills.push(Date.now());
        await house.kill();
        await house.restart();
      }),
    ]);
    return { ran, kills };
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    throw new CommandFailure(`The service is gone and stays away. Its last words:\n${house.lastWords()}`, {
      cause: error,
    });
  } finally {
    over.abort();
  }
}

type Moments = {
  readonly shares: readonly number[];
  readonly share: () => number;
  readonly signal: AbortSignal;
  readonly act: () => Promise<void>;
};

/** Acts whenever so much of the run is behind. */
async function atMoments({ shares, share, signal, act }: Moments): Promise<void> {
  for (const moment of shares) {
    while (!signal.aborted && share() < moment) await sleep(LOOK_MS);
    if (signal.aborted) return;
    await act();
  }
}
