// Owns the load that every entrant of the race is put under: in a process of the entrant's own, so many callers at once, each
// waiting for the end of its handoff before it asks for the next. The race starts that process and reads what it sends back.

import { SEED_MANIFEST } from '../test/seed-examples.ts';
import { quantile } from './figures.ts';

/** One lap, as the race gives it to the entrant's process. */
export type Lap = {
  readonly atOnce: number;
  readonly seconds: number;
  /** Empty, on the file system that all entrants write to, and removed afterwards. */
  readonly folder: string;
  /** Where the entrant's own server listens; by name, empty when it has none. */
  readonly servers: Readonly<Record<string, string>>;
};

export type LapFigures = {
  readonly handoffs: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
};

export type Entrant = {
  /** Whatever must stand before so many handoffs can be asked for; not timed. */
  prepare?(count: number): Promise<void>;
  /** One handoff, from its request until its caller knows that it ended, every step durable before the next. */
  handoff(): Promise<void>;
  close(): Promise<void>;
};

/** What every handoff carries, for everybody the same. */
export const REQUEST = {
  conversation: { platform: 'genesys_cloud', channel: 'voice' },
  queue: 'BillingDisputes_Tier2',
  manifest: SEED_MANIFEST,
};
export type HandoffRequest = typeof REQUEST;

/** The vendor of the race: it has answered before anybody could wait. */
export const vendor = {
  reserve: async () => ({ reservation: 'reserved' }),
  commit: async () => ({ transfer: 'accepted' }),
  confirm: async () => ({ holder: 'queue' }),
};

const WARM_MS = 1_500;
const FEWEST_PER_CALLER = 4;
const MOST = 60_000;

/** Runs the lap that the race asked this process for. */
export async function runLap(start: (lap: Lap) => Promise<Entrant>): Promise<void> {
  const lap = JSON.parse(process.argv[2] ?? 'null') as Lap | null;
  if (!lap || !process.send) throw new Error('An entrant is started by the race: npm run race');
  const entrant = await start(lap);
  const figures = await measure(entrant, lap);
  await new Promise<void>((resolve, reject) =>
    process.send?.(figures, undefined, {}, (e) => (e ? reject(e) : resolve())),
  );
  await entrant.close();
  process.exit(0);
}

/** Warms up until the speed is known, then times as many handoffs as fill the lap. */
async function measure(entrant: Entrant, { atOnce, seconds }: Lap): Promise<LapFigures> {
  const fewest = atOnce * FEWEST_PER_CALLER;
  const warmUntil = performance.now() + WARM_MS;
  let count = fewest;
  let perSecond = 0;
  while (performance.now() < warmUntil) {
    perSecond = (await wave(entrant, atOnce, count)).perSecond;
    // A wave of about a third of the time that warming up takes, however fast the entrant is.
    count = clamp((perSecond * WARM_MS) / 3_000, fewest);
  }
  return wave(entrant, atOnce, clamp(perSecond * seconds, fewest));
}

const clamp = (count: number, fewest: number) => Math.min(MOST, Math.max(fewest, Math.round(count)));

async function wave(entrant: Entrant, atOnce: number, count: number): Promise<LapFigures> {
  await entrant.prepare?.(count);
  const times: number[] = [];
  let asked = 0;
  const started = performance.now();
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (asked < count) {
        asked += 1;
        const began = performance.now();
        await entrant.handoff();
        times.push(performance.now() - began);
      }
    }),
  );
  const tookMs = performance.now() - started;
  return {
    handoffs: count,
    perSecond: (count / tookMs) * 1_000,
    p50Ms: quantile(times, 0.5),
    p99Ms: quantile(times, 0.99),
  };
}
