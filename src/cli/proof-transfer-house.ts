// Owns how the house of a proof of transfers is furnished: both platforms with as many entry numbers as may be lent at once, times
// that keep a run short, and the people who answer.

import type { House, HouseOptions } from './proof-house.ts';
import { MARGIN_MS } from './proof-house.ts';

/** A command of a transfer is several calls, on a machine that does much else. */
const COMMAND_TIMEOUT_SEC = 4;
/** From an acceptance to its effect at the twins, as they have it by themselves. */
const SETTLE_MS = 250;
/** How long an entry waits for the agent it was told, before it takes the caller to the fallback queue. */
const ENTRY_TIMEOUT_MS = 5_000;
/** Longer than that, so that the entry's own way is not taken for a failure. */
const CONFIRM_WITHIN_SEC = 12;
const CONSULT_SEC = 15;
export const RESERVATION_SEC = 20;
/** What got lost is seen soon all the same. */
const POLL_SEC = 5;
/** Where callers are first, and where those are put whose transfer failed. */
export const FRONT_QUEUE = 'General_Support';
export const STAFFED_QUEUE = 'BillingDisputes_Tier2';
/** Nobody of it ever answers, but somebody is there. */
export const SILENT_QUEUE = 'Bank_Services';
export const UNSTAFFED_QUEUE = 'Travel_Flights';

export const SIDES = ['genesys_cloud', 'nice_cxone'] as const;
export type Side = (typeof SIDES)[number];

/** `width`: transfers that may be under way at once. */
export function transferHouse(ratePerMinute: number, width: number): HouseOptions {
  return {
    ratePerMinute,
    configuration: ({ genesys, cxone, secrets }) => ({
      platforms: {
        genesys_cloud: {
          kind: 'genesys',
          loginUrl: genesys,
          apiUrl: genesys,
          clientId: 'twin-client',
          clientSecret: 'twin-secret',
          hookSecrets: [secrets.genesysHook],
          settleMs: SETTLE_MS + MARGIN_MS,
          transfers: transfersTo(18_005_560_000, width),
        },
        nice_cxone: {
          kind: 'cxone',
          issuerUrl: cxone,
          accessKeyId: 'twin-access-key',
          accessKeySecret: 'twin-access-secret',
          clientId: 'twin-client',
          clientSecret: 'twin-secret',
          hookSecrets: [secrets.cxoneHook],
          settleMs: SETTLE_MS + MARGIN_MS,
          agentSessions: true,
          pollEverySec: POLL_SEC,
          transfers: transfersTo(18_885_560_000, width),
        },
      },
      handoffs: { commandTimeoutSec: COMMAND_TIMEOUT_SEC },
      transfers: { confirmWithinSec: CONFIRM_WITHIN_SEC, consultSec: CONSULT_SEC },
    }),
    settings: ({ service, secrets }) => {
      const common = {
        settleMs: SETTLE_MS,
        entryTimeoutMs: ENTRY_TIMEOUT_MS,
        entry: { url: service, headers: { authorization: `Bearer ${secrets.entry}` } },
      };
      const hook = (name: string, secret: string) => ({
        url: `${service}/hooks/${name}`,
        headers: { 'x-throughline-secret': secret },
      });
      return {
        genesys: { ...common, hook: hook('genesys', secrets.genesysHook) },
        cxone: { ...common, hook: hook('cxone', secrets.cxoneHook) },
      };
    },
  };
}

function transfersTo(firstNumber: number, width: number) {
  const entryNumbers = Array.from({ length: width }, (_none, index) => `+${firstNumber + index}`);
  return { entryNumbers, reservationSec: RESERVATION_SEC, fallbackQueue: FRONT_QUEUE };
}

/** Agents of one platform whom transfers may ask for by id. */
export type Staff = {
  /** One for each transfer that may be under way: in no queue, and theirs alone. */
  readonly own: readonly string[];
  /** On the phone all the time. */
  readonly busy: readonly string[];
  readonly declining: readonly string[];
  readonly hanging: readonly string[];
};

const ANSWERS_AFTER_MS = 50;
const DIFFICULT = 8;

/** Brings in everybody of one platform. A call at a time is what an agent takes, so there are enough for all. */
export async function hire(house: House, side: Side, width: number): Promise<Staff> {
  const twin = side === 'genesys_cloud' ? house.twin : house.cxone;
  const hireMany = async (count: number, asked: { queues: readonly string[]; answers: string }) => {
    const ids: string[] = [];
    for (let n = 0; n < count; n += 1) {
      const name = `${asked.answers} ${asked.queues[0] ?? 'own'} ${n}`;
      ids.push(await twin.addAgent({ name, ...asked, afterMs: ANSWERS_AFTER_MS }));
    }
    return ids;
  };
  await hireMany(width * 3, { queues: [FRONT_QUEUE], answers: 'auto' });
  await hireMany(width * 2, { queues: [STAFFED_QUEUE], answers: 'auto' });
  await hireMany(1, { queues: [SILENT_QUEUE], answers: 'hangs' });
  const staff: Staff = {
    own: await hireMany(width, { queues: [], answers: 'auto' }),
    busy: await hireMany(DIFFICULT, { queues: [], answers: 'auto' }),
    declining: await hireMany(DIFFICULT, { queues: [], answers: 'declines' }),
    hanging: await hireMany(DIFFICULT, { queues: [], answers: 'hangs' }),
  };
  for (const [n, agentId] of staff.busy.entries()) {
    const talking = await twin.comeIn({ channel: 'voice', from: `+1415555${1_000 + n}`, queue: SILENT_QUEUE });
    await twin.answer(talking, agentId);
  }
  return staff;
}
