// Owns the simulated organisation: its divisions, queues, OAuth clients and virtual agents. Ids of the built-in queues are
// the same in every run.

import type { Access, Session } from '../access.ts';
import { drawUuid } from '../seeded-random.ts';
import type { Answers } from '../virtual-agent.ts';

export type Division = { readonly id: string; readonly name: string };
export type Queue = { readonly id: string; readonly name: string; readonly division: Division };
export type OauthClient = {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly divisions: readonly Division[];
};
/** An application without a secret, to which people sign in (Authorization Code Grant with PKCE). */
export type PublicClient = {
  readonly clientId: string;
  readonly name: string;
  /** Where a code may be sent. `loopback` stands for any address of this machine. */
  readonly redirectUris: readonly string[];
  readonly divisions: readonly Division[];
};
/** Whoever a token was minted for. */
export type TokenClient = OauthClient | PublicClient;
export type GenesysAccess = Access<TokenClient, Agent>;
export type GenesysSession = Session<TokenClient, Agent>;
export type Agent = {
  readonly id: string;
  readonly name: string;
  readonly queueIds: ReadonlySet<string>;
  readonly answers: Answers;
  readonly afterMs: number;
  /** Writes by itself to customers of message conversations. */
  readonly talks?: boolean;
  /** The presence they have chosen. */
  presence: { readonly definition: PresenceDefinition; readonly message: string; readonly modifiedAt: number };
  /** Conversations it has now, alerting or connected. */
  live: number;
  /** When that last became some or none (epoch ms). */
  busySince: number;
};

/** Made up, and the same in every run. */
export type PresenceDefinition = {
  readonly id: string;
  readonly name: string;
  readonly systemPresence: 'Available' | 'On Queue' | 'Busy' | 'Away' | 'Meeting' | 'Offline';
};

export type OrganisationOptions = {
  readonly random: () => number;
  /** Division by name; the ids of divisions follow from the names. */
  readonly queues?: readonly { readonly id: string; readonly name: string; readonly division: string }[] | undefined;
  readonly clients?:
    | readonly { readonly clientId: string; readonly clientSecret: string; readonly divisions: readonly string[] }[]
    | undefined;
  readonly publicClients?:
    | readonly (Omit<PublicClient, 'divisions'> & { readonly divisions: readonly string[] })[]
    | undefined;
};

export type NewAgent = Omit<Agent, 'id' | 'live' | 'busySince' | 'presence'>;

export type Organisation = {
  readonly id: string;
  /** The division of what belongs to no queue. */
  readonly home: Division;
  readonly divisions: readonly Division[];
  readonly queues: readonly Queue[];
  client(clientId: string, clientSecret: string): OauthClient | undefined;
  publicClient(clientId: string): PublicClient | undefined;
  queueById(id: string): Queue | undefined;
  /** Exact, as everywhere but in the list's filter. */
  queueByName(name: string): Queue | undefined;
  agent(id: string): Agent | undefined;
  agentByName(name: string): Agent | undefined;
  agents(): readonly Agent[];
  addAgent(agent: NewAgent): Agent;
  agentsOf(queueId: string): readonly Agent[];
  /** Of the organisation. */
  readonly presences: readonly PresenceDefinition[];
  clearAgents(): void;
};

export const DEMO_CLIENT = { clientId: 'twin-client', clientSecret: 'twin-secret', divisions: ['Home'] } as const;

export const DEMO_CARD_CLIENT = {
  clientId: 'twin-card',
  name: 'Agent card',
  redirectUris: ['loopback'],
  divisions: ['Home'],
} as const;

/** The organisation's numbers: the one customers dial, and those that play the flow "Throughline entry". */
export const MAIN_NUMBER = '+18005550100';
export const ENTRY_NUMBERS: readonly string[] = Array.from({ length: 10 }, (_each, index) => `+1800555011${index}`);

/** They play it too, for whoever moves many callers at once. */
export const MORE_ENTRY_NUMBERS: readonly string[] = Array.from(
  { length: 500 },
  (_each, index) => `+${18_005_560_000 + index}`,
);
const ENTRIES: ReadonlySet<string> = new Set([...ENTRY_NUMBERS, ...MORE_ENTRY_NUMBERS]);

export function isEntryNumber(number: string | undefined): boolean {
  return number !== undefined && ENTRIES.has(number.replace(/^tel:/, ''));
}

export const ORGANISATION_NAME = 'The twin';
const ORGANISATION_ID = '0e2b6c1a-5a0f-4c3e-9a57-3d1f6a9b7c10';

/** Fixed, so that documents and configurations may name them. */
const BUILT_IN_QUEUES = [
  { id: '5f1c0a10-0001-4a00-8a00-000000000001', name: 'BillingDisputes_Priority', division: 'Home' },
  { id: '5f1c0a10-0002-4a00-8a00-000000000002', name: 'BillingDisputes_Tier2', division: 'Home' },
  { id: '5f1c0a10-0003-4a00-8a00-000000000003', name: 'General_Escalation', division: 'Home' },
  { id: '5f1c0a10-0004-4a00-8a00-000000000004', name: 'General_Support', division: 'Home' },
  { id: '5f1c0a10-0005-4a00-8a00-000000000005', name: 'Bank_Services', division: 'Home' },
  { id: '5f1c0a10-0006-4a00-8a00-000000000006', name: 'Restaurant_Bookings', division: 'Home' },
  { id: '5f1c0a10-0007-4a00-8a00-000000000007', name: 'Travel_Flights', division: 'Home' },
  { id: '5f1c0a10-0008-4a00-8a00-000000000008', name: 'Collections_Private', division: 'Restricted' },
] as const;

const PRESENCES: readonly PresenceDefinition[] = (
  ['Available', 'On Queue', 'Busy', 'Away', 'Meeting', 'Offline'] as const
).map((name, index) => ({
  id: `9a3e5c10-000${index + 1}-4a00-8a00-00000000000${index + 1}`,
  name,
  systemPresence: name,
}));
/** Who is there to take customers. */
const ON_QUEUE = PRESENCES[1] as PresenceDefinition;

/** Throws when two queues share an id or a name: the options are the caller's mistake. */
export function createOrganisation(options: OrganisationOptions): Organisation {
  const divisions = new Map<string, Division>();
  const division = (name: string) => divisions.get(name) ?? addDivision(divisions, name);
  const home = division('Home');
  const queues = (options.queues ?? BUILT_IN_QUEUES)
    .map((each): Queue => ({ id: each.id, name: each.name, division: division(each.division) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const byId = new Map(queues.map((queue) => [queue.id, queue]));
  const byName = new Map(queues.map((queue) => [queue.name, queue]));
  if (byId.size < queues.length || byName.size < queues.length) throw new Error('queues must differ in id and name');
  const clients = (options.clients ?? [DEMO_CLIENT]).map((each) => ({
    ...each,
    divisions: each.divisions.map(division),
  }));
  const publicClients = (options.publicClients ?? [DEMO_CARD_CLIENT]).map((each) => ({
    ...each,
    divisions: each.divisions.map(division),
  }));
  const agents = new Map<string, Agent>();

  return {
    id: ORGANISATION_ID,
    home,
    divisions: [...divisions.values()],
    queues,
    client: (clientId, clientSecret) =>
      clients.find((each) => each.clientId === clientId && each.clientSecret === clientSecret),
    publicClient: (clientId) => publicClients.find((each) => each.clientId === clientId),
    queueById: (id) => byId.get(id),
    queueByName: (name) => byName.get(name),
    agent: (id) => agents.get(id),
    agentByName: (name) => [...agents.values()].find((each) => each.name === name),
    agents: () => [...agents.values()],
    addAgent(agent) {
      const presence = { definition: ON_QUEUE, message: '', modifiedAt: 0 };
      const added = { ...agent, id: drawUuid(options.random), live: 0, busySince: 0, presence };
      agents.set(added.id, added);
      return added;
    },
    agentsOf: (queueId) => [...agents.values()].filter((each) => each.queueIds.has(queueId)),
    presences: PRESENCES,
    clearAgents: () => agents.clear(),
  };
}

function addDivision(divisions: Map<string, Division>, name: string): Division {
  const number = String(divisions.size + 1).padStart(12, '0');
  const added = { id: `d1f1510a-0000-4a00-8a00-${number}`, name };
  divisions.set(name, added);
  return added;
}
