// Owns how a person is called: every alert stands in the log, and where a hook is configured it is posted there, signed as Standard Webhooks
// 1.0.0 describes, until somebody has taken it. The same alert has the same id however often it is sent. Nothing personal is in it.

import { createHmac } from 'node:crypto';
import type { Clock } from './clock.ts';
import type { HandoffId, Instant, InteractionId } from './ids.ts';
import type { Outcome } from './outcome.ts';
import { hookKey } from './platforms/gateway/hook.ts';
import type { Fetch } from './platforms/http.ts';

/** About a handoff that could not be finished, or about an interaction that was set aside, and when. */
export type Alert = { readonly code: string } & (
  | { readonly handoffId: HandoffId }
  | { readonly interactionId: InteractionId; readonly since: Instant }
);

export type AlertHookParts = {
  readonly url: string;
  /** `whsec_` and base64. */
  readonly secret: string;
  readonly clock: Clock;
  /** The way to it: TLS as it is configured. */
  readonly fetch?: Fetch;
};

export type RaiseAlert = (alert: Alert & { readonly says: string }, signal: AbortSignal) => Promise<Outcome<null>>;

/** Done once the other side has said 2xx; whatever else it says, or nothing, is sent again by whoever asked. */
export function alertHook({ url, secret, clock, fetch = globalThis.fetch }: AlertHookParts): RaiseAlert {
  const key = hookKey(secret);
  if (!key) throw new Error('The secret of the alerts is none of Standard Webhooks.');
  return async ({ says, ...alert }, signal) => {
    const { id, type, data } = told(alert);
    const timestamp = Math.floor(clock.now() / 1_000);
    const body = JSON.stringify({
      type,
      timestamp: new Date(timestamp * 1_000).toISOString(),
      data: { ...data, message: says },
    });
    const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
    const headers = {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': String(timestamp),
      'webhook-signature': `v1,${signature}`,
    };
    try {
      // Followed nowhere: what is signed for one address is for no other.
      const answer = await fetch(url, { method: 'POST', headers, body, signal, redirect: 'manual' });
      await answer.body?.cancel();
      return answer.ok ? { kind: 'done', value: null } : { kind: 'transient', code: 'vendor-error' };
    } catch {
      return { kind: 'transient', code: signal.aborted ? 'not-sent' : 'unreachable' };
    }
  };
}

/** Set aside again, an interaction is another matter, with another id. */
function told(alert: Alert): { readonly id: string; readonly type: string; readonly data: object } {
  const { code } = alert;
  if ('handoffId' in alert) {
    const { handoffId } = alert;
    const data = { code, handoffId, interactionId: handoffId.replace(/\.\d+$/, '') };
    return { id: `alert.${handoffId}.${code}`, type: 'handoff.needs-person', data };
  }
  const { interactionId, since } = alert;
  const id = `alert.${interactionId}.${code}.${Math.round(since)}`;
  return { id, type: 'interaction.needs-person', data: { code, interactionId } };
}
