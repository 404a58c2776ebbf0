// Holds the twin's wire types against the vendor's published ones: each must be assignable to the SDK's model, and must not
// have a field which that model has not.

import type { Models } from 'purecloud-platform-client-v2';
import { expectTypeOf, it } from 'vitest';
import type * as wire from './genesys-schema.ts';
import type * as open from './open-schema.ts';

/** As the vendor's types are: mutable arrays, nothing readonly. */
type Loose<Value> = Value extends readonly (infer Item)[]
  ? Loose<Item>[]
  : Value extends object
    ? { -readonly [Key in keyof Value]: Loose<Value[Key]> }
    : Value;
type Unknown<Ours, Theirs> = Exclude<keyof Ours, keyof Theirs>;

it('speaks of conversations as the vendor does', () => {
  expectTypeOf<Loose<wire.WireConversation>>().toExtend<Models.Conversation>();
  expectTypeOf<Unknown<wire.WireConversation, Models.Conversation>>().toBeNever();
  expectTypeOf<Unknown<wire.WireParticipant, Models.Participant>>().toBeNever();
  expectTypeOf<Loose<wire.WireTransfer>>().toExtend<Models.TransferResponse>();
  expectTypeOf<Unknown<wire.WireTransfer, Models.TransferResponse>>().toBeNever();
});

it('speaks of communications as the vendor does', () => {
  expectTypeOf<Unknown<wire.WireCall, Models.Call>>().toBeNever();
  expectTypeOf<Unknown<wire.WireMessage, Models.Message>>().toBeNever();
  expectTypeOf<Unknown<wire.WireEmail, Models.Email>>().toBeNever();
  expectTypeOf<Unknown<wire.WireCallback, Models.Callback>>().toBeNever();
  expectTypeOf<Unknown<wire.WireAddress, Models.Address>>().toBeNever();
  expectTypeOf<Unknown<wire.WireWrapup, Models.Wrapup>>().toBeNever();
});

it('speaks of per-media conversations as the vendor does', () => {
  expectTypeOf<Loose<wire.WireMediaConversation>>().toExtend<Models.CallConversation>();
  expectTypeOf<Loose<wire.WireMediaConversation>>().toExtend<Models.MessageConversation>();
  expectTypeOf<Loose<wire.WireMediaConversation>>().toExtend<Models.EmailConversation>();
  expectTypeOf<Loose<wire.WireMediaConversation>>().toExtend<Models.CallbackConversation>();
  expectTypeOf<Unknown<wire.WireMediaConversation, Models.MessageConversation>>().toBeNever();
  expectTypeOf<Unknown<wire.WireMediaParticipant, Models.MessageMediaParticipant>>().toBeNever();
});

it('speaks of queues, divisions, errors and channels as the vendor does', () => {
  expectTypeOf<Loose<wire.WireListing<wire.WireQueue>>>().toExtend<Models.QueueEntityListing>();
  expectTypeOf<Unknown<wire.WireQueue, Models.Queue>>().toBeNever();
  expectTypeOf<Unknown<wire.WireListing<wire.WireQueue>, Models.QueueEntityListing>>().toBeNever();
  expectTypeOf<Loose<wire.WireDivision>>().toExtend<Models.AuthzDivision>();
  expectTypeOf<Unknown<wire.WireDivision, Models.AuthzDivision>>().toBeNever();
  expectTypeOf<Unknown<wire.WireErrorBody, Models.ErrorBody>>().toBeNever();
  expectTypeOf<Unknown<wire.WireUserMe, Models.UserMe>>().toBeNever();
  expectTypeOf<Loose<wire.WireUser>>().toExtend<Models.User>();
  expectTypeOf<Unknown<wire.WireUser, Models.User>>().toBeNever();
  expectTypeOf<Loose<wire.WireRoutingStatus>>().toExtend<Models.RoutingStatus>();
  expectTypeOf<Unknown<wire.WireRoutingStatus, Models.RoutingStatus>>().toBeNever();
  expectTypeOf<wire.WireConsult>().toExtend<Models.ConsultTransferResponse>();
  expectTypeOf<Unknown<wire.WireTokenInfo, Models.TokenInfo>>().toBeNever();
  expectTypeOf<Unknown<wire.WireTokenInfo['OAuthClient'], Models.OrgOAuthClient>>().toBeNever();
  expectTypeOf<Loose<wire.WireUserPresence>>().toExtend<Models.UserPresence>();
  expectTypeOf<Unknown<wire.WireUserPresence, Models.UserPresence>>().toBeNever();
  expectTypeOf<Unknown<wire.WirePresenceDefinition, Models.PresenceDefinition>>().toBeNever();
  expectTypeOf<Loose<wire.WirePresenceDefinitions>>().toExtend<Models.OrganizationPresenceDefinitionEntityListing>();
  expectTypeOf<Loose<wire.WireChannel>>().toExtend<Models.Channel>();
  expectTypeOf<Unknown<wire.WireChannelTopic, Models.ChannelTopic>>().toBeNever();
  expectTypeOf<Loose<wire.WireCallbackCreated>>().toExtend<Models.CreateCallbackResponse>();
});

it('speaks of text messages without an agent as the vendor does', () => {
  expectTypeOf<Loose<wire.WireAgentlessSent>>().toExtend<Models.SendAgentlessOutboundMessageResponse>();
  expectTypeOf<Unknown<wire.WireAgentlessSent, Models.SendAgentlessOutboundMessageResponse>>().toBeNever();
  expectTypeOf<Loose<wire.WireMessageData>>().toExtend<Models.MessageData>();
  expectTypeOf<Unknown<wire.WireMessageData, Models.MessageData>>().toBeNever();
});

it('speaks of open messaging as the vendor does', () => {
  expectTypeOf<Loose<open.WireOpenMessage>>().toExtend<Models.OpenMessageNormalizedMessage>();
  expectTypeOf<Unknown<open.WireOpenMessage, Models.OpenMessageNormalizedMessage>>().toBeNever();
  expectTypeOf<Unknown<open.WireOpenChannel, Models.OpenMessagingChannel>>().toBeNever();
  expectTypeOf<Unknown<open.WireOpenFrom, Models.OpenMessagingFromRecipient>>().toBeNever();
  expectTypeOf<Unknown<open.WireOpenParty, Models.OpenMessagingToRecipient>>().toBeNever();
  expectTypeOf<Unknown<open.WireOpenAttachment, Models.OpenContentAttachment>>().toBeNever();
  expectTypeOf<Loose<open.WireOpenEvent>>().toExtend<Models.OpenEventNormalizedMessage>();
  expectTypeOf<Unknown<open.WireOpenEvent, Models.OpenEventNormalizedMessage>>().toBeNever();
  expectTypeOf<Loose<open.WireOpenReceipt>>().toExtend<Models.OpenReceiptNormalizedMessage>();
  expectTypeOf<Unknown<open.WireOpenReceipt, Models.OpenReceiptNormalizedMessage>>().toBeNever();
  expectTypeOf<Loose<open.WireOpenIntegration>>().toExtend<Models.OpenIntegration>();
  expectTypeOf<Unknown<open.WireOpenIntegration, Models.OpenIntegration>>().toBeNever();
  expectTypeOf<Loose<open.WireThreadingWindow>>().toExtend<Models.ConversationThreadingWindow>();
  expectTypeOf<Unknown<open.WireThreadingWindow, Models.ConversationThreadingWindow>>().toBeNever();
  expectTypeOf<Loose<open.WireOpenMessageData>>().toExtend<Models.MessageData>();
  expectTypeOf<Unknown<open.WireOpenMessageData, Models.MessageData>>().toBeNever();
  expectTypeOf<Unknown<wire.WireMessageDetails, Models.MessageDetails>>().toBeNever();
});
