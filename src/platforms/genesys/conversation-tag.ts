// Owns the conversation's tag (docs/decisions/0006): written beside the attributes, best effort. Whatever becomes of it is told,
// once, and neither holds the handoff up for long nor fails it.

import type { Clock } from '../../clock.ts';
import type { ExternalId } from '../../ids.ts';
import type { Failure, Outcome } from '../../outcome.ts';
import type { Credential } from '../credential.ts';
import type { Call } from '../platform.ts';
import type { PlatformLog } from '../platform-log.ts';
import type { WireTagsUpdate } from './genesys-wire.ts';

export type ConversationTag = {
  /**
   * Writes `tag` while `work` is under way. Resolves when both are over; where `work` is over and the tag still is not after
   * `TAG_PATIENCE_MS`, the tag is given up. Rejects only when `work` does.
   */
  writeBeside(work: Promise<unknown>, externalId: ExternalId, tag: string, call: Call): Promise<void>;
  /** Why the last tag was not written; undefined when it was, or none was asked for. */
  trouble(): string | undefined;
};

export type ConversationTagOptions = {
  readonly credential: Pick<Credential, 'send'>;
  readonly clock: Clock;
  readonly log: PlatformLog;
};

/** From the start. Below the shortest time-out that a command can have (1 s), so that a tag never makes one run out. */
export const TAG_PATIENCE_MS = 800;

export function conversationTag({ credential, clock, log }: ConversationTagOptions): ConversationTag {
  let failure: Failure | undefined;

  const note = (outcome: Outcome<unknown>, call: Call) => {
    // The caller's own stop says nothing about tags.
    if (outcome.kind !== 'done' && outcome.code === 'not-sent' && (call.signal.aborted || !call.mayStart())) return;
    const before = failure?.code;
    failure = outcome.kind === 'done' ? undefined : outcome;
    if (failure !== undefined && failure.code !== before) {
      log({ level: 'warn', code: 'tag-not-written', detail: describe(failure) });
    }
  };

  return {
    async writeBeside(work, externalId, tag, call) {
      const givenUp = new AbortController();
      const over = new AbortController();
      const path = `/api/v2/conversations/${encodeURIComponent(externalId)}/tags`;
      const body: WireTagsUpdate = { externalTag: tag };
      const signal = AbortSignal.any([call.signal, givenUp.signal]);
      const written = credential
        .send({ method: 'PUT', path, body }, { ...call, signal })
        .then((outcome) => note(outcome, call));
      try {
        await Promise.all([work, Promise.race([written, clock.sleep(TAG_PATIENCE_MS, over.signal)])]);
      } finally {
        over.abort();
        givenUp.abort();
      }
    },
    trouble: () => failure && describe(failure),
  };
}

function describe({ code, detail }: Failure): string {
  if (code === 'forbidden') {
    return 'the credentials lack conversation:externalTag:edit, so conversations carry no tag of ours';
  }
  return `the last conversation may carry no tag of ours: ${code}${detail === undefined ? '' : ` (${detail})`}`;
}
