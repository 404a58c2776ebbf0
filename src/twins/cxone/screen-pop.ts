// Owns what the twin's scripts do at ONANSWER for the agent's eyes: they ask for the page and pop it (POPURL), and nobody waits for that.

import type { Clock } from '../../clock.ts';
import type { CallRest, RestTarget } from '../rest-action.ts';
import type { Contact } from './contact.ts';
import type { Agent } from './tenant.ts';

export type ScreenPopParts = {
  readonly clock: Clock;
  readonly callRest: CallRest;
  /** Whom to ask: the base URL, `/v1/flows/card` follows; absent where nothing is popped. */
  readonly card: () => RestTarget | undefined;
};

/** The agent talks already. */
const TIMEOUT_MS = 3_000;
const LARGEST_REPLY_BYTES = 32_768;

/** Popped only where the agent still has the contact. `number` is how the contact is called elsewhere: a case by its own. */
export async function popCard(
  { clock, callRest, card }: ScreenPopParts,
  { contact, agent, number }: { readonly contact: Contact; readonly agent: Agent; readonly number: string },
): Promise<void> {
  const target = card();
  if (target === undefined || contact.media === 'work-item') return;
  const names = { conversationId: number, masterId: String(contact.masterId), agentId: String(agent.id) };
  const reply = await callRest({
    url: `${target.url}/v1/flows/card`,
    headers: target.headers,
    body: { platform: 'nice_cxone', ...names },
    timeoutMs: TIMEOUT_MS,
    largestReplyBytes: LARGEST_REPLY_BYTES,
  });
  const { found = '', cardUrl = '' } = reply.kind === 'reply' ? reply.fields : {};
  const stillHas = contact.state.kind === 'active' && contact.state.agent === agent;
  if (found === 'true' && cardUrl !== '' && stillHas) contact.popped.push({ at: clock.now(), agent, url: cardUrl });
}
