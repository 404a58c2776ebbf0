// Owns what is done for whoever has arrived at the destination of a transfer: what is known is written, then they are looked at. A vendor
// takes a write for a conversation that ends in that moment, and a look is what shows it. It decides nothing of it (H5).

import type { Call, Platform } from './platforms/platform.ts';
import type { Command, CommandOutcome, SideView } from './protocols/command.ts';

type Attaching = Extract<Command, { kind: 'AttachOnArrival' }>;

/** A write that was not answered is its failure: it is made again, with its look. */
export async function attachOnArrival(command: Attaching, platform: Platform, call: Call): Promise<CommandOutcome> {
  const written = await platform.attachContext(command, command, call);
  if (written.kind === 'transient' || written.kind === 'ambiguous') return written;
  const seen = (after: SideView): CommandOutcome => ({
    kind: 'done',
    of: 'AttachOnArrival',
    result: { after, ...(written.kind === 'rejected' && { refused: written }) },
  });
  const look = await platform.look(command, call);
  if (look.kind === 'done') return seen(look.value);
  if (look.kind !== 'rejected') return look;
  // That we may not look says nothing of who is there.
  return look.code === 'not-found' ? seen('gone') : { ...look, kind: 'transient' };
}
