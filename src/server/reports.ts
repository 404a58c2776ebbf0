// Owns the report of journeys over HTTP: one row per interaction as JSON pages or as one CSV, and what the rows come to together. Read page by
// page, so that a month of contacts takes no more memory than a page; nothing in it is personal.

import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { Instant, InteractionId } from '../ids.ts';
import { unavailable } from '../journal/journal-unavailable.ts';
import { needs } from './auth.ts';
import { json, problems } from './describing.ts';
import { type JourneyRow, journeyRow } from './journey-row.ts';
import { addRow, type JourneyTotals, noTotals } from './journey-totals.ts';
import type { ServerEnv, ServerParts } from './parts.ts';
import { rfc3339, time } from './rfc3339.ts';

const tags = ['Reports'];
const middleware = [needs('reports')];
const DEFAULT_PAGE = 100;
const LARGEST_PAGE = 500;
const LONGEST_RANGE_MS = 93 * 24 * 3_600_000;

const range = {
  from: time.openapi({ description: 'Begun at this time or later.' }),
  to: time.openapi({ description: 'Begun before this time; three months after `from` at most.' }),
};
type Asked = { readonly from: string; readonly to: string };

function isInOrder({ from, to }: Asked): boolean {
  const length = Date.parse(to) - Date.parse(from);
  return length > 0 && length <= LONGEST_RANGE_MS;
}

const OUT_OF_ORDER = { path: ['to'], message: 'must be after from, by three months at most' };

const rowView = z
  .object({
    id: z.string(),
    openedAt: time,
    endedAt: time.nullable(),
    direction: z.string().nullable(),
    intent: z.string().nullable(),
    segment: z.string().nullable(),
    channels: z.array(z.string()),
    platforms: z.array(z.string()),
    conversations: z.number().int(),
    contacts: z.number().int().openapi({ description: 'Conversations that the customer began by themselves.' }),
    botSec: z.number(),
    queueSec: z.number(),
    agentSec: z.number().openapi({ description: 'Handle time, counted once over all conversations.' }),
    agents: z.number().int(),
    handoffs: z.array(
      z.object({
        kind: z.string(),
        outcome: z.string(),
        reason: z.string().nullable(),
        durationMs: z.number(),
      }),
    ),
    deflection: z
      .object({
        sent: z.boolean(),
        delivered: z.boolean(),
        opened: z.boolean(),
        claimed: z.boolean(),
        resolved: z.boolean(),
      })
      .nullable(),
    firstContactResolved: z.boolean().nullable(),
    contextCompleteness: z.number().nullable(),
    wrapup: z.string().nullable(),
    surveyScore: z.number().nullable(),
  })
  .openapi('JourneyRow', { description: 'One customer episode; docs/reports.md defines every figure.' });

const pageView = z.object({ entities: z.array(rowView), cursor: z.string().nullable() }).openapi('JourneyReport');

const journeysRoute = createRoute({
  method: 'get',
  path: '/v1/reports/journeys',
  summary: 'One row per interaction, newest first',
  description: 'With `Accept: text/csv` all of the range in one file; else pages of JSON.',
  tags,
  middleware,
  request: {
    query: z
      .strictObject({
        ...range,
        cursor: z.uuid().optional().openapi({ description: 'From the page before.' }),
        limit: z.coerce.number().int().min(1).max(LARGEST_PAGE).default(DEFAULT_PAGE),
        format: z.enum(['json', 'csv']).optional().openapi({ description: 'For who cannot say `Accept`.' }),
      })
      .refine(isInOrder, OUT_OF_ORDER),
  },
  responses: {
    200: {
      description: 'A page, or the whole as CSV',
      content: { 'application/json': { schema: pageView }, 'text/csv': { schema: z.string() } },
    },
    ...problems,
  },
});

const totalsView = z
  .object({
    interactions: z.number().int(),
    ended: z.number().int(),
    paths: z.record(z.string(), z.number()),
    averageHandleSec: z.number().nullable(),
    averageQueueSec: z.number().nullable(),
    firstContactResolution: z.number().nullable(),
    funnel: z.record(z.string(), z.number()),
    handoffs: z.record(z.string(), z.record(z.string(), z.number())),
    reasons: z.record(z.string(), z.number()),
    contextCompleteness: z.number().nullable(),
    averageSurveyScore: z.number().nullable(),
  })
  .openapi('JourneyTotals');

const totalsRoute = createRoute({
  method: 'get',
  path: '/v1/reports/journeys/totals',
  summary: 'What the rows come to together',
  tags,
  middleware,
  request: { query: z.strictObject(range).refine(isInOrder, OUT_OF_ORDER) },
  responses: { 200: json('The totals', totalsView), ...problems },
});

export function reportRoutes(parts: ServerParts): OpenAPIHono<ServerEnv> {
  const app = new OpenAPIHono<ServerEnv>();

  app.openapi(journeysRoute, async (c) => {
    const { from, to, cursor, limit, format } = c.req.valid('query');
    const asked = { from: Date.parse(from), to: Date.parse(to) };
    if (format === 'csv' || (format === undefined && wantsCsv(c))) return csvAnswer(parts, asked);
    const { rows, next } = await pageOf(parts, { ...asked, limit, ...(cursor !== undefined && { before: cursor }) });
    return c.json({ entities: rows.map(viewOf), cursor: next }, 200);
  });

  app.openapi(totalsRoute, async (c) => {
    const { from, to } = c.req.valid('query');
    const totals = noTotals();
    for await (const rows of pages(parts, { from: Date.parse(from), to: Date.parse(to) }))
      for (const row of rows) addRow(totals, row);
    return c.json(viewOfTotals(totals), 200);
  });
  return app;
}

function wantsCsv(c: Context<ServerEnv>): boolean {
  const accepted = (c.req.header('accept') ?? '').split(',').map((one) => one.split(';')[0]?.trim());
  return accepted.includes('text/csv') && !accepted.includes('application/json');
}

type Range = { readonly from: Instant; readonly to: Instant };
type Page = Range & { readonly limit: number; readonly before?: string };

async function pageOf(
  { journal, clock }: ServerParts,
  { from, to, limit, before }: Page,
): Promise<{ readonly rows: readonly JourneyRow[]; readonly next: string | null }> {
  const listed = await journal.list({ since: from, until: to, limit, ...(before !== undefined && { before }) });
  const rows: JourneyRow[] = [];
  // One after the other: a page of histories at once would be the very memory that pages save.
  for (const one of listed) {
    const history = await journal.store.history(one.id as InteractionId).catch(unavailable);
    const row = journeyRow(one, history, clock.now());
    if (row) rows.push(row);
  }
  return { rows, next: listed.length < limit ? null : (listed.at(-1)?.id ?? null) };
}

async function* pages(parts: ServerParts, range: Range): AsyncGenerator<readonly JourneyRow[]> {
  let before: string | null | undefined;
  while (before !== null) {
    const page = await pageOf(parts, { ...range, limit: LARGEST_PAGE, ...(before !== undefined && { before }) });
    yield page.rows;
    before = page.next;
  }
}

function viewOf({ openedAt, endedAt, botMs, queueMs, agentMs, ...row }: JourneyRow): z.infer<typeof rowView> {
  return {
    ...row,
    channels: [...row.channels],
    platforms: [...row.platforms],
    handoffs: [...row.handoffs],
    openedAt: rfc3339(openedAt),
    endedAt: endedAt === null ? null : rfc3339(endedAt),
    botSec: seconds(botMs),
    queueSec: seconds(queueMs),
    agentSec: seconds(agentMs),
  };
}

function viewOfTotals(totals: JourneyTotals): z.infer<typeof totalsView> {
  const { interactions, ended, paths, handled, funnel, handoffs, reasons } = totals;
  const average = (sum: number, of: number) => (of === 0 ? null : sum / of);
  const averageSec = (ms: number, of: number) => (of === 0 ? null : seconds(ms / of));
  return {
    interactions,
    ended,
    paths,
    averageHandleSec: averageSec(totals.agentMs, handled),
    averageQueueSec: averageSec(totals.queueMs, interactions),
    firstContactResolution: average(totals.firstContactResolved, ended),
    funnel,
    handoffs,
    reasons,
    contextCompleteness: average(totals.contextSum, totals.contextCount),
    averageSurveyScore: average(totals.surveySum, totals.surveyCount),
  };
}

function seconds(ms: number): number {
  return Math.round(ms) / 1_000;
}

const COLUMNS = [
  'id',
  'opened_at',
  'ended_at',
  'direction',
  'intent',
  'segment',
  'channels',
  'platforms',
  'conversations',
  'contacts',
  'bot_sec',
  'queue_sec',
  'agent_sec',
  'agents',
  'handoffs',
  'sms_sent',
  'sms_delivered',
  'link_opened',
  'link_claimed',
  'deflection_resolved',
  'first_contact_resolved',
  'context_completeness',
  'wrapup',
  'survey_score',
] as const;

/** RFC 4180. Told page by page as it is read. */
function csvAnswer(parts: ServerParts, range: Range): Response {
  const source = pages(parts, range);
  const utf8 = new TextEncoder();
  let begun = false;
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      if (!begun) {
        begun = true;
        controller.enqueue(utf8.encode(lineOf(COLUMNS)));
      }
      const { done, value } = await source.next();
      if (done) controller.close();
      else controller.enqueue(utf8.encode(value.map((row) => lineOf(cellsOf(row))).join('')));
    },
    async cancel() {
      await source.return(undefined);
    },
  });
  return new Response(body, {
    headers: {
      'content-type': 'text/csv; charset=utf-8; header=present',
      'content-disposition': 'attachment; filename="journeys.csv"',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    },
  });
}

function cellsOf(row: JourneyRow): readonly unknown[] {
  const { openedAt, endedAt, handoffs, deflection } = row;
  return [
    row.id,
    rfc3339(openedAt),
    endedAt === null ? null : rfc3339(endedAt),
    row.direction,
    row.intent,
    row.segment,
    row.channels.join('>'),
    row.platforms.join('>'),
    row.conversations,
    row.contacts,
    seconds(row.botMs),
    seconds(row.queueMs),
    seconds(row.agentMs),
    row.agents,
    handoffs
      .map(({ kind, outcome, reason }) => [kind, outcome, ...(reason === null ? [] : [reason])].join(':'))
      .join(' '),
    deflection?.sent,
    deflection?.delivered,
    deflection?.opened,
    deflection?.claimed,
    deflection?.resolved,
    row.firstContactResolved,
    row.contextCompleteness,
    row.wrapup,
    row.surveyScore,
  ];
}

function lineOf(cells: readonly unknown[]): string {
  return `${cells.map(cellOf).join(',')}\r\n`;
}

function cellOf(value: unknown): string {
  const text = value === null || value === undefined ? '' : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
