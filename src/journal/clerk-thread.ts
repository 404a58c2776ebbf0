// Owns the clerk's thread: a second connection to the embedded store's file, on which it seals, chains and commits whole batches in
// the order in which they come. Its owner has the file locked and has brought it up to this release's schema.

import { parentPort, workerData } from 'node:worker_threads';
import type { InteractionId } from '../ids.ts';
import type { Draft, MasterKeys } from './draft.ts';
import { type Parcel, packWritten, unpackDrafts } from './draft-parcel.ts';
import { machineRandomBytes } from './random-bytes.ts';
import { Scribe } from './scribe.ts';
import { openSqliteBeside } from './sqlite.ts';
import { Vault } from './vault.ts';

export type ClerkOrders = { readonly path: string; readonly keys: MasterKeys };
/** A batch, what nothing is to be kept of that opens it, or the end. */
export type ClerkErrand = Parcel | { readonly letGo: readonly InteractionId[] } | 'end';
export type ClerkAnswer = { readonly written: Parcel } | { readonly failed: unknown } | 'ready';

const { path, keys } = workerData as ClerkOrders;
const store = openSqliteBeside(path);
// Nonces have a random prefix of this vault's own: they never meet its owner's.
const scribe = new Scribe(store, new Vault(keys.current, machineRandomBytes, undefined, keys.older));
let waiting: ClerkErrand[] = [];

function say(answer: ClerkAnswer): void {
  parentPort?.postMessage(answer);
}

/** What has come while the last commit was being fsynced goes into one. */
async function work(): Promise<void> {
  const errands = waiting;
  waiting = [];
  const batches = errands.flatMap((errand) => (isParcel(errand) ? [unpackDrafts(errand)] : []));
  for (const errand of errands) if (errand !== 'end' && 'letGo' in errand) scribe.letGo(errand.letGo);
  if (batches.length > 0) await commit(batches);
  if (!errands.includes('end')) return;
  await store[Symbol.asyncDispose]();
  parentPort?.close();
}

function isParcel(errand: ClerkErrand): errand is Parcel {
  return errand !== 'end' && 'values' in errand;
}

async function commit(batches: readonly (readonly Draft[])[]): Promise<void> {
  try {
    const results = await scribe.write(batches.flat());
    let from = 0;
    for (const { length } of batches) {
      say({ written: packWritten(results.slice(from, from + length)) });
      from += length;
    }
  } catch (failed) {
    for (const _ of batches) say({ failed });
  }
}

parentPort?.on('message', (errand: ClerkErrand) => {
  // In a moment, when the others that have arrived are here, too.
  if (waiting.push(errand) === 1) setImmediate(() => void work());
});
say('ready');
