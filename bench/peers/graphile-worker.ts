// Owns Graphile Worker's handoff: one job per handoff, its task saving the step reached in a table of the application, so that a
// retry goes on where it stopped. A job per step, each adding the next, is the other way its documentation allows; it fetches,
// locks and notifies once per step, and was the slower of the two when both were measured.
//
// Durable: `add_job` (the request, with its manifest), the row's step after the reservation and after the commit, and the job's
// completion (the confirmation). Each is a transaction of its own in PostgreSQL with `synchronous_commit = on`. The caller learns
// of the end by `job:complete`, which is told after the completion is in the database ("Worker events").
// Tuned as "Performance › Batching" says: `localQueue.size` one above `concurrentJobs`, `completeJobBatchDelay` 0, so that a batch
// adds no waiting. A pool of 20 connections: with batching, 10 and `concurrentJobs + 2` were both slower on two cores.

import { EventEmitter } from 'node:events';
import { run, type Task, type WorkerEvents } from 'graphile-worker';
import { Pool } from 'pg';
import { type HandoffRequest, REQUEST, runLap, vendor } from '../load.ts';

const POOL_SIZE = 20;
type Payload = { readonly id: number; readonly request: HandoffRequest };

const STEP = 'insert into handoff (id, step) values ($1, $2) on conflict (id) do update set step = excluded.step';

const handoff: Task = async (payload, { query }) => {
  const { id } = payload as Payload;
  await vendor.reserve();
  await query(STEP, [id, 'reserved']);
  await vendor.commit();
  await query(STEP, [id, 'committed']);
  await vendor.confirm();
};

await runLap(async ({ atOnce, servers }) => {
  const pgPool = new Pool({ connectionString: servers.postgresUrl, max: POOL_SIZE });
  await pgPool.query('create table handoff (id bigint primary key, step text not null)');
  const events: WorkerEvents = new EventEmitter();
  const waiting = new Map<string, () => void>();
  const early = new Set<string>();
  events.on('job:complete', ({ job, error }) => {
    if (error) throw error;
    const tell = waiting.get(job.id);
    if (tell) tell();
    else early.add(job.id);
  });
  const runner = await run({
    pgPool,
    events,
    taskList: { handoff },
    preset: {
      worker: {
        concurrentJobs: atOnce,
        localQueue: { size: atOnce + 1 },
        completeJobBatchDelay: 0,
        failJobBatchDelay: 0,
      },
    },
  });
  let number = 0;
  return {
    async handoff() {
      number += 1;
      const { id } = await runner.addJob('handoff', { id: number, request: REQUEST });
      if (!early.delete(id)) await new Promise<void>((resolve) => waiting.set(id, resolve));
      waiting.delete(id);
    },
    async close() {
      await runner.stop();
      await pgPool.end();
    },
  };
});
