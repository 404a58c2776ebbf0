// Owns what the server is made of: everything it needs comes in from outside (types only). It never sees a platform's client.

import type { Clock } from '../clock.ts';
import type { ConversationEvent, Queue } from '../context/conversation.ts';
import type { Instant, PlatformName } from '../ids.ts';
import type { Journal } from '../journal/journal.ts';
import type { Runner } from '../journal/runner.ts';
import type { Outcome } from '../outcome.ts';
import type { EscalationPolicy } from '../protocols/input.ts';
import type { Retention } from '../protocols/interaction.ts';
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

/** A contact center as the API shows it. */
export type ServedPlatform = {
  readonly name: PlatformName;
  readonly limits: { readonly attributeValueBytes: number; readonly attributeCount: number };
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
  };
  queues(): Promise<Outcome<readonly Queue[]>>;
};

/** One sender's hook: who may call, and what it says in our words. */
export type VendorHook = {
  /** Asked before anything is parsed. */
  readonly verify: (headers: HeaderReader, rawBody: Uint8Array) => boolean;
  /** Never throws. `problems` are lines without content. */
  readonly read: (payload: unknown) => {
    readonly events: readonly ConversationEvent[];
    readonly problems: readonly string[];
  };
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
  /** How long what travels by reference is kept. */
  readonly manifestTtlMs: number;
  /** How long what an interaction holds is kept. */
  readonly retention: Retention;
  /** How long copies of the journal are kept elsewhere: an erasure reaches those only by their age. */
  readonly backupDays: number;
  readonly keys: readonly ApiKey[];
  readonly platforms: readonly ServedPlatform[];
  /** By path: `genesys` is served at `/hooks/genesys`. Several platforms of one vendor are told apart by who verifies. */
  readonly hooks: { readonly genesys: readonly VendorHook[] };
  readonly ready: () => Promise<{ readonly ok: boolean; readonly reasons: readonly string[] }>;
  /** What else a monitor is told. */
  readonly readings?: readonly Reading[];
  readonly log: (entry: ServerLogEntry) => void;
  /** A bug, or a journal that cannot be written; the caller was told no more than the code. */
  readonly onError: (error: unknown) => void;
  readonly version: string;
};

/** Who calls: the key's name, never the key. */
export type Caller = { readonly name: string; readonly scopes: readonly Scope[] };

export type ServerEnv = { Variables: { caller: Caller } };
