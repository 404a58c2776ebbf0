// Owns who may call our CXone hook: whoever has the secret that the Studio scripts send along. Nothing at the vendor signs a script's
// REST call, so it is asked before anything is parsed.

import { type HookVerifier, sharedSecretVerifier } from '../shared-secret.ts';

/** A Studio REST API action can set either header. */
export function cxoneHookVerifier(secrets: readonly string[]): HookVerifier {
  return sharedSecretVerifier(secrets);
}
