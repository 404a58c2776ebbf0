// Owns what a signal asks of a script: the words of p1, and that the parameters may be called p or sp (NICE's own pages
// name them both ways, so a script that is shipped must take both).

import type { Params } from './contact.ts';

export type Ask =
  | { readonly kind: 'escalate'; readonly skillId: string; readonly card: string; readonly targetAgentId: string }
  | { readonly kind: 'transfer'; readonly number: string; readonly token: string; readonly blind: boolean }
  | { readonly kind: 'requeue'; readonly skillId: string }
  | { readonly kind: 'context'; readonly values: Readonly<Record<string, string>> }
  | { readonly kind: 'release' }
  /** The script has no branch for it. */
  | { readonly kind: 'unknown' };

/** p1…p9 and sp1…sp9, whichever came; the rest falls away, as does what is no text or number. */
export function readParams(given: Readonly<Record<string, unknown>>): Params {
  const params: Record<string, string> = {};
  for (const [name, value] of Object.entries(given)) {
    const number = /^s?p([1-9])$/i.exec(name)?.[1];
    if (number === undefined) continue;
    if (typeof value === 'string' || typeof value === 'number') params[`p${number}`] = String(value);
  }
  return params;
}

export function readAsk(params: Params): Ask {
  const { p1 = '', p2 = '', p3 = '', p4 = '' } = params;
  switch (p1.toLowerCase()) {
    case 'escalate':
      return { kind: 'escalate', skillId: p2, card: p3, targetAgentId: p4 };
    case 'transfer':
      return { kind: 'transfer', number: p2, token: p3, blind: p4.toUpperCase() === 'BLINDXFER' };
    case 'requeue':
      return { kind: 'requeue', skillId: p2 };
    case 'context':
      return { kind: 'context', values: readValues(params) };
    case 'release':
      return { kind: 'release' };
    default:
      return { kind: 'unknown' };
  }
}

/** `name=value` each; what has no name keeps its parameter's. */
function readValues({ p1: _word, ...rest }: Params): Readonly<Record<string, string>> {
  const values: Record<string, string> = {};
  for (const [name, text] of Object.entries(rest)) {
    const mark = text.indexOf('=');
    if (mark > 0) values[text.slice(0, mark)] = text.slice(mark + 1);
    else values[name] = text;
  }
  return values;
}
