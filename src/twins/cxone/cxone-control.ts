// Owns what the control surface does on the CXone twin: contacts come in, customers hang up, virtual agents answer, write and
// wrap up, and settings change while it runs.

import { z } from 'zod';
import { type ControlActs, type ConversationAct, controlRefusal } from '../control-surface.ts';
import type { TwinResponse } from '../exchange.ts';
import { drawUuid } from '../seeded-random.ts';
import { newAgentSchema } from '../virtual-agent.ts';
import type { CxoneAccess } from './api.ts';
import type { Contact } from './contact.ts';
import type { ActRefusal, Contacts } from './contacts.ts';
import { type CxoneSettings, changeSettings, shownSettings } from './cxone-settings.ts';
import type { Digital } from './digital.ts';
import { BOT_NUMBER, type Channel, QUEUE_NUMBER, type Skill, type Tenant } from './tenant.ts';
import { twinView } from './twin-view.ts';

export type ControlParts = {
  readonly contacts: Contacts;
  readonly digital: Digital;
  readonly tenant: Tenant;
  readonly access: CxoneAccess;
  readonly settings: CxoneSettings;
  readonly random: () => number;
  /** Forgets what is scheduled, what waits to be delivered, and the far side's token. */
  readonly onReset: () => void;
};

const createSchema = z.strictObject({
  channel: z.enum(['voice', 'message', 'webchat', 'sms', 'email', 'callback']),
  from: z.string().min(1).default('anonymous'),
  to: z.string().optional(),
  queue: z.string().optional(),
  flow: z.literal('bot').optional(),
  attributes: z.record(z.string(), z.string()).optional(),
  uui: z.string().optional(),
  text: z.string().optional(),
});
type Asked = z.infer<typeof createSchema>;

const answerSchema = z.strictObject({ agentId: z.coerce.number().int().optional() });
const wrapupSchema = z.strictObject({
  code: z.string().min(1),
  name: z.string().optional(),
  notes: z.string().optional(),
  durationSeconds: z.number().optional(),
});
const transferSchema = z.strictObject({
  to: z.string().min(1),
  uui: z.string().optional(),
  action: z.enum(['TRANSFER', 'BLINDXFER']).default('TRANSFER'),
});
const file = z.strictObject({
  url: z.url(),
  name: z.string().min(1),
  mime: z.string().default('application/octet-stream'),
});
const rich = z.strictObject({
  type: z.enum(['PLUGIN', 'QUICK_REPLIES', 'LIST_PICKER', 'RICH_LINK', 'ADAPTIVE_CARD']),
  payload: z.record(z.string(), z.unknown()),
  fallbackText: z.string().optional(),
});
const files = z.array(file).max(10).default([]);
const saySchema = z.union([
  z.strictObject({ text: z.string().min(1), files }).transform(({ text, ...rest }) => ({ said: text, ...rest })),
  z.strictObject({ content: rich, files }).transform(({ content, ...rest }) => ({ said: content, ...rest })),
]);

const CHANNELS = { message: 'chat_web', webchat: 'chat_web', sms: 'sms_main', email: 'email_care' } as const;

const REFUSALS = {
  ended: [409, 'the contact has ended'],
  'not-waiting': [409, 'the contact waits in no queue'],
  'no-such-agent': [404, 'no such agent'],
  'nobody-to-close': [409, 'neither an agent nor a script has the contact'],
} as const satisfies Record<ActRefusal, [number, string]>;

export function createCxoneControl(parts: ControlParts): ControlActs {
  const { contacts, digital, settings } = parts;
  const find = (id: string) => contacts.get(Number(id)) ?? digital.case(id)?.contact;
  return {
    createConversation(body) {
      const asked = createSchema.safeParse(body);
      if (!asked.success) return controlRefusal(400, 'not a conversation', asked.error.issues);
      return create(parts, asked.data);
    },
    viewConversation(id) {
      const contact = find(id);
      return contact === undefined ? unknown(id) : view(parts, contact);
    },
    viewsFrom: (caller) =>
      [...contacts.all()]
        .filter(({ from }) => from === caller)
        .map((contact) => twinView(contact, digital.caseOf(contact))),
    act(id, act, body) {
      const contact = find(id);
      return contact === undefined ? unknown(id) : carryOut(parts, contact, act, body ?? {});
    },
    further(id, word, body) {
      if (word !== 'say' && word !== 'transfer') return undefined;
      const contact = find(id);
      if (contact === undefined) return unknown(id);
      return word === 'say' ? say(parts, contact, body) : transfer(parts, contact, body);
    },
    addAgent: (body) => addAgent(parts, body),
    readSettings: () => ({ status: 200, body: shownSettings(settings) }),
    changeSettings: (body) => changeSettings(settings, body),
    replaces(only) {
      const moved = [...contacts.all()].filter(
        ({ id, moves }) => moves > 0 && (only === undefined || only === String(id)),
      );
      return Object.fromEntries(moved.map(({ id, moves }) => [String(id), moves]));
    },
    reset() {
      parts.onReset();
      contacts.reset();
      digital.clear();
      parts.access.clearQuotas();
    },
  };
}

function view({ digital }: ControlParts, contact: Contact): TwinResponse {
  return { status: 200, body: twinView(contact, digital.caseOf(contact)) };
}

function carryOut(parts: ControlParts, contact: Contact, act: ConversationAct, body: unknown): TwinResponse {
  const { contacts } = parts;
  const shown = (refusal: ActRefusal | undefined): TwinResponse => {
    if (refusal === undefined) return view(parts, contact);
    const [status, words] = REFUSALS[refusal];
    return controlRefusal(status, words);
  };
  switch (act) {
    case 'hangup':
      return shown(contacts.hangUp(contact));
    case 'close':
      return shown(contacts.close(contact));
    case 'answer': {
      const asked = answerSchema.safeParse(body);
      if (!asked.success) return controlRefusal(400, 'takes {agentId?}', asked.error.issues);
      return shown(contacts.answer(contact, asked.data.agentId));
    }
    case 'wrapup': {
      const asked = wrapupSchema.safeParse(body);
      if (!asked.success) return controlRefusal(400, 'takes {code, notes?}', asked.error.issues);
      if (contact.agent === undefined) return controlRefusal(409, 'no agent had the contact yet');
      const { code, notes } = asked.data;
      contact.disposition = { dispositionCode: code, ...(notes === undefined ? {} : { notes }) };
      contacts.floor.touch(contact);
      return view(parts, contact);
    }
  }
}

/** The agent who has the case writes to the customer. */
function say(parts: ControlParts, contact: Contact, body: unknown): TwinResponse {
  const asked = saySchema.safeParse(body);
  if (!asked.success) return controlRefusal(400, 'takes {text, files?} or {content, files?}', asked.error.issues);
  const of = parts.digital.caseOf(contact);
  const written = of === undefined ? undefined : parts.digital.write(of, asked.data.said, asked.data.files);
  return written === undefined ? controlRefusal(409, 'no agent has a case here') : view(parts, contact);
}

/** The script that has the caller transfers them to a number by itself. */
function transfer(parts: ControlParts, contact: Contact, body: unknown): TwinResponse {
  const asked = transferSchema.safeParse(body);
  if (!asked.success) return controlRefusal(400, 'takes {to, uui?, action?}', asked.error.issues);
  const { to, uui = '', action } = asked.data;
  const blind = action === 'BLINDXFER';
  const taken = parts.contacts.studio.transfer(contact, { number: to, token: uui, blind });
  return taken ? view(parts, contact) : controlRefusal(409, 'no script has a call here');
}

function addAgent({ contacts, tenant }: ControlParts, body: unknown): TwinResponse {
  const asked = newAgentSchema.safeParse(body);
  if (!asked.success) return controlRefusal(400, 'not an agent', asked.error.issues);
  const { name, queues, answers, afterMs, talks = false } = asked.data;
  const missing = queues.filter((each) => tenant.skillsCalled(each).length === 0);
  if (missing.length > 0) return controlRefusal(400, `no such skill: ${missing.join(', ')}`);
  const skillIds = new Set(queues.flatMap((each) => tenant.skillsCalled(each).map(({ id }) => id)));
  const agent = contacts.addAgent({ name, skillIds, answers, afterMs, talks });
  return { status: 201, body: { agentId: String(agent.id), userId: agent.userId, name, queues, answers, afterMs } };
}

function create(parts: ControlParts, asked: Asked): TwinResponse {
  const media = asked.channel === 'voice' || asked.channel === 'callback' ? 'voice' : 'digital';
  const skill =
    asked.queue === undefined ? undefined : parts.tenant.skillsCalled(asked.queue).find((each) => each.media === media);
  if (asked.queue !== undefined && skill === undefined) return controlRefusal(400, `no such skill: ${asked.queue}`);
  const contact = media === 'voice' ? callIn(parts, asked, skill) : writeIn(parts, asked, skill);
  if (contact === undefined) return controlRefusal(400, `no such channel: ${asked.to}`);
  const { state, holder, contactId, contactNumber } = twinView(contact, parts.digital.caseOf(contact));
  const participants = { customer: contactId, ...(holder === 'none' ? {} : { [holder]: contactId }) };
  return { status: 201, body: { contactId, contactNumber, participants, state } };
}

/** The number says which script plays; without one, a bot's, or the queue's where a queue is named. */
function callIn({ contacts, tenant }: ControlParts, asked: Asked, skill: Skill | undefined): Contact {
  const callback = asked.channel === 'callback';
  const bot = asked.flow === 'bot' || (skill === undefined && !callback);
  const to = asked.to ?? (bot ? BOT_NUMBER : QUEUE_NUMBER);
  const point = tenant.pointOfContact(to) ?? tenant.pointOfContact(bot ? BOT_NUMBER : QUEUE_NUMBER);
  const script = asked.flow === 'bot' ? 'Throughline_Bot' : callback ? 'Throughline_Queue' : point?.script;
  return contacts.create({
    media: 'voice',
    from: asked.from,
    to: callback ? '' : to,
    script: script ?? 'Throughline_Bot',
    defaultSkill: skill ?? (point as NonNullable<typeof point>).defaultSkill,
    pointOfContact: point,
    token: asked.uui,
    variables: asked.attributes ?? {},
    start: { skill },
  });
}

function writeIn(
  { digital, tenant, random }: ControlParts,
  asked: Asked,
  skill: Skill | undefined,
): Contact | undefined {
  const channel: Channel | undefined = tenant.channel(asked.to ?? CHANNELS[asked.channel as keyof typeof CHANNELS]);
  if (channel === undefined) return undefined;
  const { of } = digital.receive(channel, {
    idOnExternalPlatform: drawUuid(random),
    direction: 'inbound',
    content: { type: 'TEXT', payload: { text: asked.text ?? 'Hello' } },
    thread: { idOnExternalPlatform: asked.from, name: asked.from },
    identity: { idOnExternalPlatform: asked.from, firstName: asked.from, lastName: '' },
    customFields: {},
    skill,
    bot: asked.flow === 'bot' || skill === undefined,
  });
  Object.assign(of.contact.variables, asked.attributes);
  return of.contact;
}

function unknown(id: string): TwinResponse {
  return controlRefusal(404, `no contact ${id}`);
}
