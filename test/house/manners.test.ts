// Owns the proof of the manners that no linter knows: sizes of files, promises of later work, and paths of somebody's machine.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const HARD_LIMIT = 500;
const AIM = 300;

type Source = { readonly name: string; readonly text: string };

/** Every text file of ours below these folders; names are relative to the project and use forward slashes. */
function sourcesIn(...folders: readonly string[]): readonly Source[] {
  return folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !/[\\/]node_modules([\\/]|$)/.test(entry.parentPath.slice(root.length)))
      .filter((entry) => /\.(ts|tsx|mjs|md|grit|yaml|html|css)$/.test(entry.name))
      .map((entry) => {
        const path = join(entry.parentPath, entry.name);
        return { name: path.slice(root.length).replaceAll('\\', '/'), text: readFileSync(path, 'utf8') };
      }),
  );
}

const linesOf = ({ text }: Source): number => text.trimEnd().split('\n').length;

/** `file:line` of every line that matches. */
function linesMatching(sources: readonly Source[], pattern: RegExp): readonly string[] {
  return sources.flatMap(({ name, text }) =>
    text.split('\n').flatMap((line, index) => (pattern.test(line) ? [`${name}:${index + 1}`] : [])),
  );
}

// Spelled in two halves, so that this file does not match itself.
const laterWork = new RegExp(`\\b(${'TO'}${'DO'}|${'FIX'}${'ME'}|${'XX'}${'X'})\\b`);
const machinePath = new RegExp(`(^|[\\s'"\`(=])(/${'home'}/|/${'Users'}/|/${'work'}/|/${'root'}/|[A-Z]:\\\\\\\\)`);

describe('manners', () => {
  const code = sourcesIn('src', 'test', 'bench', 'scripts', 'lint');
  const everything = [...code, ...sourcesIn('docs')];

  it(`no file is longer than ${HARD_LIMIT} lines`, () => {
    expect(code.filter((source) => linesOf(source) > HARD_LIMIT).map(({ name }) => name)).toEqual([]);
  });

  it(`at most one source file in ten is longer than ${AIM} lines`, () => {
    const source = code.filter(({ name }) => name.startsWith('src/') && !name.includes('.test.'));
    const long = source.filter((file) => linesOf(file) > AIM).map((file) => `${file.name} (${linesOf(file)})`);
    if (long.length > 0) console.warn(`Longer than ${AIM} lines: ${long.join(', ')}`);
    expect(long.length).toBeLessThanOrEqual(source.length / 10);
  });

  it('no line promises later work', () => {
    expect(linesMatching(everything, laterWork)).toEqual([]);
    expect('a line with a TO' + 'DO: in it').toMatch(laterWork);
  });

  it("no line names a path of somebody's machine", () => {
    expect(linesMatching(everything, machinePath)).toEqual([]);
    expect(`read '/${'home'}/me/notes'`).toMatch(machinePath);
    expect('GET https://example.com/home/page').not.toMatch(machinePath);
  });

  it('every source file opens by saying what it owns', () => {
    const source = code.filter(({ name }) => /^src\/.*\.tsx?$/.test(name) && !name.includes('.test.'));
    expect(source.length).toBeGreaterThan(0);
    expect(source.filter(({ text }) => !/^(\/\/|\/\*|#!)/.test(text)).map(({ name }) => name)).toEqual([]);
  });
});
