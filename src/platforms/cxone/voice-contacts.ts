// Owns what is done with a call of the ACD. No REST call moves a live call that no agent's session has: its script does, told by a signal
// (docs/vendors/cxone). What it does not know it refuses; it decides nothing (H5).

import type { Failure } from '../../outcome.ts';
import type { Platform } from '../platform.ts';
import { contactView, phaseOf } from './contact-view.ts';
import type { CxoneLine } from './cxone-line.ts';
import { SIGNAL_PARAMETERS } from './signals.ts';
import { type VoiceDepartureOptions, voiceDeparture } from './voice-departure.ts';

/** Of a port's methods those that concern one conversation. */
export type ContactActs = Pick<
  Platform,
  'look' | 'attachContext' | 'overwriteContext' | 'transferToQueue' | 'transferAway' | 'endConsult' | 'closeLeg'
>;

/** p1 says what is asked and p2 whose it is; the rest carry a value each. */
export const CONTEXT_VALUES = SIGNAL_PARAMETERS - 2;

export type VoiceContactsOptions = VoiceDepartureOptions & { readonly line: Pick<CxoneLine, 'acd'> };

export function voiceContacts(options: VoiceContactsOptions): ContactActs {
  const { line, contacts, signals } = options;
  return {
    ...voiceDeparture(options),
    async look({ externalId }, call) {
      const now = await contacts.current(externalId, call);
      return now.kind === 'done' ? { kind: 'done', value: contactView(now.value, externalId) } : now;
    },
    async attachContext({ externalId }, { attributes, tag }, call) {
      const values = Object.entries(attributes).map(([name, value]) => `${name}=${value}`);
      if (values.length > CONTEXT_VALUES) return tooMany(values.length);
      const now = await contacts.current(externalId, call);
      if (now.kind !== 'done') return now;
      if (phaseOf(now.value) === 'ended')
        return { kind: 'rejected', code: 'conflict', detail: 'the contact has ended' };
      return signals.send(now.value.contactId ?? externalId, ['Context', tag, ...values], now.value, call);
    },
    async overwriteContext({ externalId }, overwrite, call) {
      const names = overwrite.what === 'tag' ? [] : overwrite.names;
      if (names.length > CONTEXT_VALUES) return tooMany(names.length);
      const now = await contacts.current(externalId, call);
      if (now.kind !== 'done') return now;
      // What was written is a script's variables, and they are gone with the script.
      if (phaseOf(now.value) === 'ended') return { kind: 'done', value: null };
      const values = names.map((name) => `${name}=`);
      return signals.send(now.value.contactId ?? externalId, ['Context', '', ...values], now.value, call);
    },
    async transferToQueue({ externalId }, { leaving, queue }, call) {
      const now = await contacts.heldBy({ contactId: externalId, leaving }, call);
      if (now.kind !== 'done') return now;
      const action = phaseOf(now.value) === 'script' ? 'Escalate' : 'Requeue';
      return signals.send(now.value.contactId ?? externalId, [action, queue.id], now.value, call);
    },
    async closeLeg({ externalId }, call) {
      const now = await contacts.current(externalId, call);
      if (now.kind !== 'done') return now;
      if (phaseOf(now.value) === 'ended') return { kind: 'done', value: null };
      const path = `/contacts/${now.value.contactId ?? externalId}/end`;
      const ended = await line.acd({ method: 'POST', path }, call);
      return ended.kind === 'done' ? { kind: 'done', value: null } : ended;
    },
  };
}

function tooMany(count: number): Failure {
  return { kind: 'rejected', code: 'bad-request', detail: `a signal carries ${CONTEXT_VALUES} values, not ${count}` };
}
