// Owns how times, amounts and codes read on the console.

import { signal } from '@preact/signals';

/** Moves once a second while the console is open; whatever shows an age reads it. */
export const now = signal(Date.now());

/** `12 s`, `3 min`, `2 h`, `5 d`. */
export function ageWords(fromMs: number, toMs: number): string {
  const seconds = Math.max(0, Math.round((toMs - fromMs) / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}

/** `0.4 ms`, `274 ms`, `3.1 s`, `2 min 5 s`. */
export function durationWords(ms: number): string {
  if (ms < 10) return `${Math.round(ms * 10) / 10} ms`;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${Math.round(ms / 100) / 10} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

export function clockWords(at: string): string {
  const when = new Date(at);
  const time = when.toLocaleTimeString('en-GB');
  if (when.toDateString() === new Date(now.peek()).toDateString()) return time;
  return `${when.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' })} ${time}`;
}

/** `dead_lettered` and `genesys_cloud` as people say them. */
export function codeWords(code: string): string {
  const words = code.replaceAll(/[_-]+/g, ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

const PLATFORM_NAMES: Readonly<Record<string, string>> = {
  genesys_cloud: 'Genesys Cloud',
  nice_cxone: 'NICE CXone',
  throughline: 'Throughline',
};

/** A platform as its vendor writes it; one of the operator's own as configured. */
export function platformWords(platform: string): string {
  return Object.hasOwn(PLATFORM_NAMES, platform) ? (PLATFORM_NAMES[platform] ?? platform) : codeWords(platform);
}

export const HOLDER_WORDS: Readonly<Record<string, string>> = {
  bot: 'With the bot',
  queue: 'In a queue',
  agent: 'With an agent',
  none: 'Ended',
};

/** What the list says of a handoff: of the open one its phase, else how the last one ended. */
export function standingWords(phase: string | null, outcome: string | null): string {
  if (phase === null) return 'No handoff';
  if (phase !== 'settled') return codeWords(phase);
  if (outcome === 'completed') return 'Handed over';
  return outcome === null ? 'Settled' : codeWords(outcome);
}

/** Whether a person should look. */
export function isTrouble(outcome: string | null): boolean {
  return outcome === 'dead_lettered' || outcome === 'refused' || outcome === 'expired' || outcome === 'compensated';
}

const EVENT_WORDS: Readonly<Record<string, string>> = {
  InteractionOpened: 'The customer got in touch',
  LegAttached: 'A conversation was attached',
  LegDetached: 'A conversation was detached',
  LegEnded: 'A conversation ended',
  ContextChanged: 'The context changed',
  RequestRefused: 'A request was refused',
  EscalationRequested: 'A person was asked for',
  ConversationInspected: 'Queue and conversation looked at',
  TransferRequested: 'A transfer to another platform was asked for',
  TransferChecked: 'Both platforms were looked at',
  PlaceReserved: 'A place is held at the destination',
  ReservationLapsed: 'A place is sought anew',
  AgentAsked: 'The agent was asked to keep free',
  AgentReady: 'The agent keeps free',
  FlowTold: 'The flow was told where to transfer to',
  FlowRecalled: 'The flow was told to keep the customer',
  ReservationRedeemed: 'The call came in at the destination',
  CycleObserved: 'Both sides were looked at',
  ConsultationBegun: 'The agents talk',
  VerdictGiven: 'The consultation was decided',
  ConsultationEnded: 'The consultation ended',
  ReturnBegun: 'The customer is put where somebody answers',
  DestinationReached: 'The destination has the customer',
  ArrivalLost: 'The destination has lost the customer',
  DeflectionRequested: 'A link by text message was asked for',
  ContextWritten: 'The conversation was told',
  ContextNotWritten: 'The conversation could not be told',
  SmsRouteChosen: 'A text message goes out',
  SmsTaken: 'The provider took the text message',
  SmsUncertain: 'The text message’s fate is uncertain',
  SmsFailed: 'The text message was not taken',
  SmsReported: 'The provider told of the text message',
  SmsUnconfirmed: 'No receipt of the text message came in time',
  OfferClaimed: 'The customer opened the link',
  OfferDelayed: 'A step waits',
  OfferRetried: 'A step was tried again',
  ClosingAdded: 'The call is to end',
  CallbackRequested: 'A callback was asked for',
  ContextAttached: 'Context attached',
  ContextRepacked: 'What has changed goes along',
  ArrivalSeen: 'Arrival in the queue seen',
  TransferAccepted: 'The platform took the transfer',
  TransferUncertain: 'The transfer’s fate is uncertain',
  TransferRepeated: 'The transfer was repeated',
  StepDelayed: 'A step waits',
  StepRetried: 'A step was tried again',
  HandoffSettled: 'The handoff settled',
  OfferSettled: 'An offer settled',
  AttendanceChanged: 'Somebody came or left',
  AgentHoldBegun: 'The agent is to be held while their card fills',
  AgentPresenceRead: 'The agent’s presence was read',
  AgentHeld: 'The agent is held',
  AgentReleased: 'The agent is free again',
  ChoreAdded: 'Follow-up work was noted',
  ChoreDelayed: 'Follow-up work waits',
  ChoreRetried: 'Follow-up work was tried again',
  ChoreDone: 'Follow-up work was done',
  WrapupRecorded: 'Wrapped up',
  SurveyRecorded: 'A survey came back',
  InteractionEnded: 'The contact ended',
  DeadLetterRetried: 'A person went on with what was left',
  DeadLetterResolved: 'What was left to a person is settled',
};

const SETTLES: ReadonlySet<string> = new Set(['HandoffSettled', 'OfferSettled']);

export function eventWords(type: string, body: Readonly<Record<string, unknown>>): string {
  if (type === 'HolderChanged') return HOLDER_WORDS[String(body.holder)] ?? 'The holder changed';
  if (type === 'SmsReported') {
    return body.status === 'delivered' ? 'The text message was delivered' : 'The text message was not delivered';
  }
  if (SETTLES.has(type) && typeof body.outcome === 'string') {
    return body.outcome === 'completed'
      ? 'Handed over'
      : `The handoff settled: ${codeWords(body.outcome).toLowerCase()}`;
  }
  if (type === 'ReservationRedeemed' && body.late === true) return 'The call came in late at the destination';
  if (type === 'CycleObserved' && body.status === 'mismatch') return 'The two sides do not agree';
  if (type === 'VerdictGiven') return body.accept === true ? 'The transfer was accepted' : 'The transfer was declined';
  return EVENT_WORDS[type] ?? codeWords(type.replaceAll(/([a-z])([A-Z])/g, '$1-$2').toLowerCase());
}
