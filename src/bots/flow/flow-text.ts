// Owns how places in a flow's texts are filled: values by path, never code. What is not known is empty, or what stands behind the bar.

import { nameWords } from '../../context/name-words.ts';

/** What a flow knows, by path. Names without a dot are its own variables. */
export type Known = Readonly<Record<string, unknown>>;

const PLACE = /\{\{\s*([\w.-]+)(:words)?\s*(?:\|([^{}]*))?\}\}/g;
const LONGEST = 4_000;

/** `{{path}}` and `{{path|otherwise}}` filled; `{{path:words}}` reads a code as people do. `encode` is what makes a value fit where it goes. */
export function filled(text: string, known: Known, encode: (value: string) => string = (value) => value): string {
  return text
    .replace(PLACE, (_, path: string, words: string | undefined, otherwise = '') => {
      const value = textOf(valueAt(known, path));
      return encode((words === undefined ? value : nameWords(value).join(' ')) || otherwise);
    })
    .slice(0, LONGEST);
}

/** The value at a path; undefined where there is none. Only what the value itself has, never what it inherits. */
export function valueAt(known: Known, path: string): unknown {
  return path.split('.').reduce<unknown>((value, name) => {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    return (value as Known)[name];
  }, known);
}

export function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}

/** The choice that the customer's words name; they may say more than the word. Undefined when none or several are. */
export function chosen(text: string, choices: Readonly<Record<string, readonly string[]>>): string | undefined {
  const said = ` ${plain(text)} `;
  const named = Object.entries(choices).filter(([, words]) => words.some((word) => said.includes(` ${plain(word)} `)));
  return named.length === 1 ? named[0]?.[0] : undefined;
}

function plain(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}
