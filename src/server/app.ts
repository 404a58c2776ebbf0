// Owns the assembly: which routes there are, what every request passes through, and what a caller is told when it goes wrong.
// An unexpected error is told as no more than its code; the error itself goes to the log.

import { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { methodNotAllowed } from 'hono/method-not-allowed';
import { JournalUnavailable } from '../journal/journal-unavailable.ts';
import { assetRoutes } from './assets.ts';
import { auditRoutes } from './audit.ts';
import { authenticated } from './auth.ts';
import { botTurnRoutes } from './bot-turns.ts';
import { cardRoutes } from './card.ts';
import { cardBriefingRoutes } from './card-briefing.ts';
import { cardNeighbours } from './card-neighbours.ts';
import { CardSessions } from './card-sessions.ts';
import { chatRoutes } from './chat.ts';
import { chatFileRoutes } from './chat-file-routes.ts';
import type { ServedChat } from './chat-parts.ts';
import { claimRoutes } from './claims.ts';
import { consoleRoutes } from './console.ts';
import { ConsoleSessions } from './console-sessions.ts';
import { deadLetterRoutes } from './dead-letters.ts';
import { deskHookRoutes } from './desk-hooks.ts';
import { erasureRoutes } from './erasures.ts';
import { faultsIn } from './faults.ts';
import { flowAttributeRoutes } from './flow-attributes.ts';
import { flowCardRoutes } from './flow-card.ts';
import { flowCloseRoutes } from './flow-close.ts';
import { flowDeflectionRoutes } from './flow-deflection.ts';
import { flowEscalationRoutes } from './flow-escalation.ts';
import { flowRedemptionRoutes } from './flow-redemption.ts';
import { flowStatusRoutes } from './flow-status.ts';
import { flowTransferRoutes } from './flow-transfer.ts';
import { handoffRoutes } from './handoffs.ts';
import { healthRoutes } from './health.ts';
import { historyRoutes } from './history.ts';
import { hookRoutes } from './hooks.ts';
import { interactionChangeRoutes } from './interaction-changes.ts';
import { interactionRoutes } from './interactions.ts';
import { Keys } from './keys.ts';
import { legRoutes } from './legs.ts';
import { manifestRoutes } from './manifests.ts';
import { countAnswers, Metrics, metricsRoutes } from './metrics.ts';
import { describeApi } from './openapi.ts';
import { pageRoutes } from './pages.ts';
import type { ServerEnv, ServerParts } from './parts.ts';
import { platformReadings } from './platform-readings.ts';
import { platformRoutes } from './platforms.ts';
import { Problem, problemResponse } from './problems.ts';
import { reportRoutes } from './reports.ts';
import { bodyAtMost, jsonInUtf8, refusedBodiesDiscarded } from './request-bodies.ts';
import { answerHeaders } from './security-headers.ts';
import { smsHookRoutes } from './sms-hooks.ts';
import { streamRoutes } from './stream.ts';
import { outage } from './taking.ts';
import { vconRoutes } from './vcon.ts';

const LARGEST_BODY_BYTES = 256 * 1024;

/** Everything that is served, as a fetch handler. Opens nothing and listens nowhere. Throws when a key's digest is malformed. */
import { WrongAttempts } from './wrong-attempts.ts';

export function buildServer(parts: ServerParts): OpenAPIHono<ServerEnv> {
  const metrics = new Metrics(parts.journal, [...platformReadings(parts.platforms), ...(parts.readings ?? [])]);
  const keys = new Keys(parts.keys);
  const sessions = new ConsoleSessions(parts, keys);
  const app = new OpenAPIHono<ServerEnv>({
    defaultHook: (result) => {
      if (!result.success) throw new Problem('invalid-request', { errors: faultsIn(result.error) });
    },
  });
  app.onError((error) => told(parts, error));
  app.notFound(() => problemResponse(new Problem('not-found')));
  app.use(countAnswers(metrics), answerHeaders(), refusedBodiesDiscarded());
  app.use(methodNotAllowed({ app, onMethodNotAllowed }));
  app.use('/v1/*', authenticated(keys, sessions), bodyAtMost(LARGEST_BODY_BYTES), jsonInUtf8());
  for (const path of ['/console/*', '/card/*']) app.use(path, bodyAtMost(LARGEST_BODY_BYTES), jsonInUtf8());

  const resources = [
    interactionRoutes,
    interactionChangeRoutes,
    legRoutes,
    historyRoutes,
    vconRoutes,
    handoffRoutes,
    manifestRoutes,
    flowEscalationRoutes,
    flowAttributeRoutes,
    flowRedemptionRoutes,
    flowCardRoutes,
    flowDeflectionRoutes,
    flowStatusRoutes,
    flowTransferRoutes,
    flowCloseRoutes,
    platformRoutes,
    deadLetterRoutes,
    auditRoutes,
    erasureRoutes,
    reportRoutes,
    streamRoutes,
    healthRoutes,
  ];
  for (const routes of resources) app.route('/', routes(parts));
  app.route('/', consoleRoutes(parts, { keys, sessions }));
  cardResources(app, parts);
  // Of the API and of the page together: who guesses links has twenty tries in all.
  const links = new WrongAttempts(parts.clock, {
    onShut: () => parts.log({ level: 'warn', code: 'claim-tokens-wrong' }),
  });
  app.route('/', claimRoutes(parts, links));
  if (parts.chat) chatResources(app, parts, parts.chat, links);
  app.route('/', metricsRoutes(keys, metrics));
  app.route('/', hookRoutes(parts));
  app.route('/', smsHookRoutes(parts));
  app.route('/', pageRoutes(describeApi(app, parts.version), parts));
  app.route('/', assetRoutes(cardNeighbours(parts.platforms)));
  return app;
}

function cardResources(app: OpenAPIHono<ServerEnv>, parts: ServerParts): void {
  const sessions = new CardSessions(parts);
  app.route('/', cardRoutes(parts, sessions));
  app.route('/', cardBriefingRoutes(parts, sessions));
}

function chatResources(app: OpenAPIHono<ServerEnv>, parts: ServerParts, chat: ServedChat, links: WrongAttempts): void {
  app.use('/c/session', bodyAtMost(LARGEST_BODY_BYTES), jsonInUtf8());
  app.route('/', chatRoutes(parts, chat, links));
  if (chat.files) app.route('/', chatFileRoutes(parts, chat.files));
  if (chat.desks) app.route('/', deskHookRoutes(parts, chat.anchor, chat.desks));
  app.route('/', botTurnRoutes(parts, chat));
}

function onMethodNotAllowed(_: Context, methods: readonly string[]): Response {
  return problemResponse(new Problem('method-not-allowed'), { allow: methods.join(', ') });
}

function told({ log, onError }: ServerParts, error: Error): Response {
  const problem = problemOf(error);
  if (problem.status >= 500) {
    log({ level: 'error', code: problem.code });
    if (problem.cause !== undefined) onError(problem.cause);
  }
  return problemResponse(problem);
}

/** The framework's own refusals in the registry's words; everything else that was thrown is a bug of ours. */
function problemOf(error: Error): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof JournalUnavailable) return outage(error);
  if (error instanceof HTTPException && error.status === 400) return new Problem('invalid-json', { cause: error });
  if (error instanceof HTTPException && error.status === 415) {
    return new Problem('unsupported-media-type', { cause: error });
  }
  return new Problem('internal-error', { cause: error });
}
