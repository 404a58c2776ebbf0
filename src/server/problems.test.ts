// Tests the registry of problems, and that docs/errors.md lists every word we say and no other.

import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { PLACE_REFUSALS } from '../execute-place.ts';
import { FLOW_REASONS } from './flow-reasons.ts';
import { PROBLEMS, Problem, type ProblemCode, problemResponse } from './problems.ts';

const text = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');
const manual = text('../../docs/errors.md');

/** The rows of the table under this heading, each as its cells; the first cell without its backticks. */
function rowsUnder(heading: string): readonly (readonly string[])[] {
  const section = manual.split(/^## /m).find((one) => one.startsWith(`${heading}\n`)) ?? '';
  return section
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.slice(2, -2).split(' | '))
    .map(([word = '', ...cells]) => [word.replaceAll('`', ''), ...cells]);
}

const wordsUnder = (heading: string) => rowsUnder(heading).map(([word]) => word);

/** The words of a union type in our source. */
function wordsOf(path: string, type: string): readonly string[] {
  const declared = new RegExp(`export type ${type} =([\\s\\S]*?);`).exec(text(path))?.[1] ?? '';
  return [...declared.matchAll(/^ {2}\| '([a-z-]+)'/gm)].map(([, word = '']) => word);
}

describe('docs/errors.md', () => {
  it('lists every problem as the registry has it, and no other', () => {
    const registered = Object.entries(PROBLEMS).map(([code, { status, title, help }]) => [
      code,
      `${status}`,
      title,
      help,
    ]);
    expect(rowsUnder('Problems')).toEqual(registered);
  });

  it('lists every refusal of the machine', () => {
    const refusals = wordsOf('../protocols/event.ts', 'RefusalCode');
    expect(refusals).toContain('handoff-in-progress');
    for (const code of refusals) expect(wordsUnder('Problems')).toContain(code);
  });

  it('lists every failure code, and no other', () => {
    const codes = wordsOf('../outcome.ts', 'FailureCode');
    expect(codes).toContain('rate-limited');
    expect(wordsUnder("What became of a vendor's call")).toEqual(codes);
  });

  it('lists every reason a handoff settles with, and no other', () => {
    const folder = new URL('../protocols/', import.meta.url);
    const sources = readdirSync(folder).filter((name) => name.endsWith('.ts') && !name.includes('.test.'));
    const said = [
      /reason: '([a-z-]+)'/g,
      /const reason = [^'\n]*'[a-z-]+' \? '([a-z-]+)'/g,
      /deadLetter\([^'\n]*'([a-z-]+)'/g,
      /OrCompensate\([^'\n]*'([a-z-]+)'/g,
      /code === 'not-found' \? '([a-z-]+)'/g,
      /refused\('([a-z-]+)'\)/g,
      /accept: false, because: '([a-z-]+)'/g,
      /returning\([^'\n]*'[a-z]+', sides, '([a-z-]+)'/g,
      /astray\([^'\n]*'([a-z-]+)'/g,
    ];
    const all = sources.map((name) => text(`../protocols/${name}`)).join('\n');
    const forbidden = /function forbids[\s\S]*?\n}/.exec(text('../protocols/transfer.ts'))?.[0] ?? '';
    const found = [
      ...said.flatMap((pattern) => [...all.matchAll(pattern)].map(([, reason]) => reason ?? '')),
      ...[...forbidden.matchAll(/return '([a-z-]+)'/g)].map(([, reason]) => reason ?? ''),
      ...PLACE_REFUSALS,
      ...[...text('../platforms/platform.ts').matchAll(/`(agent-(?:busy|away)|queue-unstaffed)`/g)].map(
        ([, code]) => code ?? '',
      ),
    ];
    const reasons = found.filter((reason) => !OF_INTERACTIONS.includes(reason));
    expect(reasons).toContain('conversation-not-found');
    expect(wordsUnder('Why a handoff settled')).toEqual([...new Set(reasons)].sort());
  });

  it('lists every reason of a flat call, and no other', () => {
    expect(wordsUnder('What a flow is told')).toEqual([...FLOW_REASONS]);
  });
});

/** Why an interaction was erased or taken as ended, which is no handoff's reason. */
const OF_INTERACTIONS = ['request', 'retention', 'idle'];

describe('a problem', () => {
  const documentOf = async (problem: Problem) => {
    const response = problemResponse(problem);
    return { response, document: await response.json() };
  };

  it.each(Object.keys(PROBLEMS) as ProblemCode[])('%s is told as RFC 9457 §3 says', async (code) => {
    const { response, document } = await documentOf(new Problem(code));
    const { status, title, help } = PROBLEMS[code];
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(document).toEqual({ type: `/docs#${code}`, title, status, code, detail: help });
  });

  it('says what it is given to say, and never its cause', async () => {
    const cause = new Error('the customer’s phone is +14155551234');
    const says = { handoffId: 'x.1', detail: 'more', errors: [{ path: 'a', message: 'b' }], cause };
    const { document } = await documentOf(new Problem('handoff-in-progress', says));
    expect(document).toMatchObject({ handoffId: 'x.1', detail: 'more', errors: [{ path: 'a', message: 'b' }] });
    expect(JSON.stringify(document)).not.toContain('+1415');
  });

  it('asks for a key with 401 (RFC 9110 §11.6.1) and for patience with 503', () => {
    expect(problemResponse(new Problem('unauthorized')).headers.get('www-authenticate')).toMatch(/^Bearer/);
    expect(problemResponse(new Problem('journal-unavailable')).headers.get('retry-after')).toBe('1');
  });
});
