import { describe, expect, it } from 'vitest';
import type { EntryWish } from '../../src/journal/entry-loan.ts';
import { createCarrier } from '../../src/twins/carrier.ts';
import { createCxoneTwin } from '../../src/twins/cxone/cxone-twin.ts';
import { createGenesysTwin } from '../../src/twins/genesys/genesys-twin.ts';
import { createVirtualClock } from '../../src/twins/virtual-clock.ts';
import { CallerOracle } from './caller-oracle.ts';
import type { Caller } from './crossing-desk.ts';
import type { Known, KnownHandoff } from './ledger.ts';
import { PLATFORM } from './limits.ts';
import { LoanBook } from './loan-book.ts';
import type { Violation } from './violation.ts';
import { Whereabouts } from './whereabouts.ts';

const PHONE = '+14155551000';

function handoff(more: Partial<KnownHandoff>): KnownHandoff {
  return {
    id: 'i1.1',
    interactionId: 'i1',
    kind: 'transfer',
    transferType: 'blind',
    boundMs: 1_000,
    requestedAt: 0,
    upMsThen: 0,
    calls: [],
    transfers: [],
    looks: [],
    alerted: false,
    ...more,
  };
}

function collected() {
  const found: Violation[] = [];
  const take = () =>
    found.splice(0).map(({ invariant, message }) => `${invariant} ${message.replace(/[\d-]{12,}/, '…')}`);
  return { report: (violation: Violation) => void found.push(violation), take };
}

/** A caller with an interaction whose one transfer is compensated, at both twins. */
function callerAtTwins() {
  const clock = createVirtualClock();
  const carrier = createCarrier({ clock });
  const genesys = createGenesysTwin({ clock, carrier });
  const cxone = createCxoneTwin({ clock, carrier });
  const whereabouts = new Whereabouts(genesys, cxone);
  const { report, take } = collected();
  const caller: Caller = { phone: PHONE, platform: PLATFORM, id: 'c1', interactionId: 'i1' };
  const settled = { outcome: 'compensated', reason: 'destination-dropped', by: 'a.1' };
  const last = handoff({ settled, requestedAt: clock.now(), settledAt: clock.now() + 1_000 });
  const known = { id: 'i1', open: null, quarantined: false, handoffs: [last] } as unknown as Known;
  const ledger = { get: () => known };
  const oracle = new CallerOracle({
    desk: { callers: [caller] },
    whereabouts,
    lines: { callsOf: () => [] },
    ledger,
    now: clock.now,
    report,
  });
  const queue = genesys.organisation.queueByName('General_Support');
  const comeIn = (flow: boolean) =>
    genesys.conversations.create({ media: 'call', from: `tel:${PHONE}`, to: 'tel:+18005550100', flow, queue });
  const atCxone = () => {
    const [point] = cxone.tenant.pointsOfContact;
    if (!point) throw new Error('CXone has no numbers');
    const { media, address: to, script, defaultSkill } = point;
    return cxone.contacts.create({ media, from: PHONE, to, script, defaultSkill, pointOfContact: point });
  };
  return { clock, oracle, take, genesys, comeIn, atCxone };
}

describe('callers whose transfer has settled', () => {
  it('are with somebody, and with one only', async () => {
    const { clock, oracle, take, comeIn } = callerAtTwins();
    comeIn(false);
    oracle.check();
    await clock.advance(5_100);
    oracle.check();
    expect(take()).toEqual([]);
    const second = callerAtTwins();
    second.comeIn(false);
    second.atCxone();
    await second.clock.advance(5_100);
    second.oracle.check();
    expect(second.take()).toEqual([
      expect.stringMatching(/^H2 i1\.1, compensated \(destination-dropped\): the caller is queue at .* and queue at /),
    ]);
  });

  it('are not left with nobody, unless that came later', async () => {
    const { clock, oracle, take, genesys, comeIn } = callerAtTwins();
    const conversation = comeIn(true);
    for (const party of conversation.participants.slice(1))
      party.phase = { kind: 'ended', at: 0, disconnectType: 'peer' };
    oracle.check();
    await clock.advance(5_100);
    oracle.check();
    expect(take()).toEqual([expect.stringContaining('since i1.1 nobody has the caller: none at genesys_cloud')]);
    expect(genesys.conversations.hangUp(conversation)).toBeUndefined();
  });
});

describe('entry numbers', () => {
  const wish = (handoffId: string) => ({ handoffId, platform: PLATFORM }) as unknown as EntryWish;
  const lent = { number: '+1', until: 9 };

  it('are lent to one that is open at a time, and given back when that never came about', () => {
    const { report, take } = collected();
    const handoffs = new Map([handoff({}), handoff({ id: 'i2.1', interactionId: 'i2' })].map((one) => [one.id, one]));
    let now = 0;
    const loans = new LoanBook({
      now: () => now,
      ledger: { handoffOf: (key) => handoffs.get(key.slice(0, -1)) },
      trace: { tell: () => {}, short: (id) => id },
      report,
    });
    loans.taken(wish('i1.1'), lent);
    loans.taken(wish('i1.1'), lent);
    expect(take()).toEqual([]);
    loans.taken(wish('i2.1'), lent);
    expect(take()).toEqual(['H3 +1 is lent to i2.1 while i1.1 has it']);
    const second = handoffs.get('i2.1') as KnownHandoff;
    expect(loans.unreleased()).toEqual([]);
    second.settled = { outcome: 'refused', by: 'a.1' };
    expect(loans.unreleased()).toMatchObject([{ handoffId: 'i2.1' }]);
    loans.taken(wish('i3.1'), lent);
    expect(take()).toEqual(['H3 +1 is lent to i3.1 while i2.1 has it']);
    loans.taken(wish('i2.1'), lent);
    take();
    now = 3 * 60_000;
    loans.taken(wish('i3.1'), lent);
    expect(take()).toEqual([]);
    loans.taken(wish('i2.1'), lent);
    loans.released('i2.1');
    expect(loans.unreleased()).toEqual([]);
  });

  it('go to others two minutes after their time though nobody could settle their transfer, which has none then', () => {
    const { report, take } = collected();
    const first = handoff({});
    let now = 0;
    const loans = new LoanBook({
      now: () => now,
      ledger: { handoffOf: (key) => (key === 'i1.1.' ? first : undefined) },
      trace: { tell: () => {}, short: (id) => id },
      report,
    });
    loans.taken(wish('i1.1'), lent);
    loans.released('i1.1');
    loans.taken(wish('i2.1'), lent);
    expect(take()).toEqual(['H3 +1 is lent to i2.1 while i1.1 has it']);
    loans.taken(wish('i1.1'), lent);
    take();
    expect(loans.of('i1.1')).toMatchObject({ number: '+1' });
    now = 3 * 60_000;
    loans.taken(wish('i2.1'), lent);
    expect(take()).toEqual([]);
    expect([loans.of('i1.1'), loans.of('i2.1')]).toMatchObject([undefined, { number: '+1' }]);
  });
});
