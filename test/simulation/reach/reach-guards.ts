// Owns the guards of links, claims and callbacks in the list of what the simulation must miss.

import type { Guard } from '../guards.ts';

const DEFLECTION = 'src/protocols/deflection.ts';
const CLAIM = 'src/protocols/claim.ts';
const CALLBACK = 'src/protocols/callback.ts';

const one = (file: string, text: string, instead: string) => [{ file, text, instead }];

export const REACH_GUARDS: readonly Guard[] = [
  {
    name: 'a call is ended on a delivered message only',
    keeps: 'H3',
    without: one(
      DEFLECTION,
      'return [taken, ...alreadyFailed(state, offer, now)];',
      'return [taken, ...letGo(state, offer), ...alreadyFailed(state, offer, now)];',
    ),
  },
  {
    name: 'a flow lets go on a delivered message only',
    keeps: 'H3',
    without: one(
      'src/server/flow-status.ts',
      "mayRelease: handoff.sms === 'delivered' || claimed,",
      "mayRelease: handoff.sms !== 'pending' || claimed,",
    ),
  },
  {
    name: 'an uncertain text is looked for before it is sent again',
    keeps: 'H5',
    without: one(
      DEFLECTION,
      "if (failure.kind === 'ambiguous') return [{ type: 'SmsUncertain', handoffId, code, vendorMs }];",
      "if (failure.kind === 'ambiguous') return [delayed];",
    ),
  },
  {
    name: 'a text that was under way in a process that died is unknown',
    keeps: 'H5',
    without: one(
      DEFLECTION,
      "progress.step === 'sending' && progress.task.kind === 'running'",
      'progress.step === null',
    ),
  },
  {
    name: 'another route waits until the first can bring nothing',
    keeps: 'H5',
    without: one(
      DEFLECTION,
      "  if (now < progress.landsBy)\n    return [{ type: 'OfferDelayed', handoffId, code: 'not-there', until: progress.landsBy, vendorMs }];\n",
      '',
    ),
  },
  {
    name: 'a link has a time by which it settles',
    keeps: 'H6',
    without: one(
      DEFLECTION,
      "if (now >= terms.expiresAt && progress.step !== 'restoring') return offerEnded(state, offer, 'expired');",
      '',
    ),
  },
  {
    name: 'a link that was withdrawn is over',
    keeps: 'H7',
    without: one(
      CLAIM,
      'if (isSettled(handoff) || now >= handoff.terms.expiresAt)',
      'if (now >= handoff.terms.expiresAt)',
    ),
  },
  {
    name: 'a link has one winner',
    keeps: 'H7',
    without: one(
      CLAIM,
      "if (!move || !anchored) return [refusal(OURS, 'claim-already-active', handoff)];",
      'if (!move || !anchored) return [];',
    ),
  },
  {
    name: 'a call that an agent has answered takes its link back',
    keeps: 'H1',
    without: one('src/protocols/handoff.ts', ', ...linksTakenBack(state, after)];', '];'),
  },
  {
    name: 'what is too sensitive to keep goes with the first use',
    keeps: 'purge',
    without: one(DEFLECTION, '...purged(state, offer), ', ''),
  },
  {
    name: 'a conversation that is being written to is not moved',
    keeps: 'fence',
    without: one('src/protocols/tending.ts', "if (busy) return [refusal('detach-leg', 'leg-busy', busy)];", ''),
  },
  {
    name: 'a link goes with the key of its interaction',
    keeps: 'erasure',
    without: one('src/journal/sqlite.ts', 'this.reach.forget(row);', ''),
  },
  {
    name: 'nobody is texted who has said STOP',
    keeps: 'suppressed',
    without: [
      {
        file: 'src/channels/sms/sms-channel.ts',
        text: "if (!('kind' in ready) && (await suppression.has(ready.message.to))) return refused('opted-out');",
        instead: '',
      },
      // The house that is simulated checks a number as the service does.
      {
        file: 'test/contract/instant-reach.ts',
        text: "if (await suppression.has(destination.e164)) return { ok: false, reason: 'opted-out' };",
        instead: '',
      },
    ],
  },
  {
    name: 'nobody is called back who has said STOP',
    keeps: 'suppressed',
    without: [
      {
        file: 'src/server/calling-back.ts',
        text: "if (await durable(callbacks.isSuppressed(parsed.number))) return refused('opted-out');",
        instead: '',
      },
      { file: 'src/execute-channels.ts', text: 'if (await suppression?.has(phone))', instead: 'if (!queue)' },
    ],
  },
  {
    name: 'nobody is called at an hour at which they sleep',
    keeps: 'hours',
    without: one(CALLBACK, 'if (mayCall(wanted, zones, policy.hours)) {', 'if (zones.length > 0) {'),
  },
  {
    name: 'a callback that may have been taken is not asked for again',
    keeps: 'H5',
    without: one(
      CALLBACK,
      "return deadLetter(move, 'fate-unknown', { vendorMs, detail: code });",
      "return [{ type: 'StepDelayed', code, until: now + 1_000, vendorMs }];",
    ),
  },
  {
    name: 'a callback is not cancelled by the customer whom it is for',
    keeps: 'H3',
    without: one(
      'src/protocols/ending.ts',
      "state.move && state.move.kind !== 'callback' && isSameLeg(state.move.leg, leg)",
      'state.move && isSameLeg(state.move.leg, leg)',
    ),
  },
];
