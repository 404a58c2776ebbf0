// Owns the handoff manifest (seed 004 §1): what the holder who leaves tells the one who comes. It travels verbatim, so parsing
// hands back the very object it was given, unknown fields and their order included (H4).

import { z } from 'zod';
import { deeperThan } from './nesting.ts';

const share = z.number().min(0).max(1);

/** One intent that the bot detected. */
export const detectedIntent = z.looseObject({
  intent: z.string(),
  confidence: share.optional(),
  resolved: z.boolean().optional(),
});
export type DetectedIntent = z.infer<typeof detectedIntent>;

/** Seed 004 §1. Every field may be absent; absent means that the bot did not say. */
export const manifest = z.looseObject({
  trigger: z.string().optional(),
  trigger_utterance: z.string().optional(),
  bot_confidence_at_exit: share.optional(),
  session_duration_seconds: z.number().min(0).optional(),
  intents_detected: z.array(detectedIntent).optional(),
  slots_collected: z.record(z.string(), z.unknown()).optional(),
  sentiment_trend: z.string().optional(),
  recommended_queue: z.string().optional(),
  agent_briefing: z.string().optional(),
});
export type Manifest = z.infer<typeof manifest>;

const wrappedManifest = z.strictObject({ handoff_manifest: manifest });

/** Deeper JSON is refused: everything that walks a manifest does so recursively. */
const MAX_LEVELS = 64;

export type ManifestFault = { readonly path: string; readonly message: string };
export type ParsedManifest =
  | { readonly ok: true; readonly manifest: Manifest }
  | { readonly ok: false; readonly errors: readonly ManifestFault[] };

/**
 * Takes parsed JSON: the manifest bare, or alone under `handoff_manifest` as seed 004 prints it. Gives the manifest itself, not
 * a copy, or every fault with its dotted path.
 */
export function parseManifest(input: unknown): ParsedManifest {
  if (deeperThan(input, MAX_LEVELS)) {
    return { ok: false, errors: [{ path: '', message: `is nested deeper than ${MAX_LEVELS} levels` }] };
  }
  const inside = wrappedIn(input);
  const checked = (inside === undefined ? manifest : wrappedManifest).safeParse(input);
  if (!checked.success) {
    return { ok: false, errors: checked.error.issues.map(({ path, message }) => ({ path: path.join('.'), message })) };
  }
  return { ok: true, manifest: (inside ?? input) as Manifest };
}

function wrappedIn(input: unknown): unknown {
  return typeof input === 'object' && input !== null && 'handoff_manifest' in input
    ? (input.handoff_manifest ?? null)
    : undefined;
}
