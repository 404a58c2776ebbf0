// Owns the twin of the text message providers as a whole: Twilio and Vonage on one port, the customers' telephones behind both, and
// the control surface. `createSmsTwin` needs no socket; `startSmsTwin` puts the same twin on a port.

import { z } from 'zod';
import type { Clock } from '../../clock.ts';
import { type CallLog, createCallLog } from '../call-log.ts';
import { type ControlActs, controlRefusal, createControlSurface } from '../control-surface.ts';
import type { Answering, TwinRequest, TwinResponse } from '../exchange.ts';
import { createFaults } from '../faults.ts';
import { createFront } from '../front.ts';
import { postByFetch, postByHttp } from '../hook-post.ts';
import { listen } from '../http-listener.ts';
import { fetchThrough } from '../in-process-fetch.ts';
import { createSchedule } from '../schedule.ts';
import { createCallbacks } from './callbacks.ts';
import { createHandsets, type Handsets } from './handsets.ts';
import { withPhones } from './phone-control.ts';
import { createTwilioAccount, type TwilioAccount, type TwilioIdentity } from './twilio-account.ts';
import { createTwilioApi } from './twilio-api.ts';
import { createVonageAccount, type VonageAccount, type VonageIdentity } from './vonage-account.ts';
import { createVonageApi } from './vonage-api.ts';

export type SmsTwinOptions = {
  readonly clock: Clock;
  /** Where ids come from; a simulation gives a seeded one. */
  readonly random?: () => number;
  readonly twilio?: TwilioIdentity;
  readonly vonage?: VonageIdentity;
  /** How hooks are reached, where there are no sockets. */
  readonly fetch?: typeof fetch;
  readonly latencyMs?: number;
  /** From the acceptance of a message to its last status. */
  readonly settleMs?: number;
};

export type SmsTwin = {
  /** Answers a request, a vendor's path or the control surface, without a socket. */
  readonly answer: Answering;
  /** A `fetch` that reaches this twin whatever the host. */
  readonly fetch: typeof fetch;
  readonly handsets: Handsets;
  readonly twilio: TwilioIdentity;
  readonly vonage: VonageIdentity;
  /** PEM; undefined where the options brought a public key. */
  vonagePrivateKey(): string | undefined;
  calls(filter?: Parameters<CallLog['list']>[0]): ReturnType<CallLog['list']>;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
};

export type ListeningSmsTwin = SmsTwin & { readonly url: string; readonly port: number };

export const DEMO_TWILIO: TwilioIdentity = {
  accountSid: 'AC00000000000000000000000000000001',
  authToken: 'twin-auth-token',
  numbers: ['+15055550100', '+15055550101', '+15055550102'],
};
export const DEMO_VONAGE: VonageIdentity = {
  apiKey: 'twinkey1',
  apiSecret: 'twin-secret',
  signatureSecret: 'twin-signature-secret-of-32-bytes',
  applicationId: '5a5a0000-0001-4a00-8a00-000000000001',
  numbers: ['+15055550110', '+15055550111'],
};

const SETTLE_MS = 500;

const settingsSchema = z.strictObject({
  latencyMs: z.number().min(0).optional(),
  settleMs: z.number().min(0).optional(),
  optOutAssist: z.boolean().optional(),
  twilioReplyUrl: z.url().nullable().optional(),
  vonageReplyUrl: z.url().nullable().optional(),
});
type Settings = {
  latencyMs: number;
  settleMs: number;
  optOutAssist: boolean;
  /** Where a customer's messages are told; null for nowhere. */
  twilioReplyUrl: string | null;
  vonageReplyUrl: string | null;
};

/** Starts the twin on a port (0 takes any free one). Rejects when the port is taken. */
export async function startSmsTwin(
  options: SmsTwinOptions & { readonly port?: number; readonly host?: string },
): Promise<ListeningSmsTwin> {
  const twin = createSmsTwin(options);
  const { port = 0, host = '127.0.0.1' } = options;
  const listener = await listen({ host, port, answer: twin.answer });
  async function close(): Promise<void> {
    await twin.close();
    await listener.close();
  }
  return { ...twin, url: listener.url, port: listener.port, close, [Symbol.asyncDispose]: close };
}

/** The twin without a port. */
export function createSmsTwin(options: SmsTwinOptions): SmsTwin {
  const { clock, random = Math.random } = options;
  const settings: Settings = {
    latencyMs: options.latencyMs ?? 0,
    settleMs: options.settleMs ?? SETTLE_MS,
    optOutAssist: false,
    twilioReplyUrl: null,
    vonageReplyUrl: null,
  };
  const schedule = createSchedule(clock);
  const faults = createFaults();
  const calls = createCallLog();
  const handsets = createHandsets();
  const post = options.fetch === undefined ? postByHttp() : postByFetch(options.fetch);
  const callbacks = createCallbacks({ clock, schedule, post, faultFor: (topic) => faults.forEvent(topic) });
  const journey = { clock, schedule, handsets, settleMs: () => settings.settleMs, random, callbacks };
  const twilio = createTwilioAccount(options.twilio ?? DEMO_TWILIO, {
    ...journey,
    replyUrl: () => settings.twilioReplyUrl ?? undefined,
  });
  const vonage = createVonageAccount(options.vonage ?? DEMO_VONAGE, {
    ...journey,
    replyUrl: () => settings.vonageReplyUrl ?? undefined,
    optOutAssist: () => settings.optOutAssist,
  });
  const apis = [createTwilioApi(twilio, handsets), createVonageApi(vonage, clock.now)];
  const apiOf = (path: string) => apis.find((api) => api.owns(path));
  const vendor = {
    answer: (request: TwinRequest) => apiOf(request.path)?.answer(request) ?? nobody(request),
    fail: (request: TwinRequest, fault: Parameters<(typeof apis)[number]['fail']>[0]) =>
      apiOf(request.path)?.fail(fault) ?? nobody(request),
    conversationOf: () => null,
  };
  const forget = () => {
    schedule.cancelAll();
    callbacks.clear();
  };
  const acts = controlActs(settings, () => {
    forget();
    handsets.clear();
    twilio.clear();
  });
  const surface = createControlSurface(acts, faults, calls);
  const phones = withPhones(surface, { handsets, reply: replying(handsets, twilio, vonage) });
  const control = (request: TwinRequest): TwinResponse =>
    request.method === 'GET' && request.path === '/twin/vonage/private-key' ? privateKey(vonage) : phones(request);
  const answer = createFront({ clock, vendor, control, faults, calls, latencyMs: () => settings.latencyMs });
  async function close(): Promise<void> {
    forget();
    callbacks.close();
  }
  return {
    answer,
    fetch: fetchThrough(answer),
    handsets,
    twilio: twilio.identity,
    vonage: vonage.identity,
    vonagePrivateKey: () => vonage.keys().privateKey,
    calls: calls.list,
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** A customer writes to the number that wrote to them last, or to one they name. */
function replying(handsets: Handsets, twilio: TwilioAccount, vonage: VonageAccount) {
  return (from: string, text: string, named: string | undefined) => {
    const to = named ?? handsets.inbox(from).at(-1)?.from;
    if (to === undefined) return undefined;
    const vendor = [twilio, vonage].find(({ identity }) => identity.numbers.includes(to));
    return vendor?.receive({ from, to, text });
  };
}

function controlActs(settings: Settings, reset: () => void): ControlActs {
  const none = () => controlRefusal(404, 'providers of text messages have neither conversations nor agents');
  return {
    createConversation: none,
    viewConversation: none,
    act: none,
    addAgent: none,
    readSettings: () => ({ status: 200, body: settings }),
    changeSettings(body) {
      const asked = settingsSchema.safeParse(body);
      if (!asked.success) return controlRefusal(400, 'not settings', asked.error.issues);
      Object.assign(settings, asked.data);
      return { status: 200, body: settings };
    },
    replaces: () => ({}),
    reset,
  };
}

function privateKey(vonage: VonageAccount): TwinResponse {
  const { privateKey: key } = vonage.keys();
  return key === undefined
    ? controlRefusal(404, 'the twin has the public key only')
    : { status: 200, body: { privateKey: key } };
}

function nobody(request: TwinRequest): TwinResponse {
  return { status: 404, body: { error: `neither Twilio nor Vonage has ${request.path}` } };
}
