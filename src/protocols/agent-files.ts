// Owns how a file that an agent sends comes to the customer: it is fetched from their platform, looked at, kept sealed, and said as a line of
// theirs once it is here. Keeps H6: what cannot be had within two minutes is named instead; and H4: that it was not carried is in the history.

import type { Instant } from '../ids.ts';
import type { Failure } from '../outcome.ts';
import type { Chat, Incoming } from './chat.ts';
import { said } from './chat-saying.ts';
import { CLOCKS_APART_MS } from './clocks.ts';
import type { Command, CommandOutcome } from './command.ts';
import type { EventBody } from './event.ts';
import { type Interaction, liveLeg } from './interaction.ts';
import { retryDelayMs } from './retry.ts';
import type { Judged } from './setback.ts';

/** The platforms' signed links are short-lived: later it would be gone. */
const FETCH_WITHIN_MS = 120_000;
const FETCH_TIMEOUT_MS = 15_000;
/** A command is sent only after its append is durable: its time-out begins that much later at most. */
const COMMIT_MS = 1_000;

/** The key of the command that a running fetch stands for. */
function fileKey({ seat }: Chat, { ref, task }: Incoming): string {
  return `${seat.session}.file.${ref}.${task.seq}`;
}

/** What must be under way for the files of a conversation: nothing once it is over. */
export function fileCommands(state: Interaction, chat: Chat): readonly Command[] {
  return openFiles(state, chat).flatMap((file): readonly Command[] => {
    if (file.task.kind !== 'running') return [];
    const { platform, ref, url, name } = file;
    const base = { key: fileKey(chat, file), timeoutMs: FETCH_TIMEOUT_MS, safety: 'repeatable' } as const;
    return [{ ...base, kind: 'FetchFile', platform, interactionId: state.id, ref, url, name }];
  });
}

function openFiles(state: Interaction, { leg, incoming = [] }: Chat): readonly Incoming[] {
  const isOver = state.endedAt !== undefined || state.erasing || !liveLeg(state, leg.platform, leg.externalId);
  return isOver ? [] : incoming;
}

/** The file whose fetch has that key, of whichever conversation. */
export function fileUnderWay(state: Interaction, key: string): { readonly chat: Chat; readonly file: Incoming } | null {
  for (const chat of state.chats ?? []) {
    const file = openFiles(state, chat).find((one) => one.task.kind === 'running' && fileKey(chat, one) === key);
    if (file) return { chat, file };
  }
  return null;
}

/** What follows from the answer to its fetch: a line with it, or one that names it. */
export function fileAnswered(
  state: Interaction,
  { chat, file }: { readonly chat: Chat; readonly file: Incoming },
  outcome: CommandOutcome,
  judged: Judged,
): readonly EventBody[] {
  if (outcome.kind !== 'done') return notFetched(state, chat, file, outcome, judged);
  if (outcome.of !== 'FetchFile') return [];
  const { result } = outcome;
  if ('refused' in result) return named(state, chat, file, result.refused, judged.vendorMs);
  const { leg } = chat;
  const { ref, from, epoch } = file;
  const line = { from, id: ref, text: '', epoch, attachments: [result.file] };
  return [{ type: 'FileFetched', leg, ref, vendorMs: judged.vendorMs }, said(state, chat, line)];
}

function notFetched(
  state: Interaction,
  chat: Chat,
  file: Incoming,
  failure: Failure,
  { now, chance, vendorMs }: Judged,
): readonly EventBody[] {
  const { code, detail } = failure;
  if (failure.kind === 'rejected' || now >= file.at + FETCH_WITHIN_MS)
    return named(state, chat, file, detail ?? code, vendorMs);
  const told = failure.kind === 'transient' ? failure.retryAfterMs : undefined;
  const until = now + retryDelayMs(file.task.tries, chance, told);
  return [{ type: 'FileDelayed', leg: chat.leg, ref: file.ref, code, until }];
}

function named(
  state: Interaction,
  chat: Chat,
  { ref, name, from, epoch }: Incoming,
  code: string,
  vendorMs: number,
): readonly EventBody[] {
  const line = said(state, chat, { from, id: ref, text: `[${name}]`, epoch });
  return [{ type: 'FileNotFetched', leg: chat.leg, ref, code, vendorMs }, line];
}

/** What the time brings for them; one at a time, since each line has its place. */
export function filesDue(state: Interaction, chat: Chat, now: Instant, chance: number): readonly EventBody[] {
  const file = openFiles(state, chat).find((one) => dueAt(one) <= now);
  if (!file) return [];
  if (file.task.kind === 'waiting') return [{ type: 'FileRetried', leg: chat.leg, ref: file.ref }];
  return notFetched(state, chat, file, { kind: 'transient', code: 'timed-out' }, { now, chance, vendorMs: 0 });
}

/** When somebody must look at them again. */
export function fileDeadlines(state: Interaction, chat: Chat): readonly Instant[] {
  return openFiles(state, chat).map(dueAt);
}

function dueAt({ task }: Incoming): Instant {
  return task.kind === 'waiting' ? task.until : task.since + COMMIT_MS + FETCH_TIMEOUT_MS + CLOCKS_APART_MS;
}
