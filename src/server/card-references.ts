// Owns the one-time references by which a card is opened where a platform signs no people in: what is in one, how long it lives, and that
// it opens once. It is sealed like a session, so that any node can read it, nobody can make one, and nothing is kept of one that is never
// used; GCM compares its tag in constant time. It travels in an address's fragment only, which no browser sends to anybody.

import { z } from '@hono/zod-openapi';
import type { ServerParts } from './parts.ts';
import { Problem } from './problems.ts';
import { SessionSeal } from './session-seal.ts';

/**
 * From the script's question to the page's: the desktop opens the page within seconds, and an agent whose browser kept the window shut gets
 * there within two minutes. It need not outlive a queue, since the script asks when somebody has answered.
 */
export const REFERENCE_LIFE_MS = 2 * 60_000;
const ID_BYTES = 16;
/** In the journal's list of what came once. No platform is called so: its names take no colon. */
const SENDER = 'card:reference';

const sealedReference = z.object({
  id: z.string(),
  platform: z.string(),
  conversationId: z.string(),
  agentId: z.string(),
  expiresAt: z.number(),
});

/** For which conversation, and of which agent where the script said; empty where it did not. */
export type Referred = { readonly platform: string; readonly conversationId: string; readonly agentId: string };

type Parts = Pick<ServerParts, 'clock' | 'journal' | 'randomBytes' | 'sessionSecret'>;

export class CardReferences {
  readonly #seal: SessionSeal;
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#seal = new SessionSeal(parts.sessionSecret, 'card reference');
    this.#parts = parts;
  }

  mint({ platform, conversationId, agentId }: Referred): string {
    const { clock, randomBytes } = this.#parts;
    const id = Buffer.from(randomBytes(ID_BYTES)).toString('base64url');
    const expiresAt = clock.now() + REFERENCE_LIFE_MS;
    return this.#seal.seal({ id, platform, conversationId, agentId, expiresAt });
  }

  /**
   * Uses it up, for the conversation that the page is about. Throws `card-reference-refused` for what is none of ours or of another
   * conversation, which leaves it unused, and `card-reference-spent` for one whose time is over or that has opened a card.
   */
  async use(text: string, about: { readonly platform?: string | undefined; readonly conversationId: string }) {
    const { clock, journal } = this.#parts;
    const read = sealedReference.safeParse(this.#seal.open(text));
    if (!read.success) throw new Problem('card-reference-refused');
    const { id, platform, conversationId, agentId, expiresAt } = read.data;
    const isMeant = conversationId === about.conversationId && (about.platform ?? platform) === platform;
    if (!isMeant) throw new Problem('card-reference-refused');
    const now = clock.now();
    if (expiresAt <= now) throw new Problem('card-reference-spent');
    // The last thing that is looked at, and the one place of the race: whoever is first, on whichever node.
    if (!(await journal.take({ sender: SENDER, messageId: id }, now))) throw new Problem('card-reference-spent');
    return { platform, conversationId, agentId } satisfies Referred;
  }
}
