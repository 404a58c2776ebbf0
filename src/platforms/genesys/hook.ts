// Owns who may call our Genesys hook: whoever has the secret, as neither Genesys nor EventBridge signs anything.

import { type HookVerifier, sharedSecretVerifier } from '../shared-secret.ts';

/** An EventBridge API destination can set either header. */
export function genesysHookVerifier(secrets: readonly string[]): HookVerifier {
  return sharedSecretVerifier(secrets);
}
