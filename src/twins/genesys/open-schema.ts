// Owns the wire shapes of Genesys Cloud's open messaging that the twin speaks. `genesys-schema.test.ts` holds them against the vendor's own
// published types; what only its dev-center shows is said so.

/** `OpenMessagingFromRecipient`, `OpenMessagingToRecipient`. */
export type WireOpenParty = {
  readonly id: string;
  readonly idType?: string;
  readonly nickname?: string;
  readonly firstName?: string;
  readonly lastName?: string;
  readonly image?: string;
  readonly email?: string;
};
export type WireOpenFrom = WireOpenParty & { readonly idType: string };
/** `OpenMessagingChannel`. */
export type WireOpenChannel = {
  readonly id: string;
  readonly platform: 'Open';
  readonly type: 'Private';
  readonly messageId?: string;
  readonly to: WireOpenParty;
  readonly from: WireOpenFrom;
  readonly time: string;
};
/** `OpenContentAttachment`. */
export type WireOpenAttachment = {
  readonly id?: string;
  readonly mediaType: string;
  readonly url: string;
  readonly mime: string;
  readonly text?: string;
  readonly sha256?: string;
  readonly filename?: string;
};
export type WireOpenContent = { readonly contentType: string; readonly attachment?: WireOpenAttachment };

/** `OpenMessageNormalizedMessage`: the answer to a message that came in. */
export type WireOpenMessage = {
  readonly id: string;
  readonly channel: WireOpenChannel;
  readonly type: 'Text' | 'Structured';
  readonly text?: string;
  readonly content?: readonly WireOpenContent[];
  readonly metadata?: Readonly<Record<string, string>>;
  /** Only where it was asked for. */
  readonly conversationId?: string;
};
/** `OpenEventNormalizedMessage`. */
export type WireOpenEvent = {
  readonly id: string;
  readonly channel: WireOpenChannel;
  readonly type: 'Event';
  readonly events: readonly {
    readonly eventType: 'Typing';
    readonly typing: { readonly type: 'On'; readonly duration?: number };
  }[];
};
/** `OpenReceiptNormalizedMessage`. */
export type WireOpenReceipt = {
  readonly id: string;
  readonly channel: WireOpenChannel;
  readonly type: 'Receipt';
  readonly status: string;
  readonly isFinalReceipt?: boolean;
  readonly direction: 'Inbound' | 'Outbound';
};
/** What is posted to a webhook: `OpenNormalizedMessage`, and beside it what the dev-center shows and the SDK leaves out. */
export type WireOpenOutbound =
  | (Omit<WireOpenMessage, 'conversationId'> & {
      readonly direction: 'Outbound';
      readonly originatingEntity: 'Human' | 'Bot';
    })
  | (WireOpenEvent & { readonly direction: 'Outbound' })
  | WireOpenReceipt;

/** `OpenIntegration`. */
export type WireOpenIntegration = {
  readonly id: string;
  readonly name: string;
  readonly outboundNotificationWebhookUrl: string;
  readonly outboundNotificationWebhookSignatureSecretToken: string;
  readonly webhookHeaders: Readonly<Record<string, string>>;
  readonly status: 'Active';
  readonly createStatus: 'Completed';
  readonly dateCreated: string;
  readonly dateModified: string;
  readonly selfUri: string;
};

/** `ConversationThreadingWindow`. */
export type WireThreadingWindow = {
  readonly settings: readonly { readonly messengerType: string; readonly timeoutInMinutes: number }[];
  readonly defaultTimeoutMinutes: number;
};

/** `MessageData` of a message in an open messaging conversation. */
export type WireOpenMessageData = {
  readonly id: string;
  readonly providerMessageId?: string;
  readonly conversationId: string;
  readonly timestamp: string;
  readonly fromAddress: string;
  readonly toAddress: string;
  readonly direction: 'inbound' | 'outbound';
  readonly messengerType: 'open';
  readonly status: string;
  readonly normalizedMessage: WireNormalized;
  readonly selfUri: string;
};
/** `ConversationNormalizedMessage`, as far as the twin fills it. */
export type WireNormalized = {
  readonly id: string;
  readonly type: string;
  readonly text: string;
  readonly direction: 'Inbound' | 'Outbound';
};
