// Owns the opening of the ways to a customer: the providers of text messages with their hooks, and what deflections and callbacks are run with.
// Part of the composition root: only the service imports it.

import { randomUUID } from 'node:crypto';
import type { SendRequest } from './channels/send-request.ts';
import { smsDestination } from './channels/sms/destination.ts';
import { genesysAgentless } from './channels/sms/genesys-agentless.ts';
import { composeText } from './channels/sms/message-text.ts';
import { type SmsChannel, type SmsRoute, smsChannel } from './channels/sms/sms-channel.ts';
import type { Suppression } from './channels/sms/suppression.ts';
import { twilioProvider } from './channels/sms/twilio-provider.ts';
import { twilioReplyHook } from './channels/sms/twilio-reply.ts';
import { twilioStatusHook } from './channels/sms/twilio-status.ts';
import { vonageProvider } from './channels/sms/vonage-provider.ts';
import { vonageReplyHook } from './channels/sms/vonage-reply.ts';
import { vonageStatusHook } from './channels/sms/vonage-status.ts';
import type { ChannelsConfig, SmsEntry } from './config-channels.ts';
import { limitsFor } from './context/packing.ts';
import type { Journal } from './journal/journal.ts';
import { SuppressionBook } from './journal/suppression-book.ts';
import { machineClock as clock } from './machine-clock.ts';
import type { OpenPlatform } from './open-platforms.ts';
import { exchange } from './platforms/http.ts';
import type { DeflectionPolicy } from './protocols/input.ts';
import type { ServedCallbacks, ServedDeflections, ServedSmsHook } from './server/deflection-parts.ts';
import { smsHooksOf } from './sms-hooks.ts';

export type OpenChannels = {
  /** Undefined where nothing can be texted. */
  readonly sms?: SmsChannel;
  readonly suppression: Suppression;
  readonly deflections: ServedDeflections;
  readonly callbacks: ServedCallbacks;
  readonly hooks: readonly ServedSmsHook[];
};

export type ConfiguredChannels = {
  readonly channels: ChannelsConfig;
  readonly handoffs: { readonly commandTimeoutSec: number };
};

export type ChannelsParts = {
  readonly journal: Journal;
  readonly platforms: ReadonlyMap<string, OpenPlatform>;
};

type Opening = {
  readonly config: ChannelsConfig;
  readonly platforms: ReadonlyMap<string, OpenPlatform>;
  readonly suppression: SuppressionBook;
  readonly commandTimeoutSec: number;
};

const TIMEOUT_MS = 6_000;
const MAX_ANSWER_BYTES = 1024 * 1024;
/** How long a text message or an attribute may take to show after its call was given up. */
const SETTLE_MS = 5_000;
const MINUTE_MS = 60_000;

export function openChannels(
  { channels: config, handoffs }: ConfiguredChannels,
  { journal, platforms }: ChannelsParts,
): OpenChannels {
  const suppression = new SuppressionBook(journal, clock);
  const opening = { config, platforms, suppression, commandTimeoutSec: handoffs.commandTimeoutSec };
  const entries = [...(config.sms?.routes ?? [])];
  const webhookUrl = config.sms?.webhookUrl ?? '';
  const routes = new Map(entries.map(([name, entry]) => [name, routeOf(entry, webhookUrl, opening)]));
  // By a key that stays a customer gets the same sender each time.
  const sms = smsChannel({ routes, suppression, senderKey: journal.keyedHash('sms', 'senders') });
  return {
    ...(entries.length > 0 && { sms }),
    suppression,
    deflections: servedDeflections(opening, routes),
    callbacks: servedCallbacks(opening),
    hooks: entries.flatMap(([name, entry]) => hooksOf(name, entry, webhookUrl, sms)),
  };
}

/** Nothing is ever sent along a redirect or twice: what that means for a message is the provider's to say. */
const exchanged: SendRequest = (request, call) =>
  exchange(request, call, { fetch: globalThis.fetch, clock, timeoutMs: TIMEOUT_MS, maxBytes: MAX_ANSWER_BYTES });

function routeOf(entry: SmsEntry, webhookUrl: string, { platforms }: Opening): SmsRoute {
  const senders = entry.numbers;
  switch (entry.kind) {
    case 'twilio': {
      const { apiUrl, accountSid, login, answersKeywords } = entry;
      const statusUrl = `${webhookUrl}/hooks/twilio/status`;
      return {
        senders,
        provider: twilioProvider({ apiUrl, accountSid, ...login, statusUrl, answersKeywords, send: exchanged }),
      };
    }
    case 'vonage': {
      const { apiUrl, applicationId, privateKey, optOutAssist } = entry;
      const statusUrl = `${webhookUrl}/hooks/vonage/status`;
      const options = {
        apiUrl,
        applicationId,
        privateKey,
        statusUrl,
        optOutAssist,
        clock,
        send: exchanged,
        newId: randomUUID,
      };
      return { senders, provider: vonageProvider(options) };
    }
    case 'genesys': {
      const line = platforms.get(entry.platform)?.texts;
      if (!line) throw new Error(`The platform ${entry.platform} sends no text messages.`);
      return { senders, provider: genesysAgentless({ send: line }) };
    }
  }
}

function servedDeflections(
  { config, platforms, suppression, commandTimeoutSec }: Opening,
  open: ReadonlyMap<string, SmsRoute>,
) {
  const routes = [...open.keys()];
  const asked = [...open].flatMap(([name, { provider }]) => (provider.capabilities.receipts === 'look' ? [name] : []));
  const { deflection } = config;
  const { template, maxSegments, brand, publicUrl } = deflection;
  return {
    get policy() {
      return { ...deflectionPolicy(config, platforms, commandTimeoutSec), asked };
    },
    ttlMs: deflection.ttlMinutes * MINUTE_MS,
    linkTo: (token: string) => `${publicUrl}/c/${token}`,
    compose(link: string) {
      const composed = composeText({ text: template, maxSegments }, { brand, link });
      if (composed.kind === 'refused')
        throw new Error(`The template was checked at the start, yet: ${composed.because}`);
      return composed.text;
    },
    async check(number: string) {
      if (routes.length === 0) return { ok: false, reason: 'sms-not-configured' } as const;
      const destination = smsDestination(number);
      if (destination.kind === 'refused') return { ok: false, reason: destination.reason } as const;
      if (await suppression.has(destination.e164)) return { ok: false, reason: 'opted-out' } as const;
      return { ok: true, to: destination.e164, routes } as const;
    },
  } satisfies ServedDeflections;
}

function deflectionPolicy(
  { deflection }: ChannelsConfig,
  platforms: Opening['platforms'],
  commandTimeoutSec: number,
): DeflectionPolicy {
  const all = [...platforms.values()].map(({ platform }) => platform);
  const least = (values: readonly number[]) => Math.min(...values, Number.MAX_SAFE_INTEGER);
  const fitting = all.map(({ limits }) => limitsFor(limits, 'message'));
  const settles = all.map(({ capabilities }) => capabilities.settleMs);
  return {
    told: all.map(({ name }) => name),
    receiptWaitMs: deflection.receiptWaitSec * 1_000,
    purge: deflection.purgeOnFirstUse,
    // The conversation that will be claimed with is not known yet: what fits everywhere.
    digital: {
      attributeValueBytes: least(fitting.map(({ attributeValueBytes }) => attributeValueBytes)),
      attributeCount: least(fitting.map(({ attributeCount }) => attributeCount)),
    },
    limits: { commandTimeoutMs: commandTimeoutSec * 1_000, settleMs: Math.max(SETTLE_MS, ...settles) },
  };
}

function servedCallbacks({ config, platforms, suppression, commandTimeoutSec }: Opening): ServedCallbacks {
  const { platform: name, queue, hours, otherwiseIn, settleWithinSec, consentAttribute, bridged } = config.callbacks;
  return {
    get policy() {
      const platform = name === null ? undefined : platforms.get(name)?.platform;
      return {
        platform: platform?.name ?? null,
        queue,
        hours,
        ...(otherwiseIn !== undefined && { otherwiseIn }),
        settleWithinMs: settleWithinSec * 1_000,
        limits: {
          commandTimeoutMs: commandTimeoutSec * 1_000,
          settleMs: platform?.capabilities.settleMs ?? SETTLE_MS,
          confirmWithinMs: 0,
          flowWithinMs: 0,
          transferAttempts: 1,
        },
      };
    },
    consentAttribute,
    bridged,
    isSuppressed: (number) => suppression.has(number),
  };
}

/** By path; several accounts of one vendor share it, and are told apart by who verifies. */
function hooksOf(name: string, entry: SmsEntry, webhookUrl: string, channel: SmsChannel): readonly ServedSmsHook[] {
  switch (entry.kind) {
    case 'genesys':
      return [];
    case 'twilio': {
      const at = (what: string) => ({ authTokens: entry.authTokens, url: `${webhookUrl}/hooks/twilio/${what}` });
      return smsHooksOf(name, channel, {
        vendor: 'twilio',
        status: twilioStatusHook(at('status')),
        reply: twilioReplyHook(at('reply')),
      });
    }
    case 'vonage': {
      const secrets = { apiKey: entry.apiKey, signatureSecrets: entry.signatureSecrets, clock };
      return smsHooksOf(name, channel, {
        vendor: 'vonage',
        status: vonageStatusHook(secrets),
        reply: vonageReplyHook(secrets),
      });
    }
  }
}
