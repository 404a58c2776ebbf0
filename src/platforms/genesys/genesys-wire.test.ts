// Tests our wire types against the official SDK's models: this file does not compile when they disagree. What the vendor sends
// must be readable by us (the SDK's type is assignable to ours), what we send must be acceptable to the vendor (ours to the
// SDK's), and every field we name must exist there, as a misspelt optional one would pass unseen.

import type { Models } from 'purecloud-platform-client-v2';
import { describe, expect, it } from 'vitest';
import {
  type WireChannel,
  type WireConsult,
  type WireConversation,
  type WireDetailEvent,
  type WireDivisions,
  type WireErrorBody,
  type WireLeave,
  type WireParticipant,
  type WireParticipantAttributes,
  type WirePresence,
  type WirePresenceChange,
  type WireQueueFacts,
  type WireQueueListing,
  type WireTagsUpdate,
  type WireTokenInfo,
  type WireTopic,
  type WireTransfer,
  type WireTransferToAddress,
  type WireTransferToQueue,
  type WireUser,
  type WireUserMe,
  type WireUuiData,
  wireConversation,
  wireDetailEvent,
  wireErrorBody,
  wireGrant,
  wireQueueListing,
} from './genesys-wire.ts';

/** True only when a `Given` can be put where a `Wanted` is asked for. */
type Fits<Given, Wanted> = [Given] extends [Wanted] ? true : false;
/** True only when every field that `Ours` names is one of `Theirs`. */
type Names<Ours, Theirs> = [keyof Ours] extends [keyof Theirs] ? true : false;
type Element<List> = List extends readonly (infer One)[] | null | undefined ? One : never;

const read: readonly true[] = [
  true satisfies Fits<Models.Conversation, WireConversation>,
  true satisfies Names<Omit<WireConversation, 'participants'>, Models.Conversation>,
  true satisfies Names<WireParticipant, Models.Participant>,
  true satisfies Names<Element<WireParticipant['calls']>, Models.Call>,
  true satisfies Names<Element<WireParticipant['messages']>, Models.Message>,
  true satisfies Names<WireTransfer, Models.TransferResponse>,
  true satisfies Names<NonNullable<WireTransfer['destination']>, Models.TransferDestination>,
  true satisfies Fits<Models.QueueEntityListing, WireQueueListing>,
  true satisfies Names<WireQueueListing, Models.QueueEntityListing>,
  true satisfies Names<Element<WireQueueListing['entities']>, Models.Queue>,
  true satisfies Fits<Models.AuthzDivision[], WireDivisions>,
  true satisfies Names<Element<WireDivisions>, Models.AuthzDivision>,
  true satisfies Fits<Models.ErrorBody, WireErrorBody>,
  true satisfies Names<WireErrorBody, Models.ErrorBody>,
  true satisfies Fits<Models.Channel, WireChannel>,
  true satisfies Names<WireChannel, Models.Channel>,
  true satisfies Fits<Models.TokenInfo, WireTokenInfo>,
  true satisfies Names<WireTokenInfo, Models.TokenInfo>,
  true satisfies Names<NonNullable<WireTokenInfo['OAuthClient']>, Models.OrgOAuthClient>,
  true satisfies Fits<Models.UserMe, WireUserMe>,
  true satisfies Names<WireUserMe, Models.UserMe>,
  true satisfies Fits<Models.UserPresence, WirePresence>,
  true satisfies Names<WirePresence, Models.UserPresence>,
  true satisfies Names<NonNullable<WirePresence['presenceDefinition']>, Models.PresenceDefinition>,
  true satisfies Fits<Models.User, WireUser>,
  true satisfies Names<WireUser, Models.User>,
  true satisfies Names<NonNullable<WireUser['routingStatus']>, Models.RoutingStatus>,
  true satisfies Names<NonNullable<NonNullable<WireUser['presence']>['presenceDefinition']>, Models.PresenceDefinition>,
  true satisfies Fits<Models.Queue, WireQueueFacts>,
  true satisfies Names<WireQueueFacts, Models.Queue>,
  // A pushed conversation is required to have participants by us only: without any it says nothing.
  true satisfies Fits<
    Models.QueueConversationEventTopicConversation &
      Required<Pick<Models.QueueConversationEventTopicConversation, 'participants'>>,
    WireConversation
  >,
];

const detailEvents: readonly true[] = [
  true satisfies Fits<Models.AcdStartDetailEventTopicAcdStartEvent, WireDetailEvent>,
  true satisfies Fits<Models.AcdEndDetailEventTopicAcdEndEvent, WireDetailEvent>,
  true satisfies Fits<Models.UserStartDetailEventTopicUserStartEvent, WireDetailEvent>,
  true satisfies Fits<Models.UserEndDetailEventTopicUserEndEvent, WireDetailEvent>,
  true satisfies Fits<Models.CustomerEndDetailEventTopicCustomerEndEvent, WireDetailEvent>,
  true satisfies Names<
    WireDetailEvent,
    Models.AcdEndDetailEventTopicAcdEndEvent & Models.UserEndDetailEventTopicUserEndEvent
  >,
];

/** Readonly lists and records of ours are what the SDK types as mutable. */
type Mutable<Value> = { -readonly [Key in keyof Value]: Value[Key] extends object ? Mutable<Value[Key]> : Value[Key] };

const sent: readonly true[] = [
  true satisfies Fits<Mutable<WireParticipantAttributes>, Models.ParticipantAttributes>,
  true satisfies Names<WireParticipantAttributes, Models.ParticipantAttributes>,
  true satisfies Fits<WireTagsUpdate, Models.ConversationTagsUpdate>,
  true satisfies Names<WireTagsUpdate, Models.ConversationTagsUpdate>,
  true satisfies Fits<WireTransferToQueue, Models.TransferToQueueRequest>,
  true satisfies Names<WireTransferToQueue, Models.TransferToQueueRequest>,
  true satisfies Fits<WireTransferToAddress, Models.TransferToAddressRequest>,
  true satisfies Names<WireTransferToAddress, Models.TransferToAddressRequest>,
  true satisfies Fits<WireConsult, Models.ConsultTransferToAddress>,
  true satisfies Names<WireConsult, Models.ConsultTransferToAddress>,
  true satisfies Fits<WireLeave, Models.MediaParticipantRequest>,
  true satisfies Names<WireLeave, Models.MediaParticipantRequest>,
  true satisfies Fits<WireUuiData, Models.SetUuiDataRequest>,
  true satisfies Names<WireUuiData, Models.SetUuiDataRequest>,
  true satisfies Fits<WirePresenceChange, Models.UserPresence>,
  true satisfies Names<WirePresenceChange, Models.UserPresence>,
  true satisfies Fits<WireTopic, Models.ChannelTopic>,
  true satisfies Names<WireTopic, Models.ChannelTopic>,
];

describe('genesys wire types', () => {
  it("agree with the official SDK's models (checked by the compiler)", () => {
    expect([...read, ...detailEvents, ...sent]).not.toContain(false);
  });

  it('drop what we do not use, which is where the personal data is', () => {
    const conversation = wireConversation.parse({
      id: 'c',
      address: '+14155551234',
      participants: [{ id: 'p', purpose: 'customer', name: 'Ada', ani: 'tel:+14155551234', attributes: { a: 'b' } }],
    });
    expect(JSON.stringify(conversation)).not.toMatch(/4155551234|Ada|attributes/);
  });

  it('keep of attributes only that a handoff’s own are there', () => {
    const attributes = {
      interactionId: 'i-1',
      handoff_manifest: '{"a":"Ada"}',
      handoff_context_ref: '',
      intent: 'refund',
    };
    const { participants } = wireConversation.parse({ id: 'c', participants: [{ id: 'p', attributes }] });
    expect(participants[0]?.attributes).toEqual({ interactionId: true, handoff_manifest: true });
  });

  it('take null for absent, as some services of the platform write it', () => {
    expect(
      wireConversation.safeParse({ id: 'c', endTime: null, participants: [{ id: null, calls: null }] }).success,
    ).toBe(true);
    expect(
      wireQueueListing.safeParse({ entities: [{ id: 'q', name: 'Q', division: null }], pageCount: null }).success,
    ).toBe(true);
  });

  it('refuse what is not of the shape', () => {
    expect(wireConversation.safeParse({ id: 'c' }).success).toBe(false);
    expect(wireDetailEvent.safeParse({ eventTime: '2026-11-20' }).success).toBe(false);
    expect(wireErrorBody.safeParse('no').success).toBe(false);
    expect(wireGrant.safeParse({ access_token: '', expires_in: 1 }).success).toBe(false);
    expect(wireGrant.safeParse({ access_token: 'x', expires_in: 0 }).success).toBe(false);
  });
});
