import { describe, expect, it } from 'vitest';
import { EventDelivery, UnreliableSender } from './event-delivery.ts';
import type { EventFault } from './faults.ts';
import { type Hook, postByFetch } from './hook-post.ts';
import { createSchedule } from './schedule.ts';
import { createVirtualClock } from './virtual-clock.ts';

type Arrival = { readonly event: unknown; readonly headers: Headers };

function setUp(answer: (count: number, signal: AbortSignal) => Promise<Response> | Response) {
  const clock = createVirtualClock();
  const schedule = createSchedule(clock);
  const arrivals: Arrival[] = [];
  let hook: Hook | undefined = { url: 'http://hook.test/events', headers: { 'x-secret': 's' } };
  const delivery = new EventDelivery({
    clock,
    schedule,
    hook: () => hook,
    post: postByFetch(async (input, init) => {
      const request = new Request(input, init);
      arrivals.push({ event: await request.json(), headers: request.headers });
      return answer(arrivals.length, request.signal);
    }),
  });
  const setHook = (given: Hook | undefined) => {
    hook = given;
  };
  return { clock, schedule, delivery, arrivals, setHook };
}

const ok = () => new Response(null, { status: 204 });
const untilAborted = (signal: AbortSignal) =>
  new Promise<Response>((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));

describe('delivery to the hook', () => {
  it('posts the event as JSON with the headers it was told', async () => {
    const { clock, delivery, arrivals } = setUp(ok);
    delivery.send({ id: 1 });
    await clock.advance(0);
    expect(arrivals).toMatchObject([{ event: { id: 1 } }]);
    expect(arrivals[0]?.headers.get('x-secret')).toBe('s');
    expect(delivery.counters()).toEqual({ delivered: 1, retried: 0, givenUp: 0, waiting: 0 });
  });

  it('repeats what was not answered with 2xx, waiting longer each time', async () => {
    const { clock, delivery, arrivals } = setUp((count) => (count < 3 ? new Response(null, { status: 500 }) : ok()));
    delivery.send({ id: 1 });
    await clock.advance(199);
    expect(arrivals).toHaveLength(1);
    await clock.advance(1);
    expect(arrivals).toHaveLength(2);
    await clock.advance(399);
    expect(arrivals).toHaveLength(2);
    await clock.advance(1);
    expect(delivery.counters()).toMatchObject({ delivered: 1, retried: 2 });
  });

  it('repeats what was not answered in time', async () => {
    const { clock, delivery, arrivals } = setUp((count, signal) => (count === 1 ? untilAborted(signal) : ok()));
    delivery.send({ id: 1 });
    await clock.advance(5_200);
    expect(arrivals).toHaveLength(2);
    expect(delivery.counters()).toMatchObject({ delivered: 1, retried: 1, waiting: 0 });
  });

  it('gives an event up after a bounded time', async () => {
    const { clock, delivery } = setUp(() => new Response(null, { status: 503 }));
    delivery.send({ id: 1 });
    await clock.advance(200_000);
    expect(delivery.counters()).toMatchObject({ delivered: 0, givenUp: 1, waiting: 0 });
  });

  it('has a bounded number of posts under way, and loses none of the others', async () => {
    const release: (() => void)[] = [];
    const { clock, delivery, arrivals } = setUp(() => new Promise((resolve) => release.push(() => resolve(ok()))));
    for (let id = 0; id < 1_500; id += 1) delivery.send({ id });
    await clock.advance(0);
    expect(arrivals).toHaveLength(64);
    for (let done = 0; done < 1_500; done += 1) {
      if (release.length === 0) await clock.advance(0);
      release.shift()?.();
    }
    await clock.advance(0);
    expect(delivery.counters()).toMatchObject({ delivered: 1_500, waiting: 0 });
    expect(new Set(arrivals.map(({ event }) => JSON.stringify(event))).size).toBe(1_500);
  });

  it('sends nothing without a hook, and forgets what waits when the hook goes', async () => {
    const { clock, delivery, arrivals, setHook } = setUp(() => new Response(null, { status: 500 }));
    delivery.send({ id: 1 });
    await clock.advance(0);
    setHook(undefined);
    delivery.send({ id: 2 });
    await clock.advance(10_000);
    expect(arrivals).toHaveLength(1);
    expect(delivery.counters()).toMatchObject({ waiting: 0 });
  });

  it('is silent once closed', async () => {
    const { clock, delivery, arrivals } = setUp((_count, signal) => untilAborted(signal));
    delivery.send({ id: 1 });
    await clock.advance(0);
    delivery.close();
    delivery.send({ id: 2 });
    await clock.advance(20_000);
    expect(arrivals).toHaveLength(1);
  });
});

describe('the unreliable sender', () => {
  function sender(...faults: (EventFault | undefined)[]) {
    const clock = createVirtualClock();
    const sent: string[] = [];
    const unreliable = new UnreliableSender(createSchedule(clock), () => faults.shift());
    const send = (name: string) => unreliable.send(name, () => sent.push(name));
    return { clock, sent, send, unreliable };
  }

  it('drops', async () => {
    const { clock, sent, send } = sender('drop-event');
    send('a');
    send('b');
    await clock.advance(5_000);
    expect(sent).toEqual(['b']);
  });

  it('repeats', async () => {
    const { clock, sent, send } = sender('repeat-event');
    send('a');
    await clock.advance(5_000);
    expect(sent).toEqual(['a', 'a']);
  });

  it('lets the next event overtake, once', async () => {
    const { clock, sent, send } = sender('reorder-events');
    send('a');
    send('b');
    await clock.advance(5_000);
    expect(sent).toEqual(['b', 'a']);
  });

  it('sends an event that nothing follows after a second', async () => {
    const { clock, sent, send } = sender('reorder-events');
    send('a');
    await clock.advance(999);
    expect(sent).toEqual([]);
    await clock.advance(1);
    expect(sent).toEqual(['a']);
  });

  it('forgets what it holds back', async () => {
    const { sent, send, unreliable } = sender('reorder-events');
    send('a');
    unreliable.clear();
    send('b');
    expect(sent).toEqual(['b']);
  });
});
