// Owns what of an interaction a transfer takes along, in the destination's words and within its limits: when it is asked for, and again
// whenever what is known changes before it is written there. Keeps H4: what arrives is what is known when the customer does, or is named.

import { briefingOf } from '../context/briefing.ts';
import { ATTRIBUTE, withoutKeptBack } from '../context/fields.ts';
import type { Mapping } from '../context/mapping.ts';
import { mask, withPiiMasked } from '../context/masking.ts';
import { type LossEntry, pack, packAgain } from '../context/packing.ts';
import { agentContextSummary } from '../context/summary.ts';
import type { Instant, ManifestRef } from '../ids.ts';
import type { Initiator, Packing } from './crossing.ts';
import { deflectedTo } from './deflected.ts';
import type { EventBody } from './event.ts';
import { evolve } from './evolve.ts';
import { type Interaction, isErased, type State } from './interaction.ts';
import { isSameLeg, type Leg, type TransferMove } from './move.ts';

type Carrying = {
  readonly leg: Leg;
  readonly packing: Packing;
  readonly mapping: Mapping | undefined;
  readonly initiatedBy: Initiator;
  readonly ref: ManifestRef | undefined;
};
export type Carried = {
  readonly carried: Readonly<Record<string, string>>;
  readonly loss: readonly LossEntry[];
  readonly briefing: string;
  readonly summary: string;
};

/** The context in the destination's words and within its limits; what is left out of them is behind the reference. */
export function carry(state: Interaction, { leg, packing, mapping, initiatedBy, ref }: Carrying): Carried {
  const { limits, again } = packing;
  const { manifest, masked } = manifestNow(state, packing);
  const { channel } = leg;
  const { context } = state;
  const allMasked = [...state.masked, ...masked];
  const customer = withPiiMasked(state.customer, allMasked);
  // What the destination is not to be told is in no sentence for it, either.
  const sayable = withoutKeptBack(context, mapping);
  const told = {
    briefing: briefingOf(manifest ?? {}, sayable),
    summary: agentContextSummary({
      channel,
      context: sayable,
      manifest,
      how: `Transferred by ${initiatedBy}`,
      deflected: deflectedTo(state, leg),
      masked: customer.piiMasked === true,
    }),
  };
  const { attributes, loss } = (again ? packAgain : pack)({
    interactionId: state.id,
    channel,
    customer,
    context,
    told,
    limits,
    ...(mapping && { mapping }),
    ...(manifest && { manifest }),
    ...(ref && { ref }),
  });
  return { carried: attributes, loss: [...loss, ...allMasked], ...told };
}

/** Flags that were raised since the request forbid what they forbid. */
export function manifestNow(
  { context }: Interaction,
  { manifest, masked }: Packing,
): Pick<Packing, 'manifest' | 'masked'> {
  if (!manifest) return { masked };
  const now = mask({ manifest }, context.complianceFlags ?? []);
  const isNew = ({ field }: LossEntry) => !masked.some((known) => known.field === field);
  return { manifest: now.value.manifest, masked: [...masked, ...now.loss.filter(isNew)] };
}

/** What `move` would take along by now, where that is not what it takes: nothing otherwise. */
export function repacked(state: Interaction, move: TransferMove): readonly EventBody[] {
  const { terms, leg, manifestRef: ref } = move;
  const { packing, mapping, initiatedBy } = terms;
  if (!packing) return [];
  const given = { leg, mapping, initiatedBy, ref };
  const all = carry(state, { ...given, packing });
  const empties = emptied(state, move, all.carried);
  const now = makesRoom(packing, all, empties) ? carry(state, { ...given, packing: withRoom(packing, empties) }) : all;
  const carried = { ...empties, ...now.carried };
  return isSame({ ...now, carried }, { ...move, carried: terms.carried })
    ? []
    : [{ type: 'ContextRepacked', ...now, carried }];
}

type Values = Readonly<Record<string, string>>;

/** What is written empty takes a place like any other, where a platform counts them. */
function makesRoom({ limits }: Packing, { carried }: Carried, empties: Values): boolean {
  const count = Object.keys(empties).length;
  const taken = Object.keys(carried).filter((name) => !limits.idApart || name !== ATTRIBUTE.interactionId);
  return count > 0 && taken.length + count > limits.attributeCount;
}

function withRoom(packing: Packing, empties: Values): Packing {
  const attributeCount = Math.max(1, packing.limits.attributeCount - Object.keys(empties).length);
  return { ...packing, limits: { ...packing.limits, attributeCount } };
}

/** What was written there before and is known no more: a vendor merges by name and deletes nothing. */
function emptied(
  { written = [] }: Interaction,
  { arrived, progress }: TransferMove,
  now: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  if (!arrived || progress.step !== 'injecting') return {};
  const before = written.find(({ leg, customer }) => isSameLeg(leg, arrived) && customer === progress.customer);
  const gone = (before?.names ?? []).filter((name) => !Object.hasOwn(now, name));
  return Object.fromEntries(gone.map((name) => [name, '']));
}

function isSame(one: Carried, other: Carried): boolean {
  const text = ({ carried, loss, briefing, summary }: Carried) =>
    JSON.stringify([Object.entries(carried).toSorted(([a], [b]) => (a < b ? -1 : 1)), loss, briefing, summary]);
  return text(one) === text(other);
}

/**
 * What follows from `bodies` for what an open transfer takes along. What is being written already is waited for, since two writings at a time
 * may land in any order: its answer shows that it is to be written anew.
 */
export function repackedAfter(state: Interaction, bodies: readonly EventBody[], now: Instant): readonly EventBody[] {
  const { move: before } = state;
  const changes = bodies.some((body) => body.type === 'ContextChanged' || isRetry(body));
  if (bodies.length === 0 || !(changes || before?.progress.step === 'injecting')) return [];
  const after = bodies.reduce<State>((known, body) => evolve(known, { ...body, at: now, actor: '' }), state);
  if (!after || isErased(after) || after.move?.kind !== 'transfer') return [];
  return isBeingWritten(before, after.move) ? [] : repacked(after, after.move);
}

/** A transfer that is gone on with was packed when the one before it was asked for. */
function isRetry(body: EventBody): boolean {
  return body.type === 'TransferRequested' && body.handoff.retries !== undefined;
}

function isBeingWritten(before: Interaction['move'], { progress }: TransferMove): boolean {
  const isUnderWay = progress.step === 'injecting' && progress.task.kind === 'running';
  return isUnderWay && before?.progress.step === 'injecting' && before.progress.task.seq === progress.task.seq;
}
