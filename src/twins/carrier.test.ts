import { describe, expect, it } from 'vitest';
import { type CallEnd, type CallLeg, type CallOffer, createCarrier, toNumber } from './carrier.ts';
import type { CallFault } from './faults.ts';
import { createVirtualClock } from './virtual-clock.ts';

const CALL: CallOffer = { from: '+14155551234', to: '+18885551900', uui: 'token-1' };

/** A carrier with one line that rings, and notes of what each end heard. */
function network({ takes = true, elsewhere = 'unreachable' as 'answers' | 'unreachable' } = {}) {
  const clock = createVirtualClock();
  const carrier = createCarrier({ clock, elsewhere });
  const heard: string[] = [];
  const rung: { offer: CallOffer; leg: CallLeg }[] = [];
  const unregister = carrier.register({
    numbers: ['+1 (888) 555-1900'],
    ring(offer, leg) {
      rung.push({ offer, leg });
      return takes ? { ended: (why: CallEnd) => heard.push(`callee ended: ${why}`) } : undefined;
    },
  });
  const events = {
    answered: () => void heard.push('caller answered'),
    ended: (why: CallEnd) => void heard.push(`caller ended: ${why}`),
  };
  const dial = (offer = CALL, fault?: CallFault) => carrier.dial(offer, events, () => fault);
  return { clock, carrier, heard, rung, dial, unregister };
}

describe('a call', () => {
  it('rings with both numbers and what goes along, and its caller hears of the answer', async () => {
    const { clock, heard, rung, dial } = network();
    dial();
    await clock.advance(0);
    expect(rung[0]?.offer).toEqual(CALL);
    expect(heard).toEqual([]);
    rung[0]!.leg.answer();
    rung[0]!.leg.answer();
    await clock.advance(0);
    expect(heard).toEqual(['caller answered']);
  });

  it.each(['caller', 'callee'] as const)('that the %s ends is over for the other, once', async (by) => {
    const { clock, heard, rung, dial } = network();
    const leg = dial();
    await clock.advance(0);
    rung[0]!.leg.answer();
    await clock.advance(0);
    const [mine, theirs] = by === 'caller' ? [leg, rung[0]!.leg] : [rung[0]!.leg, leg];
    mine.hangUp('customer');
    theirs.hangUp('party');
    await clock.advance(0);
    expect(heard).toEqual(['caller answered', `${by === 'caller' ? 'callee' : 'caller'} ended: customer`]);
  });

  it('that is given up before it rings rings nobody', async () => {
    const { clock, heard, rung, dial } = network();
    dial().hangUp('party');
    await clock.advance(10_000);
    expect({ rung, heard }).toEqual({ rung: [], heard: [] });
  });

  it('its caller cannot answer', async () => {
    const { clock, heard, dial } = network();
    dial().answer();
    await clock.advance(0);
    expect(heard).toEqual([]);
  });

  it.each([
    ['an unknown number', { takes: true }, '+19995550000', 'unreachable'],
    ['a number that takes no calls', { takes: false }, CALL.to, 'rejected'],
  ])('to %s fails', async (_what, options, to, why) => {
    const { clock, heard, dial } = network(options);
    dial({ ...CALL, to });
    await clock.advance(0);
    expect(heard).toEqual([`caller ended: ${why}`]);
  });

  it('to a number outside is answered where the world outside answers', async () => {
    const { clock, heard, dial } = network({ elsewhere: 'answers' });
    dial({ ...CALL, to: '+19995550000' });
    await clock.advance(0);
    expect(heard).toEqual(['caller answered']);
  });

  it('to a number that was given back fails, and a taken number is refused', async () => {
    const { clock, carrier, heard, dial, unregister } = network();
    const again = { numbers: [CALL.to], ring: () => undefined };
    expect(() => carrier.register(again)).toThrow('+18885551900');
    unregister();
    carrier.register(again);
    dial();
    await clock.advance(0);
    expect(heard).toEqual(['caller ended: rejected']);
  });

  it('loses what is too long to go along', async () => {
    const { clock, rung, dial } = network();
    dial({ ...CALL, uui: 'x'.repeat(129) });
    dial({ ...CALL, uui: 'x'.repeat(128) });
    await clock.advance(0);
    expect(rung.map(({ offer }) => offer.uui?.length)).toEqual([undefined, 128]);
  });

  it('comes to nothing when the carrier closes', async () => {
    const { clock, carrier, rung, dial } = network();
    dial();
    carrier.close();
    await clock.advance(1_000);
    expect(rung).toEqual([]);
  });
});

describe('a call that fails on command', () => {
  it('drop-call: the caller hears an answer, the end that was called loses it, and nobody tells the caller', async () => {
    const { clock, heard, dial } = network();
    const leg = dial(CALL, { kind: 'drop-call', delayMs: 500 });
    await clock.advance(499);
    expect(heard).toEqual(['caller answered']);
    await clock.advance(60_000);
    leg.hangUp('customer');
    await clock.advance(0);
    expect(heard).toEqual(['caller answered', 'callee ended: dropped']);
  });

  it('lose-call: the caller hears an answer and nothing ever rang', async () => {
    const { clock, heard, rung, dial } = network();
    dial(CALL, { kind: 'lose-call' });
    await clock.advance(60_000);
    expect({ heard, rung }).toEqual({ heard: ['caller answered'], rung: [] });
  });

  it('fail-call: the number cannot be reached', async () => {
    const { clock, heard, dial } = network();
    dial(CALL, { kind: 'fail-call' });
    await clock.advance(0);
    expect(heard).toEqual(['caller ended: unreachable']);
  });

  it('delay-call: it rings later, or not at all when it was given up meanwhile', async () => {
    const { clock, rung, dial } = network();
    dial(CALL, { kind: 'delay-call' });
    const second = dial(CALL, { kind: 'delay-call', delayMs: 100 });
    await clock.advance(50);
    second.hangUp('customer');
    await clock.advance(4_949);
    expect(rung).toHaveLength(0);
    await clock.advance(1);
    expect(rung).toHaveLength(1);
  });

  it('lose-uui: it rings without what went along', async () => {
    const { clock, rung, dial } = network();
    dial(CALL, { kind: 'lose-uui' });
    await clock.advance(0);
    expect(rung[0]?.offer).toEqual({ from: CALL.from, to: CALL.to });
  });

  it('by the faults of the line that is called, where its caller has none', async () => {
    const { clock, carrier, heard } = network();
    const line = { numbers: ['+18005550110'], ring: () => ({ ended: () => {} }) };
    carrier.register({
      ...line,
      faultFor: (call) => (call === '+1415>+18005550110' ? { kind: 'fail-call' } : undefined),
    });
    carrier.dial({ from: '+1415', to: '+18005550110' }, { ended: (why) => heard.push(why) });
    await clock.advance(0);
    expect(heard).toEqual(['unreachable']);
  });
});

it.each([
  ['tel:+14155551234', '+14155551234'],
  ['sip:+14155551234@carrier.example', '+14155551234'],
  ['+1 (415) 555-1234', '+14155551234'],
  ['anonymous', 'anonymous'],
])('the number of %s is %s', (address, number) => {
  expect(toNumber(address)).toBe(number);
});
