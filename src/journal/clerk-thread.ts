// Owns the clerk's thread: a second connection to the embedded store's file, on which it seals, chains and commits whole batches in
// the order in which they come. Its owner has the file locked and has brought it up to this release's schema.

import { parentPort, workerData } from 'node:worker_threads';
import type { InteractionId } from '../ids.ts';
import type { MasterKeys } from './draft.ts';
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
let last = Promise.resolve();

function say(answer: ClerkAnswer): void {
  parentPort?.postMessage(answer);
}

async function take(errand: ClerkErrand): Promise<void> {
  if (errand === 'end') {
    await store[Symbol.asyncDispose]();
    parentPort?.close();
  } else if ('letGo' in errand) {
    scribe.letGo(errand.letGo);
  } else {
    await scribe.write(unpackDrafts(errand)).then(
      (results) => say({ written: packWritten(results) }),
      (failed: unknown) => say({ failed }),
    );
  }
}

parentPort?.on('message', (errand: ClerkErrand) => {
  last = last.then(() => take(errand));
});
say('ready');
