// What the pages weigh, as a browser is sent them.

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const BUILT = fileURLToPath(new URL('../../dist/web/', import.meta.url));

/** Bytes of the page and of everything it names, compressed with gzip: the larger of the two forms that are served. */
function weight(page: string): number {
  const html = readFileSync(`${BUILT}${page}/index.html`, 'utf8');
  const named = [...html.matchAll(/"\/(assets\/[^"]+)"/g)].map(([, name]) => name ?? '');
  expect(named.length).toBeGreaterThan(1);
  return [`${page}/index.html`, ...named].reduce((sum, name) => sum + statSync(`${BUILT}${name}.gz`).size, 0);
}

it.each([
  ['card', 15],
  ['claim', 12],
  ['console', 100],
])('the %s is at most %d KB compressed', (page, kilobytes) => {
  const bytes = weight(page);
  expect(bytes).toBeGreaterThan(1_000);
  expect(bytes).toBeLessThanOrEqual(kilobytes * 1024);
});

it('nothing is loaded that its page does not name: no piece comes late', () => {
  const assets = readdirSync(`${BUILT}assets`).filter((name) => name.endsWith('.js'));
  expect(assets.map((name) => name.split('-')[0]).sort()).toEqual(['card', 'claim', 'console']);
});
