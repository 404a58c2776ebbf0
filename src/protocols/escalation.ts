// Owns how an escalation is prepared: bot to queue on the same platform (seeds 001 and 004). One open move, the queue by exact
// name, a look, and the context attached before anything moves. Keeps H1 and H4.

import { briefingOf } from '../context/briefing.ts';
import type { ConversationView, Party, Queue } from '../context/conversation.ts';
import { isPiiMasked, withPiiMasked } from '../context/masking.ts';
import { limitsFor, pack, packAgain } from '../context/packing.ts';
import { agentContextSummary } from '../context/summary.ts';
import type { ExternalId, HandoffId, Instant } from '../ids.ts';
import { become, observe } from './attendance.ts';
import { anchoredIn, type Chat } from './chat.ts';
import type { CommandResult, CommandValue } from './command.ts';
import { deflectedTo } from './deflected.ts';
import { customerLeft, settled, withdrawn } from './ending.ts';
import type { EventBody } from './event.ts';
import { customerOf, isPending, newestTransferAt, replaceableIn } from './evidence.ts';
import type { DeskPolicy, RequestEscalation } from './input.ts';
import { findByRequest, type Interaction, nextNumber, underWay } from './interaction.ts';
import { type EscalationMove, isSameLeg, type Leg, legOf, type QueueWish, type Target } from './move.ts';
import type { Attendance } from './ownership.ts';
import { chooseQueue } from './queue-rules.ts';
import { refusal } from './refusal.ts';

const OURS = 'escalation';

/** A request to escalate: the events that open the move, or one refusal. A request already answered gives no events. */
export function requestEscalation(state: Interaction, input: RequestEscalation, now: Instant): readonly EventBody[] {
  const asked = input.request && findByRequest(state, input.request.key);
  if (asked)
    return asked.request?.digest === input.request?.digest ? [] : [refusal(OURS, 'idempotency-key-reused', asked)];
  if (state.endedAt !== undefined) return [refusal(OURS, 'interaction-ended')];
  const open = underWay(state);
  if (open) return [refusal(OURS, 'handoff-in-progress', open)];
  const chat = anchoredIn(state);
  if (chat) return requestByFirstMessage(state, input, chat, now);
  const leg = state.legs.findLast((held) => held.state === 'live' && input.policy.platforms[held.platform]);
  const platform = leg && input.policy.platforms[leg.platform];
  if (!leg || !platform) return [refusal(OURS, 'no-platform-leg')];

  // An agent who is said to be there refuses nothing yet: that may be old, and the inspection will show it.
  return [...withdrawn(state.offers, 'superseded'), begin(state, input, legOf(leg), platform, now)];
}

/** From a conversation that we carry: the first message begins one with people, already routed. */
function requestByFirstMessage(
  state: Interaction,
  input: RequestEscalation,
  { leg, desk: open }: Chat,
  now: Instant,
): readonly EventBody[] {
  const desk = deskFor(state, input, leg);
  const platform = desk && input.policy.platforms[desk.platform];
  if (!desk || !platform) return [refusal(OURS, 'no-platform-leg')];
  const far = `${leg.externalId}.${nextNumber(state)}` as ExternalId;
  const { limits = platform.limits, ...there } = desk;
  // Every stretch is a conversation of its own there: nothing of an earlier one is in it.
  const fitting = { ...platform, limits, isNew: true };
  const begun = begin(state, { ...input, commitBy: 'first-message' }, leg, fitting, now);
  const requested = { ...begun, handoff: { ...begun.handoff, desk: { ...there, far } } };
  const withPeople = open !== null && (state.holder.kind === 'agent' || state.holder.kind === 'queue');
  const refused: readonly EventBody[] = withPeople
    ? [
        {
          type: 'HandoffSettled',
          handoffId: begun.handoff.id,
          outcome: 'refused',
          reason: 'already-with-agent',
          vendorMs: 0,
        },
      ]
    : [];
  return [...withdrawn(state.offers, 'superseded'), requested, ...refused];
}

/** The people who answer the queue that is wanted. */
function deskFor(state: Interaction, input: RequestEscalation, leg: Leg): DeskPolicy | undefined {
  const { desk, deskOfQueue = {} } = input.policy;
  const { name } = wishOf(state, input, leg);
  return Object.hasOwn(deskOfQueue, name) ? deskOfQueue[name] : desk;
}

function wishOf(
  { context, customer }: Interaction,
  { policy, queue, manifest }: RequestEscalation,
  leg: Leg,
): QueueWish {
  return chooseQueue(policy.rules, {
    context,
    channel: leg.channel,
    ...(queue === undefined ? {} : { requested: queue }),
    ...(manifest === undefined ? {} : { manifest }),
    ...(customer.segment === undefined ? {} : { segment: customer.segment }),
  });
}

function begin(
  state: Interaction,
  input: RequestEscalation,
  leg: Leg,
  platform: RequestEscalation['policy']['platforms'][Leg['platform']] & { readonly isNew?: boolean },
  now: Instant,
): Extract<EventBody, { type: 'EscalationRequested' }> {
  const { policy, manifest } = input;
  const n = nextNumber(state);
  // A leg that came later may carry what another interaction's handoff wrote there.
  const cameLater = state.legs.some((held) => held.later && isSameLeg(held, leg));
  const wroteBefore = !platform.isNew && (cameLater || state.settled.some((handoff) => isSameLeg(handoff.leg, leg)));
  const masked = [...state.masked, ...input.masked];
  const told = {
    briefing: briefingOf(manifest ?? {}, state.context),
    summary: agentContextSummary({
      channel: leg.channel,
      context: state.context,
      manifest,
      masked: isPiiMasked(state.customer, masked),
      deflected: deflectedTo(state, leg),
    }),
  };
  const packed = (wroteBefore ? packAgain : pack)({
    interactionId: state.id,
    channel: leg.channel,
    customer: withPiiMasked(state.customer, masked),
    context: state.context,
    told,
    limits: limitsFor(platform.limits, leg.channel),
    ...(manifest === undefined ? {} : { manifest }),
    ...(input.manifestRef === undefined ? {} : { ref: input.manifestRef }),
  });
  return {
    type: 'EscalationRequested',
    attributes: packed.attributes,
    handoff: {
      id: `${state.id}.${n}` as HandoffId,
      n,
      kind: 'escalation',
      commitBy: input.commitBy,
      resumeBot: input.resumeBot,
      leg,
      wish: wishOf(state, input, leg),
      requestedAt: now,
      ...(input.request === undefined ? {} : { request: input.request }),
      ...(input.manifestRef === undefined ? {} : { manifestRef: input.manifestRef }),
      ...told,
      loss: [...packed.loss, ...masked],
      limits: {
        ...policy.limits,
        settleMs: platform.settleMs,
        settleBy: now + policy.settleWithinMs,
        ...(platform.agentHold && { agentHold: { ...platform.agentHold, settleMs: platform.settleMs } }),
      },
    },
  };
}

/** The inspection is back: refuse what must not be moved, else go on to attach the context. */
export function inspected(
  state: Interaction,
  move: EscalationMove,
  { queue, view }: Extract<CommandValue, { of: 'Inspect' }>['result'],
  vendorMs: number,
): readonly EventBody[] {
  const customer = customerOf(view);
  if (view.ended || !customer) return customerLeft(state, move.leg, vendorMs);
  const { known, attributes } = move.progress.step === 'inspecting' ? move.progress : { known: [], attributes: {} };
  const attendance = observe(state, view, move.leg, known);
  const event = inspection(move, queue, view, customer, attendance, vendorMs);
  return [withEmptied(event, view, attributes), ...become(state, attendance)];
}

/** Who had the conversation before may not be known any more; what their handoff wrote there is seen (H4). */
function withEmptied(event: EventBody, { leftBehind = [] }: ConversationView, ours: object): EventBody {
  const empties = leftBehind.filter((name) => !Object.hasOwn(ours, name));
  return event.type === 'ConversationInspected' && empties.length > 0 ? { ...event, empties } : event;
}

function inspection(
  move: EscalationMove,
  queue: Queue,
  view: ConversationView,
  customer: Party,
  { present }: Attendance,
  vendorMs: number,
): EventBody {
  // Seed 004, edge case 3: an agent is being rung or has answered, so a second transfer would take the customer away. What was
  // told meanwhile counts too: the view may be older. Who is on another leg is not taken away from there.
  if (present.some((party) => party.holds.kind === 'agent' && isSameLeg(party.leg, move.leg))) {
    return settled(move, 'refused', { reason: 'already-with-agent', vendorMs });
  }
  const waitsIn = view.parties.find(
    (party) => party.role === 'queue' && party.queueId === queue.id && isIn(present, party),
  );
  const newest = view.transfers.findLast((transfer) => transfer.queueId === queue.id);
  const underWay = waitsIn !== undefined || (newest !== undefined && isPending(newest));
  const leaving = underWay ? undefined : replaceableIn(view);
  if (!underWay && !leaving && move.commitBy === 'us') {
    return settled(move, 'refused', { reason: 'nothing-to-transfer', vendorMs });
  }
  const target: Target = {
    queue,
    customer: customer.id,
    ...(leaving && { leaving: leaving.id }),
    known: view.parties.map((party) => party.id),
    // A transfer to this queue that is under way already is the one to watch; others are not ours.
    transfersAfter: underWay ? -1 : newestTransferAt(view),
  };
  return { type: 'ConversationInspected', target, vendorMs, ...(waitsIn && { arrived: true }) };
}

function isIn(present: Attendance['present'], party: Party): boolean {
  return present.some((one) => one.participantId === party.id);
}

/** The context is attached; a customer who is there already, or has arrived meanwhile, completes the move at once. */
export function attached(
  move: EscalationMove,
  written: CommandResult['AttachContext'],
  vendorMs: number,
): readonly EventBody[] {
  const { progress } = move;
  const { unwritten = [] } = written ?? {};
  const done: EventBody = { type: 'ContextAttached', ...(unwritten.length > 0 && { unwritten }), vendorMs };
  if (progress.step !== 'attaching' || !progress.arrived) return [done];
  const reason = progress.arrived === 'already' ? { reason: 'already-in-queue' } : {};
  return [done, settled(move, 'completed', { vendorMs: 0, ...reason })];
}
