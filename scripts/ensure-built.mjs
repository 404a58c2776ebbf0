// Makes the pages (`src/web` into `dist/web`) when they are missing or older than what they are made from. Nothing is fetched.
// Beside each file stands its Brotli and gzip form, so that the server compresses nothing.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';

const root = fileURLToPath(new URL('../', import.meta.url));
const built = join(root, 'dist', 'web');
const stamp = join(built, '.made-from');

/** Every file below the folder, in an order that does not depend on the disk. */
function filesIn(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}

function madeFrom() {
  const made = createHash('sha256');
  const sources = filesIn(join(root, 'src', 'web')).filter((name) => !/\.test\.tsx?$/.test(name));
  const others = ['package-lock.json', 'vite.config.ts', 'scripts/ensure-built.mjs', 'src/context/name-words.ts'];
  for (const name of [...others.map((other) => join(root, other)), ...sources]) {
    made.update(name.slice(root.length).replaceAll('\\', '/')).update('\0').update(readFileSync(name)).update('\0');
  }
  return made.digest('hex');
}

const wanted = madeFrom();
if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== wanted) {
  // Made aside and put in place whole: a service that starts meanwhile finds the old pages or the new ones, never a half.
  const aside = join(root, 'dist', `web-${process.pid}`);
  const vite = spawnSync('node', [join(root, 'node_modules', 'vite', 'bin', 'vite.js'), 'build', '--outDir', aside], {
    cwd: root,
    // The Node that came with the dependencies, before the one that runs this script.
    env: { ...process.env, PATH: `${join(root, 'node_modules', '.bin')}${delimiter}${process.env.PATH}` },
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
  });
  if (vite.status !== 0) {
    rmSync(aside, { recursive: true, force: true });
    console.error(
      'The pages could not be built. Correct what Vite says above (`npm ci` if it is missing) and try again.',
    );
    process.exit(vite.status ?? 1);
  }
  for (const name of filesIn(aside)) {
    const bytes = readFileSync(name);
    writeFileSync(`${name}.br`, brotliCompressSync(bytes));
    writeFileSync(`${name}.gz`, gzipSync(bytes, { level: 9 }));
  }
  writeFileSync(join(aside, '.made-from'), wanted);
  mkdirSync(join(root, 'dist'), { recursive: true });
  rmSync(built, { recursive: true, force: true });
  renameSync(aside, built);
}
