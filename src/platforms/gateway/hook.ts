// Owns who may call a gateway's hook: Standard Webhooks 1.0.0 (HMAC-SHA256 over id, time and the raw bytes), so that senders sign
// with a library they already have. Constant time; several secrets are accepted at once, so that one can be changed without a
// gap; what is older or newer than the window is refused, so that a recorded message cannot be played again. Asked before
// anything is parsed. Keep it free of what a server may not import.

import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../../clock.ts';

/** True when these raw bytes were signed with one of the secrets, and lately. Without secrets: never. */
export type GatewayHookVerifier = (
  headers: { get(name: string): string | null | undefined },
  rawBody: Uint8Array,
) => boolean;

/** Either way: clocks differ, and deliveries are repeated with a new signature. */
export const SIGNATURE_WINDOW_MS = 300_000;
const SECRET = /^whsec_([A-Za-z0-9+/]+={0,2})$/;
const MIN_SECRET_BYTES = 24;
/** More than any sender that changes its secret sends; each costs a comparison. */
const MOST_SIGNATURES = 8;

/** The key's bytes, or undefined where the text is not a secret of Standard Webhooks (`whsec_` and base64, at least 24 bytes). */
export function hookKey(secret: string): Buffer | undefined {
  const key = Buffer.from(SECRET.exec(secret)?.[1] ?? '', 'base64');
  return key.length >= MIN_SECRET_BYTES ? key : undefined;
}

/** Secrets that are none are never accepted: configuration refuses them (gateway-config.ts). */
export function gatewayHookVerifier(secrets: readonly string[], clock: Pick<Clock, 'now'>): GatewayHookVerifier {
  const keys = secrets.flatMap((secret) => hookKey(secret) ?? []);
  return (headers, rawBody) => {
    const id = headers.get('webhook-id') ?? '';
    const timestamp = headers.get('webhook-timestamp') ?? '';
    const offered = signaturesIn(headers.get('webhook-signature') ?? '');
    if (id === '' || !/^\d{1,12}$/.test(timestamp)) return false;
    if (Math.abs(clock.now() - Number(timestamp) * 1_000) > SIGNATURE_WINDOW_MS) return false;
    const expected = keys.map((key) => signatureOf(key, id, timestamp, rawBody));
    // Every pair is compared, whatever the earlier ones said.
    return offered.flatMap((one) => expected.map((own) => timingSafeEqual(one, own))).includes(true);
  };
}

/** For whoever judges a gateway from outside: what this hook would take, with one secret. */
export function hookJudge(clock: Pick<Clock, 'now'>) {
  return {
    isSecret: (secret: string) => hookKey(secret) !== undefined,
    verifier: (secret: string): GatewayHookVerifier => gatewayHookVerifier([secret], clock),
  };
}

/** `v1,` and base64, separated by spaces; other versions are passed over, and so is what cannot be a SHA-256. */
function signaturesIn(header: string): readonly Buffer[] {
  return header
    .split(' ')
    .slice(0, MOST_SIGNATURES)
    .flatMap((one) => (one.startsWith('v1,') ? [Buffer.from(one.slice(3), 'base64')] : []))
    .filter((one) => one.length === 32);
}

function signatureOf(key: Buffer, id: string, timestamp: string, rawBody: Uint8Array): Buffer {
  return createHmac('sha256', key).update(`${id}.${timestamp}.`).update(rawBody).digest();
}
