// Owns what of manifest and context is written as a conversation's attributes and what travels by reference (seed 004 §2).
// H4: every field that a vendor's limits keep out is named in `loss`; `unpack` (unpacking.ts) is the way back.

import { briefingOf } from './briefing.ts';
import type { Channel } from './conversation.ts';
import { ATTRIBUTE, nameThere, type Offer, offersOf } from './fields.ts';
import type { Customer, InteractionContext } from './interaction-context.ts';
import type { Manifest } from './manifest.ts';
import type { Mapping } from './mapping.ts';
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
  /** Our id is written beside the attributes, and takes no place among them. */
  readonly idApart?: true;
};

/** What fits in a conversation of the platform's, where that is not the same for calls and for what is written. */
export type ChannelLimits = PackingLimits & { readonly digital?: PackingLimits };

export function limitsFor(limits: ChannelLimits, channel: Channel): PackingLimits {
  return channel === 'voice' ? limits : (limits.digital ?? limits);
}

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
  const all = offersOf(input, { ...(input.told ?? toldOf(input)), ...(!tooLong && json !== undefined && { json }) });
  const offers = limits.idApart ? all.filter((offer) => nameThere(offer, mapping) !== ATTRIBUTE.interactionId) : all;
  const isField = ([name]: readonly [string, string]) => limits.names?.includes(name) ?? true;
  const filled = (...head: readonly (readonly [string, string])[]) =>
    place(offers, input, named(head, mapping).filter(isField));
  if (tooLong) {
    const loss = { field: 'manifest', limit: bytesLimit(limits), carriedBy: 'reference' } as const;
    return packed(ref === undefined ? filled() : filled([ATTRIBUTE.manifestRef, ref]), [loss]);
  }
  const direct = filled();
  if (direct.loss.length === 0 || ref === undefined) return packed(direct);
  return packed(filled([ATTRIBUTE.contextRef, ref]));
}

function toldOf({ manifest, context, channel, customer }: ToPack) {
  return {
    briefing: briefingOf(manifest ?? {}, context),
    summary: agentContextSummary({
      channel,
      context,
      masked: customer?.piiMasked === true,
      ...(manifest && { manifest }),
    }),
  };
}

/** Of attributes, those that are to be written, under the platform's names. */
function named(
  attributes: readonly (readonly [string, string])[],
  mapping: Mapping | undefined,
): readonly (readonly [string, string])[] {
  return attributes.flatMap(([name, value]) => {
    const own = nameThere({ name }, mapping);
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
    MISLEADING.filter((name) => limits.names?.includes(name) ?? true).map((name) => [name, '']),
    input.mapping,
  );
  const room = { ...limits, attributeCount: limits.attributeCount - left.length };
  const { attributes, ...rest } = pack({ ...input, limits: room });
  return { ...rest, attributes: { ...Object.fromEntries(left), ...attributes } };
}

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
    const name = nameThere(offer, mapping);
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

/** The limit of a platform that knows only the fields that were made there. */
const NO_FIELD = 'fields of the platform';

/** `loss` with what the platform turned out to have no place for: it is behind the reference, like what was kept out before (H4). */
export function withUnwritten(loss: readonly LossEntry[], fields: readonly string[] = []): readonly LossEntry[] {
  const more = fields.filter((field) => !loss.some((known) => known.field === field));
  return [...loss, ...more.map((field) => ({ field, limit: NO_FIELD, carriedBy: 'reference' }) as const)];
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
  if (limits.names && !limits.names.includes(name)) return { limit: NO_FIELD };
  if (used >= limits.attributeCount) return { limit: `${limits.attributeCount} attributes` };
  if (!fitsBytes(name, bytes)) return { limit: bytesLimit(limits) };
  if (fitsBytes(value, bytes)) return undefined;
  return { limit: bytesLimit(limits), ...(when === 'cut' && { cut: cutToBytes(value, bytes) }) };
}

function bytesLimit({ attributeValueBytes }: PackingLimits): string {
  return `${attributeValueBytes} bytes`;
}
