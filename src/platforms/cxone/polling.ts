// Owns the second road for what happens at CXone: a poll of where contacts are, and with whom, each time since the one before. What a poll
// shows twice has the same message id twice; a contact that is over is looked up first, since its customer may have gone on in another.

import type { Clock } from '../../clock.ts';
import type { ConversationEvent } from '../../context/conversation.ts';
import type { ExternalId, Instant, PlatformName } from '../../ids.ts';
import type { Outcome } from '../../outcome.ts';
import type { Call } from '../platform.ts';
import type { PlatformLog } from '../platform-log.ts';
import { readAs } from '../read-as.ts';
import type { ContactReading } from './contact-reading.ts';
import { contactView, phaseOf } from './contact-view.ts';
import type { CxoneLine } from './cxone-line.ts';
import { type WireContact, wireContactStates } from './cxone-wire.ts';

export type Polling = {
  /** Since when it has failed, and by what code the last time; null where the last one did not. */
  failing(): { readonly ms: number; readonly code: string } | null;
  close(): Promise<void>;
};

export type PollingOptions = {
  readonly platform: PlatformName;
  readonly line: Pick<CxoneLine, 'acd'>;
  readonly contacts: Pick<ContactReading, 'current'>;
  readonly clock: Clock;
  readonly log: PlatformLog;
  readonly everyMs: number;
  readonly onEvents: (events: readonly ConversationEvent[]) => void;
};

/** So many contacts that have ended are looked up at each poll; the rest are left to call-outs. */
const LOOKS_PER_POLL = 20;
/** One that failed is not left for an hour. */
const AGAIN_MS = 15_000;
const PAGE_SIZE = 1_000;
const MAX_PAGES = 20;

/** Runs until it is closed. Behind live handoffs, like every reconciliation. */
export function polling(options: PollingOptions): Polling {
  const { clock, everyMs, onEvents, log } = options;
  const closing = new AbortController();
  const call: Call = { signal: closing.signal, mayStart: () => !closing.signal.aborted, priority: 'reconcile' };
  let since: string | undefined;
  let failed: { readonly since: number; readonly code: string } | null = null;

  const run = async () => {
    while (!closing.signal.aborted) {
      const polled = await poll(options, since, call);
      if (polled.kind === 'done') {
        since = polled.value.time ?? since;
        failed = null;
        if (polled.value.events.length > 0 && !closing.signal.aborted) onEvents(polled.value.events);
      } else {
        if (!failed && !closing.signal.aborted) log({ level: 'warn', code: 'poll-failed', detail: polled.code });
        failed = { since: failed?.since ?? clock.monotonic(), code: polled.code };
      }
      await clock.sleep(failed ? Math.min(everyMs, AGAIN_MS) : everyMs, closing.signal);
    }
  };
  const ended = run();
  return {
    failing: () => failed && { ms: clock.monotonic() - failed.since, code: failed.code },
    async close() {
      closing.abort();
      await ended;
    },
  };
}

type Polled = { readonly events: readonly ConversationEvent[]; readonly time: string | undefined };

async function poll(options: PollingOptions, since: string | undefined, call: Call): Promise<Outcome<Polled>> {
  const { platform, contacts, clock } = options;
  const listed = await readPages(options.line, since, call);
  if (listed.kind !== 'done') return listed;
  const { rows, time } = listed.value;
  const events: ConversationEvent[] = [];
  let looks = 0;
  for (const row of rows) {
    if (phaseOf(row) !== 'ended') events.push(...seen(platform, row, row, clock.now()));
    else if (looks < LOOKS_PER_POLL && row.contactId !== undefined) {
      looks += 1;
      const now = await contacts.current(row.contactId, call);
      if (now.kind === 'done') events.push(...seen(platform, row, now.value, clock.now()));
    }
  }
  return { kind: 'done', value: { events, time } };
}

type Listed = { readonly rows: readonly WireContact[]; readonly time: string | undefined };

/** Every page of what was updated since then, and the time of the first: what changes meanwhile comes again. */
async function readPages(
  line: Pick<CxoneLine, 'acd'>,
  since: string | undefined,
  call: Call,
): Promise<Outcome<Listed>> {
  const rows: WireContact[] = [];
  let time: string | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const query = new URLSearchParams({ top: String(PAGE_SIZE), skip: String(page * PAGE_SIZE) });
    if (since !== undefined) query.set('updatedSince', since);
    const answer = await line.acd({ method: 'GET', path: `/contacts/states?${query}` }, call);
    // 204: nothing is new.
    if (answer.kind === 'done' && answer.value.status === 204) break;
    const read = readAs(wireContactStates, answer);
    if (read.kind !== 'done') return read;
    time ??= read.value.lastPollTime ?? undefined;
    const some = read.value.contactStates ?? [];
    rows.push(...some);
    if (some.length < PAGE_SIZE) break;
  }
  return { kind: 'done', value: { rows, time } };
}

/** To the conversation of the contact itself, and where it is part of another's to that one, which never ends by it. */
function seen(platform: PlatformName, row: WireContact, now: WireContact, at: Instant): ConversationEvent[] {
  const { contactId, masterContactId, lastUpdateTime } = row;
  if (contactId === undefined) return [];
  const stamp = [contactId, lastUpdateTime, row.contactStateName ?? row.stateName, row.skillId, row.agentId].join('.');
  const event = (externalId: string, messageId: string): ConversationEvent => ({
    platform,
    externalId: externalId as ExternalId,
    messageId,
    at,
    kind: 'seen',
    view: contactView(now, externalId),
  });
  const own = event(contactId, `poll.${stamp}`);
  const isPart = masterContactId !== undefined && masterContactId !== contactId;
  return isPart && phaseOf(now) === 'agent' ? [own, event(masterContactId, `poll.${stamp}.master`)] : [own];
}
