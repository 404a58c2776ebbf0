// Owns the list of what keeps the promises: each guard as the text that is it, and what stands there without it. The simulation must
// notice every one of them missing; a text that is no longer found fails loudly, so that this list cannot rot.

import { CHAT_GUARDS } from './chat/chat-guards.ts';
import { REACH_GUARDS } from './reach/reach-guards.ts';
import { TRANSFER_GUARDS } from './transfer-guards.ts';

export type Guard = {
  readonly name: string;
  readonly keeps: string;
  readonly without: readonly { readonly file: string; readonly text: string; readonly instead: string }[];
};

const ESCALATION = 'src/protocols/escalation.ts';
const HANDOFF = 'src/protocols/handoff.ts';
const COURSE = 'src/protocols/escalation-course.ts';
const SETBACK = 'src/protocols/setback.ts';
const EVOLVE = 'src/protocols/evolve-escalation.ts';
const STATEMENTS = 'src/journal/sqlite-statements.ts';
const CLAIMS = 'src/journal/claims.ts';

const one = (file: string, text: string, instead: string) => [{ file, text, instead }];

/** What others have left is emptied for two reasons: that they are known to have written, and that it is seen. */
const UNSEEN = {
  file: ESCALATION,
  text: "event.type === 'ConversationInspected' && empties.length > 0",
  instead: "event.type === 'ConversationInspected' && empties.length > 1_000",
};

export const GUARDS: readonly Guard[] = [
  {
    name: 'a second move is refused',
    keeps: 'H1',
    without: one(ESCALATION, "if (open) return [refusal(OURS, 'handoff-in-progress', open)];", ''),
  },
  {
    name: 'every change of holder raises the epoch',
    keeps: 'H2',
    without: one('src/protocols/ownership.ts', 'epoch: holder.epoch + 1 };', 'epoch: holder.epoch };'),
  },
  {
    name: 'no context, no transfer',
    keeps: 'H3',
    without: one(
      SETBACK,
      'return [again(move, failure.code, judged, retryAfterMs)];',
      "if (move.progress.step === 'attaching') return [{ type: 'ContextAttached', vendorMs: 0 }];\n  return [again(move, failure.code, judged, retryAfterMs)];",
    ),
  },
  {
    name: 'an accepted transfer is not a completed one',
    keeps: 'H3',
    without: one(
      COURSE,
      "return [{ type: 'TransferAccepted', vendorMs: judged.vendorMs }];",
      "return [settled(move, 'completed', { vendorMs: 0 })];",
    ),
  },
  {
    name: 'what does not fit is named in the loss report',
    keeps: 'H4',
    without: one('src/context/packing.ts', 'loss: all, needsReference', 'loss: [], needsReference'),
  },
  {
    name: 'what an earlier handoff left is emptied',
    keeps: 'H4',
    without: [
      {
        file: ESCALATION,
        text: '(wroteBefore ? packAgain : pack)',
        instead: '(wroteBefore && !pack ? packAgain : pack)',
      },
      UNSEEN,
    ],
  },
  {
    name: 'what another interaction left is emptied',
    keeps: 'H4',
    without: [{ file: ESCALATION, text: '(cameLater || state', instead: '(state' }, UNSEEN],
  },
  {
    name: 'an uncertain transfer is looked at before it is repeated',
    keeps: 'H5',
    without: one(
      SETBACK,
      "if (failure.kind === 'ambiguous' && move.progress.step === 'transferring') {",
      'if (!move) {',
    ),
  },
  {
    name: 'time-out and settle time are waited out',
    keeps: 'H5',
    without: one(
      EVOLVE,
      'Math.max(givenUpBy(progress.askedAt, move.limits), event.at + CLOCKS_APART_MS) + move.limits.settleMs,',
      'event.at,',
    ),
  },
  {
    name: 'what is taken over is unknown',
    keeps: 'H5',
    without: one(COURSE, "return [{ type: 'TransferUncertain', code: 'taken-over', vendorMs: 0 }];", 'return [];'),
  },
  {
    name: 'a leased row is nobody else’s',
    keeps: 'H5',
    without: one(STATEMENTS, 'and (lease_until is null or lease_until <= ?1) order by', 'order by'),
  },
  {
    name: 'nothing is sent after the lease',
    keeps: 'fence',
    without: one('src/journal/calls.ts', 'this.#clock.monotonic() < lastStartAt && ', 'lastStartAt > 0 && '),
  },
  {
    name: 'nothing is sent that is no longer wanted',
    keeps: 'H3',
    without: one('src/journal/calls.ts', ' && isWanted();', ';'),
  },
  {
    name: 'a move has a time by which it settles',
    keeps: 'H6',
    without: [
      { file: HANDOFF, text: 'if (now >= move.limits.settleBy) return escalationOutOfTime(move);', instead: '' },
      { file: HANDOFF, text: 'return inTime ? events : timeUp(move);', instead: 'return inTime ? events : events;' },
    ],
  },
  {
    name: 'a customer who leaves cancels',
    keeps: 'H6',
    without: one(
      'src/protocols/telling.ts',
      "if (event.kind === 'customer-left' || (event.kind === 'seen' && isOver(event.view))) return left(state, event, leg);",
      "if (event.kind === 'customer-left') return [];",
    ),
  },
  {
    name: 'the third claim without an end sets aside',
    keeps: 'poison',
    without: one(CLAIMS, 'if (claims > CLAIMS_BEFORE_QUARANTINE) {', 'if (claims > 1_000_000) {'),
  },
  {
    name: 'a row that ends whoever reads it is put away unread',
    keeps: 'poison',
    without: one(CLAIMS, 'if (claims > CLAIMS_BEFORE_QUARANTINE + 1)', 'if (claims > 1_000_000)'),
  },
  {
    name: 'a row says how things stood then',
    keeps: 'H1',
    without: one(
      'src/journal/journal.ts',
      'state = events.length === 1 ? after : evolve(state, event);',
      'state = after;',
    ),
  },
  {
    name: 'an append is for one version only',
    keeps: 'H8',
    without: [
      { file: STATEMENTS, text: 'where id = ? and version = ? and', instead: 'where id = ? and ? >= 0 and' },
      {
        file: STATEMENTS,
        text: 'create unique index event_of_interaction',
        instead: 'create index event_of_interaction',
      },
    ],
  },
  {
    name: 'every hash covers the one before',
    keeps: 'H8',
    without: one('src/journal/chain.ts', 'desk.set(previous);', 'desk.fill(0, 0, previous.length);'),
  },
  {
    name: 'a message is taken once',
    keeps: 'repeats',
    without: one(
      'src/journal/sqlite.ts',
      "if (duplicates.length > 0) return { kind: 'duplicate'",
      "if (duplicates.length > 1_000) return { kind: 'duplicate'",
    ),
  },
  {
    name: 'an idempotency key is one handoff',
    keeps: 'repeats',
    without: one(
      ESCALATION,
      'const asked = input.request && findByRequest(state, input.request.key);',
      'const asked = undefined as ReturnType<typeof findByRequest>;',
    ),
  },
  {
    name: 'what is owed to a store that is out of reach is tried again',
    keeps: 'H6',
    without: one(
      'src/journal/dispatcher.ts',
      'await outages.ride(() => submit(box.id, input));',
      'await submit(box.id, input);',
    ),
  },
  {
    name: 'what is open settles before it is erased',
    keeps: 'H6',
    without: one('src/protocols/erasure.ts', '!after.erasing || after.move) return [];', '!after.erasing) return [];'),
  },
  {
    name: 'the key goes with what is erased',
    keeps: 'erasure',
    without: one('src/journal/sqlite.ts', 'this.#sql.destroyKey.run(row);', ''),
  },
  {
    name: 'what is erased is found no more',
    keeps: 'erasure',
    without: one('src/journal/sqlite.ts', 'this.#sql.deleteSubjects.run(row);', ''),
  },
  ...TRANSFER_GUARDS,
  ...REACH_GUARDS,
  ...CHAT_GUARDS,
];
