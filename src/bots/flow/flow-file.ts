// Owns how a block flow is written down (YAML), and what is wrong with one: every fault is named at once, so that a bot which starts has no
// dead end in it.

import { parseDocument } from 'yaml';
import { z } from 'zod';

/** A text with places to fill, such as `Hello {{customer.name|there}}`. */
const template = z.string().max(4_000);
const flowName = z.string().regex(/^[a-z][\w-]*$/i, 'is not a name');
const variable = z.string().regex(/^[a-z]\w*$/i, 'is not a name of a variable');

const choices = z.record(z.string(), z.array(z.string().min(1)).min(1));

const condition = z
  .strictObject({
    /** A path, such as `context.intent` or `wish`. */
    value: z.string(),
    is: z.string().optional(),
    oneOf: z.array(z.string()).optional(),
    known: z.boolean().optional(),
    go: flowName,
  })
  .refine(({ is, oneOf, known }) => [is, oneOf, known].filter((one) => one !== undefined).length === 1, {
    message: 'needs one of is, oneOf and known',
  });

const block = z.union([
  z.strictObject({ say: template }),
  z.strictObject({
    ask: z.strictObject({
      say: template,
      save: variable,
      /** What is saved, and the words for it; without choices the customer's own text is. */
      choices: choices.optional(),
      again: template.optional(),
      tries: z.int().min(1).max(5).default(2),
      /** Where to go when no answer was one of the choices. */
      failed: flowName.optional(),
    }),
  }),
  z.strictObject({ set: z.record(variable, template) }),
  z.strictObject({ attributes: z.record(z.string().min(1), template) }),
  z.strictObject({
    call: z.strictObject({
      url: template,
      method: z.enum(['GET', 'POST', 'PUT']).default('POST'),
      body: z.record(z.string(), template).optional(),
      headers: z.record(z.string(), template).optional(),
      save: variable.optional(),
      failed: flowName.optional(),
    }),
  }),
  z.strictObject({ branch: z.strictObject({ when: z.array(condition).min(1), else: flowName.optional() }) }),
  z.strictObject({
    redirect: z.strictObject({
      queue: template.optional(),
      resume: z.boolean().default(false),
      /** Where to go when nobody could be reached. */
      failed: flowName.optional(),
    }),
  }),
  z.strictObject({ go: flowName }),
  z.strictObject({ end: z.literal(true) }),
]);
export type Block = z.infer<typeof block>;

const flowFile = z.strictObject({
  bot: z.string().min(1),
  /** `main` is where every talk begins. A flow named `on-{event}` is gone to when that event comes. */
  flows: z.record(flowName, z.array(block)).refine((flows) => 'main' in flows, { message: 'has no flow main' }),
});
export type FlowFile = z.infer<typeof flowFile>;

export type ReadFlow =
  | { readonly kind: 'flow'; readonly flow: FlowFile }
  | { readonly kind: 'faults'; readonly faults: readonly string[] };

/** Reads a flow; every fault as `where: what`. */
export function readFlow(text: string): ReadFlow {
  const document = parseDocument(text, { schema: 'core', uniqueKeys: true });
  if (document.errors.length > 0) {
    return { kind: 'faults', faults: document.errors.map(({ message }) => message.split('\n')[0] ?? message) };
  }
  const read = flowFile.safeParse(document.toJS({ maxAliasCount: 0 }));
  if (!read.success) {
    return { kind: 'faults', faults: read.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) };
  }
  const faults = [...deadEnds(read.data), ...badAddresses(read.data)];
  return faults.length > 0 ? { kind: 'faults', faults } : { kind: 'flow', flow: read.data };
}

function deadEnds({ flows }: FlowFile): readonly string[] {
  return Object.entries(flows).flatMap(([name, blocks]) =>
    blocks.flatMap((one, index) =>
      goesTo(one)
        .filter((target) => !Object.hasOwn(flows, target))
        .map((target) => `flows.${name}.${index}: there is no flow ${target}`),
    ),
  );
}

function goesTo(one: Block): readonly string[] {
  if ('go' in one) return [one.go];
  if ('branch' in one) {
    const { when, else: otherwise } = one.branch;
    return [...when.map(({ go }) => go), ...(otherwise === undefined ? [] : [otherwise])];
  }
  const failed = 'ask' in one ? one.ask.failed : 'call' in one ? one.call.failed : undefined;
  const refused = 'redirect' in one ? one.redirect.failed : undefined;
  return [failed, refused].filter((target) => target !== undefined);
}

/** Whom a flow calls is the operator's to say, and never what a customer has typed. */
function badAddresses({ flows }: FlowFile): readonly string[] {
  return Object.entries(flows).flatMap(([name, blocks]) =>
    blocks.flatMap((one, index) =>
      'call' in one && !/^https:\/\/[^/{}@]+(\/|$)|^http:\/\/(127\.0\.0\.1|localhost)(:\d+)?(\/|$)/.test(one.call.url)
        ? [`flows.${name}.${index}: a call goes to an https address whose host is written out`]
        : [],
    ),
  );
}
