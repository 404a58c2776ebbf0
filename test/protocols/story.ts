// Owns the way tests tell an interaction's story: inputs go in, events come out and are folded. Every step also proves that
// deciding is deterministic, and that the fold of the events as the journal keeps them (JSON) is the very same state.

import { isDeepStrictEqual } from 'node:util';
import type { BotAction } from '../../src/context/bot-reply.ts';
import type { Channel, ConversationChange, ConversationView, Party, Queue } from '../../src/context/conversation.ts';
import type {
  AgentId,
  ExternalId,
  HandoffId,
  InteractionId,
  ParticipantId,
  PlatformName,
  QueueId,
} from '../../src/ids.ts';
import type { Failure } from '../../src/outcome.ts';
import type { Chat, ChatTerms } from '../../src/protocols/chat.ts';
import type { Command, CommandResult, CommandValue, SideView } from '../../src/protocols/command.ts';
import type { Crossing } from '../../src/protocols/crossing.ts';
import type { ErasedInteraction } from '../../src/protocols/erased-interaction.ts';
import type { Event } from '../../src/protocols/event.ts';
import { evolve } from '../../src/protocols/evolve.ts';
import { deadline, decide, next } from '../../src/protocols/handoff.ts';
import type {
  DeflectionPolicy,
  EscalationPolicy,
  Input,
  OpenInteraction,
  RequestDeflection,
  RequestEscalation,
  RequestTransfer,
  TransferPolicy,
} from '../../src/protocols/input.ts';
import { type Interaction, isErased, type State } from '../../src/protocols/interaction.ts';
import type { EscalationStep, Leg, Move, SettledHandoff } from '../../src/protocols/move.ts';
import type { Deflecting, Offer } from '../../src/protocols/offer.ts';
import { DEFAULT_QUEUE_RULES } from '../../src/protocols/queue-rules.ts';

const PLATFORM = 'genesys_cloud' as PlatformName;
export const LEG: Leg = { platform: PLATFORM, externalId: 'conversation-1' as ExternalId, channel: 'message' };
export const OTHER_LEG: Leg = { platform: PLATFORM, externalId: 'conversation-2' as ExternalId, channel: 'voice' };
export const QUEUE: Queue = { id: 'q-billing' as QueueId, name: 'BillingDisputes_Tier2' };
export const OTHER_QUEUE: Queue = { id: 'q-other' as QueueId, name: 'General_Support' };
export const START = 1_700_000_000_000;
export const participant = (id: string) => id as ParticipantId;
export const agent = (id: string) => id as AgentId;

export const POLICY: EscalationPolicy = {
  rules: DEFAULT_QUEUE_RULES,
  platforms: { [PLATFORM]: { limits: { attributeValueBytes: 256, attributeCount: 50 }, settleMs: 1_000 } },
  settleWithinMs: 60_000,
  limits: { commandTimeoutMs: 5_000, confirmWithinMs: 10_000, flowWithinMs: 20_000, transferAttempts: 2 },
};

const OPEN: OpenInteraction = {
  kind: 'open-interaction',
  id: 'interaction-1' as InteractionId,
  channel: 'message' as Channel,
  direction: 'inbound',
  customer: { customerId: 'ACC-1', segment: 'enterprise' },
  context: { intent: 'billing_dispute' },
  leg: LEG,
};

const ESCALATE: RequestEscalation = {
  kind: 'request-escalation',
  queue: QUEUE.name,
  resumeBot: false,
  commitBy: 'us',
  masked: [],
  policy: POLICY,
};

export const CXONE = 'nice_cxone' as PlatformName;
export const VOICE_LEG: Leg = { platform: PLATFORM, externalId: 'call-a' as ExternalId, channel: 'voice' };
export const ARRIVED: Leg = { platform: CXONE, externalId: '4711' as ExternalId, channel: 'voice' };

const SITE = {
  limits: { attributeValueBytes: 256, attributeCount: 50 },
  settleMs: 1_000,
  reservation: 'entry-script',
  reservationMs: 60_000,
  entryNumbers: ['+18885551900'],
  ways: ['rest'],
} as const;

export const TRANSFERS: TransferPolicy = {
  sites: {
    [PLATFORM]: { ...SITE, fallbackQueue: 'Supervisors' },
    [CXONE]: { ...SITE, fallbackQueue: 'Rescue' },
  },
  settleWithinMs: 180_000,
  consultMs: 60_000,
  limits: { commandTimeoutMs: 5_000, confirmWithinMs: 15_000, transferAttempts: 3 },
};

const TRANSFER: RequestTransfer = {
  kind: 'request-transfer',
  to: CXONE,
  target: { kind: 'agent', agentId: agent('4492') },
  type: 'blind',
  initiatedBy: 'agent',
  holdLimitMs: 15_000,
  token: 'token-of-128-bits',
  masked: [],
  policy: TRANSFERS,
};

const ANCHOR = 'throughline' as PlatformName;
export const CHAT: Leg = { platform: ANCHOR, externalId: 'chat-1' as ExternalId, channel: 'webchat' };

/** Where the people are who take our own conversations; it is not known to take a message once only. */
export const CHAT_POLICY: EscalationPolicy = { ...POLICY, desk: { platform: PLATFORM, deduplicates: false } };
export const FENCED_POLICY: EscalationPolicy = { ...POLICY, desk: { platform: PLATFORM, deduplicates: true } };
export const TERMS: ChatTerms = { bot: 'front-desk', fallbackBot: 'plain', turnTimeoutMs: 4_000, botIdleMs: 600_000 };

export const DEFLECTIONS: DeflectionPolicy = {
  told: [PLATFORM],
  receiptWaitMs: 20_000,
  purge: ['ssnLast4'],
  digital: { attributeValueBytes: 256, attributeCount: 50 },
  limits: { commandTimeoutMs: 5_000, settleMs: 1_000 },
};

const DEFLECT: RequestDeflection = {
  kind: 'request-deflection',
  number: {
    ok: true,
    to: '+15055551234',
    routes: ['twilio', 'vonage'],
  },
  text: 'Go on here: https://example.com/c/secret',
  source: 'flow',
  ttlMs: 3_600_000,
  policy: DEFLECTIONS,
};

/** The conversation that people have with our customer. */
export const DESK_LEG: Leg = { platform: PLATFORM, externalId: 'people-1' as ExternalId, channel: 'message' };
type OpenChat = Extract<Input, { kind: 'open-chat' }>;
type CustomerSays = Extract<Input, { kind: 'customer-says' }>;
type AgentSays = Extract<Input, { kind: 'agent-says' }>;

type PartyChange = Partial<Omit<Party, 'id' | 'role'>>;
const party = (id: string, role: Party['role'], change: PartyChange): Party => ({
  id: participant(id),
  role,
  state: 'connected',
  ...change,
});
export const customerParty = (change: PartyChange = {}) => party('p-customer', 'customer', change);
export const botParty = (change: PartyChange = {}) => party('p-bot', 'bot', change);
export const queueParty = (id = 'p-queue', change: PartyChange = {}) =>
  party(id, 'queue', { queueId: QUEUE.id, ...change });
export const agentParty = (id = 'p-agent', change: PartyChange = {}) =>
  party(id, 'agent', { agentId: agent('a-1'), queueId: QUEUE.id, ...change });

export function view(parties: readonly Party[], transfers: ConversationView['transfers'] = []): ConversationView {
  return { ended: false, parties, transfers };
}

/** The bot has the customer, nothing has moved. */
export const WITH_BOT = view([customerParty(), botParty()]);
export const IN_QUEUE = view([customerParty(), botParty({ state: 'ended' }), queueParty()]);
export const WITH_AGENT = view([customerParty(), queueParty('p-queue', { state: 'ended' }), agentParty()]);
export const GONE = view([customerParty({ state: 'ended' })]);

/** A queue of the destination's, and where both sides leave callers whose transfer failed. */
export const ACROSS: Queue = { id: 'q-across' as QueueId, name: 'Billing' };
export const FALLBACK = {
  source: { id: 'q-supervisors' as QueueId, name: 'Supervisors' },
  destination: { id: 'q-rescue' as QueueId, name: 'Rescue' },
};
/** The source's agent has the caller. */
export const AT_SOURCE = view([customerParty(), agentParty('p-source-agent', { agentId: agent('a-source') })]);
/** They have let go; the line to the other platform is a party of its own. */
export const LET_GO = view([
  customerParty(),
  agentParty('p-source-agent', { agentId: agent('a-source'), state: 'ended' }),
  party('p-line', 'other', {}),
]);
export const AT_ENTRY = view([customerParty(), botParty()]);
export const ANSWERED = view([customerParty(), agentParty('p-there', { agentId: agent('4492') })]);
export const WRITTEN = { after: ANSWERED } as const;
const QUEUED_ACROSS = view([customerParty(), queueParty('p-queue-there', { queueId: ACROSS.id })]);
export const IN_RESCUE = view([customerParty(), queueParty('p-rescue', { queueId: FALLBACK.destination.id })]);

export const entered = (id = 'p-queue', queue = QUEUE): ConversationChange => ({
  kind: 'queue-entered',
  participantId: participant(id),
  queueId: queue.id,
});
export const left = (id = 'p-queue', queue = QUEUE): ConversationChange => ({
  kind: 'queue-left',
  participantId: participant(id),
  queueId: queue.id,
});
export const joined = (id = 'p-agent', who = 'a-1', queue: Queue | null = QUEUE): ConversationChange => ({
  kind: 'agent-joined',
  participantId: participant(id),
  agentId: agent(who),
  ...(queue && { queueId: queue.id }),
});
export const parted = (
  id = 'p-agent',
  { talked = true, transferred = false, queue = QUEUE as Queue | null } = {},
): ConversationChange => ({
  kind: 'agent-left',
  participantId: participant(id),
  talked,
  transferred,
  ...(queue && { queueId: queue.id }),
});
export const seen = (what: ConversationView): ConversationChange => ({ kind: 'seen', view: what });
export const CUSTOMER_LEFT: ConversationChange = { kind: 'customer-left', participantId: participant('p-customer') };

export const types = (events: readonly Event[]) => events.map((event) => event.type);

/** JSON as the journal keeps it. */
export function throughJson<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value)) as Value;
}

/** The same, where whoever accepts is held for three seconds. */
export const HOLDING: EscalationPolicy = {
  ...POLICY,
  platforms: {
    [PLATFORM]: {
      limits: { attributeValueBytes: 256, attributeCount: 50 },
      settleMs: 1_000,
      agentHold: { holdMs: 3_000, presence: 'busy' },
    },
  },
};

export class Story {
  state: State = null;
  now = START;
  readonly events: Event[] = [];

  /** An interaction that the bot holds, with one leg. */
  static opened(change: Partial<OpenInteraction> = {}): Story {
    const story = new Story();
    story.take({ ...OPEN, ...change });
    return story;
  }

  get interaction(): Interaction {
    if (!this.state) throw new Error('the story has not begun');
    if (isErased(this.state)) throw new Error('the interaction is erased');
    return this.state;
  }

  get erased(): ErasedInteraction {
    if (!isErased(this.state)) throw new Error('the interaction is not erased');
    return this.state;
  }

  get move(): Move {
    if (!this.interaction.move) throw new Error('no move is open');
    return this.interaction.move;
  }

  get settled(): SettledHandoff {
    const settled = this.interaction.settled.at(-1);
    if (!settled) throw new Error('nothing has settled');
    return settled;
  }

  get commands(): readonly Command[] {
    return next(this.state);
  }

  /** The only command that is under way. */
  get command(): Command {
    const [command, ...others] = this.commands;
    if (!command || others.length > 0) throw new Error(`${this.commands.length} commands are under way`);
    return command;
  }

  take(input: Input extends infer One ? (One extends Input ? Omit<One, 'actor'> : never) : never): readonly Event[] {
    const whole = { actor: 'test', ...input } as Input;
    const before = this.state;
    const events = decide(before, whole, this.now);
    if (!isDeepStrictEqual(decide(throughJson(before), throughJson(whole), this.now), events)) {
      throw new Error(`deciding ${whole.kind} again gives other events`);
    }
    for (const event of events) this.state = evolve(this.state, event);
    this.events.push(...events);
    const folded = throughJson(events).reduce<State>((state, event) => evolve(state, event), throughJson(before));
    if (!isDeepStrictEqual(folded, this.state)) throw new Error(`the fold of ${types(events).join()} differs`);
    if (this.state && !isErased(this.state) && this.state.move && deadline(this.state) === null)
      throw new Error('a move is open without a deadline');
    return events;
  }

  wait(ms: number): this {
    this.now += ms;
    return this;
  }

  escalate(change: Partial<RequestEscalation> = {}): readonly Event[] {
    return this.take({ ...ESCALATE, ...change });
  }

  transfer(change: Partial<RequestTransfer> = {}): readonly Event[] {
    return this.take({ ...TRANSFER, ...change });
  }

  redeem(leg: Leg = ARRIVED): readonly Event[] {
    const handoffId = this.interaction.move?.id ?? this.settled.id;
    return this.take({ kind: 'redeem-reservation', handoffId, leg, rung: 'token' });
  }

  deflect(change: Partial<RequestDeflection> = {}): readonly Event[] {
    return this.take({ ...DEFLECT, ...change });
  }

  /** A conversation of ours that the bot holds, on the phone. */
  static chatting(): Story {
    const story = Story.opened({ channel: 'webchat', leg: CHAT });
    story.openChat();
    return story;
  }

  static chattingWithoutFallback(): Story {
    const { fallbackBot: _, ...terms } = TERMS;
    const story = Story.opened({ channel: 'webchat', leg: CHAT });
    story.openChat({ terms });
    return story;
  }

  /** The people at the platform have it. */
  static withPeople({ policy = CHAT_POLICY, resumeBot = true } = {}): Story {
    const story = Story.chatting();
    story.escalate({ policy, resumeBot });
    story.done('OpenConversation', { queue: QUEUE, externalId: DESK_LEG.externalId });
    return story;
  }

  openChat(change: Partial<OpenChat> = {}): readonly Event[] {
    return this.take({
      kind: 'open-chat',
      leg: CHAT,
      device: 'phone',
      terms: TERMS,
      move: false,
      greet: false,
      ...change,
    });
  }

  get chat(): Chat {
    const [chat] = this.interaction.chats ?? [];
    if (!chat) throw new Error('no conversation is ours');
    return chat;
  }

  says(text: string, id = text, change: Partial<CustomerSays> = {}): readonly Event[] {
    return this.take({ kind: 'customer-says', leg: CHAT, id, prompt: { kind: 'text', text }, ...change });
  }

  agentSays(text: string, change: Partial<AgentSays> = {}): readonly Event[] {
    const far = this.chat.desk?.far ?? ('chat-1.1' as ExternalId);
    return this.take({ kind: 'agent-says', platform: PLATFORM, far, id: text, text, ...change });
  }

  answered(messages: readonly string[], ...actions: readonly BotAction[]): readonly Event[] {
    return this.done('RunBotTurn', { messages, actions, memory: { step: 'next' } });
  }

  /** What was said and marked, as the customer reads it. */
  get lines(): readonly string[] {
    return this.events.flatMap((event) => {
      if (event.type === 'MessageSaid') return [`${event.seq} ${event.from.kind}: ${event.text}`];
      return event.type === 'ChatMarked' ? [`${event.seq} ${event.mark}`] : [];
    });
  }

  /** The offer that stands. */
  get offer(): Offer {
    const [offer] = this.interaction.offers;
    if (!offer) throw new Error('no offer stands');
    return offer;
  }

  claim(device = 'phone', leg: Leg = CHAT, move = false): readonly Event[] {
    const handoffId = this.interaction.offers[0]?.id ?? this.settled.id;
    return this.take({ kind: 'claim-offer', handoffId, device, leg, move, anchor: ANCHOR });
  }

  sms(status: 'delivered' | 'failed', route = 0): readonly Event[] {
    return this.take({ kind: 'sms-status', handoffId: `${this.interaction.id}.1` as HandoffId, route, status });
  }

  /** A deflection that stands in that step. */
  static deflected(step: Deflecting['step'], change: Partial<RequestDeflection> = {}): Story {
    const story = Story.opened({ channel: 'voice', leg: VOICE_LEG });
    story.deflect(change);
    if (step === 'deflecting') return story;
    story.done('WriteContext', { customer: participant('p-customer') });
    if (step === 'sending') return story;
    if (step === 'finding') story.fail({ kind: 'ambiguous', code: 'timed-out' });
    else story.done('SendSms', { messageId: 'SM1' });
    if (step === 'standing' || step === 'restoring') story.sms('delivered');
    if (step === 'restoring') story.claim('phone', OTHER_LEG);
    return story;
  }

  /** The platform tells of `change`, by default as it happens. */
  tell(change: ConversationChange, at = this.now, leg: Leg = LEG): readonly Event[] {
    const { platform, externalId } = leg;
    const messageId = `m-${this.events.length}`;
    return this.take({ kind: 'conversation-event', event: { ...change, platform, externalId, messageId, at } });
  }

  /** The command of that kind, which must be under way, comes back. */
  done<Kind extends keyof CommandResult>(kind: Kind, result: CommandResult[Kind], tookMs = 10): readonly Event[] {
    const command = this.commands.find((one) => one.kind === kind);
    if (!command) throw new Error(`no ${kind} is under way`);
    const value = { of: kind, result } as CommandValue;
    return this.answer(command.key, { kind: 'done', ...value }, tookMs);
  }

  fail(failure: Failure, tookMs = 10): readonly Event[] {
    return this.answer(this.command.key, failure, tookMs);
  }

  answer(key: string, outcome: Extract<Input, { kind: 'command-outcome' }>['outcome'], tookMs = 10) {
    return this.take({ kind: 'command-outcome', key, outcome, tookMs, chance: 0 });
  }

  due(): readonly Event[] {
    return this.take({ kind: 'due', chance: 0 });
  }

  /** Time goes on to the next deadline, and the timer rings. */
  dueNext(): readonly Event[] {
    const at = deadline(this.state);
    if (at === null) throw new Error('nothing is due');
    this.now = Math.max(this.now, at);
    return this.due();
  }

  /** A transfer on a call that the source's agent has, which stands in that step. */
  static crossing(step: Crossing['step'], change: Partial<RequestTransfer> = {}): Story {
    const story = Story.opened({ channel: 'voice', leg: VOICE_LEG });
    story.transfer(change);
    if (step === 'checking') return story;
    const meant = change.target?.kind === 'queue' ? { queue: ACROSS } : {};
    story.done('CheckTransfer', { view: AT_SOURCE, free: 'yes', ...meant, fallback: FALLBACK });
    if (step === 'marking') return story;
    story.done('AttachContext', null);
    if (step === 'reserving') return story;
    story.reserve();
    if (step === 'committing') return story;
    story.done('TransferAway', null);
    if (step === 'consulting' || step === 'concluding') {
      story.redeem();
      story.reconcile(AT_SOURCE, ANSWERED);
      if (step === 'concluding') {
        story.take({ kind: 'complete-transfer', handoffId: story.move.id, accept: true });
        story.reconcile(AT_SOURCE, ANSWERED);
      }
      return story;
    }
    if (step === 'injecting') {
      story.redeem();
      story.reconcile(LET_GO, change.target?.kind === 'queue' ? QUEUED_ACROSS : ANSWERED);
    }
    if (step === 'returning') story.wait(20_000).reconcile(LET_GO);
    return story;
  }

  /** The destination holds a place for as long. */
  reserve(validForMs = 60_000): readonly Event[] {
    const validUntil = this.now + validForMs;
    return this.done('Reserve', { held: true, id: 'r-1', validUntil, address: '+18885551900' });
  }

  /** Both sides are looked at, as soon as it is time. */
  reconcile(source: SideView, destination?: SideView): readonly Event[] {
    if (this.move.progress.task.kind === 'waiting') this.dueNext();
    return this.done('Reconcile', { source, ...(destination && { destination }) });
  }

  /** A story whose open move stands in that step, its command under way. */
  static at(step: EscalationStep, change: Partial<RequestEscalation> = {}): Story {
    const story = Story.opened();
    story.escalate({ ...(step === 'awaiting-flow' && { commitBy: 'flow' }), ...change });
    if (step === 'inspecting') return story;
    story.done('Inspect', { queue: QUEUE, view: WITH_BOT });
    if (step === 'attaching') return story;
    story.done('AttachContext', null);
    if (step === 'verifying') story.fail({ kind: 'ambiguous', code: 'timed-out' });
    if (step === 'confirming') story.done('TransferToQueue', null);
    if (step === 'confirming' || step === 'awaiting-flow') story.dueNext();
    return story;
  }
}
