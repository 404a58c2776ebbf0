// Owns the faults a twin commits on command: which rule a request, an event or a telephone call meets, how often, and by what
// chance. The same rules with the same seeds give the same faults.

import { z } from 'zod';
import { seededRandom } from './seeded-random.ts';

const REQUEST_FAULTS = ['429', '500', 'hang', 'commit-then-drop', 'expire-token'] as const;
const EVENT_FAULTS = ['drop-event', 'repeat-event', 'reorder-events'] as const;
const CALL_FAULTS = ['drop-call', 'lose-call', 'fail-call', 'delay-call', 'lose-uui'] as const;
export type RequestFault = (typeof REQUEST_FAULTS)[number];
export type EventFault = (typeof EVENT_FAULTS)[number];
export type CallFault = { readonly kind: (typeof CALL_FAULTS)[number]; readonly delayMs?: number | undefined };

/** What `POST /twin/faults` takes. Without `times` the rule stays until it is deleted. */
export const faultRuleSchema = z.strictObject({
  match: z.strictObject({ method: z.string().optional(), path: z.string().optional() }).default({}),
  fault: z.enum([...REQUEST_FAULTS, ...EVENT_FAULTS, ...CALL_FAULTS]),
  times: z.int().positive().optional(),
  probability: z.number().min(0).max(1).optional(),
  seed: z.int().optional(),
  /** Of calls: when it strikes, or for how long it delays. */
  delayMs: z.number().min(0).optional(),
});
export type FaultRule = z.infer<typeof faultRuleSchema>;
export type ListedFault = FaultRule & { readonly id: number; readonly hits: number };

export type Faults = {
  add(rule: FaultRule): ListedFault;
  list(): readonly ListedFault[];
  clear(): void;
  /** The fault this request meets, if any; counts it. `url` is the path with its query. */
  forRequest(method: string, url: string): RequestFault | undefined;
  /** The fault this event meets, if any; counts it. `topic` is the event's topic with the conversation's id in it. */
  forEvent(topic: string): EventFault | undefined;
  /** The fault this telephone call meets, if any; counts it. `call` is its two numbers, `+1…>+1…`. */
  forCall(call: string): CallFault | undefined;
};

export function createFaults(): Faults {
  let armed: Armed[] = [];
  let lastId = 0;
  const listed = ({ id, hits, rule }: Armed): ListedFault => ({ ...rule, id, hits });
  return {
    add(rule) {
      lastId += 1;
      const entry = { id: lastId, hits: 0, rule, random: seededRandom(rule.seed ?? lastId), matches: matcher(rule) };
      armed.push(entry);
      return listed(entry);
    },
    list: () => armed.map(listed),
    clear() {
      armed = [];
    },
    forRequest: (method, url) => find(armed, REQUEST_FAULTS, method, url)?.kind,
    forEvent: (topic) => find(armed, EVENT_FAULTS, undefined, topic)?.kind,
    forCall(call) {
      const found = find(armed, CALL_FAULTS, undefined, call);
      return found && { kind: found.kind, delayMs: found.rule.delayMs };
    },
  };
}

type Armed = {
  readonly id: number;
  hits: number;
  readonly rule: FaultRule;
  readonly random: () => number;
  readonly matches: (method: string | undefined, text: string) => boolean;
};

function find<Kind extends FaultRule['fault']>(
  armed: readonly Armed[],
  kinds: readonly Kind[],
  method: string | undefined,
  text: string,
): { readonly kind: Kind; readonly rule: FaultRule } | undefined {
  for (const entry of armed) {
    const kind = kinds.find((each) => each === entry.rule.fault);
    if (kind === undefined || entry.hits >= (entry.rule.times ?? Number.POSITIVE_INFINITY)) continue;
    if (!entry.matches(method, text)) continue;
    if (entry.rule.probability !== undefined && entry.random() >= entry.rule.probability) continue;
    entry.hits += 1;
    return { kind, rule: entry.rule };
  }
  return undefined;
}

/** `path` matches as a part of the text or, where it is one, as a regular expression. */
function matcher(rule: FaultRule): Armed['matches'] {
  const { method, path } = rule.match;
  const expression = path === undefined ? undefined : asExpression(path);
  return (asked, text) => {
    if (method !== undefined && asked !== undefined && method.toUpperCase() !== asked) return false;
    return path === undefined || text.includes(path) || expression?.test(text) === true;
  };
}

function asExpression(path: string): RegExp | undefined {
  try {
    return new RegExp(path);
  } catch {
    return undefined;
  }
}
