// Owns the way back from a conversation's attributes to manifest and context: the inverse of packing.ts.

import {
  ATTRIBUTE,
  CUSTOMER_FIELDS,
  isReserved,
  JSON_FIELDS,
  OTHER_FIELD_PREFIX,
  PII_MASKED,
  TEXT_FIELDS,
} from './fields.ts';
import type { Customer, InteractionContext } from './interaction-context.ts';
import { interactionContext } from './interaction-context.ts';
import type { Manifest } from './manifest.ts';
import { parseManifest } from './manifest.ts';
import type { Whole } from './packing.ts';

export type Unpacked = Whole & {
  readonly interactionId?: string;
  /** What the whole is fetched with, when the attributes name a reference. */
  readonly ref?: string;
  /** False when the rest is behind a reference that was not fetched, or an attribute of ours could not be read. */
  readonly complete: boolean;
};

/**
 * What `pack` was given, from the attributes and, where they name a reference, the fetched whole; with null instead, as much as
 * the attributes hold. Of the customer the attributes hold segment, customer id and whether anything is masked. An empty `context.attributes` comes
 * back as none. Never throws: attributes are a vendor's word. Those that others wrote are read as custom attributes.
 */
export function unpack(attributes: Readonly<Record<string, string>>, fetched: Whole | null): Unpacked {
  const interactionId = attributes[ATTRIBUTE.interactionId];
  // An empty value is what a later handoff left of an earlier one's (`packAgain`).
  const ref = attributes[ATTRIBUTE.manifestRef] || attributes[ATTRIBUTE.contextRef] || undefined;
  const names = { ...(interactionId !== undefined && { interactionId }), ...(ref !== undefined && { ref }) };
  if (fetched) return { ...fetched, ...names, complete: true };

  const unread: string[] = [];
  const manifest = inlineManifest(attributes, unread);
  const customer = customerOf(attributes);
  const context = contextOf(attributes, manifest, unread);
  const complete = ref === undefined && unread.length === 0;
  return { ...(manifest && { manifest }), context, ...(customer && { customer }), ...names, complete };
}

function inlineManifest(attributes: Readonly<Record<string, string>>, unread: string[]): Manifest | undefined {
  const json = attributes[ATTRIBUTE.manifest];
  if (!json) return undefined;
  // What was attached is the bare object, so it is read as one: one of its own fields may be called `handoff_manifest`.
  const parsed = parseManifest({ handoff_manifest: fromJson(json) });
  if (parsed.ok) return parsed.manifest;
  unread.push(ATTRIBUTE.manifest);
  return undefined;
}

function customerOf(attributes: Readonly<Record<string, string>>): Customer | undefined {
  const fields = CUSTOMER_FIELDS.flatMap((name) => {
    const value = attributes[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  const masked = attributes[PII_MASKED] === 'true' ? { piiMasked: true } : undefined;
  return fields.length > 0 || masked ? { ...Object.fromEntries(fields), ...masked } : undefined;
}

function contextOf(
  attributes: Readonly<Record<string, string>>,
  manifest: Manifest | undefined,
  unread: string[],
): InteractionContext {
  const slots = manifest?.slots_collected ?? {};
  const known = new Map<string, unknown>();
  const custom = new Map<string, string>();
  for (const [name, value] of Object.entries(attributes)) {
    const field = contextField(name, value);
    if (field && field.value !== undefined) known.set(field.name, field.value);
    else if (field) unread.push(name);
    else if (!isReserved(name) && !Object.hasOwn(slots, name)) custom.set(name, value);
  }
  return { ...Object.fromEntries(known), ...(custom.size > 0 && { attributes: Object.fromEntries(custom) }) };
}

/** The context field that an attribute holds; its value undefined when it cannot be read. */
function contextField(name: string, value: string): { readonly name: string; readonly value: unknown } | undefined {
  if (TEXT_FIELDS.some((field) => field === name)) return { name, value };
  const jsonField = JSON_FIELDS.find((field) => field === name);
  if (jsonField) return { name, value: interactionContext.shape[jsonField].safeParse(fromJson(value)).data };
  if (name.startsWith(OTHER_FIELD_PREFIX))
    return { name: name.slice(OTHER_FIELD_PREFIX.length), value: fromJson(value) };
  return undefined;
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
