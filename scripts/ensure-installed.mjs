// Makes `npm start` and `npm test` work on a fresh clone: installs the locked dependencies when they are missing or older
// than the lock file; of the project, or of the folder that is named. Runs on any Node >= 20, before anything is installed, so it
// imports nothing but Node.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = process.argv[2] ?? '.';
const root = new URL(`../${folder}/`, import.meta.url);
const lock = new URL('package-lock.json', root);
const installed = new URL('node_modules/.throughline-installed', root);

const wanted = readFileSync(lock, 'utf8');
if (!existsSync(installed) || readFileSync(installed, 'utf8') !== wanted) {
  console.error(`Installing dependencies${folder === '.' ? '' : ` of ${folder}`} (once; about half a minute)…`);
  const npm = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: fileURLToPath(root),
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
  });
  if (npm.status !== 0) {
    console.error('`npm ci` failed. Fix what it says above (network, disk, npm version) and run the command again.');
    process.exit(npm.status ?? 1);
  }
  writeFileSync(installed, wanted);
}
