import { describe, expect, it } from 'vitest';
import { createVirtualClock } from '../virtual-clock.ts';
import { DEMO_TOKEN } from './access.ts';
import { createGatewayTwin, type GatewayTwin } from './gateway-twin.ts';
import type { TelephoneNetwork } from './outside.ts';
import { NUMBERS } from './reservations.ts';

type Line = Parameters<TelephoneNetwork['register']>[0];
type Events = Parameters<TelephoneNetwork['dial']>[1];
type View = {
  conversationId: string;
  interactionId: string;
  state: string;
  reservationId: string | null;
  address: string;
  transferId: string;
  parties: { role: string; state: string; agentId?: string }[];
  transfers: { id: string; state: string }[];
};

/** A network of two ends and no delay but the turn of the event loop. */
function network(): TelephoneNetwork & { readonly dialled: { from: string; to: string; uui?: string | undefined }[] } {
  const lines: Line[] = [];
  const dialled: { from: string; to: string; uui?: string | undefined }[] = [];
  return {
    dialled,
    register(line) {
      lines.push(line);
      return () => void lines.splice(lines.indexOf(line), 1);
    },
    dial(offer, caller) {
      dialled.push(offer);
      let over = false;
      let callee: Events | undefined;
      const end = (told: Events | undefined, why: string) => {
        if (over) return;
        over = true;
        queueMicrotask(() => told?.ended(why));
      };
      queueMicrotask(() => {
        const line = lines.find((each) => each.numbers.includes(offer.to));
        if (line === undefined) return end(caller, 'unreachable');
        callee = line.ring(offer, {
          answer: () => queueMicrotask(() => !over && caller.answered?.()),
          hangUp: (why) => end(caller, why),
        });
      });
      return { answer() {}, hangUp: (why) => end(callee, why) };
    },
  };
}

/** Calls leave from `source`, which has no numbers of its own, and come to `destination`. */
function world() {
  const clock = createVirtualClock();
  const lines = network();
  const agents = [{ id: 'kim', name: 'Kim', queueIds: new Set<string>(), answers: 'auto' as const, afterMs: 100 }];
  const destination = createGatewayTwin({ clock, settleMs: 100, agents, network: lines });
  const source = createGatewayTwin({
    clock,
    settleMs: 100,
    agents: [],
    network: { ...lines, register: () => () => {} },
  });
  async function ask(twin: GatewayTwin, method: string, path: string, body?: unknown): Promise<View> {
    const headers = { authorization: `Bearer ${DEMO_TOKEN}` };
    const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
    const text = await (await twin.fetch(`http://twin${path}`, init)).text();
    return text === '' ? ({} as View) : JSON.parse(text);
  }
  const reserve = async () => {
    const body = { targetAgentId: 'kim', mediaType: 'voice', holdDurationLimit: 5 };
    const { address } = await ask(destination, 'POST', '/v1/interactions/reserve', body);
    return address;
  };
  const call = async () =>
    (await ask(source, 'POST', '/twin/conversations', { channel: 'voice', from: '+14155551234', flow: 'bot' }))
      .conversationId;
  const transfer = (interactionId: string, phoneNumber: string, transferType = 'blind') =>
    ask(source, 'POST', '/api/v2/interactions/transfer', {
      interactionId,
      transferType,
      transferTo: { type: 'phoneNumber', phoneNumber },
      metadata: { token: 'a-token' },
    });
  const atSource = (id: string) => ask(source, 'GET', `/twin/conversations/${id}`);
  const arrived = () => {
    const [one] = destination.interactions.all();
    return ask(destination, 'GET', `/twin/conversations/${one?.id}`);
  };
  const live = ({ parties }: View) => parties.filter(({ state }) => state !== 'ended').map(({ role }) => role);
  return { clock, lines, source, destination, ask, reserve, call, transfer, atSource, arrived, live };
}

describe('a call between two contact centers', () => {
  it('comes to whom a place was held for, with the caller’s number and the token on the way', async () => {
    const it = world();
    const id = await it.call();
    const number = await it.reserve();
    await it.transfer(id, number);
    await it.clock.advance(100);
    expect(it.lines.dialled).toEqual([{ from: '+14155551234', to: number, uui: 'a-token' }]);
    expect(await it.arrived()).toMatchObject({ state: 'alerting', reservationId: expect.stringMatching(/^res-/) });
    await it.clock.advance(100);
    expect(await it.arrived()).toMatchObject({ state: 'active' });
    const left = await it.atSource(id);
    expect(left.transfers).toMatchObject([{ state: 'complete' }]);
    expect(it.live(left)).toEqual(['customer', 'other']);
  });

  it('ends on both sides when the customer hangs up', async () => {
    const it = world();
    const id = await it.call();
    await it.transfer(id, await it.reserve());
    await it.clock.advance(200);
    await it.ask(it.source, 'POST', `/twin/conversations/${id}/hangup`);
    await it.clock.advance(0);
    expect(await it.arrived()).toMatchObject({ state: 'completed' });
  });

  it('ends on both sides when the other contact center ends it', async () => {
    const it = world();
    const id = await it.call();
    await it.transfer(id, await it.reserve());
    await it.clock.advance(200);
    await it.ask(it.destination, 'POST', `/v1/interactions/${(await it.arrived()).conversationId}/end`);
    await it.clock.advance(0);
    expect(await it.atSource(id)).toMatchObject({ state: 'completed', transfers: [{ state: 'complete' }] });
  });

  it('that reaches nobody fails, and the customer is with whom they were', async () => {
    const it = world();
    const id = await it.call();
    await it.transfer(id, '+18005550000');
    await it.clock.advance(100);
    const view = await it.atSource(id);
    expect(view.transfers).toMatchObject([{ state: 'failed' }]);
    expect(it.live(view)).toEqual(['customer', 'bot']);
  });

  it('that is consulted about and declined is let go there, and the customer is given back here', async () => {
    const it = world();
    const id = await it.call();
    const { transferId } = await it.transfer(id, await it.reserve(), 'consultative');
    await it.clock.advance(200);
    expect(await it.atSource(id)).toMatchObject({ transfers: [{ state: 'consulting' }] });
    await it.ask(it.source, 'POST', `/api/v2/interactions/transfer/${transferId}/complete`, { accept: false });
    await it.clock.advance(0);
    expect(await it.arrived()).toMatchObject({ state: 'completed' });
    expect(it.live(await it.atSource(id))).toEqual(['customer', 'bot']);
  });

  it('that comes when its reservation is over is taken by somebody’s queue, and still known by its number', async () => {
    const it = world();
    const id = await it.call();
    const number = await it.reserve();
    await it.clock.advance(5_000);
    await it.transfer(id, number);
    await it.clock.advance(100);
    const late = await it.arrived();
    expect(late).toMatchObject({ state: 'queued', reservationId: expect.stringMatching(/^res-/) });
  });

  it('rings at every number that can be lent, and at none once the twin is closed', async () => {
    const it = world();
    const id = await it.call();
    await it.transfer(id, NUMBERS.at(-1) ?? '');
    await it.clock.advance(100);
    expect(await it.arrived()).toMatchObject({ state: 'queued', reservationId: null });
    await it.destination.close();
    const other = await it.call();
    await it.transfer(other, NUMBERS[0] ?? '');
    await it.clock.advance(100);
    expect(await it.atSource(other)).toMatchObject({ transfers: [{ state: 'failed' }] });
  });
});
