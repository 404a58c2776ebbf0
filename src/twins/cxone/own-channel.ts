// Owns what the platform posts to a customer's own middleware ("bring your own channel"): the token it takes there first, the
// message, and one more try with a fresh token after 401. What fails otherwise is not sent again: no page promises more.

import type { Clock } from '../../clock.ts';
import { isRecord } from '../exchange.ts';
import type { Case, Message } from './digital.ts';
import { digitalUserId } from './digital-views.ts';

export type OwnChannelSettings = {
  /** The Integration Box URL. */
  readonly box: string;
  readonly authorizationUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** `outbound` is the "DFO 3.0 Outbound API", `posts` the older form. */
  readonly form: 'posts' | 'outbound';
};

export type OwnChannelParts = {
  readonly clock: Clock;
  readonly fetch: typeof fetch;
  readonly settings: () => OwnChannelSettings | undefined;
};

const TIMEOUT_MS = 10_000;

export class OwnChannel {
  readonly #parts: OwnChannelParts;
  /** What waits to be posted, thread by thread: messages keep their order. */
  readonly #tails = new Map<string, Promise<void>>();
  #token: string | undefined;

  constructor(parts: OwnChannelParts) {
    this.#parts = parts;
  }

  post(message: Message, of: Case): void {
    const before = this.#tails.get(of.thread.id) ?? Promise.resolve();
    const posted = before.then(() => this.#post(message, of));
    this.#tails.set(of.thread.id, posted);
    void posted.then(() => {
      if (this.#tails.get(of.thread.id) === posted) this.#tails.delete(of.thread.id);
    });
  }

  /** Forgets its token: the far side has changed. */
  forget(): void {
    this.#token = undefined;
  }

  async #post(message: Message, of: Case): Promise<void> {
    const settings = this.#parts.settings();
    if (settings === undefined) {
      message.status = 'failed';
      return;
    }
    let answer = await this.#send(settings, message, of);
    if (answer?.status === 401) {
      this.#token = undefined;
      answer = await this.#send(settings, message, of);
    }
    const id = answer !== undefined && answer.status < 300 ? idOf(answer.body) : undefined;
    if (id === undefined) message.status = 'failed';
    else message.idOnExternalPlatform = id;
  }

  async #send(settings: OwnChannelSettings, message: Message, of: Case): Promise<Answer | undefined> {
    this.#token ??= await this.#authorize(settings);
    if (this.#token === undefined) return undefined;
    const path =
      settings.form === 'outbound'
        ? `/channels/${encodeURIComponent(of.channel.id)}/outbound`
        : `/1.0/posts/${encodeURIComponent(of.thread.idOnExternalPlatform)}/messages`;
    return this.#request(`${settings.box}${path}`, {
      headers: { 'content-type': 'application/json', authorization: `Bearer ${this.#token}` },
      body: JSON.stringify(outboundBody(message, of)),
    });
  }

  async #authorize({ authorizationUrl, clientId, clientSecret }: OwnChannelSettings): Promise<string | undefined> {
    const answer = await this.#request(authorizationUrl, {
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: clientId,
        client_secret: clientSecret,
      }).toString(),
    });
    const token = answer !== undefined && isRecord(answer.body) ? answer.body.access_token : undefined;
    return typeof token === 'string' ? token : undefined;
  }

  async #request(url: string, init: { headers: Record<string, string>; body: string }): Promise<Answer | undefined> {
    const limit = new AbortController();
    const done = new AbortController();
    void this.#parts.clock.sleep(TIMEOUT_MS, done.signal).then(() => {
      if (!done.signal.aborted) limit.abort();
    });
    try {
      const response = await this.#parts.fetch(url, { method: 'POST', ...init, signal: limit.signal });
      const text = await response.text();
      return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
    } catch {
      return undefined;
    } finally {
      done.abort();
    }
  }
}

type Answer = { readonly status: number; readonly body: unknown };

/** Of the message that the far side has made: an empty text is none. */
function idOf(body: unknown): string | undefined {
  if (!isRecord(body) || typeof body.idOnExternalPlatform !== 'string') return undefined;
  return body.idOnExternalPlatform === '' ? undefined : body.idOnExternalPlatform;
}

/** No public page settles this body; the fields are those of the published message object. */
function outboundBody(message: Message, of: Case) {
  return {
    id: message.id,
    thread: { id: of.thread.id, idOnExternalPlatform: of.thread.idOnExternalPlatform },
    channel: { id: of.channel.id, channelIntegrationId: of.channel.channelIntegrationId },
    contact: { id: of.number, interactionId: of.interactionId },
    direction: 'outbound',
    createdAtWithMilliseconds: new Date(message.createdAt).toISOString(),
    messageContent: message.content,
    ...(message.files && {
      attachments: message.files.map(({ url, name, mime }) => ({ url, friendlyName: name, mimeType: mime })),
    }),
    recipients: [{ idOnExternalPlatform: of.customer.identity.idOnExternalPlatform, isPrimary: true }],
    ...(message.author === undefined
      ? {}
      : {
          authorUser: {
            id: digitalUserId(message.author),
            incontactId: message.author.userId,
            firstName: message.author.name,
          },
        }),
  };
}
