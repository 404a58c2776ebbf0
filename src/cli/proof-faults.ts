// Owns which faults the twin commits in a proof, and how often: enough that every kind is met, few enough that the run ends in
// minutes. A 429 makes every caller of the credential wait a second, so those are counted.

import type { TwinClient, TwinFault } from './twin-client.ts';

const VENDOR_CALLS = { path: '/api/v2/conversations/' };

const FAULTS: readonly TwinFault[] = [
  { fault: 'commit-then-drop', match: VENDOR_CALLS, probability: 0.03 },
  { fault: '500', match: VENDOR_CALLS, probability: 0.03 },
  { fault: 'hang', match: VENDOR_CALLS, probability: 0.01 },
  { fault: '429', match: VENDOR_CALLS, probability: 0.02, times: 5 },
  { fault: 'drop-event', probability: 0.05 },
  { fault: 'repeat-event', probability: 0.05 },
  { fault: 'reorder-events', probability: 0.05 },
];

/** Arms them all; the same seed draws the same chances. */
export async function armFaults(twin: TwinClient, seed: number): Promise<void> {
  for (const [index, fault] of FAULTS.entries()) await twin.addFault({ ...fault, seed: seed + index });
}
