// Owns whether what was known of a caller can be read where they have arrived: each field in the destination's conversation, or behind the
// reference that stands in it, digits serialised, and a card number nowhere (H4). Pure but for deep equality.

import { isDeepStrictEqual } from 'node:util';
import type { Place } from './proof-transfer-places.ts';
import type { TransferPlan } from './proof-transfer-plan.ts';

type Arrived = {
  readonly plan: TransferPlan;
  readonly place: Place;
  readonly manifestRef: string | undefined;
  readonly whole: Readonly<Record<string, unknown>> | undefined;
};

/** What cannot be read, or could be and must not be; empty when all is well. */
export function missingAt({ plan, place, manifestRef, whole }: Arrived): readonly string[] {
  const { values } = place;
  const refers = manifestRef !== undefined && Object.values(values).includes(manifestRef);
  const behind = refers ? (whole ?? {}) : {};
  const readable = (part: string, name: string, expected: unknown): boolean => {
    const written = typeof expected === 'string' ? expected : JSON.stringify(expected);
    return values[name] === written || isDeepStrictEqual(inside(behind, part)[name], expected);
  };
  const { attributes, dtmfSequence, ...context } = plan.context;
  const missing = [
    ...Object.entries(context).filter(([name, value]) => !readable('context', name, value)),
    ...Object.entries(plan.customer)
      .filter(([name]) => name !== 'name')
      .filter(([name, value]) => !readable('customer', name, value)),
  ].map(([name]) => name);
  for (const [name, value] of Object.entries(inside({ attributes }, 'attributes'))) {
    const theirs = inside(inside(behind, 'context'), 'attributes')[name];
    if (values[name] !== value && theirs !== value) missing.push(`attributes.${name}`);
  }
  if (plan.manifest && !manifestIn(values, behind, plan.manifest)) missing.push('manifest');
  return [...missing, ...digitsAt(values, behind, dtmfSequence, plan.secret)];
}

function manifestIn(values: Place['values'], behind: Readonly<Record<string, unknown>>, manifest: object): boolean {
  if (isDeepStrictEqual(behind.manifest, manifest)) return true;
  return values.handoff_manifest !== undefined && isDeepStrictEqual(JSON.parse(values.handoff_manifest), manifest);
}

/** The digits are there, serialised; those of a card are not. */
function digitsAt(
  values: Place['values'],
  behind: Readonly<Record<string, unknown>>,
  keyed: unknown,
  secret: string | undefined,
): readonly string[] {
  const shown = values.dtmfSequence ?? JSON.stringify(inside(behind, 'context').dtmfSequence) ?? '';
  if (secret === undefined) return shown === JSON.stringify(keyed) ? [] : ['dtmfSequence'];
  const everything = `${JSON.stringify(values)}${JSON.stringify(behind)}`.replaceAll(/[^\d*]/g, '');
  if (everything.includes(secret)) return ['the card number can be read'];
  const kept = shown.startsWith('["1","3","') && shown.includes('*');
  return kept ? [] : ['dtmfSequence'];
}

function inside(record: Readonly<Record<string, unknown>>, name: string): Readonly<Record<string, unknown>> {
  const value = record[name];
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
