// Owns a far side for tests of what is asked of platforms: it takes everything but what it is told to answer otherwise, and
// remembers every call.

import type { ConversationView, Queue } from '../../src/context/conversation.ts';
import type { PlatformName, QueueId } from '../../src/ids.ts';
import type { Outcome } from '../../src/outcome.ts';
import type { AgentPresence, Call, Platform } from '../../src/platforms/platform.ts';

type Verb = Exclude<keyof Platform, 'name' | 'limits' | 'capabilities' | 'health' | 'close'>;
export type Answers = Partial<Record<Verb, Outcome<unknown>>>;
export type AskedCall = {
  readonly at: string;
  readonly verb: Verb;
  readonly with: readonly unknown[];
  readonly call: Call;
};

export const SEEN: ConversationView = { ended: false, parties: [], transfers: [] };

export function queueNamed(name: string): Queue {
  return { id: `q-${name}` as QueueId, name };
}

/** `presence`: what its agents have chosen. */
export function farSide(
  name: PlatformName,
  answers: Answers = {},
  asked: AskedCall[] = [],
  presence: AgentPresence = { id: 'busy', since: 'then' },
): Platform {
  const take = <V extends Verb>(verb: V, value: (...given: readonly never[]) => unknown): Platform[V] => {
    const taken = (...given: readonly never[]) => {
      const said = given.slice(0, -1);
      asked.push({ at: name, verb, with: said, call: given.at(-1) as unknown as Call });
      return Promise.resolve(answers[verb] ?? ({ kind: 'done', value: value(...said) } as const));
    };
    return taken as unknown as Platform[V];
  };
  return {
    name,
    limits: { attributeValueBytes: 256, attributeCount: 50 },
    capabilities: { reservation: 'entry-script', commit: ['rest'], settleMs: 0 },
    queues: take('queues', () => [queueNamed('Billing')]),
    resolveQueue: take('resolveQueue', queueNamed),
    look: take('look', () => SEEN),
    attachContext: take('attachContext', () => null),
    overwriteContext: take('overwriteContext', () => null),
    transferToQueue: take('transferToQueue', () => null),
    checkTarget: take('checkTarget', () => ({ free: 'yes' as const })),
    reserve: take('reserve', () => ({ id: 'res-1', validUntil: 9_000 })),
    release: take('release', () => null),
    transferAway: take('transferAway', () => null),
    endConsult: take('endConsult', () => null),
    closeLeg: take('closeLeg', () => null),
    presence: take('presence', () => presence),
    setPresence: take('setPresence', (_agent: unknown, id: string) => ({ id, since: 'then' })),
    health: () => ({ ok: true }),
    close: () => Promise.resolve(),
  };
}
