// Owns what compliance flags take out of a context or manifest before anything is kept or sent (seed 002 §1, `complianceFlags`).
// H4: every path that was masked or withheld is named.

import { maskCardNumber, maskCardText } from './card-numbers.ts';
import { maskDtmf } from './dtmf.ts';
import type { Customer } from './interaction-context.ts';
import { nameWords } from './name-words.ts';
import type { LossEntry } from './packing.ts';

/** The flags that are acted on; others are only carried. */
type ActedOnFlag = 'pci_dss' | 'hipaa';

const CODE_MASK = '***';
const WITHHELD = '[withheld: hipaa]';

/** Names of card security codes, as words. A `cid` may be any id, so it must also look like a code. */
const CODE_NAME =
  /(^| )((cvv2?|cvc2?|cvn2?)( (code|number|value))?|(card )?security ?code( \w+)?|(card ?)?securitycode|card ?code|pin( number)?)$/;
const CARD_ID_NAME = /(^| )cid$/;

/** Words in a field's name that make its value health data (45 CFR 160.103) or an identifier of the patient (45 CFR 164.514(b)). */
export const HEALTH_WORDS = [
  'diagnosis',
  'diagnoses',
  'condition',
  'conditions',
  'medication',
  'medications',
  'prescription',
  'prescriptions',
  'medical record',
  'medical record number',
  'mrn',
  'medical history',
  'procedure',
  'procedures',
  'symptom',
  'symptoms',
  'treatment',
  'treatments',
  'allergy',
  'allergies',
  'immunization',
  'immunizations',
  'vaccination',
  'vaccinations',
  'lab result',
  'lab results',
  'test result',
  'test results',
  'blood type',
  'disability',
  'pregnancy',
  'pregnant',
  'insurance member id',
  'insurance id',
  'member id',
  'health plan',
  'health plan id',
  'health insurance',
  'patient id',
  'medicare number',
  'medicaid number',
  'icd',
  'icd10',
  'date of birth',
  'birth date',
  'birthdate',
  'birthday',
  'dob',
] as const;
const HEALTH_NAME = new RegExp(`(^| )(${HEALTH_WORDS.join('|')})( |$)`);

export type Masked<Value> = {
  readonly value: Value;
  /** By dotted paths, such as `context.dtmfSequence`, as a handoff's loss report names them. */
  readonly loss: readonly LossEntry[];
};

/**
 * A copy without what the flags forbid, in the same shape and key order. `pci_dss`: card numbers anywhere keep their last four
 * digits, security codes none. `hipaa`: fields named as health data are withheld; health told in free text cannot be found by
 * name and stays. What is masked already is not named again. `value` is JSON; where a number or a list is masked it becomes text.
 */
export function mask<Value>(value: Value, flags: readonly string[]): Masked<Value> {
  const raised = new Set(flags.map((flag) => nameWords(flag).join('_')));
  const rules = { pci: raised.has('pci_dss'), hipaa: raised.has('hipaa') };
  if (!rules.pci && !rules.hipaa) return { value, loss: [] };
  const loss: LossEntry[] = [];
  const copy = masked({ value, path: [], name: '' }, rules, loss) as Value;
  return { value: copy, loss };
}

/**
 * Seed 002 §1's `piiMasked`: whether anything of it was masked or withheld, by who told us or by ourselves. `loss`: a handoff's, or what was taken
 * out on the way in.
 */
export function isPiiMasked(customer: Pick<Customer, 'piiMasked'>, loss: readonly LossEntry[]): boolean {
  return customer.piiMasked === true || loss.some(({ carriedBy }) => carriedBy !== 'reference');
}

/** The customer as a handoff tells of them. */
export function withPiiMasked(customer: Customer, loss: readonly LossEntry[]): Customer {
  return isPiiMasked(customer, loss) ? { ...customer, piiMasked: true } : customer;
}

type Rules = { readonly pci: boolean; readonly hipaa: boolean };
/** `name`: the field's name as words, also for what is in a list under that name. */
type Node = { readonly value: unknown; readonly path: readonly string[]; readonly name: string };

function masked(node: Node, rules: Rules, loss: LossEntry[]): unknown {
  const { value, path, name } = node;
  const replaced = (by: unknown, limit: ActedOnFlag, carriedBy: 'masked' | 'withheld'): unknown => {
    if (!Object.is(by, value)) loss.push({ field: path.join('.'), limit, carriedBy });
    return by;
  };
  if (rules.hipaa && HEALTH_NAME.test(name) && saysSomething(value)) return replaced(WITHHELD, 'hipaa', 'withheld');
  if (rules.pci && isSecurityCode(name, value)) return replaced(CODE_MASK, 'pci_dss', 'masked');
  if (rules.pci && /^dtmf/.test(name) && isTextList(value)) return replaced(maskDtmf(value), 'pci_dss', 'masked');
  if (rules.pci && typeof value === 'string') return replaced(maskedText(name, value), 'pci_dss', 'masked');
  if (rules.pci && typeof value === 'number') return replaced(maskCardNumber(value) ?? value, 'pci_dss', 'masked');
  if (Array.isArray(value)) {
    return value.map((item, index) => masked({ value: item, path: [...path, `${index}`], name }, rules, loss));
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      masked({ value: inner, path: [...path, key], name: nameWords(key).join(' ') }, rules, loss),
    ]),
  );
}

function isSecurityCode(name: string, value: unknown): boolean {
  if (!saysSomething(value)) return false;
  return CODE_NAME.test(name) || (CARD_ID_NAME.test(name) && /^\d{3,4}$/.test(textOf(value)));
}

function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? `${value}` : '';
}

/** Keys may also be recorded as one text. What one reading masks can part keys for the other: so until nothing changes. */
function maskedText(name: string, text: string): string {
  if (!/^dtmf/.test(name)) return maskCardText(text);
  let masked = text;
  for (let next = maskedKeys(masked); next !== masked; next = maskedKeys(masked)) masked = next;
  return masked;
}

function maskedKeys(text: string): string {
  return maskCardText(maskDtmf(Array.from(text)).join(''));
}

function isTextList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function saysSomething(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '';
}
