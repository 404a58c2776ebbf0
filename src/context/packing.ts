// Owns what of manifest and context is written as a conversation's attributes and what travels by reference (seed 004 §2).
// H4: every field that a vendor's limits keep out is named in `loss`; `unpack` (unpacking.ts) is the way back.

import { briefingOf } from './briefing.ts';
import type { Channel } from './conversation.ts';
import type { Customer, InteractionContext } from './interaction-context.ts';
import type { Manifest } from './manifest.ts';
import { type Mapping, ownName } from './mapping.ts';
import { agentContextSummary } from './summary.ts';
import { cutToBytes, fitsBytes } from './utf8.ts';

/** One field that did not arrive as it was: which limit kept it out, and where it is now. */
export type LossEntry = {
  readonly field: string;
  readonly limit: string;
  readonly carriedBy: 'reference' | 'masked' | 'withheld';
};

/**
 * Bytes are UTF-8. There must be room for a reference (36 bytes, one attribute). `names`: the only attributes that the far side knows, those that
 * carry the handoff itself among them; any name where it is absent.
 */
export type PackingLimits = {
  readonly attributeValueBytes: number;
  readonly attributeCount: number;
  readonly names?: readonly string[];
};

/** Everything that is behind the reference. */
export type Whole = {
  readonly manifest?: Manifest;
  readonly context: InteractionContext;
  readonly customer?: Customer;
};

export type ToPack = Whole & {
  readonly interactionId: string;
  readonly channel: Channel;
  /** Briefing and summary as `briefingOf` and `agentContextSummary` give them, from who has them already. */
  readonly told?: { readonly briefing: string; readonly summary: string };
  /** What the whole can be fetched with. Without it the answer still says whether a reference is needed. */
  readonly ref?: string;
  readonly limits: PackingLimits;
  /** What fields are called there. What it does not name is not written, and takes no place. */
  readonly mapping?: Mapping;
};

export type Packed = {
  readonly attributes: Record<string, string>;
  readonly loss: readonly LossEntry[];
  /** True when something is only in the whole. */
  readonly needsReference: boolean;
};

/** Attribute names that carry the handoff itself; the first three and the briefing and queue are seed 004 §2's. */
export const ATTRIBUTE = {
  manifest: 'handoff_manifest',
  manifestRef: 'handoff_manifest_ref',
  contextRef: 'handoff_context_ref',
  briefing: 'agent_briefing',
  queue: 'recommended_queue',
  summary: 'agentContextSummary',
  interactionId: 'interactionId',
} as const;

/** Context fields under their own names, most valuable first; those of `JSON_FIELDS` are written as JSON. */
export const TEXT_FIELDS = ['intent', 'authenticationStatus', 'accountNumber', 'sentiment', 'previousQueue'] as const;
export const JSON_FIELDS = ['complianceFlags', 'dtmfSequence', 'holdDurationSec'] as const;
/** The customer's fields that a desktop or a flow works with. Their address and name stay out of plain attributes: the conversation has them. */
export const CUSTOMER_FIELDS = ['segment', 'customerId'] as const;
/** Before a context field that is not in the schema, written as JSON. */
export const OTHER_FIELD_PREFIX = 'context.';

/** Without these the rest cannot be found: they are written under their own names where a mapping says nothing of them. */
const ALWAYS: ReadonlySet<string> = new Set([
  ATTRIBUTE.interactionId,
  ATTRIBUTE.manifestRef,
  ATTRIBUTE.contextRef,
  ATTRIBUTE.briefing,
  ATTRIBUTE.summary,
]);

const RESERVED: ReadonlySet<string> = new Set([
  ...Object.values(ATTRIBUTE),
  ...TEXT_FIELDS,
  ...JSON_FIELDS,
  ...CUSTOMER_FIELDS,
]);

/** The context's fields that have a name of their own among the attributes. */
const KNOWN_FIELDS: ReadonlySet<string> = new Set([...TEXT_FIELDS, ...JSON_FIELDS, 'attributes']);

/** What the reference is fetched for. */
export function wholeOf({ manifest, context, customer }: Whole): Whole {
  return { ...(manifest && { manifest }), context, ...(customer && { customer }) };
}

/**
 * Attributes in order of value until the limits are met. A manifest whose compact JSON is too long goes by reference, a briefing
 * or summary is cut between characters, any other field is there whole or by reference. Slots are copies of what the manifest
 * carries, so one that does not fit is no loss.
 */
export function pack(input: ToPack): Packed {
  const { manifest, ref, limits, mapping } = input;
  const json = manifest && JSON.stringify(manifest);
  const tooLong = json !== undefined && !fitsBytes(json, limits.attributeValueBytes);
  const offers = offersOf(input, tooLong ? undefined : json);
  const filled = (...head: readonly (readonly [string, string])[]) => place(offers, input, named(head, mapping));
  if (tooLong) {
    const loss = { field: 'manifest', limit: bytesLimit(limits), carriedBy: 'reference' } as const;
    return packed(ref === undefined ? filled() : filled([ATTRIBUTE.manifestRef, ref]), [loss]);
  }
  const direct = filled();
  if (direct.loss.length === 0 || ref === undefined) return packed(direct);
  return packed(filled([ATTRIBUTE.contextRef, ref]));
}

/** Of attributes, those that are to be written, under the platform's names. */
function named(
  attributes: readonly (readonly [string, string])[],
  mapping: Mapping | undefined,
): readonly (readonly [string, string])[] {
  return attributes.flatMap(([name, value]) => {
    const own = ownName({ name }, mapping, ALWAYS);
    return own === undefined ? [] : [[own, value] as const];
  });
}

/** Attributes that would mislead when an earlier handoff's stayed behind: a vendor merges by name and deletes nothing. */
const MISLEADING = [ATTRIBUTE.manifest, ATTRIBUTE.manifestRef, ATTRIBUTE.contextRef, ATTRIBUTE.queue] as const;

/**
 * Of a customer's attributes as a platform shows them, the names of those that an earlier handoff has left and that would mislead.
 * Without a handoff's own mark they are somebody else's, whose flow may go by the same names.
 */
export function misleadingIn(attributes: Readonly<Record<string, unknown>>): readonly string[] {
  const isIn = (name: string) => Object.hasOwn(attributes, name) && attributes[name] !== '';
  return isIn(ATTRIBUTE.interactionId) ? MISLEADING.filter(isIn) : [];
}

/** The names by which `misleadingIn` judges. */
export const LEFT_BY_HANDOFFS: readonly string[] = [ATTRIBUTE.interactionId, ...MISLEADING];

/** `pack` for a conversation that an earlier handoff has written to: what that one may have left is emptied. */
export function packAgain(input: ToPack): Packed {
  const { limits } = input;
  const left = named(
    MISLEADING.map((name) => [name, '']),
    input.mapping,
  );
  const room = { ...limits, attributeCount: limits.attributeCount - left.length };
  const { attributes, ...rest } = pack({ ...input, limits: room });
  return { ...rest, attributes: { ...Object.fromEntries(left), ...attributes } };
}

/** A custom attribute or slot may not pass for a field of ours. */
export function isReserved(name: string): boolean {
  return RESERVED.has(name) || name.startsWith(OTHER_FIELD_PREFIX);
}

type Offer = {
  readonly field: string;
  readonly name: string;
  readonly value: string;
  /** `cut`: its start is worth having. `copy`: the manifest carries it anyway. */
  readonly when?: 'cut' | 'copy';
  readonly nameTaken?: boolean;
};
type Placed = { readonly attributes: ReadonlyMap<string, string>; readonly loss: readonly LossEntry[] };

function packed({ attributes, loss }: Placed, before: readonly LossEntry[] = []): Packed {
  const all = [...before, ...loss];
  return { attributes: Object.fromEntries(attributes), loss: all, needsReference: all.length > 0 };
}

function place(
  offers: readonly Offer[],
  { limits, mapping }: Pick<ToPack, 'limits' | 'mapping'>,
  head: readonly (readonly [string, string])[],
): Placed {
  const attributes = new Map(head);
  const loss: LossEntry[] = [];
  for (const offer of offers) {
    const name = ownName(offer, mapping, ALWAYS);
    // Two fields of one name are one too many.
    const unnamed = name === undefined || (mapping !== undefined && attributes.has(name));
    const obstacle = unnamed ? NO_NAME : obstacleTo({ ...offer, name }, attributes.size, limits);
    if (!unnamed && (obstacle === undefined || obstacle.cut !== undefined))
      attributes.set(name, obstacle?.cut ?? offer.value);
    if (obstacle !== undefined && offer.when !== 'copy') {
      loss.push({ field: offer.field, limit: obstacle.limit, carriedBy: 'reference' });
    }
  }
  return { attributes, loss };
}

type Obstacle = { readonly limit: string; readonly cut?: string };
const NO_NAME: Obstacle = { limit: 'no mapping' };

function obstacleTo(
  { name, value, when, nameTaken }: Offer,
  used: number,
  limits: PackingLimits,
): Obstacle | undefined {
  const bytes = limits.attributeValueBytes;
  if (nameTaken || name === '') return { limit: 'attribute name' };
  if (limits.names && !limits.names.includes(name)) return { limit: 'fields of the platform' };
  if (used >= limits.attributeCount) return { limit: `${limits.attributeCount} attributes` };
  if (!fitsBytes(name, bytes)) return { limit: bytesLimit(limits) };
  if (fitsBytes(value, bytes)) return undefined;
  return { limit: bytesLimit(limits), ...(when === 'cut' && { cut: cutToBytes(value, bytes) }) };
}

function bytesLimit({ attributeValueBytes }: PackingLimits): string {
  return `${attributeValueBytes} bytes`;
}

function offersOf(input: ToPack, inlineManifest: string | undefined): readonly Offer[] {
  const { manifest, context, customer, interactionId } = input;
  const { briefing, summary } = input.told ?? toldOf(input);
  const slots = manifest?.slots_collected ?? {};
  const offers: Offer[] = [];
  const offer = (field: string, name: string, value: string | undefined): void => {
    if (value !== undefined) offers.push({ field, name, value });
  };
  offer('manifest', ATTRIBUTE.manifest, inlineManifest);
  if (briefing !== '') offers.push(prose(ATTRIBUTE.briefing, briefing));
  offer('manifest.recommended_queue', ATTRIBUTE.queue, manifest?.recommended_queue);
  if (summary !== '') offers.push(prose(ATTRIBUTE.summary, summary));
  offer('interactionId', ATTRIBUTE.interactionId, interactionId);
  for (const name of TEXT_FIELDS) offer(`context.${name}`, name, context[name]);
  for (const name of JSON_FIELDS) offer(`context.${name}`, name, asJson(context[name]));
  for (const name of CUSTOMER_FIELDS) offer(`customer.${name}`, name, customer?.[name]);
  for (const [name, slot] of Object.entries(slots)) {
    const value = typeof slot === 'string' ? slot : asJson(slot);
    const field = `manifest.slots_collected.${name}`;
    if (value !== undefined) offers.push({ field, name, value, when: 'copy', nameTaken: isReserved(name) });
  }
  for (const [name, value] of Object.entries(context.attributes ?? {})) {
    const nameTaken = isReserved(name) || Object.hasOwn(slots, name);
    offers.push({ field: `context.attributes.${name}`, name, value, nameTaken });
  }
  for (const [name, value] of Object.entries(context)) {
    if (!KNOWN_FIELDS.has(name)) offer(`context.${name}`, `${OTHER_FIELD_PREFIX}${name}`, asJson(value));
  }
  return offers;
}

function toldOf({ manifest, context, channel }: ToPack) {
  return {
    briefing: briefingOf(manifest ?? {}, context),
    summary: agentContextSummary({ channel, context, ...(manifest && { manifest }) }),
  };
}

function prose(name: string, value: string): Offer {
  return { field: name, name, value, when: 'cut' };
}

/** Undefined for what JSON leaves out. */
function asJson(value: unknown): string | undefined {
  return JSON.stringify(value);
}
