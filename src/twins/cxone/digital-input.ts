// Owns what the digital platform takes and refuses in a request, field by field: custom fields whose names must exist, skills
// that must be digital, and its words for both.

import { isRecord } from '../exchange.ts';
import { type ApiResult, isRefusal, type Refusal, refuse } from './api.ts';
import type { CustomFields, Digital } from './digital.ts';
import type { Skill, Tenant } from './tenant.ts';

/** NICE help, UPDATE CUSTOM FIELD. */
const LONGEST_VALUE = 1_024;

export type DigitalRouteParts = {
  readonly digital: Digital;
  readonly tenant: Tenant;
  /** The names of custom fields that exist. */
  readonly idents: () => readonly string[];
};

export type Fields = Readonly<Record<string, unknown>>;

/** All of them or none. */
export function readFields({ idents }: DigitalRouteParts, value: unknown): Readonly<Record<string, string>> | Refusal {
  if (!Array.isArray(value)) return invalid('customFields', 'This value should be of type array');
  const known = new Set(idents());
  const fields: Record<string, string> = {};
  for (const each of value as readonly unknown[]) {
    const { ident, value: text }: Fields = isRecord(each) ? each : {};
    if (!filled(ident) || typeof text !== 'string') return invalid('customFields', 'Each needs ident and value');
    if (!known.has(ident)) return invalid(`customFields.${ident}`, `Custom field "${ident}" does not exist`);
    if (text.length > LONGEST_VALUE)
      return invalid(`customFields.${ident}`, `The value is longer than ${LONGEST_VALUE}`);
    fields[ident] = text;
  }
  return fields;
}

export function writeFields(parts: DigitalRouteParts, into: CustomFields, body: unknown): ApiResult {
  const fields = readFields(parts, body);
  if (isRefusal(fields)) return fields;
  parts.digital.setFields(into, fields);
  return { status: 204 };
}

export function digitalSkill(tenant: Tenant, id: unknown): Skill | undefined {
  const skill =
    typeof id === 'number' || (typeof id === 'string' && /^\d+$/.test(id)) ? tenant.skill(Number(id)) : undefined;
  return skill?.media === 'digital' && skill.active ? skill : undefined;
}

export function filled(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

export function invalid(field: string, message: string): Refusal {
  return refuse(400, 'validation_error', message, field);
}
