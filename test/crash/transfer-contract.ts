// Owns the lives and deaths of a process amid transfers between two platforms, which live here and survive. Nothing acknowledged may be
// lost, nobody let go of or delivered twice (H5, H3), no number lead to two transfers, everything settles (H6), and the chain holds (H8).

import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { Command } from '../../src/protocols/command.ts';
import type { Event } from '../../src/protocols/event.ts';
import { scriptedServer } from '../contract/scripted-server.ts';
import { type Death, endsOf, type Life, live } from './lives.ts';
import type { Kept } from './mortal-store.ts';
import { type CaseType, type FlowTransfers, TwoCenters } from './two-centers.ts';

const SCRIPT = fileURLToPath(new URL('./transfer-process.ts', import.meta.url));

/** What the source was asked about one conversation, in order, and whether its customer had been let go of before. */
type Seen = { readonly kind: Command['kind']; readonly style: string; readonly moved: boolean };

/** Both contact centers on a port, which may kill their caller. */
async function vendors(flows: boolean) {
  const centers = new TwoCenters(flows);
  const seen = new Map<string, Seen[]>();
  let calls = 0;
  let death: Death | undefined;
  let life: Life | undefined;
  const killsAt = ({ kind }: Command, when: 'before' | 'after') =>
    death?.by === 'vendor' && death.kind === kind && death.when === when && death.nth === calls;
  const server = await scriptedServer(({ body }) => {
    const asked = JSON.parse(body) as Command | FlowTransfers | { readonly kind: 'Arrivals' };
    if (asked.kind === 'Arrivals') return { status: 200, json: centers.arrivals.filter(({ live: is }) => is) };
    if (asked.kind === 'FlowTransfers') {
      centers.flowTransfers(asked);
      return { status: 200, json: {} };
    }
    if (death?.by === 'vendor' && death.kind === asked.kind) calls += 1;
    if (killsAt(asked, 'before')) {
      life?.child.kill('SIGKILL');
      return (response) => response.destroy();
    }
    note(asked);
    const answer = centers.perform(asked);
    if (killsAt(asked, 'after')) {
      life?.child.kill('SIGKILL');
      return (response) => response.destroy();
    }
    return { status: 200, json: answer };
  });

  function note(command: Command): void {
    if (!('externalId' in command)) return;
    const { atSource, talking } = centers.standing(command.externalId);
    const style = command.kind === 'TransferAway' ? command.style : '';
    const story = seen.get(command.externalId) ?? [];
    seen.set(command.externalId, [...story, { kind: command.kind, style, moved: !atSource || talking > 0 }]);
  }

  return {
    centers,
    seen,
    url: server.url,
    expects(next: Death | undefined, caller: Life) {
      [death, life, calls] = [next, caller, 0];
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

type Case = { readonly kept: Kept; readonly type: CaseType; readonly conversations: number };

/** Lives through the deaths, then once more to the end. */
async function survive(deaths: readonly Death[], orders: Case) {
  await using far = await vendors(orders.type === 'flow');
  const acknowledged = new Set<number>();
  let last: Life | undefined;
  for (const death of [...deaths, undefined]) {
    const mine = { ...orders, vendor: far.url, ...(death?.by === 'itself' && { dieAt: death }) };
    const life = live(SCRIPT, mine);
    far.expects(death, life);
    if (death?.by === 'chance') {
      void life.awake.then(() => setTimeout(() => life.child.kill('SIGKILL'), death.afterMs));
    }
    const end = await life.over;
    expect(endsOf(death), JSON.stringify(death)).toContain(end);
    for (const line of life.lines) if ('acknowledged' in line) acknowledged.add(line.acknowledged);
    last = life;
  }
  const end = last?.lines.find((line) => 'outcomes' in line);
  if (!end || !('outcomes' in end)) throw new Error('the last life did not tell how everything stands');
  return { far, acknowledged, end };
}

/** Between two askings to let go somebody must have looked at the source and seen that nothing had moved. */
function asksBlindly(story: readonly Seen[]): boolean {
  const askings = story.flatMap(({ kind }, index) => (kind === 'TransferAway' ? [index] : []));
  return askings.slice(1).some((at, n) => {
    const between = story.slice((askings[n] ?? 0) + 1, at);
    return !between.some(({ kind, moved }) => kind === 'Reconcile' && !moved);
  });
}

/** Of a consultation nobody can see whether it was begun, nor of an asking: it is ended then, and the customer is where they were. */
const ENDS: Readonly<Record<CaseType, readonly string[]>> = {
  blind: ['completed'],
  warm: ['completed', 'compensated'],
  flow: ['completed'],
  asked: ['completed', 'refused'],
};

/** Dies as it is told, then lives to the end: everything acknowledged is there, settled, and was done once. */
async function proveSurvival(deaths: readonly Death[], orders: Case): Promise<void> {
  const { far, acknowledged, end } = await survive(deaths, orders);
  const { centers, seen } = far;
  expect(acknowledged.size).toBe(orders.conversations);
  expect(end.chain).toBe(true);
  for (const [n, outcome] of end.outcomes.entries()) {
    const externalId = `c${n}`;
    const standing = centers.standing(externalId);
    const across = { atSource: false, across: 1, talking: 0 };
    const stayed = { atSource: true, across: 0, talking: 0 };
    expect(ENDS[orders.type]).toContain(outcome);
    expect({ externalId, outcome, ...standing }).toEqual({
      externalId,
      outcome,
      ...(outcome === 'completed' ? across : stayed),
    });
    const story = seen.get(externalId) ?? [];
    expect({ story, blind: asksBlindly(story) }).toEqual({ story, blind: false });
  }
  // Nobody keeps free for a call that has come or will not, and nobody was asked twice for one (H5, H6).
  expect([...centers.keeping]).toEqual([]);
  expect(new Set(centers.askings).size).toBe(centers.askings.length);
  const arrived = centers.arrivals.filter(({ live: is }) => is);
  expect(new Set(arrived.map(({ address }) => address)).size).toBe(arrived.length);
  expect(arrived.map(({ attributes }) => Object.keys(attributes).length > 0)).toEqual(arrived.map(() => true));
}

const MOMENTS = ['before', 'after'] as const;
const BLIND: readonly Event['type'][] = [
  'TransferRequested',
  'TransferChecked',
  'ContextAttached',
  'PlaceReserved',
  'TransferAccepted',
  'ReservationRedeemed',
  'DestinationReached',
  'HandoffSettled',
  'ChoreDone',
];
const CONSULT: readonly Event['type'][] = ['TransferAccepted', 'ReservationRedeemed', 'ConsultationEnded'];
const FLOW: readonly Event['type'][] = ['PlaceReserved', 'FlowTold', 'ReservationRedeemed', 'DestinationReached'];
const ASKED: readonly Event['type'][] = ['AgentAsked', 'AgentReady', 'ReservationRedeemed'];
const CALLS: readonly Command['kind'][] = [
  'CheckTransfer',
  'AttachContext',
  'AttachOnArrival',
  'TransferAway',
  'Reconcile',
  'Release',
];
const CONSULT_CALLS: readonly Command['kind'][] = ['TransferAway', 'EndConsult', 'Reconcile'];
const FLOW_CALLS: readonly Command['kind'][] = ['Reconcile'];
/** Where no agent was asked, a number is lent while what asks for it is written. */
const ASKED_CALLS: readonly Command['kind'][] = ['AskAgent', 'LookForAgent', 'Reserve', 'Release'];
const MANY = 12;
const PATIENTLY = { concurrent: true, timeout: 120_000 } as const;

/** What every store must let a process live through. `keep` gives each case a journal of its own. */
export function transferCrashContract(name: string, keep: () => Promise<Kept>): void {
  const alone = async (type: CaseType): Promise<Case> => ({ kept: await keep(), type, conversations: 1 });
  const commits = [
    ...BLIND.map((commit) => ({ type: 'blind' as CaseType, commit })),
    ...CONSULT.map((commit) => ({ type: 'warm' as CaseType, commit })),
    ...FLOW.map((commit) => ({ type: 'flow' as CaseType, commit })),
    ...ASKED.map((commit) => ({ type: 'asked' as CaseType, commit })),
  ];
  const calls = [
    ...CALLS.map((kind) => ({ type: 'blind' as CaseType, kind })),
    ...CONSULT_CALLS.map((kind) => ({ type: 'warm' as CaseType, kind })),
    ...FLOW_CALLS.map((kind) => ({ type: 'flow' as CaseType, kind })),
    ...ASKED_CALLS.map((kind) => ({ type: 'asked' as CaseType, kind })),
  ];

  describe(`a process killed amid a transfer, its journal on ${name}`, PATIENTLY, () => {
    it.for(MOMENTS.flatMap((when) => commits.map((one) => ({ when, ...one }))))(
      '$type: just $when the commit of $commit nobody is lost, and nobody let go of twice (H3, H5, H6, H8)',
      async ({ when, commit, type }) => proveSurvival([{ by: 'itself', commit, when }], await alone(type)),
    );

    it.for(MOMENTS.flatMap((when) => calls.map((one) => ({ when, ...one }))))(
      '$type: just $when a platform takes $kind nobody is lost, and nobody let go of twice (H3, H5, H6, H8)',
      async ({ when, kind, type }) => proveSurvival([{ by: 'vendor', kind, nth: 1, when }], await alone(type)),
    );

    it('after a call was let go, and twice while both sides are looked at, with many others on the way', async () => {
      const deaths: readonly Death[] = [
        { by: 'vendor', kind: 'TransferAway', nth: 3, when: 'after' },
        { by: 'vendor', kind: 'Reconcile', nth: 1, when: 'before' },
        { by: 'vendor', kind: 'Reconcile', nth: 2, when: 'after' },
      ];
      await proveSurvival(deaths, { kept: await keep(), type: 'blind', conversations: MANY });
    });
  });

  describe(`a process killed at any moment of many transfers, its journal on ${name}`, PATIENTLY, () => {
    // Counted from its first sign of life; one that comes when the work is done has nothing to break.
    it.for(['blind', 'warm', 'flow'] as const)(
      'loses nobody, and delivers nobody twice (H3, H5, H6, H8): %s',
      async (type) => {
        const chance = () => ({ by: 'chance', afterMs: Math.random() * 150 }) as const;
        await proveSurvival([chance(), chance(), chance()], { kept: await keep(), type, conversations: MANY });
      },
    );
  });
}
