// Owns the receipts that prove a briefing was shown, field by field: the first one is kept beside its manifest, and as long.

import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { contextCompleteness } from '../context/context-completeness.ts';
import type { ManifestRef } from '../ids.ts';
import { receiptRef } from '../journal/leaving.ts';
import { hasScope } from './auth.ts';
import type { HandoffView } from './handoff-view.ts';
import { readKept } from './kept-manifest.ts';
import type { ServerEnv, ServerParts } from './parts.ts';
import { rfc3339, time } from './rfc3339.ts';
import { durable } from './taking.ts';

export const receiptInput = z.strictObject({
  renderedFields: z.array(z.string().max(256)).max(500),
  renderedAt: time,
});
export const receiptView = receiptInput
  .extend({
    ref: z.string(),
    receivedAt: time,
    contextCompleteness: z.number().optional().openapi({ description: 'Rendered fields over the manifest’s, 0 to 1.' }),
  })
  .openapi('Receipt');
type Receipt = z.infer<typeof receiptView>;

/** Keeps it unless there is one, and answers the one that is kept; `manifest-not-found` where there is nothing to show any more. */
export async function recordReceipt(
  parts: ServerParts,
  ref: ManifestRef,
  given: z.infer<typeof receiptInput>,
): Promise<{ readonly isFirst: boolean; readonly receipt: Receipt }> {
  const { journal, clock } = parts;
  const { expiresAt, whole } = await readKept(parts, ref);
  const known = await readReceipt(parts, ref);
  if (known) return { isFirst: false, receipt: known };
  const completeness = contextCompleteness(whole.manifest ?? {}, given.renderedFields);
  const receipt = { ref, ...given, receivedAt: rfc3339(clock.now()), contextCompleteness: completeness };
  await durable(journal.putBlob({ ref: receiptRef(ref), content: JSON.stringify(receipt), expiresAt }));
  return { isFirst: true, receipt };
}

export async function readReceipt({ journal, clock }: ServerParts, ref: ManifestRef): Promise<Receipt | null> {
  const blob = await journal.readBlob(receiptRef(ref), clock.now());
  return blob && (JSON.parse(blob.content) as Receipt);
}

/** The handoff with how much of its manifest the agent was shown; with the receipt itself for those who may read manifests. */
export async function withReceipt(parts: ServerParts, c: Context<ServerEnv>, view: HandoffView): Promise<HandoffView> {
  const receipt = view.manifestRef === null ? null : await readReceipt(parts, view.manifestRef as ManifestRef);
  const shown = { ...view, contextCompleteness: receipt?.contextCompleteness ?? null };
  if (!hasScope(c, 'manifests')) return shown;
  return { ...shown, receipt: receipt && { renderedFields: receipt.renderedFields, renderedAt: receipt.renderedAt } };
}
