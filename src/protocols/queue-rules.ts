// Owns which queue an escalation goes to, as data: the first rule that matches wins and its name is the recorded reason. The
// default rules are seed 004 §4's decision tree.

import { z } from 'zod';
import type { Channel } from '../context/conversation.ts';
import { CHANNELS } from '../context/conversation.ts';
import type { InteractionContext } from '../context/interaction-context.ts';
import type { Manifest } from '../context/manifest.ts';
import type { QueueWish } from './move.ts';

const condition = z
  .strictObject({
    /** At least one of these was detected. */
    anyIntent: z.array(z.string()).min(1).optional(),
    /** At least one of these was detected and not marked as resolved. */
    unresolvedIntent: z.array(z.string()).min(1).optional(),
    sentiment: z.array(z.string()).min(1).optional(),
    trigger: z.array(z.string()).min(1).optional(),
    /** The bot's confidence was given and is below this. */
    confidenceBelow: z.number().min(0).max(1).optional(),
    channel: z.array(z.enum(CHANNELS)).min(1).optional(),
    segment: z.array(z.string()).min(1).optional(),
  })
  .refine((when) => Object.keys(when).length > 0, { message: 'needs at least one condition' });

export const queueRules = z.strictObject({
  rules: z.array(z.strictObject({ name: z.string().min(1), when: condition, queue: z.string().min(1) })),
  default: z.string().min(1),
});

export type QueueRules = z.infer<typeof queueRules>;
type Condition = z.infer<typeof condition>;

/** Seed 004 §4: the angry customer with a dispute first, then billing, then the bot that was lost, then everybody else. */
export const DEFAULT_QUEUE_RULES: QueueRules = {
  rules: [
    {
      name: 'angry-dispute',
      when: { sentiment: ['NEGATIVE_ESCALATING'], anyIntent: ['DisputeCharge'] },
      queue: 'BillingDisputes_Priority',
    },
    { name: 'billing', when: { anyIntent: ['BillingInquiry', 'DisputeCharge'] }, queue: 'BillingDisputes_Tier2' },
    { name: 'bot-was-lost', when: { confidenceBelow: 0.3 }, queue: 'General_Escalation' },
  ],
  default: 'General_Support',
};

/** What the rules look at. */
export type RuleFacts = {
  readonly requested?: string;
  readonly manifest?: Manifest;
  readonly context: InteractionContext;
  readonly channel: Channel;
  readonly segment?: string;
};

/**
 * The queue by name and why: the request's own, else the first matching rule's, else the manifest's recommendation, else the
 * default. Pure; names are exact and are resolved at the platform later.
 */
export function chooseQueue(rules: QueueRules, facts: RuleFacts): QueueWish {
  if (facts.requested !== undefined) return { name: facts.requested, because: 'requested' };
  const rule = rules.rules.find((candidate) => matches(candidate.when, facts));
  if (rule) return { name: rule.queue, because: `rule:${rule.name}` };
  const recommended = facts.manifest?.recommended_queue;
  if (recommended) return { name: recommended, because: 'recommended-by-bot' };
  return { name: rules.default, because: 'default' };
}

/** The queues that rules name and a platform does not have, each with where it is named: checked at start. */
export function unknownQueues(
  rules: QueueRules,
  known: ReadonlySet<string>,
): { readonly queue: string; readonly where: string }[] {
  const named = [
    ...rules.rules.map((rule) => ({ queue: rule.queue, where: `rule "${rule.name}"` })),
    { queue: rules.default, where: 'the default' },
  ];
  return named.filter(({ queue }) => !known.has(queue));
}

function matches(when: Condition, { manifest, context, channel, segment }: RuleFacts): boolean {
  const intents = manifest?.intents_detected ?? [];
  const detected = new Set(intents.map(({ intent }) => intent));
  if (context.intent) detected.add(context.intent);
  const unresolved = new Set(intents.filter(({ resolved }) => resolved !== true).map(({ intent }) => intent));
  const sentiment = manifest?.sentiment_trend ?? context.sentiment;
  const confidence = manifest?.bot_confidence_at_exit;

  return (
    (when.anyIntent === undefined || when.anyIntent.some((intent) => detected.has(intent))) &&
    (when.unresolvedIntent === undefined || when.unresolvedIntent.some((intent) => unresolved.has(intent))) &&
    oneOf(when.sentiment, sentiment) &&
    oneOf(when.trigger, manifest?.trigger) &&
    oneOf(when.channel, channel) &&
    oneOf(when.segment, segment) &&
    (when.confidenceBelow === undefined || (confidence !== undefined && confidence < when.confidenceBelow))
  );
}

/** A condition that is not set holds; one that is set needs a value that was given. */
function oneOf(accepted: readonly string[] | undefined, given: string | undefined): boolean {
  return accepted === undefined || (given !== undefined && accepted.includes(given));
}
