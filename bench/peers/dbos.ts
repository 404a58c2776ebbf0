// Owns DBOS's handoff: one workflow, one step per vendor call, as the documentation's "Workflows" and "Steps".
//
// Durable: the workflow's row with its input (the request, with its manifest), a row per step (reserve, commit, confirm), and the
// workflow's result. Each is a transaction of its own in PostgreSQL with `synchronous_commit = on`. The caller runs the workflow
// directly and awaits it, which is the quickest way in: queues poll.
// Tuned: `systemDatabasePoolSize` ("Configuring DBOS") 20 instead of its default of 10: 50 was no faster on two cores; logging at
// `error`; no tracing.

import { DBOS } from '@dbos-inc/dbos-sdk';
import { type HandoffRequest, REQUEST, runLap, vendor } from '../load.ts';

const POOL_SIZE = 20;

const handoff = DBOS.registerWorkflow(
  async (request: HandoffRequest) => {
    await DBOS.runStep(vendor.reserve, { name: 'reserve' });
    await DBOS.runStep(vendor.commit, { name: 'commit' });
    await DBOS.runStep(vendor.confirm, { name: 'confirm' });
    return request.queue;
  },
  { name: 'handoff' },
);

await runLap(async ({ servers }) => {
  DBOS.setConfig({
    name: 'race',
    applicationVersion: '1',
    systemDatabaseUrl: servers.postgresUrl ?? '',
    systemDatabasePoolSize: POOL_SIZE,
    logLevel: 'error',
  });
  await DBOS.launch();
  return {
    handoff: async () => {
      await handoff(REQUEST);
    },
    close: () => DBOS.shutdown(),
  };
});
