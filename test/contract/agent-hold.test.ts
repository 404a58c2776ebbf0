// The hold of an agent from the machine's command to the vendor's presence and back: what is decided, through the executor and the
// Genesys adapter, against the twin.

import { expect, it } from 'vitest';
import { executor } from '../../src/execute.ts';
import type { AgentId, PlatformName } from '../../src/ids.ts';
import { genesysPlatform } from '../../src/platforms/genesys/genesys-platform.ts';
import { createGenesysTwin } from '../../src/twins/genesys/genesys-twin.ts';
import { DEMO_CLIENT } from '../../src/twins/genesys/organisation.ts';
import { entered, joined, POLICY, participant, QUEUE, Story } from '../protocols/story.ts';
import { manualClock } from './manual-clock.ts';
import { NO_ENTRIES, NOBODY } from './no-entries.ts';

const NAME = 'genesys_cloud' as PlatformName;
const URL = 'http://genesys.twin';

async function stage() {
  const clock = manualClock();
  const twin = createGenesysTwin({ clock });
  const platform = genesysPlatform({
    name: NAME,
    loginUrl: URL,
    apiUrl: URL,
    ...DEMO_CLIENT,
    clock,
    rateLimitPerMinute: 300,
    limits: { attributeValueBytes: 256, attributeCount: 50 },
    settleMs: 0,
    fetch: (url, init) => twin.fetch(url, init),
  });
  const agent = twin.conversations.addAgent({ name: 'Sam', queueIds: new Set(), answers: 'manual', afterMs: 0 });
  const presences = new Map(twin.organisation.presences.map(({ name, id }) => [name, id]));
  const execute = executor({
    platforms: new Map([[NAME, platform]]),
    entries: NO_ENTRIES,
    now: () => 0,
    alert: NOBODY,
  });

  const story = Story.at('transferring', {
    policy: {
      ...POLICY,
      platforms: {
        [NAME]: {
          limits: { attributeValueBytes: 256, attributeCount: 50 },
          settleMs: 0,
          agentHold: { holdMs: 3_000, presence: presences.get('Busy') ?? '' },
        },
      },
    },
  });
  story.done('TransferToQueue', null);
  story.tell(entered());
  story.tell(joined('p-agent', agent.id));
  const answeredBy = agent.id as AgentId;
  story.tell({ kind: 'queue-left', participantId: participant('p-queue'), queueId: QUEUE.id, answeredBy });

  return {
    story,
    chosen: () => agent.presence.definition.name,
    /** As the agent does on their desktop. */
    choose: async (name: string) => {
      await clock.advance(1_000);
      const definition = twin.organisation.presences.find((one) => one.name === name);
      if (definition) agent.presence = { definition, message: '', modifiedAt: clock.now() };
    },
    /** Performs what is under way; it comes back. */
    async perform() {
      const { command } = story;
      const signal = new AbortController().signal;
      story.answer(command.key, await execute(command, { signal, mayStart: () => true }));
    },
    async [Symbol.asyncDispose]() {
      await platform.close();
      await twin.close();
    },
  };
}

it('an agent who accepts is busy for as long as configured, and on queue again afterwards', async () => {
  await using world = await stage();
  await world.perform();
  expect(world.chosen()).toBe('On Queue');
  await world.perform();
  expect(world.chosen()).toBe('Busy');
  world.story.dueNext();
  await world.perform();
  expect(world.chosen()).toBe('On Queue');
  expect(world.story.interaction.chores).toEqual([]);
});

it.each(['Meeting', 'Busy'])('an agent who chooses %s meanwhile keeps it', async (name) => {
  await using world = await stage();
  await world.perform();
  await world.perform();
  await world.choose(name);
  world.story.dueNext();
  await world.perform();
  expect(world.chosen()).toBe(name);
  expect(world.story.events.at(-1)).toMatchObject({ type: 'AgentReleased', restored: false });
});
