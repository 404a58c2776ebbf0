// Holds the gateway adapter to what it promises of callbacks: the contract has none, so that none is asked for.

import { call, QUEUE, stage, value } from './gateway-stage.ts';
import { callbackContract } from './platform-callbacks.ts';

callbackContract('Gateway', async () => {
  const world = await stage({ agents: [] });
  value(await world.platform.describe(call));
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
