// Owns the simulated tenant: its skills, points of contact, digital channels, custom fields, credentials and agents. Ids are
// the same in every run, but for the agents'.

import { drawUuid } from '../seeded-random.ts';
import type { Answers } from '../virtual-agent.ts';
import type { Contact } from './contact.ts';

/** NICE's numbers of media types (help, "Manage Multiple Skills at Once"): one skill serves one of them. */
export const MEDIA_TYPES = { voice: 4, 'work-item': 6, digital: 9 } as const;
export const MEDIA_NAMES = { voice: 'Phone Call', 'work-item': 'Work Item', digital: 'Digital' } as const;
export type Media = keyof typeof MEDIA_TYPES;

export type Skill = {
  readonly id: number;
  readonly name: string;
  readonly media: Media;
  readonly outbound: boolean;
  /** An inactive skill is listed and takes no contacts. */
  readonly active: boolean;
  /** The digital engagement platform's own id of it; only digital skills have one. */
  readonly routingQueueId?: string;
};

export type ScriptName =
  | 'Throughline_Entry'
  | 'Throughline_Bot'
  | 'Throughline_Queue'
  | 'Throughline_Digital'
  | 'Throughline_Placeholder'
  | 'Throughline_Outbound';

/** Where contacts come in: a number, or a name for work items. */
export type PointOfContact = {
  readonly code: number;
  readonly address: string;
  readonly description: string;
  readonly media: Media;
  readonly script: ScriptName;
  readonly defaultSkill: Skill;
};

export type Channel = {
  readonly id: string;
  readonly name: string;
  readonly idOnExternalPlatform: string;
  readonly channelIntegrationId: string;
  readonly realExternalPlatformId: 'custom' | 'chat' | 'email' | 'sms';
  /** What the agent writes goes to the customer's own middleware. */
  readonly ownChannel: boolean;
  readonly defaultSkill: Skill;
};

/** What an agent has chosen; what they do about contacts lies over it. */
export type AgentChoice =
  | { readonly kind: 'available' }
  | { readonly kind: 'unavailable'; readonly outStateId: number | undefined }
  | { readonly kind: 'logged-out' };

export type Agent = {
  /** The ACD's own number of an agent. */
  readonly id: number;
  /** The user's UUID, the key everywhere else. */
  readonly userId: string;
  readonly name: string;
  readonly skillIds: ReadonlySet<number>;
  readonly answers: Answers;
  readonly afterMs: number;
  /** Writes by themselves to customers of digital contacts. */
  readonly talks?: boolean;
  readonly sessionStartedAt: number;
  choice: AgentChoice;
  changedAt: number;
  /** After-contact work, until then (epoch ms). */
  acwUntil: number;
  /** Offered, handled, or dialled. */
  readonly contacts: Set<Contact>;
};

export type NewAgent = Pick<Agent, 'name' | 'skillIds' | 'answers' | 'afterMs' | 'talks'>;

export type AccessKey = { readonly accessKeyId: string; readonly accessKeySecret: string };
export type OauthClient = { readonly clientId: string; readonly clientSecret: string };

export type TenantOptions = {
  readonly random: () => number;
  readonly accessKeys?: readonly AccessKey[] | undefined;
  readonly clients?: readonly OauthClient[] | undefined;
};

export type Tenant = {
  readonly id: string;
  readonly businessUnitId: number;
  readonly skills: readonly Skill[];
  readonly pointsOfContact: readonly PointOfContact[];
  readonly channels: readonly Channel[];
  readonly outStates: ReadonlyMap<number, string>;
  accessKey(id: string, secret: string): AccessKey | undefined;
  client(id: string, secret: string): OauthClient | undefined;
  skill(id: number): Skill | undefined;
  /** By id, name, or the name that the skills of several media share (`General_Support` for `General_Support_Digital`). */
  skillsCalled(nameOrId: string): readonly Skill[];
  pointOfContact(address: string): PointOfContact | undefined;
  channel(id: string): Channel | undefined;
  agent(id: number): Agent | undefined;
  agentByUserId(userId: string): Agent | undefined;
  agents(): readonly Agent[];
  addAgent(agent: NewAgent, at: number): Agent;
  clearAgents(): void;
};

export const DEMO_ACCESS_KEY = { accessKeyId: 'twin-access-key', accessKeySecret: 'twin-access-secret' } as const;
export const DEMO_CXONE_CLIENT = { clientId: 'twin-client', clientSecret: 'twin-secret' } as const;
export const TENANT_ID = '11ef2a5c-1d2f-4b70-9b61-0242ac110002';

/** The numbers that play the entry script; the first is the one guides name. */
export const ENTRY_NUMBERS: readonly string[] = Array.from({ length: 10 }, (_each, index) => `+1888555190${index}`);
/** They play it too, for whoever moves many callers at once. */
const MORE_ENTRY_NUMBERS: readonly string[] = Array.from(
  { length: 500 },
  (_each, index) => `+${18_885_560_000 + index}`,
);
export const BOT_NUMBER = '+18885551800';
export const QUEUE_NUMBER = '+18885551700';
/** The point of contact of placeholder work items. */
const PLACEHOLDER = 'Throughline_Placeholder';
export const OWN_CHANNEL = 'byoc_throughline';
const FIRST_AGENT_ID = 4_492;

const QUEUES = [
  'BillingDisputes_Priority',
  'BillingDisputes_Tier2',
  'General_Escalation',
  'General_Support',
  'Bank_Services',
  'Restaurant_Bookings',
  'Travel_Flights',
  'Collections_Private',
] as const;

/** By name; the inactive one is not among them. */
export const DIGITAL_SKILLS: readonly string[] = QUEUES.slice(0, -1).map((name) => `${name}_Digital`);

/** Codes of unavailability, made up. */
const OUT_STATES: ReadonlyMap<number, string> = new Map([
  [101, 'Break'],
  [102, 'Lunch'],
  [103, 'Reserved'],
]);

export function createTenant(options: TenantOptions): Tenant {
  const skills = buildSkills();
  const byId = new Map(skills.map((each) => [each.id, each]));
  const voiceDefault = named(skills, 'General_Support');
  const digitalDefault = named(skills, 'General_Support_Digital');
  const pointsOfContact = buildPointsOfContact(voiceDefault, named(skills, 'Placeholder_WorkItem'));
  const pointOfContact = new Map(pointsOfContact.map((each) => [each.address, each]));
  const channels = buildChannels(digitalDefault);
  const accessKeys = options.accessKeys ?? [DEMO_ACCESS_KEY];
  const clients = options.clients ?? [DEMO_CXONE_CLIENT];
  const agents = new Map<number, Agent>();
  let nextAgentId = FIRST_AGENT_ID;

  return {
    id: TENANT_ID,
    businessUnitId: 4_599_999,
    skills,
    pointsOfContact,
    channels,
    outStates: OUT_STATES,
    accessKey: (id, secret) => accessKeys.find((each) => each.accessKeyId === id && each.accessKeySecret === secret),
    client: (id, secret) => clients.find((each) => each.clientId === id && each.clientSecret === secret),
    skill: (id) => byId.get(id),
    skillsCalled: (name) =>
      skills.filter((each) => String(each.id) === name || each.name === name || each.name === `${name}_Digital`),
    pointOfContact: (address) => pointOfContact.get(address),
    channel: (id) => channels.find((each) => each.id === id),
    agent: (id) => agents.get(id),
    agentByUserId: (userId) => [...agents.values()].find((each) => each.userId === userId),
    agents: () => [...agents.values()],
    addAgent(agent, at) {
      const added: Agent = {
        ...agent,
        id: nextAgentId,
        userId: drawUuid(options.random),
        sessionStartedAt: at,
        choice: { kind: 'available' },
        changedAt: at,
        acwUntil: 0,
        contacts: new Set(),
      };
      nextAgentId += 1;
      agents.set(added.id, added);
      return added;
    },
    clearAgents: () => agents.clear(),
  };
}

function buildSkills(): readonly Skill[] {
  const voice = QUEUES.map(
    (name, index): Skill => ({
      id: 1_001 + index,
      name,
      media: 'voice',
      outbound: false,
      active: name !== 'Collections_Private',
    }),
  );
  const digital = voice.map(
    ({ id, name, active }): Skill => ({
      id: id + 1_000,
      name: `${name}_Digital`,
      media: 'digital',
      outbound: false,
      active,
      routingQueueId: `7f2d1a30-00${String(id - 1_000).padStart(2, '0')}-4a00-8a00-0000000000${String(id - 1_000).padStart(2, '0')}`,
    }),
  );
  const others: readonly Skill[] = [
    { id: 3_001, name: 'Placeholder_WorkItem', media: 'work-item', outbound: false, active: true },
    { id: 4_001, name: 'Outbound_Calls', media: 'voice', outbound: true, active: true },
  ];
  return [...voice, ...digital, ...others];
}

function buildPointsOfContact(defaultSkill: Skill, workItems: Skill): readonly PointOfContact[] {
  const entry = (address: string, index: number, code: number): PointOfContact => ({
    code,
    address,
    description: index === 0 ? 'Throughline entry' : `Throughline entry, pool ${index}`,
    media: 'voice',
    script: 'Throughline_Entry',
    defaultSkill,
  });
  const entries = ENTRY_NUMBERS.map((address, index) => entry(address, index, 501 + index));
  const more = MORE_ENTRY_NUMBERS.map((address, index) => entry(address, ENTRY_NUMBERS.length + index, 1_001 + index));
  const voice = { media: 'voice', defaultSkill } as const;
  return [
    ...entries,
    { ...voice, code: 511, address: BOT_NUMBER, description: 'Voice bot', script: 'Throughline_Bot' },
    { ...voice, code: 512, address: QUEUE_NUMBER, description: 'Support', script: 'Throughline_Queue' },
    {
      code: 513,
      address: PLACEHOLDER,
      description: 'Placeholder work items',
      media: 'work-item',
      script: 'Throughline_Placeholder',
      defaultSkill: workItems,
    },
    ...more,
  ];
}

function buildChannels(defaultSkill: Skill): readonly Channel[] {
  const channel = (id: string, name: string, realExternalPlatformId: Channel['realExternalPlatformId']): Channel => ({
    id,
    name,
    idOnExternalPlatform: id.slice(id.indexOf('_') + 1),
    channelIntegrationId: `2c9d4e10-0000-4a00-8a00-${String(id.length).padStart(12, '0')}`,
    realExternalPlatformId,
    ownChannel: realExternalPlatformId === 'custom',
    defaultSkill,
  });
  return [
    channel(OWN_CHANNEL, 'Throughline', 'custom'),
    channel('chat_web', 'Web chat', 'chat'),
    channel('email_care', 'Care mailbox', 'email'),
    channel('sms_main', 'SMS', 'sms'),
  ];
}

function named(skills: readonly Skill[], name: string): Skill {
  return skills.find((each) => each.name === name) as Skill;
}
