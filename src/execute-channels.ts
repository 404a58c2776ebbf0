// Owns how a customer is reached beyond their conversation: a text message goes out by its route, a conversation is told what is known of its
// customer, one is ended, a callback is booked. Keeps H5: what cannot be found again is told as unsure, never as not there.

import type { SmsChannel } from './channels/sms/sms-channel.ts';
import type { SmsFailure } from './channels/sms/sms-provider.ts';
import type { SmsReport } from './channels/sms/sms-status.ts';
import type { Suppression } from './channels/sms/suppression.ts';
import { notConfigured } from './execute-transfer.ts';
import type { Call, Platform } from './platforms/platform.ts';
import type { Command, CommandOutcome } from './protocols/command.ts';

export type ChannelParts = {
  readonly platforms: ReadonlyMap<string, Platform>;
  /** Without it nothing can be texted. */
  readonly sms?: Pick<SmsChannel, 'send' | 'find' | 'look'>;
  /** Who wants to hear no more of us. */
  readonly suppression?: Pick<Suppression, 'has'>;
};

type Of<Kind extends Command['kind']> = Extract<Command, { kind: Kind }>;
export type ChannelCommand = Of<'WriteContext' | 'SendSms' | 'FindSms' | 'AskReceipt' | 'CloseLeg' | 'BookCallback'>;

export function performOnChannel(command: ChannelCommand, parts: ChannelParts, call: Call): Promise<CommandOutcome> {
  switch (command.kind) {
    case 'SendSms':
      return sendSms(command, parts, call);
    case 'FindSms':
      return findSms(command, parts, call);
    case 'AskReceipt':
      return askReceipt(command, parts, call);
    case 'WriteContext':
      return onPlatform(command, parts, (platform) => writeContext(command, platform, call));
    case 'CloseLeg':
      return onPlatform(command, parts, (platform) => closeLeg(command, platform, call));
    case 'BookCallback':
      return onPlatform(command, parts, (platform) => bookCallback(command, platform, parts, call));
  }
}

async function onPlatform(
  { platform: name }: Of<'WriteContext' | 'CloseLeg' | 'BookCallback'>,
  { platforms }: ChannelParts,
  perform: (platform: Platform) => Promise<CommandOutcome>,
): Promise<CommandOutcome> {
  const platform = platforms.get(name);
  return platform ? perform(platform) : notConfigured(name);
}

/** A call is looked at first: one that an agent has answered, or is being rung for, is not ended. */
async function closeLeg(command: Of<'CloseLeg'>, platform: Platform, call: Call): Promise<CommandOutcome> {
  const seen = await platform.look(command, call);
  if (seen.kind !== 'done') return seen;
  const taken = seen.value.parties.some(({ role, state }) => role === 'agent' && state !== 'ended');
  if (taken) return { kind: 'rejected', code: 'conflict', detail: 'an agent has it' };
  const closed = await platform.closeLeg(command, call);
  return closed.kind === 'done' ? { kind: 'done', of: 'CloseLeg', result: null } : closed;
}

/** Whoever is the customer: one who is still there before one who has left. */
async function writeContext(command: Of<'WriteContext'>, platform: Platform, call: Call): Promise<CommandOutcome> {
  const seen = await platform.look(command, call);
  if (seen.kind !== 'done') return seen;
  const customers = seen.value.parties.filter(({ role }) => role === 'customer');
  const customer = (customers.findLast(({ state }) => state !== 'ended') ?? customers.at(-1))?.id;
  if (customer === undefined) return { kind: 'rejected', code: 'not-found', detail: 'no customer is in it' };
  const { attributes, tag } = command;
  const written = await platform.attachContext(command, { customer, attributes, tag }, call);
  return written.kind === 'done'
    ? { kind: 'done', of: 'WriteContext', result: { customer, ...written.value } }
    : written;
}

async function sendSms(
  { route, to, text, ref }: Of<'SendSms'>,
  { sms }: ChannelParts,
  call: Call,
): Promise<CommandOutcome> {
  if (!sms) return NO_SMS;
  const sent = await sms.send({ route, to, text, ref }, call);
  if (sent.kind !== 'done') {
    const { message: _, ...failure } = sent;
    return withReason(failure);
  }
  return { kind: 'done', of: 'SendSms', result: { messageId: sent.value.messageId } };
}

async function findSms(
  { route, to, text, ref, since }: Of<'FindSms'>,
  { sms }: ChannelParts,
  call: Call,
): Promise<CommandOutcome> {
  if (!sms) return NO_SMS;
  const found = await sms.find({ route, to, text, ref }, since, call);
  if (found.kind !== 'done') return withReason(found);
  const { value } = found;
  const result = value.kind === 'taken' ? { kind: value.kind, messageId: value.accepted.messageId } : value;
  return { kind: 'done', of: 'FindSms', result };
}

async function askReceipt(
  { route, messageId }: Of<'AskReceipt'>,
  { sms }: ChannelParts,
  call: Call,
): Promise<CommandOutcome> {
  if (!sms) return NO_SMS;
  const seen = await sms.look(route, messageId, call);
  if (seen.kind !== 'done') return withReason(seen);
  const { status, reason } = seen.value;
  return { kind: 'done', of: 'AskReceipt', result: { status: endOf(status), ...(reason && { reason }) } };
}

/** Only what ends it says something: that the carrier has it does not. */
function endOf(status: SmsReport['status']): 'delivered' | 'failed' | 'pending' {
  if (status === 'delivered') return 'delivered';
  return status === 'failed' || status === 'undelivered' ? 'failed' : 'pending';
}

const NO_SMS = { kind: 'rejected', code: 'not-found', detail: 'no text messages are configured' } as const;

/** The reason is a stable word; the detail carries it. */
function withReason({ reason, ...failure }: SmsFailure): CommandOutcome {
  return reason === undefined ? failure : { ...failure, detail: reason };
}

/** The queue first: one that is not there is the better thing to say, and nothing was asked for yet. */
async function bookCallback(
  { queueName, phone, pattern, data, at, priority, name }: Of<'BookCallback'>,
  platform: Platform,
  { suppression }: ChannelParts,
  call: Call,
): Promise<CommandOutcome> {
  const queue = await platform.resolveQueue(queueName, call);
  if (queue.kind !== 'done') return queue;
  // A STOP may have come since it was asked for.
  if (await suppression?.has(phone)) return { kind: 'rejected', code: 'bad-request', detail: 'opted-out' };
  const order = {
    queue: queue.value,
    phone,
    pattern,
    data,
    ...(at !== undefined && { at }),
    ...(priority !== undefined && { priority }),
    ...(name !== undefined && { name }),
  };
  const booked = await platform.bookCallback(order, call);
  if (booked.kind !== 'done') return booked;
  return { kind: 'done', of: 'BookCallback', result: { ...booked.value, queue: queue.value } };
}
