// Owns the secrets that nobody has to set to look around: made once in the data folder, and told to the twins that stand beside the service.

import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TwinDeskSecrets } from './config-twins.ts';

export type TwinSettings = {
  /** Of the Genesys twin; the CXone twin is `SECOND_TWIN` above. */
  readonly port: number;
  readonly hookSecret: string;
  readonly cxoneHookSecret: string;
  /** With which their entries ask whose a call is. */
  readonly entryKey: string;
  /** With which they post what agents write to our customers. */
  readonly desks: TwinDeskSecrets;
  readonly rateLimitPerMinute?: number;
};

export function twinSettings(port: number, dataFolder: string, rate: number): TwinSettings {
  return {
    port,
    hookSecret: devSecret(dataFolder, 'hook-secret'),
    cxoneHookSecret: devSecret(dataFolder, 'cxone-hook-secret'),
    entryKey: devSecret(dataFolder, 'entry-key'),
    desks: {
      openMessaging: devSecret(dataFolder, 'open-messaging-secret'),
      ownChannel: devSecret(dataFolder, 'own-channel-secret'),
    },
    ...(rate > 0 && { rateLimitPerMinute: rate }),
  };
}

/** Made once in the data folder, readable by its owner only. */
export function devSecret(folder: string, name: string): string {
  const path = join(folder, name);
  if (existsSync(path)) return readFileSync(path, 'utf8').trim();
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const secret = randomBytes(32).toString(name === 'master-key' ? 'base64' : 'base64url');
  writeFileSync(path, `${secret}\n`, { mode: 0o600 });
  chmodSync(path, 0o600);
  return secret;
}
