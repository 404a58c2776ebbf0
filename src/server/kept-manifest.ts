// Owns what is kept behind a manifest's reference: the manifest in the shape it came in, sealed and for a limited time. A
// handoff's comes with the context and customer of its moment, which the journal has. H4: what a vendor's limits keep out is here.

import { type Manifest, parseManifest } from '../context/manifest.ts';
import { type Masked, mask, withPiiMasked } from '../context/masking.ts';
import { type Whole, wholeOf } from '../context/packing.ts';
import type { Instant, InteractionId, ManifestRef } from '../ids.ts';
import type { PlainBlob } from '../journal/draft.ts';
import { evolve } from '../protocols/evolve.ts';
import { type Interaction, isErased, type State } from '../protocols/interaction.ts';
import type { ServerParts } from './parts.ts';
import { Problem } from './problems.ts';

/** Whether the manifest came alone under `handoff_manifest`, as seed 004 §1 prints it. */
export type Shape = 'bare' | 'wrapped';
export type ReadManifest = { readonly manifest: Manifest; readonly shape: Shape };

/** As it is sealed; `interactionId` where a handoff's request goes with it. */
type Kept = {
  readonly shape: Shape;
  readonly manifest?: Manifest;
  readonly interactionId?: InteractionId;
};

/** As it is read: everything that is behind the reference. */
export type KeptManifest = { readonly shape: Shape; readonly whole: Whole };

/** The manifest of a request, or `invalid-manifest` with every fault; `field` is where in the request it stands. */
export function readManifest(input: unknown, field = ''): ReadManifest {
  const parsed = parseManifest(input);
  if (parsed.ok) return { manifest: parsed.manifest, shape: parsed.manifest === input ? 'bare' : 'wrapped' };
  const at = (path: string) => [field, path].filter((part) => part !== '').join('.');
  throw new Problem('invalid-manifest', {
    errors: parsed.errors.map(({ path, message }) => ({ path: at(path), message })),
  });
}

/** The manifest without what its interaction's flags or its own `complianceFlags` forbid; without flags it stays verbatim. */
export function maskedManifest<Given extends Manifest | undefined>(
  manifest: Given,
  flags: readonly string[] = [],
): { readonly manifest: Given; readonly loss: Masked<Given>['loss'] } {
  const { value, loss } = mask({ manifest }, [...flags, ...ownFlags(manifest)]);
  return { manifest: value.manifest, loss };
}

/** A manifest's fields beyond seed 004's are anything: flags count where they are what an interaction's are. */
function ownFlags(manifest: Manifest | undefined): readonly string[] {
  const flags = manifest?.complianceFlags;
  return Array.isArray(flags) ? flags.filter((flag) => typeof flag === 'string') : [];
}

/** To be put by itself or to travel in an append; the journal seals it. */
export function keptBlob(
  { manifestTtlMs }: Pick<ServerParts, 'manifestTtlMs'>,
  ref: ManifestRef,
  kept: Kept,
  now: Instant,
): PlainBlob {
  return { ref, content: JSON.stringify(kept), expiresAt: now + manifestTtlMs };
}

/**
 * A reference to what this interaction's escalation from a conversation of ours will carry. Nothing personal is behind it until that is asked
 * for with it, so that one which is never used tells nothing. Rejects with `JournalUnavailable`.
 */
export async function keepReference(
  { journal, clock, newId, manifestTtlMs }: Pick<ServerParts, 'journal' | 'clock' | 'newId' | 'manifestTtlMs'>,
  interactionId: InteractionId,
): Promise<ManifestRef> {
  const ref = newId() as ManifestRef;
  await journal.putBlob(keptBlob({ manifestTtlMs }, ref, { shape: 'bare', interactionId }, clock.now()));
  return ref;
}

/** What is kept, with until when, or `manifest-not-found`. */
export async function readKept(
  parts: ServerParts,
  ref: ManifestRef,
): Promise<KeptManifest & { readonly expiresAt: Instant }> {
  const blob = await parts.journal.readBlob(ref, parts.clock.now());
  if (!blob) throw new Problem('manifest-not-found');
  const { shape, manifest, interactionId }: Kept = JSON.parse(blob.content);
  if (interactionId === undefined)
    return { shape, whole: wholeOf({ context: {}, ...(manifest && { manifest }) }), expiresAt: blob.expiresAt };
  const known = await knownAt(parts, interactionId, ref);
  // Flags that were raised since the request forbid what they forbid.
  const told = manifest ? maskedManifest(manifest, known.context.complianceFlags).manifest : toldInChat(known, ref);
  const handoff = [...known.settled, known.move].findLast((one) => one?.manifestRef === ref);
  const customer = withPiiMasked(known.customer, handoff?.loss ?? known.masked);
  return { shape, whole: wholeOf({ ...known, customer, ...(told && { manifest: told }) }), expiresAt: blob.expiresAt };
}

/** What a conversation of ours tells whoever takes over is in its own events: nothing personal is kept beside them. */
function toldInChat({ chats = [], move }: Interaction, ref: ManifestRef): Manifest | undefined {
  const asked = move?.manifestRef === ref ? move.id : undefined;
  return chats.find((chat) => chat.asked !== null && chat.asked.handoffId === asked)?.asked?.manifest;
}

/**
 * The interaction when the handoff of this reference was asked for; of a transfer, as it was known until that settled, since what changes
 * while the customer is on the way goes along. Folded rather than copied beforehand: only the journal knows
 * what the request met, since a change may come between a caller's reading and the request (H4).
 */
async function knownAt({ journal }: ServerParts, id: InteractionId, ref: ManifestRef): Promise<Interaction> {
  let state: State = null;
  let known: Interaction | undefined;
  let isUnderWay = false;
  for (const { event } of (await journal.history(id)) ?? []) {
    // Erased between the two readings: what was behind the reference is gone.
    if (!event) break;
    const settles = event.type === 'HandoffSettled' && event.handoffId === known?.move?.id;
    state = evolve(state, event);
    if (!state || isErased(state)) continue;
    const asks = event.type === 'EscalationRequested' || event.type === 'TransferRequested';
    const isIts = asks && event.handoff.manifestRef === ref;
    if (isIts && event.type === 'EscalationRequested') return state;
    // One that is gone on with has the same reference.
    isUnderWay = isIts || (isUnderWay && !settles);
    if (isUnderWay) known = state;
  }
  if (known) return known;
  throw new Problem('manifest-not-found');
}
