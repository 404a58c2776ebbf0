// Owns the drawing of a bar chart as SVG: groups of labelled horizontal bars on one scale, readable on light and on dark paper.

export type Bar = { readonly label: string; readonly value: number; readonly strong: boolean };

export type Chart = {
  readonly title: string;
  readonly groups: readonly { readonly title: string; readonly bars: readonly Bar[] }[];
  readonly footnote: string;
};

const WIDTH = 760;
const LEFT = 190;
const RIGHT = 90;
const TOP = 56;
const ROW = 30;
const BAR = 18;
const GROUP_HEAD = 34;
const GROUP_GAP = 14;

const STYLE = `
  text { font: 13px system-ui, -apple-system, 'Segoe UI', sans-serif; fill: #1f2328; }
  .title { font-size: 17px; font-weight: 600; }
  .group { font-weight: 600; }
  .note { font-size: 11px; fill: #59636e; }
  .value { font-variant-numeric: tabular-nums; }
  .bar { fill: #9aa4b2; }
  .strong { fill: #1f6feb; }
  .axis { stroke: #d1d9e0; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; }
    .note { fill: #9198a1; }
    .bar { fill: #6e7681; }
    .strong { fill: #4493f8; }
    .axis { stroke: #3d444d; }
  }`;

/** The chart as one SVG document with no outside reference. Bars begin at zero and share one scale. */
export function barChart({ title, groups, footnote }: Chart): string {
  const most = Math.max(1, ...groups.flatMap(({ bars }) => bars.map(({ value }) => value)));
  const lines: string[] = [];
  let y = TOP;
  for (const group of groups) {
    lines.push(text(16, y + 14, group.title, 'group'));
    const from = y + GROUP_HEAD - 8;
    y += GROUP_HEAD;
    for (const bar of group.bars) {
      lines.push(...drawBar(bar, y, most));
      y += ROW;
    }
    lines.push(`<line class="axis" x1="${LEFT}" x2="${LEFT}" y1="${from}" y2="${y - 6}"/>`);
    y += GROUP_GAP;
  }
  const height = y + 26;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escaped(title)}">`,
    `<style>${STYLE}\n</style>`,
    text(16, 30, title, 'title'),
    ...lines,
    text(16, height - 12, footnote, 'note'),
    '</svg>',
    '',
  ].join('\n');
}

function drawBar({ label, value, strong }: Bar, y: number, most: number): readonly string[] {
  const length = Math.max(1, (value / most) * (WIDTH - LEFT - RIGHT));
  const middle = y + BAR / 2 + 4.5;
  return [
    `<text x="${LEFT - 10}" y="${middle}" text-anchor="end">${escaped(label)}</text>`,
    `<rect class="${strong ? 'strong' : 'bar'}" x="${LEFT}" y="${y}" width="${length.toFixed(1)}" height="${BAR}" rx="3"/>`,
    text(LEFT + length + 8, middle, Math.round(value).toLocaleString('en'), 'value'),
  ];
}

const text = (x: number, y: number, words: string, kind: string) =>
  `<text class="${kind}" x="${Number(x.toFixed(1))}" y="${y}">${escaped(words)}</text>`;

const escaped = (words: string) =>
  words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
