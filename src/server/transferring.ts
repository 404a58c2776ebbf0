// Owns the request of a transfer to another platform as it is asked for over HTTP: what may be asked, and the input that it becomes.
// The token that the destination's entry redeems is made here, from 128 random bits, and told to nobody but the flow that lets go by itself. Keeps H3 and H4.

import { z } from '@hono/zod-openapi';
import type { AgentId, ManifestRef, PlatformName } from '../ids.ts';
import type { PlainBlob } from '../journal/draft.ts';
import { INITIATORS, TRANSFER_TYPES, type TransferTarget } from '../protocols/crossing.ts';
import type { RequestTransfer } from '../protocols/input.ts';
import type { Interaction } from '../protocols/interaction.ts';
import type { RequestKey } from './idempotency.ts';
import { keptBlob, maskedManifest, type ReadManifest } from './kept-manifest.ts';
import { manifestInput } from './manifests.ts';
import type { ServerParts } from './parts.ts';
import { Problem } from './problems.ts';

const TOKEN_BYTES = 16;
const LONGEST_HOLD_SEC = 300;

const target = z
  .strictObject({
    platform: z.string().min(1).max(64).openapi({ example: 'nice_cxone' }),
    agentId: z.string().min(1).max(256).optional().openapi({ description: 'The platform’s own id of the agent.' }),
    queue: z.string().min(1).max(256).optional().openapi({ description: 'The exact name of a queue or skill.' }),
  })
  .refine(({ agentId, queue }) => (agentId === undefined) !== (queue === undefined), {
    message: 'give exactly one of agentId and queue',
  });

export const transferInput = z.strictObject({
  kind: z.literal('transfer'),
  to: target,
  transferType: z.enum(TRANSFER_TYPES).openapi({
    description:
      '`blind`: the customer goes at once. `warm`: the agent speaks first, and the customer is joined as soon as somebody has answered. `consultative`: after the agent’s verdict (`…/complete`).',
  }),
  initiatedBy: z.enum(INITIATORS),
  commitBy: z.enum(['us', 'flow']).optional().openapi({
    description:
      '`flow`: the source’s own flow lets go, once it has asked where to (`/v1/flows/transfer`). Blind only.',
  }),
  holdDurationLimitSec: z
    .int()
    .min(1)
    .max(LONGEST_HOLD_SEC)
    .optional()
    .openapi({ description: 'How long the customer may be kept while a place is sought.' }),
  manifest: manifestInput.optional(),
});
export type TransferInput = z.infer<typeof transferInput>;

export type Transferring = {
  readonly asked: TransferInput;
  readonly manifest?: ReadManifest | undefined;
  readonly request?: RequestKey | undefined;
};

/** The input and the blob that goes with it. Throws a problem where the configuration rules the transfer out. */
export function transferOf(
  parts: ServerParts,
  { id, context, legs }: Interaction,
  { asked, manifest: read, request }: Transferring,
): { readonly input: RequestTransfer; readonly blob: PlainBlob } {
  const { to, transferType: type, initiatedBy, commitBy = 'us', holdDurationLimitSec } = asked;
  const { policy, holdLimitMs, types } = parts.transfers;
  const names = Object.keys(policy.sites);
  if (!names.includes(to.platform)) throw new Problem('unknown-platform', { platforms: names });
  const source = legs.findLast(({ state, platform }) => state === 'live' && names.includes(platform));
  const supported = (source && types[source.platform]) ?? TRANSFER_TYPES;
  if (!supported.includes(type)) throw new Problem('transfer-type-not-supported', { supported });
  const { manifest, loss: masked } = maskedManifest(read?.manifest, context.complianceFlags);
  const manifestRef = parts.newId() as ManifestRef;
  const kept = { shape: read?.shape ?? 'bare', interactionId: id, ...(manifest && { manifest }) } as const;
  return {
    blob: keptBlob(parts, manifestRef, kept, parts.clock.now()),
    input: {
      kind: 'request-transfer',
      to: to.platform as PlatformName,
      target: targetOf(to),
      type,
      initiatedBy,
      commitBy,
      holdLimitMs: holdDurationLimitSec === undefined ? holdLimitMs : holdDurationLimitSec * 1_000,
      token: newToken(parts),
      masked,
      manifestRef,
      policy,
      ...(manifest && { manifest }),
      ...(request && { request }),
    },
  };
}

/** What the destination's entry redeems. */
export function newToken({ randomBytes }: Pick<ServerParts, 'randomBytes'>): string {
  return Buffer.from(randomBytes(TOKEN_BYTES)).toString('base64url');
}

function targetOf({ agentId, queue }: TransferInput['to']): TransferTarget {
  return agentId === undefined
    ? { kind: 'queue', queueName: queue ?? '' }
    : { kind: 'agent', agentId: agentId as AgentId };
}
