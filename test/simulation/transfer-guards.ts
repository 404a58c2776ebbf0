// Owns the guards of transfers between contact centers, each as the text that is it and what stands there without it (`guards.ts`).

import type { Guard } from './guards.ts';

const TRANSFER = 'src/protocols/transfer.ts';
const COURSE = 'src/protocols/transfer-course.ts';
const EVOLVE = 'src/protocols/evolve-transfer.ts';
const PLACE = 'src/execute-place.ts';

const one = (file: string, text: string, instead: string) => [{ file, text, instead }];

export const TRANSFER_GUARDS: readonly Guard[] = [
  {
    name: 'a place is held before the source lets go',
    keeps: 'H3',
    without: one(
      PLACE,
      'const taken = await entries.take(loan);',
      "const taken = { kind: 'done', value: { number: numbers[0] ?? '', until: 9e12 } } as Awaited<ReturnType<typeof entries.take>>;",
    ),
  },
  {
    name: 'a number is lent to one transfer at a time',
    keeps: 'H3',
    without: one(
      'src/journal/sqlite-entries.ts',
      'if (since(number) <= now && (found === undefined',
      'if ((since(number) <= now || now > 0) && (found === undefined',
    ),
  },
  {
    name: 'a check that is old lets nobody go',
    keeps: 'H3',
    without: [
      {
        file: TRANSFER,
        text: 'return now <= commitBy(move, reservation) &&',
        instead: 'return reservation.validUntil > 0 ||',
      },
      {
        file: 'src/protocols/transfer-commands.ts',
        text: 'notAfter: commitBy({ terms }, reservation),',
        instead: 'notAfter: commitBy({ terms }, reservation) + 1e12,',
      },
    ],
  },
  {
    name: 'an accepted letting go is no completed transfer',
    keeps: 'H3',
    without: one(
      COURSE,
      "return [{ type: 'TransferAccepted', vendorMs }];",
      "return [settled(move, 'completed', { vendorMs })];",
    ),
  },
  {
    name: 'an uncertain letting go is looked at before it is repeated',
    keeps: 'H5',
    without: one(
      COURSE,
      "if (failure.kind === 'ambiguous' && mayHaveMoved) return",
      "if (failure.kind === 'ambiguous' && mayHaveMoved && judged.now < 0) return",
    ),
  },
  {
    name: 'what was let go of may take its time to show',
    keeps: 'H5',
    without: one(
      EVOLVE,
      'mayMoveUntil: doneBy + Math.max(limits.settleMs, limits.confirmWithinMs),',
      'mayMoveUntil: Math.min(doneBy, event.at),',
    ),
  },
  {
    name: 'who has arrived is looked at last',
    keeps: 'H3',
    without: one(
      COURSE,
      "const isOver = destinationIn(state, move, after).state === 'ended';",
      'const isOver = destinationIn(state, move, after).state === undefined;',
    ),
  },
  {
    name: 'a phantom is put back',
    keeps: 'H3',
    without: one(
      'src/protocols/reconciliation.ts',
      "// A phantom: the source has let go, and nobody has them.\n      return returning('source', sides, 'destination-dropped');",
      "return { kind: 'stayed', reason: 'destination-dropped' };",
    ),
  },
  {
    name: 'a caller who hangs up cancels their transfer',
    keeps: 'H6',
    without: one(
      COURSE,
      'if (hungUp && isSameLeg(leg, move.leg) && !reached) return customerLeft(state, leg);',
      'if (reached && hungUp) return [];',
    ),
  },
  {
    name: 'who is told to have hung up is not looked for',
    keeps: 'H6',
    without: one('src/protocols/telling.ts', 'if (!leg) return toldAfterwards(state, event);', 'if (!leg) return [];'),
  },
  {
    name: 'somebody who answers is no effect of a signal',
    keeps: 'H3',
    without: one(
      'src/platforms/cxone/signals.ts',
      'if (!sent.moves && whereIn(seen) !== whereIn(sent.before)) sent.before = seen;',
      '',
    ),
  },
  {
    name: 'what was held for a transfer is given back',
    keeps: 'H6',
    without: one(
      'src/protocols/release.ts',
      'return lent && (attempts === 0 || arrived) ?',
      'return lent && arrived && attempts < 0 ?',
    ),
  },
  {
    name: 'an interaction ends with its open transfer, not before it',
    keeps: 'H6',
    without: one('src/protocols/ending.ts', 'if (isSought || hasLegs ||', 'if ((isSought && hasLegs) || hasLegs ||'),
  },
  {
    name: 'what is known is written where the caller arrives',
    keeps: 'H4',
    without: one('src/protocols/carrying.ts', 'return { carried: attributes, loss:', 'return { carried: {}, loss:'),
  },
];
