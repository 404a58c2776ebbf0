// Owns the assembly of our own conversations: bots, whose people answer, files with their scanner, and the server of sockets. Part of the
// composition root.

import { createHash } from 'node:crypto';
import type { Bot, SendBotRequest } from './bots/bot.ts';
import { flowBot } from './bots/flow/flow-bot.ts';
import type { ChatSettings, DeskSettings } from './config-chat.ts';
import type { ChatParts } from './execute-chat.ts';
import type { PlatformName } from './ids.ts';
import { JournalUnavailable } from './journal/journal-unavailable.ts';
import { readOwnChannelPost } from './platforms/cxone/own-channel.ts';
import type { Desk, DeskFile } from './platforms/desk.ts';
import { fetchDeskFile } from './platforms/desk-file.ts';
import { openMessagingVerifier, readOpenMessage } from './platforms/genesys/open-messaging.ts';
import { exchange, type Fetch } from './platforms/http.ts';
import type { Call } from './platforms/platform.ts';
import type { EscalationPolicy } from './protocols/input.ts';
import type { NameOf } from './server/agent-naming.ts';
import { ChatFiles, type Scan } from './server/chat-files.ts';
import type { FindClaim, ServedChat, Writing } from './server/chat-parts.ts';
import { ChatServer } from './server/chat-server.ts';
import type { Desks, SignedDesk, TokenDesk } from './server/desk-hooks.ts';
import type { ServerParts } from './server/parts.ts';

const ANCHOR = 'throughline' as PlatformName;
const CALL_TIMEOUT_MS = 3_000;
const SCAN_TIMEOUT_MS = 30_000;
const FILE_TIMEOUT_MS = 10_000;
const NAME_TIMEOUT_MS = 5_000;
/** Of agents; then they are asked for anew. */
const MOST_NAMES = 5_000;
const LARGEST_ANSWER_BYTES = 64 * 1_024;
/** Who is shown to be writing later than that may have stopped. */
const WRITING_WITHIN_MS = 2_000;

/** What a bot's turns and the people's side are performed with: before there is a runner. `deskOf` makes the platform's side. */
export function chatParts(
  settings: ChatSettings,
  {
    fetch,
    clock,
    policy,
    keepReference,
    bringFile,
    deskOf,
  }: {
    readonly fetch: Fetch;
    readonly clock: ServerParts['clock'];
    readonly policy: () => EscalationPolicy;
    readonly keepReference?: ChatParts['keepReference'];
    readonly bringFile?: ChatParts['bringFile'];
    readonly deskOf: (desk: DeskSettings, linkTo: (file: DeskFile) => string) => Desk;
  },
  linkTo: (file: DeskFile) => string,
): ChatParts {
  const send: SendBotRequest = (request, call) =>
    exchange(request, call, { fetch, clock, timeoutMs: CALL_TIMEOUT_MS, maxBytes: LARGEST_ANSWER_BYTES });
  const bots = new Map<string, Bot>(settings.flows.map((flow) => [flow.bot, flowBot(flow, send)]));
  const desks = new Map(settings.desks.map((desk) => [desk.platform, deskOf(desk, linkTo)]));
  return { bots, desks, policy, ...(keepReference && { keepReference }), ...(bringFile && { bringFile }) };
}

/** Brings agents' files into `files`, which are there once the conversations are served. */
export function filesInto(
  files: () => Pick<ChatFiles, 'limits' | 'take'> | undefined,
  { fetch, clock }: { readonly fetch: Fetch; readonly clock: ServerParts['clock'] },
): NonNullable<ChatParts['bringFile']> {
  return async ({ interactionId, ref, url, name }, origins, call) => {
    const into = files();
    if (!into) return { kind: 'done', value: { refused: 'files-not-configured' } };
    const { largestBytes } = into.limits;
    const source = { origins, largestBytes, timeoutMs: FILE_TIMEOUT_MS, fetch, clock };
    const fetched = await fetchDeskFile(url, source, call);
    if (fetched.kind !== 'done') return fetched;
    try {
      const file = await into.take(interactionId, name, fetched.value, ref);
      if (!('refused' in file)) return { kind: 'done', value: { file } };
      // What cannot be looked at now may be later.
      if (file.refused === 'file-not-scanned') return { kind: 'transient', code: 'unavailable', detail: file.refused };
      return { kind: 'done', value: file };
    } catch (error) {
      if (!(error instanceof JournalUnavailable)) throw error;
      return { kind: 'transient', code: 'unreachable', detail: 'the journal' };
    }
  };
}

/** What it costs of the platform's quota is the least of all, and what has no turn at once is let be. */
export function writingTo(
  { desks }: Pick<ChatParts, 'desks'>,
  clock: Pick<ServerParts['clock'], 'now' | 'monotonic'>,
): Writing {
  return ({ platform, ...writer }) => {
    const until = clock.monotonic() + WRITING_WITHIN_MS;
    const signal = AbortSignal.timeout(WRITING_WITHIN_MS);
    const call = { signal, mayStart: () => clock.monotonic() < until, priority: 'report' } as const;
    // Whether it was shown changes nothing.
    void desks.get(platform)?.typing?.({ ...writer, at: clock.now() }, call);
  };
}

export type OpenedChat = { readonly served: ServedChat; readonly sockets: ChatServer };

type OpeningParts = {
  readonly findClaim: FindClaim;
  readonly fetch: Fetch;
  readonly writing?: Writing;
  /** Whose people answer, by platform. */
  readonly people?: ChatParts['desks'];
};

/** What is served of it. Attach `sockets.upgrade` to the server's `upgrade` event, and dispose of `sockets` before the runner. */
export function openChat(
  settings: ChatSettings,
  parts: ConstructorParameters<typeof ChatServer>[0] & Pick<ServerParts, 'newId'>,
  { findClaim, fetch, writing, people = new Map() }: OpeningParts,
): OpenedChat {
  const files = filesOf(settings, parts, fetch);
  const served: ServedChat = {
    anchor: ANCHOR,
    bots: settings.terms,
    bot: settings.bot,
    findClaim,
    fresh: settings.fresh,
    ...(settings.phone !== undefined && { phone: settings.phone }),
    ...(files && { files }),
    ...(writing && { writing }),
    nameOf: namesAt(people),
  };
  const sockets = new ChatServer(parts, served);
  const { desks } = settings;
  const hooks = desks.length > 0 && {
    desks: desksOf(desks, { typing: (id) => sockets.hub.typing(id), carriesFiles: files !== null }),
  };
  return { served: { ...served, ...hooks }, sockets };
}

/** A name is asked for once and then kept for a while; a platform that does not answer soon gives none. */
function namesAt(people: ChatParts['desks']): NameOf {
  const names = new Map<string, string>();
  return async (platform, agentId) => {
    const of = `${platform} ${agentId}`;
    const known = names.get(of);
    if (known !== undefined) return known;
    const call: Call = { signal: AbortSignal.timeout(NAME_TIMEOUT_MS), mayStart: () => true, priority: 'live' };
    const named = await people.get(platform)?.nameOf?.(agentId, call);
    if (named?.kind !== 'done') return null;
    if (names.size >= MOST_NAMES) names.clear();
    names.set(of, named.value);
    return named.value;
  };
}

function filesOf(
  { files }: ChatSettings,
  { journal, clock, newId, sessionSecret }: Pick<ServerParts, 'journal' | 'clock' | 'newId' | 'sessionSecret'>,
  fetch: Fetch,
): ChatFiles | null {
  if (!files) return null;
  return new ChatFiles({
    journal,
    clock,
    newId,
    secret: sessionSecret,
    scan: scannerAt(files.scanUrl, files.scanSecret, fetch),
    limits: {
      largestBytes: Math.floor(files.largestMb * 1_048_576),
      types: files.types,
      keepMs: files.keepHours * 3_600_000,
      linkMs: files.linkMinutes * 60_000,
    },
  });
}

/** The file as the body; 200 with `{"verdict":"clean"}` lets it pass, `"infected"` does not, and anything else is no answer. */
export function scannerAt(url: string, secret: string | null, fetch: Fetch): Scan {
  return async ({ mime, content }) => {
    try {
      const answer = await fetch(url, {
        method: 'POST',
        redirect: 'error',
        headers: { 'content-type': mime, ...(secret !== null && { authorization: `Bearer ${secret}` }) },
        body: content as Uint8Array<ArrayBuffer>,
        signal: AbortSignal.timeout(SCAN_TIMEOUT_MS),
      });
      if (answer.status !== 200) return 'unavailable';
      const { verdict } = ((await answer.json()) ?? {}) as { readonly verdict?: unknown };
      return verdict === 'clean' || verdict === 'infected' ? verdict : 'unavailable';
    } catch {
      // What was not looked at is not clean, whyever it was not.
      return 'unavailable';
    }
  };
}

function desksOf(desks: readonly DeskSettings[], ours: Pick<Desks, 'typing' | 'carriesFiles'>): Desks {
  return {
    openMessaging: desks.flatMap((desk) => (desk.kind === 'open-messaging' ? [signedDesk(desk)] : [])),
    ownChannels: desks.flatMap((desk) => (desk.kind === 'own-channel' ? [tokenDesk(desk)] : [])),
    ...ours,
  };
}

function signedDesk({ platform, secrets }: Extract<DeskSettings, { kind: 'open-messaging' }>): SignedDesk {
  return { platform: platform as PlatformName, verify: openMessagingVerifier(secrets), read: readOpenMessage };
}

function tokenDesk({ platform, clientId, clientSecret }: Extract<DeskSettings, { kind: 'own-channel' }>): TokenDesk {
  const clientSecretSha256 = createHash('sha256').update(clientSecret).digest('hex');
  return { platform: platform as PlatformName, clientId, clientSecretSha256, read: readOwnChannelPost };
}
