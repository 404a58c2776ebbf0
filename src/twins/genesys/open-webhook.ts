// Owns what the platform posts to a customer's own middleware: signed over the very bytes that are sent, answered within ten seconds, and sent
// again up to five times, five seconds apart, after a time-out, 429 or 5xx (dev-center, open messaging, "Validate webhook notifications").

import { createHmac } from 'node:crypto';
import type { Clock } from '../../clock.ts';
import type { PostToHook } from '../hook-post.ts';
import type { Schedule } from '../schedule.ts';
import type { OpenIntegration } from './open-integrations.ts';
import type { WireOpenOutbound } from './open-schema.ts';

const TIMEOUT_MS = 10_000;
const RETRIES = 5;
const RETRY_AFTER_MS = 5_000;

export type OpenWebhookParts = { readonly clock: Clock; readonly schedule: Schedule; readonly post: PostToHook };

export class OpenWebhook {
  readonly #parts: OpenWebhookParts;
  readonly #underWay = new Set<AbortController>();

  constructor(parts: OpenWebhookParts) {
    this.#parts = parts;
  }

  /** `settled` is told once, whether the far side has taken it. */
  send(integration: OpenIntegration, payload: WireOpenOutbound, settled: (taken: boolean) => void): void {
    void this.#attempt(integration, JSON.stringify(payload), 0, settled);
  }

  /** Aborts what is under way; what waits for its next try went with the schedule. */
  close(): void {
    for (const limit of this.#underWay) limit.abort();
  }

  async #attempt(to: OpenIntegration, body: string, retries: number, settled: (taken: boolean) => void): Promise<void> {
    const status = await this.#post(to, body);
    const isTaken = status !== undefined && status >= 200 && status < 300;
    const mayTryAgain = status === undefined || status === 429 || status >= 500;
    if (isTaken || !mayTryAgain || retries >= RETRIES) return settled(isTaken);
    this.#parts.schedule.after(RETRY_AFTER_MS, () => void this.#attempt(to, body, retries + 1, settled));
  }

  /** The answer's status; undefined where none came in time. */
  async #post({ webhookUrl, secret, headers }: OpenIntegration, body: string): Promise<number | undefined> {
    const limit = new AbortController();
    const done = new AbortController();
    this.#underWay.add(limit);
    void this.#parts.clock.sleep(TIMEOUT_MS, done.signal).then(() => {
      if (!done.signal.aborted) limit.abort();
    });
    const signature = `sha256=${createHmac('sha256', secret).update(body).digest('base64')}`;
    try {
      const hook = { url: webhookUrl, headers: { ...headers, 'X-Hub-Signature-256': signature } };
      return await this.#parts.post(hook, body, limit.signal);
    } catch {
      return undefined;
    } finally {
      this.#underWay.delete(limit);
      done.abort();
    }
  }
}
