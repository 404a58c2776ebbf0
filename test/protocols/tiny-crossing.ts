// Owns one transfer through an unfair pair of contact centers, from its asking to its end, in virtual time; and how things stood the moment
// it settled.

import type { Queue } from '../../src/context/conversation.ts';
import type { QueueId } from '../../src/ids.ts';
import type { Command, CommandOutcome } from '../../src/protocols/command.ts';
import type { TransferType } from '../../src/protocols/crossing.ts';
import { isOpenDeadLetter, type Leg, type SettledHandoff } from '../../src/protocols/move.ts';
import { agent, START, Story, TRANSFERS, VOICE_LEG } from './story.ts';
import { type BridgeWorld, DESTINATION_FALLBACK, SOURCE_FALLBACK, TinyBridge } from './tiny-bridge.ts';
import { FLOWS, TinyFlow } from './tiny-flow.ts';
import { ASKS, TinyPlaceholders } from './tiny-placeholders.ts';
import { TinyProcess } from './tiny-process.ts';
import { Agenda, randomFrom } from './tiny-vendor.ts';

const QUEUE_ACROSS: Queue = { id: 'q-across' as QueueId, name: 'Billing' };

/** `flow`: blind, and the source's own flow lets go. `asked`: blind, and the agent is asked to keep free first. */
export type CrossingType = TransferType | 'flow' | 'asked';
type Chaos = {
  readonly losesEvents: boolean;
  readonly crashes: boolean;
  readonly hangsUp: boolean;
  /** Nobody can look at either side until the transfer has settled. */
  readonly blind?: boolean;
};
type AtEnd = { readonly handoff: SettledHandoff; readonly holder: string };

export class TinyCrossing {
  readonly story = Story.opened({ channel: 'voice', leg: VOICE_LEG });
  readonly agenda = new Agenda(START);
  readonly bridge: TinyBridge;
  readonly ends: AtEnd[] = [];
  readonly #process: TinyProcess;
  readonly #random: () => number;
  readonly #chaos: Chaos;
  readonly #meant: BridgeWorld['meant'];
  readonly #type: CrossingType;
  readonly flow: TinyFlow | undefined;
  readonly placeholders: TinyPlaceholders;
  #seen = 0;

  constructor(seed: number, type: CrossingType, chaos: Chaos) {
    const random = randomFrom(seed);
    this.#random = random;
    this.#chaos = chaos;
    this.#type = type;
    this.#meant =
      type === 'asked' || random() < 0.5
        ? { kind: 'agent', agentId: agent('4492') }
        : { kind: 'queue', queue: QUEUE_ACROSS };
    const { agenda } = this;
    this.placeholders = new TinyPlaceholders(agenda, random);
    this.#process = new TinyProcess(this.story, {
      agenda,
      random,
      farSide: { take: (command) => this.#take(command) },
      timeoutMs: TRANSFERS.limits.commandTimeoutMs,
      afterwards: () => this.#witness(),
    });
    const settleMs = 1_000;
    this.bridge = new TinyBridge(
      {
        random,
        agenda,
        settleMs,
        meant: this.#meant,
        tell: (leg, change) => this.#told(leg, change),
        redeem: (leg) => this.#redeem(leg),
      },
      VOICE_LEG,
      type === 'flow',
    );
    const { story, bridge } = this;
    const submit = (input: () => unknown) => this.#submit(input);
    this.flow = type === 'flow' ? new TinyFlow({ story, bridge, agenda, random, submit }) : undefined;
  }

  run(): this {
    const meant = this.#meant;
    const target = meant.kind === 'agent' ? meant : { kind: 'queue' as const, queueName: meant.queue.name };
    const asked = this.#type === 'flow' ? FLOWS : this.#type === 'asked' ? ASKS : { type: this.#type };
    this.agenda.after(100, () => this.#submit(() => this.story.transfer({ ...asked, target })));
    if (this.flow) this.agenda.after(150, () => this.flow?.ask());
    if (this.flow && this.#chaos.hangsUp && this.#random() < 0.15)
      this.agenda.after(this.#random() * 40_000, () => this.#cancel());
    if (this.#chaos.hangsUp && this.#random() < 0.5) {
      this.agenda.after(200 + this.#random() ** 2 * 60_000, () => this.bridge.hangUp());
    }
    for (let n = 0; this.#chaos.crashes && n < 3; n += 1) {
      this.agenda.after(this.#random() * 60_000, () => this.#process.crash());
    }
    // The source's agent makes up their mind.
    for (let n = 1; this.#type === 'consultative' && n < 30; n += 1) {
      this.agenda.after(n * 3_000 + this.#random() * 1_000, () => this.#decideOnIt());
    }
    this.#process.run();
    return this;
  }

  /** An hour later a person goes on with what became a dead letter; false where nothing did. */
  goOn(): boolean {
    const letter = this.story.interaction.settled.find(isOpenDeadLetter);
    if (!letter) return false;
    const asked = { kind: 'retry-transfer', handoffId: letter.id, token: 'token-of-the-second' } as const;
    this.agenda.after(3_600_000, () => this.#submit(() => this.story.take(asked)));
    this.#process.run();
    return true;
  }

  #decideOnIt(): void {
    const { move } = this.story.interaction;
    if (move?.progress.step !== 'consulting' || this.#random() < 0.3) return;
    const accept = this.#random() < 0.6;
    this.#submit(() => this.story.take({ kind: 'complete-transfer', handoffId: move.id, accept }));
  }

  #cancel(): void {
    const { move } = this.story.interaction;
    if (move) this.#submit(() => this.story.take({ kind: 'cancel-handoff', handoffId: move.id }));
  }

  #submit(input: () => unknown): void {
    this.#process.submit(input);
  }

  /** How things stood the moment a transfer settled. */
  #witness(): void {
    for (const event of this.story.events.slice(this.#seen)) {
      if (event.type !== 'HandoffSettled') continue;
      const handoff = this.story.interaction.settled.find(({ id }) => id === event.handoffId);
      if (handoff?.kind === 'transfer') this.ends.push({ handoff, holder: this.bridge.holder() });
    }
    this.#seen = this.story.events.length;
  }

  #take(command: Command): CommandOutcome {
    const { bridge } = this;
    switch (command.kind) {
      case 'CheckTransfer': {
        const free = this.#random() < 0.05 ? 'no' : 'yes';
        const queue = this.#meant.kind === 'queue' ? { queue: this.#meant.queue } : {};
        const there = command.arrived ? { destination: bridge.destinationView(command.arrived) } : {};
        const fallback = { source: SOURCE_FALLBACK, destination: DESTINATION_FALLBACK };
        return {
          kind: 'done',
          of: 'CheckTransfer',
          result: { view: bridge.sourceView(), ...there, free, ...queue, fallback },
        };
      }
      case 'Reserve': {
        if (this.#random() < 0.05) return { kind: 'done', of: 'Reserve', result: { held: false, code: 'agent-busy' } };
        if (command.placeholder && this.placeholders.stateOf(command.placeholder.key) !== 'taken')
          return { kind: 'done', of: 'Reserve', result: { held: false, code: 'agent-declined' } };
        const validUntil = this.agenda.now + command.reservationMs;
        return { kind: 'done', of: 'Reserve', result: { held: true, id: 'r-1', validUntil, address: '+18885551900' } };
      }
      case 'AskAgent':
        this.placeholders.ask(command.placeholder.key);
        return { kind: 'done', of: 'AskAgent', result: { id: command.placeholder.key } };
      case 'LookForAgent':
        return { kind: 'done', of: 'LookForAgent', result: this.placeholders.stateOf(command.placeholder.key) };
      case 'Release':
        if (command.reservation.kind === 'placeholder') this.placeholders.release(command.reservation.key);
        return { kind: 'done', of: 'Release', result: null };
      case 'TransferAway':
        return this.#taken(command, bridge.transferAway(command.leaving, command.style === 'consult', command.key));
      case 'EndConsult':
        return this.#taken(command, bridge.endConsult(command.accept, command.leaving));
      case 'TransferToQueue': {
        const { platform, externalId, channel, leaving, queue } = command;
        return this.#taken(command, bridge.toQueue({ platform, externalId, channel }, leaving, queue));
      }
      case 'Reconcile': {
        const { arrived } = command;
        if (this.#chaos.blind && this.ends.length === 0) return { kind: 'transient', code: 'rate-limited' };
        const destination = arrived && bridge.destinationView(arrived);
        const result = { source: bridge.sourceView(), ...(destination && { destination }) };
        return { kind: 'done', of: 'Reconcile', result };
      }
      case 'AttachOnArrival': {
        const { platform, externalId, channel } = command;
        const after = bridge.destinationView({ platform, externalId, channel });
        return { kind: 'done', of: 'AttachOnArrival', result: { after } };
      }
      case 'Inspect':
        // Of the escalation that follows a spent quota: its own worlds play it on, here it ends with the caller where they are.
        return { kind: 'rejected', code: 'queue-not-found-or-not-visible' };
      default:
        return { kind: 'done', of: command.kind, result: null } as CommandOutcome;
    }
  }

  #taken({ kind }: Command, taken: boolean): CommandOutcome {
    return taken
      ? ({ kind: 'done', of: kind, result: null } as CommandOutcome)
      : { kind: 'rejected', code: 'conflict' };
  }

  #redeem(leg: Leg) {
    let target: 'meant' | 'fallback' | 'default' = 'default';
    this.#submit(() => {
      const handoffId = this.story.interaction.move?.id ?? this.story.settled.id;
      const events = this.story.take({ kind: 'redeem-reservation', handoffId, leg, rung: 'token' });
      const redeemed = events.find(({ type }) => type === 'ReservationRedeemed');
      if (redeemed?.type === 'ReservationRedeemed') target = redeemed.late ? 'fallback' : 'meant';
    });
    return { target };
  }

  #told(leg: Leg, change: Parameters<Story['tell']>[0]): void {
    const at = this.agenda.now;
    const copies = this.#chaos.losesEvents && this.#random() < 0.4 ? 0 : this.#random() < 0.2 ? 2 : 1;
    for (let n = 0; n < copies; n += 1) {
      this.agenda.after(this.#random() * 3_000, () => this.#submit(() => this.story.tell(change, at, leg)));
    }
  }
}
