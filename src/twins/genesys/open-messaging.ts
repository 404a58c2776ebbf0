// Owns open messaging as a part of the twin: its integrations, its conversations, what is posted of them through the faults, and its paths.

import type { UnreliableSender } from '../event-delivery.ts';
import type { PostToHook } from '../hook-post.ts';
import type { Route } from './api.ts';
import { openIntegrationRoutes } from './api-open-integrations.ts';
import { openMessageRoutes } from './api-open-messages.ts';
import { createOpenIntegrations, type IntegrationSettings } from './open-integrations.ts';
import { OpenMessages, type OpenMessagesParts } from './open-messages.ts';
import type { WireOpenMessageData } from './open-schema.ts';
import { messageData } from './open-views.ts';
import { OpenWebhook } from './open-webhook.ts';

/** Where the built-in integration posts to, and under which secret it signs. */
export type OpenMessagingOptions = Pick<IntegrationSettings, 'webhookUrl' | 'secret'>;

export type OpenMessagingParts = Omit<OpenMessagesParts, 'post' | 'flowMs'> & {
  readonly post: PostToHook;
  readonly sender: UnreliableSender;
  readonly settleMs: () => number;
  readonly given: OpenMessagingOptions | undefined;
};

export type OpenMessaging = {
  readonly open: OpenMessages;
  readonly routes: readonly Route[];
  readonly read: (messageId: string) => WireOpenMessageData | undefined;
  clear(): void;
  close(): void;
};

export function createOpenMessaging({ post, sender, settleMs, given, ...parts }: OpenMessagingParts): OpenMessaging {
  const integrations = createOpenIntegrations(parts, given);
  const webhook = new OpenWebhook({ ...parts, post });
  const open = new OpenMessages({
    ...parts,
    flowMs: settleMs,
    // What faults of events are matched with says whose message it is and of which type.
    post: (thread, payload, settled) =>
      sender.send(`open-messaging.${thread.conversation.id}.${payload.type}`, () =>
        webhook.send(thread.integration, payload, settled),
      ),
  });
  return {
    open,
    routes: [...openIntegrationRoutes(integrations, open), ...openMessageRoutes({ ...parts, open, integrations })],
    read(id) {
      const found = open.message(id);
      return found && messageData(found.thread, found.message);
    },
    clear: () => open.clear(),
    close: () => webhook.close(),
  };
}
