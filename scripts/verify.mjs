// `npm run verify` is CI and CI is `npm run verify`: every check, in the order of how fast it can fail.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

// Biome colours every character on its own, which in a log file is unreadable.
const plain = process.stdout.isTTY ? [] : ['--colors=off'];

// The tests look at the pages as their sources are now.
const built = fileURLToPath(new URL('ensure-built.mjs', import.meta.url));

const checks = [
  ['format, lint, walls', 'biome', ['ci', ...plain, '--error-on-warnings', '.']],
  ['types', 'tsc', ['--noEmit']],
  ['types of the pages', 'tsc', ['--noEmit', '--project', 'src/web']],
  ['unused code', 'knip', []],
  ['pages', process.execPath, [built]],
  ['tests', 'vitest', ['run']],
];

for (const [name, command, args] of checks) {
  console.log(`\n== ${name}`);
  const run = spawnSync(command, args, { stdio: 'inherit', shell: process.platform === 'win32' });
  if (run.error) {
    console.error(`${command} could not be started (${run.error.message}). Run it through npm: npm run verify`);
    process.exit(1);
  }
  if (run.status !== 0) {
    console.error(`\n${name}: failed (${command} ${args.join(' ')})`);
    process.exit(run.status ?? 1);
  }
}
console.log('\nEverything holds.');
