// Owns the certificate of an erasure: what was erased and when, read off what is left of each interaction. It names no subject, and
// nothing in it is personal.

import { z } from '@hono/zod-openapi';
import type { Instant, InteractionId } from '../ids.ts';
import { JournalUnavailable } from '../journal/journal-unavailable.ts';
import type { ErasureRecord, ScrubHindrance } from '../journal/store.ts';
import { isErased } from '../protocols/interaction.ts';
import type { VendorCopy } from '../protocols/vendor-copy.ts';
import type { ServerParts } from './parts.ts';
import { Problem } from './problems.ts';
import { rfc3339, time } from './rfc3339.ts';
import { durable } from './taking.ts';

const DAY_MS = 86_400_000;
const READ_AT_ONCE = 64;

const copyView = z.object({
  platform: z.string(),
  conversationId: z.string().nullable().openapi({ description: 'Null where it is personal itself.' }),
  what: z.enum(['attributes', 'tag', 'callback']),
  state: z.enum(['pending', 'overwritten', 'gone', 'needs-a-person']),
  at: time.optional(),
  code: z.string().optional().openapi({ description: 'A stable code; see the page of errors.' }),
});

const erasedView = z.object({
  id: z.string(),
  state: z.enum(['erased', 'in-progress', 'not-begun', 'needs-a-person']),
  erasedAt: time.nullable(),
  vendorCopies: z.array(copyView),
  manifests: z.number().int().openapi({ description: 'Manifests by reference that went along.' }),
});

export const certificateView = z
  .object({
    id: z.string(),
    requestedAt: time,
    subject: z.enum(['phone', 'email', 'customerId']).openapi({ description: 'By what was asked; never its value.' }),
    state: z.enum(['done', 'in-progress', 'needs-a-person', 'nothing-found']),
    erasedAt: time.nullable().openapi({ description: 'When the last of the interactions was erased.' }),
    interactions: z.array(erasedView),
    keyBytes: z.object({
      scrubbedAt: time
        .nullable()
        .openapi({ description: 'Since when the bytes of the destroyed keys are in no file of the journal.' }),
      pending: z
        .enum(['in-use', 'log-kept', 'not-permitted'])
        .nullable()
        .openapi({ description: 'Why they may still be in one. Asking for the certificate tries again.' }),
    }),
    backups: z.object({
      horizonDays: z
        .number()
        .openapi({ description: 'As configured: how long copies of the journal are kept elsewhere.' }),
      goneBy: time.nullable().openapi({ description: 'When the last copy that still holds a key has expired.' }),
    }),
  })
  .openapi('ErasureCertificate');

type Certificate = z.infer<typeof certificateView>;
type ErasedView = z.infer<typeof erasedView>;

/** The certificate as it stands now, or `erasure-not-found`. */
export async function certificateOf(parts: ServerParts, id: string): Promise<Certificate> {
  const record = await durable(parts.journal.getErasure(id));
  if (!record) throw new Problem('erasure-not-found');
  const interactions: ErasedView[] = [];
  for (let from = 0; from < record.interactions.length; from += READ_AT_ONCE) {
    const some = record.interactions.slice(from, from + READ_AT_ONCE);
    interactions.push(...(await Promise.all(some.map((one) => viewOf(parts, one)))));
  }
  const erasedAt = lastOf(interactions);
  const { scrubbedAt, pending } = erasedAt === null ? NOT_YET : await scrubbed(parts, record);
  return {
    id,
    requestedAt: rfc3339(record.requestedAt),
    subject: record.subject as Certificate['subject'],
    state: stateOf(interactions),
    erasedAt,
    interactions,
    keyBytes: { scrubbedAt: scrubbedAt === null ? null : rfc3339(scrubbedAt), pending },
    backups: {
      horizonDays: parts.backupDays,
      goneBy: scrubbedAt === null ? null : rfc3339(scrubbedAt + parts.backupDays * DAY_MS),
    },
  };
}

/** When the last of them was erased; null while one is not. */
function lastOf(interactions: readonly ErasedView[]): string | null {
  const instants = interactions.map(({ erasedAt }) => erasedAt);
  if (instants.length === 0 || instants.some((one) => one === null)) return null;
  return instants.toSorted().at(-1) ?? null;
}

type Scrubbed = { readonly scrubbedAt: Instant | null; readonly pending: ScrubHindrance | null };
const NOT_YET: Scrubbed = { scrubbedAt: null, pending: null };

/** All keys of it are destroyed: their bytes are seen to now, unless they were. */
async function scrubbed({ journal, clock }: ServerParts, record: ErasureRecord): Promise<Scrubbed> {
  if (record.scrubbedAt !== null) return { scrubbedAt: record.scrubbedAt, pending: null };
  const scrub = await durable(journal.scrub());
  if (scrub.kind === 'pending') return { scrubbedAt: null, pending: scrub.code };
  const scrubbedAt = clock.now();
  await durable(journal.putErasure({ ...record, interactions: [], scrubbedAt }));
  return { scrubbedAt, pending: null };
}

function stateOf(interactions: readonly ErasedView[]): Certificate['state'] {
  if (interactions.length === 0) return 'nothing-found';
  const states = interactions.flatMap(({ state, vendorCopies }) => [state, ...vendorCopies.map((copy) => copy.state)]);
  if (states.includes('needs-a-person')) return 'needs-a-person';
  return states.some((state) => state !== 'erased' && state !== 'overwritten' && state !== 'gone')
    ? 'in-progress'
    : 'done';
}

async function viewOf({ runner }: ServerParts, id: InteractionId): Promise<ErasedView> {
  const none = { id, erasedAt: null, vendorCopies: [], manifests: 0 };
  const found = await runner.read(id).catch((error) => {
    if (error instanceof JournalUnavailable) throw new Problem('journal-unavailable', { cause: error });
    // Damaged, so that it can be neither read nor erased by us.
    return null;
  });
  if (!found) return { ...none, state: 'needs-a-person' };
  const { state } = found;
  if (!isErased(state)) return { ...none, state: state.erasing ? 'in-progress' : 'not-begun' };
  const { erasedAt, copies, manifests } = state;
  return { id, state: 'erased', erasedAt: rfc3339(erasedAt), vendorCopies: copies.map(copyOf), manifests };
}

function copyOf({ platform, externalId, overwrite, progress }: VendorCopy): z.infer<typeof copyView> {
  const settled = progress.state === 'pending' ? null : progress;
  return {
    platform,
    conversationId: externalId,
    what: overwrite.what,
    state: progress.state,
    ...(settled && { at: rfc3339(settled.at) }),
    ...(settled?.code !== undefined && { code: settled.code }),
  };
}
