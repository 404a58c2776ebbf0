// Owns the flat call of a destination's entry: a call has come in, and whose is it? One level of JSON in and out, 200 whatever comes of it,
// an answer in under 3 seconds, since a caller waits in front of it. The same conversation gets the same answer as often as it asks; who
// comes late is still told where somebody answers; who is not recognised makes nothing. Keeps H7: one conversation redeems a reservation.

import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { CHANNELS } from '../context/conversation.ts';
import type { HandoffId, InteractionId, PlatformName } from '../ids.ts';
import { JournalUnavailable } from '../journal/journal-unavailable.ts';
import type { Rung } from '../protocols/event.ts';
import { findHandoff, type Interaction, isErased } from '../protocols/interaction.ts';
import { isSameLeg, type Leg } from '../protocols/move.ts';
import { phoneIn } from './ani.ts';
import { arrive, type Whose } from './arrival.ts';
import { actorOf, needs } from './auth.ts';
import { json, jsonBody, problems } from './describing.ts';
import { numberDialed } from './dialed-number.ts';
import { inTime } from './flow-patience.ts';
import type { FlowReason } from './flow-reasons.ts';
import { brandedLeg } from './opening.ts';
import type { ServerEnv, ServerParts } from './parts.ts';
import { Problem } from './problems.ts';
import { type RedemptionAnswer as Answer, redemptionOf, redemptionView } from './redemption-answer.ts';
import { clientAddress, ownOrigin } from './request-site.ts';
import { WrongAttempts } from './wrong-attempts.ts';

const UNKNOWN: FlowReason = 'reservation-not-recognised';
const STILL_LOOKING: FlowReason = 'still-looking';
const NOT_NOW: FlowReason = 'journal-unavailable';

/** A flow that does not know a value leaves it out or empty. */
const redeemInput = z.strictObject({
  platform: z.string().min(1).openapi({ example: 'nice_cxone' }),
  conversationId: z.string().min(1).max(256),
  channel: z.enum(CHANNELS).or(z.literal('')).optional().openapi({ description: '`voice` when it is not said.' }),
  token: z.string().max(256).optional().openapi({ description: 'From the call’s User-to-User or own header.' }),
  dnis: z.string().max(256).optional().openapi({ description: 'The number the call came in on.' }),
  ani: z.string().max(256).optional().openapi({ description: 'The number it came from.' }),
  reservationId: z.string().max(256).optional().openapi({ description: 'Where it came along with the call.' }),
});
type Redeem = z.infer<typeof redeemInput>;

const redeemRoute = createRoute({
  method: 'post',
  path: '/v1/flows/redeem',
  summary: 'Say whose a call is that has come in',
  description:
    'For the entry flow or script of a platform that transfers come to. Found by the token, else by the number that the call came in on, else by its caller; all values of the answer are strings, and those that are unknown are absent. `late`: the reservation’s time was over, so only the queue that takes such callers is named.',
  tags: ['Flows'],
  middleware: [needs('handoffs', 'claims')],
  request: { body: jsonBody(redeemInput) },
  responses: { 200: json('For the flow to branch on', redemptionView), ...problems },
});

export function flowRedemptionRoutes(parts: ServerParts): OpenAPIHono<ServerEnv> {
  const attempts = new WrongAttempts(parts.clock);
  const app = new OpenAPIHono<ServerEnv>();
  app.openapi(redeemRoute, async (c) => {
    const redemption = new Redemption(parts, attempts, c);
    const late: Answer = { found: 'false', reason: STILL_LOOKING };
    return c.json(await inTime(parts.clock, redemption.answer(c.req.valid('json')), late), 200);
  });
  return app;
}

/** By what a conversation was recognised, and whether that was too late for its reservation. */
type How = { readonly rung: Rung; readonly late?: boolean };

class Redemption {
  readonly #parts: ServerParts;
  readonly #attempts: WrongAttempts;
  readonly #actor: string;
  readonly #address: string;
  readonly #origin: string;

  constructor(parts: ServerParts, attempts: WrongAttempts, c: Context<ServerEnv>) {
    this.#parts = parts;
    this.#attempts = attempts;
    this.#actor = actorOf(c);
    this.#address = clientAddress(c, parts);
    this.#origin = ownOrigin(c, parts);
  }

  /** What a caller cannot be helped with is an answer as well: the flow must go on. */
  async answer(asked: Redeem): Promise<Answer> {
    try {
      return await this.#redeemed(asked);
    } catch (error) {
      if (error instanceof JournalUnavailable) return { found: 'false', reason: NOT_NOW };
      if (error instanceof Problem) return { found: 'false', reason: error.code };
      throw error;
    }
  }

  async #redeemed(asked: Redeem): Promise<Answer> {
    const { platform, conversationId: externalId } = asked;
    if (!this.#parts.platforms.some(({ name }) => name === platform)) throw new Problem('unknown-platform');
    const leg = brandedLeg({ platform, externalId, channel: asked.channel || 'voice' });
    const before = await this.#before(leg);
    if (before) return before;
    const recognised = await this.#recognise(asked);
    if (!recognised) return { found: 'false', reason: UNKNOWN };
    const { handoffId } = recognised;
    const { state, events } = await arrive(this.#parts, recognised, leg, this.#actor);
    const redeemed = events.find((event) => event.type === 'ReservationRedeemed');
    if (redeemed?.type === 'ReservationRedeemed') return this.#found(state, handoffId, leg, redeemed);
    // Another call of the same conversation was first.
    return (await this.#before(leg)) ?? { found: 'false', reason: UNKNOWN };
  }

  /** The answer that this conversation had before. */
  async #before(leg: Leg): Promise<Answer | undefined> {
    const { journal, runner } = this.#parts;
    const owner = await journal.ownerOf(leg);
    const known = owner && (await runner.read(owner));
    if (!known || isErased(known.state)) return undefined;
    const { state } = known;
    const all = [...state.settled, ...(state.move ? [state.move] : [])];
    const handoff = all.findLast((one) => one.kind === 'transfer' && one.arrived && isSameLeg(one.arrived, leg));
    return handoff && this.#found(state, handoff.id, leg, await this.#howBefore(state.id, handoff.id));
  }

  async #howBefore(id: InteractionId, handoffId: HandoffId): Promise<How> {
    const history = (await this.#parts.journal.history(id)) ?? [];
    const redeemed = history.findLast(
      ({ type, clear }) => type === 'ReservationRedeemed' && JSON.parse(clear).handoffId === handoffId,
    );
    return redeemed ? JSON.parse(redeemed.clear) : { rung: 'caller', late: true };
  }

  async #found(state: Interaction, handoffId: HandoffId, leg: Leg, { rung, late }: How): Promise<Answer> {
    const handoff = findHandoff(state, handoffId);
    if (handoff?.kind !== 'transfer') return { found: 'false', reason: UNKNOWN };
    const served = this.#parts.platforms.find(({ name }) => name === leg.platform);
    const queues = async () => {
      const answer = await served?.queues();
      return answer?.kind === 'done' ? answer.value : [];
    };
    return redemptionOf({ state, handoff, leg, rung, late: late === true, origin: this.#origin, queues });
  }

  async #recognise(asked: Redeem): Promise<Whose | null> {
    const { entries, transfers } = this.#parts;
    const platform = asked.platform as PlatformName;
    const token = this.#mayTryToken(asked) ? asked.token : undefined;
    const dnis = asked.dnis && numberDialed(asked.dnis, transfers.policy.sites[platform]?.entryNumbers ?? []);
    const ani = asked.ani && phoneIn(asked.ani);
    const { reservationId } = asked;
    const found = await entries.find({
      platform,
      ...(reservationId && { reservationId }),
      ...(token && { token }),
      ...(dnis && { dnis }),
      ...(ani && { ani }),
    });
    const isSure = found?.rung === 'token' || found?.rung === 'reservation';
    if (token && !isSure) this.#attempts.note(this.#address);
    return isSure ? found : ((await this.#byReservation(asked)) ?? found);
  }

  /** Who guesses tokens gets none looked up any more; a caller who is behind the same address is still found by the number. */
  #mayTryToken({ token, platform }: Redeem): boolean {
    if (!token) return false;
    try {
      this.#attempts.mayTry(this.#address);
      return true;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      this.#parts.log({ level: 'warn', code: 'redeem-tokens-wrong', detail: `${platform}: by ${this.#actor}` });
      return false;
    }
  }

  /** Where the call carried the id of a reservation of ours: of which it is, stands in it. */
  async #byReservation({ platform, reservationId }: Redeem): Promise<Whose | null> {
    if (!reservationId) return null;
    const interactionId = reservationId.replace(/\.\d+$/, '') as InteractionId;
    const known = await this.#parts.runner.read(interactionId);
    const move = known && !isErased(known.state) ? known.state.move : null;
    if (move?.kind !== 'transfer' || move.terms.to !== platform || !('reservation' in move.progress)) return null;
    return move.progress.reservation.id === reservationId
      ? { interactionId, handoffId: move.id, rung: 'reservation' }
      : null;
  }
}
