// Owns what the server is made of: everything it needs comes in from outside (types only). It never sees a platform's client.

import type { Clock } from '../clock.ts';
import type { ConversationEvent, ConversationView, Queue } from '../context/conversation.ts';
import type { ChannelLimits } from '../context/packing.ts';
import type { ExternalId, Instant, PlatformName } from '../ids.ts';
import type { ClaimBook } from '../journal/claim-book.ts';
import type { EntryBook } from '../journal/entries.ts';
import type { Journal } from '../journal/journal.ts';
import type { Runner } from '../journal/runner.ts';
import type { Outcome } from '../outcome.ts';
import type { TransferType } from '../protocols/crossing.ts';
import type { EscalationPolicy, TransferPolicy } from '../protocols/input.ts';
import type { Retention } from '../protocols/interaction.ts';
import type { ServedChat } from './chat-parts.ts';
import type { ServedCallbacks, ServedDeflections, ServedSmsHook } from './deflection-parts.ts';
import type { Reading } from './metrics.ts';
import type { HeaderReader } from './node-wire.ts';

export const SCOPES = [
  'interactions',
  'handoffs',
  'claims',
  'manifests',
  'reports',
  'audit',
  'erasures',
  'admin',
] as const;
export type Scope = (typeof SCOPES)[number];

/** A key as configured: never the key itself. `sha256` is hexadecimal. */
export type ApiKey = { readonly name: string; readonly sha256: string; readonly scopes: readonly Scope[] };

type BreakerState = 'closed' | 'open' | 'half-open';

/** A contact center as the API shows it. */
export type ServedPlatform = {
  readonly name: PlatformName;
  readonly limits: ChannelLimits;
  readonly capabilities: {
    readonly reservation: string;
    readonly commit: readonly string[];
    readonly settleMs: number;
  };
  health(): {
    readonly ok: boolean;
    readonly code?: string;
    readonly detail?: string;
    readonly lastAnswerAt?: Instant;
    readonly budget?: { readonly limitPerMinute: number; readonly remaining: number };
    readonly token?: {
      readonly state: 'valid' | 'refreshing' | 'none' | 'failing';
      readonly ageMs?: number;
      readonly expiresInMs?: number;
    };
    readonly governor?: {
      readonly limitPerMinute: number;
      readonly usedInLastMinute: number;
      readonly waiting: number;
      readonly slice?: number;
    };
    readonly breaker?: { readonly calls: BreakerState; readonly logins: BreakerState };
    readonly counts?: { readonly logins: number; readonly openings: number };
  };
  queues(): Promise<Outcome<readonly Queue[]>>;
  /** Where agents may read briefings beside their conversations. */
  readonly card?: ServedCard;
};

/** What an agent's card needs of a platform: how it knows who reads, and where it may be framed. */
export type ServedCard = SignInCard | ReferenceCard;

/** The platform signs no people in for others: its own script, which has a key of ours, says who reads (docs/decisions/0034). */
export type ReferenceCard = {
  readonly kind: 'reference';
  /** Origins of the desktops that may frame the card. */
  readonly frameAncestors: readonly string[];
};

/** Agents sign in at the platform, which says who they are and who takes part. */
export type SignInCard = {
  readonly kind: 'sign-in';
  readonly clientId: string;
  readonly authorizeUrl: string;
  readonly tokenUrl: string;
  /** Asked for at sign-in; empty for the client's own. */
  readonly scope: string;
  /** Where the login returns to; our own page where nothing is said. */
  readonly redirectUri?: string;
  /** Origins of the desktops that may frame the card. */
  readonly frameAncestors: readonly string[];
  /** Whom a person's own token speaks for. Rejected when it is not taken. */
  identify(userToken: string): Promise<Outcome<{ readonly id: string; readonly name: string }>>;
  /** The conversation, under our own credentials. */
  look(conversation: ExternalId): Promise<Outcome<ConversationView>>;
};

/** One sender's hook: who may call, and what it says in our words. */
export type VendorHook = {
  /** Asked before anything is parsed. */
  readonly verify: (headers: HeaderReader, rawBody: Uint8Array) => boolean;
  /** Never throws. `problems` are lines without content. */
  readonly read: (payload: unknown) => {
    readonly events: readonly ConversationEvent[];
    readonly problems: readonly string[];
    /** Reservations of the platform's own whose call has come: taken before the events. Told again as often as the sender likes. */
    readonly arrivals?: readonly ArrivedReservation[];
  };
};

export type ArrivedReservation = {
  readonly platform: PlatformName;
  readonly reservationId: string;
  readonly externalId: ExternalId;
};

/** How transfers between platforms are run; configuration. */
export type ServedTransfers = {
  readonly policy: TransferPolicy;
  /** Where a request does not say how long the customer may be kept while a place is sought. */
  readonly holdLimitMs: number;
  /** Per platform that lets go, where not every type is allowed. */
  readonly types: Readonly<Record<string, readonly TransferType[]>>;
};

export type ServerLogEntry = {
  readonly level: 'info' | 'warn' | 'error';
  readonly code: string;
  readonly detail?: string;
};

export type ServerParts = {
  readonly journal: Journal;
  readonly runner: Runner;
  readonly clock: Clock;
  /** UUID v7. */
  readonly newId: () => string;
  readonly policy: EscalationPolicy;
  readonly transfers: ServedTransfers;
  readonly entries: EntryBook;
  readonly claims: ClaimBook;
  readonly deflections: ServedDeflections;
  readonly callbacks: ServedCallbacks;
  /** Of the providers of text messages. */
  readonly smsHooks: readonly ServedSmsHook[];
  /** From the machine's source of chance; a token that must not be guessed is made of it. */
  readonly randomBytes: (size: number) => Uint8Array;
  /** How long what travels by reference is kept. */
  readonly manifestTtlMs: number;
  /** How long what an interaction holds is kept. */
  readonly retention: Retention;
  /** How long copies of the journal are kept elsewhere: an erasure reaches those only by their age. */
  readonly backupDays: number;
  readonly keys: readonly ApiKey[];
  /** What sessions are sealed with: the same on every node, and not the master key itself (`session-seal.ts`). */
  readonly sessionSecret: Uint8Array;
  /** Whether what a proxy says of a request's scheme, host and address is believed. */
  readonly behindProxy: boolean;
  readonly platforms: readonly ServedPlatform[];
  /** Conversations that we carry ourselves, and bots; absent where none are configured. */
  readonly chat?: ServedChat;
  /** By path: `genesys` is served at `/hooks/genesys`. Several platforms of one vendor are told apart by who verifies. */
  readonly hooks: Readonly<Record<string, readonly VendorHook[]>>;
  readonly ready: () => Promise<{ readonly ok: boolean; readonly reasons: readonly string[] }>;
  /** What else a monitor is told. */
  readonly readings?: readonly Reading[];
  readonly log: (entry: ServerLogEntry) => void;
  /** A bug, or a journal that cannot be written; the caller was told no more than the code. */
  readonly onError: (error: unknown) => void;
  readonly version: string;
  /** The OpenAPI document of what any other platform implements (docs/gateway.md). */
  readonly gatewayContract?: Readonly<Record<string, unknown>>;
};

/** Who calls: the key's name, never the key; and by which way. `until` is the end of a session. */
export type Caller = {
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly by: 'api' | 'console';
  readonly until?: Instant;
};

export type ServerEnv = { Variables: { caller: Caller } };
