// Owns every mistake a caller can be told of, in one registry, and the RFC 9457 document it is told with. `docs/errors.md` lists
// the same codes; a test holds the two to each other, both ways. Nothing of ours (stack, query, vendor's answer) is in a document.

import type { RefusalCode } from '../protocols/event.ts';
import { ANSWER_HEADERS } from './security-headers.ts';

export type ProblemKind = {
  readonly status: number;
  readonly title: string;
  /** What the caller can do about it. */
  readonly help: string;
};

export const PROBLEMS = {
  'invalid-json': { status: 400, title: 'The body is not JSON', help: 'Send one JSON document in UTF-8.' },
  'invalid-request': {
    status: 400,
    title: 'The request does not have the documented shape',
    help: 'Correct the fields that `errors` names; unknown fields are refused.',
  },
  'invalid-manifest': {
    status: 400,
    title: 'The manifest does not have the documented shape',
    help: 'Correct the fields that `errors` names; fields of your own are welcome.',
  },
  'kind-not-supported': {
    status: 400,
    title: 'This kind of handoff is not served here',
    help: 'Ask for one of the kinds that `supported` names.',
  },
  'transfer-type-not-supported': {
    status: 400,
    title: 'The platform that lets go does not do this type of transfer',
    help: 'Ask for one of the types that `supported` names, or allow it in the configuration.',
  },
  'unknown-platform': {
    status: 400,
    title: 'No platform of this name is configured',
    help: 'Use one of the names that `platforms` lists, or configure the platform.',
  },
  'unreadable-event': {
    status: 400,
    title: 'Nothing in the body is an event of the documented shape',
    help: 'Send the vendor’s event as it is, bare or in its envelope.',
  },
  unauthorized: {
    status: 401,
    title: 'No key that is accepted here came with the call',
    help: 'Send `Authorization: Bearer KEY`; for a hook, its configured secret.',
  },
  'console-sign-in-refused': {
    status: 401,
    title: 'The key is not accepted here',
    help: 'Sign in with a key of the configuration.',
  },
  'card-sign-in-refused': {
    status: 401,
    title: 'The platform does not vouch for this sign-in',
    help: 'Sign in at the platform again, through this card.',
  },
  'card-reference-needed': {
    status: 401,
    title: 'This platform’s card opens by a reference',
    help: 'The platform’s script asks for one (`POST /v1/flows/card`) and opens the page with it.',
  },
  'card-reference-refused': {
    status: 401,
    title: 'The reference is none of ours, or of another conversation',
    help: 'Open the address as `POST /v1/flows/card` gave it.',
  },
  'no-session': {
    status: 401,
    title: 'No session came with the call, or it is over',
    help: 'Sign in again.',
  },
  'missing-scope': {
    status: 403,
    title: 'The key may not do this',
    help: 'Use a key with the scope that `scope` names, or with `admin`.',
  },
  'csrf-header-missing': {
    status: 403,
    title: 'A session’s call that changes something must say that it is meant',
    help: 'Send `Throughline-Console: 1`.',
  },
  'cross-origin-refused': {
    status: 403,
    title: 'Another site’s page asked for this',
    help: 'Call from our own pages; a proxy must pass `Host` on and be named in the configuration.',
  },
  'not-your-conversation': {
    status: 403,
    title: 'The conversation is not this agent’s',
    help: 'Only who is or was rung or connected in it may read its briefing.',
  },
  'not-found': { status: 404, title: 'Nothing is served at this path', help: 'See `/docs` for every path.' },
  'interaction-not-found': {
    status: 404,
    title: 'No such interaction',
    help: 'Create it first, or look it up by `platform` and `externalId`.',
  },
  'handoff-not-found': {
    status: 404,
    title: 'The interaction has no such handoff',
    help: 'Use the `id` of an answer, or its number.',
  },
  'manifest-not-found': {
    status: 404,
    title: 'No manifest is kept under this reference',
    help: 'It may have expired; the interaction’s context is still there.',
  },
  'erasure-not-found': {
    status: 404,
    title: 'No erasure has this id',
    help: 'Use the `id` of the answer to `POST /v1/erasures`.',
  },
  'receipt-not-found': {
    status: 404,
    title: 'The briefing has not been shown yet',
    help: 'A receipt exists once a card has rendered the manifest.',
  },
  'chat-unknown': {
    status: 404,
    title: 'The interaction has no such conversation of ours',
    help: 'Open its link first, or begin a new conversation.',
  },
  'bot-not-found': {
    status: 404,
    title: 'No bot of this name is configured',
    help: 'Use one of the names that `bots` lists.',
  },
  'file-not-found': {
    status: 404,
    title: 'No such file is kept for this conversation',
    help: 'It may have had its time, or its link has: ask for a new one.',
  },
  'no-briefing-yet': {
    status: 404,
    title: 'Nothing was handed over in this conversation yet',
    help: 'Ask again: a handoff may be under way.',
  },
  'card-not-configured': {
    status: 404,
    title: 'The platform has no card here',
    help: 'Name a platform whose configuration has `card`.',
  },
  'dead-letter-not-found': {
    status: 404,
    title: 'No such dead letter is open',
    help: 'See `GET /v1/dead-letters`; it may have been resolved.',
  },
  'platform-not-found': {
    status: 404,
    title: 'No platform of this name is configured',
    help: 'See `GET /v1/platforms` for the names.',
  },
  'claim-unknown': {
    status: 404,
    title: 'No link of ours has this token',
    help: 'Open the whole link from the message, or begin a new conversation.',
  },
  'method-not-allowed': {
    status: 405,
    title: 'The path does not take this method',
    help: 'Use one of the methods that the `Allow` header names.',
  },
  'handoff-in-progress': {
    status: 409,
    title: 'Another handoff of this interaction is open',
    help: 'Wait until `handoffId` has settled, or cancel it.',
  },
  'already-with-agent': {
    status: 409,
    title: 'An agent is being rung or has the conversation',
    help: 'Nothing to do: the customer is with a person.',
  },
  'interaction-ended': {
    status: 409,
    title: 'The interaction has ended',
    help: 'The customer has left; a new contact is a new interaction.',
  },
  'no-platform-leg': {
    status: 409,
    title: 'The interaction has no live conversation on a configured platform',
    help: 'Attach the conversation with `POST …/legs` first.',
  },
  'too-late-to-cancel': {
    status: 409,
    title: 'The transfer has been asked for and cannot be taken back',
    help: 'Wait: the handoff settles by itself. A consultation that is being offered is ended by `…/complete` with `{"accept": false}`.',
  },
  'handoff-settled': {
    status: 409,
    title: 'The handoff has settled',
    help: 'Read its outcome; ask for a new handoff if one is needed.',
  },
  'chat-elsewhere': {
    status: 409,
    title: 'The conversation goes on on another device',
    help: 'Move it here by opening its link again, or go on there.',
  },
  'stale-holder': {
    status: 409,
    title: 'Somebody else holds the conversation by now',
    help: 'Read `holder`; only who holds it speaks, with its epoch.',
  },
  'nothing-to-complete': {
    status: 409,
    title: 'The handoff waits for no verdict',
    help: 'Only a consultation that goes on, or is about to, can be completed or declined.',
  },
  'reservation-unknown': {
    status: 409,
    title: 'The handoff has no reservation that could be redeemed',
    help: 'Treat the caller as a new one.',
  },
  'reservation-redeemed': {
    status: 409,
    title: 'Another conversation has redeemed this reservation',
    help: 'Treat the caller as a new one.',
  },
  'leg-busy': {
    status: 409,
    title: 'The conversation belongs to an interaction with an open handoff',
    help: 'Wait until `handoffId` has settled, then attach it again.',
  },
  'claim-already-active': {
    status: 409,
    title: 'The link is in use on another device',
    help: 'Go on there, or move the conversation to this device.',
  },
  'already-recorded': {
    status: 409,
    title: 'This is recorded once per interaction, and it was',
    help: 'Read the interaction for what was recorded.',
  },
  'interaction-being-erased': {
    status: 409,
    title: 'The interaction is being erased, so nothing new is begun in it',
    help: 'Nothing to do: what is open settles, then everything personal in it is gone.',
  },
  'interaction-quarantined': {
    status: 409,
    title: 'The interaction is set aside until a person has looked',
    help: 'Handling it failed three times: an alert with the code `quarantined` was raised. See to its customer, then retry or resolve it under `/v1/dead-letters`.',
  },
  'interaction-erased': {
    status: 410,
    title: 'Everything personal in the interaction has been erased',
    help: 'Read what is left of it with `GET /v1/interactions/{id}` and its journal with `masked=true`.',
  },
  'retry-would-repeat': {
    status: 409,
    title: 'This handoff is not repeated: what became of it is unknown, or known to leave nothing to repeat',
    help: '`because` says why. Look at the conversation on the platform, then resolve it; ask for a new handoff if one is needed.',
  },
  'claim-expired': {
    status: 410,
    title: 'The link has had its time',
    help: 'Ask for another one, or begin a new conversation.',
  },
  'chat-over': {
    status: 410,
    title: 'The conversation is over',
    help: 'Begin a new one: what was said in this one is with whoever helped.',
  },
  'card-reference-spent': {
    status: 410,
    title: 'The reference has opened a card already, or its two minutes are over',
    help: 'Have the platform’s script ask for another one and open the page anew.',
  },
  'manifest-expired': {
    status: 410,
    title: 'The manifest has had its time',
    help: 'What the bot said is gone; the interaction’s context may still be there.',
  },
  'body-too-large': {
    status: 413,
    title: 'The body is larger than is taken here',
    help: 'Send at most `limitBytes`.',
  },
  'unsupported-media-type': {
    status: 415,
    title: 'The body’s type is not taken here',
    help: 'Send `Content-Type: application/json`.',
  },
  'file-type-refused': {
    status: 415,
    title: 'Files of this kind are not taken here',
    help: 'Send one of the kinds that `GET /c/session` lists; what counts is what is in it.',
  },
  'file-infected': {
    status: 422,
    title: 'The scanner has refused the file',
    help: 'Send another one: nobody has seen it and it is not kept.',
  },
  'file-not-scanned': {
    status: 503,
    title: 'The file could not be scanned just now',
    help: 'Send it again after `Retry-After` seconds: nothing is taken that was not looked at.',
  },
  'idempotency-key-reused': {
    status: 422,
    title: 'The idempotency key came with another body before',
    help: 'Use a new key for a new request; repeat a request with its own body.',
  },
  'too-many-attempts': {
    status: 429,
    title: 'This address was wrong too often',
    help: 'Try again after `Retry-After` seconds.',
  },
  'too-many-conversations': {
    status: 429,
    title: 'This address has begun too many conversations',
    help: 'Try again after `Retry-After` seconds.',
  },
  'bot-timeout': {
    status: 504,
    title: 'The bot has not answered yet',
    help: 'Ask for the same turn again, with the same `id`: its answer is kept.',
  },
  'pages-not-built': {
    status: 503,
    title: 'The pages have not been built',
    help: 'Start it through npm (`npm start`, `npm run serve`), or run `npm run build` and start it again.',
  },
  'internal-error': {
    status: 500,
    title: 'Something went wrong on our side',
    help: 'Try again; the operator’s log has the cause.',
  },
  'journal-unavailable': {
    status: 503,
    title: 'The journal cannot be read or written just now',
    help: 'Nothing was taken. Send the same again after `Retry-After` seconds.',
  },
  'platform-unavailable': {
    status: 503,
    title: 'The platform did not answer as it should',
    help: 'Try again after `Retry-After` seconds; `failure` says what became of our call.',
  },
  'platform-timeout': {
    status: 504,
    title: 'The platform did not answer in time',
    help: 'Try again; it is not known what it would have said.',
  },
} as const satisfies Record<string, ProblemKind> & Record<RefusalCode, ProblemKind>;

export type ProblemCode = keyof typeof PROBLEMS;
export type Fault = { readonly path: string; readonly message: string };

/** What a document says beyond its code. `errors` for bad input; everything else becomes members of the document. */
export type ProblemSays = {
  readonly detail?: string;
  readonly errors?: readonly Fault[];
  readonly [member: string]: unknown;
};

const RETRY_AFTER_SECONDS = '1';

/** A caller's mistake, or that we cannot serve: thrown by handlers, told by `problemResponse`. */
export class Problem extends Error {
  readonly code: ProblemCode;
  readonly says: ProblemSays;

  /** `cause` is for our log only; the rest is told. */
  constructor(code: ProblemCode, { cause, ...says }: ProblemSays & ErrorOptions = {}) {
    super(code, { cause });
    this.code = code;
    this.says = says;
  }

  get status(): number {
    return PROBLEMS[this.code].status;
  }
}

/** The document of RFC 9457 §3; `type` leads to the entry on the documentation page. */
export function problemResponse({ code, says, status }: Problem, headers: Record<string, string> = {}): Response {
  const { title, help } = PROBLEMS[code];
  const { detail = help, ...rest } = says;
  const document = { type: `/docs#${code}`, title, status, code, detail, ...rest };
  return new Response(JSON.stringify(document), {
    status,
    headers: { 'content-type': 'application/problem+json', ...ANSWER_HEADERS, ...headersOf(status, says), ...headers },
  });
}

function headersOf(status: number, { retryAfterSec }: ProblemSays): Record<string, string> {
  if (status === 401) return { 'www-authenticate': 'Bearer realm="throughline"' };
  if (status === 429) return { 'retry-after': String(retryAfterSec ?? RETRY_AFTER_SECONDS) };
  return status === 503 ? { 'retry-after': RETRY_AFTER_SECONDS } : {};
}
