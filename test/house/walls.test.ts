// Owns the proof that the house rules hold: each breach planted in a copy of the project is refused by the very command that
// `npm run verify` runs first, and the same copy without the plants passes. The rules themselves are biome.json and lint/.

import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const bin = join(root, 'node_modules', '.bin');

/** Imports that the walls allow, one or more per room: the control that keeps the refusals below honest. */
const sound: Record<string, string> = {
  'src/ids.ts': 'export type Instant = number;\n',
  'src/outcome.ts': "export type Outcome = { readonly kind: 'done' };\n",
  'src/clock.ts': "import type { Instant } from './ids.ts';\n\nexport type Clock = { now(): Instant };\n",
  'src/config.ts': "export const port = process.env.PORT ?? '4400';\n",
  'src/main.ts': "import { port } from './config.ts';\nimport { serve } from './server/serve.ts';\n\nserve(port);\n",
  'src/execute.ts':
    "import { adapter } from './platforms/genesys/adapter.ts';\nimport { decide } from './protocols/handoff.ts';\n\nexport const execute = () => adapter(decide(1));\n",
  'src/context/manifest.ts':
    "import type { Instant } from '../ids.ts';\n\nexport const issued = (at: Instant) => new Date(at).toISOString();\nexport const read = (text: string) => Date.parse(text);\n",
  'src/context/manifest.test.ts':
    "import { readFileSync } from 'node:fs';\nimport { expect, it } from 'vitest';\nimport { issued } from './manifest.ts';\n\nit('reads', () => expect(issued(Date.now())).not.toBe(readFileSync('x', 'utf8')));\n",
  'src/protocols/handoff.ts':
    "import { issued } from '../context/manifest.ts';\nimport type { Instant } from '../ids.ts';\n\nexport const decide = (now: Instant) => issued(now);\n",
  'src/journal/runner.ts':
    "import { randomUUID } from 'node:crypto';\nimport type { Clock } from '../clock.ts';\nimport { decide } from '../protocols/handoff.ts';\n\nexport const run = (clock: Clock) => [randomUUID(), decide(clock.now())];\n",
  'src/platforms/http.ts': 'export const send = (path: string) => path;\n',
  'src/platforms/genesys/adapter.ts':
    "import { issued } from '../../context/manifest.ts';\nimport { send } from '../http.ts';\n\nexport const adapter = (path: string) => send(path + issued(0));\n",
  'src/platforms/genesys/hook.ts': 'export const verify = (bytes: Uint8Array) => bytes.length > 0;\n',
  'src/server/serve.ts':
    "import { verify } from '../platforms/genesys/hook.ts';\n\nexport const serve = (port: string) => verify(new TextEncoder().encode(port));\n",
  'src/twins/genesys/twin.ts':
    "import { createServer } from 'node:http';\nimport type { Instant } from '../../ids.ts';\n\nexport const twin = (at: Instant) => createServer().setTimeout(at);\n",
  'src/web/console/lane.tsx':
    "import type { VNode } from 'preact';\nimport { issued } from '../../context/manifest.ts';\n\nexport const lane = (one: VNode) => [one, issued(0)];\n",
  'src/web/card/card.ts':
    "import { issued } from '../../context/manifest.ts';\n\nexport const card = () => issued(0);\n",
  'src/cli/report.ts':
    "import { issued } from '../context/manifest.ts';\n\nexport const report = () => console.log(issued(0));\n",
};

type Breach = { readonly promise: string; readonly file: string; readonly source: string; readonly rule: string };

const wall = (promise: string, file: string, from: string): Breach => ({
  promise,
  file,
  source: `import { thing } from '${from}';\n\nexport const use = () => thing;\n`,
  rule: 'noRestrictedImports',
});
const inPureRoom = (file: string, expression: string, rule: string): Breach => ({
  promise: `${file} may not say ${expression}`,
  file,
  source: `export const read = () => ${expression};\n`,
  rule,
});

const walls: readonly Breach[] = [
  wall('context may not import journal', 'src/context/a.ts', '../journal/runner.ts'),
  wall('context may not import protocols', 'src/context/b.ts', '../protocols/handoff.ts'),
  wall('context may not import node:fs', 'src/context/c.ts', 'node:fs'),
  { ...wall('context may not import node:fs', 'src/context/d.ts', 'node:fs'), rule: 'noNodejsModules' },
  wall('context may not import a package that does things', 'src/context/e.ts', 'hono'),
  wall('context may not leave by a detour', 'src/context/f.ts', './inner/../../journal/runner.ts'),
  wall('protocols may not import platforms', 'src/protocols/a.ts', '../platforms/http.ts'),
  wall('protocols may not import the clock', 'src/protocols/b.ts', '../clock.ts'),
  wall('journal may not import platforms', 'src/journal/a.ts', '../platforms/http.ts'),
  wall('platforms may not import protocols', 'src/platforms/a.ts', '../protocols/handoff.ts'),
  wall('an adapter may not import journal', 'src/platforms/genesys/a.ts', '../../journal/runner.ts'),
  wall('an adapter may not leave by a detour', 'src/platforms/genesys/b.ts', '../genesys/../../journal/runner.ts'),
  wall('channels may not import platforms', 'src/channels/sms/a.ts', '../../platforms/http.ts'),
  wall('bots may not import journal', 'src/bots/a.ts', '../journal/runner.ts'),
  wall('sip may not import platforms', 'src/sip/a.ts', '../platforms/http.ts'),
  wall('twins may not import platforms', 'src/twins/a.ts', '../platforms/http.ts'),
  wall('a twin may not import its client', 'src/twins/genesys/a.ts', '../../platforms/genesys/adapter.ts'),
  wall("a twin's test may not import its client", 'src/twins/genesys/a.test.ts', '../../platforms/genesys/adapter.ts'),
  wall('server may not import a platform client', 'src/server/a.ts', '../platforms/genesys/adapter.ts'),
  wall('cli may not import journal', 'src/cli/a.ts', '../journal/runner.ts'),
  wall('cli may not import server', 'src/cli/b.ts', '../server/serve.ts'),
  wall('web may not import server', 'src/web/a.ts', '../server/serve.ts'),
  wall('a page may not import server', 'src/web/console/a.tsx', '../../server/serve.ts'),
  wall('a page may not import the protocols', 'src/web/console/b.ts', '../../protocols/handoff.ts'),
  wall('the card may not import the console, nor the console the card', 'src/web/card/a.ts', '../console/lane.tsx'),
  wall('the card is without a framework', 'src/web/card/b.ts', 'preact'),
  wall('execute.ts may not import journal', 'src/execute.ts', './journal/runner.ts'),
  wall('a part of execute.ts may not import journal', 'src/execute-one.ts', './journal/runner.ts'),
  wall('a root type may not import a room', 'src/outcome.ts', './context/manifest.ts'),
  wall('a file beside main.ts may not import config.ts', 'src/demo.ts', './config.ts'),
  wall('journal may not import main.ts', 'src/journal/b.ts', '../main.ts'),
  wall('a test may not import main.ts', 'src/server/a.test.ts', '../main.ts'),
  wall('bench may not import main.ts', 'bench/a.ts', '../src/main.ts'),
  wall('server may not import config.ts', 'src/server/b.ts', '../config.ts'),
];

const purity: readonly Breach[] = [
  inPureRoom('src/context/clock-now.ts', 'Date.now()', 'pure-rooms'),
  inPureRoom('src/context/clock-taken.ts', '[0].map(Date.now)', 'pure-rooms'),
  inPureRoom('src/context/clock-new.ts', 'new Date()', 'pure-rooms'),
  inPureRoom('src/protocols/clock-now.ts', 'Date.now()', 'pure-rooms'),
  inPureRoom('src/protocols/chance.ts', 'Math.random()', 'pure-rooms'),
  inPureRoom('src/protocols/clock-performance.ts', 'performance.now()', 'pure-rooms'),
  inPureRoom('src/protocols/id-crypto.ts', 'crypto.randomUUID()', 'pure-rooms'),
  inPureRoom('src/protocols/timer-timeout.ts', 'setTimeout(read, 1)', 'noRestrictedGlobals'),
  inPureRoom('src/protocols/timer-interval.ts', 'setInterval(read, 1)', 'noRestrictedGlobals'),
  inPureRoom('src/protocols/timer-immediate.ts', 'setImmediate(read)', 'noRestrictedGlobals'),
  inPureRoom('src/protocols/detour.ts', 'globalThis.setTimeout(read, 1)', 'noRestrictedGlobals'),
  {
    promise: 'a pure room may not import randomUUID',
    file: 'src/protocols/id-import.ts',
    source: "import { randomUUID } from 'node:crypto';\n\nexport const id = () => randomUUID();\n",
    rule: 'pure-rooms',
  },
];

const manners: readonly Breach[] = [
  {
    promise: 'imports may not go round in a circle',
    file: 'src/journal/round.ts',
    source: "import { about } from './about.ts';\n\nexport const round = (): number => about();\n",
    rule: 'noImportCycles',
  },
  {
    promise: 'imports may not go round in a circle, seen from the other side',
    file: 'src/journal/about.ts',
    source: "import { round } from './round.ts';\n\nexport const about = (): number => round();\n",
    rule: 'noImportCycles',
  },
  {
    promise: 'nothing is exported as default',
    file: 'src/journal/default.ts',
    source: 'export default 1;\n',
    rule: 'noDefaultExport',
  },
  {
    promise: 'no file only passes others on',
    file: 'src/journal/barrel.ts',
    source: "export { run } from './runner.ts';\n",
    rule: 'noBarrelFile',
  },
  {
    promise: 'only config.ts reads process.env',
    file: 'src/server/env.ts',
    source: 'export const port = () => process.env.PORT;\n',
    rule: 'noProcessEnv',
  },
  {
    promise: 'only config.ts reads the environment, under any name',
    file: 'src/server/env-import.ts',
    source: "import { env } from 'node:process';\n\nexport const port = () => env['PORT'];\n",
    rule: 'environment',
  },
  {
    promise: 'any is refused',
    file: 'src/server/any.ts',
    source: 'export const keep = (thing: any) => thing;\n',
    rule: 'noExplicitAny',
  },
  {
    promise: 'a non-null assertion is refused in source',
    file: 'src/server/bang.ts',
    source: 'export const first = (all: string[]) => all[0]!.length;\n',
    rule: 'noNonNullAssertion',
  },
  {
    promise: 'a promise is not dropped',
    file: 'src/server/floating.ts',
    source: 'const later = async () => 1;\nexport const start = () => {\n  later();\n};\n',
    rule: 'noFloatingPromises',
  },
  {
    promise: 'the service does not write to the console',
    file: 'src/server/console.ts',
    source: "export const say = () => console.log('x');\n",
    rule: 'noConsole',
  },
  {
    promise: 'files are named in kebab-case',
    file: 'src/server/camelCase.ts',
    source: 'export const one = 1;\n',
    rule: 'useFilenamingConvention',
  },
  {
    promise: 'a function longer than 60 lines is refused',
    file: 'src/server/long.ts',
    source: `export const long = (x: number[]) => {\n${'  x.push(1);\n'.repeat(61)}};\n`,
    rule: 'noExcessiveLinesPerFunction',
  },
  {
    promise: 'a test that is skipped is refused',
    file: 'src/server/skipped.test.ts',
    source: "import { it } from 'vitest';\n\nit.skip('later', () => {});\n",
    rule: 'noSkippedTests',
  },
  {
    promise: 'source may not import a development dependency',
    file: 'src/server/dev.ts',
    source: "import { expect } from 'vitest';\n\nexport const check = () => expect;\n",
    rule: 'noUndeclaredDependencies',
  },
];

const breaches = [...walls, ...purity, ...manners];
const copies: string[] = [];

/** A copy of the project's rules around these files. Version control is off: the copy is not a repository. */
function copyWith(files: Record<string, string>): string {
  const copy = mkdtempSync(join(tmpdir(), 'throughline-house-'));
  copies.push(copy);
  for (const name of ['lint', 'package.json', 'tsconfig.json', 'scripts'])
    cpSync(join(root, name), join(copy, name), { recursive: true });
  const config: { vcs: { enabled: boolean } } = JSON.parse(readFileSync(join(root, 'biome.json'), 'utf8'));
  config.vcs.enabled = false;
  writeFileSync(join(copy, 'biome.json'), `${JSON.stringify(config, null, 2)}\n`);
  run(copy, 'biome', ['format', '--write', 'biome.json']);
  for (const [name, source] of Object.entries(files)) {
    mkdirSync(dirname(join(copy, name)), { recursive: true });
    writeFileSync(join(copy, name), source);
  }
  return copy;
}

/** Runs a project binary, or a script on this Node, inside the copy as npm would: the project's binaries are on the path. */
function run(copy: string, command: string, args: readonly string[]) {
  const env = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}` };
  const done = spawnSync(command, args, { cwd: copy, env, encoding: 'utf8', shell: process.platform === 'win32' });
  if (done.error) throw done.error;
  return { status: done.status, output: `${done.stdout}${done.stderr}` };
}

/** The arguments of the first check in scripts/verify.mjs where nobody watches, so that this proof and the gate cannot drift apart. */
const gate = ['ci', '--colors=off', '--error-on-warnings', '.'];

/** What the gate says of each file. A plugin has no rule's name of its own: its message opens with it. */
function complaints(output: string): Map<string, { rule: string; message: string }[]> {
  const found = new Map<string, { rule: string; message: string }[]>();
  for (const [, title = '', path = '', message = ''] of output.matchAll(
    /^::\w+ title=([^,]+),file=([^,]+),.*?::(.*)$/gm,
  )) {
    const file = path.replaceAll('\\', '/').replace(/^.*?throughline-house-[^/]+\//, '');
    const rule = (title === 'plugin' ? message.split(':')[0] : title.split('/').at(-1)) ?? title;
    found.set(file, [...(found.get(file) ?? []), { rule, message }]);
  }
  return found;
}

afterAll(() => {
  for (const copy of copies) rmSync(copy, { recursive: true, force: true });
});

describe('the house without a breach', () => {
  it('passes the first check of verify, so that a refusal below means its plant', () => {
    const { status, output } = run(copyWith(sound), 'biome', gate);
    expect(output).toContain('No fixes applied');
    expect(status).toBe(0);
  });
});

describe('a planted breach is refused', () => {
  let result: ReturnType<typeof run>;
  let found: ReturnType<typeof complaints>;

  beforeAll(() => {
    const planted = Object.fromEntries(breaches.map(({ file, source }) => [file, source]));
    result = run(copyWith({ ...sound, ...planted }), 'biome', [...gate, '--reporter=github', '--max-diagnostics=none']);
    found = complaints(result.output);
  });

  it('with a failing exit code', () => expect(result.status).not.toBe(0));

  it.each(breaches)('$promise ($rule)', ({ file, rule }) => {
    expect(found.get(file)?.map((complaint) => complaint.rule)).toContain(rule);
  });

  it.each(walls.filter(({ rule }) => rule === 'noRestrictedImports'))(
    'and $file is told which wall it broke',
    ({ file }) => {
      expect(
        found
          .get(file)
          ?.map((complaint) => complaint.message)
          .join(),
      ).toMatch(/Wall: /);
    },
  );

  it('and nothing else is', () => {
    expect([...found.keys()].sort()).toEqual(breaches.map(({ file }) => file).sort());
  });
});

describe('npm run verify', () => {
  it('stops at its first check when a wall is broken', () => {
    const breach = wall('', 'src/journal/a.ts', '../platforms/http.ts');
    const { status, output } = run(copyWith({ ...sound, [breach.file]: breach.source }), process.execPath, [
      'scripts/verify.mjs',
    ]);
    expect(status).not.toBe(0);
    expect(output).toContain('It never sees a vendor.');
    expect(output).toContain(`format, lint, walls: failed (biome ${gate.join(' ')})`);
    expect(output).not.toContain('== types');
  });

  it('refuses warnings too: an unused variable fails the first check', () => {
    const { status } = run(copyWith({ ...sound, 'src/journal/a.ts': 'const unused = 1;\n' }), 'biome', gate);
    expect(status).not.toBe(0);
  });
});
