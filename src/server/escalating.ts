// Owns the request of an escalation as every way in makes it: the manifest is masked as the interaction's flags ask, and what is
// behind its reference travels in the same append as the request, so that no reference ever leads nowhere (H4).

import type { ManifestRef } from '../ids.ts';
import type { SealedBlob } from '../journal/store.ts';
import type { RequestEscalation } from '../protocols/input.ts';
import { findByRequest, findHandoff, type Interaction } from '../protocols/interaction.ts';
import type { CommitBy } from '../protocols/move.ts';
import type { Handoff } from './handoff-view.ts';
import type { RequestKey } from './idempotency.ts';
import { maskedManifest, type ReadManifest, sealKept } from './kept-manifest.ts';
import type { ServerParts } from './parts.ts';
import type { Taken } from './taking.ts';

export type Escalating = {
  readonly queue?: string | undefined;
  readonly resumeBot?: boolean | undefined;
  readonly commitBy: CommitBy;
  readonly manifest?: ReadManifest | undefined;
  readonly request?: RequestKey | undefined;
};

/** The input and the blob that goes with it. Of `interaction` only its id and its flags are taken: the rest may move meanwhile. */
export function escalationOf(
  parts: ServerParts,
  { id, context }: Interaction,
  { queue, resumeBot = false, commitBy, manifest: read, request }: Escalating,
): { readonly input: RequestEscalation; readonly blob: SealedBlob } {
  const { manifest, loss: masked } = maskedManifest(read?.manifest, context.complianceFlags);
  const manifestRef = parts.newId() as ManifestRef;
  const kept = { shape: read?.shape ?? 'bare', interactionId: id, ...(manifest && { manifest }) } as const;
  return {
    blob: sealKept(parts, manifestRef, kept, parts.clock.now()),
    input: {
      kind: 'request-escalation',
      resumeBot,
      commitBy,
      masked,
      manifestRef,
      policy: parts.policy,
      ...(queue !== undefined && { queue }),
      ...(manifest && { manifest }),
      ...(request && { request }),
    },
  };
}

/** The handoff that these events opened, or that the same request had opened before. */
export function handoffIn({ state, events }: Taken, request?: RequestKey): Handoff {
  const made = events.find((event) => event.type === 'EscalationRequested' || event.type === 'TransferRequested');
  const handoff =
    made && 'handoff' in made ? findHandoff(state, made.handoff.id) : request && findByRequest(state, request.key);
  if (!handoff) throw new Error(`Interaction ${state.id} took a request and has no handoff of it.`);
  return handoff;
}
