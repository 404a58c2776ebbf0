// Owns what the fields of a handoff are called among a conversation's attributes, and which are worth most where few fit (seed 004 §2,
// seed 002 §1). What may be told by name is told under these, or under the platform's own (mapping.ts), and under no others (H4).

import type { Channel } from './conversation.ts';
import type { Customer, InteractionContext } from './interaction-context.ts';
import type { Manifest } from './manifest.ts';
import { type Mapping, type Named, ownName } from './mapping.ts';

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
/** `true` where anything was masked or withheld (seed 002 §1); not written where nothing was. */
export const PII_MASKED = 'piiMasked';
/** Before a context field that is not in the schema, written as JSON. */
export const OTHER_FIELD_PREFIX = 'context.';

/** Without these the rest cannot be found, or is not what it seems: they are written under their own names where a mapping says nothing of them. */
const ALWAYS: ReadonlySet<string> = new Set([
  ATTRIBUTE.interactionId,
  ATTRIBUTE.manifestRef,
  ATTRIBUTE.contextRef,
  ATTRIBUTE.briefing,
  ATTRIBUTE.summary,
  PII_MASKED,
]);

const RESERVED: ReadonlySet<string> = new Set([
  ...Object.values(ATTRIBUTE),
  ...TEXT_FIELDS,
  ...JSON_FIELDS,
  ...CUSTOMER_FIELDS,
  PII_MASKED,
]);

/** The context's fields that have a name of their own among the attributes. */
const KNOWN_FIELDS: ReadonlySet<string> = new Set([...TEXT_FIELDS, ...JSON_FIELDS, 'attributes']);

/** A custom attribute or slot may not pass for a field of ours. */
export function isReserved(name: string): boolean {
  return RESERVED.has(name) || name.startsWith(OTHER_FIELD_PREFIX);
}

/** What the platform calls a field; undefined where it is not to be told there. */
export function nameThere(field: Named, mapping: Mapping | undefined): string | undefined {
  return ownName(field, mapping, ALWAYS);
}

/** Where a field is, by our name of it among the attributes: as `Offer.field` says it. */
export function fieldOf(name: string): string {
  const isIn = (names: readonly string[]) => names.includes(name);
  if (name === ATTRIBUTE.manifest) return 'manifest';
  if (name === ATTRIBUTE.queue) return 'manifest.recommended_queue';
  if (name === PII_MASKED || isIn(CUSTOMER_FIELDS)) return `customer.${name}`;
  if (isIn(TEXT_FIELDS) || isIn(JSON_FIELDS)) return `context.${name}`;
  if (isIn(Object.values(ATTRIBUTE)) || name.startsWith(OTHER_FIELD_PREFIX)) return name;
  return `context.attributes.${name}`;
}

/** One field as it would be written: by where it is, by our name of it, as text. */
export type Offer = {
  readonly field: string;
  readonly name: string;
  readonly value: string;
  /** `cut`: its start is worth having. `copy`: the manifest carries it anyway. */
  readonly when?: 'cut' | 'copy';
  readonly nameTaken?: boolean;
};

type Known = { readonly manifest?: Manifest; readonly context: InteractionContext; readonly customer?: Customer };

/** `json`: the manifest, where it may be written whole. */
type Told = { readonly briefing: string; readonly summary: string; readonly json?: string };

/** Most valuable first. */
const ORDER: readonly string[] = [
  'intent',
  'authenticationStatus',
  'accountNumber',
  PII_MASKED,
  'sentiment',
  'previousQueue',
  'complianceFlags',
  'dtmfSequence',
  'holdDurationSec',
  ...CUSTOMER_FIELDS,
];
/** Whoever takes a call must not ask for its keys again (seed 002, edge case 2). Where it goes, it has been told by other means. */
const ORDER_OF_CALLS: readonly string[] = [
  ...['dtmfSequence', 'intent', 'authenticationStatus', 'accountNumber', ATTRIBUTE.queue],
  ...ORDER.filter((name) => !['dtmfSequence', 'intent', 'authenticationStatus', 'accountNumber'].includes(name)),
];

/** All of a handoff, in order of value. */
export function offersOf(
  known: Known & { readonly interactionId: string; readonly channel: Channel },
  { briefing, summary, json }: Told,
): readonly Offer[] {
  const queue = offer('manifest.recommended_queue', ATTRIBUTE.queue, known.manifest?.recommended_queue);
  const isCall = known.channel === 'voice';
  return [
    ...offer('manifest', ATTRIBUTE.manifest, json),
    ...prose(ATTRIBUTE.briefing, briefing),
    ...(isCall ? [] : queue),
    ...prose(ATTRIBUTE.summary, summary),
    ...offer('interactionId', ATTRIBUTE.interactionId, known.interactionId),
    ...inOrder([...ownFields(known), ...(isCall ? queue : [])], isCall ? ORDER_OF_CALLS : ORDER),
    ...customFields(known),
  ];
}

/** Context and customer under the platform's names, without limits; what has no name there is left out. */
export function namedContext(known: Omit<Known, 'manifest'>, mapping: Mapping | undefined): Record<string, string> {
  const told = new Map<string, string>();
  for (const one of [...inOrder(ownFields(known), ORDER), ...customFields(known)]) {
    const name = one.nameTaken || one.name === '' ? undefined : nameThere(one, mapping);
    if (name !== undefined && !told.has(name)) told.set(name, one.value);
  }
  return Object.fromEntries(told);
}

function inOrder(offers: readonly Offer[], order: readonly string[]): readonly Offer[] {
  return offers.toSorted((one, other) => order.indexOf(one.name) - order.indexOf(other.name));
}

function ownFields({ context, customer }: Known): readonly Offer[] {
  return [
    ...TEXT_FIELDS.flatMap((name) => offer(`context.${name}`, name, context[name])),
    ...JSON_FIELDS.flatMap((name) => offer(`context.${name}`, name, asJson(context[name]))),
    ...CUSTOMER_FIELDS.flatMap((name) => offer(`customer.${name}`, name, customer?.[name])),
    ...offer(`customer.${PII_MASKED}`, PII_MASKED, customer?.piiMasked === true ? 'true' : undefined),
  ];
}

/** What bot and operator have made up themselves. */
function customFields({ manifest, context }: Known): readonly Offer[] {
  const slots = manifest?.slots_collected ?? {};
  const copies = Object.entries(slots).flatMap(([name, slot]) =>
    offer(`manifest.slots_collected.${name}`, name, typeof slot === 'string' ? slot : asJson(slot)).map((one) => ({
      ...one,
      when: 'copy' as const,
      nameTaken: isReserved(name),
    })),
  );
  const attributes = Object.entries(context.attributes ?? {}).map(([name, value]) => {
    const nameTaken = isReserved(name) || Object.hasOwn(slots, name);
    return { field: `context.attributes.${name}`, name, value, nameTaken };
  });
  const others = Object.entries(context).flatMap(([name, value]) =>
    KNOWN_FIELDS.has(name) ? [] : offer(`context.${name}`, `${OTHER_FIELD_PREFIX}${name}`, asJson(value)),
  );
  return [...copies, ...attributes, ...others];
}

function offer(field: string, name: string, value: string | undefined): readonly Offer[] {
  return value === undefined ? [] : [{ field, name, value }];
}

function prose(name: string, value: string): readonly Offer[] {
  return value === '' ? [] : [{ field: name, name, value, when: 'cut' }];
}

/** Undefined for what JSON leaves out. */
function asJson(value: unknown): string | undefined {
  return JSON.stringify(value);
}

/** A context without the fields that a platform is not to be told at all: no sentence that we write for it says them, either. */
export function withoutKeptBack(context: InteractionContext, mapping: Mapping | undefined): InteractionContext {
  if (!mapping) return context;
  const isKeptBack = (name: string) => Object.hasOwn(mapping, name) && mapping[name] === null;
  return Object.fromEntries(Object.entries(context).filter(([name]) => !isKeptBack(name)));
}
