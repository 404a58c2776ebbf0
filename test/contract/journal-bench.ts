// Owns a small world for the journal's tests: a contact center that can be told to fail, and what is asked of an interaction.

import type { ConversationEvent, ConversationView, Queue } from '../../src/context/conversation.ts';
import type {
  AgentId,
  ExternalId,
  HandoffId,
  InteractionId,
  ParticipantId,
  PlatformName,
  QueueId,
} from '../../src/ids.ts';
import { Journal } from '../../src/journal/journal.ts';
import { Runner, type RunnerParts } from '../../src/journal/runner.ts';
import { openSqlite } from '../../src/journal/sqlite.ts';
import type { Store } from '../../src/journal/store.ts';
import type { Command, CommandOutcome, Execute } from '../../src/protocols/command.ts';
import type { EscalationPolicy, Input, OpenInteraction, RequestEscalation } from '../../src/protocols/input.ts';
import type { Leg } from '../../src/protocols/move.ts';
import { DEFAULT_QUEUE_RULES } from '../../src/protocols/queue-rules.ts';
import { type ManualClock, manualClock } from './manual-clock.ts';

const PLATFORM = 'genesys_cloud' as PlatformName;
const QUEUE: Queue = { id: 'q-tier2' as QueueId, name: 'BillingDisputes_Tier2' };
export const MASTER_KEY = Buffer.alloc(32, 5);

export const TIMEOUT_MS = 8_000;
export const SETTLE_MS = 2_000;

export const POLICY: EscalationPolicy = {
  rules: DEFAULT_QUEUE_RULES,
  platforms: { [PLATFORM]: { limits: { attributeValueBytes: 256, attributeCount: 50 }, settleMs: SETTLE_MS } },
  settleWithinMs: 120_000,
  limits: { commandTimeoutMs: TIMEOUT_MS, confirmWithinMs: 30_000, flowWithinMs: 60_000, transferAttempts: 3 },
};

/** Ids that sort as they are numbered. */
export function interactionId(n: number): InteractionId {
  return `019a0000-0000-7000-8000-${String(n).padStart(12, '0')}` as InteractionId;
}

export function legOf(externalId: string): Leg {
  return { platform: PLATFORM, externalId: externalId as ExternalId, channel: 'voice' };
}

export function opening(id: InteractionId, externalId: string, more: Partial<OpenInteraction> = {}): Input {
  return {
    kind: 'open-interaction',
    actor: 'api:desk',
    id,
    channel: 'voice',
    direction: 'inbound',
    customer: { phone: '+14155551234' },
    context: { intent: 'billing_dispute' },
    leg: legOf(externalId),
    ...more,
  };
}

export function escalation(more: Partial<RequestEscalation> = {}): Input {
  return {
    kind: 'request-escalation',
    actor: 'api:desk',
    queue: QUEUE.name,
    resumeBot: false,
    commitBy: 'us',
    masked: [],
    policy: POLICY,
    ...more,
  };
}

export function contextChange(attributes: Readonly<Record<string, string>>): Input {
  return { kind: 'change-context', actor: 'api:desk', context: { attributes } };
}

export function cancelling(id: InteractionId): Input {
  return { kind: 'cancel-handoff', actor: 'api:desk', handoffId: `${id}.1` as HandoffId };
}

export function agentJoined(externalId: string, messageId: string, at: number): ConversationEvent {
  const [participantId, agentId] = [`${messageId}-party` as ParticipantId, `${messageId}-agent` as AgentId];
  const leg = { platform: PLATFORM, externalId: externalId as ExternalId };
  return { kind: 'agent-joined', ...leg, messageId, at, participantId, agentId };
}

/** The event as a hook or a stray delivers it. */
export function told(event: ConversationEvent) {
  const input: Input = { kind: 'conversation-event', actor: `platform:${event.platform}`, event };
  return { input, message: { sender: event.platform, messageId: event.messageId } };
}

type PlatformCommand = Extract<Command, { readonly externalId: unknown }>;
type Answer = CommandOutcome | Promise<CommandOutcome> | undefined;
/** What becomes of a command; undefined lets it take its ordinary course. */
export type Script = (command: Command, call: Parameters<Execute>[1], center: ContactCenter) => Answer;

/** A contact center in memory: it remembers what it was asked, and a transfer shows in the next look. */
export class ContactCenter {
  readonly asked: Command[] = [];
  readonly #transfers = new Map<string, number>();
  script: Script = () => undefined;

  /** Answers on a later turn, as a network would. */
  readonly execute: Execute = async (command, call) => {
    this.asked.push(command);
    const answer = this.script(command, call, this);
    if (answer !== undefined) return answer;
    await new Promise((resolve) => setImmediate(resolve));
    if (!call.mayStart()) return { kind: 'transient', code: 'not-sent' };
    return this.perform(command);
  };

  perform(command: Command): CommandOutcome {
    switch (command.kind) {
      case 'Inspect':
        return { kind: 'done', of: 'Inspect', result: { queue: QUEUE, view: this.view(command) } };
      case 'TransferToQueue':
        this.#transfers.set(command.externalId, this.transfers(command.externalId) + 1);
        return { kind: 'done', of: 'TransferToQueue', result: null };
      case 'Look':
        return { kind: 'done', of: 'Look', result: this.view(command) };
      case 'ReadPresence':
      case 'HoldAgent':
      case 'ReleaseAgent':
      case 'CheckTransfer':
      case 'AskAgent':
      case 'AttachOnArrival':
      case 'LookForAgent':
      case 'Reserve':
      case 'Reconcile':
      case 'WriteContext':
      case 'SendSms':
      case 'FindSms':
      case 'AskReceipt':
      case 'FetchFile':
      case 'BookCallback':
      case 'PrepareEscalation':
      case 'OpenConversation':
      case 'RunBotTurn':
        throw new Error(`nobody is held here: ${command.kind}`);
      default:
        return { kind: 'done', of: command.kind, result: null };
    }
  }

  view({ externalId }: PlatformCommand): ConversationView {
    const moved = this.transfers(externalId) > 0;
    const waiting = { id: 'p-queue' as ParticipantId, role: 'queue', state: 'connected', queueId: QUEUE.id } as const;
    return {
      ended: false,
      parties: [
        { id: 'p-customer' as ParticipantId, role: 'customer', state: 'connected' },
        { id: 'p-bot' as ParticipantId, role: 'bot', state: moved ? 'ended' : 'connected' },
        ...(moved ? [waiting] : []),
      ],
      transfers: moved ? [{ state: 'complete', queueId: QUEUE.id, issuedAt: 1 }] : [],
    };
  }

  /** How often the conversation was moved: more than once is the accident that H5 forbids. */
  transfers(externalId: string): number {
    return this.#transfers.get(externalId) ?? 0;
  }

  kinds(): string[] {
    return this.asked.map(({ kind }) => kind);
  }
}

/** Gives the machine time to do all that needs no clock. */
export async function settled(turns = 30): Promise<void> {
  for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

export const LEASE_MS = 20_000;

export type Node = { readonly runner: Runner; readonly journal: Journal; readonly faults: unknown[] };
type NodeParts = Omit<Partial<RunnerParts>, 'clock'> & { readonly clock: ManualClock; readonly center: ContactCenter };

export async function node(store: Store, { center, ...parts }: NodeParts): Promise<Node> {
  const faults: unknown[] = [];
  const journal = await Journal.open(store, MASTER_KEY);
  const runner = new Runner({
    journal,
    execute: center.execute,
    random: () => 0.5,
    owner: 'n1',
    onFault: (fault) => faults.push(fault),
    ...parts,
  });
  return { runner, journal, faults };
}

/** A lone node with its own store; everything runs to rest after each step. */
export async function house(
  parts: Omit<Partial<RunnerParts>, 'clock'> & { readonly store?: Store; readonly start?: boolean } = {},
) {
  const { store = openSqlite(':memory:'), start = true, ...rest } = parts;
  const clock = manualClock();
  const center = new ContactCenter();
  const one = await node(store, { clock, center, ...rest });
  if (start) await one.runner.start({ recovering: true });
  return { ...one, store, clock, center };
}

/** `store` with something else in the place of some of its methods. */
export function replaced(store: Store, methods: Partial<Store>): Store {
  return new Proxy(store, {
    get(target, name) {
      const own = methods[name as keyof Store];
      if (own) return own;
      const value = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
