// Owns H5's check of one call that moves a customer: what is asked for again can have no effect any more (known from above, not from
// luck), and was looked at.

import type { KnownHandoff } from './ledger.ts';
import type { Invariant } from './violation.ts';
import { isKnownNotTaken, isWithoutEffect, type WireCall } from './wire-call.ts';

export type Broken = (invariant: Invariant, message: string) => void;

/** `earlierOnes` are those of its kind, the oldest first. */
export function checkRepeat(
  call: WireCall,
  { id, looks }: KnownHandoff,
  earlierOnes: readonly WireCall[],
  broken: Broken,
): void {
  const before = earlierOnes.at(-1);
  if (!before) return;
  for (const earlier of earlierOnes) {
    if (isWithoutEffect(earlier)) continue;
    const fate = earlier.effect ? `is ${earlier.effect.state}` : 'is on its way still';
    broken('H5', `${id} transfers again while its transfer of ${ago(earlier, call)} ${fate}`);
  }
  const looked = looks.some((look) => look.writtenAt >= before.writtenAt && look.heard === 200);
  if (!looked && !isKnownNotTaken(before)) broken('H5', `${id} transfers again without a look`);
}

function ago(earlier: WireCall, later: WireCall): string {
  return `${Math.round(later.writtenAt - earlier.writtenAt)} ms before`;
}
