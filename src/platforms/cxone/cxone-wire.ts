// Owns the wire types of exactly what we use of NICE CXone (ACD APIs v30, Digital Engagement 3.0, the two discovery documents), and
// nothing else of it: what is not listed here is dropped as it is read, most of it personal. Tolerant where the published
// descriptions and what is served differ: ids come as numbers or texts, names begin with small or capital letters.

import { z } from 'zod';

const text = z.string().nullish();
/** An id: a number at the ACD, a text elsewhere. Zero and less mean nobody. */
const ident = z.union([z.string(), z.number()]).nullish().transform(toIdent);
const flag = z.boolean().nullish();
const count = z.number().nullish();
/** A time, or a number where a description says so. */
const time = z.union([z.string(), z.number()]).nullish();
/** A word that one of the two shapes of a contact describes as a number. */
const word = z.union([z.string(), z.number()]).nullish();

/** Names with a capital letter first are read as the same with a small one. */
const anyCase = <Schema extends z.ZodType>(schema: Schema) => z.preprocess(withSmallNames, schema);

const contact = z.object({
  contactId: ident,
  masterContactId: ident,
  agentId: ident,
  skillId: ident,
  stateName: text,
  contactStateName: text,
  contactStateCategory: text,
  isActive: flag,
  endReason: word,
  totalDurationSeconds: count,
  transferIndicatorName: word,
  contactStartDate: time,
  startDate: time,
  lastUpdateTime: time,
});
export type WireContact = z.output<typeof contact>;

/**
 * `GET …/contacts/{contactId}`: active or completed, the record flat or, as the published description has it, one level down under
 * a property that is called `contactId`.
 */
export const wireContact = z.preprocess(
  (value) => recordIn(withSmallNames(value)),
  contact.refine((one) => one.contactId !== undefined, { path: ['contactId'] }),
);

/** `GET …/contacts/active` */
export const wireActiveContacts = anyCase(
  z.object({ activeContacts: z.array(anyCase(contact.extend({ fromAddress: text }))).nullish() }),
);

/** `POST …/scripts/start`, and whatever else answers with the contact that it has made. */
export const wireStarted = z.object({ contactId: ident });

/** `GET …/contacts/{contactId}/hierarchy` */
export const wireHierarchy = anyCase(
  z.object({
    masterContactId: ident,
    childContacts: z.array(z.object({ contactId: ident, startTime: time, endTime: time })).nullish(),
  }),
);
export type WireHierarchy = z.output<typeof wireHierarchy>;

/** `GET …/contacts/{contactId}/custom-data` */
export const wireCustomData = anyCase(
  z.object({ contactCustomData: z.array(z.object({ name: text, value: text })).nullish() }),
);

/** `GET …/contacts/states` */
export const wireContactStates = anyCase(z.object({ lastPollTime: text, contactStates: z.array(contact).nullish() }));

const agentState = z.object({
  agentId: ident,
  agentStateName: text,
  contactId: ident,
  isACW: flag,
  openContacts: count,
  outStateId: ident,
  skillId: ident,
  startDate: time,
});
export type WireAgentState = z.output<typeof agentState>;

/** `GET …/agents/states` and `GET …/agents/{agentId}/states` */
export const wireAgentStates = anyCase(z.object({ lastPollTime: text, agentStates: z.array(agentState).nullish() }));

/** `GET …/skills` */
export const wireSkills = anyCase(
  z.object({
    totalRecords: count,
    skills: z
      .array(z.object({ skillId: ident, skillName: text, isActive: flag, mediaTypeName: text, routingQueueId: ident }))
      .nullish(),
  }),
);
export type WireSkills = z.output<typeof wireSkills>;

/** `GET …/skills/{skillId}/activity` */
export const wireSkillActivity = anyCase(
  z.object({
    skillActivity: z.array(z.object({ agentsLoggedIn: count, agentsAvailable: count, agentsWorking: count })).nullish(),
  }),
);

/** `POST …/interactions/{contactId}/signal`: the first says what is asked, the others are its arguments. */
export type WireSignal = Readonly<Record<`p${1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9}`, string>>;

/** `POST …/agent-sessions/join` */
export const wireSession = anyCase(z.object({ sessionId: z.string().min(1) }));

/** `POST …/agent-sessions/{sessionId}/dial-phone` */
export type WireDialPhone = {
  readonly phoneNumber: string;
  readonly parentContactId: number;
  readonly skillId?: number;
};

/** `GET …/dfo/3.0/contacts/{contactNumber}` */
export const wireCase = z.object({
  id: ident,
  contactId: ident,
  status: text,
  routingQueueId: ident,
  inboxAssigneeUser: z.object({ id: ident, incontactId: ident, isBotUser: flag }).nullish(),
});
export type WireCase = z.output<typeof wireCase>;

/** `PUT …/dfo/3.0/contacts/{contactNumber}/custom-fields` takes a list of these. */
export type WireCustomField = { readonly ident: string; readonly value: string };

/** `PUT …/dfo/3.0/contacts/{contactNumber}/routing-queue` */
export type WireRoutingQueue = { readonly skillId: number };

/** `PUT …/dfo/3.0/contacts/{contactNumber}/status` */
export type WireCaseStatus = { readonly status: 'closed' };

/** `GET /.well-known/openid-configuration` */
export const wireOpenId = z.object({ token_endpoint: z.url({ protocol: /^https?$/ }) });

/** `GET /.well-known/cxone-configuration?tenantId=` */
export const wireTenant = z.object({
  api_endpoint: z.url({ protocol: /^https?$/ }),
  area: text,
  domain: text,
});

/** `POST {token_endpoint}` and `POST …/authentication/v1/token/access-key` */
export const wireGrant = z.object({
  access_token: z.string().min(1),
  expires_in: z.coerce.number().positive(),
  id_token: text,
});

/** What the tokens say of the tenant. */
export const wireClaims = z.object({ tenantId: text });

/** What a refusal carries: the ACD's two spellings, and the list of the digital side. */
export const wireErrorBody = z.object({
  error: z.unknown().optional(),
  error_description: text,
  errorDescription: text,
  message: text,
  errors: z.array(z.object({ message: text, errorCode: word })).nullish(),
  uid: text,
});

function toIdent(value: string | number | null | undefined): string | undefined {
  if (value == null || value === '' || (Number.isFinite(Number(value)) && Number(value) <= 0)) return undefined;
  return String(value);
}

function recordIn(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('contactId' in value)) return value;
  return typeof value.contactId === 'object' ? value.contactId : value;
}

/** Two levels and the lists in them are all that there is. */
function withSmallNames(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withSmallNames);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [name.slice(0, 1).toLowerCase() + name.slice(1), withSmallNames(one)]),
  );
}
