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

type Sent = { readonly at: number; readonly stamp: string };

const FIRST_GLANCE_MS = 200;

export function signals({ line, contacts, clock, settleMs }: SignalsOptions): Signals {
  const underWay = new Map<string, Sent>();
  const turns = new Map<string, Promise<void>>();

  const forgetOld = () => {
    for (const [id, { at }] of underWay) if (clock.monotonic() - at >= settleMs) underWay.delete(id);
  };

  /** Looks now and then, further and further apart; what it cannot find out it waits for. Answers the newest state that it saw. */
  const awaitEffect = async (contactId: string, call: Call): Promise<string | undefined> => {
    let seen: string | undefined;
    for (let glance = FIRST_GLANCE_MS; ; glance *= 2) {
      const sent = underWay.get(contactId);
      const leftMs = sent === undefined ? 0 : sent.at + settleMs - clock.monotonic();
      if (sent === undefined || leftMs <= 0 || call.signal.aborted) return seen;
      await clock.sleep(Math.min(glance, leftMs), call.signal);
      if (call.signal.aborted || clock.monotonic() - sent.at >= settleMs) return seen;
      const now = await contacts.read(contactId, call);
      if (now.kind !== 'done') continue;
      seen = stampOf(now.value);
      if (seen !== sent.stamp && underWay.get(contactId) === sent) underWay.delete(contactId);
    }
  };

  const tell = async (contactId: string, parameters: readonly string[], before: WireContact, call: Call) => {
    forgetOld();
    const stamp = (await awaitEffect(contactId, call)) ?? stampOf(before);
    const path = `/interactions/${contactId}/signal`;
    const body = Object.fromEntries(parameters.map((value, index) => [`p${index + 1}`, value])) as WireSignal;
    const answer = await line.acd({ method: 'POST', path, body }, call);
    if (answer.kind === 'done' || answer.kind === 'ambiguous') {
      underWay.set(contactId, { at: clock.monotonic(), stamp });
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

/** Changes with whatever a script does that shows. */
function stampOf({ lastUpdateTime, stateName, skillId, agentId }: WireContact): string {
  return [lastUpdateTime, stateName, skillId, agentId].join(' ');
}
