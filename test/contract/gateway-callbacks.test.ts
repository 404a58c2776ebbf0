// Owns the proof that a gateway, which has no way of calling anybody, refuses callbacks before it is asked for one.

import { QUEUE, stage } from './gateway-stage.ts';
import { call } from './platform.ts';
import { callbackContract } from './platform-callbacks.ts';

callbackContract('Gateway', async () => {
  const world = await stage({ agents: [] });
  // The adapter promises what the gateway says, once it was asked.
  await world.platform.describe(call());
  return {
    platform: world.platform,
    visibleQueue: QUEUE,
    paths: null,
    names: false,
    bridges: false,
    fault: async () => {},
    settle: async () => {},
    now: world.clock.now,
    asked: () => 0,
    carried: async () => '',
    [Symbol.asyncDispose]: world[Symbol.asyncDispose],
  };
});
