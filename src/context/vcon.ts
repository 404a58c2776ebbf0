// Owns how an interaction is exported as a vCon, the IETF's container for conversations (draft-ietf-vcon-vcon-core §4, unsigned
// form, with the contact center extension "CC"). Only what is known is said: media never passes through us, so a leg is a dialog
// without content, and a handoff is a transfer only when it has moved the customer. Keeps H4: the loss reports travel along.

import type { Instant } from '../ids.ts';
import type { Channel } from './conversation.ts';
import { hasMoved, type VconFacts, type VconHandoff, type VconLeg } from './vcon-facts.ts';
import {
  CUSTOMER,
  castOf,
  holderKey,
  indexIn,
  MAKER,
  type Role,
  targetKey,
  US,
  type VconParty,
} from './vcon-parties.ts';

/** Inline content (§2.3); JSON stands as it is, not as a string (draft 03). */
type Inline =
  | { readonly mediatype: 'application/json'; readonly encoding: 'json'; readonly body: object }
  | { readonly mediatype: 'text/plain'; readonly encoding: 'none'; readonly body: string };

/** §4.3: a leg, or a transfer, which has neither parties nor content. `interaction_*` are CC §3.2. Numbers are indexes. */
export type VconDialog =
  | {
      readonly type: 'recording' | 'text';
      readonly start: string;
      readonly parties: readonly number[];
      readonly application: string;
      readonly interaction_id: string;
      readonly interaction_type: Channel;
    }
  | {
      readonly type: 'transfer';
      readonly start: string;
      readonly transferee: number;
      readonly transferor?: number;
      readonly transfer_target: number;
      readonly original: number;
      readonly target_dialog: number;
    };

/** §4.4. */
export type VconAttachment = Inline & {
  readonly purpose: 'interaction_context' | 'handoff_manifest' | 'handoff_manifest_reference' | 'loss_report';
  readonly start: string;
  readonly party: number;
  readonly dialog: number;
};

/** §4.5. */
export type VconAnalysis = Inline & {
  readonly type: 'summary' | 'report';
  readonly dialog: number | readonly number[];
  readonly vendor: string;
  readonly schema: string;
};

/** §4.1. */
export type Vcon = {
  readonly vcon: '0.4.0';
  readonly uuid: string;
  readonly extensions: readonly string[];
  readonly created_at: string;
  readonly updated_at: string;
  readonly subject?: string;
  readonly parties: readonly VconParty[];
  readonly dialog: readonly VconDialog[];
  readonly attachments: readonly VconAttachment[];
  readonly analysis: readonly VconAnalysis[];
};

/**
 * The interaction as a vCon. `uuid` is the interaction's own id, so that every export of it is the same vCon, newer by
 * `updated_at`: a UUID v7 where §4.1.2 would rather have v8 (SHOULD), which is a v7 with the maker's host name in it.
 */
export function vconOf(facts: VconFacts): Vcon {
  const { id, context, openedAt, changedAt, handoffs } = facts;
  const cast = castOf(facts);
  const moves = handoffs.filter(hasMoved);
  const inDialog = (handoff: VconHandoff) => placeOf(handoff, facts.legs.length + moves.indexOf(handoff));
  return {
    vcon: '0.4.0',
    uuid: id,
    extensions: ['CC'],
    created_at: rfc3339(openedAt),
    updated_at: rfc3339(changedAt),
    ...(context.intent !== undefined && { subject: context.intent }),
    parties: cast.map(({ party }) => party),
    dialog: [
      ...facts.legs.map((leg, index) => dialogOf(leg, index, facts, cast)),
      ...moves.map((handoff) => transferOf(handoff, facts, cast)),
    ],
    attachments: [contextOf(facts), ...handoffs.flatMap((handoff) => papersOf(handoff, inDialog(handoff)))],
    analysis: [...handoffs.flatMap((handoff) => analysesOf(handoff, inDialog(handoff))), ...verdictsOf(facts)],
  };
}

/**
 * A leg: its mode, where it lives, and who is known to have spoken in it. It starts when we came to know of it. The first party
 * counts as the one who began (§4.3.4), so that the customer comes last in a conversation that we began.
 */
function dialogOf(leg: VconLeg, index: number, facts: VconFacts, cast: readonly Role[]): VconDialog {
  const here = facts.holders.filter((holder) => holder.leg === index && holder.kind !== 'queue');
  const speakers = [...new Set(here.map(holderKey))].map((key) => indexIn(cast, key)).filter((party) => party >= 0);
  const outbound = index === 0 && facts.direction === 'outbound';
  return {
    type: leg.channel === 'voice' ? 'recording' : 'text',
    start: rfc3339(leg.attachedAt),
    parties: outbound ? [...speakers, CUSTOMER] : [CUSTOMER, ...speakers],
    application: leg.platform,
    interaction_id: leg.externalId,
    interaction_type: leg.channel,
  };
}

/** Within a platform both sides are the one vendor conversation; across two the customer goes on in another. Who let go is not said where it was the very queue, or nobody. */
function transferOf(handoff: VconHandoff, { holders }: VconFacts, cast: readonly Role[]): VconDialog {
  const { requestedAt, from, leg, to = leg } = handoff;
  const target = indexIn(cast, targetKey(handoff));
  const holder = holders[from];
  const transferor = holder ? indexIn(cast, holderKey(holder)) : -1;
  return {
    type: 'transfer',
    start: rfc3339(requestedAt),
    transferee: CUSTOMER,
    ...(transferor >= 0 && transferor !== target && { transferor }),
    transfer_target: target,
    original: leg,
    target_dialog: to,
  };
}

/** The dialogs that a handoff belongs to: its leg, and the transfer where there was one. */
type Place = { readonly leg: number; readonly transfer?: number };

function placeOf(handoff: VconHandoff, transfer: number): Place {
  return { leg: handoff.leg, ...(hasMoved(handoff) && { transfer }) };
}

/** The customer, their matter, and what of a leg the container has no word for. */
function contextOf({ customer, context, masked, direction, legs, contextAt }: VconFacts): VconAttachment {
  const states = legs.map(({ state }, dialog) => ({ dialog, state }));
  return attachment('interaction_context', contextAt, 0, { direction, customer, context, masked, legs: states });
}

/** The manifest, or an honest word on why there is only its reference; and the loss report, which may be empty. */
function papersOf({ manifest: kept, loss, requestedAt }: VconHandoff, place: Place): readonly VconAttachment[] {
  const dialog = place.transfer ?? place.leg;
  const report = attachment('loss_report', requestedAt, dialog, loss);
  if (!kept) return [report];
  if (kept.state !== 'kept') return [attachment('handoff_manifest_reference', requestedAt, dialog, kept), report];
  if (!kept.manifest) return [report];
  return [attachment('handoff_manifest', requestedAt, dialog, kept.manifest), report];
}

function attachment(purpose: VconAttachment['purpose'], at: Instant, dialog: number, body: object): VconAttachment {
  return { purpose, start: rfc3339(at), party: US, dialog, ...json(body) };
}

/** Why a transfer was made, and what came of it, is analysis (§4.3.14). */
function analysesOf(handoff: VconHandoff, { leg, transfer }: Place): readonly VconAnalysis[] {
  const { id, kind, queue, agentId, because, requestedAt, settled, manifest, briefing, summary } = handoff;
  const report = {
    handoffId: id,
    kind,
    ...(agentId === undefined ? { queue: { ...queue, because } } : { agentId }),
    requestedAt: rfc3339(requestedAt),
    outcome: settled?.outcome ?? null,
    ...(settled?.reason !== undefined && { reason: settled.reason }),
    ...(settled && { settledAt: rfc3339(settled.at) }),
    ...(manifest && { manifestRef: manifest.ref }),
  };
  const dialog = transfer === undefined ? leg : [leg, transfer];
  return [
    ...prose('briefing', leg, briefing),
    ...prose('summary', leg, summary),
    analysis('report', 'handoff', dialog, json(report)),
  ];
}

/** What was recorded of the whole when it was over; an agent's verdict is analysis (§4.3.11). */
function verdictsOf({ wrapup, survey, legs }: VconFacts): readonly VconAnalysis[] {
  const all = legs.map((_, index) => index);
  return [
    ...(wrapup ? [analysis('report', 'wrapup', all, json(wrapup))] : []),
    ...(survey ? [analysis('report', 'survey', all, json(survey))] : []),
  ];
}

function prose(schema: string, dialog: number, body: string): readonly VconAnalysis[] {
  return body === '' ? [] : [analysis('summary', schema, dialog, { mediatype: 'text/plain', encoding: 'none', body })];
}

function analysis(
  type: VconAnalysis['type'],
  schema: string,
  dialog: VconAnalysis['dialog'],
  content: Inline,
): VconAnalysis {
  return { type, dialog, vendor: MAKER, schema: `throughline/${schema}`, ...content };
}

function json(body: object): Inline {
  return { mediatype: 'application/json', encoding: 'json', body };
}

function rfc3339(instant: Instant): string {
  return new Date(instant).toISOString();
}
