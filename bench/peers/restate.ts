// Owns Restate's handoff: one service handler, `ctx.run` per vendor call, as the documentation's "Durable steps".
//
// Durable: the invocation with its input (the request, with its manifest), the result of each `ctx.run` (reserve, commit,
// confirm) and the handler's output are appended to Restate's log before the handler goes on; the log server fsyncs its
// write-ahead log (`log-server.rocksdb-disable-wal-fsync = false`, the default).
// Served over HTTP/2 by `createEndpointHandler` ("Serving"), called through the ingress with `@restatedev/restate-sdk-clients`.

import { createServer, type Http2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { type Context, createEndpointHandler, service } from '@restatedev/restate-sdk';
import { connect } from '@restatedev/restate-sdk-clients';
import { type HandoffRequest, REQUEST, runLap, vendor } from '../load.ts';

const handoffs = service({
  name: 'handoffs',
  handlers: {
    handoff: async (ctx: Context, request: HandoffRequest) => {
      await ctx.run('reserve', vendor.reserve);
      await ctx.run('commit', vendor.commit);
      await ctx.run('confirm', vendor.confirm);
      return request.queue;
    },
  },
});

async function serve(): Promise<Http2Server> {
  const server = createServer(createEndpointHandler({ services: [handoffs] }));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

await runLap(async ({ servers }) => {
  const server = await serve();
  const { port } = server.address() as AddressInfo;
  const registered = await fetch(`${servers.restateAdminUrl}/deployments`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ uri: `http://127.0.0.1:${port}` }),
  });
  if (!registered.ok) throw new Error(`Restate did not take the deployment: ${await registered.text()}`);
  const client = connect({ url: servers.restateIngressUrl ?? '' }).serviceClient(handoffs);
  return {
    handoff: async () => {
      await client.handoff(REQUEST);
    },
    close: async () => {
      server.close();
    },
  };
});
