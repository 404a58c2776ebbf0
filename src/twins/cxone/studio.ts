// Owns the Studio scripts that the twin plays: what happens when a contact comes in, when a signal comes, and when a script's
// own time is up. Whatever goes wrong (no answer to the REST action, an unknown skill, a dead number), the caller ends up in
// the script's default skill and is never dropped; but for BLINDXFER, of which a script hears nothing any more.

import type { Clock } from '../../clock.ts';
import type { CallRest, RestTarget } from '../rest-action.ts';
import type { Schedule } from '../schedule.ts';
import { type Contact, isLive, type Params, type Signal } from './contact.ts';
import type { Floor } from './floor.ts';
import type { Lines } from './lines.ts';
import { type Ask, readAsk } from './script-signal.ts';
import type { Agent, Skill, Tenant } from './tenant.ts';

/** What a script's REST calls tell beside what the floor does. */
export type ScriptEvent = 'signalled' | 'returned';

export type StudioSettings = {
  /** From an accepted signal to its ONSIGNAL. */
  readonly settleMs: number;
  /** How long the entry script waits for the agent it asked for. */
  readonly entryTimeoutMs: number;
  /** How long TRANSFER rings a number before it takes its branch NoAnswer. */
  readonly ringMs: number;
  /** Where the entry script asks: the base URL, `/v1/flows/redeem` follows. */
  readonly entry: RestTarget | undefined;
};

export type StudioParts = {
  readonly clock: Clock;
  readonly schedule: Schedule;
  readonly tenant: Tenant;
  readonly floor: Floor;
  readonly lines: Lines;
  readonly callRest: CallRest;
  readonly settings: () => StudioSettings;
  readonly onEvent: (
    event: ScriptEvent,
    contact: Contact,
    extra: { skill?: Skill; agent?: Agent; reason: string },
  ) => void;
};

/** The REST API action's limits (NICE help, "API calls from the Snippet action"). */
const REST_TIMEOUT_MS = 10_000;
const LARGEST_REPLY_BYTES = 32_768;
/** The longest that a place of ours can stand. */
const PLACEHOLDER_MS = 600_000;
const NOT_VARIABLES: ReadonlySet<string> = new Set(['found', 'ok', 'targetAgentId', 'skillId', 'fallbackSkillId']);

/** What a script is in the middle of, and how it takes that up again after a signal. */
type Doing = { readonly again: () => void };

/** Where a contact is to go first, where its script leaves that open. */
export type Start = { readonly skill?: Skill | undefined; readonly target?: Agent | undefined; readonly bot?: boolean };

export class Studio {
  readonly #parts: StudioParts;
  /** An answer or a time that belongs to none of these any more comes to nobody. */
  readonly #doing = new WeakMap<Contact, Doing>();

  constructor(parts: StudioParts) {
    this.#parts = parts;
  }

  begin(contact: Contact, start: Start = {}): void {
    switch (contact.script) {
      case 'Throughline_Entry':
        void this.#enter(contact);
        return;
      case 'Throughline_Bot':
        return;
      case 'Throughline_Digital':
        if (start.bot === true) return;
        break;
      case 'Throughline_Placeholder':
        this.#askAgent(contact, start.target);
        return;
      default:
        break;
    }
    this.#parts.floor.requestAgent(contact, { skill: start.skill ?? contact.defaultSkill, target: start.target });
  }

  /** A work item that asks one agent, and nobody else: it ends by itself when they do not take it, and when nobody has ended it in time. */
  #askAgent(contact: Contact, agent: Agent | undefined): void {
    const { floor, schedule, settings } = this.#parts;
    if (agent === undefined) {
      floor.end(contact, 'script');
      return;
    }
    floor.requestAgent(contact, { skill: contact.defaultSkill, target: agent });
    schedule.after(settings().entryTimeoutMs, () => {
      if (contact.state.kind === 'queued' || contact.state.kind === 'routing') floor.end(contact, 'script');
    });
    schedule.after(PLACEHOLDER_MS, () => floor.end(contact, 'script'));
  }

  /** Takes a signal. ONSIGNAL comes a moment later; a signal that comes before it is swallowed by the one before. */
  signal(contact: Contact, params: Params): void {
    const { clock, schedule, settings } = this.#parts;
    const underWay = contact.signals.some((each) => each.effect === 'pending');
    const signal: Signal = { at: clock.now(), params, effect: underWay ? 'swallowed' : 'pending' };
    contact.signals.push(signal);
    contact.moves += 1;
    if (!underWay) schedule.after(settings().settleMs, () => this.#onSignal(contact, signal));
  }

  /** The script transfers its caller by itself. False where it has none. */
  transfer(contact: Contact, asked: Omit<Extract<Ask, { kind: 'transfer' }>, 'kind'>): boolean {
    if (contact.media !== 'voice' || contact.state.kind !== 'script') return false;
    this.#doing.delete(contact);
    this.#transfer(contact, { kind: 'transfer', ...asked });
    this.#parts.floor.touch(contact);
    return true;
  }

  /** Interrupts whatever the script does (NICE help, ONSIGNAL). Where the signal did not move the caller, our scripts take it up again from its beginning. */
  #onSignal(contact: Contact, signal: Signal): void {
    if (!isLive(contact)) {
      signal.effect = 'late';
      return;
    }
    const interrupted = this.#doing.get(contact);
    this.#doing.delete(contact);
    const ask = readAsk(signal.params);
    signal.effect = this.#carryOut(contact, ask, interrupted);
    this.#parts.floor.touch(contact);
    if (signal.effect !== 'acted' || ask.kind === 'context') interrupted?.again();
    const refused = signal.effect === 'acted' ? '' : `${signal.effect}:`;
    this.#parts.onEvent('signalled', contact, { reason: `${refused}${ask.kind}` });
  }

  #carryOut(contact: Contact, ask: Ask, interrupted: Doing | undefined): Signal['effect'] {
    const { floor } = this.#parts;
    switch (ask.kind) {
      case 'escalate': {
        const target = this.#agent(ask.targetAgentId);
        return this.#route(contact, ask.skillId, ask.card === '' ? {} : { cardReference: ask.card }, target);
      }
      case 'requeue':
        return this.#route(contact, ask.skillId, {});
      case 'transfer':
        if (contact.media !== 'voice' || ask.number === '') return 'refused';
        this.#transfer(contact, ask, interrupted);
        return 'acted';
      case 'context':
        Object.assign(contact.variables, ask.values);
        return 'acted';
      case 'release':
        floor.end(contact, 'script');
        return 'acted';
      case 'unknown':
        return 'ignored';
    }
  }

  #route(contact: Contact, skillId: string, variables: Params, target?: Agent): Signal['effect'] {
    const skill = this.#skill(skillId, contact);
    if (skill === undefined && target === undefined) return 'refused';
    Object.assign(contact.variables, variables);
    this.#request(contact, skill ?? contact.defaultSkill, target, skill);
    return 'acted';
  }

  async #enter(contact: Contact): Promise<void> {
    const { callRest, settings, floor } = this.#parts;
    const doing: Doing = { again: () => void this.#enter(contact) };
    this.#doing.set(contact, doing);
    const { entry } = settings();
    const { token } = contact;
    const asked = {
      platform: 'nice_cxone',
      conversationId: String(contact.id),
      dnis: contact.to,
      ani: contact.from,
      ...(token === undefined ? {} : { token }),
    };
    const reply =
      entry === undefined
        ? undefined
        : await callRest({
            url: `${entry.url}/v1/flows/redeem`,
            headers: entry.headers,
            body: asked,
            timeoutMs: REST_TIMEOUT_MS,
            largestReplyBytes: LARGEST_REPLY_BYTES,
          });
    // The caller may have left, or a signal may have come, while the script waited for its answer.
    if (this.#doing.get(contact) !== doing) return;
    this.#doing.delete(contact);
    if (contact.state.kind !== 'script') return;
    if (reply?.kind !== 'reply' || reply.fields.found?.toLowerCase() !== 'true') {
      floor.requestAgent(contact, { skill: contact.defaultSkill });
      return;
    }
    const { fields } = reply;
    for (const [name, value] of Object.entries(fields)) if (!NOT_VARIABLES.has(name)) contact.variables[name] = value;
    const target = this.#agent(fields.targetAgentId ?? '');
    const fallback = this.#skill(fields.fallbackSkillId ?? '', contact);
    const skill = this.#skill(fields.skillId ?? '', contact) ?? (target === undefined ? fallback : undefined);
    this.#request(contact, skill ?? fallback ?? contact.defaultSkill, target, fallback);
  }

  /** REQAGENT, with the script's own time-out where it asks for one agent. */
  #request(contact: Contact, skill: Skill, target: Agent | undefined, fallback: Skill | undefined): void {
    const { floor, lines, schedule, settings, onEvent } = this.#parts;
    if (contact.state.kind === 'bridged') lines.takeBack(contact);
    floor.requestAgent(contact, { skill, target });
    if (target === undefined) return;
    const route = contact.routes;
    const wait = () => {
      if (contact.routes !== route) return;
      const doing: Doing = { again: wait };
      this.#doing.set(contact, doing);
      schedule.after(settings().entryTimeoutMs, () => {
        const { kind } = contact.state;
        if (this.#doing.get(contact) !== doing || contact.routes !== route) return;
        this.#doing.delete(contact);
        if (kind !== 'queued' && kind !== 'routing') return;
        const next = fallback ?? contact.defaultSkill;
        onEvent('returned', contact, { skill: next, agent: target, reason: 'target-timeout' });
        floor.requestAgent(contact, { skill: next });
      });
    };
    wait();
  }

  /** TRANSFER keeps the contact where it is until the number answers; BLINDXFER lets go at once. */
  #transfer(
    contact: Contact,
    { number, token, blind }: Extract<Ask, { kind: 'transfer' }>,
    interrupted?: Doing | undefined,
  ): void {
    const { floor, lines, clock, schedule, settings, onEvent } = this.#parts;
    const transfer: Contact['transfers'][number] = {
      at: clock.now(),
      action: blind ? 'BLINDXFER' : 'TRANSFER',
      to: number,
      state: blind ? 'complete' : 'dialing',
    };
    contact.transfers.push(transfer);
    contact.transferIndicator = 'External';
    const failed = () => {
      transfer.state = 'failed';
      if (!isLive(contact)) {
        lines.loseCustomer(contact);
        return;
      }
      onEvent('returned', contact, { reason: 'transfer-failed' });
      if (contact.state.kind === 'script') floor.requestAgent(contact, { skill: contact.defaultSkill });
      else interrupted?.again();
    };
    const answered = () => {
      transfer.state = 'complete';
      floor.bridge(contact);
    };
    const far = lines.dial(contact, number, token === '' ? undefined : token, { answered, failed });
    if (blind) {
      floor.end(contact, 'blind-transfer');
      return;
    }
    schedule.after(settings().ringMs, () => {
      if (far.state !== 'ringing' || contact.far !== far) return;
      lines.takeBack(contact);
      failed();
    });
  }

  /** A skill that takes this kind of contact; undefined sends the script down its other branch. */
  #skill(id: string, { media }: Contact): Skill | undefined {
    const skill = /^\d+$/.test(id) ? this.#parts.tenant.skill(Number(id)) : undefined;
    return skill?.active === true && skill.media === media && !skill.outbound ? skill : undefined;
  }

  #agent(id: string): Agent | undefined {
    return /^\d+$/.test(id) ? this.#parts.tenant.agent(Number(id)) : undefined;
  }
}
