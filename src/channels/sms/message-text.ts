// Owns the words that are texted: a template with the brand and the link and nothing else, so that nothing personal can get into
// it, and never more parts than are paid for. Pure.

import { type Segments, segmentsOf } from './segments.ts';

export type TextTemplate = { readonly text: string; readonly maxSegments: number };

export type ComposedText =
  | { readonly kind: 'composed'; readonly text: string; readonly segments: Segments }
  | { readonly kind: 'refused'; readonly because: 'link-not-https' | 'too-long' };

export const DEFAULT_TEMPLATE: TextTemplate = {
  text: '{brand}: continue here, no need to hold: {link} Reply STOP to opt out.',
  maxSegments: 2,
};

const PLACEHOLDER = /\{([^{}]*)\}/g;

/** What is wrong with a template, one line per fault; none when it can be used. Asked once, at the start. */
export function templateFaults({ text, maxSegments }: TextTemplate): readonly string[] {
  const names = [...text.matchAll(PLACEHOLDER)].map(([, name = '']) => name);
  const strange = names.filter((name) => name !== 'brand' && name !== 'link');
  return [
    ...(names.filter((name) => name === 'link').length === 1 ? [] : ['needs {link}, once']),
    ...strange.map((name) => `knows {brand} and {link}, not {${name}}`),
    ...(maxSegments === 1 || maxSegments === 2 ? [] : ['takes one or two segments']),
  ];
}

/** The text with brand and link filled in, or why it cannot be sent. The link's host may be loopback, where nothing is at stake. */
export function composeText(
  template: TextTemplate,
  fill: { readonly brand: string; readonly link: string },
): ComposedText {
  if (!isSafeLink(fill.link)) return { kind: 'refused', because: 'link-not-https' };
  const text = template.text.replace(PLACEHOLDER, (_all, name: string) => (name === 'link' ? fill.link : fill.brand));
  const segments = segmentsOf(text);
  return segments.count > template.maxSegments
    ? { kind: 'refused', because: 'too-long' }
    : { kind: 'composed', text, segments };
}

function isSafeLink(link: string): boolean {
  const url = URL.parse(link);
  if (url === null || /\s/.test(link)) return false;
  return (
    url.protocol === 'https:' || (url.protocol === 'http:' && /^(127\.0\.0\.1|localhost|\[::1\])$/.test(url.hostname))
  );
}
