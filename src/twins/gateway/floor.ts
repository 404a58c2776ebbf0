// Owns the simulated contact center's floor: its queues, its agents and whether they could take something now. Ids of the built-in
// queues and agents are the same in every run.

import type { Clock } from '../../clock.ts';
import { drawUuid } from '../seeded-random.ts';

export type Division = { readonly id: string; readonly name: string };
export type Queue = { readonly id: string; readonly name: string; readonly division: Division };

/** How a virtual agent takes what it is offered; `hangs` alerts for ever. */
export const ANSWERS = ['auto', 'manual', 'declines', 'hangs'] as const;
export const PRESENCES = ['available', 'meeting', 'away'] as const;
export type Presence = (typeof PRESENCES)[number];

export type Agent = {
  readonly id: string;
  readonly name: string;
  readonly queueIds: ReadonlySet<string>;
  readonly answers: (typeof ANSWERS)[number];
  readonly afterMs: number;
  presence: { readonly id: Presence; readonly since: number };
  /** Interactions it is in now, alerting or connected. */
  live: number;
  /** The reservation that holds it. */
  reservedBy: string | undefined;
};
export type NewAgent = Pick<Agent, 'name' | 'queueIds' | 'answers' | 'afterMs'> & { readonly id?: string | undefined };

export type Floor = {
  readonly queues: readonly Queue[];
  queueById(id: string): Queue | undefined;
  queueByName(name: string): Queue | undefined;
  /** Where a call goes that came for nobody: it is always answered by somebody's queue. */
  readonly overflow: Queue;
  agent(id: string): Agent | undefined;
  addAgent(agent: NewAgent): Agent;
  availabilityOf(agent: Agent): 'available' | 'busy' | 'away';
  setPresence(agent: Agent, presence: Presence): void;
  /** Whether anybody is there for it, busy or not. */
  isStaffed(queue: Queue): boolean;
  /** Somebody of the queue who could take something now. */
  freeAgent(queue: Queue, except: ReadonlySet<string>): Agent | undefined;
  /** Back to the built-in agents. */
  reset(): void;
};

export type FloorParts = {
  readonly clock: Clock;
  readonly random: () => number;
  readonly agents?: readonly NewAgent[] | undefined;
};

const HOME: Division = { id: 'div-home', name: 'Home' };
const RESTRICTED: Division = { id: 'div-restricted', name: 'Restricted' };
const QUEUES: readonly Queue[] = [
  { id: 'queue-billing-tier2', name: 'BillingDisputes_Tier2', division: HOME },
  { id: 'queue-general-support', name: 'General_Support', division: HOME },
  { id: 'queue-overflow', name: 'Gateway_Overflow', division: HOME },
  { id: 'queue-collections', name: 'Collections_Private', division: RESTRICTED },
];
const OVERFLOW = QUEUES[2] as Queue;
/** The only division that the demo credentials see. */
export const VISIBLE_DIVISION = HOME;

/** The second has the id of seed 002's own example. */
const BUILT_IN_AGENTS: readonly NewAgent[] = [
  { id: 'agent-robin', name: 'Robin', queueIds: new Set(['queue-general-support']), answers: 'auto', afterMs: 300 },
  { id: 'nice-usr-4492', name: 'Kim', queueIds: new Set(['queue-billing-tier2']), answers: 'auto', afterMs: 300 },
];

export function createFloor({ clock, random, agents = BUILT_IN_AGENTS }: FloorParts): Floor {
  const staff = new Map<string, Agent>();
  const floor: Floor = {
    queues: QUEUES,
    overflow: OVERFLOW,
    queueById: (id) => QUEUES.find((each) => each.id === id),
    queueByName: (name) => QUEUES.find((each) => each.name === name),
    agent: (id) => staff.get(id),
    addAgent({ id = drawUuid(random), ...rest }) {
      const presence = { id: 'available', since: clock.now() } as const;
      const added: Agent = { ...rest, id, presence, live: 0, reservedBy: undefined };
      staff.set(id, added);
      return added;
    },
    availabilityOf(agent) {
      if (agent.presence.id !== 'available') return 'away';
      return agent.live > 0 || agent.reservedBy !== undefined ? 'busy' : 'available';
    },
    setPresence(agent, presence) {
      agent.presence = { id: presence, since: clock.now() };
    },
    isStaffed: (queue) =>
      [...staff.values()].some((each) => each.queueIds.has(queue.id) && floor.availabilityOf(each) !== 'away'),
    freeAgent: (queue, except) =>
      [...staff.values()].find(
        (each) => each.queueIds.has(queue.id) && !except.has(each.id) && floor.availabilityOf(each) === 'available',
      ),
    reset() {
      staff.clear();
      for (const each of agents) floor.addAgent(each);
    },
  };
  floor.reset();
  return floor;
}
