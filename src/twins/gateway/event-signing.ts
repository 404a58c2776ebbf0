// Owns how the gateway twin signs what it tells: Standard Webhooks 1.0.0, anew for each delivery, with every secret it was given.

import { createHmac } from 'node:crypto';
import type { Clock } from '../../clock.ts';
import type { PostToHook } from '../hook-post.ts';

/** `whsec_` and base64 of the key, as Standard Webhooks writes secrets. */
export const DEMO_HOOK_SECRET = 'whsec_dHdpbi1nYXRld2F5LWhvb2stc2VjcmV0LTAwMDE=';

/** Posts with the three headers. A message's id is in its body. */
export function signing(post: PostToHook, clock: Clock, secrets: () => readonly string[]): PostToHook {
  return (hook, body, signal) => {
    const id = String((JSON.parse(body) as { id: unknown }).id);
    const timestamp = String(Math.floor(clock.now() / 1_000));
    const signatures = secrets().map((secret) => `v1,${signatureOf(secret, `${id}.${timestamp}.${body}`)}`);
    const headers = {
      ...hook.headers,
      'webhook-id': id,
      'webhook-timestamp': timestamp,
      'webhook-signature': signatures.join(' '),
    };
    return post({ ...hook, headers }, body, signal);
  };
}

function signatureOf(secret: string, content: string): string {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  return createHmac('sha256', key).update(content).digest('base64');
}
