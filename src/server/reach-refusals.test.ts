// Tests that docs/errors.md lists every word with which a link or a callback comes to nothing, and no other.

import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { REACH_REFUSALS } from './reach-refusals.ts';

const text = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');

it('docs/errors.md lists every reason of a link or a callback, and no other', () => {
  const section = text('../../docs/errors.md')
    .split('## Why a link or a callback came to nothing')[1]
    ?.split('\n## ')[0];
  const listed = [...(section ?? '').matchAll(/^\| `([a-z-]+)`/gm)].map(([, word]) => word);
  const sources = ['deflection', 'claim', 'handoff'].map((name) => text(`../protocols/${name}.ts`)).join('\n');
  const ended = sources.matchAll(/offerEnded\([^'\n]*'[a-z]+', '([a-z-]+)'/g);
  const answered = sources.matchAll(/const ANSWERED = '([a-z-]+)'/g);
  const said = [...ended, ...answered].map(([, reason]) => reason);
  expect(said).toContain('sms-not-delivered');
  expect(listed.toSorted()).toEqual([...new Set([...said, ...REACH_REFUSALS])].toSorted());
});
