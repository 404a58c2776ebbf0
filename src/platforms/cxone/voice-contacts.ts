// Owns what is done with a call of the ACD. No REST call moves a live call that no agent's session has: its script does, told by a signal
// (docs/vendors/cxone). What it does not know it refuses; it decides nothing (H5).

import type { Failure, Outcome } from '../../outcome.ts';
import type { Call, Platform } from '../platform.ts';
import { readAs } from '../read-as.ts';
import { contactView, phaseOf } from './contact-view.ts';
import type { CxoneLine } from './cxone-line.ts';
import { wireCustomData } from './cxone-wire.ts';
import { CONTEXT, SIGNAL_PARAMETERS } from './signals.ts';
import { type VoiceDepartureOptions, voiceDeparture } from './voice-departure.ts';

/** Of a port's methods those that concern one conversation. */
export type ContactActs = Pick<
  Platform,
  'look' | 'attachContext' | 'overwriteContext' | 'transferToQueue' | 'transferAway' | 'endConsult' | 'closeLeg'
>;

/** The script's variable that carries our id. */
const TAG = 'interactionId';
/** p1 says what is asked and p2 carries our id; the rest carry a value each, as `name=value`. Our id is none of these. */
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
      const { [TAG]: _, ...others } = attributes;
      const count = Object.keys(others).length;
      if (count > CONTEXT_VALUES) return tooMany(count);
      const values = Object.entries({ [TAG]: tag, ...others }).map(([name, value]) => assign(name, value));
      const now = await contacts.current(externalId, call);
      if (now.kind !== 'done') return now;
      if (phaseOf(now.value) === 'ended')
        return { kind: 'rejected', code: 'conflict', detail: 'the contact has ended' };
      const contactId = now.value.contactId ?? externalId;
      const told = await signals.send(contactId, [CONTEXT, ...values], now.value, call);
      // What follows may be urgent: it is better waited for here than between a check of the destination and the departure.
      if (told.kind === 'done') await signals.settled(contactId, call);
      return told;
    },
    async overwriteContext({ externalId }, overwrite, call) {
      const names = overwrite.what === 'tag' ? [TAG] : overwrite.names;
      if (names.length > CONTEXT_VALUES + 1) return tooMany(names.length);
      const now = await contacts.current(externalId, call);
      if (now.kind !== 'done') return now;
      const contactId = now.value.contactId ?? externalId;
      if (phaseOf(now.value) === 'ended') return leftBehind(line, contactId, names, call);
      return signals.send(contactId, [CONTEXT, ...names.map((name) => assign(name, ''))], now.value, call);
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
      const contactId = now.value.contactId ?? externalId;
      const ended = await line.acd({ method: 'POST', path: `/contacts/${contactId}/end` }, call);
      if (ended.kind === 'done') return { kind: 'done', value: null };
      // It may have ended in between.
      const after = ended.kind === 'rejected' ? await contacts.read(contactId, call) : ended;
      const isOver = after.kind === 'done' && phaseOf(after.value) === 'ended';
      return isOver ? { kind: 'done', value: null } : ended;
    },
  };
}

/** A script splits at the first `=`, so a name has none. */
function assign(name: string, value: string): string {
  return `${name.replaceAll('%', '%25').replaceAll('=', '%3D')}=${value}`;
}

/** With the script its variables are gone; what it saved as custom data stays in the reports, where nothing of ours can change it. */
async function leftBehind(
  line: Pick<CxoneLine, 'acd'>,
  contactId: string,
  names: readonly string[],
  call: Call,
): Promise<Outcome<null>> {
  const answer = await line.acd({ method: 'GET', path: `/contacts/${contactId}/custom-data` }, call);
  if (answer.kind === 'done' && answer.value.status === 204) return { kind: 'done', value: null };
  const read = readAs(wireCustomData, answer);
  if (read.kind === 'rejected' && read.code === 'not-found') return { kind: 'done', value: null };
  if (read.kind !== 'done') return read;
  const kept = read.value.contactCustomData?.filter(({ name, value }) => names.includes(name ?? '') && value);
  if (!kept?.length) return { kind: 'done', value: null };
  return { kind: 'rejected', code: 'conflict', detail: 'the contact has ended, and its custom data can only be read' };
}

function tooMany(count: number): Failure {
  return { kind: 'rejected', code: 'bad-request', detail: `a signal carries ${CONTEXT_VALUES} values, not ${count}` };
}
