// Owns the shape of a conversation that we carry ourselves: the customer's side stays with us, and the far side (a bot, or a platform's
// people) is pointed anew by every handoff (DESIGN: anchored). State keeps what deciding needs; what was said is read from the journal.
// Keeps H2: what a former holder says is refused.

import type { BotMemory, BotPrompt } from '../context/bot-reply.ts';
import type { OfferedFile } from '../context/desk-news.ts';
import type { Manifest } from '../context/manifest.ts';
import type { LossEntry } from '../context/packing.ts';
import type { AgentId, ExternalId, HandoffId, Instant, PlatformName } from '../ids.ts';
import { isSameLeg, type Leg, type Task } from './move.ts';

export type Speaker =
  | { readonly kind: 'customer' }
  | { readonly kind: 'bot'; readonly name: string }
  | { readonly kind: 'agent'; readonly name?: string };

/** A file that was sent along; `ref` is where it is kept, sealed. */
export type Attachment = {
  readonly ref: string;
  readonly name: string;
  readonly mime: string;
  readonly bytes: number;
};

/** What is said between the lines, for every language to put into its own words. `person-left`: here the human stretch ended. */
export type Mark = 'person-asked' | 'person-joined' | 'person-left' | 'nobody-reached' | 'over';

/** What a conversation of ours is run with; fixed when it is opened. */
export type ChatTerms = {
  readonly bot: string;
  /** Takes over when the bot fails or is slow; without one a person does. */
  readonly fallbackBot?: string;
  readonly turnTimeoutMs: number;
  /** The customer's silence after which the bot ends the talk; the timer exists while a bot holds it (seed 001 §3). */
  readonly botIdleMs?: number;
};

/** A file that an agent sends, on its way from their platform to the customer. `id`: of the message that it came with. */
export type Incoming = OfferedFile & {
  readonly ref: string;
  readonly id: string;
  readonly platform: PlatformName;
  readonly from: Speaker;
  readonly epoch: number;
  readonly at: Instant;
  readonly task: Task;
};

/** What the far side has not been told yet, oldest first. */
export type Undelivered = {
  readonly id: string;
  readonly seq: number;
  readonly at: Instant;
  readonly prompt: BotPrompt;
  readonly attachments?: readonly Attachment[];
};

/** Whoever answers for the machine. */
export type BotSeat = {
  readonly bot: string;
  readonly session: string;
  readonly memory: BotMemory | null;
  /** Taken by the fallback. */
  readonly fallen: boolean;
};

/** The people's side: our customer is `far` to them, and a new stretch has a new name, so that late words of the last one are known. */
export type Desk = {
  readonly platform: PlatformName;
  readonly far: ExternalId;
  /** Whether it takes a message of the same id once, however often it is sent (H5). */
  readonly deduplicates: boolean;
  readonly leg?: Leg;
  readonly agentName?: string;
  /** The customer was told that somebody has come: rung, passed on or taken over, they are told once. */
  readonly joined?: true;
  /** Whose name that is, where it was asked for. */
  readonly agentId?: AgentId;
  /** The message that would have opened it has no known fate: whoever answers there proves it. */
  readonly unsure?: true;
};

/**
 * A person is wanted; `by`: who must be told when none can be had. `manifest`: what they are told, already masked; `masked` names what was (H4).
 */
export type Wanted = {
  readonly queue?: string;
  readonly resume: boolean;
  readonly by: 'redirect' | 'fallback';
  readonly manifest?: Manifest;
  readonly masked?: readonly LossEntry[];
};

/** The one thing under way for it. `of`: the message that is being delivered. */
export type ChatTask = { readonly to: 'bot' | 'desk' | 'plan'; readonly of?: string; readonly task: Task };

export type Chat = {
  readonly leg: Leg;
  /** The customer's messages come and go through us; otherwise only the bot's turns do, and the platform carries the talk. */
  readonly anchored: boolean;
  /** Where it is open: one device at a time (H7). */
  readonly device?: string;
  readonly terms: ChatTerms;
  /** Of the newest line. */
  readonly seq: number;
  /** The newest ids, so that what is sent again changes nothing. */
  readonly recent: readonly { readonly id: string; readonly seq: number }[];
  readonly saidAt: Instant;
  /** Since when the bot has the talk; absent in conversations that were begun before this was kept. */
  readonly since?: Instant;
  readonly seat: BotSeat;
  readonly desk: Desk | null;
  readonly waiting: readonly Undelivered[];
  readonly wants: Wanted | null;
  /** How often nobody could be reached since the customer said something. */
  readonly unreached?: number;
  /** How often they were told so since then. */
  readonly told?: number;
  /** The handoff that was asked for because a person was wanted. */
  readonly asked: (Wanted & { readonly handoffId: HandoffId }) | null;
  readonly task: ChatTask | null;
  /** Agents' files that are being fetched. */
  readonly incoming?: readonly Incoming[];
  /** What was sent along: kept by reference, and gone with the interaction. */
  readonly files?: readonly string[];
  /** Commands so far: no key is used twice. */
  readonly commands: number;
  /** What the bot answered last, for whoever asks by the turn. */
  readonly answer?: { readonly to: string; readonly messages: readonly string[] };
};

/** How far back a repeated message is recognised: a client repeats what was not acknowledged, and has few of those. */
export const REMEMBERED_IDS = 64;

/** Two channels of one customer are two sessions of one bot. */
export function sessionOf(interactionId: string, { channel }: Pick<Leg, 'channel'>): string {
  return `${interactionId}-${channel === 'voice' ? 'voice' : 'digital'}`;
}

/** The key of the command that a running task stands for. */
export function chatKey({ seat, task }: Chat): string {
  return `${seat.session}.${task?.to ?? 'none'}.${task?.task.seq ?? 0}`;
}

/** Each speaker's ids are their own. */
export function rememberedAs({ kind }: Pick<Speaker, 'kind'>, id: string): string {
  return `${kind}:${id}`;
}

type Chatting = { readonly chats?: readonly Chat[] };

export function chatOn({ chats = [] }: Chatting, leg: Pick<Leg, 'platform' | 'externalId'>): Chat | undefined {
  return chats.find((chat) => isSameLeg(chat.leg, leg));
}

type Standing = Chatting & { readonly legs: readonly (Leg & { readonly state: 'live' | 'ended' })[] };

/** The conversation in which we carry the customer's own words, as long as it is live. */
export function anchoredIn({ chats = [], legs }: Standing): Chat | undefined {
  return chats.findLast(
    ({ anchored, leg }) => anchored && legs.some((held) => held.state === 'live' && isSameLeg(held, leg)),
  );
}

/** By what the people's side knows our customer. */
export function chatOfDesk({ chats = [] }: Chatting, platform: PlatformName, far: ExternalId): Chat | undefined {
  return chats.find(({ desk }) => desk?.platform === platform && desk.far === far);
}

/** A bot that has failed and people who cannot be had are not tried for ever: each try is a handoff (H6). */
const MOST_TOLD = 3;

/** Whether nothing more is tried before the customer says something. */
export function isLeftToThem({ seat, told = 0 }: Chat): boolean {
  return seat.fallen && told >= MOST_TOLD;
}

/** What customers are told of who has them; a name that is another's is nobody's. */
export function agentNameIn({ agentId }: { readonly agentId?: AgentId }, desk: Desk): string | undefined {
  const isOther = desk.agentId !== undefined && agentId !== undefined && desk.agentId !== agentId;
  return isOther ? undefined : desk.agentName;
}

/** Whether the name that is known is this agent's. */
export function isNamed({ agentName, agentId: of }: Desk, agentId: AgentId): boolean {
  return agentName !== undefined && (of === undefined || of === agentId);
}
