// Owns what a bench says of the machine it ran on: processor, file system, and how long an fsync takes there.

import { closeSync, fdatasyncSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { median } from './figures.ts';

const FILE_SYSTEMS: Readonly<Record<number, string>> = {
  61267: 'ext4',
  1481003842: 'xfs',
  2435016766: 'btrfs',
  2035054128: 'overlayfs',
  16914836: 'tmpfs',
};

/** One line about the machine and the file system of `folder`. */
export function describeMachine(folder: string): string {
  const { type } = statfsSync(folder);
  const fileSystem = FILE_SYSTEMS[type] ?? `file system 0x${type.toString(16)}`;
  if (fileSystem === 'tmpfs')
    console.log('The temporary folder is in memory: nothing is durable. Set TMPDIR to a disk.');
  const processor = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}`;
  return `Node ${process.version}, ${processor}, ${fileSystem}, fdatasync of 4 KiB: ${syncMs(folder).toFixed(2)} ms (median)`;
}

function syncMs(folder: string): number {
  const path = join(folder, 'sync');
  const file = openSync(path, 'w');
  const page = Buffer.alloc(4_096, 1);
  const times = Array.from({ length: 200 }, () => {
    const started = performance.now();
    writeSync(file, page);
    fdatasyncSync(file);
    return performance.now() - started;
  });
  closeSync(file);
  rmSync(path);
  return median(times);
}
