// Owns BullMQ's handoff: one job per handoff whose processor saves its step, as the documentation's "Process Step Jobs" pattern.
//
// Durable: adding the job (the request, with its manifest), `updateData` after the reservation and after the commit, and the
// move to `completed` (the confirmation). Each is one script in Redis, whose append-only file is fsynced before it answers.
// Tuned as the documentation says: `concurrency` of the worker set to the load ("Workers › Concurrency"), one connection for
// queue and one for worker with `maxRetriesPerRequest: null` ("Connections"), `maxmemory-policy noeviction` ("Going to
// production"), finished jobs removed ("Auto-removal of jobs"). The caller learns of the end by the worker's `completed` event,
// which is cheaper than `waitUntilFinished` and is possible because caller and worker share a process. Automatic pipelining and
// keeping finished jobs were tried and left out: neither made it faster.

import { type Job, Queue, Worker } from 'bullmq';
import { type HandoffRequest, REQUEST, runLap, vendor } from '../load.ts';

type Step = 'reserve' | 'commit' | 'confirm';
type Data = { readonly step: Step; readonly request: HandoffRequest };

async function process(job: Job<Data>): Promise<string> {
  for (let { step } = job.data; ; ) {
    switch (step) {
      case 'reserve':
        await vendor.reserve();
        step = 'commit';
        await job.updateData({ ...job.data, step });
        break;
      case 'commit':
        await vendor.commit();
        step = 'confirm';
        await job.updateData({ ...job.data, step });
        break;
      case 'confirm':
        await vendor.confirm();
        return 'completed';
    }
  }
}

await runLap(async ({ atOnce, servers }) => {
  const connection = { host: '127.0.0.1', port: Number(servers.redisPort), maxRetriesPerRequest: null };
  const queue = new Queue<Data>('handoffs', { connection, defaultJobOptions: { removeOnComplete: true } });
  const worker = new Worker<Data, string>('handoffs', process, { connection, concurrency: atOnce });
  const waiting = new Map<string, () => void>();
  let number = 0;
  worker.on('completed', ({ id }) => waiting.get(id ?? '')?.());
  worker.on('error', (error) => {
    throw error;
  });
  await worker.waitUntilReady();
  return {
    async handoff() {
      number += 1;
      const jobId = `handoff-${number}`;
      const ended = new Promise<void>((resolve) => waiting.set(jobId, resolve));
      await queue.add('handoff', { step: 'reserve', request: REQUEST }, { jobId });
      await ended;
      waiting.delete(jobId);
    },
    async close() {
      await worker.close();
      await queue.close();
    },
  };
});
