// Owns what our own conversations are served with: everything comes in from outside (types only).

import type { ExternalId, HandoffId, InteractionId, PlatformName } from '../ids.ts';
import type { ChatTerms } from '../protocols/chat.ts';
import type { NameOf } from './agent-naming.ts';
import type { ChatFiles } from './chat-files.ts';
import type { Desks } from './desk-hooks.ts';

/** The offer behind a link's token, or null where there is none. Whether it can still be claimed is the offer's to say. */
export type FindClaim = (
  token: string,
) => Promise<{ readonly interactionId: InteractionId; readonly handoffId: HandoffId } | null>;

/** `far`: by what the people's platform knows our customer. */
export type Writing = (writer: {
  readonly platform: PlatformName;
  readonly far: ExternalId;
  readonly name?: string;
}) => void;

export type ServedChat = {
  /** The platform whose conversations are our own. */
  readonly anchor: PlatformName;
  /** By the name of the bot that answers; the first is the page's. */
  readonly bots: Readonly<Record<string, ChatTerms>>;
  readonly bot: string;
  readonly findClaim: FindClaim;
  /** Whether a conversation may be begun without a link. */
  readonly fresh: boolean;
  /** Whom a customer can call instead, as it is shown (E.164 or as people write it). */
  readonly phone?: string;
  readonly files?: ChatFiles;
  /** The people who answer, as they reach us. */
  readonly desks?: Desks;
  /** Who an agent is, where their messages do not say it. */
  readonly nameOf?: NameOf;
  /** Shows them that a customer is writing, where their platform has a way. Never throws, and nobody waits for it. */
  readonly writing?: Writing;
};
