// Owns an erasure by subject: all interactions that were ever the subject's are found by its keyed hash and erased, those too that
// are opened while it runs, and the bytes of their keys are seen to. What it notes is not personal.

import type { Clock } from '../clock.ts';
import type { InteractionId } from '../ids.ts';
import type { Journal } from './journal.ts';
import type { Runner } from './runner.ts';

export type Subject = { readonly kind: 'phone' | 'email' | 'customerId'; readonly value: string };

export type Erasing = {
  /** The same again erases what has come since, and adds it to what is noted. */
  readonly id: string;
  readonly actor: string;
  readonly subject: Subject;
  /** How long an open move is waited for; it goes on without us. */
  readonly patienceMs: number;
};

type Parts = { readonly journal: Journal; readonly runner: Runner; readonly clock: Clock };

const PAGE = 100;
/** Who is called back as fast as they are erased is not chased for ever. */
const MOST_PASSES = 10;

/** Resolves when everything is erased, or being erased and waited for long enough. Rejects when the journal does. */
export async function eraseSubject(parts: Parts, erasing: Erasing): Promise<void> {
  const { journal, clock } = parts;
  const noted = { id: erasing.id, requestedAt: clock.now(), subject: erasing.subject.kind, scrubbedAt: null };
  await journal.putErasure({ ...noted, interactions: [] });
  const seen = new Set<InteractionId>();
  for (let pass = 0; pass < MOST_PASSES; pass += 1) {
    const before = seen.size;
    for await (const page of pagesOf(journal, erasing.subject)) {
      const fresh = page.filter((id) => !seen.has(id));
      for (const id of fresh) seen.add(id);
      // Noted first, so that nothing is erased of which the certificate does not tell.
      if (fresh.length > 0) await journal.putErasure({ ...noted, interactions: fresh });
      await all(fresh.map((id) => erase(parts, erasing, id)));
    }
    if (seen.size === before) break;
  }
  await all([...seen].map((id) => parts.runner.watchErasure(id, erasing.patienceMs)));
}

async function* pagesOf(journal: Journal, { kind, value }: Subject) {
  let before: InteractionId | undefined;
  for (;;) {
    const page = await journal.findSubject(kind, value, PAGE, before);
    before = page.at(-1);
    if (before === undefined) return;
    yield page;
  }
}

async function erase({ runner }: Parts, { id: erasureId, actor }: Erasing, id: InteractionId): Promise<void> {
  const input = { kind: 'erase', actor, erasureId } as const;
  const reply = await runner.submit(id, input);
  if (reply.kind === 'quarantined') await runner.submit(id, { ...input, atOnce: true });
}

/** One that fails keeps none of the others from being done. */
async function all(work: readonly Promise<unknown>[]): Promise<void> {
  for (const result of await Promise.allSettled(work)) if (result.status === 'rejected') throw result.reason;
}
