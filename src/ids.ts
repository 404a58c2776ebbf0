// Owns the branded identifiers every room may say (types only). A vendor's id cannot be passed where ours is meant: seed
// 002's trap. Values are made at the edges (`crypto`, a parsed request) and cast there once.

declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** Ours: UUID v7, minted at first contact. Never a vendor's. */
export type InteractionId = Branded<'InteractionId'>;
/** Ours: `{interactionId}.{n}`, n counting the interaction's handoffs from 1. */
export type HandoffId = Branded<'HandoffId'>;
/** Ours: what a manifest that travels by reference is fetched with. */
export type ManifestRef = Branded<'ManifestRef'>;

/** A platform's configured name, such as `genesys_cloud`. */
export type PlatformName = Branded<'PlatformName'>;
/** The platform's id of one conversation: with the platform's name it identifies a leg. */
export type ExternalId = Branded<'ExternalId'>;
/** The platform's id of one party in a conversation. */
export type ParticipantId = Branded<'ParticipantId'>;
/** The platform's id of a queue. */
export type QueueId = Branded<'QueueId'>;
/** The platform's id of an agent (a Genesys Cloud user). */
export type AgentId = Branded<'AgentId'>;

/** Milliseconds since 1970 UTC; may carry a fraction. */
export type Instant = number;
