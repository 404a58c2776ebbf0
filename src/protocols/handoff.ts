// Owns the machine: `decide`, `next` and `deadline` (with `evolve` beside it). Pure and total: a refusal is an event, never a
// throw, and what must be under way is read off the state, so that after a crash the same state gives the same commands.
// Keeps H1 (one open move), H5 (no blind repeat) and H6 (every handoff settles in bounded time).

import type { Instant } from '../ids.ts';
import { fileAnswered, fileCommands, fileDeadlines, filesDue, fileUnderWay } from './agent-files.ts';
import {
  booked,
  callbackCommand,
  callbackDue,
  callbackFailed,
  callbackOutOfTime,
  callbackTakenOver,
  requestCallback,
} from './callback.ts';
import { isTooLateToCancel } from './cancelling.ts';
import { repackedAfter } from './carrying.ts';
import { chatKey } from './chat.ts';
import { withAftermath } from './chat-aftermath.ts';
import { chatAnswered, chatCommand, chatDeadline, chatDue, chatsTakenOver } from './chat-course.ts';
import { inChat } from './chat-saying.ts';
import { choreAnswered, choreKey, choresDue, choresTakenOver, choresUnderWay } from './chore.ts';
import { claim } from './claim.ts';
import { closingsDropped } from './closing.ts';
import type { Command, CommandOutcome } from './command.ts';
import { seenTo, setAside } from './dead-letter.ts';
import {
  linksTakenBack,
  offerAchieved,
  offerCommand,
  offerDeadline,
  offerDue,
  offerFailed,
  offersTakenOver,
  requestDeflection,
  smsReported,
} from './deflection.ts';
import { interactionOver, offerEnded, settled } from './ending.ts';
import {
  decideErased,
  erasedDeadline,
  erasedOnceFree,
  overwrites,
  refusedWhile,
  requestErasure,
  retainedUntil,
  retentionDue,
} from './erasure.ts';
import { requestEscalation } from './escalation.ts';
import {
  escalationAchieved,
  escalationCommand,
  escalationFailed,
  escalationOutOfTime,
  escalationTakenOver,
} from './escalation-course.ts';
import type { Event, EventBody } from './event.ts';
import { evolve } from './evolve.ts';
import { tellFlow } from './flow-departure.ts';
import type { Input } from './input.ts';
import { findHandoff, type Interaction, isErased, type Known, type State } from './interaction.ts';
import { commandKey, givenUpBy, isSettled, type Move } from './move.ts';
import type { Offer } from './offer.ts';
import { redeem } from './redemption.ts';
import { refusal } from './refusal.ts';
import type { Judged } from './setback.ts';
import { besideOurs, told } from './telling.ts';
import { attachLeg, changeContext, detachLeg, open, recordSurvey, recordWrapup } from './tending.ts';
import { toAPerson } from './to-a-person.ts';
import { requestTransfer } from './transfer.ts';
import { transferCommand } from './transfer-commands.ts';
import {
  preparedBy,
  strayPlace,
  transferAchieved,
  transferDue,
  transferFailed,
  transferOutOfTime,
  transferTakenOver,
  verdictOn,
} from './transfer-course.ts';
import { settledByRetry } from './transfer-retry.ts';

/**
 * What happens when `input` meets `state` at `now`: events, a refusal among them where one is due. `now` is never taken to be
 * earlier than the interaction's newest event.
 */
export function decide(state: State, input: Input, now: Instant): readonly Event[] {
  const at = state ? Math.max(now, state.lastAt) : now;
  const bodies = state ? decided(state, input, at) : input.kind === 'open-interaction' ? open(input) : [];
  return bodies.map((body) => ({ ...body, at, actor: input.actor }));
}

function decided(state: Known, input: Input, now: Instant): readonly EventBody[] {
  if (isErased(state)) return decideErased(state, input, now);
  const refused =
    state.erasing && !OF_THE_MOVE.has(input.kind) ? refusedWhile('interaction-being-erased', input) : null;
  const own = refused ?? decideOn(state, input, now);
  const followed = [
    ...own,
    ...settledByRetry(state, own),
    ...endedWithMove(state, own, now),
    ...toAPerson(state, own, now),
  ];
  const decided = [...followed, ...repackedAfter(state, followed, now), ...callGoesOn(state, followed, now)];
  const bodies = refused ? decided : withAftermath(state, decided, now);
  return [...bodies, ...erasedOnceFree(state, bodies, now)];
}

/**
 * A transfer has settled, or a callback is not to be, and no conversation is left: its customer went meanwhile. Who is looked for by a person, or
 * is called, may still turn up.
 */
function endedWithMove(state: Interaction, bodies: readonly EventBody[], now: Instant): readonly EventBody[] {
  const { move } = state;
  if (move?.kind !== 'transfer' && move?.kind !== 'callback') return [];
  const mayCome = move.kind === 'callback' ? ['dead_lettered', 'completed'] : ['dead_lettered'];
  const settles = bodies.some((body) => body.type === 'HandoffSettled' && !mayCome.includes(body.outcome));
  if (!settles) return [];
  const after = bodies.reduce<State>((before, body) => evolve(before, { ...body, at: now, actor: '' }), state);
  if (!after || isErased(after) || after.endedAt !== undefined || after.offers.length > 0) return [];
  // Whom a person looks for may still turn up.
  if (after.legs.some((leg) => leg.state === 'live') || isSought(state)) return [];
  return interactionOver(after);
}

/** What is open goes on with a dead letter, which it has not settled. */
function isSought({ move }: Interaction): boolean {
  return move?.kind === 'transfer' && move.retries !== undefined && move.attempts === 0;
}

/** What stands beside a call and is over when an agent has it: its end, and the link that was to take its caller elsewhere. */
function callGoesOn(state: Interaction, bodies: readonly EventBody[], now: Instant): readonly EventBody[] {
  const beside = state.offers.length > 0 || state.chores.some(({ kind }) => kind === 'close');
  if (!beside || bodies.length === 0) return [];
  const after = bodies.reduce<State>((before, body) => evolve(before, { ...body, at: now, actor: '' }), state);
  if (!after || isErased(after)) return [];
  return [...closingsDropped(after), ...linksTakenBack(state, after)];
}

/** What an open move needs to settle, though everything is to be erased: the caller is on the line. */
const OF_THE_MOVE: ReadonlySet<Input['kind']> = new Set(['redeem-reservation', 'complete-transfer', 'tell-flow']);

function decideOn(state: Interaction, input: Input, now: Instant): readonly EventBody[] {
  switch (input.kind) {
    case 'open-interaction':
      return [];
    case 'request-escalation':
      return requestEscalation(state, input, now);
    case 'request-transfer':
      return requestTransfer(state, input, now);
    case 'request-deflection':
      return requestDeflection(state, input, now);
    case 'request-callback':
      return requestCallback(state, input, now);
    case 'sms-status':
      return smsReported(state, input, now);
    case 'claim-offer':
      return claim(state, input, now);
    case 'open-chat':
    case 'customer-says':
    case 'agent-says':
    case 'name-agent':
    case 'end-chat':
      return inChat(state, input);
    case 'redeem-reservation':
      return redeem(state, input, now);
    case 'tell-flow':
      return tellFlow(state, input, now);
    case 'complete-transfer':
      return complete(state, input);
    case 'attach-leg':
      return besideOurs(state, input.leg, attachLeg(state, input));
    case 'detach-leg':
      return besideOurs(state, input.leg, detachLeg(state, input.leg));
    case 'change-context':
      return changeContext(state, input);
    case 'cancel-handoff':
      return cancel(state, input.handoffId);
    case 'resolve-dead-letter':
    case 'retry-dead-letter':
    case 'retry-transfer':
      return seenTo(state, input, now);
    case 'record-wrapup':
      return recordWrapup(state, input);
    case 'record-survey':
      return recordSurvey(state, input);
    case 'conversation-event':
      return told(state, input.event, now);
    case 'command-outcome':
      return answered(state, input, now);
    case 'erase':
      return requestErasure(state, { reason: 'request', erasureId: input.erasureId }, input.atOnce);
    case 'due':
      return due(state, input.chance, now);
    case 'taken-over':
      return [
        ...takenOver(state),
        ...offersTakenOver(state),
        ...chatsTakenOver(state),
        ...choresTakenOver(state.chores, now),
      ];
    case 'quarantine':
      return setAside(state);
  }
}

function cancel(state: Interaction, handoffId: Move['id']): readonly EventBody[] {
  const handoff = findHandoff(state, handoffId);
  if (!handoff) return [refusal('cancel', 'handoff-not-found')];
  if (isSettled(handoff)) return handoff.outcome === 'cancelled' ? [] : [refusal('cancel', 'handoff-settled', handoff)];
  if (handoff.kind === 'deflection') return withdrawnByRequest(state, handoff);
  if (isTooLateToCancel(handoff)) return [refusal('cancel', 'too-late-to-cancel', handoff)];
  return [settled(handoff, 'cancelled', { reason: 'cancelled-by-request', vendorMs: 0 })];
}

/** An offer that was accepted is the customer's by now. */
function withdrawnByRequest(state: Interaction, offer: Offer): readonly EventBody[] {
  if (offer.progress.step === 'restoring') return [refusal('cancel', 'too-late-to-cancel', offer)];
  return offerEnded(state, offer, 'cancelled', 'cancelled-by-request');
}

/** The verdict on a consultation; given again, it changes nothing. */
function complete(
  state: Interaction,
  { handoffId, accept }: Extract<Input, { kind: 'complete-transfer' }>,
): readonly EventBody[] {
  const handoff = findHandoff(state, handoffId);
  if (!handoff) return [refusal('complete', 'handoff-not-found')];
  if (isSettled(handoff)) return [refusal('complete', 'handoff-settled', handoff)];
  if (handoff.kind !== 'transfer') return [refusal('complete', 'nothing-to-complete', handoff)];
  const { progress } = handoff;
  const given =
    progress.step === 'consulting' && progress.agreed ? true : 'accept' in progress ? progress.accept : undefined;
  if (given === accept) return [];
  const verdict = verdictOn(handoff, accept);
  return verdict.length > 0 ? verdict : [refusal('complete', 'nothing-to-complete', handoff)];
}

/** A command's outcome; one that no longer fits the state comes too late and changes nothing. */
function answered(
  state: Interaction,
  input: Extract<Input, { kind: 'command-outcome' }>,
  now: Instant,
): readonly EventBody[] {
  const { key, outcome, chance, tookMs: vendorMs } = input;
  const chore = state.chores.find((one) => one.task.kind === 'running' && choreKey(one) === key);
  if (chore) return choreAnswered(chore, outcome, chance, now);
  const offer = state.offers.find((one) => one.progress.task.kind === 'running' && commandKey(one) === key);
  if (offer) {
    const judged = { now, chance, vendorMs };
    return outcome.kind === 'done'
      ? offerAchieved(state, offer, outcome, judged)
      : offerFailed(state, offer, outcome, judged);
  }
  const chat = state.chats?.find((one) => one.task?.task.kind === 'running' && chatKey(one) === key);
  if (chat) return chatAnswered(state, chat, outcome, { now, chance, vendorMs });
  const file = fileUnderWay(state, key);
  if (file) return fileAnswered(state, file, outcome, { now, chance, vendorMs });
  const { move } = state;
  if (move?.progress.task.kind !== 'running' || commandKey(move) !== key) return strayPlace(state, key, outcome);
  const judged = { now, chance, vendorMs };
  const events = besideOurs(state, move.leg, followed(state, move, outcome, judged));
  // What comes back after the move's time starts nothing new (H6).
  const inTime = now < move.limits.settleBy || events.some((event) => event.type === 'HandoffSettled');
  return inTime ? events : timeUp(move);
}

function followed(state: Interaction, move: Move, outcome: CommandOutcome, judged: Judged): readonly EventBody[] {
  if (move.kind === 'callback') {
    if (outcome.kind !== 'done') return callbackFailed(move, outcome, judged);
    return outcome.of === 'BookCallback' ? booked(move, outcome.result, judged.vendorMs) : [];
  }
  if (move.kind === 'transfer') {
    return outcome.kind === 'done'
      ? transferAchieved(state, move, outcome, judged)
      : transferFailed(move, outcome, judged);
  }
  return outcome.kind === 'done'
    ? escalationAchieved(state, move, outcome, judged)
    : escalationFailed(move, outcome, judged);
}

function timeUp(move: Move): readonly EventBody[] {
  if (move.kind === 'callback') return callbackOutOfTime(move);
  return move.kind === 'transfer' ? transferOutOfTime(move) : escalationOutOfTime(move);
}

function due(state: Interaction, chance: number, now: Instant): readonly EventBody[] {
  const offers = state.offers.flatMap((offer) => offerDue(state, offer, now, chance));
  const chats = (state.chats ?? []).flatMap((chat) => {
    const own = chatDue(state, chat, now, chance);
    // What comes of one may change what comes of the other.
    return own.length > 0 ? own : filesDue(state, chat, now, chance);
  });
  const move = state.move ? moveDue(state.move, chance, now) : retentionDue(state, now);
  return [...offers, ...choresDue(state.chores, now), ...chats, ...move];
}

function moveDue(move: Move, chance: number, now: Instant): readonly EventBody[] {
  if (move.kind === 'transfer') return transferDue(move, { chance, now });
  if (move.kind === 'callback') return callbackDue(move, now);
  if (now >= move.limits.settleBy) return escalationOutOfTime(move);
  const { task } = move.progress;
  if (task.kind === 'waiting') return task.until <= now ? [{ type: 'StepRetried' }] : [];
  if (now < givenUpBy(task.since, move.limits)) return [];
  // Its outcome should have come back by now: whoever had it under way is gone.
  return escalationFailed(move, { kind: 'ambiguous', code: 'timed-out' }, { now, chance, vendorMs: 0 });
}

function takenOver({ move }: Interaction): readonly EventBody[] {
  if (!move) return [];
  if (move.kind === 'callback') return callbackTakenOver(move);
  return move.kind === 'transfer' ? transferTakenOver(move) : escalationTakenOver(move);
}

/** What must be under way in this state. The same state always asks for the same commands under the same keys. */
export function next(state: State): readonly Command[] {
  if (!state) return [];
  const chores = choresUnderWay(state.chores);
  if (isErased(state)) return [...overwrites(state), ...chores];
  const offers = state.offers.flatMap((offer) => offerCommand(state, offer) ?? []);
  const chats = (state.chats ?? []).flatMap((chat) => {
    const own = chatCommand(state, chat);
    return [...(own ? [own] : []), ...fileCommands(state, chat)];
  });
  const { move } = state;
  const command = move && moveCommand(state, move);
  return [...(command ? [command] : []), ...offers, ...chats, ...chores];
}

function moveCommand(state: Interaction, move: Move): Command | null {
  switch (move.kind) {
    case 'escalation':
      return escalationCommand(move, state);
    case 'transfer':
      return transferCommand(state, move);
    case 'callback':
      return callbackCommand(move);
  }
}

/** When somebody must look again though nothing comes in; null when nothing is open. */
export function deadline(state: State): Instant | null {
  if (!state) return null;
  if (isErased(state)) return erasedDeadline(state);
  const instants = [
    ...state.offers.map(offerDeadline),
    ...(state.chats ?? []).flatMap((chat) => [...chatDeadline(state, chat), ...fileDeadlines(state, chat)]),
    ...state.chores.map((chore) => chore.task.until),
    ...(state.move ? [moveDeadline(state.move)] : retainedUntil(state)),
  ];
  return instants.length === 0 ? null : Math.min(...instants);
}

function moveDeadline(move: Move): Instant {
  const { progress, limits } = move;
  const { task } = progress;
  const step = task.kind === 'waiting' ? task.until : givenUpBy(task.since, limits);
  const prepared = move.kind === 'transfer' ? preparedBy(move) : Number.POSITIVE_INFINITY;
  return Math.min(step, limits.settleBy, prepared);
}
