// Owns how a contact's script is told something: by a signal, the only way by which a server reaches a live call. Two signals at nearly
// the same time may act as one (NICE help, SIGNAL and ONSIGNAL), so the next one to a contact waits until the one before has shown
// an effect, or has had its time.

import type { Clock } from '../../clock.ts';
import type { Outcome } from '../../outcome.ts';
import type { Call } from '../platform.ts';
import type { ContactReading } from './contact-reading.ts';
import type { CxoneLine } from './cxone-line.ts';
import type { WireContact, WireSignal } from './cxone-wire.ts';

/** p1…p9: what is asked, and its arguments. */
export const SIGNAL_PARAMETERS = 9;

export type Signals = {
  /** `before` is the contact as it was just read. Lookable: an answer that is lost leaves open whether the script was told. */
  send(contactId: string, parameters: readonly string[], before: WireContact, call: Call): Promise<Outcome<null>>;
  /** Waits until the newest signal to the contact has shown an effect, or has had its time: what it said is then done. */
  settled(contactId: string, call: Call): Promise<void>;
};

export type SignalsOptions = {
  readonly line: Pick<CxoneLine, 'acd'>;
  readonly contacts: Pick<ContactReading, 'read'>;
  readonly clock: Clock;
  /** How long after a signal its effect may still come. */
  readonly settleMs: number;
};

/** `before` is the newest that was seen of the contact without the signal's effect; `moves`: the effect is that it is somewhere else. */
type Sent = { readonly at: number; readonly moves: boolean; before: WireContact };

const FIRST_GLANCE_MS = 200;
/** Assigns variables, and moves nobody. */
export const CONTEXT = 'Context';

export function signals({ line, contacts, clock, settleMs }: SignalsOptions): Signals {
  const underWay = new Map<string, Sent>();
  const turns = new Map<string, Promise<void>>();

  const forgetOld = () => {
    for (const [id, { at }] of underWay) if (clock.monotonic() - at >= settleMs) underWay.delete(id);
  };

  /** Looks now and then, further and further apart; what it cannot find out it waits for. Answers the newest state that it saw. */
  const awaitEffect = async (contactId: string, call: Call): Promise<WireContact | undefined> => {
    let seen: WireContact | undefined;
    for (let glance = FIRST_GLANCE_MS; ; glance *= 2) {
      const sent = underWay.get(contactId);
      const leftMs = sent === undefined ? 0 : sent.at + settleMs - clock.monotonic();
      if (sent === undefined || leftMs <= 0 || call.signal.aborted) return seen;
      await clock.sleep(Math.min(glance, leftMs), call.signal);
      if (call.signal.aborted || clock.monotonic() - sent.at >= settleMs) return seen;
      const now = await contacts.read(contactId, call);
      if (now.kind !== 'done') continue;
      seen = now.value;
      if (showsEffect(sent, seen) && underWay.get(contactId) === sent) underWay.delete(contactId);
    }
  };

  const tell = async (contactId: string, parameters: readonly string[], before: WireContact, call: Call) => {
    forgetOld();
    const newest = (await awaitEffect(contactId, call)) ?? before;
    const path = `/interactions/${contactId}/signal`;
    const body = Object.fromEntries(parameters.map((value, index) => [`p${index + 1}`, value])) as WireSignal;
    const answer = await line.acd({ method: 'POST', path, body }, call);
    if (answer.kind === 'done' || answer.kind === 'ambiguous') {
      underWay.set(contactId, { at: clock.monotonic(), moves: parameters[0] !== CONTEXT, before: newest });
    }
    return answer;
  };

  return {
    async settled(contactId, call) {
      await awaitEffect(contactId, call);
    },
    async send(contactId, parameters, before, call) {
      const earlier = turns.get(contactId) ?? Promise.resolve();
      const answered = earlier.then(() => tell(contactId, parameters, before, call));
      const over = answered.then(() => {});
      turns.set(contactId, over);
      const answer = await answered;
      if (turns.get(contactId) === over) turns.delete(contactId);
      return answer.kind === 'done' ? { kind: 'done', value: null } : answer;
    },
  };
}

/** Where somebody else has moved the contact, what was said may have yet to be done, and the next signal would be lost. */
function showsEffect(sent: Sent, seen: WireContact): boolean {
  if (!sent.moves && whereIn(seen) !== whereIn(sent.before)) sent.before = seen;
  return stampOf(seen) !== stampOf(sent.before);
}

/** Changes with whatever a script does that shows. */
function stampOf(contact: WireContact): string {
  return `${contact.lastUpdateTime} ${whereIn(contact)}`;
}

function whereIn({ stateName, skillId, agentId }: WireContact): string {
  return [stateName, skillId, agentId].join(' ');
}
