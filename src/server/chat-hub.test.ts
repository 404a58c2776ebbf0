// Tests what a node passes on of what another node has taken: nothing is missed, nothing comes twice, and who no longer has the conversation goes.

import { describe, expect, it } from 'vitest';
import { ANCHOR, openChatStage } from '../../test/contract/chat-stage.ts';
import type { OthersAppended } from '../journal/store.ts';
import type { ServerFrame } from './chat-frames.ts';
import { ChatHub } from './chat-hub.ts';

/** A second node's hub on the stage's journal: it hears of what is taken only as others' appends are heard of. */
async function otherNode() {
  const stage = await openChatStage();
  const { token, interactionId } = await stage.deflected();
  const { cookie } = await stage.session({ token, device: 'the-phone-of-the-customer' });
  const state = await stage.runner.watch(interactionId, ({ chats }) => chats !== undefined, 5_000);
  const externalId = state?.chats?.[0]?.leg.externalId;
  if (!externalId) throw new Error('no conversation');
  let tell: (others: OthersAppended) => void = () => {};
  const errors: unknown[] = [];
  let readable = true;
  const journal = {
    history: (id: typeof interactionId) =>
      readable ? stage.journal.history(id) : Promise.reject(new Error('the journal is out of reach')),
    store: {
      onOthersAppended(listener: typeof tell) {
        tell = listener;
        return () => {};
      },
    },
  };
  const runner = { read: stage.runner.read.bind(stage.runner), onTaken: () => () => {} };
  const hub = new ChatHub({ journal, runner, anchor: ANCHOR }, (error) => errors.push(error));
  const frames: ServerFrame[] = [];
  const closed: string[] = [];
  const place = hub.join({
    interactionId,
    externalId,
    device: stage.parts.claims.device('the-phone-of-the-customer'),
    send: (frame) => frames.push(frame),
    close: (why) => closed.push(why),
  });
  const seqs = () =>
    frames.flatMap((frame) =>
      frame.type === 'welcome' || frame.type === 'lines' ? frame.lines.map(({ seq }) => seq) : [],
    );
  return {
    stage,
    cookie,
    hub,
    place,
    frames,
    closed,
    errors,
    seqs,
    interactionId,
    news: (others: OthersAppended) => tell(others),
    unreadable: () => {
      readable = false;
    },
  };
}

describe('a node that did not take it itself', () => {
  it('passes on every line once, however often it is told, and looks by itself where some may have gone unheard', async () => {
    const node = await otherNode();
    await using stage = node.stage;
    const customer = await stage.connect(node.cookie);
    await customer.say('one');
    node.place.hello(0);
    node.place.hello(0);
    await expect.poll(node.seqs).toEqual([1]);
    await customer.say('two');
    const told = [{ id: node.interactionId, version: 99 }];
    for (let n = 0; n < 3; n += 1) node.news(told);
    await expect.poll(node.seqs).toEqual([1, 2]);
    await customer.say('three');
    node.news('missed');
    await expect.poll(node.seqs).toEqual([1, 2, 3]);
    node.news([{ id: 'of-nobody-here' as never, version: 1 }]);
    expect(node.frames.filter(({ type }) => type === 'welcome')).toHaveLength(1);
    node.place.leave();
    node.place.leave();
    expect(node.hub.count).toBe(0);
  });

  it('lets go of who has moved to another device there', async () => {
    const node = await otherNode();
    await using stage = node.stage;
    node.place.hello(0);
    await expect.poll(() => node.frames.length).toBe(1);
    const state = (await stage.runner.read(node.interactionId))?.state;
    const leg = state && 'chats' in state ? state.chats?.[0]?.leg : undefined;
    if (!leg) throw new Error('no conversation');
    const terms = { bot: 'front-desk', turnTimeoutMs: 1_000 };
    const moves = { kind: 'open-chat', actor: 'test', leg, device: 'laptop', terms, move: true, greet: false } as const;
    await stage.runner.submit(node.interactionId, moves);
    node.news([{ id: node.interactionId, version: 99 }]);
    await expect.poll(() => node.closed).toEqual(['otherDevice']);
  });

  it('closes who cannot be read for, and says why to the operator: the page comes back with what it has', async () => {
    const node = await otherNode();
    await using stage = node.stage;
    const customer = await stage.connect(node.cookie);
    await customer.say('one');
    node.unreadable();
    node.place.hello(0);
    await expect.poll(() => node.closed).toEqual(['later']);
    expect(node.errors).toHaveLength(1);
  });
});
