// Owns how the card makes elements: never from a string, so that nothing a customer said can become markup.

export type Child = Node | string | null | undefined | false;

export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Readonly<Record<string, string>>,
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

/** A drawing of 16 by 16 that says nothing to a screen reader: the word stands beside it. */
export function drawing(name: keyof typeof SHAPES): SVGSVGElement {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  for (const [key, value] of Object.entries({ viewBox: '0 0 16 16', 'aria-hidden': 'true', class: 'shape' })) {
    svg.setAttribute(key, value);
  }
  for (const d of SHAPES[name]) {
    const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
    path.setAttribute('d', d);
    svg.append(path);
  }
  return svg;
}

/** Moods differ by outline before they differ by colour: a falling triangle, a bar, a disc, a ring. */
const SHAPES = {
  negative: ['M1.2 3h13.6L8 14.4z'],
  neutral: ['M2 6h12v4H2z'],
  positive: ['M8 1.5a6.5 6.5 0 1 1 0 13a6.5 6.5 0 0 1 0-13z'],
  unknown: ['M8 1.5a6.5 6.5 0 1 0 0 13a6.5 6.5 0 0 0 0-13zm0 2.5a4 4 0 1 1 0 8a4 4 0 0 1 0-8z'],
  escalating: ['M1 11h3v4H1z', 'M6 7h3v8H6z', 'M11 2h3v13h-3z'],
  improving: ['M1 2h3v13H1z', 'M6 7h3v8H6z', 'M11 11h3v4h-3z'],
  stable: ['M1 8h3v7H1z', 'M6 8h3v7H6z', 'M11 8h3v7h-3z'],
  bolt: ['M9.5 0.8L3 9h4l-1 6.2L13 7H8.6z'],
  copy: [
    'M5.5 1.5h7a1.5 1.5 0 0 1 1.5 1.5v7h-1.4V3.2a.3.3 0 0 0-.3-.3H5.5z',
    'M3.5 4.5h6A1.5 1.5 0 0 1 11 6v7a1.5 1.5 0 0 1-1.5 1.5h-6A1.5 1.5 0 0 1 2 13V6a1.5 1.5 0 0 1 1.5-1.5zm.2 1.4a.3.3 0 0 0-.3.3v6.6c0 .2.1.3.3.3h5.6c.2 0 .3-.1.3-.3V6.2a.3.3 0 0 0-.3-.3z',
  ],
  done: ['M6.2 12.6L1.8 8.2l1.3-1.3 3.1 3.1 6.7-6.7 1.3 1.3z'],
} as const;
