// Owns what a contact center is to the nodes of a world: its name, how its client is opened over the simulated network, and who may post
// to its hook. Every process opens it anew.

import type { Clock } from '../../src/clock.ts';
import type { ConversationEvent } from '../../src/context/conversation.ts';
import type { PlatformName } from '../../src/ids.ts';
import type { Fetch } from '../../src/platforms/http.ts';
import type { Platform } from '../../src/platforms/platform.ts';
import type { VendorHook } from '../../src/server/parts.ts';
import type { Network } from './network.ts';

/** What a process is given to reach it by. */
export type Reach = {
  readonly clock: Clock;
  readonly fetch: Fetch;
  readonly random: () => number;
};

export type OpenSite = {
  readonly platform: Platform;
  readonly read: VendorHook['read'];
  /** The second road of its events, where it has one: what it tells by itself, until it is closed. */
  readonly watch?: (onEvents: (events: readonly ConversationEvent[]) => void) => void;
};

export type Site = {
  readonly name: PlatformName;
  /** Below `/hooks/`. */
  readonly hook: string;
  readonly verify: VendorHook['verify'];
  readonly network: Network;
  open(reach: Reach): OpenSite;
};
