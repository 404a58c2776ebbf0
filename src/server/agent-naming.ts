// Owns that a customer is told who has them where the people's platform says it only when it is asked: once per agent and conversation, on the
// node that has the customer. Nobody waits for it, and where it cannot be had the agent stays without a name.

import type { AgentId, PlatformName } from '../ids.ts';
import type { Runner } from '../journal/runner.ts';
import { type Chat, isNamed } from '../protocols/chat.ts';
import type { Interaction } from '../protocols/interaction.ts';

/** Null where the platform does not say. Rejects never. */
export type NameOf = (platform: PlatformName, agentId: AgentId) => Promise<string | null>;

export class AgentNaming {
  readonly #runner: Pick<Runner, 'submit'>;
  readonly #nameOf: NameOf;
  readonly #onError: (error: unknown) => void;
  readonly #asking = new Set<string>();

  constructor(runner: Pick<Runner, 'submit'>, nameOf: NameOf, onError: (error: unknown) => void) {
    this.#runner = runner;
    this.#nameOf = nameOf;
    this.#onError = onError;
  }

  /** The conversation as it stands now. */
  see({ id, holder }: Interaction, { desk }: Chat): void {
    const agentId = holder.kind === 'agent' ? holder.agentId : undefined;
    if (!desk || agentId === undefined || isNamed(desk, agentId)) return;
    const asked = `${desk.far} ${agentId}`;
    if (this.#asking.has(asked)) return;
    this.#asking.add(asked);
    const { platform, far } = desk;
    void this.#nameOf(platform, agentId)
      .then(async (name) => {
        if (name === null) return;
        const input = { kind: 'name-agent', actor: `platform:${platform}`, platform, far, agentId, name } as const;
        await this.#runner.submit(id, input);
      })
      .catch(this.#onError)
      .finally(() => this.#asking.delete(asked));
  }
}
