// Owns Throughline's own lap in the race: whole escalations in process, on the store that its second argument names.
// Durable: five appends (requested, inspected, attached, accepted, arrived) with the sealed manifest, each fsynced before the next
// command is executed; sealed with AES-256-GCM, chained by SHA-256, with the row's due time and lease kept, which is more than
// the four steps of the peers.

import { openHouse } from './house.ts';
import { runLap } from './load.ts';
import { type OpenStore, STORES } from './stores.ts';

await runLap(async ({ folder, servers }) => {
  const open = (STORES as Readonly<Record<string, OpenStore>>)[process.argv[3] ?? ''];
  if (!open) throw new Error(`there is no store ${process.argv[3]}`);
  const house = await openHouse(() => open({ folder, databaseUrl: servers.postgresUrl }));
  let ready: string[] = [];
  return {
    async prepare(count) {
      ready = [...(await house.open(count))];
    },
    async handoff() {
      const id = ready.pop();
      if (!id) throw new Error('fewer interactions were opened than are escalated');
      await house.escalate(id as Parameters<typeof house.escalate>[0]);
    },
    async close() {
      await house[Symbol.asyncDispose]();
    },
  };
});
