// Owns NICE CXone as a platform of ours: calls by signals to their scripts, digital cases by REST (docs/vendors/cxone.md). It reserves
// nothing there, since nothing can be reserved (H3); it reports what became of each call and decides nothing (H5).

import type { Clock } from '../../clock.ts';
import type { Channel, ConversationEvent } from '../../context/conversation.ts';
import type { PlatformName } from '../../ids.ts';
import type { Failure } from '../../outcome.ts';
import type { Credential, CredentialStanding } from '../credential.ts';
import { governor } from '../governor.ts';
import type { Fetch } from '../http.ts';
import type { CommitWay, Platform, PlatformHealth, PlatformLimits } from '../platform.ts';
import type { PlatformLog } from '../platform-log.ts';
import type { SliceBook } from '../quota-slice.ts';
import type { TlsWay } from '../tls-fetch.ts';
import { tokenKeeper } from '../token.ts';
import type { TokenShelf } from '../token-shelf.ts';
import { type Watchable, watchable } from '../watchable.ts';
import { type AccessKeyLogin, accessKeyLogin } from './access-key-login.ts';
import { agentSession } from './agent-session.ts';
import { agentState } from './agent-state.ts';
import { type CallbackScript, callbacks } from './callbacks.ts';
import { type Callouts, readCallouts } from './callout.ts';
import { contactReading } from './contact-reading.ts';
import { customFieldLimits } from './custom-fields.ts';
import { type CxoneLine, cxoneLine } from './cxone-line.ts';
import { digitalCases } from './digital-cases.ts';
import { refusalDetail } from './error-body.ts';
import { placeholders } from './placeholders.ts';
import { type Polling, polling } from './polling.ts';
import { signals } from './signals.ts';
import { skillDirectory } from './skill-directory.ts';
import { targetCheck } from './target-check.ts';
import { CONTEXT_VALUES, type ContactActs, voiceContacts } from './voice-contacts.ts';
import type { LetGoAction } from './voice-departure.ts';

export type CxonePlatformOptions = {
  readonly name: PlatformName;
  /** Where the discovery documents are, without a trailing slash. */
  readonly issuerUrl: string;
  readonly login: AccessKeyLogin;
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
  readonly tenantId?: string;
  readonly apiUrl?: string;
  readonly digitalUrl?: string;
  /** Of the ACD's APIs, such as `v30.0`. */
  readonly apiVersion: string;
  readonly clock: Clock;
  readonly rateLimitPerMinute: number;
  readonly attributeValueBytes: number;
  /** How long after a signal or a time-out an effect may still appear. */
  readonly settleMs: number;
  readonly letGoBy: LetGoAction;
  /** Set where the access key's user may join agents' sessions: only then can a warm transfer leave CXone. */
  readonly agentSessions?: { readonly dialSkillId?: string };
  /** The ident of the custom field that carries our id on digital cases. */
  readonly tagField?: string;
  /** Idents of the tenant's custom fields beside those that carry the handoff itself: what else of the context is written on digital cases. */
  readonly customFields?: readonly string[];
  /** What the agent of a callback is shown: a URL with `{interactionId}` in it. */
  readonly callbackScreenPopUrl?: string;
  /** A script of the tenant's that calls a customer at once; without one that is refused. */
  readonly callbackScript?: CallbackScript;
  /** The point of contact of work items that ask agents to keep free; without one nobody is asked. */
  readonly placeholderPoint?: string;
  /** One request's hard time-out, the governor's wait not included. */
  readonly timeoutMs?: number;
  readonly maxWaitMs?: number;
  readonly fetch?: Fetch;
  readonly random?: () => number;
  readonly log?: PlatformLog;
  /** How its hosts are reached over TLS; the platform closes it with itself. Without one as Node.js does by itself. */
  readonly way?: TlsWay;
  /** Where other nodes that use the same access key look for the token, too. */
  readonly shelf?: TokenShelf | undefined;
  /** Where they look for how the quota is divided. */
  readonly book?: SliceBook | undefined;
};

export type CxoneHealth = PlatformHealth & CredentialStanding;

export interface CxonePlatform extends Platform, Watchable {
  health(): CxoneHealth;
  /** The way to the digital side, under the same credential and quota, for people who take our own conversations. */
  readonly line: Pick<CxoneLine, 'digital'>;
  /** Reads a verified call-out of a script (already JSON) into our words. Never throws. */
  readEvents(payload: unknown): Callouts;
  /** Polls where contacts and agents are, until closed; with us it closes too. The second road, for call-outs that got lost. */
  watch(onEvents: (events: readonly ConversationEvent[]) => void, everyMs: number): Polling;
}

/** The margin of NICE's own SDK. */
const TOKEN_MARGIN_MS = 600_000;
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

/** Opens no connection until it is asked something. Close it to end what is under way. */
export function cxonePlatform(options: CxonePlatformOptions): CxonePlatform {
  const { name, clock, settleMs, placeholderPoint, log = () => {} } = options;
  const closing = new AbortController();
  const line = openLine(options, closing.signal);
  const skills = skillDirectory({ line, clock, signal: closing.signal });
  const contacts = contactReading(line);
  // A script that has the caller can let them go by itself, told by nobody.
  const ways: readonly CommitWay[] = options.agentSessions ? ['signal', 'flow', 'agent-session'] : ['signal', 'flow'];
  const calls = voiceContacts({
    line,
    contacts,
    signals: signals({ line, contacts, clock, settleMs }),
    session: agentSession({ line, ...options.agentSessions }),
    ways,
    letGoBy: options.letGoBy,
  });
  const cases = digitalCases({ line, contacts, skills, tagField: options.tagField });
  const on = (channel: Channel): ContactActs => (channel === 'voice' ? calls : cases);
  const watches = new Set<Polling>();

  return {
    name,
    limits: limitsOf(options),
    capabilities: { reservation: 'entry-script', commit: ways, settleMs },
    ...(placeholderPoint !== undefined && {
      placeholders: placeholders({ line, contacts, pointOfContact: placeholderPoint }),
    }),
    queues: (call) => skills.list(call),
    resolveQueue: (queueName, call) => skills.find(queueName, call),
    look: (conversation, call) => on(conversation.channel).look(conversation, call),
    attachContext: (conversation, context, call) => on(conversation.channel).attachContext(conversation, context, call),
    overwriteContext: (conversation, overwrite, call) =>
      on(conversation.channel).overwriteContext(conversation, overwrite, call),
    transferToQueue: (conversation, transfer, call) =>
      on(conversation.channel).transferToQueue(conversation, transfer, call),
    checkTarget: targetCheck({ line, findQueue: skills.find }),
    reserve: async () => noReservation(),
    release: async () => noReservation(),
    transferAway: (conversation, departing, call) =>
      on(conversation.channel).transferAway(conversation, departing, call),
    endConsult: (conversation, ending, call) => on(conversation.channel).endConsult(conversation, ending, call),
    closeLeg: (conversation, call) => on(conversation.channel).closeLeg(conversation, call),
    bookCallback: callbacks({ line, screenPopUrl: options.callbackScreenPopUrl, script: options.callbackScript }),
    ...agentState(line),
    line,
    readEvents: (payload) => readCallouts(payload, { platform: name, receivedAt: clock.now() }),
    watch(onEvents, everyMs) {
      const watch = polling({ platform: name, line, contacts, clock, log, everyMs, onEvents });
      watches.add(watch);
      return watch;
    },
    health: () => health(line.credential),
    ...watchable(line.credential, (call) => line.acd({ method: 'GET', path: '/contact-state-descriptions' }, call)),
    async close() {
      closing.abort();
      await Promise.all([...watches].map((watch) => watch.close()));
      await line.credential.close();
      options.way?.close();
    },
  };
}

function openLine(options: CxonePlatformOptions, closing: AbortSignal): CxoneLine {
  const { clock, fetch = options.way?.fetch ?? globalThis.fetch, random = Math.random, book } = options;
  const tenancy = accessKeyLogin({ ...options, fetch, signal: closing });
  return cxoneLine({
    tenancy,
    apiVersion: options.apiVersion,
    tokens: tokenKeeper({ login: tenancy.login, clock, random, marginMs: TOKEN_MARGIN_MS, shelf: options.shelf }),
    governor: governor({
      rateLimitPerMinute: options.rateLimitPerMinute,
      clock,
      book,
      ...(options.maxWaitMs === undefined ? {} : { maxWaitMs: options.maxWaitMs }),
    }),
    fetch,
    clock,
    random,
    explain: refusalDetail,
    timeoutMs: options.timeoutMs ?? 8_000,
    maxBytes: MAX_ANSWER_BYTES,
  });
}

/** A call is told by a signal, whose values are few and short; a case has custom fields. */
function limitsOf({ attributeValueBytes, customFields = [] }: CxonePlatformOptions): PlatformLimits {
  return {
    attributeValueBytes,
    attributeCount: CONTEXT_VALUES,
    idApart: true,
    digital: customFieldLimits(customFields),
  };
}

/** CXone has no such call (seed 002's `reserve` is not there): what is reserved is a record of ours, which its entry script redeems. */
function noReservation(): Failure {
  return { kind: 'rejected', code: 'bad-request', detail: 'CXone holds no place; its entry script redeems ours' };
}

function health(line: Credential): CxoneHealth {
  const trouble = line.trouble();
  const lastAnswerAt = line.lastAnswerAt();
  return {
    ok: trouble === undefined,
    ...(trouble === undefined ? {} : { code: trouble.code }),
    ...(trouble?.detail === undefined ? {} : { detail: trouble.detail }),
    ...(lastAnswerAt === undefined ? {} : { lastAnswerAt }),
    budget: line.budget(),
    ...line.standing(),
  };
}
