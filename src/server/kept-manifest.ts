// Owns what is kept behind a manifest's reference: the manifest in the shape it came in, with the context and customer it belongs
// to, sealed and for a limited time. H4: what a vendor's limits keep out is here.

import { type Manifest, parseManifest } from '../context/manifest.ts';
import { type Whole, wholeOf } from '../context/packing.ts';
import type { Instant, ManifestRef } from '../ids.ts';
import type { SealedBlob } from '../journal/store.ts';
import type { ServerParts } from './parts.ts';
import { Problem } from './problems.ts';

/** Whether the manifest came alone under `handoff_manifest`, as seed 004 §1 prints it. */
export type Shape = 'bare' | 'wrapped';
export type KeptManifest = { readonly shape: Shape; readonly whole: Whole };

export type ReadManifest = { readonly manifest: Manifest; readonly shape: Shape };

/** The manifest of a request, or `invalid-manifest` with every fault; `field` is where in the request it stands. */
export function readManifest(input: unknown, field = ''): ReadManifest {
  const parsed = parseManifest(input);
  if (parsed.ok) return { manifest: parsed.manifest, shape: parsed.manifest === input ? 'bare' : 'wrapped' };
  const at = (path: string) => [field, path].filter((part) => part !== '').join('.');
  throw new Problem('invalid-manifest', {
    errors: parsed.errors.map(({ path, message }) => ({ path: at(path), message })),
  });
}

/** Sealed, to be put by itself or to travel in an append. */
export function sealKept(
  { journal, manifestTtlMs }: ServerParts,
  ref: ManifestRef,
  { shape, whole }: KeptManifest,
  now: Instant,
): SealedBlob {
  return journal.sealBlob(ref, JSON.stringify({ shape, whole: wholeOf(whole) }), now + manifestTtlMs);
}

/** What is kept, with until when, or `manifest-not-found`. */
export async function readKept({ journal, clock }: ServerParts, ref: ManifestRef) {
  const blob = await journal.readBlob(ref, clock.now());
  if (!blob) throw new Problem('manifest-not-found');
  return { ...(JSON.parse(blob.content) as KeptManifest), expiresAt: blob.expiresAt };
}
