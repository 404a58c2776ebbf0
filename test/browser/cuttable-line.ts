// Owns a line between browser and service that a test can cut: what runs over it breaks, and nobody gets through until it is mended.

import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

export type CuttableLine = AsyncDisposable & {
  readonly url: string;
  readonly cut: () => void;
  readonly mend: () => void;
};

export async function cuttableLine(to: string): Promise<CuttableLine> {
  const port = Number(new URL(to).port);
  const open = new Set<Socket>();
  let whole = true;
  const server = createServer((near) => {
    if (!whole) return void near.destroy();
    const far = connect(port, '127.0.0.1');
    for (const socket of [near, far]) {
      open.add(socket);
      socket.on('close', () => open.delete(socket));
      socket.on('error', () => socket.destroy());
    }
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
    near.pipe(far).pipe(near);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const breakAll = () => {
    for (const socket of open) socket.destroy();
  };
  return {
    url: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`,
    cut() {
      whole = false;
      breakAll();
    },
    mend() {
      whole = true;
    },
    async [Symbol.asyncDispose]() {
      breakAll();
      server.close();
      await once(server, 'close');
    },
  };
}
