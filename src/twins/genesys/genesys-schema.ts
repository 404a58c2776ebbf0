// Owns the wire shapes of Genesys Cloud's Platform API v2 that the twin speaks. `genesys-schema.test.ts` holds them against
// the vendor's own published types, so that a field of ours cannot drift from theirs.

export type MediaType = 'call' | 'message' | 'email' | 'callback';

/** A participant's purpose, as far as the twin makes such participants. */
export type Purpose = 'customer' | 'ivr' | 'botflow' | 'acd' | 'agent' | 'external';

export type CommunicationState = 'alerting' | 'dialing' | 'connected' | 'disconnected' | 'terminated' | 'scheduled';

export type DisconnectType =
  | 'endpoint'
  | 'client'
  | 'peer'
  | 'transfer'
  | 'transfer.consult'
  | 'transfer.noanswer'
  | 'error';

export type TransferState = 'Pending' | 'Active' | 'Complete' | 'Failed';
export type TransferType = 'Attended' | 'Unattended';

export type WireRef = { readonly id: string; readonly name?: string; readonly selfUri?: string };

export type WireAddress = {
  readonly addressNormalized: string;
  readonly addressRaw: string;
  readonly addressDisplayable: string;
};

export type WireWrapup = {
  readonly code: string;
  readonly name?: string;
  readonly notes?: string;
  readonly durationSeconds?: number;
  readonly endTime?: string;
};

/** What `Call`, `Message`, `Email` and `Callback` have in common. */
export type WireCommunication = {
  readonly id: string;
  readonly state: CommunicationState;
  readonly direction: 'inbound' | 'outbound';
  readonly held: boolean;
  readonly provider: string;
  readonly startAlertingTime?: string;
  readonly connectedTime?: string;
  readonly disconnectedTime?: string;
  readonly disconnectType?: DisconnectType;
  readonly wrapup?: WireWrapup;
};
export type WireCall = WireCommunication & {
  readonly self?: WireAddress;
  readonly other?: WireAddress;
  readonly uuiData?: string;
};
export type WireMessage = WireCommunication & {
  readonly type: string;
  readonly toAddress?: WireAddress;
  readonly fromAddress?: WireAddress;
  readonly messages: readonly WireMessageDetails[];
};
export type WireMessageDetails = {
  readonly messageId: string;
  readonly messageURI: string;
  readonly messageStatus: string;
  readonly messageTime: string;
};
export type WireEmail = WireCommunication & { readonly messagesSent: number };
export type WireCallback = WireCommunication & {
  readonly callbackNumbers: readonly string[];
  readonly callbackScheduledTime?: string;
};

/** A participant of the generic conversation: it has no `state` of its own. */
export type WireParticipant = {
  readonly id: string;
  readonly name?: string;
  readonly purpose: Purpose;
  readonly startTime: string;
  readonly connectedTime?: string;
  readonly endTime?: string;
  readonly userId?: string;
  readonly queueId?: string;
  readonly queueName?: string;
  readonly address?: string;
  readonly ani?: string;
  readonly dnis?: string;
  /** Of a consult: the party that is to be transferred. */
  readonly consultParticipantId?: string;
  readonly wrapupRequired: boolean;
  readonly wrapup?: WireWrapup;
  readonly attributes: Readonly<Record<string, string>>;
  readonly calls: readonly WireCall[];
  readonly callbacks: readonly WireCallback[];
  readonly emails: readonly WireEmail[];
  readonly messages: readonly WireMessage[];
};

export type WireTransfer = {
  readonly id: string;
  readonly state: TransferState;
  readonly dateIssued: string;
  readonly destination: { readonly userId?: string; readonly address?: string };
  readonly transferType: TransferType;
};

export type WireDivisionMembership = { readonly division: WireRef; readonly entities: readonly WireRef[] };

export type WireConversation = {
  readonly id: string;
  readonly startTime: string;
  readonly endTime?: string;
  readonly address?: string;
  readonly externalTag?: string;
  readonly participants: readonly WireParticipant[];
  readonly recentTransfers: readonly WireTransfer[];
  readonly recordingState: 'NONE';
  readonly divisions: readonly WireDivisionMembership[];
  readonly selfUri: string;
};

/** A participant of a per-media conversation: flattened, with a `state`. */
export type WireMediaParticipant = {
  readonly id: string;
  readonly name?: string;
  readonly purpose: Purpose;
  readonly state: CommunicationState;
  readonly direction: 'inbound' | 'outbound';
  readonly held: boolean;
  readonly address?: string;
  readonly startTime: string;
  readonly connectedTime?: string;
  readonly endTime?: string;
  readonly disconnectType?: DisconnectType;
  readonly queue?: WireRef;
  readonly user?: WireRef;
  readonly attributes: Readonly<Record<string, string>>;
  readonly wrapupRequired: boolean;
  readonly wrapup?: WireWrapup;
  readonly provider: string;
};

export type WireMediaConversation = {
  readonly id: string;
  readonly participants: readonly WireMediaParticipant[];
  readonly otherMediaUris: readonly string[];
  readonly recentTransfers: readonly WireTransfer[];
  readonly divisions: readonly WireDivisionMembership[];
  readonly selfUri: string;
};

export type WireQueue = {
  readonly id: string;
  readonly name: string;
  readonly division: WireRef;
  readonly memberCount: number;
  readonly selfUri: string;
};

export type WireDivision = {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly homeDivision: boolean;
  readonly selfUri: string;
};

export type WireListing<Entity> = {
  readonly entities: readonly Entity[];
  readonly pageSize: number;
  readonly pageNumber: number;
  readonly total: number;
  readonly pageCount: number;
  readonly firstUri: string;
  readonly lastUri: string;
  readonly selfUri: string;
  readonly nextUri?: string;
  readonly previousUri?: string;
};

export type WireErrorBody = {
  readonly message: string;
  readonly code: string;
  readonly status: number;
  readonly messageParams: Readonly<Record<string, string>>;
  readonly contextId: string;
  readonly details: readonly never[];
  readonly errors: readonly never[];
};

export type WireRoutingStatus = {
  readonly userId: string;
  readonly status: RoutingStatusName;
  readonly startTime: string;
};
export type RoutingStatusName = 'OFF_QUEUE' | 'IDLE' | 'INTERACTING' | 'NOT_RESPONDING' | 'COMMUNICATING';
export type WireUser = {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly username: string;
  readonly state: 'active';
  readonly version: number;
  readonly division: WireRef;
  readonly selfUri: string;
  readonly presence?: WireUserPresence;
  readonly routingStatus?: WireRoutingStatus;
};
export type WireConsult = { readonly destinationParticipantId: string };

export type WireUserMe = { readonly id: string; readonly name: string; readonly selfUri: string };

export type WireTokenInfo = {
  readonly organization: WireRef;
  readonly homeOrganization: WireRef;
  readonly authorizedScope: readonly string[];
  readonly OAuthClient: { readonly id: string; readonly name: string; readonly authorizedGrantType: string };
};

export type WirePresenceDefinition = { readonly id: string; readonly systemPresence: string; readonly selfUri: string };
export type WireUserPresence = {
  readonly id: string;
  readonly source: string;
  readonly primary: boolean;
  readonly presenceDefinition: WirePresenceDefinition;
  readonly message: string;
  readonly modifiedDate: string;
  readonly selfUri: string;
};
export type WirePresenceDefinitions = {
  readonly total: number;
  readonly entities: readonly (WirePresenceDefinition & {
    readonly name: string;
    readonly type: string;
    readonly languageLabels: Readonly<Record<string, string>>;
    readonly deactivated: boolean;
  })[];
  readonly selfUri: string;
};

export type WireChannel = { readonly id: string; readonly connectUri: string; readonly expires: string };
export type WireChannelTopic = {
  readonly id: string;
  readonly state?: 'Permitted' | 'Rejected';
  readonly rejectionReason?: string;
  readonly selfUri?: string;
};

export type WireCallbackCreated = {
  readonly conversation: WireRef;
  readonly callbackIdentifiers: readonly { readonly type: string; readonly id: string }[];
};

/** `SendAgentlessOutboundMessageResponse`. */
export type WireAgentlessSent = {
  readonly id: string;
  readonly conversationId: string;
  readonly fromAddress: string;
  readonly toAddress: string;
  readonly messengerType: 'sms';
  readonly timestamp: string;
  readonly selfUri: string;
};

/** `MessageData`. */
export type WireMessageData = {
  readonly id: string;
  readonly conversationId: string;
  readonly timestamp: string;
  readonly fromAddress: string;
  readonly toAddress: string;
  readonly direction: 'outbound';
  readonly messengerType: 'sms';
  readonly status: string;
  readonly selfUri: string;
};
