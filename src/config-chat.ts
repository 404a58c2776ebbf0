// Owns the part of the configuration that is about our own conversations: bots with their flows, whose people answer, and files. Every fault is
// told with the others; no secret is ever echoed in one.

import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { type FlowFile, readFlow } from './bots/flow/flow-file.ts';
import type { ChatTerms } from './protocols/chat.ts';

const LOOPBACK = /^http:\/\/(127\.0\.0\.1|localhost|\[::1\])(:\d+)?(\/|$)/;
const address = z.url({ protocol: /^https?$/ }).refine((url) => url.startsWith('https:') || LOOPBACK.test(url), {
  message: 'must be https, unless it is this machine',
});

/** From where agents' files may be fetched beside the platform's own API: no page names the hosts. */
const fileOrigins = z
  .array(
    address.refine(
      (url) => URL.canParse(url) && !url.includes('*') && new URL(url).origin === url,
      'must be an origin such as https://files.example.com',
    ),
  )
  .max(10)
  .default([]);

const people = {
  platform: z.string(),
  /** Exact names of the queues that these people answer; without any they answer all that nobody else does. */
  queues: z.array(z.string().min(1)).min(1).optional(),
};
const desk = z.union([
  z.strictObject({
    ...people,
    openMessaging: z.strictObject({
      integrationId: z.string().min(1),
      /** Names of the variables with the webhook's secret; two while it is changed. */
      secretEnvs: z.array(z.string()).min(1).max(2),
      deduplicates: z.boolean().default(false),
      fileOrigins,
    }),
  }),
  z.strictObject({
    ...people,
    ownChannel: z.strictObject({
      channelId: z.string().min(1),
      clientId: z.string().min(1),
      clientSecretEnv: z.string(),
      fileOrigins,
      /** Idents of custom fields that were made beside those which carry the handoff itself; what has none travels by reference. */
      customFields: z.array(z.string().min(1).max(128)).max(40).default([]),
    }),
  }),
]);

export const chatSection = z.strictObject({
  /** Under which customers reach us, for links. */
  publicUrl: address.transform((url) => url.replace(/\/+$/, '')),
  /** Answers on the page. */
  bot: z.string(),
  bots: z.record(
    z.string().regex(/^[a-z][\w-]*$/i),
    z.strictObject({
      flowFile: z.string().min(1),
      fallback: z.string().optional(),
      turnTimeoutSec: z.number().min(1).max(10).default(4),
      idleMinutes: z.number().min(1).max(1_440).default(15),
    }),
  ),
  /** Whether a chat may be begun without a link. */
  fresh: z.boolean().default(true),
  phone: z.string().max(40).optional(),
  /** Whose people answer; several platforms' where each has queues of its own. */
  desk: z.union([desk, z.array(desk).min(1)]).optional(),
  files: z
    .strictObject({
      largestMb: z.number().min(0.1).max(25).default(10),
      types: z.array(z.string()).default(['image/png', 'image/jpeg', 'application/pdf']),
      keepHours: z.number().min(1).max(24).default(24),
      linkMinutes: z.number().min(1).max(60).default(5),
      /** Looks at every file before anybody sees it. */
      scanUrl: address,
      scanSecretEnv: z.string().optional(),
    })
    .optional(),
});
export type ChatSection = z.infer<typeof chatSection>;
type Section = ChatSection;
type AskedDesk = z.infer<typeof desk>;

export type ChatSettings = Omit<Section, 'bots' | 'desk' | 'files'> & {
  readonly terms: Readonly<Record<string, ChatTerms>>;
  readonly flows: readonly FlowFile[];
  readonly desks: readonly DeskSettings[];
  readonly files: (NonNullable<Section['files']> & { readonly scanSecret: string | null }) | null;
};

export type DeskSettings = { readonly platform: string; readonly queues?: readonly string[] } & (
  | {
      readonly kind: 'open-messaging';
      readonly integrationId: string;
      readonly secrets: readonly string[];
      readonly deduplicates: boolean;
      readonly fileOrigins: readonly string[];
    }
  | {
      readonly kind: 'own-channel';
      readonly channelId: string;
      readonly clientId: string;
      readonly clientSecret: string;
      readonly customFields: readonly string[];
      readonly fileOrigins: readonly string[];
    }
);

export type Reading = {
  /** The configuration file: flow files are named from its folder. */
  readonly path: string;
  readonly read: (path: string) => string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** By name, of which kind each is. */
  readonly platforms: ReadonlyMap<string, string>;
};

/** The section with its flows and secrets; null with faults added where it cannot be. */
export function readChat(section: Section, reading: Reading, faults: string[]): ChatSettings | null {
  const before = faults.length;
  const { bots, desk: asked, files: limits, ...rest } = section;
  const flows = Object.entries(bots).flatMap(([name, { flowFile }]) => flowOf(name, flowFile, reading, faults));
  for (const [name, { fallback }] of Object.entries(bots)) {
    if (fallback !== undefined && !Object.hasOwn(bots, fallback))
      faults.push(`chat.bots.${name}.fallback: there is no bot ${fallback}`);
  }
  if (!Object.hasOwn(bots, rest.bot)) faults.push(`chat.bot: there is no bot ${rest.bot}`);
  const desks = desksOf(asked ?? [], reading, faults);
  const scanSecret =
    limits?.scanSecretEnv === undefined ? null : secretIn(limits.scanSecretEnv, 'chat.files', reading, faults);
  if (faults.length > before) return null;
  return { ...rest, terms: termsOf(bots), flows, desks, files: limits ? { ...limits, scanSecret } : null };
}

function termsOf(bots: Section['bots']): ChatSettings['terms'] {
  return Object.fromEntries(
    Object.entries(bots).map(([bot, { fallback, turnTimeoutSec, idleMinutes }]) => [
      bot,
      {
        bot,
        turnTimeoutMs: turnTimeoutSec * 1_000,
        botIdleMs: idleMinutes * 60_000,
        ...(fallback !== undefined && { fallbackBot: fallback }),
      },
    ]),
  );
}

function flowOf(name: string, flowFile: string, { path, read }: Reading, faults: string[]): readonly FlowFile[] {
  let text: string;
  try {
    text = read(resolve(dirname(path), flowFile));
  } catch {
    faults.push(`chat.bots.${name}.flowFile: ${flowFile} cannot be read`);
    return [];
  }
  const flow = readFlow(text);
  if (flow.kind === 'flow') return [{ ...flow.flow, bot: name }];
  faults.push(...flow.faults.map((fault) => `chat.bots.${name}: ${fault}`));
  return [];
}

/** A queue has one desk, and what no desk names has one at most: whoever is asked for is never ambiguous. */
function desksOf(asked: Section['desk'] & {}, reading: Reading, faults: string[]): readonly DeskSettings[] {
  const desks = (Array.isArray(asked) ? asked : [asked]).map((one) => deskOf(one, reading, faults));
  const twice = (names: readonly string[]) => new Set(names.filter((name, index) => names.indexOf(name) !== index));
  for (const platform of twice(desks.map(({ platform }) => platform)))
    faults.push(`chat.desk: the platform ${platform} is given twice`);
  for (const queue of twice(desks.flatMap(({ queues = [] }) => queues)))
    faults.push(`chat.desk: the queue ${queue} is given twice`);
  if (desks.filter(({ queues }) => queues === undefined).length > 1)
    faults.push('chat.desk: only one platform may be without queues');
  return desks;
}

function deskOf(asked: AskedDesk, reading: Reading, faults: string[]): DeskSettings {
  const { platform, queues } = asked;
  const [way, vendor] = 'openMessaging' in asked ? ['openMessaging', 'genesys'] : ['ownChannel', 'cxone'];
  const kind = reading.platforms.get(platform);
  if (kind === undefined) faults.push(`chat.desk.platform: there is no platform ${platform}`);
  else if (kind !== vendor) faults.push(`chat.desk.${way}: the platform ${platform} is of kind ${kind}, not ${vendor}`);
  if ('openMessaging' in asked) {
    const { secretEnvs, ...rest } = asked.openMessaging;
    const secrets = secretEnvs.map((name) => secretIn(name, 'chat.desk', reading, faults));
    return { kind: 'open-messaging', platform, ...(queues && { queues }), ...rest, secrets };
  }
  const { clientSecretEnv, ...rest } = asked.ownChannel;
  return {
    kind: 'own-channel',
    platform,
    ...(queues && { queues }),
    ...rest,
    clientSecret: secretIn(clientSecretEnv, 'chat.desk', reading, faults),
  };
}

function secretIn(name: string, where: string, { env }: Reading, faults: string[]): string {
  const secret = env[name] ?? '';
  if (secret.length < 16) faults.push(`${where}: the variable ${name} must hold a secret of at least 16 characters`);
  return secret;
}
