// Owns the calls that the command line makes to the service: paths, shapes and headers. It knows the HTTP contract only,
// nothing of the service's inside. Answers are read loosely, so that new fields break nothing.

import { z } from 'zod';
import type { Manifest } from '../context/manifest.ts';
import { manifest } from '../context/manifest.ts';
import { Refused, Unreachable } from './command-failure.ts';
import { type Endpoint, type Fetch, type JsonRequest, requestJson, type Shape } from './json-request.ts';

const letters = z.looseObject({
  entities: z.array(z.looseObject({ id: z.string() })),
  nextCursor: z.string().optional(),
});
const interactionAnswer = z.looseObject({ id: z.string() });

const cycle = z.looseObject({ sourceState: z.string(), destinationState: z.string(), status: z.string() });

const handoffAnswer = z.looseObject({
  id: z.string(),
  phase: z.string(),
  outcome: z.string().nullable(),
  reason: z.string().nullish(),
  detail: z.string().nullish(),
  queue: z.looseObject({ id: z.string().nullish(), name: z.string().nullish() }).nullish(),
  attempts: z.number(),
  loss: z.array(z.looseObject({ field: z.string(), limit: z.string(), carriedBy: z.string() })).default([]),
  timeline: z.array(z.looseObject({ at: z.string(), event: z.string() })).default([]),
  requestedAt: z.string().optional(),
  settledAt: z.string().nullish(),
  manifestRef: z.string().nullish(),
  /** Of a transfer: the conversation at the destination, and how both sides stood. */
  destination: z.looseObject({ platform: z.string(), externalId: z.string() }).nullish(),
  reconciliation: z.looseObject({ reconciliationCycle: cycle, past: z.array(cycle) }).nullish(),
  timing: z
    .looseObject({ ownMs: z.number().optional(), vendorMs: z.number().optional(), totalMs: z.number().optional() })
    .optional(),
});
export type HandoffAnswer = z.infer<typeof handoffAnswer>;

const auditFault = z.looseObject({
  kind: z.string(),
  interactionId: z.string().nullish(),
  version: z.number().nullish(),
  seal: z.number().nullish(),
});
export type AuditFault = z.infer<typeof auditFault>;

const auditAnswer = z.looseObject({
  ok: z.boolean(),
  events: z.number(),
  seals: z.number().nullish(),
  unsealed: z.number().nullish(),
  newestSeal: z.looseObject({ number: z.number(), digest: z.string() }).nullish(),
  firstBad: z.unknown(),
  faults: z.array(auditFault).readonly().nullish(),
  truncated: z.boolean().nullish(),
});
export type AuditAnswer = z.infer<typeof auditAnswer>;

const budget = z.looseObject({ limitPerMinute: z.number(), remaining: z.number() });
const platformsAnswer = z.looseObject({
  entities: z.array(z.looseObject({ health: z.looseObject({ budget: budget.optional() }).optional() })),
});

const interactionView = z.looseObject({
  holder: z.looseObject({ kind: z.string() }),
  legs: z.array(
    z.looseObject({ platform: z.string(), externalId: z.string(), channel: z.string(), state: z.string() }),
  ),
});

/** What flow builders are answered: one level, what is unknown absent. */
const flowAnswer = z.looseObject({
  handoffId: z.string().optional(),
  correlationId: z.string().optional(),
  state: z.string().optional(),
  reason: z.string().optional(),
  mayRelease: z.boolean().optional(),
});

export type NewInteraction = {
  readonly platform: string;
  readonly externalId: string;
  readonly channel: string;
  readonly customer?: Readonly<Record<string, unknown>>;
  readonly context?: Readonly<Record<string, unknown>>;
};

export type Escalation = { readonly queue?: string; readonly manifest?: Manifest; readonly resumeBot?: boolean };

export type Transfer = {
  readonly to: { readonly platform: string; readonly queue?: string; readonly agentId?: string };
  readonly transferType: string;
  readonly initiatedBy: string;
  readonly manifest?: Manifest;
};

export type ServiceClient = ReturnType<typeof serviceClient>;

/** `baseUrl` with or without a trailing slash. Every call throws CommandFailure, Refused or Unreachable. */
export function serviceClient(options: {
  readonly baseUrl: string;
  readonly key: string;
  readonly fetch?: Fetch;
  readonly signal?: AbortSignal;
}) {
  const { key, signal, fetch = globalThis.fetch } = options;
  const baseUrl = options.baseUrl.replace(/\/+$/, '');
  const at: Endpoint = {
    baseUrl,
    fetch,
    absent: `The service at ${baseUrl} does not answer. Start it with \`npm start\`, or name it with --service`,
  };
  const ask = <Value>(asked: JsonRequest, shape: Shape<Value>): Promise<Value> =>
    requestJson(
      at,
      { ...asked, headers: { authorization: `Bearer ${key}`, ...asked.headers }, ...(signal && { signal }) },
      shape,
    );

  return {
    baseUrl,
    openInteraction: (body: NewInteraction) =>
      ask({ method: 'POST', path: '/v1/interactions', body: { direction: 'inbound', ...body } }, interactionAnswer),
    interaction: (id: string) => ask({ method: 'GET', path: interaction(id) }, interactionView),
    /** A flat call, as a vendor's flow makes it. */
    flow: (name: 'deflect' | 'status' | 'claim', body: Readonly<Record<string, string>>) =>
      ask({ method: 'POST', path: `/v1/flows/${name}`, body }, flowAnswer),
    /** An RFC 7396 merge patch. */
    patchContext: (id: string, patch: Readonly<Record<string, unknown>>) =>
      ask({ method: 'PATCH', path: `${interaction(id)}/context`, body: patch }, z.unknown()),
    ...handoffCalls(ask),
    /** The manifest that is kept under a reference. */
    manifest: (ref: string) => ask({ method: 'GET', path: `/v1/manifests/${encodeURIComponent(ref)}` }, manifest),
    platforms: async () => (await ask({ method: 'GET', path: '/v1/platforms' }, platformsAnswer)).entities,
    /** `atLeastSeal` is a seal kept elsewhere, as `number:digest`. */
    verifyAudit: (atLeastSeal?: string) => {
      const query = atLeastSeal === undefined ? '' : `?atLeastSeal=${encodeURIComponent(atLeastSeal)}`;
      return ask({ method: 'GET', path: `/v1/audit/verify${query}` }, auditAnswer);
    },
    /** The public key that seals are signed with, as PEM. */
    auditKey: async () => (await ask({ method: 'GET', path: '/v1/audit/key' }, z.looseObject({ pem: z.string() }))).pem,
    /** `ready` once it says so, `starting` while it says that it is not, `absent` when nobody answers. */
    async readiness(): Promise<'ready' | 'starting' | 'absent'> {
      try {
        await requestJson(at, { method: 'GET', path: '/readyz', ...(signal && { signal }) }, z.unknown());
        return 'ready';
      } catch (error) {
        if (error instanceof Unreachable) return 'absent';
        if (error instanceof Refused) return 'starting';
        throw error;
      }
    },
  };
}

type Ask = <Value>(asked: JsonRequest, shape: Shape<Value>) => Promise<Value>;

const interaction = (id: string) => `/v1/interactions/${encodeURIComponent(id)}`;
const handoffPath = (id: string) => {
  const cut = id.lastIndexOf('.');
  return `${interaction(id.slice(0, cut))}/handoffs/${id.slice(cut + 1)}`;
};

function handoffCalls(ask: Ask) {
  /** Answers at once, or when it has settled but after `waitSec` at the latest. The same key asks for the same handoff. */
  const begin = (id: string, body: object, idempotencyKey: string, waitSec: number) =>
    ask(
      {
        method: 'POST',
        path: `${interaction(id)}/handoffs`,
        body,
        headers: { 'idempotency-key': idempotencyKey, ...(waitSec > 0 && { prefer: `wait=${waitSec}` }) },
      },
      handoffAnswer,
    );
  return {
    escalate: (id: string, escalation: Escalation, idempotencyKey: string, waitSec = 0) =>
      begin(id, { kind: 'escalation', ...escalation }, idempotencyKey, waitSec),
    /** To another platform. */
    transfer: (id: string, transfer: Transfer, idempotencyKey: string, waitSec = 0) =>
      begin(id, { kind: 'transfer', ...transfer }, idempotencyKey, waitSec),
    callBack: (id: string, callback: { readonly queue: string }, idempotencyKey: string, waitSec = 0) =>
      begin(id, { kind: 'callback', ...callback }, idempotencyKey, waitSec),
    /** The verdict of the source's agent on a consultation. */
    complete: (id: string, accept: boolean) =>
      ask({ method: 'POST', path: `${handoffPath(id)}/complete`, body: { accept } }, handoffAnswer),
    cancel: (id: string) => ask({ method: 'POST', path: `${handoffPath(id)}/cancel` }, z.unknown()),
    /** By its id, `{interaction}.{n}`. */
    handoff: (id: string) => ask({ method: 'GET', path: handoffPath(id) }, handoffAnswer),
    /** Everything that is kept under a reference: manifest, context and customer. */
    whole: (ref: string) =>
      ask({ method: 'GET', path: `/v1/manifests/${encodeURIComponent(ref)}?whole=true` }, z.looseObject({})),
    /** Ids of all that waits for a person. */
    async deadLetters(): Promise<readonly string[]> {
      const ids: string[] = [];
      for (let cursor = ''; ; ) {
        const page = await ask({ method: 'GET', path: `/v1/dead-letters?limit=200${cursor}` }, letters);
        ids.push(...page.entities.map(({ id }) => id));
        if (page.nextCursor === undefined) return ids;
        cursor = `&cursor=${page.nextCursor}`;
      }
    },
  };
}
