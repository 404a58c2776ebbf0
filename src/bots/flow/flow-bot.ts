// Owns the bot that plays a block flow. It keeps nothing itself: where it stands is in the memory that it is handed back, so that any node
// can take the next turn, and the same turn again gives the same answer. Calls carry the turn as their idempotency key.

import type { BotAction, BotReply, BotTurnAsked } from '../../context/bot-reply.ts';
import type { Manifest } from '../../context/manifest.ts';
import type { Failure, Outcome } from '../../outcome.ts';
import type { Bot, SendBotRequest } from '../bot.ts';
import type { Block, FlowFile } from './flow-file.ts';
import { chosen, filled, type Known, textOf, valueAt } from './flow-text.ts';

/** A flow that goes round in circles is broken. */
const MOST_BLOCKS = 200;
/** What a call answers that is worth keeping. */
const LARGEST_KEPT_CHARS = 16_384;
const NOT_ASKED: Failure = { kind: 'transient', code: 'not-sent' };

/** Where it stands: before which block, and what for. */
type Place = { readonly flow: string; readonly index: number };
type Memory = {
  readonly at: Place;
  readonly waits: 'answer' | 'person' | 'nothing';
  readonly tries: number;
  readonly vars: Readonly<Record<string, unknown>>;
};

export function flowBot({ bot: name, flows }: FlowFile, send: SendBotRequest): Bot {
  return {
    name,
    turn: (asked, call) => new Turn(flows, asked, (request) => send(request, call)).play(),
    async foresee(asked) {
      // Nobody is asked: a turn that would have to is not known yet.
      const played = await new Turn(flows, asked, async () => NOT_ASKED).play();
      return played.kind === 'done' ? played : null;
    },
  };
}

type Step = 'on' | 'stop' | Failure;

class Turn {
  readonly #flows: FlowFile['flows'];
  readonly #asked: BotTurnAsked;
  readonly #send: (request: Parameters<SendBotRequest>[0]) => ReturnType<SendBotRequest>;
  readonly #messages: string[] = [];
  readonly #actions: BotAction[] = [];
  #at: Place = { flow: 'main', index: 0 };
  #waits: Memory['waits'] = 'nothing';
  #tries = 0;
  #vars: Record<string, unknown> = {};
  /** The customer's words, until a question takes them. */
  #said: string | null = null;

  constructor(
    flows: FlowFile['flows'],
    asked: BotTurnAsked,
    send: (request: Parameters<SendBotRequest>[0]) => ReturnType<SendBotRequest>,
  ) {
    this.#flows = flows;
    this.#asked = asked;
    this.#send = send;
  }

  async play(): Promise<Outcome<BotReply>> {
    if (!this.#begin()) return this.#reply();
    for (let played = 0; played < MOST_BLOCKS; played += 1) {
      const block = this.#flows[this.#at.flow]?.[this.#at.index];
      // The end of the last block is the end of the talk (seed 001 §3).
      if (!block) {
        this.#actions.push({ kind: 'end' });
        return this.#reply();
      }
      const step = await this.#perform(block);
      if (step === 'stop') return this.#reply();
      if (step !== 'on') return step;
    }
    return { kind: 'rejected', code: 'unexpected-answer', detail: `flow ${this.#at.flow} goes round in circles` };
  }

  #reply(): Outcome<BotReply> {
    const memory: Memory = { at: this.#at, waits: this.#waits, tries: this.#tries, vars: this.#vars };
    return { kind: 'done', value: { messages: this.#messages, actions: this.#actions, memory } };
  }

  /** Takes up where it stood; false when the prompt is about nothing that it waits for. */
  #begin(): boolean {
    const { prompt, memory, prior } = this.#asked;
    const kept = memory as Memory | null;
    if (kept) {
      this.#at = kept.at;
      this.#waits = kept.waits;
      this.#tries = kept.tries;
      this.#vars = { ...kept.vars };
    } else {
      // What was said on the other channel need not be asked again (seed 000 §3).
      this.#vars = { ...((prior?.memory as Partial<Memory> | undefined)?.vars ?? {}) };
    }
    if (prompt.kind === 'text') {
      this.#said = prompt.text;
      this.#waits = this.#waits === 'person' ? 'nothing' : this.#waits;
      return true;
    }
    return this.#heard(prompt.name, prompt.reason);
  }

  #heard(event: string, reason: string | undefined): boolean {
    if (this.#asked.memory === null) return true;
    const block = this.#flows[this.#at.flow]?.[this.#at.index - 1];
    if (event === 'redirect-failed') this.#vars = { ...this.#vars, redirectFailure: reason ?? '' };
    const failed = block && 'redirect' in block ? block.redirect.failed : undefined;
    if (event === 'redirect-failed' && failed !== undefined) this.#go(failed);
    const named = `on-${event}`;
    if (Object.hasOwn(this.#flows, named)) this.#go(named);
    else if (event !== 'resumed' && event !== 'redirect-failed') return false;
    this.#waits = 'nothing';
    return true;
  }

  async #perform(block: Block): Promise<Step> {
    if ('ask' in block) return this.#ask(block.ask);
    if ('call' in block) return this.#call(block.call);
    const here = this.#at;
    this.#at = { ...here, index: here.index + 1 };
    if ('say' in block) this.#say(block.say);
    if ('set' in block) this.#vars = { ...this.#vars, ...this.#filledAll(block.set) };
    if ('attributes' in block)
      this.#actions.push({ kind: 'attributes', attributes: this.#filledAll(block.attributes) });
    if ('branch' in block) this.#branch(block.branch);
    if ('go' in block) this.#go(block.go);
    if ('end' in block) {
      this.#actions.push({ kind: 'end' });
      return 'stop';
    }
    if (!('redirect' in block)) return 'on';
    const { queue, resume } = block.redirect;
    const named = queue === undefined ? {} : { queue: filled(queue, this.#known) };
    this.#actions.push({ kind: 'redirect', resume, ...named, ...this.#told() });
    this.#waits = 'person';
    return 'stop';
  }

  /** What was asked and learned, for whoever comes (seed 004 §1: `slots_collected`). */
  #told(): { readonly manifest?: Manifest } {
    const { redirectFailure: _, ...vars } = this.#vars;
    return Object.keys(vars).length > 0 ? { manifest: { slots_collected: vars } } : {};
  }

  #ask({ say, save, choices, again, tries, failed }: Extract<Block, { ask: unknown }>['ask']): Step {
    const text = this.#said;
    const asked = this.#waits === 'answer';
    // Of what was said before the question was put, only what is plainly one of its answers is taken for one.
    const answer = text === null ? undefined : choices ? chosen(text, choices) : asked ? text.trim() : undefined;
    this.#said = null;
    const { flow, index } = this.#at;
    if (answer) {
      this.#vars = { ...this.#vars, [save]: answer };
      return this.#past({ flow, index: index + 1 });
    }
    if (!asked || text === null) {
      this.#say(asked && again !== undefined ? again : say);
      this.#waits = 'answer';
      return 'stop';
    }
    this.#tries += 1;
    if (this.#tries < tries) {
      this.#waits = 'answer';
      this.#say(again ?? say);
      return 'stop';
    }
    return this.#past(failed === undefined ? { flow, index: index + 1 } : { flow: failed, index: 0 });
  }

  #past(place: Place): Step {
    this.#at = place;
    this.#tries = 0;
    this.#waits = 'nothing';
    return 'on';
  }

  async #call({ url, method, body, headers, save, failed }: Extract<Block, { call: unknown }>['call']): Promise<Step> {
    const { session, turnId } = this.#asked;
    const { flow, index } = this.#at;
    const answer = await this.#send({
      method,
      url: filled(url, this.#known, encodeURIComponent),
      headers: {
        'content-type': 'application/json',
        'idempotency-key': `${session}.${turnId}.${flow}.${index}`,
        ...this.#filledAll(headers ?? {}),
      },
      ...(body && method !== 'GET' && { body: JSON.stringify(this.#filledAll(body)) }),
    });
    // What was not sent, or whose fate is open, is asked again with the turn, under the same key.
    if (answer.kind !== 'answer')
      return failed === undefined || answer.kind !== 'rejected' ? answer : this.#failedTo(failed);
    const read = answer.status >= 200 && answer.status < 300 ? parsed(answer.body) : undefined;
    if (read === undefined) {
      if (failed !== undefined) return this.#failedTo(failed);
      return {
        kind: 'rejected',
        code: 'unexpected-answer',
        detail: `a call of flow ${flow} was not answered as it should be`,
      };
    }
    if (save !== undefined) this.#vars = { ...this.#vars, [save]: read };
    this.#at = { flow, index: index + 1 };
    return 'on';
  }

  #failedTo(flow: string): Step {
    this.#go(flow);
    return 'on';
  }

  #branch({ when, else: otherwise }: Extract<Block, { branch: unknown }>['branch']): void {
    const taken = when.find(({ value, is, oneOf, known }) => {
      const text = textOf(valueAt(this.#known, value));
      if (known !== undefined) return (text !== '') === known;
      return is === undefined ? (oneOf ?? []).includes(text) : text === is;
    });
    const to = taken?.go ?? otherwise;
    if (to !== undefined) this.#go(to);
  }

  #go(flow: string): void {
    this.#at = { flow, index: 0 };
    this.#tries = 0;
  }

  #say(text: string): void {
    const said = filled(text, this.#known);
    if (said.trim() !== '') this.#messages.push(said);
  }

  #filledAll(texts: Readonly<Record<string, string>>): Record<string, string> {
    return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, filled(text, this.#known)]));
  }

  get #known(): Known {
    const { customer, context, prompt } = this.#asked;
    const text = prompt.kind === 'text' ? prompt.text : '';
    return { ...this.#vars, customer, context, utterance: text };
  }
}

/** The answer's JSON; an empty answer is an empty object. Undefined for what is none. */
function parsed(body: string | undefined): unknown {
  if (body === undefined || body.length > LARGEST_KEPT_CHARS) return undefined;
  try {
    return body.trim() === '' ? {} : JSON.parse(body);
  } catch {
    return undefined;
  }
}
