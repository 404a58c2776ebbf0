// Owns the step from "text this customer that" to a provider's send: is the number reachable, has the customer said STOP, does the
// text fit, which of our numbers speaks. It tries once and by the way it was told: when to try again is decided elsewhere.

import type { Instant } from '../../ids.ts';
import type { ChannelCall } from '../send-request.ts';
import { smsDestination } from './destination.ts';
import { decideKeyword, type KeywordDecision } from './opt-out.ts';
import { chooseSender, type Sender } from './sender-pool.ts';
import type { SmsReplySaid } from './sms-hook.ts';
import type { SmsAccepted, SmsFailure, SmsFound, SmsMessage, SmsOutcome, SmsProvider } from './sms-provider.ts';
import type { SmsReason, SmsReport } from './sms-status.ts';
import type { Suppression } from './suppression.ts';

export type SmsRoute = { readonly provider: SmsProvider; readonly senders: readonly Sender[] };

export type SmsChannelParts = {
  /** By name, in order of preference. */
  readonly routes: ReadonlyMap<string, SmsRoute>;
  readonly suppression: Suppression;
  /** 32 random bytes that stay: with another key customers get other senders. */
  readonly senderKey: Uint8Array;
};

export type SmsOrder = Omit<SmsMessage, 'from'> & { readonly route: string; readonly avoidSenders?: readonly string[] };

/** `message` is what went out, for a later `find`; absent when nothing was handed to the provider. */
export type SmsSending =
  | { readonly kind: 'done'; readonly value: SmsAccepted; readonly message: SmsMessage }
  | (SmsFailure & { readonly message?: SmsMessage });

export type SmsChannel = {
  /** Sends once. A refusal of ours is `rejected` with its reason, and nothing is sent. */
  send(order: SmsOrder, call: ChannelCall): Promise<SmsSending>;
  /** Looks for a send whose fate is unknown, begun no earlier than `since`; `unsure` where its provider gives no way. Repeatable. */
  find(order: SmsOrder, since: Instant, call: ChannelCall): Promise<SmsOutcome<SmsFound>>;
  /** What the provider of that route knows of a message that it has taken; rejected where it only tells by its hook. Repeatable. */
  look(route: string, messageId: string, call: ChannelCall): Promise<SmsOutcome<SmsReport>>;
  /** To be told of every status: an opt-out that the vendor knows of and we do not is kept. */
  noteReport(number: string, report: SmsReport): Promise<void>;
  /** To be told of every message of a customer's. The suppression is durable once it resolves. */
  noteReply(route: string, reply: Pick<SmsReplySaid, 'from' | 'text' | 'keyword'>): Promise<KeywordDecision>;
};

export function smsChannel({ routes, suppression, senderKey }: SmsChannelParts): SmsChannel {
  /** What goes out by that route and by which of its senders: the same each time. */
  function addressed(order: SmsOrder): { readonly provider: SmsProvider; readonly message: SmsMessage } | SmsFailure {
    const { route: name, avoidSenders = [], ...rest } = order;
    const route = routes.get(name);
    if (route === undefined) return { kind: 'rejected', code: 'not-found', detail: `no route ${name} is configured` };
    const destination = smsDestination(order.to);
    if (destination.kind === 'refused') return refused(destination.reason);
    const sender = chooseSender(route.senders, destination, senderKey, new Set(avoidSenders));
    if (sender === undefined) return refused('sender-refused');
    return { provider: route.provider, message: { ...rest, to: destination.e164, from: sender.number } };
  }

  async function prepared(order: SmsOrder): Promise<ReturnType<typeof addressed>> {
    const ready = addressed(order);
    // That the customer wants none is the better thing to say.
    if (!('kind' in ready) && (await suppression.has(ready.message.to))) return refused('opted-out');
    if ('kind' in ready) return ready;
    const fits = order.text !== '' && order.text.length <= ready.provider.maxTextUnits;
    return fits ? ready : refused('content-refused');
  }

  return {
    async send(order, call) {
      const ready = await prepared(order);
      if ('kind' in ready) return ready;
      const { provider, message } = ready;
      const outcome = await provider.send(message, call);
      if (outcome.kind === 'done') return { ...outcome, message };
      if (outcome.reason === 'opted-out') await suppression.add(message.to, 'vendor');
      return { ...outcome, message };
    },
    async find(order, since, call) {
      const ready = addressed(order);
      if ('kind' in ready) return ready;
      const { provider, message } = ready;
      return provider.find ? provider.find(message, since, call) : { kind: 'done', value: { kind: 'unsure' } };
    },
    async look(name, messageId, call) {
      const look = routes.get(name)?.provider.look;
      return look
        ? look(messageId, call)
        : { kind: 'rejected', code: 'not-found', detail: `the route ${name} is not asked` };
    },
    async noteReport(number, { reason }) {
      if (reason === 'opted-out') await suppression.add(number, 'vendor');
    },
    async noteReply(route, { from, text, keyword }) {
      const answersKeywords = routes.get(route)?.provider.capabilities.answersKeywords ?? false;
      const decision = decideKeyword(text, { answersKeywords, vendorSaid: keyword });
      if (decision.suppression === 'add') await suppression.add(from, 'keyword');
      if (decision.suppression === 'lift') await suppression.lift(from);
      return decision;
    },
  };
}

function refused(reason: SmsReason): SmsFailure {
  return { kind: 'rejected', code: 'bad-request', reason };
}
